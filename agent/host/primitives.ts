/**
 * The cryptography and compression of this box, for the shared formats.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { concatBytes } from "../../shared/bytes.ts";
import { KerbError } from "../../shared/errors.ts";
import type { Primitives } from "../../shared/primitives.ts";
import { nodeCurves } from "./node-curves.ts";
import { loadSodiumCurves } from "./sodium-curves.ts";

/** Longer messages are ciphered by node:crypto, which is about five times as fast as WebAssembly; the bytes are the same. */
const longMessageBytes = 16_384;

/** RFC 3394 section 2.2.3.1. */
const keyWrapIv = new Uint8Array(8).fill(0xa6);

export interface PrimitivesOptions {
	/** `count` random bytes; those of the operating system unless told. A replay hands in bytes from a seed. */
	readonly random?: (count: number) => Uint8Array;
	/** Who does the curves; "libsodium" unless told. "node" gives the same bytes for about 18 MB less memory. */
	readonly curves?: "libsodium" | "node";
}

/** Loads what is needed once; the result is used for the life of the process. */
export const loadPrimitives = async (options: PrimitivesOptions = {}): Promise<Primitives> => {
	const curves = options.curves === "node" ? nodeCurves : await loadSodiumCurves();
	const random = options.random ?? randomBytes;
	return {
		...curves,
		sha256: (bytes) => plain(createHash("sha256").update(bytes).digest()),
		hkdfSha256: (secret, salt, info, byteLength) => new Uint8Array(hkdfSync("sha256", secret, salt, info, byteLength)),
		wrapKey,
		unwrapKey,
		chachaSeal: (key, nonce, aad, text) => (text.length > longMessageBytes ? nodeCurves : curves).chachaSeal(key, nonce, aad, text),
		chachaOpen: (key, nonce, aad, sealed) => (sealed.length > longMessageBytes ? nodeCurves : curves).chachaOpen(key, nonce, aad, sealed),
		compress,
		decompress,
		randomBytes: (count) => plain(random(count)),
		equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
	};
};

/** Copies out of Node's shared Buffer pool, so that overwriting the result overwrites the only copy that is handed on. */
const plain = (buffer: Uint8Array): Uint8Array => {
	const copy = Uint8Array.from(buffer);
	buffer.fill(0);
	return copy;
};

const wrapName = (wrappingKey: Uint8Array): string => {
	if (![16, 24, 32].includes(wrappingKey.length)) {
		throw new KerbError("KEY_INVALID", `key wrap: expected a wrapping key of 16, 24 or 32 bytes, got ${wrappingKey.length}`);
	}
	return `id-aes${wrappingKey.length * 8}-wrap`;
};

const wrapKey = (wrappingKey: Uint8Array, key: Uint8Array): Uint8Array => {
	const name = wrapName(wrappingKey);
	if (key.length < 16 || key.length % 8 !== 0) {
		throw new KerbError("KEY_INVALID", `key wrap: expected a key of a multiple of 8 bytes, at least 16, got ${key.length}`);
	}
	const cipher = createCipheriv(name, wrappingKey, keyWrapIv);
	return concatBytes(cipher.update(key), cipher.final());
};

const unwrapKey = (wrappingKey: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined => {
	const name = wrapName(wrappingKey);
	if (wrapped.length < 24 || wrapped.length % 8 !== 0) return undefined;
	const decipher = createDecipheriv(name, wrappingKey, keyWrapIv);
	try {
		return concatBytes(plain(decipher.update(wrapped)), decipher.final());
	} catch {
		return undefined;
	}
};

const compress = (bytes: Uint8Array): Uint8Array =>
	plain(
		zstdCompressSync(bytes, {
			pledgedSrcSize: bytes.length,
			params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_contentSizeFlag]: 1, [constants.ZSTD_c_checksumFlag]: 0 },
		}),
	);

const decompress = (bytes: Uint8Array, maxBytes: number): Uint8Array | undefined => {
	try {
		const params = { [constants.ZSTD_d_windowLogMax]: 23 };
		const result = withConsumed(zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, maxBytes), params, info: true }));
		// Node stops at the end of a frame and says nothing of bytes after it.
		if (result === undefined || result.consumed !== bytes.length || result.content.length > maxBytes) return undefined;
		return plain(result.content);
	} catch {
		return undefined;
	}
};

/** What Node returns with `info` (documented, but not in its types): the content, and how many bytes of input it was made from. */
const withConsumed = (result: unknown): { readonly content: Uint8Array; readonly consumed: number } | undefined => {
	if (typeof result !== "object" || result === null || !("buffer" in result) || !("engine" in result)) return undefined;
	const { buffer: content, engine } = result;
	if (!(content instanceof Uint8Array) || typeof engine !== "object" || engine === null || !("bytesWritten" in engine)) return undefined;
	return typeof engine.bytesWritten === "number" ? { content, consumed: engine.bytesWritten } : undefined;
};
