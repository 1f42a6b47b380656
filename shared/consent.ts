/**
 * Consent of a person, as the regulations file lists it (8.5): for one category and one purpose, after one notice, and never without an end.
 */
import * as v from "valibot";

const id = v.pipe(v.string(), v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/), v.maxLength(120));
const instant = v.pipe(v.string(), v.isoTimestamp());

/** V-05 and F-2: a term can be set, and "permanent" cannot be represented. The number is this project's default (regulations section 9). */
export const maxConsentDays = 180;
/** A consent for one drive ends with the drive, and with this many hours where the end of the drive is never heard of. */
export const maxDriveHours = 24;

/**
 * drive: until the ignition goes off (P-04: each drive starts with "not collecting"). until: a choice of the driver that outlives the drive
 * and is limited in time. Absent: until.
 */
export const consentTerms = ["drive", "until"] as const;
/** How far the data may go: to recipients at home, or abroad too, which takes a separate consent. Absent: home. */
export const consentScopes = ["home", "abroad"] as const;
export const consentChannels = ["hmi", "app", "paper", "test"] as const;

/** What a person says; what the unit adds is when it was said. */
export const consentFields = {
	subjectPseudonym: v.pipe(
		v.string(),
		v.regex(/^[A-Za-z0-9][A-Za-z0-9._:-]*$/, "letters, digits and . _ : -"),
		v.minLength(8),
		v.maxLength(80),
	),
	categoryId: id,
	purpose: id,
	/** SHA-256 of the notice that the person saw. */
	noticeHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits")),
	term: v.optional(v.picklist(consentTerms)),
	scope: v.optional(v.picklist(consentScopes)),
	/** The subject is under 14 years old. */
	minor: v.optional(v.boolean()),
	/** The guardian has consented; must be true for a minor (P-20). */
	guardian: v.optional(v.boolean()),
	channel: v.picklist(consentChannels),
};

/** P-20: for somebody under 14 the guardian consents. */
export const guardianGiven = (c: { readonly minor?: boolean | undefined; readonly guardian?: boolean | undefined }): boolean =>
	c.minor !== true || c.guardian === true;
export const guardianMissing = "guardian must be true when minor is: for somebody under 14 the guardian consents";

export const ConsentSchema = v.pipe(
	v.strictObject({ ...consentFields, grantedAt: instant, notAfter: instant, withdrawnAt: v.optional(instant) }),
	v.check(
		(c) =>
			Date.parse(c.notAfter) > Date.parse(c.grantedAt) && Date.parse(c.notAfter) - Date.parse(c.grantedAt) <= maxConsentDays * 86_400_000,
		`notAfter must be later than grantedAt by at most ${maxConsentDays} days`,
	),
	v.check((c) => guardianGiven(c), guardianMissing),
);

export const ConsentsSchema = v.strictObject({
	kind: v.literal("consents"),
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	issuedAt: instant,
	consents: v.pipe(v.array(ConsentSchema), v.maxLength(10_000)),
});

export type Consent = v.InferOutput<typeof ConsentSchema>;
export type Consents = v.InferOutput<typeof ConsentsSchema>;

/** Which consents are meant: those that agree with every field that is given; without any, all. */
export interface ConsentMatch {
	readonly subjectPseudonym?: string | undefined;
	readonly categoryId?: string | undefined;
	readonly purpose?: string | undefined;
}

export const matchesConsent = (consent: Pick<Consent, "subjectPseudonym" | "categoryId" | "purpose">, match: ConsentMatch): boolean =>
	(match.subjectPseudonym === undefined || match.subjectPseudonym === consent.subjectPseudonym) &&
	(match.categoryId === undefined || match.categoryId === consent.categoryId) &&
	(match.purpose === undefined || match.purpose === consent.purpose);
