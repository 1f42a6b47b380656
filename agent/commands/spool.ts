/** What `spool stat` and `spool verify` do. Both only read, whether an agent runs on the folder or not. */
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { KerbError } from "../../shared/errors.ts";
import { databaseFileBytes, openDatabaseToRead, sqliteCode } from "../host/sqlite.ts";
import { readSpoolStat } from "../spool/read-spool-stat.ts";
import { spoolFile } from "../spool/spool.ts";
import type { SpoolProblem, SpoolStat } from "../spool/spool-types.ts";
import { verifySpool } from "../spool/verify-spool.ts";
import { textTable } from "./text-table.ts";

export interface DataFolder {
	/** The data folder of a unit. */
	readonly dataDir: string;
}

export interface SpoolVerifyReport {
	readonly ok: boolean;
	readonly problems: readonly SpoolProblem[];
}

/** Counts what waits. @throws KerbError SOURCE_UNAVAILABLE when there is no spool, SPOOL_CORRUPT when it cannot be read. */
export const runSpoolStat = ({ dataDir }: DataFolder): SpoolStat => {
	const path = join(dataDir, spoolFile);
	return withSpool(path, (db) => ({ outlets: readSpoolStat(db), fileBytes: databaseFileBytes(path) }));
};

/** Checks every row. @throws KerbError SOURCE_UNAVAILABLE when there is no spool. */
export const runSpoolVerify = ({ dataDir }: DataFolder): SpoolVerifyReport => {
	const problems = withSpool(join(dataDir, spoolFile), verifySpool);
	return { ok: problems.length === 0, problems };
};

/** A table for a terminal. Ages are whole seconds before `nowMs` (UTC milliseconds). */
export const renderSpoolStat = (stat: SpoolStat, nowMs: number): string => {
	const rows = stat.outlets.map((outlet) => [
		outlet.outletId,
		outlet.pending,
		outlet.bytes,
		outlet.oldestMs === undefined ? undefined : Math.max(0, Math.round((nowMs - outlet.oldestMs) / 1_000)),
		outlet.lastSequence,
		outlet.deliveredTotal,
		outlet.shedTotal,
		outlet.quarantinedTotal,
	]);
	const header = ["outlet", "waiting", "bytes", "oldest s", "last number", "delivered", "shed", "damaged"];
	return `${textTable(header, rows)}\n${stat.fileBytes} bytes on disk`;
};

/** One line when all is well, otherwise a table of the problems. */
export const renderSpoolVerify = ({ ok, problems }: SpoolVerifyReport): string => {
	if (ok) return "the spool is whole: structure, checksums, order and counters";
	return textTable(
		["problem", "outlet", "number", "detail"],
		problems.map(({ kind, outletId, sequence, detail }) => [kind, outletId, sequence, detail]),
	);
};

const withSpool = <T>(path: string, work: (db: DatabaseSync) => T): T => {
	const db = openDatabaseToRead(path);
	try {
		return work(db);
	} catch (cause) {
		const code = sqliteCode(cause);
		if (code === undefined) throw cause;
		throw new KerbError("SPOOL_CORRUPT", `${path} cannot be read (SQLite ${code}). The agent replaces it at its next start.`, { cause });
	} finally {
		db.close();
	}
};
