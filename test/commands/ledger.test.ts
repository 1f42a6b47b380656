import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renderLedgerShow, renderLedgerVerify, runLedgerShow, runLedgerVerify } from "../../agent/commands/ledger.ts";
import { systemDisk } from "../../agent/host/disk.ts";
import { openState } from "../../agent/host/state.ts";
import { openLedger } from "../../agent/ledger/ledger.ts";
import { utcMs } from "../../shared/units.ts";
import { sampleEntries, stopEntry } from "../fakes/ledger-entries.ts";

let dataDir = "";
let path = "";
beforeEach(() => {
	dataDir = mkdtempSync(join(tmpdir(), "kerb-commands-"));
	path = join(dataDir, "ledger.db");
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const open = () => openLedger(path, { head: null, nowMs: () => utcMs(0) });
const verify = () => runLedgerVerify({ dataDir, disk: systemDisk });

describe("runLedgerVerify", () => {
	it("works beside a running ledger, and names the first bad index of a cut one from the device state", () => {
		const ledger = open();
		ledger.append(sampleEntries);
		expect(verify()).toEqual({ ok: true, entries: 7, isHeadKnown: false });
		expect(renderLedgerVerify(verify())).toContain("would not be noticed");
		openState(join(dataDir, "state.json"), systemDisk, { unitId: "unit-1" }).updateNow({ ledgerHead: ledger.head() });
		ledger.append([stopEntry("more")]);
		expect(renderLedgerVerify(verify())).toBe("the ledger is whole: 8 entries");
		ledger.close();
		expect(verify()).toEqual({ ok: true, entries: 8, isHeadKnown: true });
		const db = new DatabaseSync(path);
		db.exec("DELETE FROM entry WHERE idx >= 5");
		db.close();
		expect(verify()).toMatchObject({ ok: false, firstBadIndex: 5 });
		expect(renderLedgerVerify(verify())).toContain("broken at index 5");
	});

	it("explains a missing ledger, says that a damaged one is broken, and does without an unreadable state", () => {
		expect(verify).toThrow(expect.objectContaining({ code: "SOURCE_UNAVAILABLE" }));
		open().close();
		writeFileSync(join(dataDir, "state.json"), "{");
		expect(verify()).toEqual({ ok: true, entries: 0, isHeadKnown: false });
		writeFileSync(path, Buffer.alloc(5_000, 0x5a));
		expect(verify()).toMatchObject({ ok: false, firstBadIndex: 0 });
	});
});

describe("runLedgerShow", () => {
	it("gives entries as data and as a table with a line for each kind", () => {
		const ledger = open();
		ledger.append(sampleEntries);
		const entries = runLedgerShow({ dataDir });
		expect(entries.map(({ entry }) => entry?.kind)).toEqual(sampleEntries.map(({ kind }) => kind));
		expect(runLedgerShow({ dataDir, kind: "connection" })).toEqual([entries[2]]);
		ledger.close();
		const text = renderLedgerShow(entries);
		expect(text.split("\n")).toHaveLength(8);
		expect(text).toContain("2026-01-02  07:04:05.678+08:00  connection  closed cloud 2001:db8::1 port 8883 mqtts, 12345 bytes");
		expect(renderLedgerShow([{ index: 3, hash: "", entry: undefined }])).toContain("unreadable");
	});
});
