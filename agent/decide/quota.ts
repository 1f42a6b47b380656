/**
 * Quota leases, counted by the unit itself (regulations G-06, G-07): distinct subjects and records per authorisation, over all topics, outlets
 * and categories. A pure state machine; whoever keeps the state writes it to disk before what it allowed leaves.
 *
 * Only a signed lease that ends later than the one before starts a new count. Neither a clock nor a restart does: the time that the machine
 * goes by never runs backwards, and a lease that ends earlier than one already seen is spent.
 *
 * Subjects are kept as 8-byte keyed hashes, in 256 sets by their first byte so that one more subject copies one small set. The bound is what
 * one unit can hold, whatever a lease says.
 */
import * as v from "valibot";
import type { QuotaLease } from "../../shared/authorisation.ts";
import { KerbError } from "../../shared/errors.ts";
import { parseValue } from "../../shared/parse-document.ts";
import type { Primitives } from "../../shared/primitives.ts";

/** Subjects that one unit tells apart under one lease; a lease for more is used up here. 8 bytes each on disk as 16 digits. */
export const maxTrackedSubjects = 100_000;
/** Authorisations counted at a time; the same bound as their document has. */
const maxCounts = 1_000;

interface Count {
	/** The end of the newest lease seen, UTC milliseconds. */
	readonly leaseUntilMs: number;
	readonly records: number;
	readonly subjects: number;
	/** 256 sets of hashes, by the first byte. */
	readonly buckets: readonly ReadonlySet<string>[];
	/** Nothing is left, whatever the counts say: the count was lost. */
	readonly spent: boolean;
}

export interface QuotaState {
	/** The latest time that was ever handed in, UTC milliseconds. */
	readonly latestMs: number;
	readonly counts: ReadonlyMap<string, Count>;
}

export const emptyQuota: QuotaState = { latestMs: 0, counts: new Map() };

export interface Taking {
	readonly authorisationId: string;
	readonly lease: QuotaLease;
	/** `subjectHash` of each person that the records are about; more than once counts once. */
	readonly subjects: readonly string[];
	/** A whole number, at least 0. */
	readonly records: number;
	readonly nowMs: number;
}

export type QuotaReason = "allowed" | "subjects" | "records" | "expired" | "older-lease" | "lost" | "invalid" | "too-many-leases";

export interface Taken {
	/** To be kept whether or not it was allowed. */
	readonly state: QuotaState;
	readonly allowed: boolean;
	readonly reason: QuotaReason;
}

const noBuckets: readonly ReadonlySet<string>[] = Array.from({ length: 256 }, () => new Set<string>());
const hashForm = /^[0-9a-f]{16}$/;

/** Takes all of it or nothing. Never throws: what makes no sense is refused. */
export const take = (state: QuotaState, { authorisationId, lease, subjects, records, nowMs }: Taking): Taken => {
	if (!Number.isFinite(nowMs)) return { state, allowed: false, reason: "invalid" };
	const latestMs = Math.max(state.latestMs, nowMs);
	const seen: QuotaState = latestMs === state.latestMs ? state : { ...state, latestMs };
	const refuse = (reason: QuotaReason, at: QuotaState = seen): Taken => ({ state: at, allowed: false, reason });
	const leaseUntilMs = Date.parse(lease.notAfter);
	const isSound =
		Number.isFinite(leaseUntilMs) && Number.isSafeInteger(records) && records >= 0 && subjects.every((hash) => hashForm.test(hash));
	if (!isSound || !(lease.maxSubjects >= 0) || !(lease.maxRecords >= 0)) return refuse("invalid");
	if (latestMs >= leaseUntilMs) return refuse("expired");
	const known = state.counts.get(authorisationId);
	if (known === undefined && state.counts.size >= maxCounts) return refuse("too-many-leases");
	if (known !== undefined && leaseUntilMs < known.leaseUntilMs) return refuse("older-lease");
	const count: Count =
		known !== undefined && leaseUntilMs === known.leaseUntilMs
			? known
			: { leaseUntilMs, records: 0, subjects: 0, buckets: noBuckets, spent: false };
	if (count.spent) return refuse("lost");

	const fresh = [...new Set(subjects)].filter((hash) => count.buckets[bucketOf(hash)]?.has(hash) !== true);
	if (count.subjects + fresh.length > Math.min(lease.maxSubjects, maxTrackedSubjects)) return refuse("subjects");
	if (count.records + records > lease.maxRecords) return refuse("records");
	const next: Count = {
		...count,
		records: count.records + records,
		subjects: count.subjects + fresh.length,
		buckets: withHashes(count.buckets, fresh),
	};
	return { state: { latestMs, counts: new Map(state.counts).set(authorisationId, next) }, allowed: true, reason: "allowed" };
};

/** The most records that one `take` of these subjects would allow now; 0 when it would be refused whatever it took. */
export const recordsLeft = (state: QuotaState, asked: Omit<Taking, "records">): number => {
	const { state: after, allowed } = take(state, { ...asked, records: 0 });
	if (!allowed) return 0;
	return Math.max(0, Math.floor(asked.lease.maxRecords) - (after.counts.get(asked.authorisationId)?.records ?? 0));
};

/** True when at least one more record of a subject already counted could be taken, and so for `JudgeFacts.leaseAllows`. */
export const hasLeft = (state: QuotaState, authorisationId: string, lease: QuotaLease, nowMs: number): boolean => {
	const [subject] = [...(state.counts.get(authorisationId)?.buckets ?? [])].flatMap((set) => [...set].slice(0, 1));
	return take(state, { authorisationId, lease, subjects: [subject ?? "0".repeat(16)], records: 1, nowMs }).allowed;
};

/** Marks leases as used up until later ones come: for whoever finds the state damaged or gone on a unit that had one. */
export const forfeit = (state: QuotaState, leases: readonly { readonly id: string; readonly quota: QuotaLease }[]): QuotaState => {
	const counts = new Map(state.counts);
	for (const { id, quota } of leases.slice(0, maxCounts)) {
		const leaseUntilMs = Math.max(Date.parse(quota.notAfter), counts.get(id)?.leaseUntilMs ?? 0);
		counts.set(id, { leaseUntilMs, records: 0, subjects: 0, buckets: noBuckets, spent: true });
	}
	return { ...state, counts };
};

/** Drops counts whose lease ended; an old lease that comes back is expired, because time never runs backwards here. */
export const withoutEnded = (state: QuotaState): QuotaState => ({
	...state,
	counts: new Map([...state.counts].filter(([, { leaseUntilMs }]) => leaseUntilMs > state.latestMs)),
});

/**
 * The name of a subject in a count: 8 bytes in hexadecimal, of which nobody without the key can tell whose they are. For a vehicle the subject
 * is the unit's own pseudonym.
 *
 * @param key 32 secret bytes of this unit, the same for all leases, so that one person counts once.
 * @throws KerbError KEY_INVALID when the key is not one.
 */
export const subjectHash = (primitives: Pick<Primitives, "hkdfSha256">, key: Uint8Array, pseudonym: string): string => {
	if (key.length < 32) throw new KerbError("KEY_INVALID", `the key of subject hashes: expected at least 32 bytes, got ${key.length}`);
	const info = new TextEncoder().encode(`kerbstone quota subject ${pseudonym}`);
	return [...primitives.hkdfSha256(key, new Uint8Array(0), info, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

const SavedSchema = v.strictObject({
	kind: v.literal("quota"),
	version: v.literal(1),
	latestMs: v.pipe(v.number(), v.minValue(0)),
	counts: v.pipe(
		v.array(
			v.strictObject({
				id: v.pipe(v.string(), v.minLength(1), v.maxLength(120)),
				leaseUntilMs: v.pipe(v.number(), v.minValue(0)),
				records: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
				/** 16 digits each, one after the other. */
				subjects: v.pipe(v.string(), v.maxLength(16 * maxTrackedSubjects), v.regex(/^(?:[0-9a-f]{16})*$/)),
				spent: v.boolean(),
			}),
		),
		v.maxLength(maxCounts),
	),
});

/** A JSON value for device state; the same state gives the same text. */
export const serialiseQuota = ({ latestMs, counts }: QuotaState): string =>
	JSON.stringify({
		kind: "quota",
		version: 1,
		latestMs,
		counts: [...counts].map(([id, { leaseUntilMs, records, buckets, spent }]) => ({
			id,
			leaseUntilMs,
			records,
			subjects: buckets.map((set) => [...set].join("")).join(""),
			spent,
		})),
	});

/** @throws KerbError STATE_INVALID when it is not what `serialiseQuota` wrote; then every lease in force must be forfeited. */
export const parseQuota = (text: string): QuotaState => {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (cause) {
		throw new KerbError("STATE_INVALID", "the quota state is not JSON", { cause });
	}
	const { latestMs, counts } = parseValue(SavedSchema, value, "the quota state", "STATE_INVALID");
	if (new Set(counts.map(({ id }) => id)).size !== counts.length)
		throw new KerbError("STATE_INVALID", "the quota state counts an authorisation twice");
	return {
		latestMs,
		counts: new Map(
			counts.map(({ id, leaseUntilMs, records, subjects, spent }) => {
				const hashes = new Set(subjects.match(/.{16}/g) ?? []);
				return [id, { leaseUntilMs, records, subjects: hashes.size, buckets: withHashes(noBuckets, [...hashes]), spent }];
			}),
		),
	};
};

const bucketOf = (hash: string): number => Number.parseInt(hash.slice(0, 2), 16);

/** Copies each set that gets a hash, once. */
const withHashes = (buckets: readonly ReadonlySet<string>[], hashes: readonly string[]): readonly ReadonlySet<string>[] => {
	if (hashes.length === 0) return buckets;
	const copy = [...buckets];
	const grown = new Map<number, Set<string>>();
	for (const hash of hashes) {
		const at = bucketOf(hash);
		const set = grown.get(at) ?? new Set(copy[at]);
		set.add(hash);
		grown.set(at, set);
	}
	for (const [at, set] of grown) copy[at] = set;
	return copy;
};
