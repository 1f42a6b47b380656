/**
 * Judges one category towards one outlet under one rule. Pure: the same facts give the same verdict, and every verdict says which rule of
 * which text spoke and what would have to change.
 *
 * The order is: core data, distance (a device never sends abroad by itself), staleness, the floor, the floor's requirements. The strictest
 * answer wins, and all requirements that fail are named, not only the first.
 */
import type { CatalogueRow, Citation, Floor, Requirement } from "../../shared/catalogue.ts";
import type { Outlet } from "../../shared/outlet.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import { unknownCategoryId } from "../../shared/tag.ts";
import type { Reason, Verdict } from "../../shared/verdict.ts";

export interface JudgeFacts {
	/** Home jurisdiction, ISO 3166-1 alpha-2. */
	readonly home: string;
	/** The policy's term is over, or time itself cannot be trusted. */
	readonly policyStale: boolean;
	/** True when a live consent for this category and purpose is on record. */
	readonly hasConsent: (categoryId: string, purpose: string) => boolean;
}

/** V-13 and C-12: a vehicle does not transmit directly abroad; applied to roadside units by design (regulations section 10, point 8). */
const directAbroad: readonly Citation[] = [
	{ ref: "V-13", certainty: "T" },
	{ ref: "C-12", certainty: "T" },
];

/** Judges `row` towards `outlet` under `rule`, or without a rule when nothing asks for the data. */
export const judge = (row: CatalogueRow, outlet: Outlet, rule: ReleaseRule | undefined, facts: JudgeFacts): Verdict => {
	const isAbroad = outlet.jurisdiction !== facts.home || outlet.finalJurisdiction !== facts.home;
	const floor = isAbroad ? row.abroad : row.home;
	const stays = floor.effect === "upload" ? floor.otherwise : floor.effect;
	const deny = (effect: "vault" | "drop", reasons: readonly Reason[]): Verdict => ({
		effect,
		outletId: outlet.id,
		ruleId: rule?.id,
		reasons,
	});

	if (row.level === "core") {
		return deny("drop", [{ code: "core-data", text: "Core data is never kept and never leaves.", citations: row.citations }]);
	}
	if (row.id === unknownCategoryId) {
		const text = "No row of the catalogue maps this; it is handled as important data until someone maps it.";
		return deny(stays, [{ code: "unknown-category", text, citations: row.citations }]);
	}
	if (outlet.jurisdiction !== facts.home) {
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
	if (facts.policyStale && !row.statutory) {
		const text = "The policy is past its notAfter; nothing but statutory and security-alarm flows leaves until a newer one is applied.";
		return deny(stays, [{ code: "policy-stale", text, citations: [{ ref: "T-01", certainty: "own" }] }]);
	}
	const unmet = floor.requires.flatMap((need) => unmetReason(need, row, outlet, rule, facts));
	if (unmet.length > 0) return deny(stays, unmet);
	return {
		effect: "upload",
		outletId: outlet.id,
		ruleId: rule.id,
		reasons: [{ code: "released", text: describeRelease(rule, floor), citations: row.citations }],
	};
};

const describeRelease = (rule: ReleaseRule, floor: Floor): string =>
	`Rule "${rule.id}" releases it for purpose "${rule.purpose}"${rule.treatments.length === 0 ? "" : ` after ${rule.treatments.map((t) => t.type).join(", ")}`}; the floor is: ${floor.text}.`;

/** No reason when the requirement holds; one reason when it does not. */
const unmetReason = (need: Requirement, row: CatalogueRow, outlet: Outlet, rule: ReleaseRule, facts: JudgeFacts): readonly Reason[] => {
	const reason = (code: Reason["code"], text: string): readonly Reason[] => [{ code, text, citations: row.citations }];
	switch (need.need) {
		case "treatment":
			return rule.treatments.some((treatment) => need.anyOf.includes(treatment.type))
				? []
				: reason("needs-treatment", `Rule "${rule.id}" must treat it with one of: ${need.anyOf.join(", ")}.`);
		case "consent":
			return facts.hasConsent(row.id, rule.purpose)
				? []
				: reason("needs-consent", `No live consent is on record for category "${row.id}" and purpose "${rule.purpose}".`);
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
		case "authorisation":
			return reason("needs-authorisation", `It needs a signed authorisation by way of "${need.pathway}"; none is in force.`);
	}
};
