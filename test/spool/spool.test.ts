import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { appendMany, pendingNumbers, SpoolBench, sealedBytes, spoolItem } from "../fakes/spool-items.ts";

let folder = "";
let path = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "kerb-spool-"));
	path = join(folder, "spool.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("append and pending", () => {
	it("give back what was appended, exactly and in order, across a reopening", () => {
		const bench = new SpoolBench(path);
		let spool = bench.open();
		const items = [1, 2, 3].map(() => spoolItem("cloud", spool.nextSequence("cloud"), { level: "personal", priority: 7, records: 9 }));
		expect(spool.append(items)).toEqual([]);
		appendMany(spool, "other", 2);
		expect(spool.pending("cloud", 0, 10)).toEqual(items);
		expect(spool.pending("cloud", 1, 1)).toEqual([items[1]]);
		expect(spool.pending("nobody", 0, 10)).toEqual([]);
		spool.close();
		spool = bench.open();
		expect(spool.pending("cloud", 0, 10)).toEqual(items);
		expect(spool.verify()).toEqual([]);
		spool.close();
	});

	it("hand out copies that belong to the caller", () => {
		const spool = new SpoolBench(path).open();
		appendMany(spool, "cloud", 1);
		spool.pending("cloud", 0, 1)[0]?.bytes.fill(0);
		expect(spool.pending("cloud", 0, 1)[0]?.bytes).toEqual(sealedBytes("cloud", 1));
		spool.close();
	});

	it("bound one reading by bytes and by count, but never give nothing", () => {
		const spool = new SpoolBench(path, { maxBytes: 40_000_000 }).open();
		appendMany(spool, "cloud", 5, { bytes: new Uint8Array(1_500_000).fill(7) });
		expect(spool.pending("cloud", 0, 100)).toHaveLength(2);
		appendMany(spool, "big", 1, { bytes: new Uint8Array(6_000_000).fill(7) });
		expect(spool.pending("big", 0, 100)).toHaveLength(1);
		expect(spool.pending("cloud", 0, Number.NaN)).toHaveLength(1);
		expect(spool.pending("cloud", 0, -5)).toHaveLength(1);
		spool.close();
	});

	it("refuse numbers that were not handed out, out of order or used, as a whole", () => {
		const spool = new SpoolBench(path).open();
		const first = spool.nextSequence("cloud");
		const second = spool.nextSequence("cloud");
		expect(() => spool.append([spoolItem("cloud", second), spoolItem("cloud", first)])).toThrow(/in order/);
		expect(() => spool.append([spoolItem("cloud", 100_000)])).toThrow(/nextSequence/);
		expect(() => spool.append([spoolItem("nobody", 1)])).toThrow(/nextSequence/);
		expect(() => spool.append([spoolItem("cloud", 1), spoolItem("cloud", 1)])).toThrow(/in order/);
		expect(spool.nextSequence("cloud")).toBe(1);
		spool.append([spoolItem("cloud", 1)]);
		expect(() => spool.append([spoolItem("cloud", 1)])).toThrow(/in order/);
		for (const changes of [
			{ priority: 256 },
			{ priority: 1.5 },
			{ records: -1 },
			{ sealedAtMs: Number.NaN },
			{ bytes: new Uint8Array(0) },
			{ categoryId: "" },
		]) {
			expect(() => appendMany(spool, "cloud", 1, changes)).toThrow(/needs a category/);
		}
		expect(pendingNumbers(spool, "cloud")).toEqual([1]);
		expect(spool.verify()).toEqual([]);
		spool.close();
	});

	it("refuse to go on when another process writes to the same file", () => {
		const one = new SpoolBench(path).open();
		appendMany(one, "cloud", 1);
		const other = new SpoolBench(path).open();
		appendMany(other, "cloud", 1);
		expect(() => appendMany(one, "cloud", 1)).toThrow(/another process/);
		one.close();
		other.close();
	});

	it("keep the files to the owner", () => {
		const spool = new SpoolBench(path).open();
		appendMany(spool, "cloud", 1);
		for (const suffix of ["", "-wal", "-shm"]) expect(statSync(`${path}${suffix}`).mode & 0o777).toBe(0o600);
		spool.close();
	});
});

describe("nextSequence", () => {
	it("goes on without a gap after every reopening, and takes back what was not appended", () => {
		const bench = new SpoolBench(path);
		for (let round = 0; round < 5; round++) {
			const spool = bench.open();
			expect(spool.nextSequence("cloud")).toBe(round * 3 + 1);
			spool.nextSequence("cloud");
			spool.release("cloud");
			appendMany(spool, "cloud", 3);
			spool.settle("cloud", pendingNumbers(spool, "cloud"));
			spool.nextSequence("cloud");
			spool.close();
		}
	});

	it("goes on above the floor when the file is gone, and when an older copy was put back", () => {
		const bench = new SpoolBench(path);
		let spool = bench.open();
		appendMany(spool, "cloud", 3);
		spool.close();
		const copy = readFileSync(path);

		spool = bench.open();
		appendMany(spool, "cloud", 1);
		spool.close();
		for (const damage of [() => rmSync(path), () => writeFileSync(path, copy), () => writeFileSync(path, "")]) {
			damage();
			const floor = bench.floors.cloud ?? 0;
			expect(floor).toBeGreaterThanOrEqual(256);
			spool = bench.open();
			expect(spool.nextSequence("cloud")).toBe(floor + 1);
			spool.close();
		}
	});

	it("hands nothing out that could not be reserved, and goes on once it can", () => {
		let isFull = true;
		const spool = new SpoolBench(path, {
			reserve: () => {
				if (isFull) throw new Error("no space");
			},
		}).open();
		expect(() => spool.nextSequence("cloud")).toThrow("no space");
		isFull = false;
		expect(spool.nextSequence("cloud")).toBe(1);
		spool.close();
	});

	it("reserves once per 256 numbers", () => {
		const bench = new SpoolBench(path);
		const spool = bench.open();
		const seen = new Set<number | undefined>();
		for (let at = 0; at < 600; at++) {
			const sequence = spool.nextSequence("cloud");
			expect(bench.floors.cloud).toBeGreaterThanOrEqual(sequence);
			seen.add(bench.floors.cloud);
		}
		expect([...seen]).toEqual([256, 512, 768]);
		spool.close();
	});
});

describe("a full spool", () => {
	it("sheds the least important first, the oldest of equals, and says which", () => {
		const spool = new SpoolBench(path, { maxEnvelopes: 4 }).open();
		appendMany(spool, "cloud", 2, { priority: 5 });
		appendMany(spool, "cloud", 2, { priority: 9 });
		const shed = spool.append([
			spoolItem("cloud", spool.nextSequence("cloud"), { priority: 1 }),
			spoolItem("cloud", spool.nextSequence("cloud"), { priority: 7 }),
			spoolItem("alarm", spool.nextSequence("alarm"), { priority: 255, level: "important" }),
		]);
		expect(shed.map(({ sequence, reason }) => [sequence, reason])).toEqual([
			[5, "full"],
			[1, "full"],
			[2, "full"],
		]);
		expect(shed[0]).toMatchObject({ outletId: "cloud", categoryId: "vehicle.dynamics", records: 3, byteLength: 64, priority: 1 });
		expect(pendingNumbers(spool, "cloud")).toEqual([3, 4, 6]);
		expect(pendingNumbers(spool, "alarm")).toEqual([1]);
		expect(spool.stat().outlets.find(({ outletId }) => outletId === "cloud")).toMatchObject({ pending: 3, shedTotal: 3, bytes: 192 });
		expect(spool.verify()).toEqual([]);
		spool.close();
	});

	it("keeps its bound in bytes and refuses what is larger than all of it, using up its number", () => {
		const spool = new SpoolBench(path, { maxBytes: 20_000 }).open();
		const shed = appendMany(spool, "cloud", 1, { bytes: new Uint8Array(20_000).fill(1) });
		expect(shed).toMatchObject([{ sequence: 1, reason: "too-large" }]);
		for (let at = 0; at < 50; at++) appendMany(spool, "cloud", 1, { bytes: new Uint8Array(1_000 + at).fill(1) });
		const [outlet] = spool.stat().outlets;
		expect((outlet?.bytes ?? 0) + (outlet?.pending ?? 0) * 512).toBeLessThanOrEqual(20_000);
		expect(outlet?.lastSequence).toBe(51);
		expect((outlet?.pending ?? 0) + (outlet?.shedTotal ?? 0)).toBe(51);
		spool.close();
	});

	it("sheds down to lower bounds after a reopening", () => {
		const bench = new SpoolBench(path);
		let spool = bench.open();
		appendMany(spool, "cloud", 50);
		spool.close();
		spool = new SpoolBench(path, { maxEnvelopes: 10 }).open();
		expect(appendMany(spool, "cloud", 1)).toHaveLength(41);
		spool.close();
	});
});

describe("a full disk", () => {
	it("refuses the batch with SPOOL_FULL, loses nothing that was accepted, and goes on once there is room", () => {
		const bench = new SpoolBench(path, { maxFileBytes: 400_000 });
		let spool = bench.open();
		let accepted = 0;
		for (;;) {
			try {
				appendMany(spool, "cloud", 4, { bytes: new Uint8Array(10_000).fill(accepted & 255) });
				accepted += 4;
			} catch (error) {
				expect(error).toMatchObject({ name: "KerbError", code: "SPOOL_FULL" });
				break;
			}
			expect(accepted).toBeLessThan(100);
		}
		expect(accepted).toBeGreaterThan(8);
		expect(pendingNumbers(spool, "cloud")).toHaveLength(accepted);
		expect(() => appendMany(spool, "cloud", 4, { bytes: new Uint8Array(10_000) })).toThrow(/no space/);
		spool.close();
		spool = bench.open();
		expect(pendingNumbers(spool, "cloud")).toHaveLength(accepted);
		spool.settle("cloud", [1, 2, 3, 4, 5, 6, 7, 8]);
		appendMany(spool, "cloud", 4, { bytes: new Uint8Array(10_000) });
		expect(pendingNumbers(spool, "cloud").at(-1)).toBe(accepted + 4);
		expect(spool.verify()).toEqual([]);
		spool.close();
	});
});

describe("settle", () => {
	it("removes what was delivered, counts it once, and ignores what is not there", () => {
		const spool = new SpoolBench(path).open();
		appendMany(spool, "cloud", 5);
		spool.settle("cloud", [2, 2, 4, 99, -1, 1.5, Number.NaN]);
		spool.settle("cloud", [2]);
		spool.settle("nobody", [1]);
		expect(pendingNumbers(spool, "cloud")).toEqual([1, 3, 5]);
		expect(spool.stat().outlets).toMatchObject([
			{ outletId: "cloud", pending: 3, deliveredTotal: 2, lastSequence: 5, oldestMs: 1_700_000_000_001.5 },
		]);
		spool.close();
	});

	it("leaves a file that shrinks as it empties, and a log that stays small", () => {
		const spool = new SpoolBench(path, { maxBytes: 60_000_000 }).open();
		for (let at = 0; at < 40; at++) appendMany(spool, "cloud", 10, { bytes: new Uint8Array(50_000).fill(at) });
		const full = spool.stat().fileBytes;
		expect(full).toBeGreaterThan(20_000_000);
		for (const sequence of pendingNumbersInPieces(spool)) spool.settle("cloud", [sequence]);
		expect(spool.stat().fileBytes).toBeLessThan(full / 2);
		expect(statSync(`${path}-wal`).size).toBeLessThan(6_000_000);
		spool.close();
		expect(statSync(path).size).toBeLessThan(6_000_000);
	});
});

const pendingNumbersInPieces = (spool: ReturnType<SpoolBench["open"]>): number[] => {
	const numbers: number[] = [];
	for (;;) {
		const piece = spool.pending("cloud", numbers.at(-1) ?? 0, 50);
		if (piece.length === 0) return numbers;
		numbers.push(...piece.map(({ sequence }) => sequence));
	}
};
