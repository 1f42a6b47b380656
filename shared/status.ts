/**
 * How an agent is: the document that `GET /status` answers with and `kerbstone status` shows. Ids, counts, codes and ages; nothing sensed.
 */
import * as v from "valibot";

const text = v.pipe(v.string(), v.maxLength(500));
const instant = v.pipe(v.string(), v.isoTimestamp());
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const ageMs = v.pipe(v.number(), v.minValue(0));
const counts = v.record(text, count);

export const LawStatusSchema = v.object({
	/** Over all documents of the law in force. */
	hash,
	policyId: text,
	policyVersion: count,
	/** When the policy expires; after that nothing but statutory flows leaves. */
	notAfter: instant,
	expired: v.boolean(),
	catalogueId: text,
	catalogueVersion: count,
});

export const SourceStatusSchema = v.object({
	id: text,
	type: text,
	/** opening: not ready yet. open: yields. waiting: tries again after a pause. ended: had no more (a file). failed: gave up. */
	state: v.picklist(["opening", "open", "waiting", "ended", "failed"]),
	/** What it said last of itself. */
	detail: v.optional(text),
	readings: count,
	/** Input that could not be read, by code. */
	rejected: counts,
	/** Since the last reading, in boot time; absent before the first. */
	lastReadingAgeMs: v.optional(ageMs),
});

export const CategoryStatusSchema = v.object({
	id: text,
	level: text,
	/** Readings of this category that reached the kerb; each is in exactly one of the counts below, or is still being decided. */
	sensed: count,
	/** Released as they were. */
	uploaded: count,
	/** Released after a treatment lowered them (coarsened, pseudonymised, thinned or reduced). */
	coarsened: count,
	/** Kept inside. */
	kept: count,
	/** Forgotten at once. */
	dropped: count,
	/** Why, for those that did not leave: reason codes of verdicts. */
	reasons: counts,
});

export const OutletStatusSchema = v.object({
	id: text,
	/** connected; connecting; waiting: a pause before the next attempt; refused: the law or the guard forbids this link; off: no link is configured. */
	link: v.picklist(["connected", "connecting", "waiting", "refused", "off"]),
	/** Why it is not connected. */
	detail: v.optional(text),
	/** Sealed and not yet acknowledged by the broker. */
	pendingEnvelopes: count,
	pendingBytes: count,
	/** Age of the oldest of them; absent when none is pending. */
	oldestPendingAgeMs: v.optional(ageMs),
	/** Acknowledged since the agent started. */
	deliveredEnvelopes: count,
});

export const AgentStatusSchema = v.object({
	kind: v.literal("status"),
	unitId: text,
	version: text,
	state: v.picklist(["running", "stopping"]),
	/** UTC of the box. */
	now: instant,
	uptimeMs: ageMs,
	/** Absent when there is no valid law: then nothing leaves. */
	law: v.optional(LawStatusSchema),
	/** Why there is no law, or why a newer one was not taken. */
	lawProblem: v.optional(text),
	sources: v.array(SourceStatusSchema),
	categories: v.array(CategoryStatusSchema),
	outlets: v.array(OutletStatusSchema),
	/** Zones in which collection was stopped by hand. */
	stopped: v.optional(v.array(text)),
	/** Pictures that did not leave, by why; the hint says how to go on. Absent while there was none. */
	redaction: v.optional(v.object({ refused: counts, hint: v.optional(text) })),
	ledger: v.object({ entries: count, headHash: v.optional(hash) }),
});

export type LawStatus = v.InferOutput<typeof LawStatusSchema>;
export type SourceStatus = v.InferOutput<typeof SourceStatusSchema>;
export type CategoryStatus = v.InferOutput<typeof CategoryStatusSchema>;
export type OutletStatus = v.InferOutput<typeof OutletStatusSchema>;
export type AgentStatus = v.InferOutput<typeof AgentStatusSchema>;
