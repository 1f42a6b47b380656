import { describe, expect, it } from "vitest";
import { type AuthorisationQuestion, authorisationMismatches, compileAuthorisations } from "../../agent/decide/authorise.ts";
import { AuthorisationSchema } from "../../shared/authorisation.ts";
import { KerbError } from "../../shared/errors.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { outlet } from "../fakes/law-documents.ts";
import { type GrantedPathway, grantedPathways, key, nowMs, question, record } from "./authorisations.ts";

const codes = (given: unknown, asked: AuthorisationQuestion): readonly string[] =>
	authorisationMismatches(given, asked).map(({ code }) => code);
const texts = (given: unknown, asked: AuthorisationQuestion): string =>
	authorisationMismatches(given, asked)
		.map(({ text }) => text)
		.join("; ");
const problemsOf = (value: unknown): readonly string[] => {
	try {
		parseValue(AuthorisationSchema, value, "authorisation", "LAW_INVALID");
		return [];
	} catch (error) {
		return error instanceof KerbError ? error.problems : ["not a KerbError"];
	}
};

describe("authorise", () => {
	it.each(grantedPathways)("covers by %s with full evidence", (pathway) => {
		expect(problemsOf(record(pathway))).toEqual([]);
		expect(codes(record(pathway), question(pathway))).toEqual([]);
	});

	it.each([
		["category", { categories: ["other"] }, "authorisation-category"],
		["purpose", { purposes: ["other"] }, "authorisation-purpose"],
		["field", { fields: ["Vehicle.Body.*"] }, "authorisation-fields"],
		["handler", { handler: "ENTITY-2" }, "authorisation-handler"],
		["recipient id", { recipientId: "Somebody else" }, "authorisation-recipient"],
		["recipient key", { recipientKey: "ac".repeat(32) }, "authorisation-recipient"],
		["jurisdiction", { jurisdiction: "US" }, "authorisation-jurisdiction"],
		["retention", { retentionAbroadDays: 29 }, "authorisation-retention"],
		["consent", { consentRef: undefined }, "authorisation-consent-ref"],
		["start", { notBefore: "2026-06-01T12:00:00.001Z" }, "authorisation-not-yet"],
		[
			"end",
			{ notAfter: "2026-06-01T12:00:00Z", quota: { maxSubjects: 1, maxRecords: 1, notAfter: "2026-06-01T12:00:00Z" } },
			"authorisation-expired",
		],
		["lease's end", { quota: { maxSubjects: 1, maxRecords: 1, notAfter: "2026-06-01T12:00:00Z" } }, "quota-used-up"],
		["term", { notAfter: "2029-06-03T00:00:00Z" }, "authorisation-invalid"],
		["order of dates", { notAfter: "2026-05-31T23:59:59Z" }, "authorisation-invalid"],
		["lease above its bound", { quota: { maxSubjects: 11, maxRecords: 1, notAfter: "2026-06-02T00:00:00Z" } }, "authorisation-invalid"],
		["second approval", { approvals: [{ approver: "alice", approvedAt: "2026-05-30T00:00:00Z" }] }, "authorisation-approvals"],
		[
			"second approver",
			{ approvals: ["2026-05-30T00:00:00Z", "2026-05-31T00:00:00Z"].map((approvedAt) => ({ approver: "alice", approvedAt })) },
			"authorisation-approvals",
		],
		[
			"date of an approval",
			{ approvals: ["alice", "bob"].map((approver) => ({ approver, approvedAt: "2026-06-01T12:00:01Z" })) },
			"authorisation-approvals",
		],
		[
			"pathway",
			{ pathway: "certification", evidence: { certificateNo: "x", certificateNotAfter: "2027-01-01T00:00:00Z" } },
			"authorisation-pathway",
		],
		["contract", { contractRef: " " }, "authorisation-invalid"],
		["impact assessment", { piaRef: undefined }, "authorisation-invalid"],
		["a key that nobody knows", { waiver: true }, "authorisation-invalid"],
	])("covers nothing with another %s, and names it", (_what, mutation, code) => {
		expect(codes(record("standard-contract", mutation), question("standard-contract"))).toContain(code);
	});

	it("covers no outlet that somebody else can open too", () => {
		const recipients = [
			{ name: "Recipient abroad", x25519: key },
			{ name: "a third party", x25519: "ee".repeat(32) },
		];
		const asked = question("standard-contract", { outlet: outlet("oem", { finalJurisdiction: "DE", recipients }) });
		expect(codes(record("standard-contract"), asked)).toEqual(["authorisation-recipient"]);
	});

	it("covers all paths that are asked for or none, and patterns only within its own", () => {
		const given = record("standard-contract");
		expect(codes(given, question("standard-contract", { paths: ["Vehicle.Body.Trunk.*", "Vehicle.Speed"] }))).toEqual([]);
		for (const paths of [[], ["Vehicle.*"], ["Vehicle.Body"], ["Vehicle.Speed", "Vehicle.Other"]])
			expect(codes(given, question("standard-contract", { paths }))).toEqual(["authorisation-fields"]);
	});

	it("is in force at no time that is not known", () => {
		expect(codes(record("standard-contract"), question("standard-contract", { nowMs: undefined }))).toEqual(["authorisation-not-yet"]);
	});

	it("finds the first that covers, and else says what keeps the nearest from it", () => {
		const [bad, good, later] = [
			record("standard-contract", { id: "bad", purposes: ["other"], handler: "X" }),
			record("standard-contract", { id: "good" }),
			record("standard-contract", { id: "later" }),
		];
		expect(compileAuthorisations([bad, good, later]).find(question("standard-contract"))).toMatchObject({ covers: { id: "good" } });
		const near = record("standard-contract", { id: "near", purposes: ["other"] });
		expect(compileAuthorisations([bad, near]).find(question("standard-contract"))).toMatchObject({
			covers: undefined,
			nearest: "near",
			mismatches: [{ code: "authorisation-purpose" }],
		});
		expect(compileAuthorisations([]).find(question("standard-contract"))).toEqual({
			covers: undefined,
			nearest: undefined,
			mismatches: [],
		});
	});

	it("says when its answers change next", () => {
		const book = compileAuthorisations([record("certification")]);
		expect(new Date(book.changesAfter(nowMs)).toISOString()).toBe("2026-06-02T00:00:00.000Z");
		expect(book.changesAfter(Date.parse("2030-01-01T00:00:00Z"))).toBe(Number.POSITIVE_INFINITY);
	});

	it("asks for the security assessment when the handler's counts are high or not known (T-05)", () => {
		const given = record("standard-contract");
		const withFacts = (facts: readonly [string, number][]) => codes(given, question("standard-contract", { facts: new Map(facts) }));
		expect(withFacts([])).toEqual(["authorisation-pathway"]);
		expect(
			withFacts([
				["handler.ciio", 0],
				["handler.persons", 1_000_000],
				["handler.sensitive-persons", 0],
			]),
		).toEqual(["authorisation-pathway"]);
		expect(
			withFacts([
				["handler.ciio", 0],
				["handler.persons", 999_999],
				["handler.sensitive-persons", 9_999],
			]),
		).toEqual([]);
		expect(
			withFacts([
				["handler.ciio", 1],
				["handler.persons", 1],
				["handler.sensitive-persons", 0],
			]),
		).toEqual(["authorisation-pathway"]);
		expect(codes(record("security-assessment"), question("security-assessment", { facts: new Map() }))).toEqual([]);
	});

	it("takes map review and geographic processing from the evidence of an assessment (G-14, S-12)", () => {
		const asked = question("security-assessment", {
			level: "important",
			accepted: [["security-assessment"], ["map-review"], ["geo-processing"]],
		});
		expect(codes(record("security-assessment"), asked)).toEqual(["authorisation-evidence", "authorisation-evidence"]);
		const evidence = { assessmentNo: "1", mapReviewNo: "2", geoProcessingCertificateRef: "3" };
		expect(codes(record("security-assessment", { evidence }), asked)).toEqual([]);
	});
});

describe("exemptions (T-06)", () => {
	const fields: readonly (readonly [GrantedPathway, string, unknown])[] = [
		["certification", "certificateNo", ""],
		["certification", "certificateNotAfter", "2026-06-01T12:00:00Z"],
		["security-assessment", "assessmentNo", 7],
		["standard-contract", "filingNo", " "],
		["exempt:E1", "originJurisdiction", "CN"],
		["exempt:E1", "mixedWithDomestic", true],
		["exempt:E2", "contractType", ""],
		["exempt:E2", "subjectRef", ""],
		["exempt:E4", "emergencyEventId", ""],
		["exempt:E4", "reviewRecord", ""],
		["exempt:E6", "ftz", ""],
		["exempt:E6", "listVersion", ""],
		["exempt:E6", "itemNotOnList", false],
		["exempt:E7", "reportNo", ""],
		["exempt:E7", "reportedAt", "2026-06-01T12:00:00Z"],
		["exempt:E7", "purpose", "research"],
		["exempt:E8", "reportNo", ""],
		["exempt:E8", "incidentId", ""],
		["exempt:E9", "recallFilingNo", ""],
		["exempt:E9", "packageHash", "cd"],
	];

	it.each(fields)("denies %s without evidence %s, with another, and with more than it has", (pathway, name, wrong) => {
		const full = record(pathway).evidence as Record<string, unknown>;
		const { [name]: _gone, ...rest } = full;
		for (const evidence of [rest, { ...full, [name]: wrong }, { ...full, [name]: null }]) {
			const given = record(pathway, { evidence });
			expect(codes(given, question(pathway))).toContain(
				name === "certificateNotAfter" && evidence !== rest && evidence[name] !== null ? "authorisation-expired" : "authorisation-evidence",
			);
			expect(texts(given, question(pathway))).toContain(name);
		}
		const surplus = record(pathway, { evidence: { ...full, extra: "x" } });
		expect(texts(surplus, question(pathway))).toContain("evidence.extra");
		expect(codes(surplus, question(pathway))).toEqual(["authorisation-evidence"]);
	});

	it("has no form for E3: never for a unit", () => {
		const value = { ...record("exempt:E2"), pathway: "exempt:E3", exemption: "E3", evidence: {} };
		expect(problemsOf(value).join()).toContain("E3 is never granted to a unit");
		expect(codes(record("exempt:E2", { pathway: "exempt:E3", exemption: "E3", evidence: {} }), question("exempt:E2"))).toEqual([
			"authorisation-exemption",
		]);
	});

	it("refuses an exemption that the pathway does not name", () => {
		expect(problemsOf(record("exempt:E2", { exemption: "E7" })).join()).toContain("exemption");
		expect(problemsOf(record("security-assessment", { exemption: "E7" })).join()).toContain("exemption");
	});

	it("gives an emergency 24 hours and no millisecond more", () => {
		expect(problemsOf(record("exempt:E4"))).toEqual([]);
		expect(problemsOf(record("exempt:E4", { notAfter: "2026-06-02T00:00:00.001Z" })).join()).toContain("24 hours");
	});

	it("needs a lease for E5, of fewer than 100,000 persons, and no sensitive data", () => {
		expect(problemsOf(record("exempt:E5", { quota: undefined })).join()).toContain("quota");
		expect(problemsOf(record("exempt:E5", { maxSubjects: 99_999 }))).toEqual([]);
		expect(problemsOf(record("exempt:E5", { maxSubjects: 100_000 })).join()).toContain("maxSubjects");
		expect(codes(record("exempt:E5"), question("exempt:E5", { level: "sensitive-personal" }))).toContain("authorisation-exemption");
		const facts = new Map([
			["handler.ciio", 0],
			["handler.persons", 100_000],
			["handler.sensitive-persons", 0],
		]);
		expect(codes(record("exempt:E5"), question("exempt:E5", { facts }))).toEqual(["authorisation-pathway"]);
	});

	it.each(grantedPathways.filter((pathway) => pathway.startsWith("exempt:")))("never lets important data out by %s alone", (pathway) => {
		const asked = question(pathway, { level: "important", usesPathwayTable: false });
		expect(new Set(codes(record(pathway), asked))).toEqual(new Set(["authorisation-exemption"]));
		const facts = new Map([["otherwise-important.status", 0]]);
		const told = [...new Set(codes(record(pathway), { ...asked, facts }))];
		// The strict reading: only where somebody said that no other rule makes it important.
		expect(told).toEqual(["exempt:E7", "exempt:E8", "exempt:E9"].includes(pathway) ? [] : ["authorisation-exemption"]);
	});
});
