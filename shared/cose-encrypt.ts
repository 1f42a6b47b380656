/**
 * COSE_Encrypt and, for reading only, COSE_Encrypt0 (RFC 9052 section 5): content under a key of its own, wrapped to each recipient.
 */
import { encodeCbor } from "./cbor-encode.ts";
import { CborTag, type CborValue, isCborArray } from "./cbor-value.ts";
import {
	type CoseHeaders,
	type CoseReading,
	coseAlgorithm,
	coseHeader,
	coseTag,
	encodeProtected,
	headerOf,
	readHeaders,
	readMessage,
} from "./cose-header.ts";
import { type CoseRecipient, parseRecipient } from "./cose-recipient.ts";
import { KerbError } from "./errors.ts";
import type { Primitives } from "./primitives.ts";

export interface CoseEncrypted extends CoseHeaders {
	readonly context: "Encrypt" | "Encrypt0";
	/** With the authentication tag. */
	readonly ciphertext: Uint8Array;
	readonly recipients: readonly CoseRecipient[];
}

/** An authenticated cipher for content. */
export interface ContentCipher {
	/** Its number (RFC 9053 section 4). */
	readonly algorithm: number;
	readonly keyBytes: number;
	readonly nonceBytes: number;
	/** The plaintext; undefined when anything is not what it was. */
	open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

/** The one cipher of envelopes. */
export const chachaCipher = (p: Pick<Primitives, "chachaOpen">): ContentCipher => ({
	algorithm: coseAlgorithm.chacha20Poly1305,
	keyBytes: 32,
	nonceBytes: 12,
	open: (key, nonce, aad, sealed) => p.chachaOpen(key, nonce, aad, sealed),
});

/** How many bytes ChaCha20-Poly1305 adds. */
export const chachaTagBytes = 16;

/**
 * A COSE_Encrypt of `plain` under `contentKey` (32 fresh bytes), tagged. `recipients` come from `wrapToX25519`. The nonce is random; a key
 * is used for one message only, so it cannot repeat.
 */
export const makeEncrypt = (
	plain: Uint8Array,
	externalAad: Uint8Array,
	contentKey: Uint8Array,
	recipients: readonly CborValue[],
	p: Pick<Primitives, "chachaSeal" | "randomBytes">,
): Uint8Array => {
	const protectedBytes = encodeProtected(new Map([[coseHeader.algorithm, coseAlgorithm.chacha20Poly1305]]));
	const nonce = p.randomBytes(12);
	const ciphertext = p.chachaSeal(contentKey, nonce, authenticatedBytes("Encrypt", protectedBytes, externalAad), plain);
	return encodeCbor(new CborTag(coseTag.encrypt, [protectedBytes, new Map([[coseHeader.iv, nonce]]), ciphertext, recipients]));
};

/**
 * Takes a COSE_Encrypt apart; nothing is opened. Byte arrays in it are views into `bytes`.
 *
 * @throws KerbError ENVELOPE_INVALID when the bytes are no COSE_Encrypt with its ciphertext inside and 1 to 64 recipients.
 */
export const parseEncrypt = (bytes: Uint8Array, reading: CoseReading & { readonly untagged?: boolean } = {}): CoseEncrypted => {
	const [protectedItem, unprotectedItem, ciphertext, recipientItems] = readMessage(bytes, coseTag.encrypt, 4, reading, reading.untagged);
	const headers = readHeaders(protectedItem, unprotectedItem, reading);
	if (!(ciphertext instanceof Uint8Array)) throw refuse("a ciphertext");
	if (!isCborArray(recipientItems) || recipientItems.length < 1 || recipientItems.length > 64) throw refuse("1 to 64 recipients");
	return { ...headers, context: "Encrypt", ciphertext, recipients: recipientItems.map((item) => parseRecipient(item, reading)) };
};

/**
 * Takes a COSE_Encrypt0 apart; the key is known from elsewhere.
 *
 * @throws KerbError ENVELOPE_INVALID when the bytes are no COSE_Encrypt0 with its ciphertext inside.
 */
export const parseEncrypt0 = (bytes: Uint8Array, reading: CoseReading & { readonly untagged?: boolean } = {}): CoseEncrypted => {
	const [protectedItem, unprotectedItem, ciphertext] = readMessage(bytes, coseTag.encrypt0, 3, reading, reading.untagged);
	const headers = readHeaders(protectedItem, unprotectedItem, reading);
	if (!(ciphertext instanceof Uint8Array)) throw refuse("a ciphertext");
	return { ...headers, context: "Encrypt0", ciphertext, recipients: [] };
};

/** The plaintext, the caller's; undefined when the message names another cipher, has no nonce of its length, or does not authenticate. */
export const openContent = (
	message: CoseEncrypted,
	cipher: ContentCipher,
	contentKey: Uint8Array,
	externalAad: Uint8Array = new Uint8Array(),
): Uint8Array | undefined => {
	const nonce = headerOf(message, coseHeader.iv);
	if (headerOf(message, coseHeader.algorithm) !== cipher.algorithm) return undefined;
	if (!(nonce instanceof Uint8Array) || nonce.length !== cipher.nonceBytes || contentKey.length !== cipher.keyBytes) return undefined;
	return cipher.open(contentKey, nonce, authenticatedBytes(message.context, message.protectedBytes, externalAad), message.ciphertext);
};

const refuse = (expected: string): KerbError => new KerbError("ENVELOPE_INVALID", `COSE: expected ${expected} in COSE_Encrypt`);

/** The Enc_structure (RFC 9052 section 5.3). */
const authenticatedBytes = (context: CoseEncrypted["context"], protectedBytes: Uint8Array, externalAad: Uint8Array): Uint8Array =>
	encodeCbor([context, protectedBytes, externalAad]);
