/**
 * What a label says of when and in which datum its records were taken, found from the records themselves at both ends.
 */
import type { Datum } from "./reading.ts";
import type { KerbRecord } from "./record.ts";

export interface Capture {
	/** Whole milliseconds, rounded outwards. */
	readonly capturedFromMs: number;
	readonly capturedToMs: number;
	/** The datum of all positions; undefined when there are none, or of more than one datum. */
	readonly datum: Datum | undefined;
}

/** Times that no date can hold are left out; with none left, both ends are `otherwiseMs`. */
export const captureOf = (records: readonly KerbRecord[], otherwiseMs: number): Capture => {
	let from = Number.POSITIVE_INFINITY;
	let to = Number.NEGATIVE_INFINITY;
	const datums = new Set<Datum>();
	for (const record of records) {
		if ("datum" in record) datums.add(record.datum);
		if (!(Math.abs(record.takenAtMs) <= 8.64e15)) continue;
		from = Math.min(from, record.takenAtMs);
		to = Math.max(to, record.takenAtMs);
	}
	const [datum] = datums.size === 1 ? datums : [];
	const known = from <= to;
	// Adding zero turns -0, which CBOR integers do not have, into 0.
	return { capturedFromMs: known ? Math.floor(from) + 0 : otherwiseMs, capturedToMs: known ? Math.ceil(to) + 0 : otherwiseMs, datum };
};
