import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renderSpoolStat, renderSpoolVerify, runSpoolStat, runSpoolVerify } from "../../agent/commands/spool.ts";
import { appendMany, SpoolBench } from "../fakes/spool-items.ts";

let dataDir = "";
let path = "";
beforeEach(() => {
	dataDir = mkdtempSync(join(tmpdir(), "kerb-commands-"));
	path = join(dataDir, "spool.db");
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

describe("runSpoolStat", () => {
	it("says what the spool says, while it is open and when it is closed", () => {
		const spool = new SpoolBench(path, { maxEnvelopes: 6 }).open();
		appendMany(spool, "cloud", 7);
		appendMany(spool, "alarm", 1, { priority: 200 });
		spool.settle("cloud", [3]);
		const told = [...spool.stat().outlets].sort((a, b) => a.outletId.localeCompare(b.outletId));
		expect(runSpoolStat({ dataDir }).outlets).toEqual(told);
		appendMany(spool, "alarm", 1, { priority: 200 });
		spool.close();
		const stat = runSpoolStat({ dataDir });
		expect(stat.outlets).toMatchObject([
			{ outletId: "alarm", pending: 2, lastSequence: 2 },
			{ outletId: "cloud", pending: 4, deliveredTotal: 1, shedTotal: 2, lastSequence: 7 },
		]);
		expect(stat.fileBytes).toBeGreaterThan(4_096);
		expect(JSON.parse(JSON.stringify(stat))).toEqual(stat);
		const text = renderSpoolStat(stat, 1_700_000_060_000);
		expect(text).toMatch(
			/^outlet +waiting +bytes +oldest s +last number +delivered +shed +damaged\nalarm +2 +128 +60 +2 +0 +0 +0\ncloud +4 +256 +60 +7 +1 +2 +0\n/,
		);
	});

	it("explains a folder without a spool and a file that is none", () => {
		expect(() => runSpoolStat({ dataDir })).toThrow(expect.objectContaining({ code: "SOURCE_UNAVAILABLE" }));
		writeFileSync(path, Buffer.alloc(5_000, 0x5a));
		expect(() => runSpoolStat({ dataDir })).toThrow(expect.objectContaining({ name: "KerbError" }));
	});
});

describe("runSpoolVerify", () => {
	it("finds a whole spool whole and names what is wrong, changing nothing", () => {
		const bench = new SpoolBench(path);
		let spool = bench.open();
		appendMany(spool, "cloud", 5);
		expect(runSpoolVerify({ dataDir })).toEqual({ ok: true, problems: [] });
		expect(renderSpoolVerify(runSpoolVerify({ dataDir }))).toContain("whole");
		spool.close();
		const db = new DatabaseSync(path);
		db.exec(
			"UPDATE envelope SET records = 99 WHERE sequence = 3; UPDATE envelope SET id = 90 WHERE sequence = 1; UPDATE counter SET shed = 5",
		);
		db.close();
		const report = runSpoolVerify({ dataDir });
		expect(report.ok).toBe(false);
		expect(report.problems.map(({ kind }) => kind).sort()).toEqual(["counter-wrong", "counter-wrong", "order-broken", "row-damaged"]);
		expect(renderSpoolVerify(report)).toMatch(/^problem +outlet +number +detail\n/);
		expect(runSpoolVerify({ dataDir })).toEqual(report);
		spool = bench.open();
		spool.close();
	});

	it("says that a file is damaged instead of throwing", () => {
		writeFileSync(path, Buffer.alloc(5_000, 0x5a));
		expect(runSpoolVerify({ dataDir })).toMatchObject({ ok: false, problems: [{ kind: "file-damaged" }, { kind: "file-damaged" }] });
	});
});
