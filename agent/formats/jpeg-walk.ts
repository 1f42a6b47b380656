/**
 * Goes through a scan MCU by MCU without decoding it: where each one begins and ends, and its DC values. AC coefficients are stepped over.
 */
import type { EntropyData } from "./jpeg-entropy.ts";
import type { JpegFrame } from "./jpeg-frame.ts";
import { symbolAt } from "./jpeg-huffman.ts";
import { acAdvance, endOfBlock, extend, lookupBits, type WalkTable, type WalkTables } from "./jpeg-lookup.ts";

/** A quantised DC of 8-bit samples is within +-1,024; twice that still has a category of its own for the difference to nothing (T.81, table F.1). */
const maxDc = 2_047;

interface WalkComponent {
	readonly blocks: number;
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
	#components: readonly WalkComponent[] = [];

	load(frame: JpegFrame, entropy: EntropyData, tables: WalkTables): void {
		this.#view = entropy.view;
		this.#components = frame.components.flatMap(({ blocksAcross, blocksDown, dcTable, acTable }) => {
			const [dc, ac] = [frame.dcTables[dcTable], frame.acTables[acTable]];
			return dc && ac ? [{ blocks: blocksAcross * blocksDown, dc: tables.of("dc", dc), ac: tables.of("ac", ac) }] : [];
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
		for (const [index, component] of this.#components.entries()) {
			let predicted = this.dc[index] ?? 0;
			for (let block = 0; block < component.blocks; block++) {
				const start = this.bit;
				predicted += this.#dc(component.dc);
				if (block === 0) {
					this.firstDc[index] = predicted;
					this.firstDcStart[index] = start;
					this.firstDcEnd[index] = this.bit;
				}
				if (!(predicted <= maxDc && predicted >= -maxDc) || !this.#ac(component.ac) || this.bit > this.#end) return false;
			}
			this.dc[index] = predicted;
		}
		return true;
	}

	/** Steps over a DC; its difference, or NaN for no code. */
	#dc(table: WalkTable): number {
		const word = this.#view.getInt32(this.bit >>> 3) << (this.bit & 7);
		const entry = table.dc[word >>> (32 - lookupBits)] ?? 0;
		if (entry !== 0) {
			this.bit += entry & 15;
			return entry >> 4;
		}
		const found = symbolAt(table.spec, word);
		if (found < 0) return Number.NaN;
		const size = found & 0xff;
		this.bit += found >> 8;
		const bits = ((this.#view.getInt32(this.bit >>> 3) << (this.bit & 7)) >>> 16) >>> (16 - size);
		this.bit += size;
		return extend(bits, size);
	}

	/** Steps over the 63 AC coefficients of a block; false when it cannot. */
	#ac(table: WalkTable): boolean {
		const view = this.#view;
		const { ac } = table;
		let [bit, k] = [this.bit, 1];
		for (;;) {
			let entry = 0;
			while (k < 64) {
				entry = ac[(view.getInt32(bit >>> 3) << (bit & 7)) >>> (32 - lookupBits)] ?? 0;
				bit += entry & 63;
				k += entry >> 6;
			}
			if (k === 64 || (k >= endOfBlock && k < endOfBlock + 64)) {
				this.bit = bit;
				return true;
			}
			// Too far, or not in the table: again from before, one symbol alone.
			bit -= entry & 63;
			k -= entry >> 6;
			const found = symbolAt(table.spec, view.getInt32(bit >>> 3) << (bit & 7));
			const advance = found < 0 ? 0 : acAdvance(found & 0xff);
			if (advance === 0 || (advance < endOfBlock && k + advance > 64)) return false;
			bit += (found >> 8) + (found & 15);
			k += advance;
			if (k >= 64) {
				this.bit = bit;
				return true;
			}
		}
	}
}
