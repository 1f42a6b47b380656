/**
 * Envelopes: COSE_Sign1 (EdDSA, the unit's key) over COSE_Encrypt (ChaCha20-Poly1305, one recipient per key by ECDH-ES + A256KW over X25519)
 * over a zstd frame of a batch in columns. The label is in the signature's protected header. Format: schemas/envelope.cddl.
 *
 * Bytes come from an attacker. They are looked at in this order, and the first thing that is wrong is the error: size, structure, signature,
 * checksum, keys, decryption, decompression, columns, and at last whether the label told the truth.
 */
import { toHex } from "./bytes.ts";
import { captureOf } from "./capture.ts";
import { encodeCbor } from "./cbor-encode.ts";
import { type CborMap, type CborValue, isCborMap } from "./cbor-value.ts";
import { decodeColumns } from "./columns.ts";
import { type CoseEncrypted, chachaCipher, chachaTagBytes, openContent, parseEncrypt } from "./cose-encrypt.ts";
import { coseAlgorithm, coseHeader } from "./cose-header.ts";
import { unwrapContentKey, x25519Secret } from "./cose-recipient.ts";
import { type CoseSign1, parseSign1, verifySign1 } from "./cose-sign1.ts";
import { KerbError } from "./errors.ts";
import { decodeLabel, type Label, withoutChecksum } from "./label.ts";
import type { Primitives } from "./primitives.ts";
import type { KerbRecord } from "./record.ts";

/** A larger envelope is refused unread; a broker's largest message is usually 256 KiB. */
export const maxEnvelopeBytes = 4 * 1_048_576;
/** A batch that decompresses to more is refused; what a small envelope can cost its reader. */
export const maxBatchBytes = 16 * 1_048_576;
/** 16 keys of an outlet and the one for inspection. */
export const maxRecipients = 17;
/** The label's place in the protected header: the first integer for private use (RFC 9052 section 3.1, IANA). */
export const labelHeader = -65_537;
const keyIdBytes = 8;

/** The public key of a unit, by its id and its key id (16 hexadecimal digits); undefined when it is not known. */
export type UnitKeys = (unitId: string, keyId: string) => Uint8Array | undefined;

export interface Opener {
	/** 32-byte X25519 secrets; any that the envelope was sealed to will do. */
	readonly recipientSecrets: readonly Uint8Array[];
	readonly unitKeys: UnitKeys;
}

export interface ReadLabel {
	readonly label: Label;
	readonly keyId: string;
	/** True when the unit's signature was checked. */
	readonly verified: boolean;
}

export interface OpenedEnvelope {
	readonly label: Label;
	readonly keyId: string;
	readonly records: readonly KerbRecord[];
}

interface Parsed extends Omit<ReadLabel, "verified"> {
	readonly message: CoseSign1;
	readonly labelMap: CborMap;
	readonly encrypted: CoseEncrypted;
}

/** What keys are known by: the first 8 bytes of the SHA-256 of the public key. */
export const keyIdOf = (publicKey: Uint8Array, p: Pick<Primitives, "sha256">): Uint8Array => p.sha256(publicKey).slice(0, keyIdBytes);

/** What the ciphertext is bound to besides its own header. */
export const labelAad = (labelMap: CborMap): Uint8Array => encodeCbor(withoutChecksum(labelMap));

/**
 * The label, taken at its word: nothing is verified. For listing and sorting.
 *
 * @throws KerbError ENVELOPE_INVALID when the bytes are no envelope.
 */
export const readLabel = (bytes: Uint8Array): ReadLabel => {
	const { label, keyId } = parse(bytes);
	return { label, keyId, verified: false };
};

/**
 * The label, after checking that the unit signed it and that the encrypted part is the one it was signed with: all that can be known without
 * a key to open it.
 *
 * @throws KerbError ENVELOPE_INVALID when the bytes are no envelope or the label does not fit them.
 * @throws KerbError ENVELOPE_SIGNATURE when the unit's key is not known, or did not sign this.
 */
export const verifyEnvelope = (bytes: Uint8Array, unitKeys: UnitKeys, p: Pick<Primitives, "ed25519Verify" | "sha256">): ReadLabel => {
	const { label, keyId } = verify(bytes, unitKeys, p);
	return { label, keyId, verified: true };
};

/**
 * Verifies and opens. The records are the caller's; nothing of `bytes` is kept.
 *
 * @throws KerbError ENVELOPE_INVALID when the bytes are no envelope, or what is inside is not what the label says.
 * @throws KerbError ENVELOPE_SIGNATURE when the unit's key is not known, or did not sign this.
 * @throws KerbError ENVELOPE_NO_KEY when it was not sealed to any of the secrets.
 * @throws KerbError ENVELOPE_DECRYPT when it was, and still does not open.
 */
export const openEnvelope = (bytes: Uint8Array, opener: Opener, p: Primitives): OpenedEnvelope => {
	const { label, labelMap, keyId, encrypted } = verify(bytes, opener.unitKeys, p);
	const contentKey = findContentKey(encrypted, opener.recipientSecrets, p);
	const compressed = openContent(encrypted, chachaCipher(p), contentKey, labelAad(labelMap));
	contentKey.fill(0);
	if (compressed === undefined) throw new KerbError("ENVELOPE_DECRYPT", "envelope: the payload does not decrypt under this label");
	const batch = p.decompress(compressed, maxBatchBytes);
	compressed.fill(0);
	if (batch === undefined) throw refuse(`a zstd frame of at most ${maxBatchBytes} bytes as payload`);
	try {
		const records = decodeColumns(batch);
		checkAgainst(label, records);
		return { label, keyId, records };
	} finally {
		batch.fill(0);
	}
};

const refuse = (expected: string): KerbError => new KerbError("ENVELOPE_INVALID", `envelope: expected ${expected}`);

const verify = (bytes: Uint8Array, unitKeys: UnitKeys, p: Pick<Primitives, "ed25519Verify" | "sha256">): Parsed => {
	const parsed = parse(bytes);
	const { label, keyId, message } = parsed;
	const publicKey = unitKeys(label.sender, keyId);
	if (publicKey === undefined) {
		throw new KerbError("ENVELOPE_SIGNATURE", `envelope: no key ${keyId} of unit ${label.sender} is known; add the unit's public key`);
	}
	const verifier = {
		algorithm: coseAlgorithm.edDsa,
		verify: (signed: Uint8Array, signature: Uint8Array) => p.ed25519Verify(publicKey, signed, signature),
	};
	if (!verifySign1(message, verifier)) {
		throw new KerbError("ENVELOPE_SIGNATURE", `envelope: the signature is not one of unit ${label.sender} over this label and payload`);
	}
	if (toHex(p.sha256(message.payload)) !== label.checksum) throw refuse("the encrypted part that the label's checksum was taken of");
	return parsed;
};

const parse = (bytes: Uint8Array): Parsed => {
	if (bytes.length > maxEnvelopeBytes) throw refuse(`at most ${maxEnvelopeBytes} bytes, got ${bytes.length}`);
	const message = parseSign1(bytes);
	const { protectedMap, unprotectedMap, signature } = message;
	const keyId = protectedMap.get(coseHeader.keyId);
	const labelMap = protectedMap.get(labelHeader);
	if (protectedMap.size !== 3 || unprotectedMap.size !== 0 || signature.length !== 64)
		throw refuse("a signature with algorithm, key id and label");
	if (protectedMap.get(coseHeader.algorithm) !== coseAlgorithm.edDsa) throw refuse("EdDSA (-8) as signature algorithm");
	if (!isKeyId(keyId) || !isCborMap(labelMap)) throw refuse("a key id and a label in the protected header");
	const label = decodeLabel(labelMap);
	const encrypted = parseEncrypt(message.payload);
	checkEncrypted(encrypted);
	if (encrypted.ciphertext.length !== label.scale.payloadBytes + chachaTagBytes)
		throw refuse("a ciphertext of the length that the label says");
	return { label, labelMap, keyId: toHex(keyId), message, encrypted };
};

const isKeyId = (item: CborValue | undefined): item is Uint8Array => item instanceof Uint8Array && item.length === keyIdBytes;

/** One algorithm each and nothing that is not needed: there is nothing to negotiate, so nothing to talk a reader down to. */
const checkEncrypted = (encrypted: CoseEncrypted): void => {
	const { protectedMap, unprotectedMap, recipients } = encrypted;
	if (protectedMap.size !== 1 || protectedMap.get(coseHeader.algorithm) !== coseAlgorithm.chacha20Poly1305) {
		throw refuse("ChaCha20-Poly1305 (24) as content algorithm");
	}
	if (unprotectedMap.size !== 1 || !unprotectedMap.has(coseHeader.iv)) throw refuse("a nonce and nothing else beside the ciphertext");
	if (recipients.length > maxRecipients) throw refuse(`at most ${maxRecipients} recipients`);
	for (const recipient of recipients) {
		if (recipient.protectedMap.size !== 1 || recipient.protectedMap.get(coseHeader.algorithm) !== coseAlgorithm.ecdhEsA256Kw) {
			throw refuse("ECDH-ES + A256KW (-31) as recipient algorithm");
		}
		if (
			recipient.unprotectedMap.size !== 2 ||
			!isKeyId(recipient.unprotectedMap.get(coseHeader.keyId)) ||
			recipient.wrapped.length !== 40
		) {
			throw refuse("an ephemeral key, a key id and a wrapped key for each recipient");
		}
	}
};

const findContentKey = (encrypted: CoseEncrypted, secrets: readonly Uint8Array[], p: Primitives): Uint8Array => {
	let named = false;
	for (const secret of secrets) {
		const keyId = keyIdOf(p.x25519Public(secret), p);
		for (const recipient of encrypted.recipients) {
			const wanted = recipient.unprotectedMap.get(coseHeader.keyId);
			if (!isKeyId(wanted) || !p.equal(wanted, keyId)) continue;
			named = true;
			const contentKey = unwrapContentKey(recipient, x25519Secret(secret, keyId, p), chachaCipher(p), p);
			if (contentKey !== undefined) return contentKey;
		}
	}
	if (named) throw new KerbError("ENVELOPE_DECRYPT", "envelope: the content key does not unwrap for the recipient that it names");
	throw new KerbError(
		"ENVELOPE_NO_KEY",
		`envelope: it was sealed to ${encrypted.recipients.length} keys, and none of the ${secrets.length} given is one`,
	);
};

/** What the label says of the records must be true of them. */
const checkAgainst = (label: Label, records: readonly KerbRecord[]): void => {
	const { capturedFromMs, capturedToMs, datum } = captureOf(records, label.sealedAtMs);
	if (records.length !== label.scale.records) throw refuse(`${label.scale.records} records as the label says, got ${records.length}`);
	if (capturedFromMs !== label.capturedFromMs || capturedToMs !== label.capturedToMs)
		throw refuse("records of the time that the label says");
	if (datum !== label.datum) throw refuse("positions of the datum that the label says");
};
