import { describe, expect, it } from "vitest";
import { compileAuthorisations } from "../../agent/decide/authorise.ts";
import { judge } from "../../agent/decide/judge.ts";
import type { JudgeFacts } from "../../agent/decide/judge-facts.ts";
import { compileRegime } from "../../agent/regime.ts";
import { AuthorisationsSchema } from "../../shared/authorisation.ts";
import type { Law } from "../../shared/law.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { catalogue, dropFloor, outlet, outlets, policy, row, rule, uploadFloor } from "../fakes/law-documents.ts";
import { key, nowMs, record } from "./authorisations.ts";

const relay = outlet("oem", { finalJurisdiction: "DE", recipients: [{ name: "Recipient abroad", x25519: key }] });
const guarded = row("status", { level: "important", abroad: uploadFloor({ need: "authorisation", pathway: "security-assessment" }) });
const asked = rule("a", { purpose: "remote-service" });
const open: JudgeFacts = {
	home: "CN",
	policyStale: false,
	hasConsent: () => true,
	nowMs,
	handler: "ENTITY-1",
	authorisations: compileAuthorisations([record("security-assessment")]),
	leaseAllows: () => true,
};
const halt = (extra: object) => ({ halt: { kind: "halt" as const, version: 1, all: false, outlets: [], categories: [], ...extra } });
const codes = (facts: JudgeFacts, given = guarded, to = relay, by = asked): readonly string[] =>
	judge(given, to, by, facts, "Vehicle.Speed").reasons.map(({ code }) => code);

describe("judge", () => {
	it("lets important data abroad behind a relay under its authorisation, and says which (T-04)", () => {
		expect(judge(guarded, relay, asked, open, "Vehicle.Speed")).toMatchObject({
			effect: "upload",
			authorisation: { id: "a-1", quota: { maxRecords: 1_000 } },
		});
	});

	it.each<readonly [string, Partial<JudgeFacts>, string]>([
		["no authorisation", { authorisations: undefined }, "needs-authorisation"],
		["no lease that is known to have anything left", { leaseAllows: undefined }, "quota-used-up"],
		["a lease that is used up", { leaseAllows: () => false }, "quota-used-up"],
		["no time", { nowMs: undefined }, "needs-authorisation"],
		["another handler", { handler: "ENTITY-2" }, "needs-authorisation"],
		["a halt of all", halt({ all: true }), "halted"],
		["a halt of the outlet", halt({ outlets: ["oem"] }), "halted"],
		["a halt of the category", halt({ categories: ["status"] }), "halted"],
		["a stale policy", { policyStale: true }, "policy-stale"],
		["a stale policy that says continue", { policyStale: true, staleEffect: () => "continue" }, "policy-stale"],
	])("denies it with %s", (_name, extra, code) => {
		expect(codes({ ...open, ...extra })[0]).toBe(code);
	});

	it("replaces nothing but the requirement of an authorisation", () => {
		const more = row("status", {
			level: "important",
			abroad: uploadFloor({ need: "authorisation", pathway: "security-assessment" }, { need: "consent" }, { need: "qualified-recipient" }),
		});
		expect(codes({ ...open, hasConsent: () => false }, more)).toEqual(["needs-consent", "needs-qualified-recipient"]);
		expect(codes(open, row("status", { level: "important", abroad: dropFloor }))).toEqual(["floor-drop"]);
	});

	it("sends nothing directly abroad, whatever is authorised", () => {
		expect(codes(open, guarded, { ...relay, jurisdiction: "DE" })).toEqual(["direct-abroad"]);
	});

	it("halts statutory flows too, and what lies below a halted category", () => {
		const statutory = row("security.alarm", { statutory: true });
		const home = outlet("oem");
		expect(codes({ ...open, policyStale: true }, statutory, home)).toEqual(["released"]);
		expect(codes({ ...open, ...halt({ categories: ["security"] }) }, statutory, home)).toEqual(["halted"]);
		expect(codes({ ...open, ...halt({ categories: ["secur"] }) }, statutory, home)).toEqual(["released"]);
	});

	it.each([
		["drop", "drop", "policy-stale"],
		["vault", "vault", "policy-stale"],
		["continue", "upload", "released"],
	] as const)("does what a stale policy says for what is not important: %s (T-01)", (stale, effect, code) => {
		const verdict = judge(row("status"), outlet("oem"), asked, { ...open, policyStale: true, staleEffect: () => stale });
		expect([verdict.effect, verdict.reasons[0]?.code]).toEqual([effect, code]);
	});

	it("takes a treatment only from its floor's minimum on", () => {
		const coarse = row("status", {
			home: uploadFloor({ need: "treatment", anyOf: ["round-position"], minimum: { option: "cellM", value: 100 } }),
		});
		const by = (cellM: unknown) => codes(open, coarse, outlet("oem"), rule("a", { treatments: [{ type: "round-position", cellM }] }))[0];
		expect([99.9, undefined, "100", Number.NaN].map(by)).toEqual(Array(4).fill("needs-treatment"));
		expect([100, 500].map(by)).toEqual(["released", "released"]);
	});

	it("rules out a destination, also behind a relay", () => {
		const floor = row("status", { abroad: uploadFloor({ need: "destination", noneOf: ["DE"] }) });
		expect(codes(open, floor)).toEqual(["needs-other-destination"]);
		expect(codes(open, floor, { ...relay, finalJurisdiction: "FR" })).toEqual(["released"]);
	});

	it("counts all states of a union as home", () => {
		expect(codes({ ...open, home: "FR", homes: ["FR", "DE"] }, row("status"), { ...relay, jurisdiction: "FR" })).toEqual(["released"]);
	});

	it("holds conditions that are not known for unmet", () => {
		const placed = rule("a", { conditions: { offsetMinutes: 0, networks: ["wifi"], places: { inside: ["plant"], outside: ["border"] } } });
		expect(codes(open, row("status"), outlet("oem"), placed)).toEqual(["place-denied", "conditions-unmet"]);
		const known: JudgeFacts = {
			...open,
			conditionsHold: () => true,
			placeAllows: (area, side) => (area === "plant") === (side === "inside"),
		};
		expect(codes(known, row("status"), outlet("oem"), placed)).toEqual(["released"]);
	});
});

describe("compileRegime", () => {
	const law = (extra: Partial<Law> = {}): Law => ({
		hash: "a".repeat(64),
		rootHash: "b".repeat(64),
		catalogue: catalogue(guarded),
		policy: policy([asked], { handler: { legalEntityId: "ENTITY-1", name: "x" } }),
		outlets: outlets(relay),
		consents: undefined,
		authorisations: parseValue(
			AuthorisationsSchema,
			{ kind: "authorisations", version: 1, issuedAt: "2026-06-01T00:00:00Z", authorisations: [record("security-assessment")] },
			"x",
			"LAW_INVALID",
		),
		...extra,
	});
	const regime = (given: Law, extra: { readonly leases?: boolean; readonly home?: string } = {}) =>
		compileRegime({
			law: given,
			overlay: undefined,
			home: extra.home ?? "CN",
			nowMs,
			pseudonymKey: () => new Uint8Array(32),
			...(extra.leases === false ? {} : { leaseAllows: () => true }),
		});
	const first = (given: ReturnType<typeof regime>) => given.plan.explain("status", "oem", "Vehicle.Speed")[0]?.reasons[0]?.code;

	it("brings authorisations, leases and halts of the law to the judge", () => {
		expect(first(regime(law()))).toBe("released");
		expect(first(regime(law(), { leases: false }))).toBe("quota-used-up");
		expect(first(regime(law({ authorisations: undefined })))).toBe("needs-authorisation");
		expect(first(regime(law(halt({ all: true }))))).toBe("halted");
	});

	it("is valid until an authorisation's lease ends", () => {
		expect(new Date(regime(law()).validUntilMs).toISOString()).toBe("2026-06-02T00:00:00.000Z");
	});

	it("refuses a catalogue that is the law of another place", () => {
		expect(() => regime(law(), { home: "DE" })).toThrow(/is the floor of CN/);
	});
});
