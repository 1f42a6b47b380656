import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDisk, systemDisk } from "../../agent/host/disk.ts";
import type { KerbEvent } from "../../agent/host/events.ts";
import { openState } from "../../agent/host/state.ts";
import { TornDisk } from "../fakes/torn-disk.ts";

let folder = "";
let path = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "kerb-state-"));
	path = join(folder, "state.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (events: KerbEvent[] = [], unitId = "unit-1") =>
	openState(path, systemDisk, { unitId, emit: (event) => void events.push(event) });

describe("openState", () => {
	it("begins empty and keeps what was updated, in a file of mode 0600", async () => {
		const state = open();
		expect(state.get()).toMatchObject({ unitId: "unit-1", sequenceFloors: {}, lastGoodMs: 0, ledgerHead: null });
		await state.update({ lastGoodMs: 5, lawVersions: { policy: 3 }, ledgerHead: { count: 2, hash: "a".repeat(64) } });
		state.updateNow({ sequenceFloors: { cloud: 256 } });
		expect(open().get()).toEqual(state.get());
		expect(statSync(path).mode & 0o777).toBe(0o600);
		expect(readdirSync(folder)).toEqual(["state.json"]);
	});

	it("keeps an unreadable file aside, says so and begins anew, whatever bytes or thing it finds", () => {
		open().updateNow({ sequenceFloors: { cloud: 256 } });
		const good = readFileSync(path);
		const attack = (bytes: Uint8Array): void => {
			writeFileSync(path, bytes);
			const events: KerbEvent[] = [];
			const state = open(events);
			if (Buffer.compare(bytes, good) === 0) return;
			expect(state.recovered).toBe(true);
			expect(state.get().sequenceFloors).toEqual({});
			expect(events.map(({ event }) => event)).toEqual(["state_recovered"]);
			expect(Buffer.compare(readFileSync(`${path}.damaged`), bytes)).toBe(0);
			expect(open().recovered).toBe(false);
		};
		for (let length = 0; length < good.length - 1; length += 17) attack(good.subarray(0, length));
		attack(Buffer.from(good.toString().replace("256", "255")));
		attack(new Uint8Array(300_000));
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => attack(bytes)),
			{ numRuns: 30 },
		);
	});

	it("starts when a folder stands in the file's place, twice", () => {
		for (let round = 0; round < 2; round++) {
			rmSync(path, { force: true });
			mkdirSync(join(path, "inner"), { recursive: true });
			expect(open().recovered).toBe(true);
			expect(open().recovered).toBe(false);
		}
	});

	it("takes a new unit id and keeps the floors", () => {
		open().updateNow({ sequenceFloors: { cloud: 256 } });
		expect(open([], "unit-2").get()).toMatchObject({ unitId: "unit-2", sequenceFloors: { cloud: 256 } });
		expect(open([], "unit-2").get().unitId).toBe("unit-2");
	});
});

describe("update", () => {
	it("never lowers a sequence floor, in any order of changes and openings", () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.nat(1_000), fc.boolean()), { maxLength: 12 }), (changes) => {
				rmSync(path, { force: true });
				let state = open();
				const highest: Record<string, number> = {};
				for (const [outletId, floor, reopens] of changes) {
					state.updateNow({ sequenceFloors: { [outletId]: floor } });
					highest[outletId] = Math.max(floor, highest[outletId] ?? 0);
					if (reopens) state = open();
					expect(state.get().sequenceFloors).toEqual(highest);
				}
			}),
			{ numRuns: 40 },
		);
	});

	it("joins the changes of one turn into one write and resolves when it is durable", async () => {
		const calls = new TornDisk();
		const disk = createDisk(calls);
		const state = openState("/d/state.json", disk, { unitId: "unit-1" });
		const before = calls.calls;
		state.updateNow({ lastGoodMs: 1 });
		const perWrite = calls.calls - before;
		const all = Promise.all(Array.from({ length: 50 }, (_, at) => state.update({ lastGoodMs: at + 2 })));
		expect(state.get().lastGoodMs).toBe(51);
		await all;
		expect(calls.calls - before).toBe(2 * perWrite);
		for (const files of calls.survivors()) {
			expect(openState("/d/state.json", createDisk(TornDisk.of(files)), { unitId: "unit-1" }).get().lastGoodMs).toBe(51);
		}
	});

	it("does not let an older write overtake a newer one", async () => {
		const state = open();
		const older = state.update({ lastGoodMs: 1 });
		state.updateNow({ lastGoodMs: 2 });
		await older;
		expect(open().get().lastGoodMs).toBe(2);
	});

	it("refuses a change that is not valid and changes nothing", async () => {
		const state = open();
		for (const change of [
			{ lastGoodMs: Number.NaN },
			{ sequenceFloors: { a: -1 } },
			{ sequenceFloors: { "A b": 1 } },
			{ lawVersions: { a: 1.5 } },
		]) {
			await expect(state.update(change)).rejects.toThrow(/was refused/);
			expect(() => state.updateNow(change)).toThrow(/was refused/);
		}
		expect(state.get()).toEqual(open().get());
	});

	it("shows the old state or the new after a power cut at every call", () => {
		const count = (run: (calls: TornDisk) => void): number => {
			const calls = new TornDisk();
			run(calls);
			return calls.calls;
		};
		const openOn = (calls: TornDisk) => openState("/d/state.json", createDisk(calls), { unitId: "unit-1" });
		const opening = count(openOn);
		const whole = count((calls) => openOn(calls).updateNow({ sequenceFloors: { cloud: 512 } }));
		for (let cutBefore = opening; cutBefore <= whole; cutBefore++) {
			const calls = new TornDisk();
			const state = openOn(calls);
			calls.cutBefore = cutBefore;
			let isDurable = true;
			try {
				state.updateNow({ sequenceFloors: { cloud: 512 } });
			} catch {
				isDurable = false;
			}
			for (const files of calls.survivors()) {
				const after = openOn(TornDisk.of(files));
				expect(after.recovered).toBe(false);
				expect(isDurable ? [512] : [undefined, 512]).toContain(after.get().sequenceFloors.cloud);
			}
		}
	});
});
