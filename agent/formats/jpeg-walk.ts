/**
 * Goes through a scan MCU by MCU without decoding it: where each one begins and ends, and its DC values. AC coefficients are stepped over.
 */
import type { EntropyData } from "./jpeg-entropy.ts";
import type { JpegFrame } from "./jpeg-frame.ts";
import { symbolAt } from "./jpeg-huffman.ts";
import { acAdvance, endOfBlock, extend, lookupBits, type WalkTable, type WalkTables } from "./jpeg-lookup.ts";

/** A quantised DC of 8-bit samples is within +-1,024; twice that still has a category of its own for the difference to nothing (T.81, table F.1). */
const maxDc = 2_047;

/** One block of the MCU, in the order of the scan. */
interface WalkBlock {
	readonly component: number;
	readonly isFirst: boolean;
	readonly dc: WalkTable;
	readonly ac: WalkTable;
}

export class McuWalker {
	/** Where the next MCU begins, in bits. */
	bit = 0;
	/** The DC of each component's last block, which the next one is told by its difference from. */
	readonly dc = new Int32Array(3);
	/** Of each component's first block in the MCU just walked: its DC, and where the DC's bits begin and end. */
	readonly firstDc = new Int32Array(3);
	readonly firstDcStart = new Int32Array(3);
	readonly firstDcEnd = new Int32Array(3);
	#end = 0;
	#view = new DataView(new ArrayBuffer(0));
	#blocks: readonly WalkBlock[] = [];
	#longDcBits = 0;

	load(frame: JpegFrame, entropy: EntropyData, tables: WalkTables): void {
		this.#view = entropy.view;
		this.#blocks = frame.components.flatMap(({ blocksAcross, blocksDown, dcTable, acTable }, component) => {
			const [dc, ac] = [frame.dcTables[dcTable], frame.acTables[acTable]];
			if (!dc || !ac) return [];
			const block = { component, dc: tables.of("dc", dc), ac: tables.of("ac", ac) };
			return Array.from({ length: blocksAcross * blocksDown }, (_, index) => ({ ...block, isFirst: index === 0 }));
		});
	}

	/** Goes to the start of a segment, where every prediction is 0. */
	enter(startBit: number, endBit: number): void {
		this.bit = startBit;
		this.#end = endBit;
		this.dc.fill(0);
	}

	/** Walks one MCU; false when its bits are no MCU or go beyond the segment, after which nothing in it is to be believed. */
	next(): boolean {
		const view = this.#view;
		const blocks = this.#blocks;
		let bit = this.bit;
		// No iterator and no call per block: this loop is most of what a redaction costs.
		for (let index = 0; index < blocks.length; index++) {
			const block = blocks[index];
			if (block === undefined) return false;
			const { component } = block;
			const entry = block.dc.dc[(view.getInt32(bit >>> 3) << (bit & 7)) >>> (32 - lookupBits)] ?? 0;
			const difference = entry === 0 ? this.#longDc(block.dc, bit) : entry >> 4;
			const end = bit + (entry === 0 ? this.#longDcBits : entry & 15);
			const predicted = (this.dc[component] ?? 0) + difference;
			if (!(predicted <= maxDc && predicted >= -maxDc)) return false;
			this.dc[component] = predicted;
			if (block.isFirst) {
				this.firstDc[component] = predicted;
				this.firstDcStart[component] = bit;
				this.firstDcEnd[component] = end;
			}
			bit = end;
			const { ac } = block.ac;
			let k = 1;
			for (;;) {
				let step = 0;
				while (k < 64) {
					step = ac[(view.getInt32(bit >>> 3) << (bit & 7)) >>> (32 - lookupBits)] ?? 0;
					bit += step & 63;
					k += step >> 6;
				}
				if (k === 64 || (k >= endOfBlock && k < endOfBlock + 64)) break;
				// Too far, or not in the table: again from before, one symbol alone.
				bit -= step & 63;
				k -= step >> 6;
				const found = symbolAt(block.ac.spec, view.getInt32(bit >>> 3) << (bit & 7));
				const advance = found < 0 ? 0 : acAdvance(found & 0xff);
				if (advance === 0 || (advance < endOfBlock && k + advance > 64)) return false;
				bit += (found >> 8) + (found & 15);
				k += advance;
			}
			if (bit > this.#end) return false;
		}
		this.bit = bit;
		return true;
	}

	/** The difference of a DC that is not in the table, or NaN for no code; its bits are left in `#longDcBits`. */
	#longDc({ spec }: WalkTable, bit: number): number {
		const found = symbolAt(spec, this.#view.getInt32(bit >>> 3) << (bit & 7));
		if (found < 0) return Number.NaN;
		const [length, size] = [found >> 8, found & 0xff];
		const at = bit + length;
		this.#longDcBits = length + size;
		return extend(((this.#view.getInt32(at >>> 3) << (at & 7)) >>> 16) >>> (16 - size), size);
	}
}
