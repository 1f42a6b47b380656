/**
 * What the groups of a batch have in common: one codec per kind of record. A group holds records of one shape, so that each field is a column.
 */
import { type CborValue, isCborArray } from "./cbor-value.ts";
import { KerbError } from "./errors.ts";
import type { Datum } from "./reading.ts";
import type { KerbRecord } from "./record.ts";

export interface GroupCodec<R extends KerbRecord> {
	/** Records with equal keys share a group. */
	keyOf(record: R): string;
	/** What follows the time column in the group; `records` share a key and are at least one. @throws KerbError ENVELOPE_INVALID */
	encode(records: readonly R[]): readonly CborValue[];
	/** The records of a group, one per time. @throws KerbError ENVELOPE_INVALID when `items` are not exactly such a group. */
	decode(items: readonly CborValue[], times: Float64Array): readonly R[];
}

/** In the order of their numbers on the wire. */
export const datums: readonly Datum[] = ["wgs84", "cgcs2000", "gcj02", "bd09", "local", "unknown"];

/** @throws KerbError ENVELOPE_INVALID */
export const datumAt = (index: CborValue | undefined): Datum => {
	const datum = typeof index === "number" ? datums[index] : undefined;
	if (datum === undefined) throw refuseColumns("a datum of 0 to 5");
	return datum;
};

/** @throws KerbError ENVELOPE_INVALID when the item is not an array of this length. */
export const tupleOf = (item: CborValue | undefined, length: number): readonly CborValue[] => {
	if (!isCborArray(item) || item.length !== length) throw refuseColumns(`an array of ${length}`);
	return item;
};

export const refuseColumns = (expected: string, cause?: unknown): KerbError =>
	new KerbError("ENVELOPE_INVALID", `columns: expected ${expected}`, cause === undefined ? {} : { cause });
