import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Basis } from "../../agent/law-analysis/basis.ts";
import { diffCases } from "../../agent/law-analysis/case-diff.ts";
import type { CatalogueRow, Requirement } from "../../shared/catalogue.ts";
import type { Law } from "../../shared/law.ts";
import { classifyChange } from "../../shared/law-diff.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import { catalogue, dropFloor, keepFloor, outlet, outlets, policy, row, rule, uploadFloor } from "../fakes/law-documents.ts";

const nowMs = Date.parse("2026-06-01T00:00:00Z");

const requirement = fc.constantFrom<Requirement>(
	{ need: "consent" },
	{ need: "treatment", anyOf: ["round-position"], minimum: { option: "cellM", value: 100 } },
	{ need: "treatment", anyOf: ["thin-rate", "round-number"] },
	{ need: "purpose", anyOf: ["research"] },
	{ need: "qualified-recipient" },
	{ need: "retention", maxDays: 10 },
	{ need: "destination", noneOf: ["US"] },
	{ need: "authorisation", pathway: "security-assessment" },
);
const floor = fc.oneof(
	fc.constantFrom(keepFloor, dropFloor, uploadFloor()),
	fc.uniqueArray(requirement, { maxLength: 2 }).map((needs) => uploadFloor(...needs)),
);
const aRow = (id: string) =>
	fc
		.record({
			home: floor,
			abroad: floor,
			level: fc.constantFrom<CatalogueRow["level"]>("general", "personal", "important"),
			statutory: fc.boolean(),
			match: fc.constantFrom<CatalogueRow["match"]>({ kinds: [], paths: [] }, { kinds: [], paths: ["Vehicle\\.Speed"] }),
		})
		.map((given) => row(id, given));
const treatment = fc.constantFrom(
	{ type: "thin-rate", everyMs: 10 },
	{ type: "thin-rate", everyMs: 1_000 },
	{ type: "round-position", cellM: 50 },
	{ type: "round-position", cellM: 500 },
);
const aRule = fc.record({
	purpose: fc.constantFrom("fleet-health", "research"),
	outlet: fc.constantFrom("oem", "relay"),
	categories: fc.constantFrom(["status"], ["status", "track"], ["track"]),
	paths: fc.constantFrom(undefined, ["A"], ["A.*", "B"], ["B", "C.D.*"]),
	treatments: fc.array(treatment, { maxLength: 2 }),
	retentionDays: fc.constantFrom(1, 10, 30),
	conditions: fc.constantFrom(undefined, undefined, { offsetMinutes: 0, days: ["mon" as const] }),
});
const rules = fc.array(aRule, { maxLength: 4 }).map((list) => list.map((extra, index) => rule(`r${index}`, withoutUndefined(extra))));

const withoutUndefined = (extra: Readonly<Record<string, unknown>>): Partial<ReleaseRule> =>
	Object.fromEntries(Object.entries(extra).filter(([, value]) => value !== undefined));

const aLaw = fc
	.record({ status: aRow("status"), track: aRow("track"), release: rules, qualified: fc.boolean(), final: fc.constantFrom("DE", "US") })
	.map(
		({ status, track, release, qualified, final }): Law => ({
			hash: "0".repeat(64),
			rootHash: "0".repeat(64),
			catalogue: catalogue(status, track),
			outlets: outlets(outlet("oem", { qualifiedSurveying: qualified }), outlet("relay", { finalJurisdiction: final })),
			policy: policy(release),
			consents: undefined,
		}),
	);

/** The same law twice, but for the policy's rules: what an operator changes from day to day. */
const ruleChange = fc.tuple(aLaw, rules).map(([law, release]) => [law, { ...law, policy: policy(release) }] as const);
const anyChange = fc.oneof(fc.tuple(aLaw, aLaw), ruleChange);

const basis = (law: Law): Basis => ({ law, home: "CN", nowMs, counted: false });

describe("classifyChange", () => {
	it("finds nothing between a law and itself", () => {
		fc.assert(
			fc.property(aLaw, (law) => {
				expect(classifyChange(law, structuredClone(law))).toEqual({ widening: [], narrowing: [], neutral: [] });
			}),
		);
	});

	it("is the mirror image the other way round", () => {
		fc.assert(
			fc.property(anyChange, ([a, b]) => {
				const [there, back] = [classifyChange(a, b), classifyChange(b, a)];
				expect(there.widening.length).toBe(back.narrowing.length);
				expect(there.narrowing.length).toBe(back.widening.length);
			}),
			{ numRuns: 300 },
		);
	});

	it("calls every change widening by which the judge lets one more case out, and narrowing by which fewer", () => {
		let opening = 0;
		fc.assert(
			fc.property(anyChange, ([a, b]) => {
				const cases = diffCases(basis(a), basis(b));
				const { widening, narrowing } = classifyChange(a, b);
				if (cases.opened.length > 0) {
					opening += 1;
					expect(widening.length).toBeGreaterThan(0);
				}
				if (cases.closed.length > 0) expect(narrowing.length).toBeGreaterThan(0);
			}),
			{ numRuns: 1_000 },
		);
		expect(opening).toBeGreaterThan(100);
	});

	it("calls a rule that lets something out widening when it comes and narrowing when it goes", () => {
		fc.assert(
			fc.property(aLaw, aRule, (law, extra) => {
				const more = { ...law, policy: policy([...law.policy.release, rule("extra", { ...withoutUndefined(extra), purpose: "other" })]) };
				const { opened } = diffCases(basis(law), basis(more));
				fc.pre(opened.length > 0);
				expect(classifyChange(law, more).widening.length).toBeGreaterThan(0);
				expect(classifyChange(more, law).narrowing.length).toBeGreaterThan(0);
				expect(classifyChange(more, law).widening.filter(({ unsure }) => !unsure)).toEqual([]);
			}),
		);
	});

	it("calls a requirement that goes widening", () => {
		fc.assert(
			fc.property(aLaw, requirement, (law, need) => {
				const of = (...needs: readonly Requirement[]): Law => ({
					...law,
					catalogue: catalogue(row("status", { home: uploadFloor(...needs) }), row("track")),
				});
				expect(classifyChange(of(need), of()).widening.length).toBeGreaterThan(0);
				expect(classifyChange(of(), of(need)).narrowing.length).toBeGreaterThan(0);
			}),
		);
	});
});
