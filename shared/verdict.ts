/**
 * What `decide` says of a reading, and what the pipeline does with it. Everything here is computed when the law changes; a reading only looks
 * it up.
 */
import type { QuotaLease } from "./authorisation.ts";
import type { Citation } from "./catalogue.ts";
import type { MapEvidence } from "./map-evidence.ts";
import type { Tagged } from "./tag.ts";
import type { BootMs, UtcMs } from "./units.ts";

/** One compiled treatment: returns the lowered reading, or undefined when it must not leave. Throwing drops the reading. */
export type Step = (reading: Tagged) => Tagged | undefined;

/**
 * A treatment that needs more than one reading to decide: it holds readings back for a while, or makes one of many. What it holds lives in
 * memory, is bounded, and is withheld when it is never released.
 */
export interface StreamStep {
	/** Takes one reading; gives back what may leave now, oldest first: earlier ones, made ones, this one, or none. */
	take(reading: Tagged): readonly Tagged[];
	/** What may leave because time has passed since. Called every few seconds. */
	due(nowMs: UtcMs, bootMs: BootMs): readonly Tagged[];
	/** Readings that it holds and may release later; always 0 for one that makes readings of another kind, since what it takes never leaves. */
	readonly held: number;
	/** True when what it gives back is made and not taken. */
	readonly makes?: boolean;
	/** True when what it holds comes back by itself within moments (a worker is at it): whoever has time waits for it. */
	readonly settles?: boolean;
	/** Forgets what it holds, of one source or of all; gives back how many readings that were. */
	forget(sourceId?: string): number;
}

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
	"needs-other-destination",
	"needs-map-review",
	"needs-geo-processing",
	"authorisation-invalid",
	"authorisation-pathway",
	"authorisation-exemption",
	"authorisation-evidence",
	"authorisation-approvals",
	"authorisation-handler",
	"authorisation-recipient",
	"authorisation-jurisdiction",
	"authorisation-purpose",
	"authorisation-category",
	"authorisation-fields",
	"authorisation-retention",
	"authorisation-consent-ref",
	"authorisation-not-yet",
	"authorisation-expired",
	"halted",
	"collection-stopped",
	"place-denied",
	"conditions-unmet",
	"quota-used-up",
	"area-limit",
	"datum-mixed",
	"withheld-by-treatment",
	"held-back",
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
	/** The authorisation that it leaves under, when the floor needs one. */
	readonly authorisation?: RouteAuthorisation | undefined;
	readonly reasons: readonly Reason[];
}

/** What leaves under an authorisation is counted against its lease, whatever the route. */
export interface RouteAuthorisation {
	readonly id: string;
	readonly quota: QuotaLease;
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
	readonly steps: readonly (Step | StreamStep)[];
	/** The treatments' names in order, for the label. */
	readonly transforms: readonly string[];
	/** What positions are known to at best after the treatments, in metres; 0 when none coarsens positions. */
	readonly precisionM: number;
	readonly outcome: Outcome;
	/** Each record must be taken from this lease before it leaves (`agent/decide/quota.ts`). */
	readonly authorisation?: RouteAuthorisation | undefined;
	/** Only readings that one of these collect rules lets through leave by it. Absent: all. */
	readonly collect?: readonly string[] | undefined;
	/** What the label carries of the map's review and processing. */
	readonly evidence?: MapEvidence | undefined;
}

/** All that the pipeline needs to know of a tag. No routes: the reading has the fate `stays`. */
export interface Decision {
	readonly routes: readonly Route[];
	readonly stays: "vault" | "drop";
	/** The reason that is counted when the reading does not leave. */
	readonly reason: ReasonCode;
}
