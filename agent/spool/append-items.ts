/** Takes envelopes in and sheds what is over the bounds, in one transaction. */
import { KerbError } from "../../shared/errors.ts";
import { type OutletBook, recount, totalsOf } from "./outlet-book.ts";
import { moveAside } from "./quarantine.ts";
import { changeOutlets, draftOf, type SpoolContext } from "./spool-context.ts";
import { insertRow, removeRow } from "./spool-file.ts";
import { readEnvelope, rowOverheadBytes } from "./spool-rows.ts";
import type { ShedItem, SpoolItem, SpoolProblem } from "./spool-types.ts";

/** See `Spool.append`. Throws SQLite's errors, and KerbError INTERNAL. */
export const appendItems = (context: SpoolContext, items: readonly SpoolItem[]): readonly ShedItem[] => {
	checkItems(context.book, items);
	let shed: ShedItem[] = [];
	let problems: SpoolProblem[] = [];
	changeOutlets(context, (drafts) => {
		const refused = insertItems(context, drafts, items);
		({ shed, problems } = shedToBounds(context, drafts));
		shed.unshift(...refused);
	});
	if (problems.length > 0) recount(context.file, context.book);
	for (const problem of problems) context.report(problem);
	return shed;
};

const insertItems = (context: SpoolContext, drafts: OutletBook, items: readonly SpoolItem[]): ShedItem[] => {
	const refused: ShedItem[] = [];
	for (const item of items) {
		const draft = draftOf(context, drafts, item.outletId);
		const isTooLarge = item.bytes.length + rowOverheadBytes > context.options.maxBytes;
		draft.counter = { ...draft.counter, last: item.sequence, shed: draft.counter.shed + (isTooLarge ? 1 : 0) };
		draft.handedOut = Math.max(draft.handedOut, item.sequence);
		if (isTooLarge) {
			refused.push(shedItem(item, "too-large"));
			continue;
		}
		insertRow(context.file, item);
		draft.pending++;
		draft.bytes += item.bytes.length;
	}
	return refused;
};

/** Least important first, oldest first among equals; new ones are no exception. */
const shedToBounds = (context: SpoolContext, drafts: OutletBook): { shed: ShedItem[]; problems: SpoolProblem[] } => {
	const { file, book, options } = context;
	const { maxEnvelopes, maxBytes } = options;
	const shed: ShedItem[] = [];
	const problems: SpoolProblem[] = [];
	let { envelopes, bytes } = totalsOf(new Map([...book, ...drafts]));
	while (envelopes > maxEnvelopes || bytes > maxBytes) {
		const id = file.leastImportant.get()?.id;
		if (typeof id !== "number") break;
		const item = readEnvelope(file.rowById, id);
		if (item === undefined) {
			problems.push(moveAside(context, drafts, id));
			({ envelopes, bytes } = countedTotals(context));
			continue;
		}
		removeRow(file, id);
		envelopes--;
		bytes -= item.bytes.length + rowOverheadBytes;
		const draft = draftOf(context, drafts, item.outletId);
		draft.pending--;
		draft.bytes -= item.bytes.length;
		draft.counter = { ...draft.counter, shed: draft.counter.shed + 1 };
		shed.push(shedItem(item, "full"));
	}
	return { shed, problems };
};

/** The totals as the file has them: after a damaged row the size that memory holds for it may not be what its row says. */
const countedTotals = ({ file }: SpoolContext): { envelopes: number; bytes: number } => {
	const counted = { envelopes: 0, bytes: 0 };
	for (const { pending, bytes } of file.totals.all()) {
		if (typeof pending !== "number" || typeof bytes !== "number") continue;
		counted.envelopes += pending;
		counted.bytes += bytes + pending * rowOverheadBytes;
	}
	return counted;
};

const shedItem = (item: SpoolItem, reason: ShedItem["reason"]): ShedItem => {
	const { outletId, sequence, categoryId, level, priority, records, bytes } = item;
	return { outletId, sequence, categoryId, level, priority, records, byteLength: bytes.length, reason };
};

const isCount = (value: number, max: number): boolean => Number.isInteger(value) && value >= 0 && value <= max;

const checkItems = (book: OutletBook, items: readonly SpoolItem[]): void => {
	const lasts = new Map<string, number>();
	for (const { outletId, sequence, categoryId, purpose, priority, records, sealedAtMs, bytes } of items) {
		const outlet = book.get(outletId);
		const last = lasts.get(outletId) ?? outlet?.counter.last ?? 0;
		if (outlet === undefined || !Number.isInteger(sequence) || sequence <= last || sequence > outlet.reservedUpTo) {
			throw new KerbError(
				"INTERNAL",
				`outlet ${outletId}: sequence ${sequence} cannot be appended after ${last}; it must come from nextSequence, in order.`,
			);
		}
		lasts.set(outletId, sequence);
		const isWellFormed =
			categoryId.length > 0 &&
			purpose.length > 0 &&
			isCount(priority, 255) &&
			isCount(records, 0xffff_ffff) &&
			Number.isFinite(sealedAtMs) &&
			bytes.length > 0;
		if (!isWellFormed) {
			throw new KerbError(
				"INTERNAL",
				`outlet ${outletId}: envelope ${sequence} needs a category, a purpose, a priority of 0 to 255, a count of records, a time and bytes.`,
			);
		}
	}
};
