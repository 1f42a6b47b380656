/**
 * The elliptic curves and the cipher for short messages, which two libraries can do alike: libsodium and the OpenSSL inside Node.
 */
import type { Primitives } from "../../shared/primitives.ts";

export type Curves = Pick<
	Primitives,
	"x25519Public" | "x25519Shared" | "ed25519Public" | "ed25519Sign" | "ed25519Verify" | "chachaSeal" | "chachaOpen"
>;
