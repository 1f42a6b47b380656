import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileAuthorisations } from "../../agent/decide/authorise.ts";
import { compilePlan } from "../../agent/decide/plan.ts";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { type CatalogueRow, CatalogueSchema, type Requirement } from "../../shared/catalogue.ts";
import type { Outlet } from "../../shared/outlet.ts";
import { parseValue } from "../../shared/parse-document.ts";
import type { ReleaseRule, StaleEffect } from "../../shared/policy.ts";
import { type CategoryIndex, levels, type TagIndex } from "../../shared/tag.ts";
import { grantedPathways, key, nowMs, record } from "../decide/authorisations.ts";
import { outlet, row, rule } from "../fakes/law-documents.ts";
import { objections, type World } from "./decide-oracle.ts";

const categories = ["cat.a", "cat.b", "cat.c", "unknown"];
const purposes = ["remote-service", "research"];
const paths = ["Vehicle.Speed", "Vehicle.Body.Trunk"];
const outletIds = ["oem", "relay", "far"];
const pathwayIds = [...grantedPathways.map((way) => way.replace(":", "-").toLowerCase())];

/** Mostly the sound value, so that many laws do release something. */
const mostly = <T>(sound: T, ...others: readonly T[]): fc.Arbitrary<T> =>
	fc.oneof({ weight: 12, arbitrary: fc.constant(sound) }, ...others.map((other) => ({ weight: 1, arbitrary: fc.constant(other) })));

const needs: fc.Arbitrary<Requirement> = fc.oneof(
	fc.constantFrom<Requirement>(
		{ need: "consent" },
		{ need: "pseudonymous-unit" },
		{ need: "qualified-recipient" },
		{ need: "purpose", anyOf: ["remote-service"] },
		{ need: "retention", maxDays: 20 },
		{ need: "treatment", anyOf: ["thin-rate"] },
		{ need: "treatment", anyOf: ["round-position"], minimum: { option: "cellM", value: 100 } },
		{ need: "destination", noneOf: ["US"] },
		{ need: "map-review" },
		{ need: "geo-processing", except: ["Vehicle\\.Speed"] },
	),
	fc.record({ need: fc.constant("authorisation" as const), pathway: fc.constantFrom(...pathwayIds), or: fc.subarray(pathwayIds) }),
);
const floors = fc.record({
	effect: mostly<"upload" | "vault" | "drop">("upload", "vault", "drop"),
	otherwise: fc.constantFrom<"vault" | "drop">("vault", "drop"),
	requires: fc.array(needs, { maxLength: 3 }),
	text: fc.constant("a floor"),
});
const threshold = { id: "t", value: 100_000, unit: "vehicles", source: "x", certainty: "S" as const };
const rowOf = (id: string): fc.Arbitrary<CatalogueRow> =>
	fc
		.record({
			level: mostly<CatalogueRow["level"]>("personal", ...levels),
			statutory: mostly(false, true),
			home: floors,
			abroad: floors,
			rise: mostly<Partial<CatalogueRow>>(
				{},
				{ canRiseTo: "important" },
				{ canRiseTo: "important", raisedByFact: { fact: "fleet.vehicles-served", threshold: "t" }, thresholds: [threshold] },
			),
		})
		.map(({ rise, ...rest }) => row(id, { ...rest, ...rise }));

const recipients = [{ name: "Recipient abroad", x25519: key }];
const outletOf = (id: string): fc.Arbitrary<Outlet> =>
	fc
		.record({
			jurisdiction: id === "far" ? fc.constantFrom("DE", "US") : mostly("CN", "DE"),
			finalJurisdiction: id === "oem" ? mostly("CN", "DE") : mostly("DE", "CN", "US"),
			recipients: mostly(recipients, [{ name: "Recipient abroad", x25519: "0".repeat(64) }], [...recipients, { name: "b", x25519: key }]),
			qualifiedSurveying: fc.boolean(),
		})
		.map((extra) => outlet(id, extra));

const conditions = fc.constantFrom<ReleaseRule["conditions"]>(
	undefined,
	undefined,
	{ offsetMinutes: 0, networks: ["wifi"] },
	{ offsetMinutes: 0, places: { inside: ["plant"] } },
);
const geoProcessing = { method: "state-recognised", certificateRef: "C-1" };
const ruleOf = (id: string): fc.Arbitrary<ReleaseRule> =>
	fc
		.record({
			outlet: fc.constantFrom("oem", "oem", "relay", "relay", "relay", "far"),
			purpose: mostly("remote-service", "research"),
			categories: fc.subarray(categories, { minLength: 1 }),
			paths: fc.constantFrom<string[] | undefined>(undefined, undefined, ["Vehicle.Speed"], ["Vehicle.Body.*"]),
			treatments: fc.subarray([{ type: "thin-rate" }, { type: "round-position", cellM: 100 }, { type: "round-position", cellM: 99 }]),
			retentionDays: fc.constantFrom(10, 20, 21, 31),
			conditions,
			evidence: fc.constantFrom<ReleaseRule["evidence"]>(
				undefined,
				{ mapReviewNo: "GS(2026)1" },
				{ mapReviewNo: "GS(2026)1", geoProcessing },
			),
		})
		.map(({ conditions: held, evidence, paths: narrowed, ...rest }) =>
			rule(id, {
				...rest,
				...(evidence === undefined ? {} : { evidence }),
				...(held === undefined ? {} : { conditions: held }),
				...(narrowed === undefined ? {} : { paths: narrowed }),
			}),
		);

const quota = { maxSubjects: 10, maxRecords: 1_000, notAfter: "2026-06-02T00:00:00Z" };
const changes: readonly Record<string, unknown>[] = [
	{ purposes: ["research"] },
	{ categories: ["cat.b"] },
	{ fields: ["Vehicle.Speed"] },
	{ handler: "ENTITY-2" },
	{ recipientKey: "cd".repeat(32) },
	{ recipientId: "Other" },
	{ jurisdiction: "US" },
	{ retentionAbroadDays: 15 },
	{ consentRef: undefined },
	{ approvals: ["x", "x"].map((approver) => ({ approver, approvedAt: "2026-05-30T00:00:00Z" })) },
	{ notBefore: "2026-06-01T13:00:00Z" },
	{ quota: { ...quota, notAfter: "2026-06-01T11:00:00Z" } },
];
const authorisations = fc.array(
	fc
		.record({ way: fc.constantFrom(...grantedPathways), change: mostly<Record<string, unknown>>({}, ...changes) })
		.map(({ way, change }) => record(way, { categories: ["cat.a", "cat.b", "cat.c"], fields: ["Vehicle.*"], ...change })),
	{ maxLength: 3 },
);

const worlds: fc.Arbitrary<World> = fc.record({
	rows: fc.tuple(rowOf("cat.a"), rowOf("cat.b"), rowOf("cat.c"), rowOf("unknown")),
	outlets: fc.tuple(...outletIds.map(outletOf)),
	rules: fc.tuple(ruleOf("r1"), ruleOf("r2"), ruleOf("r3"), ruleOf("r4")),
	authorisations,
	home: fc.constant("CN"),
	nowMs: fc.constant(nowMs),
	handler: mostly("ENTITY-1", "ENTITY-2"),
	stale: mostly(false, true),
	staleEffects: fc.constantFrom<Record<string, string>>({}, { "cat.a": "continue", "cat.b": "vault" }),
	consents: fc.subarray(categories.flatMap((id) => purposes.map((purpose) => `${id} ${purpose}`))),
	facts: fc.record(
		{
			"handler.ciio": mostly(0, 1),
			"handler.persons": fc.constantFrom(99_999, 100_000, 999_999, 1_000_000),
			"handler.sensitive-persons": fc.constantFrom(0, 9_999, 10_000),
			"fleet.vehicles-served": fc.constantFrom(100_000, 100_001),
			"otherwise-important.cat.a": fc.constantFrom(0, 1),
		},
		{ requiredKeys: [] },
	),
	halt: fc.record({
		all: mostly(false, true),
		outlets: mostly<string[]>([], ["relay"]),
		categories: mostly<string[]>([], ["cat.a"]),
	}),
	insideOf: fc.constantFrom<string[]>([], ["plant"]),
	networkHolds: fc.boolean(),
	leasesLeft: mostly(true, false),
});

const planOf = (world: World) =>
	compilePlan({
		catalogue: {
			kind: "catalogue",
			id: "x",
			version: 1,
			title: "x",
			jurisdiction: "CN",
			issuedAt: "2026-01-01T00:00:00Z",
			rows: [...world.rows],
		},
		rules: world.rules,
		outlets: world.outlets,
		facts: {
			home: world.home,
			policyStale: world.stale,
			hasConsent: (categoryId, purpose) => world.consents.includes(`${categoryId} ${purpose}`),
			nowMs: world.nowMs,
			handler: world.handler,
			authorisations: compileAuthorisations(world.authorisations),
			fleet: new Map(Object.entries(world.facts)),
			halt: { kind: "halt", version: 1, ...world.halt, outlets: [...world.halt.outlets], categories: [...world.halt.categories] },
			staleEffect: (categoryId) => (world.staleEffects[categoryId] ?? "drop") as StaleEffect,
			placeAllows: (areaId, side) => side === "inside" && world.insideOf.includes(areaId),
			conditionsHold: () => world.networkHolds,
			leaseAllows: () => world.leasesLeft,
		},
		compileTreatments: ({ treatments }) => ({ steps: [], types: treatments.map(({ type }) => type), precisionM: 0, outcome: "uploaded" }),
	});

/** Every route of every category and path, and every rule that has none: what the plan says and what the oracle says. */
const compare = (world: World): { readonly released: number; readonly wrong: readonly string[] } => {
	const plan = planOf(world);
	const wrong: string[] = [];
	let released = 0;
	let index = 0;
	for (const each of world.rows) {
		for (const path of paths) {
			const tag = {
				index: index as TagIndex,
				category: 0 as CategoryIndex,
				categoryId: each.id,
				level: each.level,
				zone: each.zone,
				surveying: false,
				path,
			};
			index += 1;
			const { routes } = plan.decisionFor(tag);
			released += routes.length;
			for (const route of routes) {
				const asked = world.rules.find(({ id }) => id === route.ruleId);
				const against = asked === undefined ? ["no rule"] : objections(world, each, asked, path);
				if (against.length > 0) wrong.push(`${each.id} ${path} left by ${route.ruleId} in spite of ${against.join(", ")}`);
			}
			// And nothing stays without a reason: the first rule per outlet and purpose that the oracle has nothing against has a route.
			const first = new Map<string, ReleaseRule>();
			for (const asked of world.rules) {
				const matches = asked.paths === undefined || asked.paths.some((one) => one === path || path.startsWith(one.replace("*", "")));
				const way = `${asked.outlet} ${asked.purpose}`;
				if (matches && asked.categories.includes(each.id) && !first.has(way)) first.set(way, asked);
			}
			for (const asked of first.values())
				if (objections(world, each, asked, path).length === 0 && !routes.some(({ ruleId }) => ruleId === asked.id))
					wrong.push(`${each.id} ${path} stayed in spite of ${asked.id}`);
		}
	}
	return { released, wrong };
};

const chunks = 20;
const runsPerChunk = 5_000;

describe("decide, against a second opinion", () => {
	it.each(Array.from({ length: chunks }, (_, index) => index))(
		`releases nothing above its floor without a matching authorisation, in ${chunks} x ${runsPerChunk} laws (chunk %i)`,
		(chunk) => {
			let released = 0;
			fc.assert(
				fc.property(worlds, (world) => {
					const seen = compare(world);
					released += seen.released;
					expect(seen.wrong).toEqual([]);
				}),
				{ numRuns: runsPerChunk, seed: 20_261_122 + chunk },
			);
			// A generator that lets nothing out would prove nothing.
			expect(released).toBeGreaterThan(runsPerChunk / 10);
		},
		60_000,
	);
});

describe("decide, under the shipped catalogues", () => {
	it.each([
		["cn", "CN"],
		["eu", "DE"],
		["us", "US"],
	])("lets nothing important out of %s without an authorisation, whatever a policy asks for", (id, home) => {
		const catalogue = parseValue(CatalogueSchema, shippedCatalogues[id], id, "LAW_INVALID");
		const relay = outlet("relay", { jurisdiction: home, finalJurisdiction: "RU", qualifiedSurveying: true });
		const treatments = [
			"pseudonymise",
			"round-position",
			"aggregate-flow",
			"redact-image",
			"redact-video",
			"clip-event",
			"apply-geo-processing",
		].map((type) => ({ type, cellM: 100_000 }));
		const asked = ["pki", "security-operations", "psirt", "emergency-call", "driving-automation-training"].map((purpose) =>
			rule(purpose, { outlet: "relay", purpose, categories: catalogue.rows.map((each) => each.id), treatments, retentionDays: 1 }),
		);
		const plan = compilePlan({
			catalogue,
			rules: asked,
			outlets: [relay],
			facts: {
				home,
				homes: catalogue.jurisdictions ?? [],
				policyStale: false,
				hasConsent: () => true,
				nowMs,
				leaseAllows: () => true,
				conditionsHold: () => true,
			},
			compileTreatments: () => ({ steps: [], types: [], precisionM: 0, outcome: "uploaded" }),
		});
		const out = catalogue.rows.filter((each) => plan.explain(each.id, "relay").some(({ effect }) => effect === "upload"));
		expect(out.filter(({ level }) => level === "important" || level === "core").map((each) => each.id)).toEqual([]);
		// Russia is a country of concern, and leaves the European Union without any contract.
		if (id !== "cn") expect(out.map((each) => each.id)).toEqual([]);
	});
});
