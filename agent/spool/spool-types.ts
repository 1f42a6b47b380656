/** What the spool takes, gives and says. */
import type { Level } from "../../shared/tag.ts";

/** One sealed envelope on its way out. */
export interface SpoolItem {
	readonly outletId: string;
	/** As handed out by `nextSequence` of the same outlet. */
	readonly sequence: number;
	readonly categoryId: string;
	/** What the records were released for; empty only in rows of a spool from before purposes were kept. */
	readonly purpose: string;
	readonly level: Level;
	/** 0 to 255. A full spool sheds the lowest first, and the oldest of equals. */
	readonly priority: number;
	/** Records inside the envelope. */
	readonly records: number;
	/** UTC milliseconds. */
	readonly sealedAtMs: number;
	/** The sealed envelope. */
	readonly bytes: Uint8Array;
}

/** Why envelopes that wait are taken back: nobody may have them any more. */
export type WithdrawReason = "consent-withdrawn" | "consent-ended" | "reclassified";

/** An envelope that was given up. Its sequence number is used up: the receiver sees a gap, and the ledger says why. */
export interface ShedItem {
	readonly outletId: string;
	readonly sequence: number;
	readonly categoryId: string;
	readonly level: Level;
	readonly priority: number;
	readonly records: number;
	readonly byteLength: number;
	/** `full`: less important than what stays. `too-large`: larger than the whole spool may be. `retention-over`: see `Spool.expire`. The others: see `Spool.withdraw`. */
	readonly reason: "full" | "too-large" | "retention-over" | WithdrawReason;
}

/** Which envelopes are meant: those that agree with every field that is given; without any, all. */
export interface SpoolMatch {
	readonly outletId?: string;
	readonly categoryId?: string;
	/** Matches this purpose, and envelopes of which no purpose is known. */
	readonly purpose?: string;
}

/** What waits for one outlet, of one category, for one purpose. */
export interface SpoolGroup {
	readonly outletId: string;
	readonly categoryId: string;
	/** Empty when it is not known. */
	readonly purpose: string;
	readonly envelopes: number;
}

/** Something wrong with what is on disk. `detail` holds names and numbers of the spool, never content. */
export interface SpoolProblem {
	/** `row-damaged`: one envelope was moved aside. `file-replaced`: the file was set aside and what could be read was carried over. */
	readonly kind: "row-damaged" | "file-replaced" | "file-damaged" | "order-broken" | "counter-wrong";
	readonly outletId?: string;
	readonly sequence?: number;
	readonly detail: string;
}

export interface OutletStat {
	readonly outletId: string;
	readonly pending: number;
	/** Of the pending envelopes. */
	readonly bytes: number;
	/** UTC milliseconds at which the first pending envelope was sealed. */
	readonly oldestMs: number | undefined;
	/** The last number that was appended; 0 before the first. */
	readonly lastSequence: number;
	readonly deliveredTotal: number;
	readonly shedTotal: number;
	readonly quarantinedTotal: number;
}

export interface SpoolStat {
	readonly outlets: readonly OutletStat[];
	/** Of the database and its log, on disk. */
	readonly fileBytes: number;
}

export interface SpoolOptions {
	/** Sum of the sizes of waiting envelopes, each counted with 512 bytes more for its row. */
	readonly maxBytes: number;
	/** Waiting envelopes of all outlets. */
	readonly maxEnvelopes: number;
	/** From the device state: per outlet, no number above this was ever handed out. Taken only where the database cannot know better. */
	readonly floors: Readonly<Record<string, number>>;
	/**
	 * Makes higher floors durable in the device state before this returns; merges by the higher number. Called once when the spool opens and
	 * once per 256 envelopes of an outlet. When it throws, no number is handed out.
	 */
	reserve(floors: Readonly<Record<string, number>>): void;
	/** Hears of every envelope that was found damaged and of a file that had to be replaced, so that the ledger can. */
	readonly report?: (problem: SpoolProblem) => void;
	/** Bound of the database file; twice `maxBytes` and 4 MiB unless told. */
	readonly maxFileBytes?: number;
}

export interface Spool {
	/**
	 * The next number of an outlet: one more than the last that was appended or handed out. Between this and `append` nothing may wait: numbers
	 * must be appended in the order in which they were handed out.
	 * @throws KerbError SPOOL_FULL or SPOOL_CORRUPT when the reservation cannot be written; whatever `reserve` throws.
	 */
	nextSequence(outletId: string): number;
	/** Takes back the numbers of an outlet that were handed out and not appended (sealing failed), so that they leave no gap. */
	release(outletId: string): void;
	/**
	 * Takes envelopes in; durable when it returns, all of them or none. Returns what was shed to keep the bounds, which may be among `items`.
	 * `bytes` are borrowed for the call. After a throw the numbers are free again.
	 * @throws KerbError INTERNAL when an item is not well formed, its number was not handed out, or another process writes to the same spool;
	 * SPOOL_FULL when the disk is full; SPOOL_CORRUPT when the disk fails.
	 */
	append(items: readonly SpoolItem[]): readonly ShedItem[];
	/**
	 * Up to `limit` (1 to 1,000) envelopes of an outlet with numbers above `afterSequence`, in order, ending early at 4 MiB in sum but not
	 * before the first. `bytes` are fresh copies that belong to the caller. Damaged rows are moved aside, reported and left out.
	 * @throws KerbError SPOOL_CORRUPT when the disk fails.
	 */
	pending(outletId: string, afterSequence: number, limit: number): SpoolItem[];
	/**
	 * Removes envelopes that the broker has acknowledged; unknown numbers are ignored. One transaction per call that survives kill -9 at once
	 * and power loss from the next append or checkpoint on: after a power cut an envelope may be sent again, which the receiver recognises by
	 * its number, and saving that fsync halves the wear of the flash.
	 * @throws KerbError SPOOL_FULL, SPOOL_CORRUPT.
	 */
	settle(outletId: string, sequences: readonly number[]): void;
	/**
	 * Takes back what waits and matches: consent was withdrawn or the law changed. One transaction, durable when it returns; what is returned is
	 * for the ledger. The numbers stay used up. An envelope that was handed to the uploader before may be on its way and cannot be recalled.
	 * @throws KerbError SPOOL_FULL, SPOOL_CORRUPT; nothing is taken back then.
	 */
	withdraw(match: SpoolMatch, reason: WithdrawReason): readonly ShedItem[];
	/**
	 * Takes back what was sealed before `beforeMs`, of each outlet from its first envelope on; times after `nowMs` are of a clock that was wrong
	 * and are passed over when one that follows is too old. At most 10,000 envelopes of an outlet at a time. Otherwise as `withdraw`.
	 */
	expire(beforeMs: number, nowMs: number): readonly ShedItem[];
	/** What waits, by outlet, category and purpose. Takes one look at an index. @throws KerbError SPOOL_CORRUPT when the disk fails. */
	waiting(): readonly SpoolGroup[];
	stat(): SpoolStat;
	/** Reads everything: the file's structure, every row's checksum, order and counters. Takes time in proportion to the file. */
	verify(): SpoolProblem[];
	/** Why the file was replaced when it was opened; undefined when it was not. */
	readonly recovered: string | undefined;
	/** Gives unused pages back and closes. Nothing else may be called afterwards. */
	close(): void;
}
