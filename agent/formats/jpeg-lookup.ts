/**
 * Tables that tell from the next 12 bits how far to go, so that a scan is walked several symbols at a time. Built once per Huffman table; a camera
 * uses the same ones in every frame.
 */
import type { HuffmanSpec } from "./jpeg-frame.ts";
import { maxAcSize } from "./jpeg-tables.ts";

export const lookupBits = 12;

/** Added to the coefficients of an entry that ends with EOB. */
export const endOfBlock = 128;

/** The coefficients of an entry that says nothing: look at the bits one symbol at a time. */
export const unknownAc = 512;

export interface WalkTable {
	readonly spec: HuffmanSpec;
	/** DC: difference x 16 + bits of code and difference (1 to 12); 0 where they are more bits or no code. */
	readonly dc: Int16Array;
	/** AC: coefficients x 64 + bits, of one or more symbols; `endOfBlock` and `unknownAc` as above. */
	readonly ac: Uint16Array;
}

const entries = 1 << lookupBits;
const noLookup = { dc: new Int16Array(0), ac: new Uint16Array(0) };

/** The value that `size` bits stand for (T.81, F.2.2.1, EXTEND). */
export const extend = (bits: number, size: number): number => (size === 0 || bits >= 1 << (size - 1) ? bits : bits - (1 << size) + 1);

/** Calls `put` for each code that the next bits can hold: they begin with it from `first` up to `end`, left out. */
const eachCode = ({ counts, symbols }: HuffmanSpec, put: (first: number, end: number, length: number, symbol: number) => void): void => {
	let [first, index] = [0, 0];
	for (let length = 1; length <= lookupBits; length++) {
		const width = 1 << (lookupBits - length);
		for (let left = counts[length - 1] ?? 0; left > 0; left--) {
			put(first, first + width, length, symbols[index++] ?? 0);
			first += width;
		}
	}
};

const buildDc = (spec: HuffmanSpec): Int16Array => {
	const table = new Int16Array(entries);
	eachCode(spec, (first, end, length, size) => {
		const used = length + size;
		if (used > lookupBits) return;
		for (let bits = first; bits < end; bits++) {
			table[bits] = (extend((bits >>> (lookupBits - used)) & ((1 << size) - 1), size) << 4) | used;
		}
	});
	return table;
};

const buildAc = (spec: HuffmanSpec): Uint16Array => {
	/** One symbol, and the length of its code. */
	const step = new Uint16Array(entries);
	const codeLength = new Uint8Array(entries);
	eachCode(spec, (first, end, length, symbol) => {
		const advance = acAdvance(symbol);
		if (advance === 0) return;
		step.fill((advance << 6) | (length + (symbol & 15)), first, end);
		codeLength.fill(length, first, end);
	});
	const table = new Uint16Array(entries).fill(unknownAc << 6);
	for (let bits = 0; bits < entries; bits++) {
		const only = step[bits] ?? 0;
		if (only === 0) continue;
		let [advance, used] = [only >> 6, only & 63];
		while (advance < 64 && used < lookupBits) {
			const rest = (bits << used) & (entries - 1);
			const next = (step[rest] ?? 0) >> 6;
			if (next === 0 || (codeLength[rest] ?? 0) > lookupBits - used || (next < endOfBlock && advance + next > 63)) break;
			advance += next;
			used += (step[rest] ?? 0) & 63;
		}
		table[bits] = (advance << 6) | used;
	}
	return table;
};

/** How many coefficients an AC symbol stands for; `endOfBlock` for EOB, 0 for a symbol that baseline does not have. */
export const acAdvance = (symbol: number): number => {
	if (symbol === 0) return endOfBlock;
	const size = symbol & 15;
	if (size === 0) return symbol === 0xf0 ? 16 : 0;
	return size > maxAcSize ? 0 : (symbol >> 4) + 1;
};

const isSame = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && one.every((byte, at) => byte === other[at]);

/** Keeps the last few tables. */
export class WalkTables {
	readonly #known: { readonly dc: WalkTable[]; readonly ac: WalkTable[] } = { dc: [], ac: [] };

	of(kind: "dc" | "ac", spec: HuffmanSpec): WalkTable {
		const known = this.#known[kind];
		const found = known.find((table) => isSame(table.spec.counts, spec.counts) && isSame(table.spec.symbols, spec.symbols));
		if (found !== undefined) return found;
		const built = { ...noLookup, spec, [kind]: kind === "dc" ? buildDc(spec) : buildAc(spec) };
		known.unshift(built);
		known.splice(8);
		return built;
	}
}
