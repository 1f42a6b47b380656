/** Reads envelopes that wait, in order, leaving out and moving aside what is damaged. */
import { KerbError } from "../../shared/errors.ts";
import { recount } from "./outlet-book.ts";
import { moveAside } from "./quarantine.ts";
import { changeOutlets, type SpoolContext } from "./spool-context.ts";
import { readEnvelope } from "./spool-rows.ts";
import type { SpoolItem, SpoolProblem } from "./spool-types.ts";

const maxReadBytes = 4_194_304;
const maxReadItems = 1_000;

/** See `Spool.pending`. Throws SQLite's errors, and KerbError SPOOL_CORRUPT when the file contradicts itself. */
export const readPending = (context: SpoolContext, outletId: string, afterSequence: number, limit: number): SpoolItem[] => {
	const most = Math.min(Math.max(Math.trunc(limit) || 1, 1), maxReadItems);
	let after = afterSequence;
	for (;;) {
		const { items, damaged, readUpTo } = readSome(context, outletId, after, most);
		quarantine(context, damaged);
		if (items.length > 0 || damaged.length === 0) return items;
		after = readUpTo;
	}
};

const readSome = (context: SpoolContext, outletId: string, afterSequence: number, limit: number) => {
	const { rowsAfter, rowById } = context.file;
	const items: SpoolItem[] = [];
	const damaged: number[] = [];
	let readUpTo = afterSequence;
	let bytes = 0;
	let readAll = true;
	for (const { id, sequence, size } of rowsAfter.all(outletId, afterSequence, limit)) {
		if (typeof id !== "number" || typeof sequence !== "number" || typeof size !== "number") continue;
		if (items.length > 0 && bytes + size > maxReadBytes) {
			readAll = false;
			break;
		}
		readUpTo = sequence;
		bytes += size;
		const item = readEnvelope(rowById, id);
		if (item === undefined) damaged.push(id);
		else if (item.outletId === outletId && item.sequence === sequence) items.push(item);
		else throw new KerbError("SPOOL_CORRUPT", `the index of the spool leads to another envelope than it names (row ${id}).`);
	}
	const isWholeQueue = afterSequence < 1 && items.length + damaged.length < limit && readAll;
	if (isWholeQueue && items.length + damaged.length !== (context.book.get(outletId)?.pending ?? 0)) {
		throw new KerbError("SPOOL_CORRUPT", `outlet ${outletId}: the index of the spool leads to fewer envelopes than wait.`);
	}
	return { items, damaged, readUpTo };
};

const quarantine = (context: SpoolContext, ids: readonly number[]): void => {
	for (const id of ids) {
		let problem: SpoolProblem | undefined;
		changeOutlets(context, (drafts) => {
			problem = moveAside(context, drafts, id);
		});
		if (problem) context.report(problem);
	}
	if (ids.length > 0) recount(context.file, context.book);
};
