import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { replaceSpoolFile } from "../../agent/spool/spool-file.ts";
import { appendMany, pendingNumbers, SpoolBench, sealedBytes } from "../fakes/spool-items.ts";

let folder = "";
let path = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "kerb-spool-"));
	path = join(folder, "spool.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A closed spool with `count` envelopes, in one file. */
const filled = (count: number, size = 300): SpoolBench => {
	const bench = new SpoolBench(path);
	const spool = bench.open();
	for (let at = 0; at < count; at++) {
		const sequence = spool.nextSequence("cloud");
		spool.append([
			{
				...{
					outletId: "cloud",
					sequence,
					categoryId: "a.b",
					purpose: "p",
					level: "general",
					priority: 1,
					records: 1,
					sealedAtMs: sequence,
				},
				bytes: sealedBytes("cloud", sequence, size),
			},
		]);
	}
	spool.close();
	return bench;
};

const putFolder = (): void => {
	rmSync(path);
	mkdirSync(join(path, "inner"), { recursive: true });
};

const tamper = (sql: string): void => {
	const db = new DatabaseSync(path);
	db.exec(sql);
	db.close();
};

describe("a damaged row", () => {
	it("is moved aside, counted, reported and never sent, and does not block the rest", () => {
		const bench = filled(6);
		tamper("UPDATE envelope SET bytes = zeroblob(300) WHERE sequence = 2");
		tamper("UPDATE envelope SET records = 2 WHERE sequence = 3");
		tamper("UPDATE envelope SET digest = x'00' WHERE sequence = 4");
		const spool = bench.open();
		expect(spool.verify().map(({ kind }) => kind)).toEqual(["row-damaged", "row-damaged", "row-damaged"]);
		expect(pendingNumbers(spool, "cloud")).toEqual([1, 5, 6]);
		expect(bench.problems.map(({ kind, sequence }) => [kind, sequence])).toEqual([
			["row-damaged", 2],
			["row-damaged", 3],
			["row-damaged", 4],
		]);
		expect(spool.stat().outlets).toMatchObject([{ pending: 3, quarantinedTotal: 3, lastSequence: 6 }]);
		expect(spool.verify()).toEqual([]);
		spool.close();
	});

	it("does not hide what follows when a whole window of rows is damaged", () => {
		const bench = filled(6);
		tamper("UPDATE envelope SET records = 9007199254740993 WHERE sequence < 6");
		const spool = bench.open();
		expect(spool.pending("cloud", 0, 2).map(({ sequence }) => sequence)).toEqual([6]);
		spool.close();
	});

	it("that has the place and the checksum of another is not sent twice", () => {
		const bench = filled(3);
		tamper(
			"UPDATE envelope SET (outlet, category, bytes, digest) = (SELECT outlet, category, bytes, digest FROM envelope WHERE sequence = 1) WHERE sequence = 2",
		);
		const spool = bench.open();
		expect(pendingNumbers(spool, "cloud")).toEqual([1, 3]);
		spool.close();
	});

	it("is shed like any other when the spool is full", () => {
		filled(3);
		tamper("UPDATE envelope SET bytes = x'00', size = 1 WHERE sequence = 1");
		const bench = new SpoolBench(path, { maxEnvelopes: 3 });
		const spool = bench.open();
		expect(appendMany(spool, "cloud", 1, { priority: 9 })).toEqual([]);
		expect(bench.problems).toMatchObject([{ kind: "row-damaged", sequence: 1 }]);
		expect(pendingNumbers(spool, "cloud")).toEqual([2, 3, 4]);
		expect(spool.stat().outlets).toMatchObject([{ pending: 3, bytes: 664 }]);
		spool.close();
	});

	it("keeps only a few of its kind", () => {
		const bench = filled(60);
		tamper("UPDATE envelope SET records = 2");
		const spool = bench.open();
		expect(pendingNumbers(spool, "cloud")).toEqual([]);
		spool.close();
		const db = new DatabaseSync(path);
		expect(db.prepare("SELECT count(*) AS kept FROM quarantine").get()?.kept).toBe(16);
		db.close();
	});
});

describe("a damaged counter", () => {
	it("is not believed: numbers go on above the floor", () => {
		for (const sql of [
			"UPDATE counter SET last = 1",
			"UPDATE counter SET digest = x'00'",
			"DELETE FROM counter",
			"UPDATE counter SET last = 9007199254740993",
			"UPDATE counter SET outlet = 'other'",
			"DROP TABLE counter",
		]) {
			rmSync(path, { force: true });
			const bench = filled(5);
			tamper(sql);
			const floor = bench.floors.cloud ?? 0;
			const spool = bench.open();
			expect(spool.nextSequence("cloud")).toBe(floor + 1);
			expect(pendingNumbers(spool, "cloud")).toEqual([1, 2, 3, 4, 5]);
			appendMany(spool, "other", 1);
			spool.close();
		}
	});
});

describe("a damaged file", () => {
	it("never stops the spool, never yields a wrong envelope and never repeats a number, whichever byte is wrong", () => {
		const bench = filled(30, 700);
		const good = readFileSync(path);
		const goodFloors = { ...bench.floors };
		let untouched = 0;
		for (let at = 0; at < good.length; at += 431) {
			for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
			const bytes = Buffer.from(good);
			bytes.writeUInt8((bytes.readUInt8(at) ^ (1 << (at % 8))) & 255, at);
			writeFileSync(path, bytes);
			bench.floors = { ...goodFloors };
			const spool = bench.open();
			const pending = spool.pending("cloud", 0, 1_000);
			for (const { sequence, bytes: found } of pending) expect(found).toEqual(sealedBytes("cloud", sequence, 700));
			expect(pending.map(({ sequence }) => sequence)).toEqual([...new Set(pending.map(({ sequence }) => sequence))].sort((a, b) => a - b));
			// The first page names all others: without it nothing can be found.
			expect(pending.length, `byte ${at}`).toBeGreaterThanOrEqual(at < 4_096 ? 0 : 15);
			if (pending.length === 30) untouched++;
			expect(spool.nextSequence("cloud")).toBeGreaterThan(30);
			spool.release("cloud");
			appendMany(spool, "cloud", 2);
			spool.settle("cloud", pendingNumbers(spool, "cloud"));
			expect(pendingNumbers(spool, "cloud")).toEqual([]);
			spool.close();
			const again = bench.open();
			again.close();
		}
		expect(untouched).toBeGreaterThan(5);
	});

	it("is replaced when it is empty, cut, garbage, a folder or another program's, and one copy is kept", () => {
		const damages: [string, () => void, number][] = [
			["empty", () => truncateSync(path, 0), 0],
			["cut in the middle", () => truncateSync(path, 20_000), 0],
			["cut to one page", () => truncateSync(path, 4_096), 0],
			["garbage", () => writeFileSync(path, Buffer.alloc(50_000, 0xa5)), 0],
			["header only", () => writeFileSync(path, "SQLite format 3\0"), 0],
			["a folder", putFolder, 0],
			["another layout", () => tamper("PRAGMA user_version = 77"), 40],
			["another program's", () => tamper("DROP TABLE envelope; CREATE TABLE envelope (x)"), 0],
		];
		for (const [name, damage, least] of damages) {
			for (const each of [path, `${path}-wal`, `${path}-shm`]) rmSync(each, { force: true, recursive: true });
			const bench = filled(40, 700);
			const floor = bench.floors.cloud ?? 0;
			damage();
			const spool = bench.open();
			expect(pendingNumbers(spool, "cloud").length, name).toBeGreaterThanOrEqual(least);
			const next = spool.nextSequence("cloud");
			expect(next === 41 || next > floor, name).toBe(true);
			spool.release("cloud");
			appendMany(spool, "cloud", 1);
			if (name !== "empty") {
				expect(spool.recovered ?? bench.problems.map(({ detail }) => detail).join(), name).toContain(".damaged");
				expect(existsSync(`${path}.damaged`), name).toBe(true);
			}
			spool.close();
		}
	});

	it("is replaced while the spool runs: nothing handed out is lost and counters go on", () => {
		const bench = filled(200, 900);
		const spool = bench.open();
		const sequence = spool.nextSequence("cloud");
		// Pages in the middle, under the running spool's feet.
		const bytes = readFileSync(path);
		bytes.fill(0xff, 4_096 * 20, 4_096 * 24);
		writeFileSync(path, bytes);
		const numbers = pendingNumbers(spool, "cloud");
		expect(numbers.length).toBeGreaterThan(150);
		spool.append([
			{
				...{ outletId: "cloud", sequence, categoryId: "a.b", purpose: "p", level: "general", priority: 1, records: 1, sealedAtMs: 1 },
				bytes: sealedBytes("cloud", sequence),
			},
		]);
		expect(spool.nextSequence("cloud")).toBe(202);
		expect(pendingNumbers(spool, "cloud").at(-1)).toBe(201);
		expect(spool.verify()).toEqual([]);
		spool.close();
	});

	it("leaves a finished copy that the next start takes when the power went between the renames", () => {
		const bench = filled(10);
		let spool = bench.open();
		appendMany(spool, "cloud", 2);
		const staleLog = readFileSync(`${path}-wal`);
		spool.settle("cloud", [1, 2, 3]);
		spool.close();
		replaceSpoolFile(path, 10_000_000);
		const rebuilt = readFileSync(path);
		rmSync(path);
		writeFileSync(`${path}.rebuilt`, rebuilt);
		// The log of the file that was set aside: it must not be played into the copy.
		writeFileSync(`${path}-wal`, staleLog);
		spool = bench.open();
		expect(pendingNumbers(spool, "cloud")).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12]);
		expect(spool.nextSequence("cloud")).toBe(13);
		expect(spool.recovered).toBeUndefined();
		expect(spool.verify()).toEqual([]);
		spool.close();

		writeFileSync(`${path}.rebuilt`, rebuilt.subarray(0, 5_000));
		spool = bench.open();
		expect(pendingNumbers(spool, "cloud")).toHaveLength(9);
		expect(existsSync(`${path}.rebuilt`)).toBe(false);
		spool.close();
	});
});
