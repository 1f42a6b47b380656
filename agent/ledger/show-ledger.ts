/** Reads entries for people and programs, without checking the chain. */
import type { DatabaseSync } from "node:sqlite";
import type { LedgerEntry, LedgerKind } from "../../shared/ledger-entry.ts";
import { parseEntry } from "./verify-ledger.ts";

export interface LedgerFilter {
	/** First and last index, both included. Without `from` the newest entries are shown. */
	readonly from?: number;
	readonly to?: number;
	readonly kind?: LedgerKind;
	/** 1 to 10,000; 100 unless told. */
	readonly limit?: number;
}

/** `entry` is undefined when the row cannot be read as one. */
export interface ShownEntry {
	readonly index: number;
	readonly hash: string;
	readonly entry: LedgerEntry | undefined;
}

/** Entries in the order of the chain. Throws SQLite's errors. */
export const showLedger = (db: DatabaseSync, filter: LedgerFilter = {}): ShownEntry[] => {
	const limit = Math.min(Math.max(Math.trunc(filter.limit ?? 100), 1), 10_000);
	const isNewestFirst = filter.from === undefined;
	const rows = db
		.prepare(
			`SELECT CAST(idx AS TEXT) AS idx, hash, bytes FROM entry WHERE entry.idx >= ? AND entry.idx <= ? ORDER BY entry.idx ${isNewestFirst ? "DESC" : "ASC"}`,
		)
		.iterate(filter.from ?? 0, filter.to ?? Number.MAX_SAFE_INTEGER);
	const shown: ShownEntry[] = [];
	for (const { idx, hash, bytes } of rows) {
		const entry = bytes instanceof Uint8Array ? parseEntry(bytes) : undefined;
		// A row that cannot be read may be of any kind.
		if (filter.kind !== undefined && entry !== undefined && entry.kind !== filter.kind) continue;
		shown.push({ index: Number(idx), hash: hash instanceof Uint8Array ? Buffer.from(hash).toString("hex") : "", entry });
		if (shown.length >= limit) break;
	}
	return isNewestFirst ? shown.reverse() : shown;
};
