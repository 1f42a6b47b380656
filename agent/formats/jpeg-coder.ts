/**
 * Writes MCUs of a masked JPEG: flat grey ones, ones whose DC differences have changed, and ones in other tables.
 */
import type { JpegWriter } from "./jpeg-bits.ts";
import type { EntropyData } from "./jpeg-entropy.ts";
import type { HuffmanSpec, JpegFrame } from "./jpeg-frame.ts";
import { codesOf, symbolAt } from "./jpeg-huffman.ts";
import { acAdvance, endOfBlock, extend } from "./jpeg-lookup.ts";
import type { McuWalker } from "./jpeg-walk.ts";
import type { OutputTables } from "./jpeg-whitelist.ts";

/** The quantised DC of a masked block: no difference from mid-grey, which is sample value 128 in every component (T.81, F.1.1.2). */
export const fillDc = 0;

interface Coded {
	readonly blocks: number;
	readonly dcCodes: Int32Array;
	readonly acCodes: Int32Array;
	readonly dcIn: HuffmanSpec;
	readonly acIn: HuffmanSpec;
}

/** DC and AC codes come from `codesOf`: a code that is not there has length 0, and `outputTables` has seen to it that none is asked for. */
export class McuCoder {
	readonly #writer: JpegWriter;
	readonly #entropy: EntropyData;
	readonly #components: readonly Coded[];

	constructor(frame: JpegFrame, tables: OutputTables, entropy: EntropyData, writer: JpegWriter) {
		this.#writer = writer;
		this.#entropy = entropy;
		this.#components = frame.components.flatMap(({ blocksAcross, blocksDown, dcTable, acTable }) => {
			const [dcIn, acIn, dcOut, acOut] = [frame.dcTables[dcTable], frame.acTables[acTable], tables.dc[dcTable], tables.ac[acTable]];
			if (!dcIn || !acIn || !dcOut || !acOut) return [];
			return [{ blocks: blocksAcross * blocksDown, dcCodes: codesOf(dcOut), acCodes: codesOf(acOut), dcIn, acIn }];
		});
	}

	/** A flat MCU after blocks whose DC was `before`. */
	grey(before: Int32Array): void {
		for (const [index, { blocks, dcCodes, acCodes }] of this.#components.entries()) {
			for (let block = 0; block < blocks; block++) {
				this.#dc(dcCodes, block === 0 ? fillDc - (before[index] ?? 0) : 0);
				this.#code(acCodes, 0);
			}
		}
	}

	/**
	 * The MCU just walked, from `start`, after a flat one: the difference of each component's first block is told anew, the bits between are copied.
	 * Returns the bit from which all is as it was.
	 */
	afterGrey(walker: McuWalker, start: number): number {
		let from = start;
		for (const [index, { dcCodes }] of this.#components.entries()) {
			this.#writer.copy(this.#entropy.view, from, walker.firstDcStart[index] ?? 0);
			this.#dc(dcCodes, (walker.firstDc[index] ?? 0) - fillDc);
			from = walker.firstDcEnd[index] ?? 0;
		}
		return from;
	}

	/** The MCU just walked, from `start`, symbol by symbol in the tables of the output. `before` is the DC of each component's last block there. */
	recoded(walker: McuWalker, start: number, before: Int32Array): void {
		let at = start;
		for (const [index, { blocks, dcCodes, acCodes, dcIn, acIn }] of this.#components.entries()) {
			for (let block = 0; block < blocks; block++) {
				const found = symbolAt(dcIn, this.#word(at));
				const size = found & 0xff;
				at += found >> 8;
				const difference = extend((this.#word(at) >>> 16) >>> (16 - size), size);
				at += size;
				this.#dc(dcCodes, block === 0 ? (walker.firstDc[index] ?? 0) - (before[index] ?? 0) : difference);
				at = this.#recodeAc(acIn, acCodes, at);
			}
		}
	}

	/** The walker has been here: every code is one, and the block ends. */
	#recodeAc(spec: HuffmanSpec, codes: Int32Array, start: number): number {
		let at = start;
		for (let k = 1; k < 64; ) {
			const found = symbolAt(spec, this.#word(at));
			const symbol = found & 0xff;
			at += found >> 8;
			this.#code(codes, symbol);
			const end = at + (symbol & 15);
			this.#writer.copy(this.#entropy.view, at, end);
			at = end;
			k += acAdvance(symbol) || endOfBlock;
		}
		return at;
	}

	#word(bit: number): number {
		return this.#entropy.view.getInt32(bit >>> 3) << (bit & 7);
	}

	#dc(codes: Int32Array, difference: number): void {
		const size = 32 - Math.clz32(Math.abs(difference));
		this.#code(codes, size);
		this.#writer.bits(difference < 0 ? difference - 1 : difference, size);
	}

	#code(codes: Int32Array, symbol: number): void {
		const code = codes[symbol] ?? 0;
		this.#writer.bits(code & 0xffff, code >> 16);
	}
}
