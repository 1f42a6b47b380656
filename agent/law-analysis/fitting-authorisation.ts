/**
 * The authorisation that would fit: for a question, records of every pathway with all their evidence and exactly the scope that is asked for.
 * Whether one covers is decided by `authorise.ts`; nothing here is ever signed.
 */
import { type Authorisation, type Pathway, pathways } from "../../shared/authorisation.ts";
import { type Answer, type AuthorisationBook, type AuthorisationQuestion, authorisationMismatches } from "../decide/authorise.ts";

const hourMs = 3_600_000;
const isoAt = (ms: number): string => new Date(ms).toISOString();
/** A country that nobody's home is: user-assigned in ISO 3166-1. */
const nowhere = "XX";

/** Per pathway the evidence that a record must carry, filled in. */
const evidenceFor = (nowMs: number): Readonly<Record<Exclude<Pathway, "exempt:E3">, Readonly<Record<string, string | boolean>>>> => ({
	"security-assessment": { assessmentNo: "assumed", mapReviewNo: "assumed", geoProcessingCertificateRef: "assumed" },
	"standard-contract": { filingNo: "assumed" },
	certification: { certificateNo: "assumed", certificateNotAfter: isoAt(nowMs + hourMs) },
	"exempt:E1": { originJurisdiction: nowhere, mixedWithDomestic: false },
	"exempt:E2": { contractType: "assumed", subjectRef: "assumed" },
	"exempt:E4": { emergencyEventId: "assumed", reviewRecord: "assumed" },
	"exempt:E5": {},
	"exempt:E6": { ftz: "assumed", listVersion: "assumed", itemNotOnList: true },
	"exempt:E7": { reportNo: "assumed", reportedAt: isoAt(nowMs - hourMs), purpose: "remediation" },
	"exempt:E8": { reportNo: "assumed", incidentId: "assumed" },
	"exempt:E9": { recallFilingNo: "assumed", packageHash: "0".repeat(64) },
});

/** The evidence fields of each pathway that a unit can be given (regulations 1.2 and 1.3). */
export const evidenceFields: ReadonlyMap<string, readonly string[]> = new Map(
	Object.entries(evidenceFor(0)).map(([pathway, evidence]) => [pathway, Object.keys(evidence)]),
);

/** One record per pathway that would fit the question's scope; fresh objects. */
const candidates = (question: AuthorisationQuestion): readonly Authorisation[] => {
	const nowMs = question.nowMs ?? 0;
	const evidence = evidenceFor(nowMs);
	const recipient = question.outlet.recipients[0];
	const common = {
		id: "that-fits",
		handler: question.handler ?? "assumed",
		recipientId: recipient?.name ?? "assumed",
		recipientKey: recipient?.x25519 ?? "0".repeat(64),
		jurisdiction: question.outlet.finalJurisdiction,
		purposes: [question.purpose],
		categories: [question.categoryId],
		fields: [...question.paths],
		maxSubjects: 1,
		maxRecords: 1,
		retentionAbroadDays: question.retentionDays,
		contractRef: "assumed",
		piaRef: "assumed",
		consentRef: "assumed",
		approvals: ["one", "two"].map((approver) => ({ approver, approvedAt: isoAt(nowMs - hourMs) })),
		notBefore: isoAt(nowMs - hourMs),
		notAfter: isoAt(nowMs + hourMs),
		quota: { maxSubjects: 1, maxRecords: 1, notAfter: isoAt(nowMs + hourMs) },
	};
	return pathways.flatMap((pathway) =>
		pathway === "exempt:E3" ? [] : [{ ...common, pathway, evidence: evidence[pathway] } as Authorisation],
	);
};

/** The pathways by which a question could be covered, given all the evidence; none when no authorisation can be given for it. */
export const openPathways = (question: AuthorisationQuestion): readonly Pathway[] =>
	candidates(question)
		.filter((candidate) => authorisationMismatches(candidate, question).length === 0)
		.map(({ pathway }) => pathway);

/** A book in which whatever can be authorised is; `asked` hears of each question and the ways that are open for it. */
export const fittingBook = (asked?: (question: AuthorisationQuestion, open: readonly Pathway[]) => void): AuthorisationBook => ({
	find: (question): Answer => {
		asked?.(question, openPathways(question));
		let nearest: Answer = { covers: undefined, nearest: undefined, mismatches: [] };
		for (const candidate of candidates(question)) {
			const mismatches = authorisationMismatches(candidate, question);
			if (mismatches.length === 0) return { covers: candidate };
			if (nearest.covers === undefined && (nearest.nearest === undefined || mismatches.length < nearest.mismatches.length))
				nearest = { covers: undefined, nearest: candidate.id, mismatches };
		}
		return nearest;
	},
	changesAfter: () => Number.POSITIVE_INFINITY,
});
