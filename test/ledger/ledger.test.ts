import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chainHash, type LedgerHead } from "../../agent/ledger/chain.ts";
import { type LedgerOptions, openLedger } from "../../agent/ledger/ledger.ts";
import { verifyLedger } from "../../agent/ledger/verify-ledger.ts";
import type { NewLedgerEntry } from "../../shared/ledger-entry.ts";
import { utcMs } from "../../shared/units.ts";
import { isComplete, sampleEntries, stopEntry } from "../fakes/ledger-entries.ts";

let folder = "";
let path = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "kerb-ledger-"));
	path = join(folder, "ledger.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (head: LedgerHead | null = null, options: Partial<LedgerOptions> = {}) =>
	openLedger(path, { head, nowMs: () => utcMs(1_700_000_000_000), ...options });

/** A closed ledger of `count` entries, and where its chain stands. */
const written = (count: number): LedgerHead => {
	const ledger = open();
	for (let at = 0; at < count; at++) ledger.append([stopEntry(`reason-${at}`)]);
	const head = ledger.head();
	ledger.close();
	return head;
};

const tamper = (sql: string): void => {
	const db = new DatabaseSync(path);
	db.exec(sql);
	db.close();
};

/** As the command does it: on a file opened for reading. */
const verifyFile = (head: LedgerHead | null) => {
	const db = new DatabaseSync(path, { readOnly: true });
	try {
		return verifyLedger(db, head);
	} finally {
		db.close();
	}
};

describe("append", () => {
	it("keeps entries of every kind, numbered, stamped with date, time and offset, across a reopening", () => {
		expect(isComplete).toBe(true);
		let ledger = open();
		ledger.append(sampleEntries);
		ledger.close();
		ledger = open();
		ledger.append([stopEntry("again")]);
		const shown = ledger.show();
		expect(shown.map(({ index }) => index)).toEqual(shown.map((_, at) => at));
		expect(shown.map(({ entry }) => entry?.kind)).toEqual([...sampleEntries.map(({ kind }) => kind), "stop"]);
		expect(shown[0]?.entry).toMatchObject({ seq: 0, date: "2026-01-02", time: "07:04:05.678+08:00" });
		expect(ledger.verify(ledger.head())).toEqual({ entries: sampleEntries.length + 1, ok: true });
		expect(ledger.head()).toMatchObject({ count: sampleEntries.length + 1, hash: shown.at(-1)?.hash });
		for (const suffix of ["", "-wal", "-shm"]) expect(statSync(`${path}${suffix}`).mode & 0o777).toBe(0o600);
		ledger.close();
	});

	it("refuses an entry that lacks any of its fields or has one more, and writes nothing of the batch", () => {
		const ledger = open();
		for (const entry of sampleEntries) {
			for (const field of Object.keys(entry)) {
				const lacking = Object.fromEntries(Object.entries(entry).filter(([key]) => key !== field));
				// As a caller without types would give it.
				const batch: NewLedgerEntry[] = JSON.parse(JSON.stringify([stopEntry("first"), lacking]));
				expect(() => ledger.append(batch), `${entry.kind} without ${field}`).toThrow(/was refused/);
			}
			const more: NewLedgerEntry = JSON.parse(JSON.stringify({ ...entry, latDeg: 31.2 }));
			expect(() => ledger.append([more])).toThrow(/was refused/);
			try {
				ledger.append([JSON.parse(JSON.stringify({ ...entry, atMs: "SECRETVALUE" }))]);
			} catch (error) {
				expect(String(error)).not.toContain("SECRETVALUE");
			}
		}
		expect(ledger.head().count).toBe(0);
		ledger.close();
	});

	it("hashes as the format says", () => {
		const head = written(2);
		const db = new DatabaseSync(path);
		const [first, second] = db.prepare("SELECT hash, bytes FROM entry ORDER BY idx").all();
		db.close();
		if (!(first?.bytes instanceof Uint8Array) || !(second?.bytes instanceof Uint8Array)) throw new Error("no rows");
		const one = chainHash(new Uint8Array(32), first.bytes);
		expect(Buffer.from(one).equals(Buffer.from(first.hash instanceof Uint8Array ? first.hash : []))).toBe(true);
		expect(Buffer.from(chainHash(one, second.bytes)).toString("hex")).toBe(head.hash);
	});

	it("drops nothing over its limit, says so once, and goes on", () => {
		const problems: string[] = [];
		const ledger = open(null, { maxBytes: 100_000, report: (problem) => void problems.push(problem) });
		for (let at = 0; at < 800; at++) ledger.append([stopEntry(`reason-${at}`)]);
		expect(problems).toHaveLength(1);
		expect(ledger.show({ kind: "security" }).map(({ entry }) => entry)).toMatchObject([{ ruleId: "ledger-over-limit", severity: "alarm" }]);
		expect(ledger.verify(ledger.head())).toEqual({ entries: 801, ok: true });
		expect(ledger.stat()).toMatchObject({ entries: 801, isOverLimit: true });
		ledger.close();
	});

	it("refuses with LEDGER_BROKEN when the file may not grow, and keeps what it has", () => {
		const ledger = open(null, { maxBytes: 10_000 });
		let count = 0;
		const fill = (): void => {
			for (; count < 5_000; count++) ledger.append([stopEntry(`reason-${count}`)]);
		};
		expect(fill).toThrow(expect.objectContaining({ name: "KerbError", code: "LEDGER_BROKEN" }));
		expect(count).toBeGreaterThan(10);
		expect(ledger.verify(ledger.head()).ok).toBe(true);
		expect(ledger.show({ from: 0, limit: 10_000 }).filter(({ entry }) => entry?.kind === "stop")).toHaveLength(count);
		ledger.close();
	});
});

describe("show", () => {
	it("gives the newest, a range, or a kind, bounded", () => {
		written(30);
		const ledger = open();
		ledger.append(sampleEntries);
		const indexes = (filter: Parameters<typeof ledger.show>[0]) => ledger.show(filter).map(({ index }) => index);
		expect(indexes({ limit: 2 })).toEqual([28 + sampleEntries.length, 29 + sampleEntries.length]);
		expect(indexes({ from: 3, to: 5 })).toEqual([3, 4, 5]);
		expect(indexes({ from: 3, limit: 2 })).toEqual([3, 4]);
		expect(indexes({ to: 4, limit: 2 })).toEqual([3, 4]);
		expect(ledger.show({ kind: "act" }).map(({ entry }) => entry?.kind)).toEqual(["act"]);
		expect(indexes({ from: 900 })).toEqual([]);
		ledger.close();
	});
});

describe("verify", () => {
	it("accepts what was written, with and without the head, and an earlier head after more entries", () => {
		const head = written(5);
		expect(verifyFile(head)).toEqual({ entries: 5, ok: true });
		expect(verifyFile(null)).toEqual({ entries: 5, ok: true });
		const ledger = open(head);
		ledger.append([stopEntry("more")]);
		expect(ledger.verify(head)).toEqual({ entries: 6, ok: true });
		ledger.close();
	});

	it("names the first index that is wrong, for each way of tampering", () => {
		const edits: readonly (readonly [string, string, number])[] = [
			["edit of bytes", "UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'reason-4', 'reason-9') AS BLOB) WHERE idx = 4", 4],
			["edit of a hash", "UPDATE entry SET hash = zeroblob(32) WHERE idx = 6", 6],
			["short hash", "UPDATE entry SET hash = x'00' WHERE idx = 2", 2],
			["edit of the first", "UPDATE entry SET bytes = x'7b7d' WHERE idx = 0", 0],
			["edit of the last", "UPDATE entry SET bytes = x'7b7d' WHERE idx = 9", 9],
			["deletion", "DELETE FROM entry WHERE idx = 3", 3],
			["deletion of the first", "DELETE FROM entry WHERE idx = 0", 0],
			["deletion and closing of the gap", "DELETE FROM entry WHERE idx = 3; UPDATE entry SET idx = idx - 1 WHERE idx > 3", 3],
			[
				"reorder",
				"UPDATE entry SET idx = 100 WHERE idx = 2; UPDATE entry SET idx = 2 WHERE idx = 5; UPDATE entry SET idx = 5 WHERE idx = 100",
				2,
			],
			[
				"reorder of contents only",
				"CREATE TEMP TABLE t AS SELECT * FROM entry; UPDATE entry SET bytes = (SELECT bytes FROM t WHERE idx = 5) WHERE idx = 2; UPDATE entry SET bytes = (SELECT bytes FROM t WHERE idx = 2) WHERE idx = 5",
				2,
			],
			["insertion before the first", "INSERT INTO entry SELECT -1, hash, bytes FROM entry WHERE idx = 0", -1],
			["insertion at the end", "INSERT INTO entry SELECT 10, hash, bytes FROM entry WHERE idx = 9", 10],
			["insertion far beyond the end", "INSERT INTO entry SELECT 5000, hash, bytes FROM entry WHERE idx = 9", 10],
			["truncation", "DELETE FROM entry WHERE idx >= 7", 7],
			["truncation of all", "DELETE FROM entry", 0],
			["the base moved", "UPDATE base SET idx = 1; DELETE FROM entry WHERE idx = 0", 0],
			["the base gone", "DELETE FROM base", 0],
			["the base's hash", "UPDATE base SET hash = randomblob(32)", 0],
			["an index beyond all numbers", "INSERT INTO entry SELECT 9223372036854775807, hash, bytes FROM entry WHERE idx = 9", 10],
		];
		for (const [name, sql, firstBadIndex] of edits) {
			for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
			const head = written(10);
			const db = new DatabaseSync(path);
			db.exec(sql);
			db.close();
			expect(verifyFile(head), name).toMatchObject({ ok: false, firstBadIndex });
		}
	});

	it("names an insertion in the middle, and what was written anew from there on by its end", () => {
		const head = written(6);
		tamper(
			"UPDATE entry SET idx = idx + 1000 WHERE idx >= 3; UPDATE entry SET idx = idx - 999 WHERE idx >= 1000; INSERT INTO entry SELECT 3, hash, bytes FROM entry WHERE idx = 2",
		);
		expect(verifyFile(head)).toMatchObject({ ok: false, firstBadIndex: 3 });

		rmSync(path);
		written(6);
		const db = new DatabaseSync(path);
		let previous: Uint8Array = new Uint8Array(32);
		for (const { idx, bytes } of db.prepare("SELECT idx, bytes FROM entry ORDER BY idx").all()) {
			if (!(bytes instanceof Uint8Array) || typeof idx !== "number") continue;
			const forged = Buffer.from(Buffer.from(bytes).toString().replace("reason-2", "reason-7"));
			previous = chainHash(previous, forged);
			db.prepare("UPDATE entry SET bytes = ?, hash = ? WHERE idx = ?").run(forged, previous, idx);
		}
		db.close();
		expect(verifyFile(null).ok).toBe(true);
		expect(verifyFile(head)).toMatchObject({ ok: false, firstBadIndex: 5 });
	});

	it("finds a rollback to an older copy", () => {
		written(4);
		const older = readFileSync(path);
		const ledger = open();
		ledger.append([stopEntry("newer"), stopEntry("newest")]);
		const head = ledger.head();
		ledger.close();
		writeFileSync(path, older);
		expect(verifyFile(head)).toMatchObject({ ok: false, firstBadIndex: 4 });
		expect(verifyFile(null).ok).toBe(true);
	});

	it("finds any change of any byte of any entry, at that entry", () => {
		const head = written(8);
		const good = readFileSync(path);
		fc.assert(
			fc.property(fc.nat(7), fc.nat(5_000), fc.integer({ min: 1, max: 255 }), (index, at, mask) => {
				writeFileSync(path, good);
				const db = new DatabaseSync(path);
				const bytes = db.prepare("SELECT bytes FROM entry WHERE idx = ?").get(index)?.bytes;
				if (!(bytes instanceof Uint8Array)) throw new Error("no row");
				const changed = Buffer.from(bytes);
				changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ mask;
				db.prepare("UPDATE entry SET bytes = ? WHERE idx = ?").run(changed, index);
				db.close();
				expect(verifyFile(head)).toMatchObject({ ok: false, firstBadIndex: index, entries: index });
			}),
			{ numRuns: 40 },
		);
	});

	it("never throws and never accepts less than was written, whichever byte of the file is wrong", () => {
		const head = written(40);
		const good = readFileSync(path);
		for (let at = 100; at < good.length; at += 97) {
			const bytes = Buffer.from(good);
			bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
			writeFileSync(path, bytes);
			const verdict = verifyFile(head);
			if (verdict.ok) expect(verdict.entries).toBe(40);
			else expect(verdict.firstBadIndex).toBeTypeOf("number");
		}
	});
});

describe("openLedger", () => {
	it("goes on after a cut-off end above the hole, with an alarm, and the hole stays visible for good", () => {
		const head = written(6);
		tamper("DELETE FROM entry WHERE idx >= 4");
		let ledger = open(head);
		ledger.append([stopEntry("later")]);
		const newHead = ledger.head();
		expect(newHead.count).toBe(8);
		ledger.close();
		ledger = open(newHead);
		expect(ledger.show({ from: 6 }).map(({ entry }) => entry)).toMatchObject([
			{ kind: "security", ruleId: "ledger-cut-off" },
			{ kind: "stop" },
		]);
		expect(ledger.verify(newHead)).toMatchObject({ ok: false, firstBadIndex: 4 });
		ledger.close();
	});

	it("raises an alarm when the file is gone, damaged, another program's or written anew, and goes on", () => {
		const cases: readonly (readonly [string, () => void, string, boolean])[] = [
			["gone", () => rmSync(path), "ledger-gone", false],
			["empty", () => truncateSync(path, 0), "ledger-gone", false],
			["garbage", () => writeFileSync(path, Buffer.alloc(9_000, 0x5a)), "ledger-damaged", true],
			["a folder", putFolder, "ledger-damaged", true],
			["another layout", () => tamper("PRAGMA user_version = 9"), "ledger-damaged", true],
			["another program's", () => tamper("DROP TABLE base"), "ledger-damaged", true],
			["written anew", () => tamper("UPDATE entry SET hash = randomblob(32) WHERE idx = 4"), "ledger-rewritten", false],
		];
		for (const [name, damage, ruleId, isKept] of cases) {
			rmSync(folder, { recursive: true, force: true });
			mkdirSync(folder);
			const head = written(5);
			damage();
			const problems: string[] = [];
			const ledger = open(head, { report: (problem) => void problems.push(problem) });
			ledger.append([stopEntry("later")]);
			expect(
				ledger.show({ kind: "security" }).map(({ entry }) => entry),
				name,
			).toMatchObject([{ ruleId }]);
			expect(problems, name).toHaveLength(1);
			expect(ledger.head().count, name).toBe(7);
			expect(existsSync(`${path}.damaged-1`), name).toBe(isKept);
			expect(ledger.verify(ledger.head()).ok, name).toBe(false);
			ledger.close();
			const again = open(ledger.head(), { report: (problem) => void problems.push(problem) });
			again.close();
			expect(problems, name).toHaveLength(1);
		}
	});

	it("never writes over an earlier damaged file", () => {
		for (const round of [1, 2, 3]) {
			writeFileSync(path, `garbage of round ${round}`.padEnd(5_000, "x"));
			open().close();
		}
		for (const round of [1, 2, 3]) expect(readFileSync(`${path}.damaged-${round}`, "utf8")).toContain(`round ${round}`);
	});

	it("goes on elsewhere when the file is damaged while it runs", () => {
		const ledger = open();
		for (let at = 0; at < 200; at++) ledger.append([stopEntry(`reason-${at}`)]);
		// Another connection's write makes the running one forget its pages, and empties the log, so that the damage is read.
		tamper("CREATE TABLE noise (x); PRAGMA wal_checkpoint(TRUNCATE)");
		const bytes = readFileSync(path);
		bytes.fill(0xff, 4_096);
		writeFileSync(path, bytes);
		ledger.append([stopEntry("later")]);
		expect(ledger.show({ from: 200 }).map(({ entry }) => entry)).toMatchObject([{ ruleId: "ledger-damaged" }, { reason: "later" }]);
		const head = ledger.head();
		expect(head.count).toBe(202);
		expect(ledger.verify(head)).toMatchObject({ ok: false, firstBadIndex: 0, problem: expect.stringContaining("0 to 199") });
		expect(existsSync(`${path}.damaged-1`)).toBe(true);
		ledger.close();
		const problems: string[] = [];
		open(head, { report: (problem) => void problems.push(problem) }).close();
		expect(problems).toEqual([]);
	});
});

const putFolder = (): void => {
	rmSync(path);
	mkdirSync(join(path, "inner"), { recursive: true });
};
