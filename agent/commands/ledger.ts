/** What `ledger verify` and `ledger show` do. Both only read, whether an agent runs on the folder or not. */
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { KerbError } from "../../shared/errors.ts";
import type { LedgerEntry } from "../../shared/ledger-entry.ts";
import type { Disk } from "../host/disk.ts";
import { openDatabaseToRead, sqliteCode } from "../host/sqlite.ts";
import { readState, stateFile } from "../host/state.ts";
import { ledgerFile } from "../ledger/ledger-file.ts";
import { type LedgerFilter, type ShownEntry, showLedger } from "../ledger/show-ledger.ts";
import { type LedgerVerdict, verifyLedger } from "../ledger/verify-ledger.ts";
import { textTable } from "./text-table.ts";

export interface LedgerVerifyReport extends LedgerVerdict {
	/** False when the device state was missing or unreadable: a cut end or an older copy could then not be noticed. */
	readonly isHeadKnown: boolean;
}

/** Checks the chain, and its end against the device state. @throws KerbError SOURCE_UNAVAILABLE when there is no ledger. */
export const runLedgerVerify = ({ dataDir, disk }: { readonly dataDir: string; readonly disk: Disk }): LedgerVerifyReport => {
	// Before the ledger is read: the running agent writes entries first and the state afterwards.
	const head = headOf(join(dataDir, stateFile), disk);
	return withLedger(join(dataDir, ledgerFile), (db) => ({ ...verifyLedger(db, head), isHeadKnown: head !== null }));
};

/** Entries in order. @throws KerbError SOURCE_UNAVAILABLE when there is no ledger, LEDGER_BROKEN when it cannot be read. */
export const runLedgerShow = ({ dataDir, ...filter }: LedgerFilter & { readonly dataDir: string }): ShownEntry[] =>
	withLedger(join(dataDir, ledgerFile), (db) => showLedger(db, filter));

/** One line: whole, or the first bad index and why. */
export const renderLedgerVerify = ({ ok, entries, firstBadIndex, problem, isHeadKnown }: LedgerVerifyReport): string => {
	if (!ok) return `the ledger is broken at index ${firstBadIndex}: ${problem}`;
	const caution = isHeadKnown ? "" : "; the device state does not say how many there must be, so a cut end would not be noticed";
	return `the ledger is whole: ${entries} entries${caution}`;
};

/** A table for a terminal. */
export const renderLedgerShow = (entries: readonly ShownEntry[]): string =>
	textTable(
		["index", "date", "time", "kind", "what"],
		entries.map(({ index, entry }) => [index, entry?.date, entry?.time, entry?.kind ?? "unreadable", entry && summaryOf(entry)]),
	);

const summaryOf = (entry: LedgerEntry): string => {
	switch (entry.kind) {
		case "decision":
			return entry.counts
				.map(
					({ category, outlet, effect, rule, readings }) =>
						`${category} ${effect} ${readings} (${outlet ?? "no outlet"}, ${rule ?? "no rule"})`,
				)
				.join("; ");
		case "connection":
			return `${entry.state} ${entry.outlet} ${entry.dstIp} port ${entry.dstPort} ${entry.appProto}, ${entry.packetBytes} bytes`;
		case "act":
			return `${entry.user.id}: ${entry.opType} ${entry.opObject}, ${entry.result}`;
		case "security":
			return `${entry.severity}: ${entry.ruleId}, ${entry.subject}, ${entry.action}`;
		case "shed":
			return `${entry.envelopes} envelopes of ${entry.category} for ${entry.outlet} (${entry.reason}), ${entry.firstSequence} to ${entry.lastSequence}`;
		case "start":
			return `unit ${entry.unitId}, version ${entry.swVersion}, ${entry.lawHash === null ? "no law" : `law ${entry.lawHash.slice(0, 12)}`}`;
		case "stop":
			return entry.reason;
	}
};

const headOf = (path: string, disk: Disk) => {
	try {
		return readState(path, disk)?.ledgerHead ?? null;
	} catch {
		// The agent puts an unreadable state aside at its next start; here it means that the end cannot be checked, and the report says so.
		return null;
	}
};

const withLedger = <T>(path: string, work: (db: DatabaseSync) => T): T => {
	const db = openDatabaseToRead(path);
	try {
		return work(db);
	} catch (cause) {
		const code = sqliteCode(cause);
		if (code === undefined) throw cause;
		throw new KerbError("LEDGER_BROKEN", `${path} cannot be read (SQLite ${code}).`, { cause });
	} finally {
		db.close();
	}
};
