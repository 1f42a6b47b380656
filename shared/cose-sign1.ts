/**
 * COSE_Sign1 (RFC 9052 section 4.2): one signature over a protected header and a payload.
 */
import { encodeCbor } from "./cbor-encode.ts";
import { type CborMap, CborTag } from "./cbor-value.ts";
import {
	type CoseHeaders,
	type CoseReading,
	coseHeader,
	coseTag,
	encodeProtected,
	headerOf,
	readHeaders,
	readMessage,
} from "./cose-header.ts";
import { KerbError } from "./errors.ts";

export interface CoseSign1 extends CoseHeaders {
	readonly payload: Uint8Array;
	readonly signature: Uint8Array;
}

/** How a signature of one algorithm is checked; the public key is inside. */
export interface CoseVerifier {
	/** The algorithm's number (RFC 9053 section 2). */
	readonly algorithm: number;
	verify(bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** The message, tagged. `sign` is given the Sig_structure and returns the signature. */
export const makeSign1 = (protectedMap: CborMap, payload: Uint8Array, sign: (bytes: Uint8Array) => Uint8Array): Uint8Array => {
	const protectedBytes = encodeProtected(protectedMap);
	const signature = sign(signedBytes(protectedBytes, payload, new Uint8Array()));
	return encodeCbor(new CborTag(coseTag.sign1, [protectedBytes, new Map(), payload, signature]));
};

/**
 * Takes a message apart; nothing is verified. Byte arrays in it are views into `bytes`.
 *
 * @throws KerbError ENVELOPE_INVALID when the bytes are no COSE_Sign1 with its payload inside.
 */
export const parseSign1 = (bytes: Uint8Array, reading: CoseReading & { readonly untagged?: boolean } = {}): CoseSign1 => {
	const [protectedItem, unprotectedItem, payload, signature] = readMessage(bytes, coseTag.sign1, 4, reading, reading.untagged);
	const headers = readHeaders(protectedItem, unprotectedItem, reading);
	if (!(payload instanceof Uint8Array) || !(signature instanceof Uint8Array)) {
		throw new KerbError("ENVELOPE_INVALID", "COSE: expected a payload and a signature in COSE_Sign1");
	}
	return { ...headers, payload, signature };
};

/** True when the message names the verifier's algorithm and its signature holds. */
export const verifySign1 = (message: CoseSign1, verifier: CoseVerifier, externalAad: Uint8Array = new Uint8Array()): boolean =>
	headerOf(message, coseHeader.algorithm) === verifier.algorithm &&
	verifier.verify(signedBytes(message.protectedBytes, message.payload, externalAad), message.signature);

/** The Sig_structure (RFC 9052 section 4.4). */
const signedBytes = (protectedBytes: Uint8Array, payload: Uint8Array, externalAad: Uint8Array): Uint8Array =>
	encodeCbor(["Signature1", protectedBytes, externalAad, payload]);
