import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { liveConsents } from "../../agent/decide/consent-register.ts";
import type { JudgeFacts } from "../../agent/decide/judge-facts.ts";
import { compilePlan, type PlanInput } from "../../agent/decide/plan.ts";
import type { CatalogueRow } from "../../shared/catalogue.ts";
import { isKerbError } from "../../shared/errors.ts";
import type { Outlet } from "../../shared/outlet.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import { type CategoryIndex, levels, type Tag, type TagIndex } from "../../shared/tag.ts";
import { catalogue, dropFloor, keepFloor, outlet, row, rule, uploadFloor } from "../fakes/law-documents.ts";

const facts: JudgeFacts = { home: "CN", policyStale: false, hasConsent: () => false };

const planOf = (rows: readonly CatalogueRow[], rules: readonly ReleaseRule[], extra: Partial<PlanInput> = {}) =>
	compilePlan({
		catalogue: catalogue(...rows),
		rules,
		outlets: [outlet("oem")],
		facts,
		compileTreatments: ({ treatments }) => ({ steps: [], types: treatments.map(({ type }) => type), precisionM: 0, outcome: "uploaded" }),
		...extra,
	});

const tagOf = (categoryId: string, index = 0, path = "Vehicle.Speed"): Tag => ({
	index: index as TagIndex,
	category: 0 as CategoryIndex,
	categoryId,
	level: "general",
	zone: "vehicle",
	surveying: false,
	path,
});

const firstReason = (rows: readonly CatalogueRow[], rules: readonly ReleaseRule[], extra: Partial<PlanInput> = {}, outletId = "oem") =>
	planOf(rows, rules, extra).explain("status", outletId)[0]?.reasons[0]?.code;

describe("compilePlan", () => {
	it("releases what a rule names and the floor allows", () => {
		const { routes } = planOf([row("status")], [rule("a")]).decisionFor(tagOf("status"));
		expect(routes).toHaveLength(1);
		expect(routes[0]).toMatchObject({ outletId: "oem", ruleId: "a", categoryId: "status", purpose: "fleet-health" });
	});

	it("releases nothing at all under an empty policy", () => {
		const decision = planOf([row("status")], []).decisionFor(tagOf("status"));
		expect(decision).toEqual({ routes: [], stays: "vault", reason: "not-requested" });
	});

	it("keeps a path that the rule's paths do not name", () => {
		const plan = planOf([row("status")], [rule("a", { paths: ["Vehicle.Speed", "Vehicle.Body.*"] })]);
		expect(plan.decisionFor(tagOf("status", 0, "Vehicle.Speed")).routes).toHaveLength(1);
		expect(plan.decisionFor(tagOf("status", 1, "Vehicle.Body.Trunk")).routes).toHaveLength(1);
		expect(plan.decisionFor(tagOf("status", 2, "Vehicle.SpeedLimit")).routes).toHaveLength(0);
	});

	it("makes one route per purpose, and the first rule holds within a purpose", () => {
		const rules = [rule("a"), rule("b"), rule("c", { purpose: "research" })];
		expect(
			planOf([row("status")], rules)
				.decisionFor(tagOf("status"))
				.routes.map(({ ruleId }) => ruleId),
		).toEqual(["a", "c"]);
	});

	it("lists every rule that names what does not exist", () => {
		try {
			planOf([row("status")], [rule("a", { outlet: "nowhere" }), rule("b", { categories: ["no.such"] }), rule("b")]);
			expect.unreachable();
		} catch (error) {
			expect(isKerbError(error, "LAW_INVALID") && error.problems).toHaveLength(3);
		}
	});

	it.each([
		["a floor that keeps", row("status", { home: keepFloor }), rule("a"), "floor-vault"],
		["a floor that drops", row("status", { home: dropFloor }), rule("a"), "floor-drop"],
		["core data", row("status", { level: "core" }), rule("a"), "core-data"],
		[
			"a missing treatment",
			row("status", { home: uploadFloor({ need: "treatment", anyOf: ["round-position"] }) }),
			rule("a"),
			"needs-treatment",
		],
		["a missing consent", row("status", { home: uploadFloor({ need: "consent" }) }), rule("a"), "needs-consent"],
		["another purpose", row("status", { home: uploadFloor({ need: "purpose", anyOf: ["research"] }) }), rule("a"), "needs-purpose"],
		[
			"an unqualified recipient",
			row("status", { home: uploadFloor({ need: "qualified-recipient" }) }),
			rule("a"),
			"needs-qualified-recipient",
		],
		["too long a retention", row("status", { home: uploadFloor({ need: "retention", maxDays: 9 }) }), rule("a"), "needs-shorter-retention"],
		[
			"a missing authorisation",
			row("status", { home: uploadFloor({ need: "authorisation", pathway: "x" }) }),
			rule("a"),
			"needs-authorisation",
		],
	] as const)("denies %s", (_name, given, asked, code) => {
		expect(firstReason([given], [asked])).toBe(code);
	});

	it("meets requirements with a treatment, a consent, a purpose, a qualified recipient and a short retention", () => {
		const given = row("status", {
			home: uploadFloor(
				{ need: "treatment", anyOf: ["round-position", "thin-rate"] },
				{ need: "consent" },
				{ need: "purpose", anyOf: ["fleet-health"] },
				{ need: "qualified-recipient" },
				{ need: "retention", maxDays: 10 },
				{ need: "pseudonymous-unit" },
			),
		});
		const plan = planOf([given], [rule("a", { treatments: [{ type: "thin-rate" }] })], {
			outlets: [outlet("oem", { qualifiedSurveying: true })],
			facts: { ...facts, hasConsent: (categoryId, purpose) => categoryId === "status" && purpose === "fleet-health" },
		});
		expect(plan.explain("status", "oem")[0]?.effect).toBe("upload");
	});

	it("sends nothing to a peer abroad, and applies the floor abroad behind a domestic relay", () => {
		const abroad = outlet("oem", { jurisdiction: "DE", finalJurisdiction: "DE" });
		const relay = outlet("oem", { finalJurisdiction: "DE" });
		const open = row("status", { abroad: uploadFloor() });
		expect(firstReason([open], [rule("a")], { outlets: [abroad] })).toBe("direct-abroad");
		expect(firstReason([open], [rule("a")], { outlets: [relay] })).toBe("released");
		expect(firstReason([row("status")], [rule("a")], { outlets: [relay] })).toBe("floor-drop");
	});

	it("lets only statutory rows through a stale policy", () => {
		const stale = { facts: { ...facts, policyStale: true } };
		expect(firstReason([row("status")], [rule("a")], stale)).toBe("policy-stale");
		expect(firstReason([row("status", { statutory: true })], [rule("a")], stale)).toBe("released");
	});

	it("never releases unknown data, whatever a rule says", () => {
		const plan = planOf([], [rule("a", { categories: ["unknown"] })]);
		expect(plan.decisionFor(tagOf("unknown"))).toMatchObject({ routes: [], reason: "unknown-category" });
	});

	it("releases, for all floors and rules, only where every requirement holds", () => {
		const floors = [
			keepFloor,
			dropFloor,
			uploadFloor(),
			uploadFloor({ need: "consent" }),
			uploadFloor({ need: "treatment", anyOf: ["x-treatment"] }),
		];
		fc.assert(
			fc.property(
				fc.record({
					home: fc.constantFrom(...floors),
					abroad: fc.constantFrom(...floors),
					level: fc.constantFrom(...levels),
					peer: fc.constantFrom("CN", "US"),
					final: fc.constantFrom("CN", "US"),
					treated: fc.boolean(),
					consented: fc.boolean(),
					stale: fc.boolean(),
				}),
				(given) => {
					const target: Outlet = outlet("oem", { jurisdiction: given.peer, finalJurisdiction: given.final });
					const asked = rule("a", { treatments: given.treated ? [{ type: "x-treatment" }] : [] });
					const plan = planOf([row("status", given)], [asked], {
						outlets: [target],
						facts: { home: "CN", policyStale: given.stale, hasConsent: () => given.consented },
					});
					const released = plan.decisionFor(tagOf("status")).routes.length > 0;
					const floor = given.final === "CN" ? given.home : given.abroad;
					const holds = floor.requires.every(({ need }) => (need === "consent" ? given.consented : given.treated));
					// Important data abroad needs an authorisation, even under a catalogue that forgot to ask for one.
					const free = given.final === "CN" || given.level !== "important";
					expect(released).toBe(
						given.peer === "CN" && given.level !== "core" && !given.stale && floor.effect === "upload" && holds && free,
					);
				},
			),
		);
	});
});

describe("liveConsents", () => {
	const consent = {
		subjectPseudonym: "somebody-1",
		categoryId: "status",
		purpose: "fleet-health",
		noticeHash: "0".repeat(64),
		grantedAt: "2026-01-01T00:00:00Z",
		notAfter: "2026-02-01T00:00:00Z",
		channel: "test" as const,
	};
	const at = (iso: string): number => Date.parse(iso);

	it("is live from its grant up to its end, and says when that changes", () => {
		expect(liveConsents([consent], at("2025-12-31T23:59:59Z")).has("status", "fleet-health", false)).toBe(false);
		const live = liveConsents([consent], at("2026-01-01T00:00:00Z"));
		expect(live.has("status", "fleet-health", false)).toBe(true);
		expect(live.changesAtMs).toBe(at("2026-02-01T00:00:00Z"));
		expect(liveConsents([consent], at("2026-02-01T00:00:00Z")).has("status", "fleet-health", false)).toBe(false);
	});

	it("ends at withdrawal, and holds for its own category and purpose only", () => {
		const withdrawn = { ...consent, withdrawnAt: "2026-01-15T00:00:00Z" };
		expect(liveConsents([withdrawn], at("2026-01-15T00:00:00Z")).has("status", "fleet-health", false)).toBe(false);
		const live = liveConsents([withdrawn], at("2026-01-14T23:59:59Z"));
		expect(live.has("status", "fleet-health", false)).toBe(true);
		expect(live.has("status", "research", false)).toBe(false);
		expect(live.has("other", "fleet-health", false)).toBe(false);
	});
});
