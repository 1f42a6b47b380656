/**
 * Explains one question to a law: the verdict of every rule that speaks, and what evidence would change it.
 */
import type { Pathway } from "../../shared/authorisation.ts";
import type { CatalogueRow, Floor, Requirement } from "../../shared/catalogue.ts";
import { KerbError } from "../../shared/errors.ts";
import type { Outlet } from "../../shared/outlet.ts";
import type { Reason, Verdict } from "../../shared/verdict.ts";
import { judge } from "../decide/judge.ts";
import { compilePlan } from "../decide/plan.ts";
import { abstractFacts, samplePath } from "./abstract-facts.ts";
import { type Basis, homesOf } from "./basis.ts";
import type { Context } from "./context.ts";
import { evidenceFields, fittingBook } from "./fitting-authorisation.ts";
import { needWords } from "./floor-proof.ts";

export interface CaseQuestion {
	readonly categoryId: string;
	readonly outletId: string;
	/** The VSS path of a signal, or the kind of anything else. */
	readonly path: string | undefined;
}

export interface Change {
	/** The reason that it would take away. */
	readonly of: Reason["code"];
	readonly text: string;
	/** For an authorisation: each pathway that is open and the evidence it must carry. */
	readonly pathways?: readonly { readonly pathway: Pathway; readonly evidence: readonly string[] }[];
}

export interface ExplainedVerdict {
	readonly verdict: Verdict;
	/** All of these together would make it leave; empty when it leaves, or when nothing but another law can. */
	readonly changes: readonly Change[];
}

/** @throws KerbError USAGE for an unknown category or outlet; LAW_INVALID when the law does not fit together. */
export const explainCase = (basis: Basis, context: Context, asked: CaseQuestion): readonly ExplainedVerdict[] => {
	const { catalogue, policy, outlets } = basis.law;
	const row = catalogue.rows.find(({ id }) => id === asked.categoryId);
	const outlet = outlets.outlets.find(({ id }) => id === asked.outletId);
	const facts = abstractFacts(basis)(context);
	const plan = compilePlan({
		catalogue,
		rules: policy.release,
		outlets: outlets.outlets,
		facts,
		compileTreatments: () => ({ steps: [], types: [], precisionM: 0, outcome: "uploaded" }),
	});
	// Which rules speak is the plan's to say; without a path an authorisation is asked about one that stands for all of them.
	const speaking = plan.explain(asked.categoryId, asked.outletId, asked.path);
	if (row === undefined || outlet === undefined)
		throw new KerbError("INTERNAL", "the plan explained a category or outlet that the law has not");
	const floor = homesOf(basis).includes(outlet.finalJurisdiction) ? row.home : row.abroad;
	return speaking.map(({ ruleId }) => {
		const rule = policy.release.find(({ id }) => id === ruleId);
		const path = asked.path ?? samplePath(row, rule);
		let open: readonly Pathway[] = [];
		const book = fittingBook((_question, ways) => {
			open = ways;
		});
		judge(row, outlet, rule, abstractFacts(basis, book)({ ...context, authorisation: true }), path);
		const verdict = judge(row, outlet, rule, facts, path);
		return { verdict, changes: verdict.effect === "upload" ? [] : changesFor(verdict, row, outlet, floor, open) };
	});
};

const changesFor = (verdict: Verdict, row: CatalogueRow, outlet: Outlet, floor: Floor, open: readonly Pathway[]): readonly Change[] => {
	const codes = [...new Set(verdict.reasons.map(({ code }) => code))];
	const changes = codes.map((code) => changeFor(code, row, outlet, floor, open));
	// One reason that no evidence takes away makes all the others idle.
	return changes.some((change) => change === undefined)
		? []
		: changes.flatMap((change) => (change === undefined || change === "covered" ? [] : [change]));
};

/** Undefined: nothing in this law's reach changes it. "covered": another reason's change includes it. */
const changeFor = (
	code: Reason["code"],
	row: CatalogueRow,
	outlet: Outlet,
	floor: Floor,
	open: readonly Pathway[],
): Change | "covered" | undefined => {
	const needs = (kind: Requirement["need"]): string =>
		floor.requires
			.filter(({ need }) => need === kind)
			.map(needWords)
			.join(" and ");
	switch (code) {
		case "needs-consent":
			return { of: code, text: needs("consent") };
		case "needs-treatment":
			return { of: code, text: `${needs("treatment")}, in the rule` };
		case "needs-purpose":
			return { of: code, text: `${needs("purpose")}, in the rule` };
		case "needs-qualified-recipient":
			return { of: code, text: needs("qualified-recipient") };
		case "needs-shorter-retention":
			return { of: code, text: `${needs("retention")}, in the rule` };
		case "needs-map-review":
			return { of: code, text: `${needs("map-review")}, in the rule` };
		case "needs-geo-processing":
			return { of: code, text: `${needs("geo-processing")}, in the rule` };
		case "needs-other-destination":
			return { of: code, text: needs("destination") };
		case "needs-authorisation": {
			if (open.length === 0) return undefined;
			const pathways = open.map((pathway) => ({ pathway, evidence: evidenceFields.get(pathway) ?? [] }));
			const ways = pathways.map(({ pathway, evidence }) => (evidence.length === 0 ? pathway : `${pathway} (${evidence.join(", ")})`));
			return { of: code, text: `an authorisation for exactly this, with two approvals, by ${ways.join(" or ")}`, pathways };
		}
		case "quota-used-up":
			return { of: code, text: "a new signed lease" };
		case "policy-stale":
			return { of: code, text: "a newer policy" };
		case "halted":
			return { of: code, text: "a newer halt document that no longer closes it" };
		case "place-denied":
		case "conditions-unmet":
			return { of: code, text: "the rule's conditions of time, network and place hold" };
		case "not-requested": {
			const all = floor.requires.map(needWords);
			return {
				of: code,
				text: `a release rule that names ${row.id} for outlet "${outlet.id}"${all.length === 0 ? "" : `; the floor then asks for ${all.join(", ")}`}`,
			};
		}
		case "direct-abroad":
			return { of: code, text: "an outlet whose network peer is at home" };
		default:
			return code.startsWith("authorisation-") ? "covered" : undefined;
	}
};
