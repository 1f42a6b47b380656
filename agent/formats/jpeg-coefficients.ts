/**
 * Decodes the coefficients of a scan block by block (ITU-T T.81, F.2.2), as far as the picture is wanted: at half size and less the high
 * frequencies are stepped over.
 */
import { EntropyData } from "./jpeg-entropy.ts";
import type { HuffmanSpec, JpegFrame } from "./jpeg-frame.ts";
import { symbolAt } from "./jpeg-huffman.ts";
import { extend } from "./jpeg-lookup.ts";
import { jpegRefusal } from "./jpeg-refusal.ts";

/** From the order in a scan to the place in a block, row by row (T.81, figure A.6). */
const zigzag = Uint8Array.from([
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57,
	50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
]);

const lookBits = 9;

/** By the next 9 bits: length of the code x 256 + symbol; 0 where the code is longer. */
const buildLook = (spec: HuffmanSpec): Uint16Array =>
	Uint16Array.from({ length: 1 << lookBits }, (_, bits) => {
		const found = symbolAt(spec, bits << (32 - lookBits));
		return found >> 8 <= lookBits && found > 0 ? found : 0;
	});

interface Component {
	readonly blocksAcross: number;
	readonly blocksDown: number;
	readonly dc: { readonly spec: HuffmanSpec; readonly look: Uint16Array };
	readonly ac: { readonly spec: HuffmanSpec; readonly look: Uint16Array };
	/** In zigzag order. */
	readonly quant: Uint16Array;
}

/**
 * Takes each block: which component, where in the component's grid of blocks, and its dequantised coefficients, row by row. `last` is the place in zigzag
 * order after which all are zero. The array is the decoder's, and is zeroed afterwards.
 */
export type TakeBlock = (component: number, column: number, row: number, block: Int32Array, last: number) => void;

/**
 * Decodes every block of a parsed frame. Coefficients from place `keep` of the zigzag order on are skipped.
 *
 * @throws KerbError FORMAT_INVALID (`damaged`) where the bits are no blocks.
 */
export const decodeCoefficients = (frame: JpegFrame, keep: number, take: TakeBlock): void => {
	const components = frame.components.map((component): Component => {
		const [dc, ac, quant] = [frame.dcTables[component.dcTable], frame.acTables[component.acTable], frame.quantTables[component.quantTable]];
		if (dc === undefined || ac === undefined || quant === undefined) throw jpegRefusal("damaged", "a table is missing");
		return { ...component, dc: { spec: dc, look: buildLook(dc) }, ac: { spec: ac, look: buildLook(ac) }, quant };
	});
	const entropy = new EntropyData();
	entropy.load(frame);
	try {
		const total = frame.mcuColumns * frame.mcuRows;
		const perSegment = frame.restartInterval === 0 ? total : frame.restartInterval;
		const reader = new BlockReader(entropy.view, keep);
		for (let segment = 0, mcu = 0; segment < entropy.segments && mcu < total; segment++) {
			reader.enter(entropy.starts[segment] ?? 0, entropy.ends[segment] ?? 0, components.length);
			for (const end = Math.min(total, mcu + perSegment); mcu < end; mcu++) {
				decodeMcu(components, mcu % frame.mcuColumns, Math.floor(mcu / frame.mcuColumns), reader, take);
			}
		}
	} finally {
		entropy.wipe();
	}
};

const decodeMcu = (components: readonly Component[], column: number, row: number, reader: BlockReader, take: TakeBlock): void => {
	for (const [index, component] of components.entries()) {
		const { blocksAcross, blocksDown } = component;
		for (let down = 0; down < blocksDown; down++) {
			for (let across = 0; across < blocksAcross; across++) {
				const last = reader.read(index, component);
				take(index, column * blocksAcross + across, row * blocksDown + down, reader.block, last);
				reader.clear(last);
			}
		}
	}
};

class BlockReader {
	readonly block = new Int32Array(64);
	readonly #view: DataView;
	readonly #keep: number;
	readonly #predicted = new Int32Array(4);
	#bit = 0;
	#end = 0;

	constructor(view: DataView, keep: number) {
		this.#view = view;
		this.#keep = keep;
	}

	enter(startBit: number, endBit: number, components: number): void {
		this.#bit = startBit;
		this.#end = endBit;
		this.#predicted.fill(0, 0, components);
	}

	/** One block into `block`; the last place in zigzag order that is not zero. */
	read(index: number, { dc, ac, quant }: Component): number {
		const { block } = this;
		const size = this.#symbol(dc) & 0xff;
		const value = (this.#predicted[index] ?? 0) + extend(this.#bits(size), size);
		this.#predicted[index] = value;
		block[0] = value * (quant[0] ?? 1);
		let last = 0;
		for (let k = 1; k < 64; k++) {
			const symbol = this.#symbol(ac) & 0xff;
			const bits = symbol & 15;
			if (bits === 0) {
				if (symbol !== 0xf0) break;
				k += 15;
				continue;
			}
			k += symbol >> 4;
			if (k >= this.#keep) {
				this.#bit += bits;
				continue;
			}
			last = k;
			block[zigzag[k] ?? 0] = extend(this.#bits(bits), bits) * (quant[k] ?? 1);
		}
		if (this.#bit > this.#end) throw jpegRefusal("damaged", "a block goes beyond the end of its data");
		return last;
	}

	clear(last: number): void {
		for (let k = 0; k <= last; k++) this.block[zigzag[k] ?? 0] = 0;
	}

	#symbol({ spec, look }: Component["dc"]): number {
		const word = this.#view.getInt32(this.#bit >>> 3) << (this.#bit & 7);
		const found = look[word >>> (32 - lookBits)] ?? 0;
		if (found !== 0) {
			this.#bit += found >> 8;
			return found;
		}
		const slow = symbolAt(spec, word);
		if (slow < 0) throw jpegRefusal("damaged", "bits that are no code");
		this.#bit += slow >> 8;
		return slow;
	}

	/** Up to 16 bits, as a number of its own. */
	#bits(count: number): number {
		const word = this.#view.getInt32(this.#bit >>> 3) << (this.#bit & 7);
		this.#bit += count;
		return (word >>> 16) >>> (16 - count);
	}
}
