/**
 * What a unit says of itself to its operator, retained at `kerb/v1/<unit>/status/<outlet>`: who it is and which law it obeys. Nothing sensed,
 * and no counts, which would tell how much a unit is used.
 */
import * as v from "valibot";

const text = v.pipe(v.string(), v.maxLength(120));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits"));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const UnitStatusSchema = v.object({
	kind: v.literal("unit-status"),
	unitId: text,
	/** Of the agent. */
	version: text,
	/** offline: it ended in order. A unit that says nothing for long may be cut off whatever it said last. */
	state: v.picklist(["online", "offline"]),
	/** UTC milliseconds by the unit's clock. */
	saidAtMs: count,
	/** Of the law in force, as in the label of every envelope. */
	lawHash: hash,
	policyId: text,
	policyVersion: count,
	/** UTC milliseconds by the unit's clock: since when this law is in force, at the least since the agent started. */
	lawSinceMs: count,
	/** Of the repository that the unit looked at last, as far as it could be believed. */
	snapshotVersion: v.optional(count),
	/** Why it did not take what it found there; absent when it did, or when there was nothing new. */
	refusal: v.optional(v.strictObject({ code: v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,39}$/)), snapshotVersion: v.optional(count) })),
	/** UTC milliseconds by the unit's clock; with `refusal`. */
	refusedAtMs: v.optional(count),
});
export type UnitStatus = v.InferOutput<typeof UnitStatusSchema>;
