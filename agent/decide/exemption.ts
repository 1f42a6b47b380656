/**
 * Whether an exemption of regulations 1.3 holds, from its signed record alone: nothing is inferred on the unit. Takes a record that was not
 * necessarily read through its schema, and names each field that is missing or says something else than it must.
 */
import * as v from "valibot";
import { type Authorisation, AuthorisationSchema } from "../../shared/authorisation.ts";
import { otherwiseImportantFact } from "../../shared/fleet.ts";
import { compareLevels, type Level } from "../../shared/tag.ts";
import type { ReasonCode } from "../../shared/verdict.ts";
import type { Facts } from "./fleet.ts";

export interface Mismatch {
	readonly code: ReasonCode;
	/** For a person: which field, and what it would have to be. Never holds a sensed value. */
	readonly text: string;
}

export type ReadRecord =
	| { readonly given: Authorisation; readonly problems: readonly [] }
	| { readonly given: undefined; readonly problems: readonly Mismatch[] };

/** Checks a record's own form: problems, one per field, or the record when `AuthorisationSchema` takes it. Never throws. */
export const readRecord = (record: unknown): ReadRecord => {
	const result = v.safeParse(AuthorisationSchema, record);
	if (result.success) return { given: result.output, problems: [] };
	const problems = result.issues.map((issue) => {
		const path = v.getDotPath(issue) ?? "";
		const said = issue.message.startsWith("Invalid ") ? `expected ${issue.expected ?? "something else"}` : issue.message;
		return { code: codeOf(path, issue.message), text: path === "" ? said : `${path}: ${said}` };
	});
	return { given: undefined, problems };
};

const codeOf = (path: string, message: string): ReasonCode => {
	if (path.startsWith("evidence")) return "authorisation-evidence";
	if (path === "pathway" || path === "exemption") return "authorisation-exemption";
	if (path.startsWith("approvals") || message.startsWith("approvals")) return "authorisation-approvals";
	return "authorisation-invalid";
};

export interface ExemptionQuestion {
	readonly categoryId: string;
	/** What the category counts as, risen where it has risen. */
	readonly level: Level;
	readonly nowMs: number;
	readonly isHome: (jurisdiction: string) => boolean;
	readonly facts: Facts;
}

/** Why the exemption does not hold for this data now; none when it does, or when the record is by a pathway that is no exemption. */
export const exemptionProblems = (given: Authorisation, question: ExemptionQuestion): readonly Mismatch[] => {
	const { categoryId, level, nowMs, isHome, facts } = question;
	const important = compareLevels(level, "important") >= 0;
	const never = (text: string): Mismatch => ({ code: "authorisation-exemption", text });
	const evidence = (text: string): Mismatch => ({ code: "authorisation-evidence", text });
	const found: Mismatch[] = [];
	switch (given.pathway) {
		case "security-assessment":
		case "standard-contract":
			return [];
		case "certification":
			if (!(nowMs < Date.parse(given.evidence.certificateNotAfter)))
				found.push({ code: "authorisation-expired", text: "evidence.certificateNotAfter: the certificate is past its term" });
			return found;
		case "exempt:E1":
			if (isHome(given.evidence.originJurisdiction))
				found.push(evidence("evidence.originJurisdiction: must not be home, the data must have been collected abroad"));
			break;
		case "exempt:E5":
			if (compareLevels(level, "sensitive-personal") >= 0) found.push(never("E5 is for personal information that is not sensitive"));
			break;
		case "exempt:E7":
			if (!(Date.parse(given.evidence.reportedAt) < nowMs))
				found.push(evidence("evidence.reportedAt: must be past, the report comes first"));
			break;
		case "exempt:E2":
		case "exempt:E4":
		case "exempt:E6":
		case "exempt:E8":
		case "exempt:E9":
			break;
	}
	const name = given.pathway.slice("exempt:".length);
	if (!important) return found;
	if (!strictlyRead.has(given.pathway)) return [...found, never(`${name} is never for important data`)];
	// The strict reading of E7 to E9: the row says important because of what the exemption is about; somebody must say that nothing else does.
	const fact = otherwiseImportantFact(categoryId);
	return facts.get(fact) === 0 ? found : [...found, never(`${name} needs the fleet fact "${fact}" to be 0: not important by another rule`)];
};

const strictlyRead: ReadonlySet<string> = new Set(["exempt:E7", "exempt:E8", "exempt:E9"]);
