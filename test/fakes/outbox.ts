/**
 * An outbox in memory, for one outlet, that remembers what was asked of it.
 */
import type { Outbox, OutboxItem } from "../../agent/upload/outbox.ts";

export interface MemoryOutbox extends Outbox {
	put(...items: readonly OutboxItem[]): void;
	/** Takes one away without settling it, as a withdrawn consent does. */
	withdraw(sequence: number): void;
	/** Sequences that wait, in order. */
	waiting(): readonly number[];
	/** Every batch that was settled. */
	readonly settled: (readonly number[])[];
	/** The most envelopes asked for at once. */
	readonly largestLimit: () => number;
}

export const memoryOutbox = (): MemoryOutbox => {
	const items = new Map<number, OutboxItem>();
	const settled: (readonly number[])[] = [];
	let largest = 0;
	return {
		settled,
		largestLimit: () => largest,
		put: (...added) => {
			for (const item of added) items.set(item.sequence, item);
		},
		withdraw: (sequence) => void items.delete(sequence),
		waiting: () => [...items.keys()].sort((a, b) => a - b),
		pending(_outletId, afterSequence, limit) {
			largest = Math.max(largest, limit);
			return [...items.values()]
				.filter((item) => item.sequence > afterSequence)
				.sort((a, b) => a.sequence - b.sequence)
				.slice(0, limit);
		},
		settle(_outletId, sequences) {
			settled.push(sequences);
			for (const sequence of sequences) items.delete(sequence);
		},
	};
};

/** Envelopes of 64 bytes with the given sequences; the bytes tell the sequence. */
export const someItems = (from: number, to: number, categoryId = "telemetry.speed", byteLength = 64): readonly OutboxItem[] =>
	Array.from({ length: to - from + 1 }, (_, index) => {
		const bytes = new Uint8Array(byteLength);
		new DataView(bytes.buffer).setUint32(0, from + index);
		return { sequence: from + index, categoryId, bytes };
	});

/** The sequence that `someItems` put into the bytes. */
export const sequenceIn = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
