/**
 * What is odd about single rules: never heard, never able to release, able to release with consent alone, or keeping for longer than the floor
 * allows.
 */
import type { CatalogueRow } from "../../shared/catalogue.ts";
import { pathClasses } from "../../shared/path-classes.ts";
import { compilePathPatterns } from "../../shared/path-pattern.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import type { AbstractCase, CasesOf } from "./abstract-cases.ts";
import { type Basis, homesOf } from "./basis.ts";
import { changedFlags } from "./context.ts";
import type { Finding } from "./finding.ts";

/** Tests of one path against one pattern list; a rule that would need more is not looked at. */
const maxSteps = 1_000_000;

const placeOf = (rule: ReleaseRule): string => `policy.release.${rule.id}`;

/** Rules that are never the first to speak for any path of any of their categories. */
export const shadowedRules = ({ law }: Basis): readonly Finding[] => {
	const speakers = law.policy.release.map((rule) => ({
		rule,
		patterns: rule.paths ?? [],
		matches: rule.paths === undefined ? () => true : compilePathPatterns(rule.paths),
	}));
	return speakers.flatMap(({ rule, patterns, matches }, index) => {
		const earlier = speakers.slice(0, index).filter((other) => other.rule.outlet === rule.outlet && other.rule.purpose === rule.purpose);
		const by = new Set<string>();
		const isHeard = [...new Set(rule.categories)].some((category) => {
			const before = earlier.filter((other) => other.rule.categories.includes(category));
			const classes = pathClasses([...patterns, ...before.flatMap((other) => other.patterns)]);
			if (classes.length * (before.length + 1) > maxSteps) return true;
			return classes.some(({ sample }) => {
				if (!matches(sample)) return false;
				const first = before.find((other) => other.matches(sample));
				if (first !== undefined) by.add(first.rule.id);
				return first === undefined;
			});
		});
		if (isHeard) return [];
		const names = [...by].map((id) => `"${id}"`).join(", ");
		const text = `Rule "${rule.id}" is never heard: for the same outlet and purpose ${names} speaks first for all that it names. Move it up, or remove it.`;
		return [{ severity: "warning", code: "shadowed-rule", where: placeOf(rule), text }];
	});
};

/** Rules, and categories of rules, that nothing in any context can make leave, and those that only a consent can. */
export const reachOfRules = (basis: Basis, casesOf: CasesOf): readonly Finding[] => {
	const rows = new Map(basis.law.catalogue.rows.map((row) => [row.id, row]));
	const outlets = new Map(basis.law.outlets.outlets.map((outlet) => [outlet.id, outlet]));
	return basis.law.policy.release.flatMap((rule) => {
		const outlet = outlets.get(rule.outlet);
		if (outlet === undefined) return [];
		const judged = [...new Set(rule.categories)].flatMap((id) => {
			const row = rows.get(id);
			return row === undefined ? [] : [{ id, reach: reachOf(casesOf(row, outlet, rule)) }];
		});
		return [...unreachable(rule, judged), ...consentOnly(rule, judged)];
	});
};

interface Reach {
	readonly canLeave: boolean;
	readonly onlyWithConsent: boolean;
	/** Why it cannot, in the context that comes nearest. */
	readonly why: readonly string[];
}

const reachOf = (cases: readonly AbstractCase[]): Reach => {
	const leaving = cases.filter(({ verdict }) => verdict.effect === "upload");
	const fewest = [...cases].sort((a, b) => a.verdict.reasons.length - b.verdict.reasons.length || blame(a) - blame(b))[0];
	return {
		canLeave: leaving.length > 0,
		onlyWithConsent: leaving.length > 0 && leaving.every(({ context }) => context.consent),
		why: fewest?.verdict.reasons.map(({ text }) => text) ?? [],
	};
};

/** A halt or a stale policy is an answer that says nothing of the rule. */
const blame = ({ context, verdict }: AbstractCase): number =>
	(verdict.reasons.some(({ code }) => code === "halted" || code === "policy-stale") ? 100 : 0) + changedFlags(context).length;

type Judged = readonly { readonly id: string; readonly reach: Reach }[];

const unreachable = (rule: ReleaseRule, judged: Judged): readonly Finding[] => {
	const dead = judged.filter(({ reach }) => !reach.canLeave);
	const explain = ({ id, reach }: Judged[number]): string => `${id}: ${reach.why.join(" ")}`;
	if (dead.length > 0 && dead.length === judged.length) {
		const text = `Rule "${rule.id}" can release nothing under any circumstances. ${dead.map(explain).join(" ")}`;
		return [{ severity: "warning", code: "unreachable-rule", where: placeOf(rule), text }];
	}
	return dead.map((one) => ({
		severity: "warning",
		code: "unreachable-category",
		where: placeOf(rule),
		text: `Rule "${rule.id}" can never release this category. ${explain(one)}`,
	}));
};

const consentOnly = (rule: ReleaseRule, judged: Judged): readonly Finding[] => {
	const waiting = judged.filter(({ reach }) => reach.onlyWithConsent).map(({ id }) => id);
	if (waiting.length === 0) return [];
	const text = `Rule "${rule.id}" releases ${waiting.join(", ")} only with a live consent for purpose "${rule.purpose}".`;
	return [{ severity: "note", code: "needs-consent-only", where: placeOf(rule), text }];
};

/** Rules that let a recipient keep data for longer than the floor allows. */
export const retentionAboveFloor = (basis: Basis): readonly Finding[] => {
	const rows = new Map(basis.law.catalogue.rows.map((row) => [row.id, row]));
	const homes = homesOf(basis);
	return basis.law.policy.release.flatMap((rule) => {
		const outlet = basis.law.outlets.outlets.find(({ id }) => id === rule.outlet);
		if (outlet === undefined) return [];
		const isAbroad = !homes.includes(outlet.finalJurisdiction);
		return [...new Set(rule.categories)].flatMap((id): readonly Finding[] => {
			const most = mostDays(rows.get(id), isAbroad);
			if (rule.retentionDays <= most) return [];
			const text = `Rule "${rule.id}" allows ${rule.retentionDays} days with the recipient; the floor of ${id} allows ${most}.`;
			return [{ severity: "error", code: "retention-above-floor", where: placeOf(rule), text }];
		});
	});
};

const mostDays = (row: CatalogueRow | undefined, isAbroad: boolean): number =>
	((isAbroad ? row?.abroad : row?.home)?.requires ?? []).reduce(
		(least, need) => (need.need === "retention" ? Math.min(least, need.maxDays) : least),
		Number.POSITIVE_INFINITY,
	);
