/**
 * Header parameters of COSE (RFC 9052 section 3) and the numbers that envelopes use (RFC 9053, IANA registry "COSE").
 */
import { decodeCbor } from "./cbor-decode.ts";
import { encodeCbor } from "./cbor-encode.ts";
import { type CborKey, type CborMap, CborTag, type CborValue, isCborArray, isCborMap } from "./cbor-value.ts";
import { KerbError } from "./errors.ts";

export const coseHeader = { algorithm: 1, critical: 2, contentType: 3, keyId: 4, iv: 5, ephemeralKey: -1 } as const;

export const coseAlgorithm = {
	edDsa: -8,
	chacha20Poly1305: 24,
	ecdhEsHkdf256: -25,
	ecdhEsA128Kw: -29,
	ecdhEsA192Kw: -30,
	ecdhEsA256Kw: -31,
} as const;

export const coseTag = { encrypt0: 16, sign1: 18, encrypt: 96 } as const;

/** The two header buckets of a message or a recipient. */
export interface CoseHeaders {
	/** As received or as sent: what is authenticated. */
	readonly protectedBytes: Uint8Array;
	readonly protectedMap: CborMap;
	readonly unprotectedMap: CborMap;
}

export interface CoseReading {
	/** Only the one deterministic encoding is read; false for messages of other programs. True unless told. */
	readonly deterministic?: boolean;
}

const refuse = (expected: string): KerbError => new KerbError("ENVELOPE_INVALID", `COSE: expected ${expected}`);

/** The bytes of a protected header; an empty map is no bytes (RFC 9052 section 3). */
export const encodeProtected = (map: CborMap): Uint8Array => (map.size === 0 ? new Uint8Array() : encodeCbor(map));

/**
 * Reads the array inside a COSE message of the tag.
 *
 * @throws KerbError ENVELOPE_INVALID when the bytes are no such array of so many items; `untagged` also takes it without its tag.
 */
export const readMessage = (
	bytes: Uint8Array,
	tag: number,
	length: number,
	reading: CoseReading,
	untagged = false,
): readonly CborValue[] => {
	const item = readCbor(bytes, reading);
	const array = item instanceof CborTag && item.tag === tag ? item.value : untagged && isCborArray(item) ? item : undefined;
	if (!isCborArray(array) || array.length !== length) throw refuse(`tag ${tag} on an array of ${length}`);
	return array;
};

/**
 * Reads the first two items of a message or recipient.
 *
 * @throws KerbError ENVELOPE_INVALID when they are no headers, when a label is in both buckets, or when one is marked critical: none is
 * understood that would have to be (RFC 9052 section 3.1).
 */
export const readHeaders = (
	protectedItem: CborValue | undefined,
	unprotectedItem: CborValue | undefined,
	reading: CoseReading,
): CoseHeaders => {
	if (!(protectedItem instanceof Uint8Array) || !isCborMap(unprotectedItem)) throw refuse("a protected and an unprotected header");
	const protectedMap = protectedItem.length === 0 ? new Map<CborKey, CborValue>() : readCbor(protectedItem, reading);
	if (!isCborMap(protectedMap)) throw refuse("a map as protected header");
	for (const label of protectedMap.keys()) if (unprotectedItem.has(label)) throw refuse("each header parameter once");
	if (protectedMap.has(coseHeader.critical) || unprotectedItem.has(coseHeader.critical)) throw refuse("no critical header parameters");
	// An empty map and no bytes mean the same and are authenticated as no bytes (RFC 9052 sections 4.4 and 5.3).
	const protectedBytes = protectedMap.size === 0 ? new Uint8Array() : protectedItem;
	return { protectedBytes, protectedMap, unprotectedMap: unprotectedItem };
};

/** A header parameter from whichever bucket has it. */
export const headerOf = (headers: CoseHeaders, label: number): CborValue | undefined =>
	headers.protectedMap.get(label) ?? headers.unprotectedMap.get(label);

const readCbor = (bytes: Uint8Array, reading: CoseReading): CborValue => {
	try {
		return decodeCbor(bytes, { maxDepth: 8, maxItems: 10_000, sortedMaps: reading.deterministic ?? true });
	} catch (cause) {
		throw new KerbError("ENVELOPE_INVALID", "COSE: expected one item of CBOR", { cause });
	}
};
