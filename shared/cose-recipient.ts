/**
 * Recipients of COSE_Encrypt by ephemeral-static Diffie-Hellman (RFC 9053 sections 6.3 and 6.4): direct key agreement (-25) and key agreement
 * with AES key wrap (-29, -30, -31), both with HKDF-SHA-256. Salt and party information are not used and refused.
 */
import { encodeCbor } from "./cbor-encode.ts";
import { type CborMap, type CborValue, isCborArray, isCborMap } from "./cbor-value.ts";
import { type CoseHeaders, type CoseReading, coseAlgorithm, coseHeader, encodeProtected, headerOf, readHeaders } from "./cose-header.ts";
import { KerbError } from "./errors.ts";
import type { Primitives } from "./primitives.ts";

export interface CoseRecipient extends CoseHeaders {
	/** The wrapped content key; empty for direct key agreement. */
	readonly wrapped: Uint8Array;
}

/** Someone who can open. */
export interface RecipientSecret {
	/** What a recipient's key id must be; undefined tries any. */
	readonly keyId: Uint8Array | undefined;
	/** The shared secret with an ephemeral COSE_Key; undefined when the key is of another curve or malformed. */
	agree(ephemeralKey: CborMap): Uint8Array | undefined;
}

export type RecipientPrimitives = Pick<
	Primitives,
	"hkdfSha256" | "wrapKey" | "unwrapKey" | "x25519Public" | "x25519Shared" | "randomBytes"
>;

const coseKey = { kty: 1, crv: -1, x: -2 } as const;
const octetKeyPair = 1;
const x25519 = 4;

/** Algorithm of the key that is derived, and its bits; -25 derives the content key itself. */
const keyWraps = new Map<CborValue | undefined, { readonly algorithm: number; readonly bits: number }>([
	[coseAlgorithm.ecdhEsA128Kw, { algorithm: -3, bits: 128 }],
	[coseAlgorithm.ecdhEsA192Kw, { algorithm: -4, bits: 192 }],
	[coseAlgorithm.ecdhEsA256Kw, { algorithm: -5, bits: 256 }],
]);
/** salt (-20), party U (-21 to -23) and party V (-24 to -26). */
const contextHeaders = [-20, -21, -22, -23, -24, -25, -26];

/** One recipient as CBOR: a fresh ephemeral key, and the content key wrapped by ECDH-ES + A256KW over X25519. */
export const wrapToX25519 = (contentKey: Uint8Array, publicKey: Uint8Array, keyId: Uint8Array, p: RecipientPrimitives): CborValue => {
	const ephemeral = p.randomBytes(32);
	const shared = p.x25519Shared(ephemeral, publicKey);
	if (shared === undefined)
		throw new KerbError("KEY_INVALID", "recipient: expected an X25519 public key, got a point of low order; check the outlet");
	const protectedBytes = encodeProtected(new Map([[coseHeader.algorithm, coseAlgorithm.ecdhEsA256Kw]]));
	const wrappingKey = p.hkdfSha256(shared, new Uint8Array(), kdfContext(-5, 256, protectedBytes), 32);
	const wrapped = p.wrapKey(wrappingKey, contentKey);
	const ephemeralKey = new Map<number, CborValue>([
		[coseKey.kty, octetKeyPair],
		[coseKey.crv, x25519],
		[coseKey.x, p.x25519Public(ephemeral)],
	]);
	for (const secret of [ephemeral, shared, wrappingKey]) secret.fill(0);
	const unprotected = new Map<number, CborValue>([
		[coseHeader.ephemeralKey, ephemeralKey],
		[coseHeader.keyId, keyId],
	]);
	return [protectedBytes, unprotected, wrapped];
};

/** @throws KerbError ENVELOPE_INVALID when the item is no recipient, or one with recipients of its own. */
export const parseRecipient = (item: CborValue, reading: CoseReading): CoseRecipient => {
	const [protectedItem, unprotectedItem, wrapped] = isCborArray(item) && item.length === 3 ? item : [];
	if (!(wrapped instanceof Uint8Array)) throw new KerbError("ENVELOPE_INVALID", "COSE: expected a recipient with an encrypted key");
	return { ...readHeaders(protectedItem, unprotectedItem, reading), wrapped };
};

/**
 * The content key that a recipient holds for this secret; undefined when it is not for it, or broken. `content` is what the key is for.
 * The key is the caller's, to overwrite after use.
 */
export const unwrapContentKey = (
	recipient: CoseRecipient,
	secret: RecipientSecret,
	content: { readonly algorithm: number; readonly keyBytes: number },
	p: Pick<Primitives, "hkdfSha256" | "unwrapKey">,
): Uint8Array | undefined => {
	const algorithm = headerOf(recipient, coseHeader.algorithm);
	const keyWrap = keyWraps.get(algorithm);
	const ephemeralKey = headerOf(recipient, coseHeader.ephemeralKey);
	if (!isCborMap(ephemeralKey) || contextHeaders.some((label) => headerOf(recipient, label) !== undefined)) return undefined;
	if (keyWrap === undefined && (algorithm !== coseAlgorithm.ecdhEsHkdf256 || recipient.wrapped.length !== 0)) return undefined;
	const shared = secret.agree(ephemeralKey);
	if (shared === undefined) return undefined;
	const derived = keyWrap ?? { algorithm: content.algorithm, bits: content.keyBytes * 8 };
	const context = kdfContext(derived.algorithm, derived.bits, recipient.protectedBytes);
	const key = p.hkdfSha256(shared, new Uint8Array(), context, derived.bits / 8);
	shared.fill(0);
	if (keyWrap === undefined) return key;
	const contentKey = p.unwrapKey(key, recipient.wrapped);
	key.fill(0);
	return contentKey?.length === content.keyBytes ? contentKey : undefined;
};

/** A recipient that holds a 32-byte X25519 secret; `secretKey` is borrowed for as long as the result lives. */
export const x25519Secret = (
	secretKey: Uint8Array,
	keyId: Uint8Array | undefined,
	p: Pick<Primitives, "x25519Shared">,
): RecipientSecret => ({
	keyId,
	agree: (ephemeralKey) => {
		const x = ephemeralKey.get(coseKey.x);
		if (ephemeralKey.size !== 3 || ephemeralKey.get(coseKey.kty) !== octetKeyPair || ephemeralKey.get(coseKey.crv) !== x25519)
			return undefined;
		return x instanceof Uint8Array && x.length === 32 ? p.x25519Shared(secretKey, x) : undefined;
	},
});

/** COSE_KDF_Context (RFC 9053 section 5.2). */
const kdfContext = (algorithm: number, bits: number, protectedBytes: Uint8Array): Uint8Array =>
	encodeCbor([algorithm, [null, null, null], [null, null, null], [bits, protectedBytes]]);
