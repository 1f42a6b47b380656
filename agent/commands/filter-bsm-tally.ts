/**
 * What became of each line: counted, and written down without a value of any message.
 */
import type { Cell } from "./text-table.ts";

export const dispositions = ["kept", "suppressed", "invalid"] as const;
export type Disposition = (typeof dispositions)[number];

/** One fate that a line can have. Made once; lines share it. */
export interface Fate {
	readonly disposition: Disposition;
	/** Why it was not kept. */
	readonly reason: FateReason | undefined;
	/** The treatment that withheld it. */
	readonly treatment: string | undefined;
	/** What follows the number in a line of the report. */
	readonly ending: string;
	count: number;
}

/**
 * - withheld-by-treatment, treatment-failed: as a unit says (shared/verdict.ts);
 * - not-a-message: no JSON, or no message of a known form; not-a-bsm: a message of another kind;
 * - too-long: longer than any message.
 */
export type FateReason = "withheld-by-treatment" | "treatment-failed" | "not-a-message" | "not-a-bsm" | "too-long";

export const makeFate = (disposition: Disposition, reason?: FateReason, treatment?: string): Fate => ({
	disposition,
	reason,
	treatment,
	ending: `,${JSON.stringify({ disposition, reason, treatment }).slice(1)}\n`,
	count: 0,
});

export interface Summary {
	readonly lines: number;
	readonly kept: number;
	readonly suppressed: number;
	readonly invalid: number;
	/** By treatment and reason, the most frequent first. */
	readonly reasons: readonly {
		readonly disposition: Disposition;
		readonly reason: string;
		readonly treatment?: string;
		readonly count: number;
	}[];
}

export const summaryOf = (fates: readonly Fate[]): Summary => {
	const count = (disposition: Disposition): number =>
		fates.reduce((sum, fate) => sum + (fate.disposition === disposition ? fate.count : 0), 0);
	const [kept, suppressed, invalid] = [count("kept"), count("suppressed"), count("invalid")];
	const reasons = fates.flatMap(({ disposition, reason, treatment, count: lines }) =>
		reason === undefined || lines === 0
			? []
			: [{ disposition, reason, ...(treatment === undefined ? undefined : { treatment }), count: lines }],
	);
	return { lines: kept + suppressed + invalid, kept, suppressed, invalid, reasons: reasons.sort((a, b) => b.count - a.count) };
};

/** For `textTable`. */
export const summaryRows = ({ lines, kept, reasons }: Summary): readonly (readonly Cell[])[] => [
	["kept", "", kept, share(kept, lines)],
	...reasons.map(({ disposition, reason, treatment, count }) => [
		disposition,
		treatment === undefined ? reason : `${treatment} (${reason})`,
		count,
		share(count, lines),
	]),
	["all", "", lines, share(lines, lines)],
];

export const summaryHeader = ["disposition", "why", "lines", "share"];

const share = (count: number, of: number): string => (of === 0 ? "-" : `${((100 * count) / of).toFixed(1)} %`);
