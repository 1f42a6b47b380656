/**
 * Compares what two laws release: per category, outlet and purpose, and there per class of paths, what leaves under the one and under the
 * other. Rules are compared by what they do: renaming, splitting or moving a rule without effect finds nothing.
 *
 * Whether a rule can release at all is told from what stands in the law (floor, treatments, purpose, retention, qualification, distance);
 * consent, authorisation, time, place and network are taken as given, since they can come true. `judge` decides on the unit; a property test
 * holds that every case which it opens is found here.
 */
import type { CatalogueRow } from "./catalogue.ts";
import type { Law } from "./law.ts";
import type { Outlet } from "./outlet.ts";
import { pathClasses } from "./path-classes.ts";
import { compilePathPatterns } from "./path-pattern.ts";
import type { ReleaseRule } from "./policy.ts";
import { compareRules, type ResolvedRule } from "./rule-strictness.ts";
import { arrival, canonicalJson, departure, type Finding, reverse, sameJson, unsure } from "./strictness.ts";
import { unknownCategoryId } from "./tag.ts";

export interface ReleaseFinding {
	readonly category: string;
	readonly outlet: string;
	readonly purpose: string;
	/** Classes of paths that it is about; empty for all paths. */
	readonly paths: readonly string[];
	/** What must hold besides the law before anything leaves: consent, authorisation, conditions. */
	readonly context: readonly string[];
	readonly finding: Finding;
}

/** The parts of a law that this reads. */
export type ReleaseLaw = Pick<Law, "catalogue" | "policy" | "outlets">;

/** Comparisons of one path class with one rule; beyond it the answer is "unsure". */
const maxSteps = 2_000_000;

interface Side {
	readonly row: CatalogueRow | undefined;
	readonly outlet: Outlet | undefined;
	/** The jurisdictions that are home: one, or the states of a union. */
	readonly home: readonly string[];
	/** In the policy's order. */
	readonly rules: readonly ResolvedRule[];
}

/** Every difference in what leaves, in a fixed order. */
export const compareReleases = (before: ReleaseLaw, after: ReleaseLaw): readonly ReleaseFinding[] => {
	const [a, b] = [indexLaw(before), indexLaw(after)];
	return [...new Set([...a.triples.keys(), ...b.triples.keys()])].sort().flatMap((key) => {
		const [category = "", outlet = "", purpose = ""] = JSON.parse(key) as string[];
		const sides = [a, b].map((side) => side.sideOf(key, category, outlet)) as [Side, Side];
		if (sameJson(sides[0], sides[1])) return [];
		return compareSides(...sides).map(({ paths, finding }) => ({ category, outlet, purpose, paths, context: contextOf(sides), finding }));
	});
};

const indexLaw = ({ catalogue, policy, outlets }: ReleaseLaw) => {
	const rows = new Map(catalogue.rows.map((row) => [row.id, row]));
	const outletOf = new Map(outlets.outlets.map((outlet) => [outlet.id, outlet]));
	const collectOf = new Map((policy.collect ?? []).map((rule) => [rule.id, rule]));
	const triples = new Map<string, ResolvedRule[]>();
	for (const rule of policy.release) {
		const collect = rule.collect?.flatMap((id) => collectOf.get(id) ?? []);
		for (const category of new Set(rule.categories)) {
			const key = JSON.stringify([category, rule.outlet, rule.purpose]);
			triples.set(key, [...(triples.get(key) ?? []), { rule, collect }]);
		}
	}
	return {
		triples,
		sideOf: (key: string, category: string, outlet: string): Side => ({
			row: rows.get(category),
			outlet: outletOf.get(outlet),
			home: [catalogue.jurisdiction, ...(catalogue.jurisdictions ?? [])],
			rules: triples.get(key) ?? [],
		}),
	};
};

interface PathFinding {
	readonly paths: readonly string[];
	readonly finding: Finding;
}

const compareSides = (before: Side, after: Side): readonly PathFinding[] => {
	const patterns = [...before.rules, ...after.rules].flatMap(({ rule }) => rule.paths ?? []);
	const classes = pathClasses(patterns);
	if (classes.length * (before.rules.length + after.rules.length) > maxSteps)
		return [{ paths: [], finding: { direction: "unsure", part: "paths", before: "too many to compare", after: "too many to compare" } }];
	const [chainBefore, chainAfter] = [before, after].map(chainOf) as [ChainOf, ChainOf];
	const asksPermission = needsPermission(before) || needsPermission(after);
	const found = new Map<string, { readonly finding: Finding; readonly paths: string[] }>();
	for (const { sample, name } of classes) {
		for (const finding of compareChains(chainBefore(sample), chainAfter(sample), asksPermission)) {
			const key = canonicalJson(finding);
			const known = found.get(key);
			if (known === undefined) found.set(key, { finding, paths: [name] });
			else known.paths.push(name);
		}
	}
	return [...found.values()].map(({ finding, paths }) => ({ finding, paths: paths.length === classes.length ? [] : paths }));
};

/** A rule that speaks for a path, and whether it could ever release it. */
interface Link extends ResolvedRule {
	readonly isAlive: boolean;
}
type ChainOf = (path: string) => readonly Link[];

/** The rules that speak for a path up to the first that always does; within a purpose no later one is heard. */
const chainOf = (side: Side): ChainOf => {
	const links = side.rules.map((resolved) => ({
		...resolved,
		isAlive: couldLeave(side, resolved.rule),
		matches: resolved.rule.paths === undefined ? () => true : compilePathPatterns(resolved.rule.paths),
	}));
	return (path) => {
		const speaking = links.filter(({ matches }) => matches(path));
		const last = speaking.findIndex(({ rule }) => rule.conditions === undefined);
		const chain = last === -1 ? speaking : speaking.slice(0, last + 1);
		return chain.some(({ isAlive }) => isAlive) ? chain : [];
	};
};

const compareChains = (before: readonly Link[], after: readonly Link[], asksPermission: boolean): readonly Finding[] => {
	if (before.length > after.length) return reverse(compareChains(after, before, asksPermission));
	const shared = before.flatMap((link, index) => {
		const other = after[index];
		return other === undefined ? [] : compareLinks(link, other, asksPermission);
	});
	const surplus = after.slice(before.length).filter(({ isAlive }) => isAlive);
	// When the rules before it changed too, a later rule may now stand in for an earlier one, and nobody can tell what that comes to.
	const direction = shared.length === 0 ? "wider" : "unsure";
	return [...shared, ...surplus.map(({ rule }) => arrival(direction, "rule", rule.id))];
};

const compareLinks = (before: Link, after: Link, asksPermission: boolean): readonly Finding[] => {
	if (!before.isAlive && !after.isAlive) return [];
	if (!before.isAlive) return [arrival("wider", "rule", after.rule.id)];
	if (!after.isAlive) return [departure("narrower", "rule", before.rule.id)];
	const findings = compareRules(before, after);
	if (!asksPermission) return findings;
	// An authorisation holds for an exact scope, so a rule that asks for less may be the first that one fits, and one that asks for more the
	// first that none fits.
	return [
		...findings.map((finding) => ({ ...finding, direction: "unsure" }) as const),
		...unsure(before.rule.paths, after.rule.paths, "paths"),
	];
};

const isExport = ({ outlet, home }: Side): boolean => outlet === undefined || !home.includes(outlet.finalJurisdiction);

const floorOf = (side: Side) => (isExport(side) ? side.row?.abroad : side.row?.home);

/** Whether an authorisation may have a say: abroad it may for what facts make of the data, whatever the floor itself asks for. */
const needsPermission = (side: Side): boolean =>
	isExport(side) || floorOf(side)?.requires.some(({ need }) => need === "authorisation") === true;

/** False when nothing but another law could make it leave. True is no promise. */
const couldLeave = (side: Side, rule: ReleaseRule): boolean => {
	const { row, outlet, home } = side;
	const floor = floorOf(side);
	if (row === undefined || outlet === undefined || floor === undefined) return false;
	if (row.level === "core" || row.id === unknownCategoryId || !home.includes(outlet.jurisdiction) || floor.effect !== "upload")
		return false;
	return floor.requires.every((need) => {
		switch (need.need) {
			case "treatment":
				return rule.treatments.some((treatment) => need.anyOf.includes(treatment.type) && reachesMinimum(treatment, need.minimum));
			case "purpose":
				return need.anyOf.includes(rule.purpose);
			case "qualified-recipient":
				return outlet.qualifiedSurveying;
			case "retention":
				return rule.retentionDays <= need.maxDays;
			case "destination":
				return !need.noneOf.includes(outlet.finalJurisdiction) && !need.noneOf.includes(outlet.jurisdiction);
			case "map-review":
				return need.except !== undefined || rule.evidence?.mapReviewNo !== undefined;
			case "geo-processing":
				return need.except !== undefined || rule.evidence?.geoProcessing !== undefined;
			default:
				return true;
		}
	});
};

const reachesMinimum = (
	treatment: Readonly<Record<string, unknown>>,
	minimum: { readonly option: string; readonly value: number } | undefined,
): boolean => {
	const given = minimum === undefined ? undefined : treatment[minimum.option];
	return minimum === undefined || (typeof given === "number" && given >= minimum.value);
};

/** What the looser of both asks besides the law. */
const contextOf = (sides: readonly Side[]): readonly string[] => {
	const needs = sides.flatMap((side) => {
		const asked = floorOf(side)?.requires.map(({ need }) => need) ?? [];
		return asked.filter((need) => need === "consent" || need === "authorisation");
	});
	const conditional = sides.some(({ rules }) => rules.some(({ rule }) => rule.conditions !== undefined));
	return [...new Set([...needs, ...(conditional ? ["conditions"] : [])])].sort();
};
