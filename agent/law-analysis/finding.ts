/** What an analysis has to say of a law. */
export type Severity = "error" | "warning" | "note";

export const findingCodes = [
	"not-valid",
	"above-floor",
	"too-many-cases",
	"retention-above-floor",
	"shadowed-rule",
	"unreachable-rule",
	"unreachable-category",
	"needs-consent-only",
	"category-without-rule",
	"unverified-threshold",
	"long-policy-term",
	"policy-term-over",
	"idle-halt",
] as const;
export type FindingCode = (typeof findingCodes)[number];

export interface Finding {
	readonly severity: Severity;
	readonly code: FindingCode;
	/** Where in the law: `policy.release.speed`, `catalogue.rows.unknown`. */
	readonly where: string;
	/** For a person: what is the case, and what to do about it. */
	readonly text: string;
}
