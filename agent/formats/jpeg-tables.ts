/**
 * The tables that a JPEG brings along: quantisation (T.81, B.2.4.1) and Huffman (B.2.4.2). A later one of the same index takes the place of an
 * earlier one, as a decoder has it.
 */
import type { HuffmanSpec } from "./jpeg-frame.ts";
import { jpegRefusal } from "./jpeg-refusal.ts";

/** Largest DC category and AC size of 8-bit samples (T.81, tables F.1 and F.2). */
export const maxDcCategory = 11;
export const maxAcSize = 10;

export interface JpegTables {
	readonly quant: (Uint16Array | undefined)[];
	readonly dc: (HuffmanSpec | undefined)[];
	readonly ac: (HuffmanSpec | undefined)[];
	/** True when a quantisation table has 16-bit entries, which baseline does not allow. */
	wideQuant: boolean;
}

export const noTables = (): JpegTables => ({
	quant: [undefined, undefined, undefined, undefined],
	dc: [undefined, undefined, undefined, undefined],
	ac: [undefined, undefined, undefined, undefined],
	wideQuant: false,
});

/** Takes one DQT segment, without marker and length. Copies. @throws KerbError FORMAT_INVALID `damaged` */
export const readQuantTables = (segment: Uint8Array, tables: JpegTables): void => {
	for (let at = 0; at < segment.length; ) {
		const head = segment[at++] ?? 0;
		const [wide, index] = [head >> 4, head & 15];
		const size = wide === 0 ? 64 : 128;
		if (wide > 1 || index > 3) throw jpegRefusal("damaged", "a quantisation table has an impossible precision or index");
		if (at + size > segment.length) throw jpegRefusal("damaged", "a quantisation table is longer than its segment");
		const table = new Uint16Array(64);
		for (let k = 0; k < 64; k++) {
			table[k] = wide === 0 ? (segment[at + k] ?? 0) : ((segment[at + 2 * k] ?? 0) << 8) | (segment[at + 2 * k + 1] ?? 0);
			if (table[k] === 0) throw jpegRefusal("damaged", "a quantisation table divides by zero");
		}
		tables.quant[index] = table;
		tables.wideQuant ||= wide === 1;
		at += size;
	}
};

/** Takes one DHT segment, without marker and length. Copies. @throws KerbError FORMAT_INVALID `damaged` */
export const readHuffmanTables = (segment: Uint8Array, tables: JpegTables): void => {
	for (let at = 0; at < segment.length; ) {
		const head = segment[at] ?? 0;
		const [kind, index] = [head >> 4, head & 15];
		if (kind > 1 || index > 3) throw jpegRefusal("damaged", "a Huffman table has an impossible class or index");
		if (at + 17 > segment.length) throw jpegRefusal("damaged", "a Huffman table is longer than its segment");
		// `slice` of a Buffer would not copy.
		const counts = Uint8Array.from(segment.subarray(at + 1, at + 17));
		const total = counts.reduce((sum, count) => sum + count, 0);
		at += 17;
		if (total > 256 || at + total > segment.length) throw jpegRefusal("damaged", "a Huffman table is longer than its segment");
		const symbols = Uint8Array.from(segment.subarray(at, at + total));
		requireTree(counts);
		if (kind === 0 && symbols.some((symbol) => symbol > maxDcCategory)) {
			throw jpegRefusal("damaged", "a Huffman table has a DC category that 8-bit samples cannot need");
		}
		(kind === 0 ? tables.dc : tables.ac)[index] = { counts, symbols };
		at += total;
	}
};

/** Codes of each length must fit, and the code of ones alone is none (T.81, Annex C). */
const requireTree = (counts: Uint8Array): void => {
	let code = 0;
	for (const [index, count] of counts.entries()) {
		code = (code << 1) + count;
		if (count > 0 && code >= 1 << (index + 1)) throw jpegRefusal("damaged", "a Huffman table has more codes than fit");
	}
};
