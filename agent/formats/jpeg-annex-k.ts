/**
 * The typical Huffman tables of T.81, Annex K.3: what encoders use that do not make their own, and what motion JPEG without a DHT segment means.
 * They hold every DC category of 8-bit samples (0 to 11) and every AC symbol (runs 0 to 15 of sizes 1 to 10, EOB, ZRL).
 */
import type { HuffmanSpec } from "./jpeg-frame.ts";

const spec = (counts: readonly number[], symbols: Uint8Array): HuffmanSpec => ({ counts: Uint8Array.from(counts), symbols });

/** Two hexadecimal digits for each symbol. */
const hex = (...lines: readonly string[]): Uint8Array =>
	Uint8Array.from(lines.join("").match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));

/** Table K.3. */
export const dcLuminance = spec([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], hex("000102030405060708090a0b"));

/** Table K.4. */
export const dcChrominance = spec([0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], hex("000102030405060708090a0b"));

/** Table K.5. */
export const acLuminance = spec(
	[0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
	hex(
		"01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a",
		"434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aa",
		"b2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
	),
);

/** Table K.6. */
export const acChrominance = spec(
	[0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119],
	hex(
		"000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a",
		"434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aa",
		"b2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa",
	),
);
