/** Why something that redaction needs cannot be had: the code that is counted, and words for a person. */
import type { RedactionRefusal } from "../../shared/frame.ts";

export interface Refused {
	readonly why: RedactionRefusal;
	/** One sentence, without anything sensed. */
	readonly message: string;
}

export const isRefused = <T extends object>(outcome: T | Refused): outcome is Refused => "why" in outcome && "message" in outcome;
