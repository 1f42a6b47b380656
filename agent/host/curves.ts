/**
 * The elliptic curves and the cipher for short messages, which two libraries can do alike: libsodium and the OpenSSL inside Node.
 */
import { KerbError } from "../../shared/errors.ts";
import type { Primitives } from "../../shared/primitives.ts";

export type Curves = Pick<
	Primitives,
	"x25519Public" | "x25519Shared" | "ed25519Public" | "ed25519Sign" | "ed25519Verify" | "chachaSeal" | "chachaOpen"
>;

/** @throws KerbError KEY_INVALID when a key or nonce is not as long as it must be. */
export const checked = (bytes: Uint8Array, length: number): Uint8Array => {
	if (bytes.length !== length) throw new KerbError("KEY_INVALID", `expected ${length} bytes of key or nonce, got ${bytes.length}`);
	return bytes;
};
