/**
 * Judges one category towards one outlet under one rule. Pure: the same facts give the same verdict, and every verdict says which rule of
 * which text spoke and what would have to change.
 *
 * The order is: core data, halt, a stop by hand, unknown, distance (a unit never sends abroad by itself), the floor, staleness, then all that the floor and the
 * rule ask for, with place, conditions and quota. The strictest answer wins, and all that fails of the last group is named, not only the first.
 *
 * An authorisation stands in for the floor's requirement `authorisation` and for nothing else. A fact that is not handed in counts as the
 * strictest it could be; only a missing halt halts nothing.
 */
import type { CatalogueRow, Citation, Floor } from "../../shared/catalogue.ts";
import { isHalted } from "../../shared/halt.ts";
import type { Outlet } from "../../shared/outlet.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import { compareLevels, unknownCategoryId } from "../../shared/tag.ts";
import type { Reason, RouteAuthorisation, Verdict } from "../../shared/verdict.ts";
import { effectiveLevel, type Facts } from "./fleet.ts";
import type { JudgeFacts } from "./judge-facts.ts";
import { authorisationReasons, conditionReasons, requirementReasons } from "./requirements.ts";

/** V-13 and C-12: a vehicle does not transmit directly abroad; applied to roadside units by design (regulations section 10, point 8). */
const directAbroad: readonly Citation[] = [
	{ ref: "V-13", certainty: "T" },
	{ ref: "C-12", certainty: "T" },
];
const noFacts: Facts = new Map();

/**
 * Judges `row` towards `outlet` under `rule`, or without a rule when nothing asks for the data. `path` is the VSS path of a signal or the kind
 * of anything else; without it an authorisation must name all that the rule can release.
 */
export const judge = (row: CatalogueRow, outlet: Outlet, rule: ReleaseRule | undefined, facts: JudgeFacts, path?: string): Verdict => {
	const isHome = (jurisdiction: string): boolean => jurisdiction === facts.home || (facts.homes?.includes(jurisdiction) ?? false);
	const isAbroad = !isHome(outlet.jurisdiction) || !isHome(outlet.finalJurisdiction);
	const floor = isAbroad ? row.abroad : row.home;
	const stays = floor.effect === "upload" ? floor.otherwise : floor.effect;
	const level = effectiveLevel(row, facts.fleet ?? noFacts, facts.thresholds);
	const deny = (effect: "vault" | "drop", reasons: readonly Reason[]): Verdict => ({
		effect,
		outletId: outlet.id,
		ruleId: rule?.id,
		reasons,
	});

	if (level === "core") {
		return deny("drop", [{ code: "core-data", text: "Core data is never kept and never leaves.", citations: row.citations }]);
	}
	if (isHalted(facts.halt, outlet.id, row.id)) {
		const text = "A signed halt closes it: nothing of it leaves until a newer halt document opens it again.";
		return deny(stays, [{ code: "halted", text, citations: [{ ref: "G-30", certainty: "T" }] }]);
	}
	if (facts.isStopped?.(row.zone) === true) {
		const text = `Collection in the zone "${row.zone}" was stopped here; "kerbstone collection start" starts it again.`;
		return deny("drop", [{ code: "collection-stopped", text, citations: [{ ref: "S-03", certainty: "S" }] }]);
	}
	if (row.id === unknownCategoryId) {
		const text = "No row of the catalogue maps this; it is handled as important data until someone maps it.";
		return deny(stays, [{ code: "unknown-category", text, citations: row.citations }]);
	}
	if (!isHome(outlet.jurisdiction)) {
		const text = `The outlet's network peer is in ${outlet.jurisdiction}, home is ${facts.home}: a unit sends nothing directly abroad. Use an outlet at home.`;
		return deny(stays, [{ code: "direct-abroad", text, citations: directAbroad }]);
	}
	if (floor.effect !== "upload") {
		const code = floor.effect === "vault" ? "floor-vault" : "floor-drop";
		return deny(stays, [{ code, text: `The floor ${isAbroad ? "abroad" : "at home"} is: ${floor.text}.`, citations: row.citations }]);
	}
	if (rule === undefined) {
		return deny(stays, [
			{ code: "not-requested", text: "No release rule of the policy names it for this outlet.", citations: row.citations },
		]);
	}
	const isImportant = compareLevels(level, "important") >= 0;
	if (facts.policyStale && !row.statutory) {
		const effect = facts.staleEffect?.(row.id) ?? "drop";
		// Whatever a policy says of its own end, it cannot hold important data or anything abroad open.
		if (effect !== "continue" || isAbroad || isImportant) {
			const text = "The policy is past its notAfter; nothing but statutory and security-alarm flows leaves until a newer one is applied.";
			return deny(effect === "vault" ? "vault" : "drop", [{ code: "policy-stale", text, citations: [{ ref: "T-01", certainty: "own" }] }]);
		}
	}
	const asked = { row, level, floor, isAbroad, outlet, rule, facts, path, isHome };
	const { authorisation, reasons } = authorisationReasons(asked);
	const unmet = [...requirementReasons(asked), ...reasons, ...conditionReasons(asked)];
	if (unmet.length > 0) return deny(stays, unmet);
	return {
		effect: "upload",
		outletId: outlet.id,
		ruleId: rule.id,
		authorisation,
		reasons: [{ code: "released", text: describeRelease(rule, floor, authorisation), citations: row.citations }],
	};
};

const describeRelease = (rule: ReleaseRule, floor: Floor, authorisation: RouteAuthorisation | undefined): string => {
	const treated = rule.treatments.length === 0 ? "" : ` after ${rule.treatments.map((t) => t.type).join(", ")}`;
	const under = authorisation === undefined ? "" : ` under authorisation "${authorisation.id}"`;
	return `Rule "${rule.id}" releases it for purpose "${rule.purpose}"${treated}${under}; the floor is: ${floor.text}.`;
};
