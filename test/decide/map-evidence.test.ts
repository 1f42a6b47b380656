import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { judge } from "../../agent/decide/judge.ts";
import { compilePlan } from "../../agent/decide/plan.ts";
import { explainCase } from "../../agent/law-analysis/explain-case.ts";
import { floorBreaches } from "../../agent/law-analysis/floor-proof.ts";
import { compileTagger } from "../../agent/tag/tagger.ts";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { CatalogueSchema, type Requirement } from "../../shared/catalogue.ts";
import { compareCatalogueRows } from "../../shared/catalogue-strictness.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { type ReleaseRule, ReleaseRuleSchema } from "../../shared/policy.ts";
import { compareRules } from "../../shared/rule-strictness.ts";
import type { Tagged } from "../../shared/tag.ts";
import { taggedMap } from "../contract/tagged-maps.ts";
import { outlet, row, rule } from "../fakes/law-documents.ts";

const cn = parseValue(CatalogueSchema, shippedCatalogues.cn, "cn", "LAW_INVALID");
const rowOf = (id: string) => cn.rows.find((each) => each.id === id) ?? expect.unreachable(id);
const adMap = rowOf("connected-operation.perception.ad-map");
const qualified = outlet("survey", { qualifiedSurveying: true });
const geoProcessing = { method: "recognised processing", certificateRef: "CERT-7" };
const mapReviewNo = "GS(2026)1234号";
const asked = (evidence?: ReleaseRule["evidence"]): ReleaseRule =>
	rule("map", { outlet: "survey", categories: [adMap.id], ...(evidence === undefined ? {} : { evidence }) });
const facts = { home: "CN", policyStale: false, hasConsent: () => false };
const judged = (evidence?: ReleaseRule["evidence"], path = "Map.Lane") => {
	const { effect, reasons } = judge(adMap, qualified, asked(evidence), facts, path);
	return [effect, ...reasons.map(({ code }) => code)];
};

describe("evidence for a map", () => {
	it("is asked for at home, too: without it a map stays in the vault and the verdict names what is missing", () => {
		expect(judged()).toEqual(["vault", "needs-map-review", "needs-geo-processing"]);
		expect(judged({ mapReviewNo })).toEqual(["vault", "needs-geo-processing"]);
		expect(judged({ geoProcessing })).toEqual(["vault", "needs-map-review"]);
		expect(judged({ mapReviewNo, geoProcessing })).toEqual(["upload", "released"]);
		expect(judge(adMap, qualified, asked(), facts).effect).toBe("vault");
	});

	it("does not make up for a recipient that is not qualified", () => {
		expect(
			judge(adMap, outlet("survey"), asked({ mapReviewNo, geoProcessing }), facts, "Map.Lane").reasons.map(({ code }) => code),
		).toEqual(["needs-qualified-recipient"]);
	});

	it("is not asked for where a map was heard as a V2X message and goes to a qualified recipient", () => {
		for (const path of ["V2X.J2735.MAP", "V2X.TCSAE.MAP", "V2X.ETSI.MAPEM"])
			expect(judged(undefined, path)).toEqual(["upload", "released"]);
	});

	it("is asked for by every row of maps, towards every outlet that is allowed at all", () => {
		for (const id of ["ad-map", "map-composition", "map-attribute"]) {
			const { home, abroad } = rowOf(`connected-operation.perception.${id}`);
			for (const floor of [home, abroad].filter(({ effect }) => effect === "upload")) {
				expect(floor.requires.map(({ need }) => need)).toEqual(expect.arrayContaining(["map-review", "geo-processing"]));
			}
		}
	});

	it("comes with the route to the label", () => {
		const tagger = compileTagger(cn, undefined);
		const decide = (evidence?: ReleaseRule["evidence"]) => {
			const plan = compilePlan({
				catalogue: cn,
				rules: [asked(evidence)],
				outlets: [qualified],
				facts,
				compileTreatments: () => ({ steps: [], types: [], precisionM: 0, outcome: "uploaded" }),
			});
			const out: Tagged[] = [];
			const { tag: _tag, ...reading } = taggedMap();
			tagger.tag(reading, out);
			return plan.decisionFor(out[0]?.tag ?? expect.unreachable());
		};
		expect(decide({ mapReviewNo, geoProcessing }).routes).toMatchObject([{ evidence: { mapReviewNo, geoProcessing } }]);
		expect(decide()).toMatchObject({ routes: [], stays: "vault", reason: "needs-map-review" });
	});

	it("is taken strictly", () => {
		const isRule = (evidence: unknown) => v.safeParse(ReleaseRuleSchema, { ...asked(), evidence }).success;
		expect(isRule({ mapReviewNo, geoProcessing })).toBe(true);
		for (const wrong of [
			{},
			{ mapReviewNo: "" },
			{ mapReviewNo: " " },
			{ mapReviewNo: "a\u0000" },
			{ geoProcessing: {} },
			{ geoProcessing: { method: "a" } },
			{ mapReviewNo, more: 1 },
			"GS",
			null,
		]) {
			expect(isRule(wrong), JSON.stringify(wrong)).toBe(false);
		}
	});

	it("is found missing by the proof of the floor", () => {
		const breaches = (evidence?: ReleaseRule["evidence"]) => {
			const verdict = { effect: "upload", outletId: "survey", ruleId: "map", reasons: [] } as const;
			const context = { consent: false, stale: false, authorisation: false, halt: false, conditions: true };
			const law = { catalogue: cn, policy: { release: [] }, outlets: { outlets: [] } };
			const basis = { law, home: "CN", nowMs: 0, counted: false };
			return floorBreaches({ row: adMap, outlet: qualified, rule: asked(evidence), context, verdict }, basis as never);
		};
		expect(breaches({ mapReviewNo, geoProcessing })).toEqual([]);
		expect(breaches()).toEqual([expect.stringContaining("mapReviewNo"), expect.stringContaining("geoProcessing")]);
	});

	it("is named by explain as what would change the verdict", () => {
		const policy = {
			kind: "policy",
			id: "p",
			version: 1,
			issuedAt: "2026-01-01T00:00:00Z",
			notAfter: "2027-01-01T00:00:00Z",
			handler: { legalEntityId: "ENTITY-1", name: "x" },
			catalogue: "cn",
			release: [asked()],
		};
		const law = { catalogue: cn, policy, outlets: { kind: "outlets", version: 1, outlets: [qualified] } };
		const basis = { law, home: "CN", nowMs: 0, counted: false };
		const context = { consent: false, stale: false, authorisation: false, halt: false, conditions: true };
		const [explained] = explainCase(basis as never, context, { categoryId: adMap.id, outletId: "survey", path: "Map.Lane" });
		expect(explained?.changes.map(({ of, text }) => `${of}: ${text}`)).toEqual([
			expect.stringMatching(/^needs-map-review: .*mapReviewNo/),
			expect.stringMatching(/^needs-geo-processing: .*geoProcessing/),
		]);
	});
});

describe("comparing laws with evidence", () => {
	const directions = (before?: ReleaseRule["evidence"], after?: ReleaseRule["evidence"]) =>
		compareRules({ rule: asked(before), collect: undefined }, { rule: asked(after), collect: undefined }).map(
			({ direction, part }) => `${direction} ${part}`,
		);

	it("calls evidence that comes wider, evidence that goes narrower, and another number unsure", () => {
		expect(directions(undefined, { mapReviewNo })).toEqual(["wider evidence.mapReviewNo"]);
		expect(directions({ mapReviewNo, geoProcessing }, { mapReviewNo })).toEqual(["narrower evidence.geoProcessing"]);
		expect(directions({ mapReviewNo }, { mapReviewNo: "GS(2027)1" })).toEqual(["unsure evidence.mapReviewNo"]);
		expect(directions({ mapReviewNo }, { mapReviewNo })).toEqual([]);
	});

	it("calls a floor that no longer asks for it wider, and one with fewer exceptions narrower", () => {
		const floorOf = (...requires: Requirement[]) => row("a", { home: { effect: "upload", otherwise: "vault", requires, text: "x" } });
		const compare = (before: readonly Requirement[], after: readonly Requirement[]) =>
			compareCatalogueRows(floorOf(...before), floorOf(...after)).map(({ direction }) => direction);
		expect(compare([{ need: "map-review" }], [])).toEqual(["wider"]);
		expect(compare([], [{ need: "geo-processing" }])).toEqual(["narrower"]);
		expect(compare([{ need: "map-review" }], [{ need: "map-review", except: ["V2X\\.A"] }])).toEqual(["wider"]);
		expect(
			compare([{ need: "geo-processing", except: ["V2X\\.A", "V2X\\.B"] }], [{ need: "geo-processing", except: ["V2X\\.A"] }]),
		).toEqual(["narrower"]);
	});

	it("knows which options of the map treatments let more out", () => {
		const compare = (before: ReleaseRule["treatments"][number], after: ReleaseRule["treatments"][number]) =>
			compareRules(
				{ rule: { ...asked(), treatments: [before] }, collect: undefined },
				{ rule: { ...asked(), treatments: [after] }, collect: undefined },
			).map(({ direction }) => direction);
		const strip = { type: "strip-map-attributes", use: "public" };
		expect(compare(strip, { ...strip, use: "home" })).toEqual(["wider"]);
		expect(compare(strip, { ...strip, allow: ["poi"] })).toEqual(["wider"]);
		expect(compare({ type: "generalise-geometry", toleranceM: 5 }, { type: "generalise-geometry", toleranceM: 5, gridM: 10 })).toEqual([
			"narrower",
		]);
	});
});
