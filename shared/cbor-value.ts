/**
 * The part of CBOR (RFC 8949) that envelopes, labels and batches are made of. Not in it, and refused both ways: floating point, indefinite
 * lengths, simple values other than false, true and null, bignums (a tag like any other), map keys other than integers and text.
 */
export type CborValue = number | bigint | boolean | null | string | Uint8Array | readonly CborValue[] | CborMap | CborTag;

export type CborKey = number | bigint | string;
export type CborMap = ReadonlyMap<CborKey, CborValue>;

/** A tagged item. */
export class CborTag {
	readonly tag: number;
	readonly value: CborValue;

	constructor(tag: number, value: CborValue) {
		this.tag = tag;
		this.value = value;
	}
}

/** Narrows to a map; `value instanceof Map` alone gives up the element types. */
export const isCborMap = (value: CborValue | undefined): value is CborMap => value instanceof Map;

/** Narrows to an array. */
export const isCborArray = (value: CborValue | undefined): value is readonly CborValue[] => Array.isArray(value);
