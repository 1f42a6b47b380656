/**
 * Compiles the law into a plan: per tag, the ready list of routes. Runs when the law, the consents or the catalogue change, never per
 * reading; a tag that is seen for the first time is compiled once.
 *
 * Where two rules release the same path to the same outlet for the same purpose, the first in the policy's order holds.
 */
import type { Catalogue, CatalogueRow } from "../../shared/catalogue.ts";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import type { Outlet } from "../../shared/outlet.ts";
import { compilePathPatterns } from "../../shared/path-pattern.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import type { Tag } from "../../shared/tag.ts";
import type { Decision, Outcome, ReasonCode, Route, RouteAuthorisation, Verdict } from "../../shared/verdict.ts";
import { judge } from "./judge.ts";
import type { JudgeFacts } from "./judge-facts.ts";

/** What the treatments of one rule come to; made by the treat stage and handed in. */
export interface CompiledTreatments {
	readonly steps: Route["steps"];
	readonly types: readonly string[];
	readonly precisionM: number;
	readonly outcome: Outcome;
}

export interface PlanInput {
	readonly catalogue: Catalogue;
	readonly rules: readonly ReleaseRule[];
	readonly outlets: readonly Outlet[];
	readonly facts: JudgeFacts;
	/** Called once per route, so that state between readings (a rate) is not shared between routes. */
	readonly compileTreatments: (rule: ReleaseRule) => CompiledTreatments;
	/** A plan of the same law, under other facts: its routes go on, with what their treatments know of earlier readings. */
	readonly previous?: Plan | undefined;
}

export interface Plan {
	/** Those that were compiled so far, by rule, category and authorisation. */
	readonly routes: ReadonlyMap<string, Route>;
	/** The decision for a tag of the tagger that was made from the same catalogue. */
	decisionFor(tag: Tag): Decision;
	/** Every verdict, one per outlet and matching rule, for a category and, where rules are narrowed by path, a path. */
	explain(categoryId: string, outletId: string, path?: string): readonly Verdict[];
}

interface CompiledRule {
	readonly rule: ReleaseRule;
	readonly outlet: Outlet;
	readonly matches: (path: string) => boolean;
}

/**
 * @throws KerbError LAW_INVALID when a rule names an outlet or a category that does not exist (every such problem is listed), and what
 * `compileTreatments` throws.
 */
export const compilePlan = (input: PlanInput): Plan => {
	const rows = new Map(input.catalogue.rows.map((row) => [row.id, row]));
	const rules = indexRules(resolveRules(input, rows));
	// Every rule's treatments are compiled once now, so that a law that cannot work is refused as a whole and not at the first reading.
	const unused = input.previous === undefined ? checkTreatments(input) : new Map<string, CompiledTreatments>();
	const routes = new Map(input.previous?.routes);
	const decisions: (Decision | undefined)[] = [];

	const routeFor = (compiled: CompiledRule, row: CatalogueRow, authorisation: RouteAuthorisation | undefined): Route => {
		const key = `${compiled.rule.id} ${row.id} ${authorisation?.id ?? ""}`;
		const known = routes.get(key);
		if (known !== undefined) return known;
		const { rule, outlet } = compiled;
		const { steps, types, precisionM, outcome } = unused.get(rule.id) ?? input.compileTreatments(rule);
		unused.delete(rule.id);
		const route: Route = {
			outletId: outlet.id,
			ruleId: rule.id,
			categoryId: row.id,
			purpose: rule.purpose,
			retentionDays: rule.retentionDays,
			steps,
			transforms: types,
			precisionM,
			outcome,
			authorisation,
			collect: rule.collect,
			evidence: rule.evidence,
		};
		routes.set(key, route);
		return route;
	};

	const compileDecision = (tag: Tag): Decision => {
		const row = rows.get(tag.categoryId);
		if (row === undefined) throw new KerbError("INTERNAL", `tag of category "${tag.categoryId}" under a catalogue that has no such row`);
		const ways: Route[] = [];
		const denials: Verdict[] = [];
		for (const outlet of input.outlets) {
			const asked = rulesFor(rules, outlet, row, tag.path);
			for (const compiled of asked) {
				const verdict = judge(row, outlet, compiled.rule, input.facts, tag.path);
				if (verdict.effect === "upload") ways.push(routeFor(compiled, row, verdict.authorisation));
				else denials.push(verdict);
			}
		}
		return { routes: ways, ...fate(row, denials) };
	};

	return {
		routes,
		decisionFor: (tag) => {
			const known = decisions[tag.index];
			if (known !== undefined) return known;
			const decision = compileDecision(tag);
			decisions[tag.index] = decision;
			return decision;
		},
		explain: (categoryId, outletId, path) => explain(input, rules, rows, { categoryId, outletId, path }),
	};
};

const resolveRules = (input: PlanInput, rows: ReadonlyMap<string, CatalogueRow>): readonly CompiledRule[] => {
	const outlets = new Map(input.outlets.map((outlet) => [outlet.id, outlet]));
	const problems: string[] = [];
	const compiled: CompiledRule[] = [];
	const ids = new Set<string>();
	for (const rule of input.rules) {
		const where = `release rule "${rule.id}"`;
		if (ids.has(rule.id)) problems.push(`${where}: the id is used twice`);
		ids.add(rule.id);
		for (const category of rule.categories) {
			if (!rows.has(category)) problems.push(`${where}: the catalogue has no category "${category}"`);
		}
		const outlet = outlets.get(rule.outlet);
		if (outlet === undefined) problems.push(`${where}: there is no outlet "${rule.outlet}"`);
		else compiled.push({ rule, outlet, matches: rule.paths === undefined ? () => true : compilePathPatterns(rule.paths) });
	}
	if (problems.length > 0)
		throw new KerbError("LAW_INVALID", `the policy does not fit the catalogue and the outlets: ${problems[0]}`, { problems });
	return compiled;
};

/** By rule; each is for one route only. */
const checkTreatments = ({ rules, compileTreatments }: PlanInput): Map<string, CompiledTreatments> => {
	const problems: string[] = [];
	const compiled = new Map<string, CompiledTreatments>();
	for (const rule of rules) {
		try {
			compiled.set(rule.id, compileTreatments(rule));
		} catch (error) {
			if (!isKerbError(error)) throw error;
			const lines = error.problems.length > 0 ? error.problems : [error.message];
			problems.push(...lines.map((line) => `release rule "${rule.id}": ${line}`));
		}
	}
	if (problems.length > 0) throw new KerbError("TREATMENT_INVALID", `the policy does not fit this build: ${problems[0]}`, { problems });
	return compiled;
};

/** Rules by outlet and category, in the policy's order. */
type RuleIndex = ReadonlyMap<string, readonly CompiledRule[]>;

const indexRules = (rules: readonly CompiledRule[]): RuleIndex => {
	const index = new Map<string, CompiledRule[]>();
	for (const compiled of rules) {
		for (const category of new Set(compiled.rule.categories)) {
			const key = `${compiled.outlet.id} ${category}`;
			const known = index.get(key);
			if (known === undefined) index.set(key, [compiled]);
			else known.push(compiled);
		}
	}
	return index;
};

/** The rules that ask for this path: the first per purpose. */
const rulesFor = (rules: RuleIndex, outlet: Outlet, row: CatalogueRow, path: string | undefined): readonly CompiledRule[] => {
	const purposes = new Set<string>();
	return (rules.get(`${outlet.id} ${row.id}`) ?? []).filter(({ rule, matches }) => {
		if (purposes.has(rule.purpose) || (path !== undefined && !matches(path))) return false;
		purposes.add(rule.purpose);
		return true;
	});
};

/** What becomes of a reading that has no route: the floor at home decides where it stays; a denied request says why, else nobody asked. */
const fate = (row: CatalogueRow, denials: readonly Verdict[]): { stays: "vault" | "drop"; reason: ReasonCode } => {
	const stays = row.home.effect === "upload" ? row.home.otherwise : row.home.effect;
	const denied = denials[0]?.reasons[0]?.code;
	if (row.level === "core") return { stays: "drop", reason: "core-data" };
	if (denied !== undefined) return { stays: denials.some((verdict) => verdict.effect === "drop") ? "drop" : stays, reason: denied };
	if (row.id === "unknown") return { stays, reason: "unknown-category" };
	if (row.home.effect !== "upload") return { stays, reason: row.home.effect === "vault" ? "floor-vault" : "floor-drop" };
	return { stays, reason: "not-requested" };
};

const explain = (
	input: PlanInput,
	rules: RuleIndex,
	rows: ReadonlyMap<string, CatalogueRow>,
	asked: { readonly categoryId: string; readonly outletId: string; readonly path: string | undefined },
): readonly Verdict[] => {
	const row = rows.get(asked.categoryId);
	const outlet = input.outlets.find(({ id }) => id === asked.outletId);
	if (row === undefined)
		throw new KerbError("USAGE", `the catalogue has no category "${asked.categoryId}"; "explain --list" prints those it has`);
	if (outlet === undefined) {
		throw new KerbError(
			"USAGE",
			`the law has no outlet "${asked.outletId}"; it has: ${input.outlets.map(({ id }) => id).join(", ") || "none"}`,
		);
	}
	const matching = rulesFor(rules, outlet, row, asked.path);
	if (matching.length === 0) return [judge(row, outlet, undefined, input.facts)];
	return matching.map(({ rule }) => judge(row, outlet, rule, input.facts, asked.path));
};
