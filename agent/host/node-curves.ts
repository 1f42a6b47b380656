/**
 * Curves by the OpenSSL inside Node: no memory of their own, and a faster cipher for long messages.
 */
import {
	createCipheriv,
	createDecipheriv,
	createPrivateKey,
	createPublicKey,
	diffieHellman,
	type KeyObject,
	sign,
	verify,
} from "node:crypto";
import { concatBytes } from "../../shared/bytes.ts";
import { type Curves, checked } from "./curves.ts";

const tagBytes = 16;

/** DER of RFC 8410 up to the 32 bytes of the key; the object identifiers differ in their last byte. */
const privatePrefix = { x25519: "302e020100300506032b656e04220420", ed25519: "302e020100300506032b657004220420" } as const;
const publicPrefix = { x25519: "302a300506032b656e032100", ed25519: "302a300506032b6570032100" } as const;

/** @throws KerbError KEY_INVALID when it is not 32 bytes. */
const privateKey = (curve: keyof typeof privatePrefix, secret: Uint8Array): KeyObject => {
	const der = concatBytes(Buffer.from(privatePrefix[curve], "hex"), checked(secret, 32));
	const key = createPrivateKey({ key: Buffer.from(der.buffer), format: "der", type: "pkcs8" });
	der.fill(0);
	return key;
};

const publicKey = (curve: keyof typeof publicPrefix, bytes: Uint8Array): KeyObject =>
	createPublicKey({ key: Buffer.concat([Buffer.from(publicPrefix[curve], "hex"), checked(bytes, 32)]), format: "der", type: "spki" });

/** The last 32 bytes of the DER are the key. */
const publicBytes = (key: KeyObject): Uint8Array => plain(createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32));

const plain = (buffer: Uint8Array): Uint8Array => Uint8Array.from(buffer);

/** Curves and ChaCha20-Poly1305 of node:crypto. */
export const nodeCurves: Curves = {
	x25519Public: (secret) => publicBytes(privateKey("x25519", secret)),
	x25519Shared: (secret, peer) => {
		const [own, other] = [privateKey("x25519", secret), publicKey("x25519", peer)];
		try {
			return plain(diffieHellman({ privateKey: own, publicKey: other }));
		} catch {
			// OpenSSL refuses an all-zero result, which a point of low order gives.
			return undefined;
		}
	},
	ed25519Public: (seed) => publicBytes(privateKey("ed25519", seed)),
	ed25519Sign: (seed, bytes) => plain(sign(null, bytes, privateKey("ed25519", seed))),
	ed25519Verify: (key, bytes, signature) => {
		if (key.length !== 32 || signature.length !== 64) return false;
		try {
			return verify(null, bytes, publicKey("ed25519", key), signature);
		} catch {
			return false;
		}
	},
	chachaSeal: (key, nonce, aad, text) => {
		const cipher = createCipheriv("chacha20-poly1305", checked(key, 32), checked(nonce, 12), { authTagLength: tagBytes });
		cipher.setAAD(aad, { plaintextLength: text.length });
		return concatBytes(cipher.update(text), cipher.final(), cipher.getAuthTag());
	},
	chachaOpen: (key, nonce, aad, sealed) => {
		checked(key, 32);
		checked(nonce, 12);
		if (sealed.length < tagBytes) return undefined;
		const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: tagBytes });
		decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
		decipher.setAAD(aad, { plaintextLength: sealed.length - tagBytes });
		const opened = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
		try {
			decipher.final();
		} catch {
			opened.fill(0);
			return undefined;
		}
		return plain(opened);
	},
};
