/**
 * Whether a signed authorisation covers exactly what is asked: the data, the purpose, the recipient and its key, the country, the handler, the
 * retention and the moment (regulations G-09). Every field that does not fit is named; nothing is covered by nearly fitting.
 */
import type { Authorisation, Pathway } from "../../shared/authorisation.ts";
import type { Outlet } from "../../shared/outlet.ts";
import { compilePathPatterns } from "../../shared/path-pattern.ts";
import { compareLevels, type Level } from "../../shared/tag.ts";
import { exemptionProblems, type Mismatch, type ReadRecord, readRecord } from "./exemption.ts";
import type { Facts } from "./fleet.ts";
import { handlerCounts, requiredPathway } from "./pathway.ts";

export interface AuthorisationQuestion {
	readonly categoryId: string;
	/** What the category counts as, risen where it has risen. */
	readonly level: Level;
	/** It is about people: a consent must be named (regulations G-10). */
	readonly isPersonal: boolean;
	/** Per requirement of the floor, the pathways that meet it, by their ids in the catalogue. One authorisation must meet all. */
	readonly accepted: readonly (readonly string[])[];
	readonly outlet: Outlet;
	readonly purpose: string;
	/** Paths, patterns of paths or kinds of readings, all of which must be covered; none is not covered. */
	readonly paths: readonly string[];
	readonly retentionDays: number;
	/** `legalEntityId` of the policy's handler. */
	readonly handler: string | undefined;
	readonly isHome: (jurisdiction: string) => boolean;
	/** Undefined: time cannot be trusted, so nothing is in force. */
	readonly nowMs: number | undefined;
	readonly facts: Facts;
	/** The table of regulations 1.2 is the law here. */
	readonly usesPathwayTable: boolean;
}

export type Answer =
	| { readonly covers: Authorisation }
	/** Of the authorisation that comes nearest, all that does not fit; empty when there is none at all. */
	| { readonly covers: undefined; readonly nearest: string | undefined; readonly mismatches: readonly Mismatch[] };

/** The authorisations of a law, made ready to be asked. */
export interface AuthorisationBook {
	/** The first that covers. */
	find(question: AuthorisationQuestion): Answer;
	/** UTC milliseconds after `nowMs` at which an answer may change; Infinity when none does. */
	changesAfter(nowMs: number): number;
}

type Entry = ReadRecord & { readonly id: string | undefined; readonly names: (path: string) => boolean };

const readEntry = (record: unknown): Entry => {
	const read = readRecord(record);
	return { ...read, id: read.given?.id, names: read.given === undefined ? () => false : compilePathPatterns(read.given.fields) };
};

/**
 * Compiles a list once per law; records may come as they were written. What is wrong with one does not throw: it covers nothing and says why.
 */
export const compileAuthorisations = (list: readonly unknown[]): AuthorisationBook => {
	const entries = list.map(readEntry);
	return {
		find: (question) => {
			let nearest: { readonly id: string | undefined; readonly mismatches: readonly Mismatch[] } | undefined;
			for (const entry of entries) {
				const mismatches = mismatchesOf(entry, question);
				if (entry.given !== undefined && mismatches.length === 0) return { covers: entry.given };
				if (nearest === undefined || mismatches.length < nearest.mismatches.length) nearest = { id: entry.id, mismatches };
			}
			return { covers: undefined, nearest: nearest?.id, mismatches: nearest?.mismatches ?? [] };
		},
		changesAfter: (nowMs) => {
			const edges = entries.flatMap(({ given }) => (given === undefined ? [] : edgesOf(given)));
			return edges.filter((edgeMs) => edgeMs > nowMs).reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
		},
	};
};

/** All that keeps one authorisation from covering the question; none when it covers. The record may come as it was written. */
export const authorisationMismatches = (record: unknown, question: AuthorisationQuestion): readonly Mismatch[] =>
	mismatchesOf(readEntry(record), question);

/** The id that a catalogue's floor has for a pathway: `exempt-e7` for `exempt:E7`. */
export const catalogueId = (pathway: Pathway): string => pathway.replace(":", "-").toLowerCase();

const mismatchesOf = ({ given, problems, names }: Entry, question: AuthorisationQuestion): readonly Mismatch[] => {
	if (given === undefined) return problems;
	const { outlet, paths } = question;
	const found: Mismatch[] = [];
	const expect = (holds: boolean, code: Mismatch["code"], text: string): void => {
		if (!holds) found.push({ code, text: `authorisation "${given.id}": ${text}` });
	};
	expect(given.categories.includes(question.categoryId), "authorisation-category", `categories do not name "${question.categoryId}"`);
	expect(given.purposes.includes(question.purpose), "authorisation-purpose", `purposes do not name "${question.purpose}"`);
	expect(given.handler === question.handler, "authorisation-handler", "handler is not the policy's legal entity");
	expect(
		given.jurisdiction === outlet.finalJurisdiction,
		"authorisation-jurisdiction",
		`jurisdiction is ${given.jurisdiction}, the outlet is read in ${outlet.finalJurisdiction}`,
	);
	// Whoever else could open it would be a recipient that nobody authorised (G-21); the inspection key is the law's own.
	expect(
		outlet.recipients.length > 0 &&
			outlet.recipients.every(({ name, x25519 }) => name === given.recipientId && x25519 === given.recipientKey),
		"authorisation-recipient",
		`recipientId and recipientKey are not those of outlet "${outlet.id}", or it has other recipients too`,
	);
	expect(paths.length > 0 && paths.every(names), "authorisation-fields", "fields do not name all that the rule releases");
	expect(
		question.retentionDays <= given.retentionAbroadDays,
		"authorisation-retention",
		`retentionAbroadDays is ${given.retentionAbroadDays}, the rule's retentionDays ${question.retentionDays}`,
	);
	expect(
		!question.isPersonal || given.consentRef !== undefined || given.pathway === "exempt:E4",
		"authorisation-consent-ref",
		"consentRef is missing, and the data is about people",
	);
	return [...found, ...pathwayMismatches(given, question), ...timeMismatches(given, question)];
};

const pathwayMismatches = (given: Authorisation, question: AuthorisationQuestion): readonly Mismatch[] => {
	const name = `authorisation "${given.id}"`;
	const found = question.accepted
		.filter((accepted) => !waysOf(given).some((way) => accepted.includes(way)))
		.map((accepted): Mismatch => {
			const isEvidence = accepted.some((way) => way === "map-review" || way === "geo-processing");
			const code = isEvidence ? "authorisation-evidence" : "authorisation-pathway";
			return { code, text: `${name}: pathway ${given.pathway} with its evidence is not one of ${accepted.join(", ")}` };
		});
	if (!question.usesPathwayTable) return found;
	const required = requiredPathway({
		important: compareLevels(question.level, "important") >= 0,
		personal: question.level === "sensitive-personal" ? "sensitive" : question.level === "personal" ? "non-sensitive" : "none",
		exempt: false,
		...handlerCounts(question.facts),
	});
	if (meetsTable(given.pathway, required)) return found;
	const text = `${name}: pathway ${given.pathway} is not enough for the handler's counts, the table asks for ${required}`;
	return [...found, { code: "authorisation-pathway", text }];
};

/** Exemptions come before the table, but for E5, which is its last row; they say themselves that they are not for important data. */
const meetsTable = (pathway: Pathway, required: ReturnType<typeof requiredPathway>): boolean => {
	if (pathway === "security-assessment") return true;
	if (pathway === "exempt:E5") return required === "exempt:E5" || required === "none";
	if (pathway === "standard-contract" || pathway === "certification") return required !== "security-assessment";
	return true;
};

/** The ids that a floor may ask for and that this authorisation is. */
const waysOf = (given: Authorisation): readonly string[] => {
	const ways = [catalogueId(given.pathway)];
	if (given.pathway !== "security-assessment") return ways;
	if (given.evidence.mapReviewNo !== undefined) ways.push("map-review");
	if (given.evidence.geoProcessingCertificateRef !== undefined) ways.push("geo-processing");
	return ways;
};

const timeMismatches = (given: Authorisation, question: AuthorisationQuestion): readonly Mismatch[] => {
	const { nowMs } = question;
	const name = `authorisation "${given.id}"`;
	if (nowMs === undefined) return [{ code: "authorisation-not-yet", text: `${name}: the time is not known, so nothing is in force` }];
	const found: Mismatch[] = [];
	if (nowMs < Date.parse(given.notBefore)) found.push({ code: "authorisation-not-yet", text: `${name}: notBefore is to come` });
	if (!(nowMs < Date.parse(given.notAfter))) found.push({ code: "authorisation-expired", text: `${name}: notAfter is past` });
	else if (!(nowMs < Date.parse(given.quota.notAfter)))
		found.push({ code: "quota-used-up", text: `${name}: quota.notAfter is past, a new lease is needed` });
	if (given.approvals.some(({ approvedAt }) => !(Date.parse(approvedAt) <= nowMs)))
		found.push({ code: "authorisation-approvals", text: `${name}: approvals: one is dated in the future` });
	const { categoryId, level, isHome, facts } = question;
	const exemption = exemptionProblems(given, { categoryId, level, nowMs, isHome, facts });
	return [...found, ...exemption.map(({ code, text }) => ({ code, text: `${name}: ${text}` }))];
};

/** Instants at which something about it begins or ends. An instant at which it must be past counts one millisecond later. */
const edgesOf = (given: Authorisation): readonly number[] => {
	const edges = [given.notBefore, given.notAfter, given.quota.notAfter, ...given.approvals.map(({ approvedAt }) => approvedAt)].map((at) =>
		Date.parse(at),
	);
	if (given.pathway === "certification") edges.push(Date.parse(given.evidence.certificateNotAfter));
	if (given.pathway === "exempt:E7") edges.push(Date.parse(given.evidence.reportedAt) + 1);
	return edges;
};
