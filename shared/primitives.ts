/**
 * The cryptography and compression that the shared formats are built on. Declared here and implemented by the host, because `shared/` knows
 * neither Node nor libsodium; every function is synchronous and deterministic except `randomBytes`.
 *
 * Byte arrays handed in are borrowed for the call and never kept; arrays returned are fresh and belong to the caller. Lengths are checked:
 * a wrong one throws KerbError KEY_INVALID. What fails because of hostile input returns undefined or false instead.
 */
export interface Primitives {
	/** 32 bytes (FIPS 180-4). */
	sha256(bytes: Uint8Array): Uint8Array;
	/** HKDF with SHA-256 (RFC 5869); 1 to 8,160 bytes. An empty salt means 32 zero bytes. */
	hkdfSha256(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, byteLength: number): Uint8Array;
	/** AES key wrap (RFC 3394) under a key of 16, 24 or 32 bytes; `key` is a multiple of 8 and at least 16; the result is 8 bytes longer. */
	wrapKey(wrappingKey: Uint8Array, key: Uint8Array): Uint8Array;
	/** The wrapped key; undefined when it was not wrapped under this one. */
	unwrapKey(wrappingKey: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined;
	/** The public key of a 32-byte X25519 secret (RFC 7748). */
	x25519Public(secretKey: Uint8Array): Uint8Array;
	/** The 32-byte shared secret; undefined when the public key is one of low order, whose result an attacker would know. */
	x25519Shared(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;
	/** The public key of a 32-byte Ed25519 seed (RFC 8032). */
	ed25519Public(seed: Uint8Array): Uint8Array;
	/** 64 bytes, the same for the same seed and bytes. */
	ed25519Sign(seed: Uint8Array, bytes: Uint8Array): Uint8Array;
	/** False for anything that is not a valid signature, whatever the lengths. */
	ed25519Verify(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean;
	/** ChaCha20-Poly1305 (RFC 8439): key 32 bytes, nonce 12; the result is the ciphertext and its 16-byte tag. */
	chachaSeal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Uint8Array;
	/** The plaintext; undefined when key, nonce, aad or a single bit of `sealed` is not what it was. */
	chachaOpen(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
	/** One zstd frame (RFC 8878) without checksum, the same for the same bytes. */
	compress(bytes: Uint8Array): Uint8Array;
	/** The content of a zstd frame; undefined when it is broken or longer than `maxBytes`, of which no more is ever allocated. */
	decompress(bytes: Uint8Array, maxBytes: number): Uint8Array | undefined;
	/** `count` random bytes; cryptographically strong, except in a replay, where they come from a seed. */
	randomBytes(count: number): Uint8Array;
	/** True when the bytes are the same; takes the same time wherever they differ. */
	equal(a: Uint8Array, b: Uint8Array): boolean;
}
