/**
 * One cell of the matrix: a category towards an outlet, in the ordinary context and with what would change it.
 */
import type { CatalogueRow, Citation } from "../../shared/catalogue.ts";
import type { Law } from "../../shared/law.ts";
import type { Outlet } from "../../shared/outlet.ts";
import type { Effect, Verdict } from "../../shared/verdict.ts";
import type { AbstractCase, CasesOf } from "./abstract-cases.ts";
import { type ContextFlag, changedFlags } from "./context.ts";

export interface Cell {
	readonly category: string;
	readonly outlet: string;
	/** In the ordinary context: upload when any rule releases it, else the strictest of what the rules (or their absence) leave it. */
	readonly effect: Effect;
	/** The smallest sets of circumstances that would make it leave; empty when it leaves, or when nothing in the context can make it. */
	readonly opensWith: readonly (readonly ContextFlag[])[];
	/** Single circumstances that would keep inside what leaves now. */
	readonly closesWith: readonly ContextFlag[];
	/** Verdicts of the ordinary context, one per rule that names it, or the one without a rule. */
	readonly verdicts: readonly Verdict[];
	/** What the cases come to: verdicts of the context that opens it first, when there is one. */
	readonly opened: readonly Verdict[];
	/** False when the floor could let it out and only no rule asks for it. */
	readonly isAskedFor: boolean;
	/** The texts behind the row. */
	readonly citations: readonly Citation[];
	readonly cases: number;
}

/** Judges a row towards an outlet in every context. */
export const cellOf = (law: Law, casesOf: CasesOf, row: CatalogueRow, outlet: Outlet): Cell => {
	const rules = law.policy.release.filter((rule) => rule.outlet === outlet.id && rule.categories.includes(row.id));
	const cases = (rules.length === 0 ? [undefined] : rules).flatMap((rule) => casesOf(row, outlet, rule));
	const ordinary = cases.filter(({ context }) => changedFlags(context).length === 0).map(({ verdict }) => verdict);
	const effect = strictestUnlessReleased(ordinary);
	const opensWith = effect === "upload" ? [] : smallestOpenings(cases);
	return {
		category: row.id,
		outlet: outlet.id,
		effect,
		opensWith,
		closesWith: effect === "upload" ? closings(cases) : [],
		verdicts: ordinary,
		opened: openedVerdicts(cases, opensWith[0]),
		isAskedFor: !ordinary.some(({ reasons }) => reasons.some(({ code }) => code === "not-requested")),
		citations: row.citations,
		cases: cases.length,
	};
};

const strictestUnlessReleased = (verdicts: readonly Verdict[]): Effect => {
	if (verdicts.some(({ effect }) => effect === "upload")) return "upload";
	return verdicts.some(({ effect }) => effect === "drop") ? "drop" : "vault";
};

/** Sets of changed circumstances under which it leaves, without those that hold a smaller one. */
const smallestOpenings = (cases: readonly AbstractCase[]): readonly (readonly ContextFlag[])[] => {
	const smallest: (readonly ContextFlag[])[] = [];
	// The contexts come by how much differs, so a smaller set is met before the larger ones that hold it.
	for (const flags of cases
		.filter(({ verdict }) => verdict.effect === "upload")
		.map(({ context }) => changedFlags(context))
		.sort((a, b) => a.length - b.length)) {
		if (!smallest.some((known) => known.every((flag) => flags.includes(flag)))) smallest.push(flags);
	}
	return smallest;
};

const closings = (cases: readonly AbstractCase[]): readonly ContextFlag[] => {
	const single = cases.filter(({ context }) => changedFlags(context).length === 1);
	const open = new Set(single.filter(({ verdict }) => verdict.effect === "upload").flatMap(({ context }) => changedFlags(context)));
	return [...new Set(single.flatMap(({ context }) => changedFlags(context)))].filter((flag) => !open.has(flag));
};

const openedVerdicts = (cases: readonly AbstractCase[], opening: readonly ContextFlag[] | undefined): readonly Verdict[] =>
	opening === undefined
		? []
		: cases
				.filter(({ context, verdict }) => verdict.effect === "upload" && changedFlags(context).join() === opening.join())
				.map(({ verdict }) => verdict);
