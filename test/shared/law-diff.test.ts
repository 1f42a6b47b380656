import { describe, expect, it } from "vitest";
import type { CatalogueRow } from "../../shared/catalogue.ts";
import type { CollectRule } from "../../shared/collect-rule.ts";
import { type ComparableLaw, classifyChange } from "../../shared/law-diff.ts";
import type { Outlet } from "../../shared/outlet.ts";
import type { Policy, ReleaseRule } from "../../shared/policy.ts";
import { catalogue, keepFloor, outlet, outlets, policy, row, rule, uploadFloor } from "../fakes/law-documents.ts";
import { places, polygonArea, square } from "../place/places.ts";

interface Parts {
	readonly rows?: readonly CatalogueRow[];
	readonly outlet?: Partial<Outlet>;
	readonly policy?: Partial<Policy>;
	readonly others?: Partial<ComparableLaw>;
}

const law = (
	rules: readonly ReleaseRule[],
	{ rows = [row("status")], outlet: changed = {}, policy: terms = {}, others = {} }: Parts = {},
) =>
	({
		catalogue: catalogue(...rows),
		outlets: outlets(outlet("oem", changed)),
		policy: policy(rules, terms),
		...others,
	}) satisfies ComparableLaw;

type Way = "widening" | "narrowing" | "both" | "neutral";

const wayOf = (before: ComparableLaw, after: ComparableLaw): Way => {
	const { widening, narrowing } = classifyChange(before, after);
	if (widening.length > 0 && narrowing.length > 0) return "both";
	if (widening.length > 0) return "widening";
	return narrowing.length > 0 ? "narrowing" : "neutral";
};
const opposite: Readonly<Record<Way, Way>> = { widening: "narrowing", narrowing: "widening", both: "both", neutral: "neutral" };

const coarse = (cellM: number) => ({ type: "round-position", cellM });
const thin = (everyMs: number) => ({ type: "thin-rate", everyMs });
const consenting = row("status", { home: uploadFloor({ need: "consent" }) });
const collect: CollectRule = {
	id: "braking",
	necessity: "braking is rare",
	paths: ["Vehicle.Speed"],
	trigger: "edge",
	preMs: 0,
	postMs: 0,
	cooldownMs: 0,
	maxReadings: 10,
};
const authorisation = {
	id: "one",
	handler: "X",
	recipientId: "a platform",
	recipientKey: "0".repeat(64),
	jurisdiction: "DE",
	purposes: ["fleet-health"],
	categories: ["status"],
	fields: ["Vehicle.Speed"],
	maxSubjects: 10,
	maxRecords: 10,
	retentionAbroadDays: 10,
	contractRef: "c",
	piaRef: "p",
	approvals: [
		{ approver: "a", approvedAt: "2026-01-01T00:00:00Z" },
		{ approver: "b", approvedAt: "2026-01-01T00:00:00Z" },
	],
	notBefore: "2026-01-01T00:00:00Z",
	notAfter: "2026-06-01T00:00:00Z",
	quota: { maxSubjects: 10, maxRecords: 10, notAfter: "2026-02-01T00:00:00Z" },
	pathway: "security-assessment" as const,
	evidence: { assessmentNo: "1" },
};
const authorised = (...list: readonly (typeof authorisation)[]): Parts => ({
	others: { authorisations: { kind: "authorisations", version: 1, issuedAt: "2026-01-01T00:00:00Z", authorisations: [...list] } },
});
const halted = (categories: readonly string[], all = false): Parts => ({
	others: { halt: { kind: "halt", version: 1, all, outlets: [], categories: [...categories] } },
});
const facts = (given: Readonly<Record<string, number>>): Parts => ({
	others: { fleet: { kind: "fleet", version: 1, issuedAt: "2026-01-01T00:00:00Z", facts: given } },
});

const depot = polygonArea("depot", [square(121.5, 31.2, 0.01)]);

describe("classifyChange", () => {
	it.each<[string, ComparableLaw, ComparableLaw, Way]>([
		["a rule that is new", law([]), law([rule("a")]), "widening"],
		["a rule of another purpose", law([rule("a")]), law([rule("a"), rule("b", { purpose: "research" })]), "widening"],
		["a treatment that is gone", law([rule("a", { treatments: [coarse(100)] })]), law([rule("a")]), "widening"],
		["a smaller cell", law([rule("a", { treatments: [coarse(100)] })]), law([rule("a", { treatments: [coarse(50)] })]), "widening"],
		["a higher rate", law([rule("a", { treatments: [thin(100)] })]), law([rule("a", { treatments: [thin(50)] })]), "widening"],
		[
			"a longer rotation",
			law([rule("a", { treatments: [{ type: "pseudonymise", rotateDays: 1 }] })]),
			law([rule("a", { treatments: [{ type: "pseudonymise", rotateDays: 30 }] })]),
			"widening",
		],
		[
			"a smaller step",
			law([rule("a", { treatments: [{ type: "round-number", stepBy: 2 }] })]),
			law([rule("a", { treatments: [{ type: "round-number", stepBy: 1 }] })]),
			"widening",
		],
		[
			"a field dropped no longer",
			law([rule("a", { treatments: [{ type: "drop-field", fields: ["speedMps", "altitudeM"] }] })]),
			law([rule("a", { treatments: [{ type: "drop-field", fields: ["speedMps"] }] })]),
			"widening",
		],
		[
			"treatments in another order",
			law([rule("a", { treatments: [coarse(10), thin(1)] })]),
			law([rule("a", { treatments: [thin(1), coarse(10)] })]),
			"both",
		],
		[
			"an unknown option of a treatment",
			law([rule("a", { treatments: [{ type: "blur", strength: 1 }] })]),
			law([rule("a", { treatments: [{ type: "blur", strength: 2 }] })]),
			"both",
		],
		["a longer retention", law([rule("a")]), law([rule("a", { retentionDays: 11 })]), "widening"],
		["a later end", law([]), law([], { policy: { notAfter: "2027-01-01T00:00:00Z" } }), "widening"],
		[
			"one more recipient",
			law([]),
			law([], {
				outlet: {
					recipients: [
						{ name: "a platform", x25519: "0".repeat(64) },
						{ name: "b", x25519: "2".repeat(64) },
					],
				},
			}),
			"widening",
		],
		["a wider range", law([]), law([], { outlet: { addressRanges: ["127.0.0.0/7".replace("127", "126")] } }), "widening"],
		["the same range in halves", law([]), law([], { outlet: { addressRanges: ["127.0.0.0/9", "127.128.0.0/9"] } }), "neutral"],
		["another final jurisdiction", law([]), law([], { outlet: { finalJurisdiction: "DE" } }), "both"],
		["another broker", law([]), law([], { outlet: { url: "mqtt://127.0.0.1:1884" } }), "both"],
		["a recipient that is now qualified", law([]), law([], { outlet: { qualifiedSurveying: true } }), "widening"],
		["another inspection key", law([]), law([], { outlet: { inspection: { name: "x", x25519: "3".repeat(64) } } }), "both"],
		["a floor that asks for less", law([], { rows: [consenting] }), law([]), "widening"],
		["a floor that lets out what it kept", law([], { rows: [row("status", { home: keepFloor })] }), law([]), "widening"],
		["a lower level", law([], { rows: [row("status", { level: "important" })] }), law([]), "widening"],
		["a row that became statutory", law([]), law([], { rows: [row("status", { statutory: true })] }), "widening"],
		["paths that a row maps", law([]), law([], { rows: [row("status", { match: { kinds: [], paths: ["Vehicle\\.Speed"] } })] }), "both"],
		["a row that is new", law([]), law([], { rows: [row("status"), row("other")] }), "widening"],
		["another handler", law([]), law([], { policy: { handler: { legalEntityId: "Y", name: "X" } } }), "both"],
		[
			"stale data that goes on leaving",
			law([]),
			law([], { policy: { stale: { default: "drop", categories: { status: "continue" } } } }),
			"widening",
		],
		["an authorisation", law([], authorised()), law([], authorised(authorisation)), "widening"],
		[
			"an authorisation that holds longer",
			law([], authorised(authorisation)),
			law([], authorised({ ...authorisation, notAfter: "2026-07-01T00:00:00Z" })),
			"widening",
		],
		[
			"an authorisation that begins earlier",
			law([], authorised(authorisation)),
			law([], authorised({ ...authorisation, notBefore: "2025-07-01T00:00:00Z" })),
			"widening",
		],
		[
			"an authorisation for another recipient",
			law([], authorised(authorisation)),
			law([], authorised({ ...authorisation, recipientId: "x" })),
			"both",
		],
		["a category halted no longer", law([], halted(["cabin", "status"])), law([], halted(["cabin"])), "widening"],
		["a halt of all below instead of one", law([], halted(["cabin.image"])), law([], halted(["cabin"])), "narrowing"],
		["a halt of everything", law([], halted([])), law([], halted([], true)), "narrowing"],
		["a fact that is known now", law([], facts({})), law([], facts({ "fleet.vehicles": 10 })), "widening"],
		["a fact that is smaller", law([], facts({ "fleet.vehicles": 11 })), law([], facts({ "fleet.vehicles": 10 })), "widening"],
		["a document of an unknown kind", law([]), Object.assign(law([]), { unheardOf: { kind: "unheardOf" } }), "both"],
		["places where there were none", law([]), { ...law([]), places: places([depot]) }, "both"],
		["a place more", { ...law([]), places: places([depot]) }, { ...law([]), places: places([depot, { ...depot, id: "b" }]) }, "both"],
		[
			"a place with another buffer",
			{ ...law([]), places: places([depot]) },
			{ ...law([]), places: places([{ ...depot, bufferM: 9 }]) },
			"both",
		],
		[
			"places that hold longer",
			{ ...law([]), places: places([depot]) },
			{ ...law([]), places: places([depot], { notAfter: "2028-01-01T00:00:00Z" }) },
			"widening",
		],
		["a condition that is gone", law([rule("a", { conditions: { offsetMinutes: 0, days: ["mon"] } })]), law([rule("a")]), "widening"],
		[
			"longer hours",
			law([rule("a", { conditions: { offsetMinutes: 0, hours: [{ from: "23:00", to: "01:00" }] } })]),
			law([rule("a", { conditions: { offsetMinutes: 0, hours: [{ from: "22:00", to: "01:00" }] } })]),
			"widening",
		],
		[
			"a rule limited to an event",
			law([rule("a")], { policy: { collect: [collect] } }),
			law([rule("a", { collect: ["braking"] })], { policy: { collect: [collect] } }),
			"narrowing",
		],
		[
			"a longer window around an event",
			law([rule("a", { collect: ["braking"] })], { policy: { collect: [collect] } }),
			law([rule("a", { collect: ["braking"] })], { policy: { collect: [{ ...collect, preMs: 10 }] } }),
			"widening",
		],
		["a rule by another name", law([rule("a")]), law([rule("b", { necessity: "in other words than before" })]), "neutral"],
		[
			"a rule cut in two",
			law([rule("a", { paths: ["A.*", "B"] })]),
			law([rule("a", { paths: ["B"] }), rule("b", { paths: ["A.*"] })]),
			"neutral",
		],
		["a rule that another one covers", law([rule("a")]), law([rule("a"), rule("b", { paths: ["A"] })]), "neutral"],
		[
			"a rule that the floor never lets out",
			law([], { rows: [row("status", { home: keepFloor })] }),
			law([rule("a")], { rows: [row("status", { home: keepFloor })] }),
			"neutral",
		],
		[
			"a treatment that the floor waits for",
			law([rule("a")], { rows: [row("status", { home: uploadFloor({ need: "treatment", anyOf: ["round-position"] }) })] }),
			law([rule("a", { treatments: [coarse(10)] })], {
				rows: [row("status", { home: uploadFloor({ need: "treatment", anyOf: ["round-position"] }) })],
			}),
			"widening",
		],
		[
			"a shorter retention that a permission may wait for",
			law([rule("a")], { rows: [row("status", { home: uploadFloor({ need: "authorisation", pathway: "x" }) })] }),
			law([rule("a", { retentionDays: 1 })], { rows: [row("status", { home: uploadFloor({ need: "authorisation", pathway: "x" }) })] }),
			"both",
		],
		[
			"a rule that shadowed a looser one",
			law([rule("a", { paths: ["A"], treatments: [thin(9)] }), rule("b")]),
			law([rule("b")]),
			"widening",
		],
	])("sorts %s", (_name, before, after, way) => {
		expect(wayOf(before, after)).toBe(way);
		expect(wayOf(after, before)).toBe(opposite[way]);
		expect(classifyChange(before, before)).toEqual({ widening: [], narrowing: [], neutral: [] });
	});

	it("says nothing of where a place is", () => {
		const [before, after] = [
			{ ...law([]), places: places([depot]) },
			{ ...law([]), places: places([{ ...depot, kind: "named" }]) },
		];
		const said = JSON.stringify([classifyChange(before, after), classifyChange(law([]), after)]);
		expect(said).toContain("depot");
		expect(said).not.toMatch(/121|31\./);
	});

	it("names the category, outlet, purpose, paths and context of a change", () => {
		const { widening } = classifyChange(
			law([], { rows: [consenting] }),
			law([rule("a", { paths: ["Vehicle.*"] })], { rows: [consenting] }),
		);
		expect(widening).toEqual([
			{
				direction: "widening",
				document: "policy",
				category: "status",
				outlet: "oem",
				purpose: "fleet-health",
				paths: ["Vehicle.*"],
				context: ["consent"],
				unsure: false,
				text: "rule: a is new",
			},
		]);
	});

	it("counts what a newer build wrote as widening", () => {
		const newer = { ...law([]), policy: { ...policy([]), novelty: true } };
		expect(classifyChange(law([]), newer).widening.map(({ text, unsure }) => [text, unsure])).toEqual([["novelty absent -> true", true]]);
	});
});
