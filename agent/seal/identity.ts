/**
 * What makes a unit itself: a key that signs its envelopes, and a root secret that its pseudonyms come from.
 */
import { toHex } from "../../shared/bytes.ts";
import { encodeCbor } from "../../shared/cbor-encode.ts";
import { keyIdOf } from "../../shared/envelope.ts";
import type { Primitives } from "../../shared/primitives.ts";
import { type KeyMaterial, openKeyFile } from "../host/key-file.ts";

export interface Identity {
	/** 16 hexadecimal digits; the start of the SHA-256 of the public key. */
	readonly keyId: string;
	/** Ed25519, 32 bytes. What a collector pins. */
	readonly publicKey: Uint8Array;
	/** An Ed25519 signature of 64 bytes. */
	sign(bytes: Uint8Array): Uint8Array;
	/**
	 * 32 secret bytes for a purpose and an epoch; fresh, the caller's. The same arguments give the same key for the life of the unit, and keys
	 * of other purposes or epochs say nothing of each other.
	 */
	pseudonymKey(purpose: string, epoch: number): Uint8Array;
}

/**
 * The identity kept at `path`; made there at the first start.
 *
 * @throws KerbError KEY_INVALID when the file is there and is not a key file that only its owner can read.
 */
export const openIdentity = async (path: string, p: Primitives): Promise<Identity> => identityOf(await openKeyFile(path, p.randomBytes), p);

/** The identity of keys that are already in memory; they are borrowed for as long as it lives. */
export const identityOf = (keys: KeyMaterial, p: Primitives): Identity => {
	const publicKey = p.ed25519Public(keys.ed25519Seed);
	return {
		keyId: toHex(keyIdOf(publicKey, p)),
		publicKey,
		sign: (bytes) => p.ed25519Sign(keys.ed25519Seed, bytes),
		pseudonymKey: (purpose, epoch) =>
			p.hkdfSha256(keys.pseudonymRoot, new Uint8Array(), encodeCbor(["kerbstone pseudonym 1", purpose, epoch]), 32),
	};
};
