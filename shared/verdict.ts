/**
 * What `decide` says of a reading, and what the pipeline does with it. Everything here is computed when the law changes; a reading only looks
 * it up.
 */
import type { Citation } from "./catalogue.ts";
import type { Tagged } from "./tag.ts";

/** One compiled treatment: returns the lowered reading, or undefined when it must not leave. Throwing drops the reading. */
export type Step = (reading: Tagged) => Tagged | undefined;

/** upload: leaves by a route. vault: stays inside. drop: is forgotten at once. */
export const effects = ["upload", "vault", "drop"] as const;
export type Effect = (typeof effects)[number];

/** Why a verdict is what it is; a closed set, so that it can be counted and translated. */
export const reasonCodes = [
	"released",
	"not-requested",
	"floor-vault",
	"floor-drop",
	"core-data",
	"unknown-category",
	"direct-abroad",
	"policy-stale",
	"needs-treatment",
	"needs-consent",
	"needs-purpose",
	"needs-qualified-recipient",
	"needs-shorter-retention",
	"needs-authorisation",
	"withheld-by-treatment",
	"treatment-failed",
	"too-large",
	"not-collected",
] as const;
export type ReasonCode = (typeof reasonCodes)[number];

export interface Reason {
	readonly code: ReasonCode;
	/** For a person: what was asked, what is missing, and what would change it. */
	readonly text: string;
	readonly citations: readonly Citation[];
}

/** What happens to readings of one category (and path) towards one outlet, and why. */
export interface Verdict {
	readonly effect: Effect;
	readonly outletId: string;
	readonly ruleId: string | undefined;
	readonly reasons: readonly Reason[];
}

/** The word a summary has for what left by a route. */
export type Outcome = "uploaded" | "coarsened" | "pseudonymised" | "thinned" | "reduced";

/** One way out: one rule, one category, one outlet. An envelope holds readings of one route only. */
export interface Route {
	readonly outletId: string;
	readonly ruleId: string;
	readonly categoryId: string;
	readonly purpose: string;
	readonly retentionDays: number;
	readonly steps: readonly Step[];
	/** The treatments' names in order, for the label. */
	readonly transforms: readonly string[];
	readonly outcome: Outcome;
	/** Only readings that one of these collect rules lets through leave by it. Absent: all. */
	readonly collect?: readonly string[] | undefined;
}

/** All that the pipeline needs to know of a tag. No routes: the reading has the fate `stays`. */
export interface Decision {
	readonly routes: readonly Route[];
	readonly stays: "vault" | "drop";
	/** The reason that is counted when the reading does not leave. */
	readonly reason: ReasonCode;
}
