/**
 * What two laws come to, case by case: a second look at a change of law, by verdicts alone.
 */
import { abstractCases } from "./abstract-cases.ts";
import type { Basis } from "./basis.ts";
import { contextFlags } from "./context.ts";

export interface CaseDiff {
	/** Cases (category, outlet, purpose, context) that leave under the new law only. */
	readonly opened: readonly string[];
	/** Cases that leave under the old law only. */
	readonly closed: readonly string[];
}

/** Both laws are asked with what each has of authorisations and halt; contexts add to that. */
export const diffCases = (before: Basis, after: Basis): CaseDiff => {
	const [had, has] = [leaving(before), leaving(after)];
	return { opened: [...has].filter((each) => !had.has(each)), closed: [...had].filter((each) => !has.has(each)) };
};

const leaving = (basis: Basis): ReadonlySet<string> => {
	const keys = new Set<string>();
	for (const { row, outlet, rule, context, verdict } of abstractCases(basis)) {
		if (verdict.effect !== "upload") continue;
		const circumstances = contextFlags.filter((flag) => context[flag]).join("+");
		keys.add(`${row.id} ${outlet.id} ${rule?.purpose ?? ""} ${circumstances}`);
	}
	return keys;
};
