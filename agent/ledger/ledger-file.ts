/**
 * The ledger's database file.
 *
 *   entry(idx, hash, bytes)     one row per entry
 *   base(idx, hash)             one row: the first index of this file and the hash before it; 0 and zeros unless an earlier file was lost
 *
 * Later pruning of entries whose receipt has come moves `base` on; nothing else may ever take an entry out.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { KerbError } from "../../shared/errors.ts";
import { inTransaction, openDatabase, removeStaleLog } from "../host/sqlite.ts";
import { genesisHash, type LedgerHead } from "./chain.ts";

/** The ledger's file in the data folder. */
export const ledgerFile = "ledger.db";

/** Longer entries are refused; longer rows are damage. */
export const maxEntryBytes = 262_144;

const ledgerVersion = 1;
const schema = `
	CREATE TABLE entry (idx INTEGER PRIMARY KEY, hash BLOB NOT NULL, bytes BLOB NOT NULL) STRICT;
	CREATE TABLE base (idx INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
`;

export interface LedgerFile {
	readonly db: DatabaseSync;
	readonly insert: StatementSync;
	/** True when there was no ledger in the file before. */
	readonly isFresh: boolean;
	/** Index and hash of the last entry, or the place before the first. */
	readonly last: { readonly index: number; readonly hash: Uint8Array };
}

/** Bytes may be written past the ledger's limit (nothing is dropped for it), but the file has an end: eight times the limit. */
const hardLimitFactor = 8;

/**
 * Opens the file, or makes one whose chain goes on after `head`. Throws SQLite's errors, and KerbError LEDGER_BROKEN when it is not a ledger
 * of this version; `isUselessFile` in `sqlite.ts` says which mean that it should be set aside.
 */
export const openLedgerFile = (path: string, maxBytes: number, head: LedgerHead | null): LedgerFile => {
	removeStaleLog(path);
	const db = openDatabase(path, maxBytes * hardLimitFactor);
	try {
		const version = db.prepare("PRAGMA user_version").get()?.user_version;
		if (version !== 0 && version !== ledgerVersion) {
			throw new KerbError("LEDGER_BROKEN", `${path} has layout ${version}, expected ${ledgerVersion}.`);
		}
		if (version === 0) {
			inTransaction(db, () => {
				db.exec(`${schema} PRAGMA user_version = ${ledgerVersion}`);
				const hash = head === null ? genesisHash : Buffer.from(head.hash, "hex");
				db.prepare("INSERT INTO base (idx, hash) VALUES (?, ?)").run(head?.count ?? 0, hash);
			});
		}
		return {
			db,
			isFresh: version === 0,
			insert: db.prepare("INSERT INTO entry (idx, hash, bytes) VALUES (?, ?, ?)"),
			last: lastOf(path, db),
		};
	} catch (error) {
		db.close();
		throw error;
	}
};

const lastOf = (path: string, db: DatabaseSync): LedgerFile["last"] => {
	const base = baseOf(db);
	const row = db.prepare("SELECT CAST(idx AS TEXT) AS idx, hash FROM entry ORDER BY entry.idx DESC LIMIT 1").get();
	if (row === undefined && base !== undefined) return { index: base.index - 1, hash: base.hash };
	const index = Number(row?.idx);
	if (base === undefined || !Number.isSafeInteger(index) || !(row?.hash instanceof Uint8Array) || row.hash.length !== 32) {
		throw new KerbError("LEDGER_BROKEN", `the last entry of ${path} cannot be read.`);
	}
	return { index, hash: row.hash };
};

/** The first index of the file and the hash before it; undefined when that is damaged. Throws SQLite's errors. */
export const baseOf = (db: DatabaseSync): { readonly index: number; readonly hash: Uint8Array } | undefined => {
	const row = db.prepare("SELECT CAST(idx AS TEXT) AS idx, hash FROM base").get();
	const index = Number(row?.idx ?? Number.NaN);
	if (!Number.isSafeInteger(index) || index < 0 || !(row?.hash instanceof Uint8Array) || row.hash.length !== 32) return undefined;
	return { index, hash: row.hash };
};
