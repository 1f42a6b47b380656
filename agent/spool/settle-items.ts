/** Removes delivered envelopes and gives the pages they used back to the file system. */
import { changeOutlets, draftOf, type SpoolContext } from "./spool-context.ts";
import { removeRow, type SpoolFile } from "./spool-file.ts";

/** Unused pages that stay in the file for the next envelopes (1 MiB), and how many are given back at a time. */
const spareUnusedPages = 256;
const pagesAtATime = 128;
const pagesAtClose = 4_096;

/** See `Spool.settle`. Throws SQLite's errors. */
export const settleItems = (context: SpoolContext, outletId: string, sequences: readonly number[]): void => {
	const { file } = context;
	// Without an fsync of its own: see `Spool.settle`. The pragma is a flag in memory and must be set outside a transaction.
	file.db.exec("PRAGMA synchronous = NORMAL");
	try {
		changeOutlets(context, (drafts) => {
			for (const sequence of sequences) {
				const { id, size } = Number.isSafeInteger(sequence) ? (file.rowOf.get(outletId, sequence) ?? {}) : {};
				if (typeof id !== "number" || typeof size !== "number") continue;
				removeRow(file, id);
				const draft = draftOf(context, drafts, outletId);
				draft.pending--;
				draft.bytes -= size;
				draft.counter = { ...draft.counter, delivered: draft.counter.delivered + 1 };
			}
		});
		giveBackPages(file);
	} finally {
		if (file.db.isOpen) file.db.exec("PRAGMA synchronous = FULL");
	}
};

/** Shortens the file by a bounded step when much of it is unused. Throws SQLite's errors. */
const giveBackPages = (file: SpoolFile): void => {
	const { unused, pages } = file.unusedPages.get() ?? {};
	if (typeof unused !== "number" || typeof pages !== "number" || unused <= Math.max(spareUnusedPages, pages / 2)) return;
	file.db.exec(`PRAGMA incremental_vacuum(${pagesAtATime})`);
};

/** Shortens the file by what is unused, bounded, before it is closed. Throws SQLite's errors. */
export const giveBackPagesAtClose = (file: SpoolFile): void => file.db.exec(`PRAGMA incremental_vacuum(${pagesAtClose})`);
