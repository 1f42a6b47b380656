/**
 * What a floor and a rule ask for, one reason per thing that does not hold: treatments, consent, purpose, recipient, retention, destination,
 * authorisation with its lease, place, and conditions.
 */
import type { CatalogueRow, Floor, Requirement } from "../../shared/catalogue.ts";
import { compileCataloguePatterns } from "../../shared/catalogue-pattern.ts";
import type { Outlet } from "../../shared/outlet.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import { compareLevels, type Level } from "../../shared/tag.ts";
import type { Reason, RouteAuthorisation } from "../../shared/verdict.ts";
import type { JudgeFacts } from "./judge-facts.ts";

/** One question to the floor, as `judge` has worked it out. */
export interface Asked {
	readonly row: CatalogueRow;
	/** Risen where it has risen. */
	readonly level: Level;
	readonly floor: Floor;
	readonly isAbroad: boolean;
	readonly outlet: Outlet;
	readonly rule: ReleaseRule;
	readonly facts: JudgeFacts;
	readonly path: string | undefined;
	readonly isHome: (jurisdiction: string) => boolean;
}

/** Reasons for every requirement but the authorisation. */
export const requirementReasons = (asked: Asked): readonly Reason[] => asked.floor.requires.flatMap((need) => unmetReason(need, asked));

const unmetReason = (need: Requirement, { row, outlet, rule, facts, isAbroad, path }: Asked): readonly Reason[] => {
	const reason = (code: Reason["code"], text: string): readonly Reason[] => [{ code, text, citations: row.citations }];
	switch (need.need) {
		case "treatment": {
			const { minimum } = need;
			if (rule.treatments.some((treatment) => need.anyOf.includes(treatment.type) && isEnough(treatment, minimum))) return [];
			const least = minimum === undefined ? "" : ` with ${minimum.option} of at least ${minimum.value}`;
			return reason("needs-treatment", `Rule "${rule.id}" must treat it with one of: ${need.anyOf.join(", ")}${least}.`);
		}
		case "consent":
			return facts.hasConsent(row.id, rule.purpose, isAbroad)
				? []
				: reason(
						"needs-consent",
						`No live consent${isAbroad ? " to recipients abroad" : ""} is on record for category "${row.id}" and purpose "${rule.purpose}".`,
					);
		case "purpose":
			return need.anyOf.includes(rule.purpose)
				? []
				: reason("needs-purpose", `Purpose "${rule.purpose}" is not one of: ${need.anyOf.join(", ")}.`);
		case "qualified-recipient":
			return outlet.qualifiedSurveying
				? []
				: reason("needs-qualified-recipient", `Outlet "${outlet.id}" is not qualified for surveying and mapping data.`);
		case "pseudonymous-unit":
			// The configuration refuses unit ids that look like a VIN, so this holds for every unit that runs.
			return [];
		case "retention":
			return rule.retentionDays <= need.maxDays
				? []
				: reason(
						"needs-shorter-retention",
						`Rule "${rule.id}" allows ${rule.retentionDays} days with the recipient; at most ${need.maxDays} are allowed.`,
					);
		case "map-review":
			return rule.evidence?.mapReviewNo !== undefined || isExcepted(need.except, path)
				? []
				: reason("needs-map-review", `Rule "${rule.id}" must name the number of the map's review as evidence.mapReviewNo.`);
		case "geo-processing":
			return rule.evidence?.geoProcessing !== undefined || isExcepted(need.except, path)
				? []
				: reason(
						"needs-geo-processing",
						`Rule "${rule.id}" must name the recognised processing of coordinates and its certificate as evidence.geoProcessing.`,
					);
		case "destination":
			return need.noneOf.includes(outlet.finalJurisdiction) || need.noneOf.includes(outlet.jurisdiction)
				? reason("needs-other-destination", `Outlet "${outlet.id}" is read in ${outlet.finalJurisdiction}, which is ruled out.`)
				: [];
		case "authorisation":
			// Asked for apart, all of them of one authorisation.
			return [];
	}
};

/** A question without a path is about all of them. */
const isExcepted = (patterns: readonly string[] | undefined, path: string | undefined): boolean =>
	patterns !== undefined && path !== undefined && compileCataloguePatterns(patterns)(path);

const isEnough = (
	treatment: Readonly<Record<string, unknown>>,
	minimum: { readonly option: string; readonly value: number } | undefined,
): boolean => {
	if (minimum === undefined) return true;
	const value = Object.hasOwn(treatment, minimum.option) ? treatment[minimum.option] : undefined;
	return typeof value === "number" && value >= minimum.value;
};

/**
 * The authorisation that the floor needs, or why there is none; neither when the floor needs none. Important data abroad always needs one, also
 * where a level rose after the catalogue was written.
 */
export const authorisationReasons = (
	asked: Asked,
): { readonly authorisation: RouteAuthorisation | undefined; readonly reasons: readonly Reason[] } => {
	const { row, level, floor, isAbroad, outlet, rule, facts, isHome } = asked;
	const accepted = floor.requires.flatMap((need) => (need.need === "authorisation" ? [[need.pathway, ...(need.or ?? [])]] : []));
	if (accepted.length === 0 && isAbroad && compareLevels(level, "important") >= 0) accepted.push(["security-assessment"]);
	if (accepted.length === 0) return { authorisation: undefined, reasons: [] };
	const answer = facts.authorisations?.find({
		categoryId: row.id,
		level,
		isPersonal: isPersonal(row, level),
		accepted,
		outlet,
		purpose: rule.purpose,
		paths: pathsOf(asked),
		retentionDays: rule.retentionDays,
		handler: facts.handler,
		isHome,
		nowMs: facts.nowMs,
		facts: facts.fleet ?? new Map(),
		usesPathwayTable: (facts.usesPathwayTable ?? true) && isAbroad,
	});
	const reason = (code: Reason["code"], text: string): Reason => ({ code, text, citations: row.citations });
	if (answer?.covers === undefined) {
		const ways = accepted.map((some) => `"${some.join('" or "')}"`).join(" and ");
		const near = answer?.nearest === undefined ? "none is in force" : `the nearest is "${answer.nearest}", which does not fit`;
		return {
			authorisation: undefined,
			reasons: [
				reason("needs-authorisation", `It needs a signed authorisation by way of ${ways}; ${near}.`),
				...(answer?.mismatches ?? []).map(({ code, text }) => reason(code, text)),
			],
		};
	}
	const { id, quota } = answer.covers;
	const authorisation = { id, quota };
	if (facts.leaseAllows?.(authorisation) === true) return { authorisation, reasons: [] };
	const text = `The lease of authorisation "${id}" has nothing left, or how much is left is not known; a new signed lease is needed.`;
	return { authorisation: undefined, reasons: [{ code: "quota-used-up", text, citations: [{ ref: "G-06", certainty: "own" }] }] };
};

/** About people by its level, or because the floor asks a person. */
const isPersonal = (row: CatalogueRow, level: Level): boolean =>
	[row.level, level].some((each) => each === "personal" || each === "sensitive-personal") ||
	[...row.home.requires, ...row.abroad.requires].some(({ need }) => need === "consent");

/** What an authorisation must name: the reading's path; without one, all that the rule narrows to, or the row's kinds where it has no paths. */
const pathsOf = ({ path, rule, row }: Asked): readonly string[] => {
	if (path !== undefined) return [path];
	if (rule.paths !== undefined) return rule.paths;
	return row.match.paths.length === 0 ? row.match.kinds : [];
};

/** Place, time and network: what is not known does not hold. */
export const conditionReasons = ({ row, rule, facts }: Asked): readonly Reason[] => {
	const { conditions } = rule;
	if (conditions === undefined) return [];
	const found: Reason[] = [];
	const { places } = conditions;
	if (places !== undefined) {
		const inside = places.inside?.some((area) => facts.placeAllows?.(area, "inside") === true) ?? true;
		const outside = places.outside?.every((area) => facts.placeAllows?.(area, "outside") === true) ?? true;
		const text = `Rule "${rule.id}" holds in named places only, and the unit is not known to be in one.`;
		if (!inside || !outside) found.push({ code: "place-denied", text, citations: row.citations });
	}
	const asksMore = [conditions.hours, conditions.days, conditions.networks].some((part) => part !== undefined);
	if (asksMore && facts.conditionsHold?.(rule) !== true) {
		const text = `Rule "${rule.id}" holds at named hours, days or networks only, and they are not known to be now.`;
		found.push({ code: "conditions-unmet", text, citations: row.citations });
	}
	return found;
};
