/**
 * Authorisations: signed evidence that widens the floor for an exact scope (regulations 8.7). An authorisation never widens by what it leaves
 * out: every list names what it covers, and every field is compared when a decision is made.
 *
 * Evidence is per pathway and exactly what regulations 1.3 list for an exemption: a missing field and a surplus one are refused alike. E3
 * (cross-border human resources) is never for a unit and has no form here.
 */
import * as v from "valibot";
import { isPathPattern, pathPatternRule } from "./path-pattern.ts";

/** The ways of regulations 1.2 and the nine exemptions of 1.3. */
export const pathways = [
	"security-assessment",
	"standard-contract",
	"certification",
	"exempt:E1",
	"exempt:E2",
	"exempt:E3",
	"exempt:E4",
	"exempt:E5",
	"exempt:E6",
	"exempt:E7",
	"exempt:E8",
	"exempt:E9",
] as const;
export type Pathway = (typeof pathways)[number];

const dayMs = 86_400_000;
/** G-08: an assessment is valid for three years. Leap days included, so that three calendar years always fit. */
export const maxAuthorisationMs = (3 * 365 + 1) * dayMs;
/** E4: the time box of an emergency (regulations 1.3, default). */
export const maxEmergencyMs = dayMs;
/** E5: fewer persons than this since 1 January (regulations 1.3). */
export const e5Persons = 100_000;

const id = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"),
	v.maxLength(120),
);
const text = v.pipe(
	v.string(),
	v.maxLength(200),
	v.check((given) => given.trim() !== "", "a text of 1 to 200 characters"),
);
const instant = v.pipe(v.string(), v.isoTimestamp());
const country = v.pipe(v.string(), v.regex(/^[A-Z]{2}$/, "an ISO 3166-1 alpha-2 country code in capitals"));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "32 bytes in lower-case hexadecimal"));
const count = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const ids = v.pipe(v.array(id), v.minLength(1), v.maxLength(100));

/** How much may leave under it, counted by the unit itself; renewed only by a signed lease that ends later (regulations G-06). */
export const QuotaLeaseSchema = v.strictObject({
	maxSubjects: count(100_000_000),
	maxRecords: count(1_000_000_000_000),
	notAfter: instant,
});

const common = {
	id,
	/** `legalEntityId` of the handler whose policy may use it (regulations G-01, G-05). */
	handler: text,
	/** The name of the recipient, as the outlet has it. */
	recipientId: text,
	/** The recipient's X25519 public key: nobody else can open what leaves under it (regulations G-21). */
	recipientKey: hash,
	/** Where it is read in the end. */
	jurisdiction: country,
	purposes: ids,
	categories: ids,
	/** Paths and kinds of readings (path-pattern.ts). */
	fields: v.pipe(v.array(v.pipe(v.string(), v.check(isPathPattern, pathPatternRule))), v.minLength(1), v.maxLength(500)),
	maxSubjects: count(100_000_000),
	maxRecords: count(1_000_000_000_000),
	retentionAbroadDays: count(3_650),
	contractRef: text,
	/** The impact assessment (regulations G-10). */
	piaRef: text,
	/** The separate consent that it rests on; needed for personal information (regulations G-10). */
	consentRef: v.optional(text),
	/** G-11: two different people. */
	approvals: v.pipe(v.array(v.strictObject({ approver: id, approvedAt: instant })), v.minLength(2), v.maxLength(10)),
	notBefore: instant,
	notAfter: instant,
	quota: QuotaLeaseSchema,
};

/** Unknown keys of `evidence` are refused, so that nothing is taken for evidence that nobody asks for. */
const way = <P extends Pathway, E extends v.ObjectEntries>(pathway: P, evidence: E) =>
	v.strictObject({ ...common, pathway: v.literal(pathway), evidence: v.strictObject(evidence) });
const exemption = <N extends "E1" | "E2" | "E4" | "E5" | "E6" | "E7" | "E8" | "E9", E extends v.ObjectEntries>(name: N, evidence: E) =>
	v.strictObject({
		...common,
		pathway: v.literal(`exempt:${name}`),
		exemption: v.optional(v.literal(name)),
		evidence: v.strictObject(evidence),
	});

const AnyAuthorisationSchema = v.variant(
	"pathway",
	[
		way("security-assessment", {
			assessmentNo: text,
			/** The map review number, needed for map output (regulations S-12). */
			mapReviewNo: v.optional(text),
			/** The certificate of the geographic processing, needed for map messages (regulations G-14). */
			geoProcessingCertificateRef: v.optional(text),
		}),
		way("standard-contract", { filingNo: text }),
		way("certification", { certificateNo: text, certificateNotAfter: instant }),
		exemption("E1", { originJurisdiction: country, mixedWithDomestic: v.literal(false) }),
		exemption("E2", { contractType: text, subjectRef: text }),
		exemption("E4", { emergencyEventId: text, reviewRecord: text }),
		exemption("E5", {}),
		exemption("E6", { ftz: text, listVersion: text, itemNotOnList: v.literal(true) }),
		exemption("E7", { reportNo: text, reportedAt: instant, purpose: v.literal("remediation") }),
		exemption("E8", { reportNo: text, incidentId: text }),
		exemption("E9", { recallFilingNo: text, packageHash: hash }),
	],
	`one of: ${pathways.filter((name) => name !== "exempt:E3").join(", ")} (E3 is never granted to a unit)`,
);

export type Authorisation = v.InferOutput<typeof AnyAuthorisationSchema>;
export type QuotaLease = v.InferOutput<typeof QuotaLeaseSchema>;

/** What the fields of one authorisation say against each other; checked when it is read and again when it is used. */
export const authorisationProblems = (given: Authorisation): readonly string[] => {
	const problems: string[] = [];
	const [fromMs, untilMs, leaseUntilMs] = [given.notBefore, given.notAfter, given.quota.notAfter].map(Date.parse) as [
		number,
		number,
		number,
	];
	if (!(untilMs > fromMs)) problems.push("notAfter must be later than notBefore");
	if (!(untilMs - fromMs <= maxAuthorisationMs)) problems.push("notAfter must be at most three years after notBefore");
	if (!(leaseUntilMs <= untilMs)) problems.push("quota.notAfter must not be later than notAfter");
	if (!(given.quota.maxSubjects <= given.maxSubjects)) problems.push("quota.maxSubjects must be at most maxSubjects");
	if (!(given.quota.maxRecords <= given.maxRecords)) problems.push("quota.maxRecords must be at most maxRecords");
	if (new Set(given.approvals.map(({ approver }) => approver)).size < 2) problems.push("approvals must be of two different approvers");
	if (given.approvals.some(({ approvedAt }) => !(Date.parse(approvedAt) < untilMs)))
		problems.push("approvals must be earlier than notAfter");
	if (given.pathway === "exempt:E4" && !(untilMs - fromMs <= maxEmergencyMs))
		problems.push("an emergency (E4) lasts at most 24 hours: notAfter is too late");
	if (given.pathway === "exempt:E5" && !(given.maxSubjects < e5Persons))
		problems.push(`E5 is for fewer than ${e5Persons} persons: maxSubjects is too high`);
	return problems;
};

export const AuthorisationSchema = v.pipe(
	AnyAuthorisationSchema,
	v.rawCheck(({ dataset, addIssue }) => {
		if (dataset.typed) for (const message of authorisationProblems(dataset.value)) addIssue({ message });
	}),
);

export const AuthorisationsSchema = v.strictObject({
	kind: v.literal("authorisations"),
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	issuedAt: instant,
	authorisations: v.pipe(
		v.array(AuthorisationSchema),
		v.maxLength(1_000),
		v.check((list) => new Set(list.map((one) => one.id)).size === list.length, "an id is used twice"),
	),
});

export type Authorisations = v.InferOutput<typeof AuthorisationsSchema>;
