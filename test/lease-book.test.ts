import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Disk, systemDisk } from "../agent/host/disk.ts";
import type { KerbEvent } from "../agent/host/events.ts";
import { openState } from "../agent/host/state.ts";
import { type LeaseBook, openLeaseBook, quotaFile } from "../agent/lease-book.ts";
import { KerbError } from "../shared/errors.ts";
import type { NewLedgerEntry } from "../shared/ledger-entry.ts";
import type { RouteAuthorisation } from "../shared/verdict.ts";

const startMs = Date.parse("2026-06-01T00:00:00Z");
const lease = (records: number, notAfter = "2026-07-01T00:00:00Z", id = "a-1"): RouteAuthorisation => ({
	id,
	quota: { maxSubjects: 1, maxRecords: records, notAfter },
});

let folder = "";
let nowMs = startMs;
let entries: NewLedgerEntry[] = [];
let events: KerbEvent[] = [];
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "kerbstone-leases-"));
	[nowMs, entries, events] = [startMs, [], []];
});
afterEach(() => rm(folder, { recursive: true }));

const open = (leases: readonly RouteAuthorisation[], disk: Disk = systemDisk): LeaseBook =>
	openLeaseBook({
		path: join(folder, quotaFile),
		disk,
		state: openState(join(folder, "state.json"), systemDisk, { unitId: "unit-1" }),
		subject: "0123456789abcdef",
		leases,
		nowMs: () => nowMs,
		append: (added) => entries.push(...added),
		emit: (event) => events.push(event),
	});
const rules = (): readonly string[] => entries.flatMap((entry) => (entry.kind === "security" ? [entry.ruleId] : []));

describe("openLeaseBook", () => {
	it("gives as many records as the lease has, whatever asks, over restarts and steps of the clock", () => {
		const all = lease(10);
		let granted = 0;
		for (const stepMs of [0, 3_600_000, -10 * 365 * 86_400_000, 60_000]) {
			nowMs = startMs + stepMs;
			const book = open([all]);
			for (const given of book.take([
				{ authorisation: all, records: 2 },
				{ authorisation: all, records: 1 },
			]))
				granted += given;
		}
		expect(granted).toBe(10);
		expect(open([all]).allows(all)).toBe(false);
		expect(open([lease(10, "2026-07-02T00:00:00Z")]).allows(lease(10, "2026-07-02T00:00:00Z"))).toBe(true);
		expect(rules()).toEqual([]);
	});

	it("says once that a lease is used up, and not before", () => {
		const book = open([lease(3)]);
		book.take([{ authorisation: lease(3), records: 2 }]);
		expect(book.takeChange()).toBe(false);
		expect(book.take([{ authorisation: lease(3), records: 2 }])).toEqual([1]);
		expect([book.takeChange(), book.takeChange()]).toEqual([true, false]);
	});

	it.each([
		["damaged", async (path: string) => writeFile(path, (await readFile(path, "utf8")).replace("kerbstone", "kerbstome"))],
		["damaged", async (path: string) => writeFile(path, (await readFile(path, "utf8")).replace(/records\\":\d/, 'records\\":0'))],
		["damaged", (path: string) => writeFile(path, "")],
		["missing", (path: string) => rm(path)],
	])("takes the leases of that time for used up when the file is %s", async (kind, harm) => {
		const [first, second] = [lease(100), lease(100, "2026-07-01T00:00:00Z", "a-2")];
		open([first]).take([{ authorisation: first, records: 1 }]);
		await harm(join(folder, quotaFile));
		expect(open([first, second]).take([{ authorisation: second, records: 1 }])).toEqual([0]);
		expect(rules()).toEqual([`quota-${kind}`]);
		expect(events).toMatchObject([{ event: "state_recovered" }]);
		const again = open([first]);
		expect([again.allows(first), again.allows(lease(100, "2026-07-02T00:00:00Z"))]).toEqual([false, true]);
		expect(rules()).toHaveLength(1);
	});

	it("lets nothing leave that it could not write down, and says so once", () => {
		let isFull = true;
		const disk: Disk = {
			...systemDisk,
			writeFileDurable(...args) {
				if (isFull) throw new KerbError("STATE_INVALID", "the disk is full");
				systemDisk.writeFileDurable(...args);
			},
		};
		const book = open([lease(10)], disk);
		const request = [{ authorisation: lease(10), records: 4 }];
		expect([book.take(request), book.take(request)]).toEqual([[0], [0]]);
		expect(rules()).toEqual(["quota-unwritten"]);
		isFull = false;
		expect([book.take(request), book.take(request)]).toEqual([[2], [0]]);
	});
});
