/**
 * Huffman codes of JPEG: which symbol the next bits are, which code a symbol has, and tables with a symbol more (T.81, Annex C and F.2.2.3).
 */
import type { HuffmanSpec } from "./jpeg-frame.ts";

/** Takes the next bits, the first one as the highest of 32; at least 16 must be right. Length of the code x 256 + symbol, or -1 for no code. */
export const symbolAt = ({ counts, symbols }: HuffmanSpec, word: number): number => {
	let [first, index] = [0, 0];
	for (let length = 1; length <= 16; length++) {
		const count = counts[length - 1] ?? 0;
		const offset = (word >>> (32 - length)) - first;
		if (offset < count) return (length << 8) | (symbols[index + offset] ?? 0);
		index += count;
		first = (first + count) << 1;
	}
	return -1;
};

/** For each of 256 symbols: length of its code x 65,536 + code; 0 where it has none. */
export const codesOf = ({ counts, symbols }: HuffmanSpec): Int32Array => {
	const codes = new Int32Array(256);
	let [code, index] = [0, 0];
	for (const [short, count] of counts.entries()) {
		for (let each = 0; each < count; each++) {
			const symbol = symbols[index++] ?? 0;
			if (codes[symbol] === 0) codes[symbol] = ((short + 1) << 16) | code;
			code++;
		}
		code <<= 1;
	}
	return codes;
};

/**
 * The same table with codes for the needed symbols too. Codes that were there stay what they are: new ones come last, in the room that a table
 * always has, since the code of ones alone is none. Undefined where 16 bits leave not enough room.
 */
export const withSymbols = (spec: HuffmanSpec, needed: readonly number[]): HuffmanSpec | undefined => {
	const missing = needed.filter((symbol) => !spec.symbols.includes(symbol));
	if (missing.length === 0) return spec;
	let [longest, used] = [0, 0];
	for (const [short, count] of spec.counts.entries()) {
		used = (used << 1) + count;
		if (count > 0) longest = short + 1;
	}
	for (let length = Math.max(1, longest); length <= 16; length++) {
		// `used` counts codes of 16 bits: how many of the shorter ones are taken follows from it.
		if ((1 << length) - 1 - (used >>> (16 - length)) < missing.length) continue;
		const counts = Uint8Array.from(spec.counts);
		counts[length - 1] = (counts[length - 1] ?? 0) + missing.length;
		return { counts, symbols: Uint8Array.from([...spec.symbols, ...missing]) };
	}
	return undefined;
};
