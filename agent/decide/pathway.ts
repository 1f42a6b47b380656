/**
 * Which way abroad the law asks for (regulations 1.2). All counters are of one handler, over distinct natural persons, since 1 January of the
 * current year; what is not known counts as above every limit.
 */
import { handlerFacts } from "../../shared/fleet.ts";
import type { Facts } from "./fleet.ts";

export interface PathwayQuestion {
	readonly important: boolean;
	/** The data is about people at all, and of the sensitive kind. */
	readonly personal: "none" | "non-sensitive" | "sensitive";
	/** An exemption other than E5 holds, with all its evidence. */
	readonly exempt: boolean;
	readonly isCiio: boolean | undefined;
	/** Distinct persons whose non-sensitive information goes abroad. */
	readonly persons: number | undefined;
	/** Distinct persons whose sensitive information goes abroad. */
	readonly sensitivePersons: number | undefined;
}

/** `contract-or-certification`: either of the two. `none`: neither important nor about people. */
export type RequiredPathway = "none" | "exempt" | "exempt:E5" | "contract-or-certification" | "security-assessment";

/** The limits of regulations 1.2, inclusive: from this many persons on. */
export const pathwayLimits = { contractPersons: 100_000, assessmentPersons: 1_000_000, assessmentSensitivePersons: 10_000 } as const;

/** The table's rows in their order. */
export const requiredPathway = (question: PathwayQuestion): RequiredPathway => {
	const { important, personal, exempt } = question;
	const persons = known(question.persons);
	// Sensitive data of nobody does not exist: the one who is sensed here is a person.
	const sensitive = Math.max(known(question.sensitivePersons), personal === "sensitive" ? 1 : 0);
	if (important) return "security-assessment";
	if (exempt) return "exempt";
	if (personal === "none") return "none";
	if (question.isCiio !== false) return "security-assessment";
	if (persons >= pathwayLimits.assessmentPersons) return "security-assessment";
	if (sensitive >= pathwayLimits.assessmentSensitivePersons) return "security-assessment";
	if (persons >= pathwayLimits.contractPersons || sensitive > 0) return "contract-or-certification";
	return "exempt:E5";
};

/** The handler's part of a question, from the facts of the fleet. */
export const handlerCounts = (facts: Facts): Pick<PathwayQuestion, "isCiio" | "persons" | "sensitivePersons"> => {
	const ciio = facts.get(handlerFacts.isCiio);
	return {
		isCiio: ciio === undefined ? undefined : ciio !== 0,
		persons: facts.get(handlerFacts.persons),
		sensitivePersons: facts.get(handlerFacts.sensitivePersons),
	};
};

const known = (count: number | undefined): number => (count === undefined || !(count >= 0) ? Number.POSITIVE_INFINITY : count);
