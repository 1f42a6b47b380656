/**
 * Consent of a person, as the regulations file lists it (8.5): for one category and one purpose, after one notice, and never without an end.
 */
import * as v from "valibot";

const id = v.pipe(v.string(), v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/), v.maxLength(120));
const instant = v.pipe(v.string(), v.isoTimestamp());

/** V-05 and F-2: a term can be set, and "permanent" cannot be represented. The number is this project's default (regulations section 9). */
export const maxConsentDays = 180;

export const ConsentSchema = v.pipe(
	v.strictObject({
		subjectPseudonym: v.pipe(v.string(), v.minLength(8), v.maxLength(80)),
		categoryId: id,
		purpose: id,
		/** SHA-256 of the notice that the person saw. */
		noticeHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
		grantedAt: instant,
		notAfter: instant,
		withdrawnAt: v.optional(instant),
		channel: v.picklist(["hmi", "app", "paper", "test"]),
	}),
	v.check(
		(c) =>
			Date.parse(c.notAfter) > Date.parse(c.grantedAt) && Date.parse(c.notAfter) - Date.parse(c.grantedAt) <= maxConsentDays * 86_400_000,
		`notAfter must be later than grantedAt by at most ${maxConsentDays} days`,
	),
);

export const ConsentsSchema = v.strictObject({
	kind: v.literal("consents"),
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	issuedAt: instant,
	consents: v.pipe(v.array(ConsentSchema), v.maxLength(10_000)),
});

export type Consent = v.InferOutput<typeof ConsentSchema>;
export type Consents = v.InferOutput<typeof ConsentsSchema>;
