/** What the operations of the open spool share. */
import { inTransaction } from "../host/sqlite.ts";
import { markStored, type OutletBook, type OutletState, outletOf, writeCounters } from "./outlet-book.ts";
import type { SpoolFile } from "./spool-file.ts";
import type { SpoolOptions, SpoolProblem } from "./spool-types.ts";

export interface SpoolContext {
	readonly path: string;
	readonly options: SpoolOptions;
	/** Another one after a damaged file was replaced. */
	file: SpoolFile;
	readonly book: OutletBook;
	report(problem: SpoolProblem): void;
}

/** A copy of an outlet's state, to be changed; it becomes the state when the transaction of `changeOutlets` has held. */
export const draftOf = (context: SpoolContext, drafts: OutletBook, outletId: string): OutletState => {
	const draft = drafts.get(outletId) ?? { ...outletOf(context.book, outletId) };
	drafts.set(outletId, draft);
	return draft;
};

/**
 * Runs `work` and writes the counters of the drafts it made, in one transaction. Memory changes only when that has held, so whatever throws
 * leaves both as they were. Throws SQLite's errors, and KerbError INTERNAL when another process has written to the file.
 */
export const changeOutlets = (context: SpoolContext, work: (drafts: OutletBook) => void): void => {
	const drafts: OutletBook = new Map();
	inTransaction(context.file.db, () => {
		work(drafts);
		writeCounters(context.file, drafts);
	});
	markStored(drafts);
	for (const [outletId, draft] of drafts) context.book.set(outletId, draft);
};
