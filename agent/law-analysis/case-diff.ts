/**
 * What two laws come to, case by case: a second look at a change of law, by verdicts alone.
 */
import type { CatalogueRow } from "../../shared/catalogue.ts";
import type { Outlet } from "../../shared/outlet.ts";
import { type PathClass, pathClasses } from "../../shared/path-classes.ts";
import { compilePathPatterns } from "../../shared/path-pattern.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import { caseMaker } from "./abstract-cases.ts";
import type { Basis } from "./basis.ts";
import { contextFlags } from "./context.ts";

export interface CaseDiff {
	/** Cases (category, outlet, purpose, path, context) that leave under the new law only. */
	readonly opened: readonly string[];
	/** Cases that leave under the old law only. */
	readonly closed: readonly string[];
}

/** Path classes of one comparison; with more, the paths of one category and purpose are taken as one. */
const maxClasses = 2_000;

/** Both laws are asked with what each has of authorisations and halt; contexts add to that. */
export const diffCases = (before: Basis, after: Basis): CaseDiff => {
	const patterns = new Map<string, Set<string>>();
	for (const rule of [...before.law.policy.release, ...after.law.policy.release]) {
		for (const category of rule.categories) {
			const key = keyOf(category, rule);
			patterns.set(key, new Set([...(patterns.get(key) ?? []), ...(rule.paths ?? [])]));
		}
	}
	const classes = new Map([...patterns].map(([key, set]) => [key, pathClasses([...set].slice(0, maxClasses))]));
	const [had, has] = [leaving(before, classes), leaving(after, classes)];
	return { opened: [...has].filter((each) => !had.has(each)), closed: [...had].filter((each) => !has.has(each)) };
};

const keyOf = (category: string, { outlet, purpose }: ReleaseRule): string => `${category} ${outlet} ${purpose}`;

/** Every case that leaves: within a purpose the first rule that names a path speaks for it. */
const leaving = (basis: Basis, classes: ReadonlyMap<string, readonly PathClass[]>): ReadonlySet<string> => {
	const casesOf = caseMaker(basis);
	const { catalogue, outlets, policy } = basis.law;
	const keys = new Set<string>();
	const contextsOf = (row: CatalogueRow, outlet: Outlet, rule: ReleaseRule): readonly string[] =>
		casesOf(row, outlet, rule)
			.filter(({ verdict }) => verdict.effect === "upload")
			.map(({ context }) => contextFlags.filter((flag) => context[flag]).join("+"));
	const rows = new Map(catalogue.rows.map((row) => [row.id, row]));
	const outletOf = new Map(outlets.outlets.map((outlet) => [outlet.id, outlet]));
	const heard = new Set<string>();
	for (const rule of policy.release) {
		const outlet = outletOf.get(rule.outlet);
		const matches = rule.paths === undefined ? () => true : compilePathPatterns(rule.paths);
		for (const category of outlet === undefined ? [] : new Set(rule.categories)) {
			const row = rows.get(category);
			const key = keyOf(category, rule);
			const fresh = (classes.get(key) ?? []).filter(({ sample, name }) => matches(sample) && !heard.has(`${key} ${name}`));
			const contexts = row === undefined || outlet === undefined || fresh.length === 0 ? [] : contextsOf(row, outlet, rule);
			for (const { name } of fresh) {
				heard.add(`${key} ${name}`);
				for (const context of contexts) keys.add(`${key}, ${name}, ${context || "nothing besides"}`);
			}
		}
	}
	return keys;
};
