/**
 * A second opinion on whether a category may leave, written as one list of things that forbid it, from the law's documents alone. It shares
 * no code with `agent/decide`; it is slower, and knows only the authorisations that the generator makes.
 */
import type { CatalogueRow } from "../../shared/catalogue.ts";
import type { Outlet } from "../../shared/outlet.ts";
import type { ReleaseRule } from "../../shared/policy.ts";

export interface World {
	readonly rows: readonly CatalogueRow[];
	readonly outlets: readonly Outlet[];
	readonly rules: readonly ReleaseRule[];
	readonly authorisations: readonly Record<string, unknown>[];
	readonly home: string;
	readonly nowMs: number;
	readonly handler: string;
	readonly stale: boolean;
	readonly staleEffects: Readonly<Record<string, string>>;
	/** "category purpose". */
	readonly consents: readonly string[];
	readonly facts: Readonly<Record<string, number>>;
	readonly halt: { readonly all: boolean; readonly outlets: readonly string[]; readonly categories: readonly string[] };
	readonly insideOf: readonly string[];
	readonly networkHolds: boolean;
	readonly leasesLeft: boolean;
}

const rank = { general: 0, personal: 1, "sensitive-personal": 2, important: 3, core: 4 } as const;

/** Everything that speaks against this rule letting this row out to its outlet; empty when nothing does. */
export const objections = (world: World, row: CatalogueRow, rule: ReleaseRule, path: string): readonly string[] => {
	const outlet = world.outlets.find((each) => each.id === rule.outlet);
	if (outlet === undefined) return ["no outlet"];
	const abroad = outlet.finalJurisdiction !== world.home;
	const floor = abroad ? row.abroad : row.home;
	const level = Math.max(rank[row.level], risen(world, row) ? rank[row.canRiseTo ?? row.level] : 0);
	const against: [boolean, string][] = [
		[row.id === "unknown", "unknown"],
		[level === rank.core, "core"],
		[outlet.jurisdiction !== world.home, "direct"],
		[floor.effect !== "upload", "floor"],
		[!rule.categories.includes(row.id), "not asked"],
		[world.halt.all || world.halt.outlets.includes(outlet.id) || world.halt.categories.includes(row.id), "halt"],
		[world.stale && !row.statutory && (world.staleEffects[row.id] !== "continue" || abroad || level >= rank.important), "stale"],
		[rule.conditions?.networks !== undefined && !world.networkHolds, "network"],
		[
			rule.conditions?.places?.inside !== undefined && !rule.conditions.places.inside.some((area) => world.insideOf.includes(area)),
			"place",
		],
	];
	for (const need of floor.requires) {
		if (need.need === "consent") against.push([!world.consents.includes(`${row.id} ${rule.purpose}`), "consent"]);
		if (need.need === "purpose") against.push([need.anyOf.indexOf(rule.purpose) === -1, "purpose"]);
		if (need.need === "qualified-recipient") against.push([outlet.qualifiedSurveying === false, "qualified"]);
		if (need.need === "retention") against.push([rule.retentionDays > need.maxDays, "retention"]);
		if (need.need === "destination") against.push([need.noneOf.includes(outlet.finalJurisdiction), "destination"]);
		if (need.need === "map-review") against.push([rule.evidence?.mapReviewNo === undefined && !isNamed(need.except, path), "review"]);
		if (need.need === "geo-processing") against.push([!rule.evidence?.geoProcessing && !isNamed(need.except, path), "processing"]);
		if (need.need === "treatment") {
			const enough = rule.treatments.filter(
				(treatment) =>
					need.anyOf.includes(treatment.type) && (!need.minimum || Number(treatment[need.minimum.option]) >= need.minimum.value),
			);
			against.push([enough.length === 0, "treatment"]);
		}
	}
	const ways = floor.requires.flatMap((need) => (need.need === "authorisation" ? [[need.pathway, ...(need.or ?? [])]] : []));
	if (ways.length > 0 || (abroad && level >= rank.important)) {
		const asked = ways.length > 0 ? ways : [["security-assessment"]];
		against.push([!world.leasesLeft, "lease"]);
		against.push([
			!world.authorisations.some((each) => fits(world, each, { row, level, outlet, rule, path, asked, abroad })),
			"authorisation",
		]);
	}
	return against.filter(([holds]) => holds).map(([, name]) => name);
};

const isNamed = (patterns: readonly string[] | undefined, path: string): boolean =>
	(patterns ?? []).some((pattern) => pattern.replaceAll("\\.", ".") === path);

const risen = (world: World, row: CatalogueRow): boolean => {
	if (row.canRiseTo === undefined) return false;
	if (row.raisedByFact === undefined) return true;
	const fact = world.facts[row.raisedByFact.fact];
	const threshold = row.thresholds[0]?.value ?? null;
	return fact === undefined || threshold === null || fact > threshold;
};

interface Scope {
	readonly row: CatalogueRow;
	readonly level: number;
	readonly outlet: Outlet;
	readonly rule: ReleaseRule;
	readonly path: string;
	readonly asked: readonly (readonly string[])[];
	readonly abroad: boolean;
}

/** The generator's records differ from a sound one only in what is looked at here. */
const fits = (world: World, given: Record<string, unknown>, scope: Scope): boolean => {
	const { row, level, outlet, rule, path, asked, abroad } = scope;
	const list = (name: string): readonly unknown[] => (Array.isArray(given[name]) ? (given[name] as unknown[]) : []);
	const instant = (name: string): number => Date.parse(String(given[name]));
	const way = String(given.pathway);
	const facts = world.facts;
	const personal = rank[row.level] === 1 || rank[row.level] === 2 || level === 1 || level === 2;
	const asksPerson = [...row.home.requires, ...row.abroad.requires].some(({ need }) => need === "consent");
	if ((personal || asksPerson) && given.consentRef === undefined && way !== "exempt:E4") return false;
	if (!asked.every((ways) => ways.includes(way.toLowerCase().replace(":", "-")))) return false;
	if (!list("categories").includes(row.id) || !list("purposes").includes(rule.purpose)) return false;
	if (!list("fields").some((field) => field === path || (String(field).endsWith(".*") && path.startsWith(String(field).slice(0, -1)))))
		return false;
	if (given.handler !== world.handler || given.jurisdiction !== outlet.finalJurisdiction) return false;
	if (outlet.recipients.some((each) => each.x25519 !== given.recipientKey || each.name !== given.recipientId)) return false;
	if (Number(given.retentionAbroadDays) < rule.retentionDays) return false;
	if (new Set((given.approvals as { approver: string }[]).map(({ approver }) => approver)).size < 2) return false;
	if (world.nowMs < instant("notBefore") || world.nowMs >= instant("notAfter")) return false;
	if (world.nowMs >= Date.parse((given.quota as { notAfter: string }).notAfter)) return false;
	const important = level >= rank.important;
	if (way.startsWith("exempt:") && important && !(/E[789]$/.test(way) && facts[`otherwise-important.${row.id}`] === 0)) return false;
	if (way === "exempt:E5" && level >= rank["sensitive-personal"]) return false;
	if (!abroad || way === "security-assessment" || (way.startsWith("exempt:") && way !== "exempt:E5")) return true;
	if (important) return false;
	if (level === rank.general) return true;
	// Counts of the handler that are not known are too high.
	const [ciio, persons, sensitive] = ["handler.ciio", "handler.persons", "handler.sensitive-persons"].map((id) => facts[id]);
	const low = ciio === 0 && persons !== undefined && persons < 1_000_000 && sensitive !== undefined && sensitive < 10_000;
	return way === "exempt:E5" ? low && persons < 100_000 && sensitive === 0 : low;
};
