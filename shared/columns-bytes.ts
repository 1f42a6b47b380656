/**
 * Byte strings of one group: their lengths as integers, and all of them one after the other.
 */
import type { CborValue } from "./cbor-value.ts";
import { refuseColumns } from "./columns-group.ts";
import { decodeIntegers, encodeIntegers } from "./columns-integers.ts";

/** [lengths, bytes]. */
export const encodeByteRuns = (runs: readonly Uint8Array[]): readonly [CborValue, CborValue] => {
	const lengths = Float64Array.from(runs, ({ length }) => length);
	const joined = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
	let at = 0;
	for (const run of runs) {
		joined.set(run, at);
		at += run.length;
	}
	return [encodeIntegers(lengths).cbor, joined];
};

/** `count` fresh byte strings. @throws KerbError ENVELOPE_INVALID when lengths and bytes do not fit together exactly. */
export const decodeByteRuns = (lengthItems: CborValue | undefined, joined: CborValue | undefined, count: number): readonly Uint8Array[] => {
	if (!(joined instanceof Uint8Array)) throw refuseColumns("bytes");
	let at = 0;
	const runs = Array.from(decodeIntegers(lengthItems, count), (length) => {
		if (!(length >= 0 && at + length <= joined.length)) throw refuseColumns("lengths that fit into the bytes");
		at += length;
		return joined.slice(at - length, at);
	});
	if (at !== joined.length) throw refuseColumns("no bytes beside those of the records");
	return runs;
};
