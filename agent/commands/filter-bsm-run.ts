/**
 * The loop of `filter-bsm`: blocks in, kept messages and a line of the report for each line out.
 */
import type { BlockWriter } from "./filter-bsm-blocks.ts";
import type { FastRoad } from "./filter-bsm-fast.ts";
import type { Judge } from "./filter-bsm-judge.ts";
import { LineCutter } from "./filter-bsm-lines.ts";
import type { Fate } from "./filter-bsm-tally.ts";

export interface FilterRun {
	readonly blocks: AsyncIterable<Uint8Array>;
	readonly judge: Judge;
	/** Undefined: every message takes the long way. */
	readonly fast: FastRoad | undefined;
	readonly out: BlockWriter;
	readonly report: BlockWriter | undefined;
}

/** Counts in the judge's fates. Closes what it writes to. Lines of blanks alone are passed over. */
export const runFilter = async ({ blocks, judge, fast, out, report }: FilterRun): Promise<void> => {
	let number = 0;
	const note = (fate: Fate): void => {
		fate.count++;
		report?.putText(`{"line":${number}${fate.ending}`);
	};
	const cutter = new LineCutter(
		(bytes, start, end) => {
			number++;
			if (isBlank(bytes, start, end)) return;
			const text = bytes.toString("latin1", start, end);
			const verdict = fast?.judge(text);
			if (verdict === undefined) {
				const judged = judge.judge(bytes.subarray(start, end));
				if (judged.bytes !== undefined) out.putLine(judged.bytes);
				note(judged.fate);
				fast?.learn(text, judged);
				return;
			}
			if (verdict.text !== undefined) out.putText(verdict.text);
			note(verdict.fate);
		},
		() => {
			number++;
			note(judge.tooLong);
		},
	);
	try {
		for await (const block of blocks) {
			cutter.push(block);
			await out.flush();
			await report?.flush();
		}
		cutter.end();
	} finally {
		await out.close();
		await report?.close();
	}
};

const isBlank = (bytes: Uint8Array, start: number, end: number): boolean => {
	for (let at = start; at < end; at++) if ((bytes[at] as number) > 0x20) return false;
	return true;
};
