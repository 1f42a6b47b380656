/**
 * Curves by libsodium (WebAssembly). Loaded only when asked for: it costs about 22 MB of memory and 40 ms.
 */
import { type Curves, checked } from "./curves.ts";

/** Waits for libsodium to be compiled, once per process. */
export const loadSodiumCurves = async (): Promise<Curves> => {
	const { default: sodium } = await import("libsodium-wrappers");
	await sodium.ready;
	const attempt = <T>(work: () => T): T | undefined => {
		try {
			return work();
		} catch {
			return undefined;
		}
	};
	return {
		x25519Public: (secretKey) => sodium.crypto_scalarmult_base(checked(secretKey, 32)),
		// libsodium throws for a point of low order.
		x25519Shared: (secretKey, publicKey) => {
			checked(secretKey, 32);
			checked(publicKey, 32);
			return attempt(() => sodium.crypto_scalarmult(secretKey, publicKey));
		},
		ed25519Public: (seed) => {
			const pair = sodium.crypto_sign_seed_keypair(checked(seed, 32));
			pair.privateKey.fill(0);
			return pair.publicKey;
		},
		ed25519Sign: (seed, bytes) => {
			const pair = sodium.crypto_sign_seed_keypair(checked(seed, 32));
			const signature = sodium.crypto_sign_detached(bytes, pair.privateKey);
			pair.privateKey.fill(0);
			return signature;
		},
		ed25519Verify: (publicKey, bytes, signature) =>
			publicKey.length === 32 &&
			signature.length === 64 &&
			attempt(() => sodium.crypto_sign_verify_detached(signature, bytes, publicKey)) === true,
		chachaSeal: (key, nonce, aad, plain) =>
			sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plain, aad, null, checked(nonce, 12), checked(key, 32)),
		chachaOpen: (key, nonce, aad, sealed) => {
			checked(nonce, 12);
			checked(key, 32);
			return sealed.length < 16
				? undefined
				: attempt(() => sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed, aad, nonce, key));
		},
	};
};
