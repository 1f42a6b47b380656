/** Authorisations for tests: one per pathway with full evidence, and a question that they answer. */
import type { AuthorisationQuestion } from "../../agent/decide/authorise.ts";
import type { Pathway } from "../../shared/authorisation.ts";
import { outlet } from "../fakes/law-documents.ts";

export const nowMs = Date.parse("2026-06-01T12:00:00Z");
export const key = "ab".repeat(32);

const evidences = {
	"security-assessment": { assessmentNo: "SA-1" },
	"standard-contract": { filingNo: "SC-1" },
	certification: { certificateNo: "C-1", certificateNotAfter: "2026-12-01T00:00:00Z" },
	"exempt:E1": { originJurisdiction: "DE", mixedWithDomestic: false },
	"exempt:E2": { contractType: "purchase", subjectRef: "contract-7" },
	"exempt:E4": { emergencyEventId: "event-1", reviewRecord: "review-1" },
	"exempt:E5": {},
	"exempt:E6": { ftz: "Lingang", listVersion: "2024", itemNotOnList: true },
	"exempt:E7": { reportNo: "R-1", reportedAt: "2026-05-01T00:00:00Z", purpose: "remediation" },
	"exempt:E8": { reportNo: "R-2", incidentId: "I-1" },
	"exempt:E9": { recallFilingNo: "F-1", packageHash: "cd".repeat(32) },
} as const;
export type GrantedPathway = keyof typeof evidences;
export const grantedPathways = Object.keys(evidences) as GrantedPathway[];

/** A plain JSON record with all that the pathway asks for; `extra` replaces fields. */
export const record = (pathway: GrantedPathway, extra: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
	id: "a-1",
	pathway,
	...(pathway.startsWith("exempt:") ? { exemption: pathway.slice(7) } : {}),
	evidence: { ...evidences[pathway] },
	handler: "ENTITY-1",
	recipientId: "Recipient abroad",
	recipientKey: key,
	jurisdiction: "DE",
	purposes: ["remote-service"],
	categories: ["status"],
	fields: ["Vehicle.Speed", "Vehicle.Body.*"],
	maxSubjects: 10,
	maxRecords: 1_000,
	retentionAbroadDays: 30,
	contractRef: "contract-1",
	piaRef: "pia-1",
	consentRef: "consent-1",
	approvals: [
		{ approver: "alice", approvedAt: "2026-05-30T00:00:00Z" },
		{ approver: "bob", approvedAt: "2026-05-31T00:00:00Z" },
	],
	notBefore: "2026-06-01T00:00:00Z",
	notAfter: pathway === "exempt:E4" ? "2026-06-02T00:00:00Z" : "2027-06-01T00:00:00Z",
	quota: { maxSubjects: 10, maxRecords: 1_000, notAfter: "2026-06-02T00:00:00Z" },
	...extra,
});

export const catalogueIdOf = (pathway: Pathway): string => pathway.replace(":", "-").toLowerCase();

export const question = (pathway: GrantedPathway, extra: Partial<AuthorisationQuestion> = {}): AuthorisationQuestion => ({
	categoryId: "status",
	level: "personal",
	isPersonal: true,
	accepted: [[catalogueIdOf(pathway)]],
	outlet: outlet("oem", { finalJurisdiction: "DE", recipients: [{ name: "Recipient abroad", x25519: key }] }),
	purpose: "remote-service",
	paths: ["Vehicle.Speed"],
	retentionDays: 30,
	handler: "ENTITY-1",
	isHome: (jurisdiction) => jurisdiction === "CN",
	nowMs,
	facts: new Map([
		["handler.ciio", 0],
		["handler.persons", 50],
		["handler.sensitive-persons", 0],
	]),
	usesPathwayTable: true,
	...extra,
});
