/**
 * The spool's database file: opened, made, or replaced when it is damaged.
 *
 * A damaged file is never repaired in place. What can be read and proves whole by its checksum is copied into `<file>.rebuilt`, the damaged
 * file becomes `<file>.damaged` (one is kept, so the disk's bound is three files), and the copy takes its name. A crash between the two
 * renames leaves a whole `.rebuilt`, which the next start takes.
 */
import { existsSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { KerbError } from "../../shared/errors.ts";
import { removeIfThere, systemDisk } from "../host/disk.ts";
import { inTransaction, openDatabase, removeStaleLog, setDatabaseAside } from "../host/sqlite.ts";
import {
	type Counter,
	counterValues,
	insertCounterText,
	migrateFrom1,
	readCounters,
	readEnvelope,
	rowByIdText,
	rowDigest,
	spoolSchema,
	spoolVersion,
	updateCounterText,
} from "./spool-rows.ts";
import type { SpoolItem } from "./spool-types.ts";

export interface SpoolFile {
	readonly db: DatabaseSync;
	readonly insert: StatementSync;
	readonly rowById: StatementSync;
	readonly rowsAfter: StatementSync;
	readonly rowOf: StatementSync;
	readonly remove: StatementSync;
	readonly leastImportant: StatementSync;
	readonly groups: StatementSync;
	readonly rowsOfGroup: StatementSync;
	readonly removeGroup: StatementSync;
	readonly rowsByAge: StatementSync;
	readonly insertCounter: StatementSync;
	readonly updateCounter: StatementSync;
	readonly totals: StatementSync;
	readonly isIndexed: StatementSync;
	readonly oldest: StatementSync;
	readonly unusedPages: StatementSync;
}

/** Salvage gives up looking after so many rows: more than any spool holds. */
const maxSalvagedRows = 4_000_000;

/** Layouts that are read, older ones by bringing them to the present one. */
const knownVersions: readonly unknown[] = [1, spoolVersion];

const rebuiltOf = (path: string): string => `${path}.rebuilt`;

/**
 * Opens the file, or makes it. Throws SQLite's errors, and KerbError SPOOL_CORRUPT when it is some other program's database or of another
 * version; `isUselessFile` in `sqlite.ts` says which of them mean that it should be replaced.
 */
export const openSpoolFile = (path: string, maxFileBytes: number): SpoolFile => {
	takeFinishedRebuild(path);
	removeStaleLog(path);
	const db = openDatabase(path, maxFileBytes);
	try {
		const version = versionOf(db);
		if (version !== 0 && !knownVersions.includes(version)) {
			throw new KerbError("SPOOL_CORRUPT", `${path} has layout ${version}, expected ${spoolVersion}.`);
		}
		const change = version === 0 ? spoolSchema : version === 1 ? migrateFrom1 : undefined;
		if (change !== undefined) inTransaction(db, () => db.exec(`${change} PRAGMA user_version = ${spoolVersion}`));
		return prepare(db);
	} catch (error) {
		db.close();
		throw error;
	}
};

/** Inserts one envelope. Throws SQLite's errors. */
export const insertRow = (file: Pick<SpoolFile, "insert">, item: SpoolItem): void => {
	const { outletId, sequence, bytes, priority, categoryId, purpose, level, records, sealedAtMs } = item;
	file.insert.run(outletId, sequence, bytes.length, priority, categoryId, purpose, level, records, sealedAtMs, rowDigest(item), bytes);
};

/**
 * Removes one row that something in the file has named. Throws SQLite's errors, and KerbError SPOOL_CORRUPT when there is no such row: the
 * file then contradicts itself, and whoever went on would come by the same row for ever.
 */
export const removeRow = (file: Pick<SpoolFile, "remove">, id: number): void => {
	if (file.remove.run(id).changes !== 1) throw new KerbError("SPOOL_CORRUPT", `an index of the spool names row ${id}, which is not there.`);
};

/**
 * Writes a counter in place of `before` (undefined: of none). False when the row is not `before` any more: another process has written to
 * it. Throws SQLite's errors.
 */
export const writeCounter = (
	file: Pick<SpoolFile, "insertCounter" | "updateCounter">,
	outletId: string,
	counter: Counter,
	before: Counter | undefined,
): boolean => {
	const values = counterValues(outletId, counter);
	if (before === undefined) return file.insertCounter.run(...values).changes === 1;
	return file.updateCounter.run(...values, counterValues(outletId, before)[5]).changes === 1;
};

/**
 * Replaces a damaged file, which must be closed, by a new one with all that can be read. `known` are counters that the running spool still
 * has in memory and that go before what the file says. Throws SQLite's errors when even a new file cannot be made; the old one is then
 * still in its place.
 */
export const replaceSpoolFile = (
	path: string,
	maxFileBytes: number,
	known: ReadonlyMap<string, Counter> = new Map(),
): { readonly carried: number; readonly lost: number } => {
	const rebuilt = rebuiltOf(path);
	removeFiles(rebuilt);
	const target = openDatabase(rebuilt, maxFileBytes);
	let result = { carried: 0, lost: 0 };
	try {
		inTransaction(target, () => {
			target.exec(spoolSchema);
			result = carryOver(path, prepare(target), known);
			target.exec(`PRAGMA user_version = ${spoolVersion}`);
		});
	} finally {
		target.close();
	}
	setDatabaseAside(path, `${path}.damaged`);
	systemDisk.renameDurable(rebuilt, path);
	return result;
};

const carryOver = (path: string, target: SpoolFile, known: ReadonlyMap<string, Counter>): { carried: number; lost: number } => {
	const counters = new Map<string, Counter>();
	let carried = 0;
	let lost = 0;
	const source = orUndefined(() => new DatabaseSync(path, { readOnly: true, timeout: 2_000 }));
	try {
		for (const [outletId, counter] of (source && orUndefined(() => readCounters(source).counters)) ?? []) counters.set(outletId, counter);
		const rowById = source && orUndefined(() => source.prepare(rowByIdText));
		for (const id of source && rowById ? readableIds(source) : []) {
			const item = rowById && orUndefined(() => readEnvelope(rowById, id));
			if (item === undefined) {
				lost++;
				continue;
			}
			insertRow(target, item);
			carried++;
			const counter = counters.get(item.outletId) ?? { last: 0, reserved: 0, delivered: 0, shed: 0, quarantined: 0 };
			counters.set(item.outletId, { ...counter, last: Math.max(counter.last, item.sequence) });
		}
	} finally {
		if (source) orUndefined(() => source.close());
	}
	for (const [outletId, counter] of [...counters, ...known]) {
		target.db.prepare("DELETE FROM counter WHERE outlet = ?").run(outletId);
		writeCounter(target, outletId, counter, undefined);
	}
	return { carried, lost };
};

/** Every id that either the table or the index still names, found from both ends so that one bad page hides no more than itself. */
const readableIds = (source: DatabaseSync): number[] => {
	const ids = new Set<number>();
	const from = ["envelope NOT INDEXED ORDER BY id", "envelope INDEXED BY by_sequence ORDER BY outlet"];
	for (const each of from.flatMap((text) => [`${text} ASC`, `${text} DESC`])) {
		orUndefined(() => {
			for (const { id } of source.prepare(`SELECT id FROM ${each} LIMIT ${maxSalvagedRows}`).iterate())
				if (typeof id === "number") ids.add(id);
		});
	}
	return [...ids].sort((a, b) => a - b);
};

/** What `work` returns; undefined when it throws, which in a damaged file any reading may. */
const orUndefined = <T>(work: () => T): T | undefined => {
	try {
		return work();
	} catch {
		return undefined;
	}
};

const takeFinishedRebuild = (path: string): void => {
	const rebuilt = rebuiltOf(path);
	if (!existsSync(rebuilt)) return;
	if (!existsSync(path) && knownVersions.includes(orUndefined(() => withDatabase(rebuilt, versionOf)))) {
		removeStaleLog(path);
		systemDisk.renameDurable(rebuilt, path);
	}
	removeFiles(rebuilt);
};

const withDatabase = <T>(path: string, work: (db: DatabaseSync) => T): T => {
	const db = new DatabaseSync(path);
	try {
		return work(db);
	} finally {
		db.close();
	}
};

const versionOf = (db: DatabaseSync): unknown => db.prepare("PRAGMA user_version").get()?.user_version;

const removeFiles = (path: string): void => {
	for (const suffix of ["", "-wal", "-shm"]) removeIfThere(`${path}${suffix}`);
};

const prepare = (db: DatabaseSync): SpoolFile => ({
	db,
	insert: db.prepare(
		"INSERT INTO envelope (outlet, sequence, size, priority, category, purpose, level, records, sealed_at_ms, digest, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	),
	rowById: db.prepare(rowByIdText),
	rowsAfter: db.prepare(
		"SELECT id, sequence, size FROM envelope INDEXED BY by_sequence WHERE outlet = ? AND sequence > ? ORDER BY sequence LIMIT ?",
	),
	rowOf: db.prepare("SELECT id, size FROM envelope INDEXED BY by_sequence WHERE outlet = ? AND sequence = ?"),
	remove: db.prepare("DELETE FROM envelope WHERE id = ?"),
	leastImportant: db.prepare("SELECT id FROM envelope INDEXED BY by_importance ORDER BY priority, id LIMIT 1"),
	groups: db.prepare(
		"SELECT outlet, category, purpose, count(*) AS envelopes FROM envelope INDEXED BY by_purpose GROUP BY outlet, category, purpose",
	),
	rowsOfGroup: db.prepare(
		`SELECT id, sequence, level, priority, records, size FROM envelope INDEXED BY by_purpose
			WHERE outlet = ? AND category = ? AND purpose = ? ORDER BY id`,
	),
	removeGroup: db.prepare("DELETE FROM envelope INDEXED BY by_purpose WHERE outlet = ? AND category = ? AND purpose = ?"),
	rowsByAge: db.prepare(
		`SELECT id, sequence, category, level, priority, records, size, sealed_at_ms FROM envelope INDEXED BY by_sequence
			WHERE outlet = ? ORDER BY sequence LIMIT ?`,
	),
	insertCounter: db.prepare(insertCounterText),
	updateCounter: db.prepare(updateCounterText),
	totals: db.prepare(
		"SELECT outlet, count(*) AS pending, sum(size) AS bytes, max(sequence) AS last FROM envelope INDEXED BY by_sequence GROUP BY outlet",
	),
	isIndexed: db.prepare(
		`SELECT (SELECT count(*) FROM envelope INDEXED BY by_sequence WHERE outlet >= '') =
			(SELECT count(*) FROM envelope INDEXED BY by_importance WHERE priority >= 0) AND
			(SELECT count(*) FROM envelope INDEXED BY by_sequence WHERE outlet >= '') =
			(SELECT count(*) FROM envelope INDEXED BY by_purpose WHERE outlet >= '') AS agree`,
	),
	oldest: db.prepare(
		"SELECT sealed_at_ms AS ms FROM envelope WHERE id = (SELECT id FROM envelope INDEXED BY by_sequence WHERE outlet = ? ORDER BY sequence LIMIT 1)",
	),
	unusedPages: db.prepare("SELECT freelist_count AS unused, page_count AS pages FROM pragma_freelist_count, pragma_page_count"),
});
