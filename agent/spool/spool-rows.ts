/**
 * The spool's tables and how a row is read back without trusting it.
 *
 * SQLite notices damage to its own structure, not to content; so each row carries a SHA-256 over all its other fields, and nothing of a row
 * is believed before that holds. The order of columns keeps the small ones on the first page of a row, so that they are read without the bytes.
 */
import { createHash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { levels } from "../../shared/tag.ts";
import type { SpoolItem } from "./spool-types.ts";

/** Written to the header of the file; another number is another layout. */
export const spoolVersion = 2;

export const spoolSchema = `
	CREATE TABLE IF NOT EXISTS envelope (
		id INTEGER PRIMARY KEY,
		outlet TEXT NOT NULL, sequence INTEGER NOT NULL, size INTEGER NOT NULL, priority INTEGER NOT NULL,
		category TEXT NOT NULL, purpose TEXT NOT NULL DEFAULT '', level TEXT NOT NULL, records INTEGER NOT NULL, sealed_at_ms REAL NOT NULL,
		digest BLOB NOT NULL, bytes BLOB NOT NULL
	) STRICT;
	CREATE UNIQUE INDEX IF NOT EXISTS by_sequence ON envelope (outlet, sequence, size);
	CREATE INDEX IF NOT EXISTS by_importance ON envelope (priority, id);
	CREATE INDEX IF NOT EXISTS by_purpose ON envelope (outlet, category, purpose);
	CREATE TABLE IF NOT EXISTS counter (
		outlet TEXT PRIMARY KEY,
		last INTEGER NOT NULL, reserved INTEGER NOT NULL,
		delivered INTEGER NOT NULL, shed INTEGER NOT NULL, quarantined INTEGER NOT NULL,
		digest BLOB NOT NULL
	) STRICT, WITHOUT ROWID;
	-- Whatever a damaged row holds: no column has a type.
	CREATE TABLE IF NOT EXISTS quarantine (id INTEGER PRIMARY KEY, outlet, sequence, bytes);
`;

/** Brings layout 1 to layout 2: its rows stay as they are, with no purpose known. */
export const migrateFrom1 = `
	ALTER TABLE envelope ADD COLUMN purpose TEXT NOT NULL DEFAULT '';
	CREATE INDEX by_purpose ON envelope (outlet, category, purpose);
`;

/** Counted for a row beside its bytes: columns, index entries and unused space of pages. */
export const rowOverheadBytes = 512;

/** The checksum of a row; one without a purpose has the checksum that layout 1 gave it. */
export const rowDigest = (item: SpoolItem): Uint8Array => {
	const { outletId, sequence, categoryId, purpose, level, priority, records, sealedAtMs, bytes } = item;
	const fields = [outletId, sequence, categoryId, level, priority, records, sealedAtMs, bytes.length];
	const head = purpose === "" ? `1 ${JSON.stringify(fields)}` : `2 ${JSON.stringify([...fields, purpose])}`;
	return createHash("sha256").update(`kerbstone.spool.row.${head}\n`).update(bytes).digest();
};

/** What `readEnvelope` is given. */
export const rowByIdText = "SELECT * FROM envelope WHERE id = ?";

/** The envelope of a row, its bytes fresh; undefined when there is no such row or its checksum does not hold. Throws SQLite's errors. */
export const readEnvelope = (rowById: StatementSync, id: number): SpoolItem | undefined => {
	const raw = getRow(rowById, id);
	if (raw === undefined) return undefined;
	const level = levels.find((each) => each === raw.level);
	const { outlet: outletId, sequence, category: categoryId, priority, records, sealed_at_ms: sealedAtMs, bytes, digest } = raw;
	// A file of layout 1, read beside the agent that still uses it, has no such column.
	const purpose = raw.purpose ?? "";
	if (typeof outletId !== "string" || typeof categoryId !== "string" || typeof purpose !== "string" || level === undefined)
		return undefined;
	if (typeof sequence !== "number" || typeof priority !== "number" || typeof records !== "number" || typeof sealedAtMs !== "number") {
		return undefined;
	}
	if (!(bytes instanceof Uint8Array) || !(digest instanceof Uint8Array)) return undefined;
	const item: SpoolItem = { outletId, sequence, categoryId, purpose, level, priority, records, sealedAtMs, bytes };
	return Buffer.compare(rowDigest(item), digest) === 0 ? item : undefined;
};

const getRow = (rowById: StatementSync, id: number) => {
	try {
		return rowById.get(id);
	} catch (error) {
		// An integer beyond 2^53, which only damage can have put there.
		if (error instanceof RangeError) return undefined;
		throw error;
	}
};

/** What the database says of one outlet beside its rows. */
export interface Counter {
	readonly last: number;
	/** At least the floor that the device state holds, in an undamaged file: it is written here first. */
	readonly reserved: number;
	readonly delivered: number;
	readonly shed: number;
	readonly quarantined: number;
}

/** The checksum of a counter. */
export const counterDigest = (outletId: string, counter: Counter): Uint8Array => {
	const { last, reserved, delivered, shed, quarantined } = counter;
	return createHash("sha256")
		.update(`kerbstone.spool.counter.1 ${JSON.stringify([outletId, last, reserved, delivered, shed, quarantined])}`)
		.digest();
};

/** All counters whose checksum holds, and how many do not. Throws SQLite's errors. */
export const readCounters = (db: DatabaseSync): { readonly counters: Map<string, Counter>; readonly damaged: number } => {
	const counters = new Map<string, Counter>();
	let damaged = 0;
	const text = "SELECT outlet, json_array(last, reserved, delivered, shed, quarantined) AS numbers, digest FROM counter LIMIT 10000";
	for (const { outlet, numbers, digest } of db.prepare(text).all()) {
		const [last, reserved, delivered, shed, quarantined]: number[] = typeof numbers === "string" ? JSON.parse(numbers) : [];
		const counter = { last, reserved, delivered, shed, quarantined };
		if (typeof outlet === "string" && isCounter(counter) && digest instanceof Uint8Array) {
			if (Buffer.compare(counterDigest(outlet, counter), digest) === 0) {
				counters.set(outlet, counter);
				continue;
			}
		}
		damaged++;
	}
	return { counters, damaged };
};

const isCounter = (numbers: Record<keyof Counter, number | undefined>): numbers is Record<keyof Counter, number> =>
	Object.values(numbers).every((each) => Number.isSafeInteger(each));

export const insertCounterText =
	"INSERT OR IGNORE INTO counter (last, reserved, delivered, shed, quarantined, digest, outlet) VALUES (?, ?, ?, ?, ?, ?, ?)";
export const updateCounterText =
	"UPDATE counter SET last = ?, reserved = ?, delivered = ?, shed = ?, quarantined = ?, digest = ? WHERE outlet = ? AND digest = ?";

/** The values of `insertCounterText`, and the first seven of `updateCounterText`. */
export const counterValues = (outletId: string, counter: Counter): [number, number, number, number, number, Uint8Array, string] => {
	const { last, reserved, delivered, shed, quarantined } = counter;
	return [last, reserved, delivered, shed, quarantined, counterDigest(outletId, counter), outletId];
};
