/**
 * The spool: the durable outbox between sealing and upload. Sealed bytes only; nothing else of a reading reaches the disk here.
 *
 * Constraints: what `append` returned for survives kill -9 and power loss; a number of an outlet never stands for two different envelopes
 * (see `outlet-book.ts`); every size is bounded, and a full spool sheds the least important first and says so; damage to the file costs what
 * is damaged and nothing more, and never stops the agent (see `spool-file.ts`).
 */
import { isKerbError, KerbError } from "../../shared/errors.ts";
import { databaseFileBytes, isDamage, isFull, isUselessFile, sqliteCode } from "../host/sqlite.ts";
import { appendItems } from "./append-items.ts";
import { markStored, type OutletBook, outletOf, readBook, recount, reservedBlock, reserveNumbers } from "./outlet-book.ts";
import { readPending } from "./read-pending.ts";
import { giveBackPagesAtClose, settleItems } from "./settle-items.ts";
import type { SpoolContext } from "./spool-context.ts";
import { openSpoolFile, replaceSpoolFile, type SpoolFile } from "./spool-file.ts";
import type { Spool, SpoolOptions, SpoolStat } from "./spool-types.ts";
import { verifySpool } from "./verify-spool.ts";
import { expireItems, waitingGroups, withdrawItems } from "./withdraw-items.ts";

/** The spool's file in the data folder. */
export const spoolFile = "spool.db";

/**
 * Opens the spool, makes it, or replaces it when it is damaged (`recovered` then says why). The folder must exist.
 * @throws KerbError SPOOL_CORRUPT when not even a new file can be opened at `path`, SPOOL_FULL when there is no space for one.
 */
export const openSpool = (path: string, options: SpoolOptions): Spool => {
	const { file, book, recovered } = openOrReplace(path, options);
	const context: SpoolContext = { path, options, file, book, report: (problem) => options.report?.(problem) };
	if (recovered !== undefined) context.report({ kind: "file-replaced", detail: recovered });
	reserveAtOpen(context);

	/** Runs `work`, and once more on a new file when it finds the file damaged; `work` changes memory only after its commit. */
	const guarded = <T>(work: () => T): T => {
		try {
			return work();
		} catch (error) {
			if (!isDamage(error) && !isKerbError(error, "SPOOL_CORRUPT")) throw explained(path, error);
			try {
				replaceRunning(context, error);
				return work();
			} catch (again) {
				throw explained(path, again);
			}
		}
	};
	const release = (outletId: string): void => {
		const outlet = book.get(outletId);
		if (outlet) outlet.handedOut = outlet.counter.last;
	};

	return {
		nextSequence(outletId) {
			const outlet = outletOf(book, outletId);
			const next = outlet.handedOut + 1;
			if (next > outlet.reservedUpTo) {
				guarded(() => reserveNumbers(context.file, [{ outletId, outlet, upTo: next - 1 + reservedBlock }], options.reserve));
			}
			outlet.handedOut = next;
			return next;
		},
		release,
		append(items) {
			if (items.length === 0) return [];
			try {
				return guarded(() => appendItems(context, items));
			} catch (error) {
				for (const { outletId } of items) release(outletId);
				throw error;
			}
		},
		pending: (outletId, afterSequence, limit) => guarded(() => readPending(context, outletId, afterSequence, limit)),
		settle: (outletId, sequences) => guarded(() => settleItems(context, outletId, sequences)),
		withdraw: (match, reason) => guarded(() => withdrawItems(context, match, reason)),
		expire: (beforeMs, nowMs) => guarded(() => expireItems(context, beforeMs, nowMs)),
		waiting: () => guarded(() => waitingGroups(context.file)),
		stat: () => guarded(() => statOf(context)),
		verify: () => verifySpool(context.file.db),
		recovered,
		close() {
			try {
				giveBackPagesAtClose(context.file);
			} catch {
				// A file that is left longer than need be is no loss.
			}
			closeQuietly(context.file);
		},
	};
};

const maxFileBytesOf = (options: SpoolOptions): number => options.maxFileBytes ?? options.maxBytes * 2 + 4_194_304;

const openOrReplace = (path: string, options: SpoolOptions): { file: SpoolFile; book: OutletBook; recovered: string | undefined } => {
	try {
		return { ...openWithBook(path, options), recovered: undefined };
	} catch (error) {
		if (!isUselessFile(error) && !isKerbError(error, "SPOOL_CORRUPT")) throw explained(path, error);
		try {
			const recovered = replacedText(path, error, replaceSpoolFile(path, maxFileBytesOf(options)));
			return { ...openWithBook(path, options), recovered };
		} catch (again) {
			throw explained(path, again);
		}
	}
};

const openWithBook = (path: string, options: SpoolOptions): { file: SpoolFile; book: OutletBook } => {
	const file = openSpoolFile(path, maxFileBytesOf(options));
	try {
		return { file, book: readBook(file, options.floors) };
	} catch (error) {
		closeQuietly(file);
		throw error;
	}
};

const replaceRunning = (context: SpoolContext, why: unknown): void => {
	closeQuietly(context.file);
	const known = new Map([...context.book].map(([outletId, { counter }]) => [outletId, counter]));
	const counts = replaceSpoolFile(context.path, maxFileBytesOf(context.options), known);
	context.file = openSpoolFile(context.path, maxFileBytesOf(context.options));
	markStored(context.book);
	recount(context.file, context.book);
	context.report({ kind: "file-replaced", detail: replacedText(context.path, why, counts) });
};

/** Raises every reservation by one: see `outlet-book.ts`. */
const reserveAtOpen = (context: SpoolContext): void => {
	const { file, book, options } = context;
	if (book.size === 0) return;
	const wanted = [...book].map(([outletId, outlet]) => ({ outletId, outlet, upTo: outlet.counter.reserved + 1 }));
	try {
		reserveNumbers(file, wanted, options.reserve);
	} catch {
		// A full disk must not keep the agent from sending what waits. Numbers that are not reserved are not handed out: nextSequence tries
		// again and says what is wrong.
	}
};

const statOf = ({ path, file, book }: SpoolContext): SpoolStat => ({
	outlets: [...book].map(([outletId, { counter, pending, bytes }]) => {
		const oldestMs = file.oldest.get(outletId)?.ms;
		return {
			outletId,
			pending,
			bytes,
			oldestMs: typeof oldestMs === "number" ? oldestMs : undefined,
			lastSequence: counter.last,
			deliveredTotal: counter.delivered,
			shedTotal: counter.shed,
			quarantinedTotal: counter.quarantined,
		};
	}),
	fileBytes: databaseFileBytes(path),
});

const closeQuietly = (file: SpoolFile): void => {
	try {
		if (file.db.isOpen) file.db.close();
	} catch {
		// A damaged file may not let itself be closed cleanly; what is durable in it is so already.
	}
};

const replacedText = (path: string, why: unknown, { carried, lost }: { carried: number; lost: number }): string => {
	const reason = isKerbError(why)
		? why.message
		: `${path} is damaged (${sqliteCode(why) === undefined ? "a number out of range" : `SQLite ${sqliteCode(why)}`}).`;
	return `${reason} It was kept as ${path}.damaged; ${carried} envelopes were carried over, ${lost} could not be read.`;
};

const explained = (path: string, cause: unknown): unknown => {
	if (isFull(cause)) {
		return new KerbError("SPOOL_FULL", `${path}: there is no space left; nothing was taken in, what was accepted is still there.`, {
			cause,
		});
	}
	const code = sqliteCode(cause);
	if (code === undefined && !isDamage(cause)) return cause;
	if (code === 19) {
		// SQLITE_CONSTRAINT: the number of a new envelope is taken, though this process has not handed it out before.
		return new KerbError("INTERNAL", `another process writes to ${path}. Run one agent per data folder.`, { cause });
	}
	return new KerbError(
		"SPOOL_CORRUPT",
		`${path} cannot be read or written (SQLite ${code ?? "value out of range"}). Check the disk and the rights.`,
		{ cause },
	);
};
