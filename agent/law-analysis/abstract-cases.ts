/**
 * Every case that a law can meet, with its verdict: category x outlet x rule or none x context. Finite, since all that `judge` can be told is
 * in a context; the verdicts are `judge`'s own.
 */
import type { CatalogueRow } from "../../shared/catalogue.ts";
import type { Law } from "../../shared/law.ts";
import type { Outlet } from "../../shared/outlet.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import type { Verdict } from "../../shared/verdict.ts";
import { judge } from "../decide/judge.ts";
import type { JudgeFacts } from "../decide/judge-facts.ts";
import { abstractFacts, samplePath } from "./abstract-facts.ts";
import type { Basis } from "./basis.ts";
import { allContexts, type Context } from "./context.ts";

export interface AbstractCase {
	readonly row: CatalogueRow;
	readonly outlet: Outlet;
	/** Undefined: no rule asks for it. */
	readonly rule: ReleaseRule | undefined;
	readonly context: Context;
	readonly verdict: Verdict;
}

/** Cases that are gone through at the most; a law with more is not proved. */
export const maxCases = 20_000_000;

/** How many cases `abstractCases` goes through. */
export const countCases = (law: Law): number => {
	const known = new Set(law.catalogue.rows.map(({ id }) => id));
	const outlets = new Set(law.outlets.outlets.map(({ id }) => id));
	const asked = law.policy.release
		.filter(({ outlet }) => outlets.has(outlet))
		.reduce((sum, { categories }) => sum + new Set(categories.filter((id) => known.has(id))).size, 0);
	return (known.size * outlets.size + asked) * allContexts.length;
};

/** Gives the cases of one row towards one outlet under one rule or none: one per context, the ordinary one first. */
export type CasesOf = (row: CatalogueRow, outlet: Outlet, rule: ReleaseRule | undefined) => readonly AbstractCase[];

export const caseMaker = (basis: Basis): CasesOf => {
	const factsFor = abstractFacts(basis);
	const contexts: readonly (readonly [Context, JudgeFacts])[] = allContexts.map((context) => [context, factsFor(context)]);
	return (row, outlet, rule) =>
		contexts.map(([context, facts]) => ({
			row,
			outlet,
			rule,
			context,
			verdict: judge(row, outlet, rule, facts, samplePath(row, rule)),
		}));
};

/**
 * One after the other, in the law's order: an outlet, a row, no rule and then each rule that names the row and the outlet, and each context.
 * Rules that name what does not exist have no cases.
 */
export function* abstractCases(basis: Basis): Generator<AbstractCase> {
	const casesOf = caseMaker(basis);
	const { catalogue, outlets, policy } = basis.law;
	for (const outlet of outlets.outlets) {
		const rules = policy.release.filter((rule) => rule.outlet === outlet.id);
		for (const row of catalogue.rows) {
			for (const rule of [undefined, ...rules.filter(({ categories }) => categories.includes(row.id))]) yield* casesOf(row, outlet, rule);
		}
	}
}
