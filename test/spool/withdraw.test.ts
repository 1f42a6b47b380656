/** Taking waiting envelopes back, and files of the layout that knew no purposes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runSpoolVerify } from "../../agent/commands/spool.ts";
import { rowDigest } from "../../agent/spool/spool-rows.ts";
import { appendMany, pendingNumbers, SpoolBench, spoolItem } from "../fakes/spool-items.ts";

let folder = "";
let path = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "kerb-withdraw-"));
	path = join(folder, "spool.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Makes a closed spool into what layout 1 would have written. */
const asLayout1 = (numbers: readonly number[]): void => {
	const db = new DatabaseSync(path);
	for (const sequence of numbers) {
		db.prepare("UPDATE envelope SET digest = ? WHERE sequence = ?").run(rowDigest(spoolItem("cloud", sequence, { purpose: "" })), sequence);
	}
	db.exec("DROP INDEX by_purpose; ALTER TABLE envelope DROP COLUMN purpose; PRAGMA user_version = 1");
	db.close();
};

describe("expire", () => {
	const at = (spool: ReturnType<SpoolBench["open"]>, outlet: string, ...times: readonly number[]): void => {
		for (const sealedAtMs of times) appendMany(spool, outlet, 1, { sealedAtMs });
	};

	it("takes back what was sealed too long ago, of each outlet from its first envelope on", () => {
		const bench = new SpoolBench(path);
		const spool = bench.open();
		at(spool, "cloud", 10, 20, 30, 25);
		at(spool, "edge", 40, 10);
		expect(spool.expire(10, 50)).toEqual([]);
		expect(spool.expire(26, 50)).toMatchObject([
			{ outletId: "cloud", sequence: 1, reason: "retention-over", records: expect.any(Number), byteLength: 64 },
			{ outletId: "cloud", sequence: 2, reason: "retention-over" },
		]);
		expect([pendingNumbers(spool, "cloud"), pendingNumbers(spool, "edge")]).toEqual([
			[3, 4],
			[1, 2],
		]);
		expect(spool.stat().outlets[0]).toMatchObject({ pending: 2, bytes: 128, shedTotal: 2 });
		expect(spool.verify()).toEqual([]);
		spool.close();
	});

	it("is not held up by an envelope that a clock that was ahead has sealed, and does not take it for old by itself", () => {
		const spool = new SpoolBench(path).open();
		at(spool, "cloud", 10, 9_000, 20, 45);
		at(spool, "edge", 9_000, 45);
		expect(spool.expire(30, 50).map(({ outletId, sequence }) => [outletId, sequence])).toEqual([
			["cloud", 1],
			["cloud", 2],
			["cloud", 3],
		]);
		expect(pendingNumbers(spool, "edge")).toEqual([1, 2]);
		spool.close();
	});
});

describe("withdraw", () => {
	it("takes back what matches every given field, says what, and leaves gaps that stay gaps across a reopening", () => {
		const bench = new SpoolBench(path);
		let spool = bench.open();
		appendMany(spool, "cloud", 2, { categoryId: "a", purpose: "p" });
		appendMany(spool, "cloud", 1, { categoryId: "a", purpose: "q" });
		appendMany(spool, "cloud", 2, { categoryId: "b", purpose: "p", records: 7, level: "personal" });
		appendMany(spool, "edge", 1, { categoryId: "b", purpose: "p" });
		expect(spool.waiting()).toEqual([
			{ outletId: "cloud", categoryId: "a", purpose: "p", envelopes: 2 },
			{ outletId: "cloud", categoryId: "a", purpose: "q", envelopes: 1 },
			{ outletId: "cloud", categoryId: "b", purpose: "p", envelopes: 2 },
			{ outletId: "edge", categoryId: "b", purpose: "p", envelopes: 1 },
		]);
		expect(spool.withdraw({ categoryId: "b", purpose: "p", outletId: "cloud" }, "consent-withdrawn")).toEqual(
			[4, 5].map((sequence) => ({
				...{ outletId: "cloud", sequence, categoryId: "b", level: "personal", priority: 100, records: 7, byteLength: 64 },
				reason: "consent-withdrawn",
			})),
		);
		expect(spool.withdraw({ categoryId: "b", outletId: "cloud" }, "reclassified")).toEqual([]);
		expect(spool.nextSequence("cloud")).toBe(6);
		spool.close();
		spool = bench.open();
		expect(pendingNumbers(spool, "cloud")).toEqual([1, 2, 3]);
		expect(pendingNumbers(spool, "edge")).toEqual([1]);
		expect(spool.nextSequence("cloud")).toBe(6);
		expect(spool.stat().outlets[0]).toMatchObject({ pending: 3, bytes: 192, shedTotal: 2 });
		expect(spool.withdraw({}, "reclassified")).toHaveLength(4);
		expect(spool.verify()).toEqual([]);
		spool.close();
	});

	it("takes back thousands in one go", () => {
		const spool = new SpoolBench(path).open();
		for (let round = 0; round < 8; round++) appendMany(spool, "cloud", 1_000, { categoryId: round % 2 === 0 ? "a" : "b" });
		expect(spool.withdraw({ categoryId: "a" }, "consent-withdrawn")).toHaveLength(4_000);
		expect(spool.stat().outlets[0]).toMatchObject({ pending: 4_000, shedTotal: 4_000 });
		expect(spool.verify()).toEqual([]);
		spool.close();
	});

	it("keeps working when the rows it removes are damaged", () => {
		const bench = new SpoolBench(path);
		let spool = bench.open();
		appendMany(spool, "cloud", 3);
		spool.close();
		const db = new DatabaseSync(path);
		db.exec("UPDATE envelope SET level = 'nonsense', bytes = x'00' WHERE sequence = 2");
		db.close();
		spool = bench.open();
		expect(spool.withdraw({ categoryId: "vehicle.dynamics" }, "consent-withdrawn").map(({ level }) => level)).toEqual([
			"general",
			"important",
			"general",
		]);
		expect(pendingNumbers(spool, "cloud")).toEqual([]);
		spool.close();
	});
});

describe("openSpool", () => {
	it("keeps the rows of a file of layout 1, whose purpose nobody knows, and goes on counting", () => {
		const bench = new SpoolBench(path);
		let spool = bench.open();
		appendMany(spool, "cloud", 3);
		const before = spool.pending("cloud", 0, 10);
		spool.close();
		asLayout1([1, 2, 3]);
		expect(runSpoolVerify({ dataDir: folder }).problems).toEqual([]);
		spool = bench.open();
		expect(spool.recovered).toBeUndefined();
		expect(spool.pending("cloud", 0, 10)).toEqual(before.map((item) => ({ ...item, purpose: "" })));
		appendMany(spool, "cloud", 1, { purpose: "other" });
		expect(spool.verify()).toEqual([]);
		spool.close();
		spool = bench.open();
		expect(spool.withdraw({ categoryId: "vehicle.dynamics", purpose: "fleet-health" }, "consent-withdrawn")).toHaveLength(3);
		expect(pendingNumbers(spool, "cloud")).toEqual([4]);
		spool.close();
	});
});
