/**
 * What the running spool knows of each outlet: its counter as the file holds it, the numbers handed out, and how much waits.
 *
 * Sequence numbers must never repeat with other bytes, not even when the database is lost or an older copy of it is put back. So numbers are
 * reserved in blocks: first the database notes the end of the block, then the device state, and only then is a number of it handed out.
 *
 *   database says reserved >= the state's floor   the file is the newest there is: its own last number counts, no number is skipped
 *   database says less, or has no counter         the file is new, damaged or an old copy: numbers go on above the floor
 *
 * Each opening raises the reservation by one, so that a copy of an earlier run is known for what it is. What remains: an old copy put back
 * while the agent runs, or a disk that says it has flushed and has not, within one run; and state and spool lost together, after which
 * numbers begin at 1 again. The receiver sees both as a known number with other bytes.
 */
import { KerbError } from "../../shared/errors.ts";
import { inTransaction } from "../host/sqlite.ts";
import { type SpoolFile, writeCounter } from "./spool-file.ts";
import { type Counter, readCounters, rowOverheadBytes } from "./spool-rows.ts";

/** Numbers per reservation: one write of the device state for so many envelopes of an outlet. */
export const reservedBlock = 256;

export interface OutletState {
	/** As wanted now. */
	counter: Counter;
	/** As the file holds it; undefined when it has none. */
	stored: Counter | undefined;
	/** The last number handed out, at least `counter.last`. */
	handedOut: number;
	/** Numbers up to here are durably reserved, in the file and in the device state. */
	reservedUpTo: number;
	pending: number;
	/** Of pending envelopes, without row overhead. */
	bytes: number;
}

export type OutletBook = Map<string, OutletState>;

/** What waits in all outlets, bytes counted with row overhead. */
export const totalsOf = (book: OutletBook): { readonly envelopes: number; readonly bytes: number } => {
	let envelopes = 0;
	let bytes = 0;
	for (const outlet of book.values()) {
		envelopes += outlet.pending;
		bytes += outlet.bytes + outlet.pending * rowOverheadBytes;
	}
	return { envelopes, bytes };
};

/**
 * Reads the file and settles, with the floors of the device state, where each outlet's numbers go on. Throws SQLite's errors, and
 * KerbError SPOOL_CORRUPT when the file contradicts itself.
 */
export const readBook = (file: SpoolFile, floors: Readonly<Record<string, number>>): OutletBook => {
	if (file.isIndexed.get()?.agree !== 1) {
		// What one index has lost would wait for ever, unseen. The table itself is checked row by row as it is read.
		throw new KerbError("SPOOL_CORRUPT", "the indexes of the spool do not agree on how many envelopes wait.");
	}
	const { counters, damaged } = readCounters(file.db);
	if (damaged > 0) {
		inTransaction(file.db, () => {
			file.db.exec("DELETE FROM counter");
			for (const [outletId, counter] of counters) writeCounter(file, outletId, counter, undefined);
		});
	}
	const book: OutletBook = new Map();
	const waiting = readWaiting(file);
	for (const outletId of new Set([...counters.keys(), ...Object.keys(floors), ...waiting.keys()])) {
		const stored = counters.get(outletId);
		if (stored === undefined && damaged === 0 && waiting.has(outletId)) {
			throw new KerbError("SPOOL_CORRUPT", "the index of the spool names an outlet that never had a number.");
		}
		const floor = floors[outletId] ?? 0;
		const { pending, bytes, last: lastWaiting } = waiting.get(outletId) ?? { pending: 0, bytes: 0, last: 0 };
		const isNewest = stored !== undefined && stored.reserved >= floor;
		const last = Math.max(lastWaiting, stored?.last ?? 0, isNewest ? 0 : floor);
		const counter = { delivered: 0, shed: 0, quarantined: 0, ...stored, last, reserved: Math.max(stored?.reserved ?? 0, floor, last) };
		book.set(outletId, { counter, stored, handedOut: last, reservedUpTo: floor, pending, bytes });
	}
	return book;
};

/** Sets what waits in each outlet from the file. Throws SQLite's errors. */
export const recount = (file: SpoolFile, book: OutletBook): void => {
	const waiting = readWaiting(file);
	for (const [outletId, outlet] of book) {
		outlet.pending = waiting.get(outletId)?.pending ?? 0;
		outlet.bytes = waiting.get(outletId)?.bytes ?? 0;
	}
};

const readWaiting = (file: SpoolFile): Map<string, { pending: number; bytes: number; last: number }> => {
	const waiting = new Map<string, { pending: number; bytes: number; last: number }>();
	for (const { outlet, pending, bytes, last } of file.totals.all()) {
		if (typeof outlet !== "string" || typeof pending !== "number" || typeof bytes !== "number" || typeof last !== "number") continue;
		// Groups come in the order of the index: one that comes twice is torn apart by an entry that is not in its place.
		if (waiting.has(outlet)) throw new KerbError("SPOOL_CORRUPT", "the index of the spool is not in order.");
		waiting.set(outlet, { pending, bytes, last });
	}
	return waiting;
};

/** The outlet's state, made when it is new. */
export const outletOf = (book: OutletBook, outletId: string): OutletState => {
	const known = book.get(outletId);
	if (known) return known;
	const counter = { last: 0, reserved: 0, delivered: 0, shed: 0, quarantined: 0 };
	const fresh: OutletState = { counter, stored: undefined, handedOut: 0, reservedUpTo: 0, pending: 0, bytes: 0 };
	book.set(outletId, fresh);
	return fresh;
};

/**
 * Writes the wanted counters of outlets in an open transaction. The caller calls `markStored` after the commit. Throws SQLite's errors, and
 * KerbError INTERNAL when another process has written to the file.
 */
export const writeCounters = (file: SpoolFile, outlets: Iterable<readonly [string, OutletState]>): void => {
	for (const [outletId, outlet] of outlets) {
		if (outlet.counter === outlet.stored) continue;
		if (!writeCounter(file, outletId, outlet.counter, outlet.stored)) {
			throw new KerbError("INTERNAL", `another process writes to the same spool (outlet ${outletId}). Run one agent per data folder.`);
		}
	}
};

/** Notes that the wanted counters are what the file holds. */
export const markStored = (outlets: Iterable<readonly [string, OutletState]>): void => {
	for (const [, outlet] of outlets) outlet.stored = outlet.counter;
};

/**
 * Reserves numbers up to `upTo` for outlets: in the file, then in the device state through `reserve`. Throws SQLite's errors, KerbError
 * INTERNAL as `writeCounters`, and whatever `reserve` throws; nothing counts as reserved then.
 */
export const reserveNumbers = (
	file: SpoolFile,
	wanted: readonly { readonly outletId: string; readonly outlet: OutletState; readonly upTo: number }[],
	reserve: (floors: Readonly<Record<string, number>>) => void,
): void => {
	const changed = wanted.map(({ outletId, outlet, upTo }) => {
		const counter = { ...outlet.counter, reserved: Math.max(outlet.counter.reserved, upTo) };
		return [outletId, { ...outlet, counter }] as const;
	});
	inTransaction(file.db, () => writeCounters(file, changed));
	for (const [index, { outlet }] of wanted.entries()) {
		outlet.counter = changed[index]?.[1].counter ?? outlet.counter;
		outlet.stored = outlet.counter;
	}
	reserve(Object.fromEntries(wanted.map(({ outletId, outlet }) => [outletId, outlet.counter.reserved])));
	for (const { outlet } of wanted) outlet.reservedUpTo = outlet.counter.reserved;
};
