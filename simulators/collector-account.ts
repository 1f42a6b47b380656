/**
 * What a collector knows of what it received: verifies and opens each envelope, removes duplicates, finds gaps and counts. No I/O.
 */
import { type OpenedEnvelope, type Opener, openEnvelope, readLabel } from "../shared/envelope.ts";
import { isKerbError } from "../shared/errors.ts";
import type { Primitives } from "../shared/primitives.ts";
import { parseUploadTopic } from "../shared/topics.ts";

/**
 * accepted: new and whole. duplicate: known, with the same bytes. conflict: known, with other bytes, though its own signature holds: an
 * alarm, for a unit that seals two envelopes under one number has lost count or is not the only one with its key. unenrolled: of a unit or key
 * that is not in the ring. signature: the signature does not hold. unopened: it is no envelope, or cannot be opened. misaddressed: it says
 * another unit, outlet or category than the topic it came on. full: no room to remember more.
 */
export type Outcome = "accepted" | "duplicate" | "conflict" | "unenrolled" | "signature" | "unopened" | "misaddressed" | "full";

export interface Gap {
	readonly unit: string;
	readonly outlet: string;
	/** First and last sequence that is missing. */
	readonly from: number;
	readonly to: number;
}

export interface Account {
	/** Accepted ones, without duplicates. */
	readonly envelopes: number;
	readonly records: number;
	readonly bytes: number;
	readonly duplicates: number;
	readonly gaps: readonly Gap[];
	readonly signatureFailures: number;
	readonly openFailures: number;
	readonly conflicts: number;
	readonly unenrolled: number;
	readonly misaddressed: number;
	readonly categories: Readonly<Record<string, { readonly envelopes: number; readonly records: number; readonly bytes: number }>>;
	readonly streams: readonly { readonly unit: string; readonly outlet: string; readonly envelopes: number; readonly last: number }[];
}

export interface Taken {
	readonly outcome: Outcome;
	/** When accepted. */
	readonly opened?: OpenedEnvelope;
}

export interface AccountBook {
	/** Never throws for what is in `bytes`. `topic` is absent for an envelope that is read back from disk. */
	take(bytes: Uint8Array, topic?: string): Taken;
	account(): Account;
}

export interface AccountOptions {
	readonly opener: Opener;
	readonly primitives: Primitives;
	/** Envelopes remembered; 2,000,000 unless told. */
	readonly maxEnvelopes?: number;
}

interface Stream {
	readonly unit: string;
	readonly outlet: string;
	/** Sequence to the digest of its bytes, to tell a repetition from a conflict. */
	readonly digests: Map<number, Uint8Array>;
}

const gapsOf = ({ unit, outlet, digests }: Stream): Gap[] => {
	const gaps: Gap[] = [];
	let next = 1;
	for (const sequence of [...digests.keys()].sort((a, b) => a - b)) {
		if (sequence > next) gaps.push({ unit, outlet, from: next, to: sequence - 1 });
		next = sequence + 1;
	}
	return gaps;
};

export const createAccountBook = ({ opener, primitives, maxEnvelopes = 2_000_000 }: AccountOptions): AccountBook => {
	const streams = new Map<string, Stream>();
	const categories = new Map<string, { envelopes: number; records: number; bytes: number }>();
	const counts: Record<Outcome, number> = {
		...{ accepted: 0, duplicate: 0, conflict: 0, unenrolled: 0 },
		...{ signature: 0, unopened: 0, misaddressed: 0, full: 0 },
	};

	const judge = (bytes: Uint8Array, topic: string | undefined): Taken => {
		try {
			const { label, keyId } = readLabel(bytes);
			if (topic !== undefined) {
				const address = parseUploadTopic(topic);
				const same = address?.unitId === label.sender && address.outletId === label.receiver && address.categoryId === label.category;
				if (!same) return { outcome: "misaddressed" };
			}
			if (opener.unitKeys(label.sender, keyId) === undefined) return { outcome: "unenrolled" };
			// A repetition is verified like everything else: only then is it known that the unit sent it.
			const opened = openEnvelope(bytes, opener, primitives);
			const { sender, receiver, sequence } = opened.label;
			const key = `${sender} ${receiver}`;
			const stream = streams.get(key) ?? { unit: sender, outlet: receiver, digests: new Map<number, Uint8Array>() };
			const digest = primitives.sha256(bytes);
			const before = stream.digests.get(sequence);
			if (before !== undefined) return { outcome: primitives.equal(before, digest) ? "duplicate" : "conflict" };
			if (counts.accepted >= maxEnvelopes) return { outcome: "full" };
			streams.set(key, stream);
			stream.digests.set(sequence, digest);
			return { outcome: "accepted", opened };
		} catch (error) {
			return { outcome: isKerbError(error, "ENVELOPE_SIGNATURE") ? "signature" : "unopened" };
		}
	};

	const add = ({ label, records }: OpenedEnvelope, byteLength: number): void => {
		const row = categories.get(label.category) ?? { envelopes: 0, records: 0, bytes: 0 };
		row.envelopes += 1;
		row.records += records.length;
		row.bytes += byteLength;
		categories.set(label.category, row);
	};

	return {
		take(bytes, topic) {
			const taken = judge(bytes, topic);
			counts[taken.outcome] += 1;
			if (taken.opened !== undefined) add(taken.opened, bytes.byteLength);
			return taken;
		},
		account() {
			const rows = [...categories.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
			const sum = (pick: (row: { records: number; bytes: number }) => number): number =>
				rows.reduce((total, [, row]) => total + pick(row), 0);
			const all = [...streams.values()];
			return {
				envelopes: counts.accepted,
				records: sum((row) => row.records),
				bytes: sum((row) => row.bytes),
				duplicates: counts.duplicate,
				gaps: all.flatMap(gapsOf),
				signatureFailures: counts.signature,
				openFailures: counts.unopened,
				conflicts: counts.conflict,
				unenrolled: counts.unenrolled,
				misaddressed: counts.misaddressed,
				categories: Object.fromEntries(rows.map(([id, row]) => [id, { ...row }])),
				streams: all.map(({ unit, outlet, digests }) => ({
					unit,
					outlet,
					envelopes: digests.size,
					last: [...digests.keys()].reduce((a, b) => Math.max(a, b), 0),
				})),
			};
		},
	};
};
