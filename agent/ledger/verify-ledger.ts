/** Walks the chain from the first entry; reads only, so it works beside a running agent. */
import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import { isKerbError } from "../../shared/errors.ts";
import { LedgerEntrySchema } from "../../shared/ledger-entry.ts";
import { sqliteCode } from "../host/sqlite.ts";
import { chainHash, type LedgerHead } from "./chain.ts";
import { baseOf, maxEntryBytes } from "./ledger-file.ts";

export interface LedgerVerdict {
	/** Entries that were found good, counted from the first of the file. */
	readonly entries: number;
	readonly ok: boolean;
	/** The first index that is wrong or missing. */
	readonly firstBadIndex?: number;
	readonly problem?: string;
}

/**
 * Says whether every entry is what was written, and names the first that is not: changed, missing, put in or moved. With `head` (the device
 * state's) also whether entries were cut off the end, or the whole file is an older or another one. Never throws for what is in the file.
 */
export const verifyLedger = (db: DatabaseSync, head: LedgerHead | null): LedgerVerdict => {
	let index = 0;
	let entries = 0;
	const bad = (at: number, problem: string): LedgerVerdict => ({ entries, ok: false, firstBadIndex: at, problem });
	try {
		const base = baseOf(db);
		if (base === undefined) return bad(0, "the base of the chain cannot be read");
		if (base.index > 0) return bad(0, `entries 0 to ${base.index - 1} are not in this file; it began after an earlier one was lost`);
		let { hash } = base;
		if (hash.some((byte) => byte !== 0)) return bad(0, "the chain does not begin with its own beginning");
		for (const { idx, hash: stored, bytes } of rowsOf(db)) {
			const found = Number(idx);
			if (found < index) return bad(found, `an entry ${found} was put in before the first`);
			if (found > index)
				return bad(index, found - index === 1 ? `entry ${index} is missing` : `entries ${index} to ${found - 1} are missing`);
			if (!(bytes instanceof Uint8Array) || !(stored instanceof Uint8Array) || bytes.length > maxEntryBytes) {
				return bad(index, `entry ${index} cannot be read`);
			}
			const expected = chainHash(hash, bytes);
			if (Buffer.compare(expected, stored) !== 0) return bad(index, `entry ${index} is not what was written after the one before it`);
			if (!isEntry(bytes, index)) return bad(index, `entry ${index} is not an entry of that number`);
			if (head !== null && index === head.count - 1 && Buffer.from(stored).toString("hex") !== head.hash) {
				return bad(index, `entry ${index} is not the one that the device state knows: the file is another one or was written anew`);
			}
			hash = stored;
			index++;
			entries++;
		}
		if (head !== null && index < head.count) {
			return bad(index, `the device state knows ${head.count} entries, the file ends after ${index}: cut off, or an older copy`);
		}
		return { entries, ok: true };
	} catch (error) {
		if (isKerbError(error)) throw error;
		const code = sqliteCode(error);
		return bad(
			index,
			code === undefined ? `entry ${index} cannot be read` : `the file cannot be read from entry ${index} on (SQLite ${code})`,
		);
	}
};

function* rowsOf(db: DatabaseSync) {
	// In pieces, so that a long check neither holds all rows nor keeps the writer's log from being cut.
	const piece = db.prepare(
		"SELECT CAST(idx AS TEXT) AS idx, hash, bytes FROM entry WHERE entry.idx > CAST(? AS INTEGER) ORDER BY entry.idx LIMIT 256",
	);
	const first = db.prepare("SELECT CAST(min(entry.idx) AS TEXT) AS idx FROM entry").get()?.idx;
	if (typeof first !== "string") return;
	let after = (BigInt(first) - 1n).toString();
	for (;;) {
		const rows = piece.all(after);
		yield* rows;
		const last = rows.at(-1)?.idx;
		if (typeof last !== "string") return;
		after = last;
	}
}

const isEntry = (bytes: Uint8Array, index: number): boolean => {
	const entry = parseEntry(bytes);
	return entry?.seq === index;
};

/** The entry that bytes of the ledger stand for; undefined when they are none. */
export const parseEntry = (bytes: Uint8Array): v.InferOutput<typeof LedgerEntrySchema> | undefined => {
	try {
		const parsed = v.safeParse(LedgerEntrySchema, JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
		return parsed.success ? parsed.output : undefined;
	} catch {
		return undefined;
	}
};
