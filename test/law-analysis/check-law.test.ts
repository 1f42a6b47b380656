import { describe, expect, it } from "vitest";
import { abstractCases, countCases } from "../../agent/law-analysis/abstract-cases.ts";
import type { Basis } from "../../agent/law-analysis/basis.ts";
import { checkLaw } from "../../agent/law-analysis/check-law.ts";
import { ordinaryContext } from "../../agent/law-analysis/context.ts";
import { explainCase } from "../../agent/law-analysis/explain-case.ts";
import type { FindingCode } from "../../agent/law-analysis/finding.ts";
import { floorBreaches } from "../../agent/law-analysis/floor-proof.ts";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { type CatalogueRow, CatalogueSchema } from "../../shared/catalogue.ts";
import type { Law } from "../../shared/law.ts";
import { parseValue } from "../../shared/parse-document.ts";
import type { Policy, ReleaseRule } from "../../shared/policy.ts";
import { catalogue, keepFloor, outlet, outlets, policy, row, rule, uploadFloor } from "../fakes/law-documents.ts";

const nowMs = Date.parse("2026-01-02T00:00:00Z");
const week = { notAfter: "2026-01-08T00:00:00Z" };

const law = (rows: readonly CatalogueRow[], release: readonly ReleaseRule[], terms: Partial<Policy> = week): Law => ({
	hash: "0".repeat(64),
	rootHash: "0".repeat(64),
	catalogue: catalogue(...rows),
	outlets: outlets(
		outlet("oem"),
		outlet("relay", { finalJurisdiction: "DE" }),
		outlet("far", { jurisdiction: "DE", finalJurisdiction: "DE" }),
	),
	policy: policy(release, terms),
	consents: undefined,
});
const check = (given: Law) => checkLaw({ law: given, home: "CN", nowMs });
const textOf = (given: Law, code: FindingCode): string | undefined => check(given).findings.find((finding) => finding.code === code)?.text;

describe("checkLaw", () => {
	it("goes through every case: categories, outlets, rules or none, and 32 contexts", () => {
		const given = law([row("status"), row("track")], [rule("a"), rule("b", { outlet: "relay", categories: ["status", "track"] })]);
		// 3 rows (with unknown) x 3 outlets without a rule, and 3 pairs of a rule and a category.
		expect(check(given).cases).toBe((3 * 3 + 3) * 32);
		expect(countCases(given)).toBe((3 * 3 + 3) * 32);
	});

	it.each(Object.entries(shippedCatalogues))("finds no case of catalogue %s above its floor, whatever the rules", (id, document) => {
		const shipped = parseValue(CatalogueSchema, document, id, "LAW_INVALID");
		const categories = shipped.rows.map((each) => each.id);
		const treatments = [
			{ type: "pseudonymise", rotateDays: 1 },
			{ type: "thin-rate", everyMs: 1_000 },
			{ type: "round-position", cellM: 500 },
		];
		const release = ["oem", "relay", "far"].flatMap((to) =>
			["research", "remediation"].map((purpose) =>
				rule(`${to}-${purpose}`, { outlet: to, purpose, categories, treatments, retentionDays: 1 }),
			),
		);
		const given: Law = { ...law([], release), catalogue: shipped };
		const { cases, released, findings } = checkLaw({ law: given, home: shipped.jurisdiction, nowMs });
		expect(cases).toBe(countCases(given));
		expect(released).toBeLessThan(cases / 2);
		expect(findings.filter(({ severity }) => severity === "error").map(({ text }) => text)).toEqual([]);
	});

	it("has a proof that does not believe the judge", () => {
		const given = law(
			[row("status", { level: "important", abroad: uploadFloor({ need: "authorisation", pathway: "security-assessment" }) })],
			[rule("a", { outlet: "relay" })],
		);
		const basis: Basis = { law: given, home: "CN", nowMs, counted: false };
		const held = [...abstractCases(basis)].find(
			({ rule: asked, context }) => asked?.id === "a" && context === [...abstractCases(basis)][0]?.context,
		);
		if (held === undefined) return expect.unreachable();
		expect(held.verdict.effect).not.toBe("upload");
		expect(floorBreaches(held, basis)).toEqual([]);
		const loose = { ...held, verdict: { ...held.verdict, effect: "upload" as const } };
		expect(floorBreaches(loose, basis)).toEqual([
			"important data goes abroad without an authorisation",
			"the floor asks for an authorisation by way of security-assessment",
		]);
	});

	it("names a rule that is never heard, and the one that speaks first", () => {
		const given = law(
			[row("status")],
			[rule("a", { paths: ["A.*", "B"] }), rule("b", { paths: ["A.C"] }), rule("c", { paths: ["A.C", "D"] })],
		);
		expect(textOf(given, "shadowed-rule")).toMatch(/^Rule "b" is never heard: .*"a" speaks first/);
		expect(check(given).findings.filter(({ code }) => code === "shadowed-rule")).toHaveLength(1);
	});

	it("names a rule that can never release, and why", () => {
		expect(textOf(law([row("status", { home: keepFloor })], [rule("a")]), "unreachable-rule")).toContain("The floor at home is");
		const half = law([row("status"), row("track", { home: keepFloor })], [rule("a", { categories: ["status", "track"] })]);
		expect(textOf(half, "unreachable-category")).toContain("track:");
	});

	it("names a rule that works with consent alone", () => {
		expect(textOf(law([row("status", { home: uploadFloor({ need: "consent" }) })], [rule("a")]), "needs-consent-only")).toContain("status");
	});

	it("calls a retention above the floor an error", () => {
		const { findings } = check(law([row("status", { home: uploadFloor({ need: "retention", maxDays: 9 }) })], [rule("a")]));
		expect(findings.find(({ code }) => code === "retention-above-floor")).toMatchObject({ severity: "error", where: "policy.release.a" });
	});

	it("warns of a long term and of one that is over", () => {
		expect(textOf(law([], []), "long-policy-term")).toBeUndefined();
		expect(textOf(law([], [], { notAfter: "2026-01-08T00:00:01Z" }), "long-policy-term")).toContain("8 days");
		expect(textOf(law([], [], { notAfter: "2026-01-02T00:00:00Z" }), "policy-term-over")).toBeDefined();
	});

	it("lists thresholds that nobody verified or found", () => {
		const of = (value: number | null, certainty: "T" | "M") =>
			law([row("status", { thresholds: [{ id: "n", value, unit: "days", source: "somewhere", certainty }] })], []);
		expect(textOf(of(1, "T"), "unverified-threshold")).toBeUndefined();
		expect(textOf(of(1, "M"), "unverified-threshold")).toContain("certainty M");
		expect(textOf(of(null, "T"), "unverified-threshold")).toContain("was not found");
	});
});

describe("explainCase", () => {
	const explain = (given: Law, outletId: string, changed: Partial<typeof ordinaryContext> = {}) =>
		explainCase(
			{ law: given, home: "CN", nowMs, counted: true },
			{ ...ordinaryContext, ...changed },
			{ categoryId: "status", outletId, path: undefined },
		);

	it("lists every piece of evidence that is missing, the authorisation by its pathways and fields", () => {
		const abroad = uploadFloor(
			{ need: "authorisation", pathway: "security-assessment" },
			{ need: "consent" },
			{ need: "treatment", anyOf: ["round-position"], minimum: { option: "cellM", value: 100 } },
			{ need: "retention", maxDays: 5 },
			{ need: "qualified-recipient" },
		);
		const [only] = explain(law([row("status", { level: "important", abroad })], [rule("a", { outlet: "relay" })]), "relay");
		expect(only?.changes.map(({ of }) => of).sort()).toEqual([
			"needs-authorisation",
			"needs-consent",
			"needs-qualified-recipient",
			"needs-shorter-retention",
			"needs-treatment",
		]);
		expect(only?.changes.find(({ of }) => of === "needs-treatment")?.text).toContain("cellM of at least 100");
		expect(only?.changes.find(({ of }) => of === "needs-authorisation")?.pathways).toEqual([
			{ pathway: "security-assessment", evidence: ["assessmentNo", "mapReviewNo", "geoProcessingCertificateRef"] },
		]);
	});

	it("answers what if: with consent, with an authorisation that fits, under a stale policy", () => {
		const given = law(
			[
				row("status", {
					home: uploadFloor({ need: "consent" }),
					abroad: uploadFloor({ need: "authorisation", pathway: "security-assessment" }),
				}),
			],
			[rule("a"), rule("b", { outlet: "relay" })],
		);
		const effect = (outletId: string, changed: Partial<typeof ordinaryContext>) => explain(given, outletId, changed)[0]?.verdict.effect;
		expect([effect("oem", {}), effect("oem", { consent: true }), effect("oem", { consent: true, stale: true })]).toEqual([
			"vault",
			"upload",
			"drop",
		]);
		expect([effect("relay", {}), effect("relay", { authorisation: true })]).toEqual(["vault", "upload"]);
	});

	it("says nothing of evidence where only another law would help", () => {
		expect(explain(law([row("status", { home: keepFloor })], [rule("a")]), "oem")[0]?.changes).toEqual([]);
	});
});
