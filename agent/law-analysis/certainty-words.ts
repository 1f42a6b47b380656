/** What the certainty marks of citations mean (`shared/catalogue.ts`), for legends. */
import type { Certainty, Citation } from "../../shared/catalogue.ts";

export const certaintyWords: Readonly<Record<Certainty, string>> = {
	T: "the text or a whole translation was read",
	X: "an excerpt was read",
	S: "a secondary source says so",
	G: "a fragment quoted elsewhere",
	M: "domain knowledge, not confirmed",
	"M?": "uncertain, a conservative default",
	own: "this project's own choice",
};

/** `V-17 T, 1.4 S`; a reference and its mark stay on one line where lines are broken. */
export const citationText = (citations: readonly Citation[]): string =>
	citations.map(({ ref, certainty }) => `${ref}\u00a0${certainty}`).join(", ");
