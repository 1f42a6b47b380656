/**
 * Huffman tables for the JPEGs that tests write, of kinds that encoders make and of kinds that none should.
 */
import { acChrominance, acLuminance, dcChrominance, dcLuminance } from "../../agent/formats/jpeg-annex-k.ts";

/**
 * `none`: no DHT segment, codes of Annex K. `annex-k`: those, written out. `full`: all symbols, 8 bits each. `tight`: only the symbols that the picture
 * needs. `skewed`: those, most of them with 16 bits. `crammed`: those and others, so that no code is left over. `crammed-ac`: only the AC tables so.
 */
export const codeStyles = ["none", "annex-k", "full", "tight", "skewed", "crammed", "crammed-ac"] as const;
export type CodeStyle = (typeof codeStyles)[number];

export interface WrittenTable {
	readonly counts: readonly number[];
	readonly symbols: readonly number[];
}

const dcSymbols = Array.from({ length: 12 }, (_, size) => size);
const acSymbols = [0, 0xf0, ...Array.from({ length: 160 }, (_, at) => Math.floor(at / 10) * 16 + 1 + (at % 10))];

/** `table` is class x 16 + index, as DHT has it; `needed` is without repetitions. */
export const tableOf = (style: CodeStyle, table: number, needed: readonly number[]): WrittenTable => {
	const counts = Array.from({ length: 16 }, () => 0);
	const put = (length: number, count: number): void => {
		counts[length - 1] = (counts[length - 1] ?? 0) + count;
	};
	switch (style) {
		case "none":
		case "annex-k": {
			const standard = table === 0 ? dcLuminance : table === 1 ? dcChrominance : table === 16 ? acLuminance : acChrominance;
			return { counts: [...standard.counts], symbols: [...standard.symbols] };
		}
		case "full": {
			const symbols = table < 16 ? dcSymbols : acSymbols;
			put(8, symbols.length);
			return { counts, symbols };
		}
		case "tight":
			put(Math.max(1, Math.ceil(Math.log2(needed.length + 1))), needed.length);
			return { counts, symbols: needed };
		case "skewed": {
			const short = Math.min(3, needed.length);
			for (let length = 1; length <= short; length++) put(length, 1);
			put(16, needed.length - short);
			return { counts, symbols: needed };
		}
		case "crammed":
			return crammed(table, needed);
		case "crammed-ac":
			return table < 16 ? tableOf("tight", table, needed) : crammed(table, needed);
	}
};

/** A tree without a free leaf but that of ones alone: a chain of codes of 1 to 16 bits, whose shortest leaves are split until there are enough. */
const crammed = (table: number, needed: readonly number[]): WrittenTable => {
	const others = table < 16 ? needed : acSymbols.filter((symbol) => symbol !== 0 && !needed.includes(symbol));
	const filling = Array.from({ length: Math.max(0, 16 - needed.length) }, (_, at) => others[at % others.length] ?? 0);
	const symbols = [...needed, ...filling];
	const counts = Array.from({ length: 16 }, () => 1);
	for (let total = 16; total < symbols.length; total++) {
		const shortest = counts.findIndex((count, at) => count > 0 && at < 15);
		counts[shortest] = (counts[shortest] ?? 0) - 1;
		counts[shortest + 1] = (counts[shortest + 1] ?? 0) + 2;
	}
	return { counts, symbols };
};
