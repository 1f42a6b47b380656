/**
 * The policy: what the operator wants released, within the floor. It can only ever name what leaves; what it does not name stays inside.
 */
import * as v from "valibot";
import { isPathPattern, pathPatternRule } from "./path-pattern.ts";

const id = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"),
	v.maxLength(120),
);
const instant = v.pipe(v.string(), v.isoTimestamp());

export const ReleaseRuleSchema = v.strictObject({
	id,
	/** The outlet that it releases to. */
	outlet: id,
	/** What the data is released for; consent, pseudonyms and labels are bound to it. */
	purpose: id,
	/** Why the purpose cannot do without the data (regulations P-03). */
	necessity: v.pipe(v.string(), v.minLength(10), v.maxLength(500)),
	categories: v.pipe(v.array(id), v.minLength(1), v.maxLength(100)),
	/** Narrows the categories to these paths (path-pattern.ts): whole ones, or `Vehicle.Body.*` for all below. Absent: all their paths. */
	paths: v.optional(v.pipe(v.array(v.pipe(v.string(), v.check(isPathPattern, pathPatternRule))), v.minLength(1), v.maxLength(500))),
	/** In this order. Each is checked against its plug-in's own schema; one unknown name refuses the policy as a whole. */
	treatments: v.pipe(v.array(v.looseObject({ type: id })), v.maxLength(20)),
	/** How long the recipient may keep it; travels in the label. */
	retentionDays: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3_650)),
});

export const PolicySchema = v.strictObject({
	kind: v.literal("policy"),
	id,
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	issuedAt: instant,
	/** After this nothing but statutory and security-alarm flows leaves. */
	notAfter: instant,
	handler: v.strictObject({
		/** The domestic legal entity that answers for the data (regulations G-05). */
		legalEntityId: v.pipe(v.string(), v.minLength(1), v.maxLength(80)),
		name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
	}),
	/** The catalogue that it was written for. */
	catalogue: id,
	release: v.pipe(v.array(ReleaseRuleSchema), v.maxLength(1_000)),
});

export type ReleaseRule = v.InferOutput<typeof ReleaseRuleSchema>;
export type Policy = v.InferOutput<typeof PolicySchema>;
