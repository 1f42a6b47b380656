/**
 * Reads a baseline JPEG to its quantised coefficients, bit by bit, for tests that compare two of them. It shares no code with the agent and believes
 * the file: it is for files that the agent let pass.
 */

export interface ReadJpeg {
	/** Markers in the order of the file, restarts left out. */
	readonly markers: readonly number[];
	readonly widthPx: number;
	readonly heightPx: number;
	/** In MCUs. */
	readonly columns: number;
	readonly mcuWidthPx: number;
	readonly mcuHeightPx: number;
	/** Component id, factors and quantisation table of each. */
	readonly components: readonly (readonly number[])[];
	/** Per component, 64 in zigzag order. */
	readonly quant: readonly (readonly number[])[];
	/** Per MCU: 64 quantised coefficients of each block, DCs as such. */
	readonly mcus: readonly (readonly (readonly number[])[])[];
	/** Bits of the last restart interval that were not needed. */
	readonly spareBits: number;
	/** Bytes after the end of the image. */
	readonly trailing: number;
}

type Codes = Map<string, number>;

const codesOf = (counts: readonly number[], symbols: readonly number[]): Codes => {
	const codes: Codes = new Map();
	let [code, index] = [0, 0];
	for (const [short, count] of counts.entries()) {
		for (let each = 0; each < count; each++) codes.set((code++).toString(2).padStart(short + 1, "0"), symbols[index++] ?? 0);
		code *= 2;
	}
	return codes;
};

class Bits {
	readonly #text: string;
	#at = 0;

	constructor(bytes: readonly number[]) {
		this.#text = bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
	}

	get left(): number {
		return this.#text.length - this.#at;
	}

	symbol(codes: Codes): number {
		for (let length = 1; length <= 16; length++) {
			const symbol = codes.get(this.#text.slice(this.#at, this.#at + length));
			if (symbol === undefined) continue;
			this.#at += length;
			return symbol;
		}
		throw new Error(`no code at bit ${this.#at} of ${this.#text.length}`);
	}

	value(size: number): number {
		if (size === 0) return 0;
		const text = this.#text.slice(this.#at, this.#at + size);
		if (text.length < size) throw new Error("bits end within a value");
		this.#at += size;
		const value = Number.parseInt(text, 2);
		return text.startsWith("1") ? value : value - 2 ** size + 1;
	}
}

const readBlock = (bits: Bits, dc: Codes, ac: Codes): number[] => {
	const block = Array.from({ length: 64 }, () => 0);
	block[0] = bits.value(bits.symbol(dc));
	for (let k = 1; k < 64; k++) {
		const symbol = bits.symbol(ac);
		if (symbol === 0) break;
		k += symbol >> 4;
		if (k > 63) throw new Error("too many coefficients");
		block[k] = bits.value(symbol & 15);
	}
	return block;
};

interface Head {
	readonly markers: number[];
	readonly quantTables: Map<number, number[]>;
	/** By class x 16 + index. */
	readonly tables: Map<number, Codes>;
	/** Contents of the segments. */
	frame: Uint8Array;
	scan: Uint8Array;
	restartInterval: number;
	/** Where the scan begins. */
	at: number;
}

const readQuant = (content: Uint8Array, into: Head["quantTables"]): void => {
	for (let from = 0; from < content.length; ) {
		const head = content[from] ?? 0;
		const step = head < 16 ? 1 : 2;
		const bytes = content.subarray(from + 1, from + 1 + 64 * step);
		into.set(
			head & 15,
			Array.from({ length: 64 }, (_, k) => (step === 1 ? (bytes[k] ?? 0) : (bytes[2 * k] ?? 0) * 256 + (bytes[2 * k + 1] ?? 0))),
		);
		from += 1 + 64 * step;
	}
};

const readTables = (content: Uint8Array, into: Head["tables"]): void => {
	for (let from = 0; from < content.length; ) {
		const counts = [...content.subarray(from + 1, from + 17)];
		const total = counts.reduce((sum, count) => sum + count, 0);
		into.set(content[from] ?? 0, codesOf(counts, [...content.subarray(from + 17, from + 17 + total)]));
		from += 17 + total;
	}
};

const readHead = (bytes: Uint8Array): Head => {
	const none = new Uint8Array();
	const head: Head = { markers: [0xd8], quantTables: new Map(), tables: new Map(), frame: none, scan: none, restartInterval: 0, at: 2 };
	while (head.markers.at(-1) !== 0xda) {
		const marker = bytes[head.at + 1] ?? 0;
		if (bytes[head.at] !== 0xff) throw new Error(`no marker at ${head.at}`);
		head.markers.push(marker);
		const end = head.at + 2 + (bytes[head.at + 2] ?? 0) * 256 + (bytes[head.at + 3] ?? 0);
		const content = bytes.subarray(head.at + 4, end);
		head.at = end;
		if (marker === 0xc0 || marker === 0xc1) head.frame = content;
		if (marker === 0xda) head.scan = content;
		if (marker === 0xdd) head.restartInterval = (content[0] ?? 0) * 256 + (content[1] ?? 0);
		if (marker === 0xdb) readQuant(content, head.quantTables);
		if (marker === 0xc4) readTables(content, head.tables);
	}
	return head;
};

/** The bytes of each restart interval without stuffing, and what follows the scan. */
const readIntervals = (
	bytes: Uint8Array,
	start: number,
): { readonly intervals: number[][]; readonly marker: number; readonly end: number } => {
	const intervals: number[][] = [[]];
	for (let at = start; at < bytes.length; at++) {
		if (bytes[at] !== 0xff) {
			intervals.at(-1)?.push(bytes[at] ?? 0);
			continue;
		}
		while (bytes[at + 1] === 0xff) at++;
		const marker = bytes[++at] ?? 0;
		if (marker === 0) intervals.at(-1)?.push(0xff);
		else if (marker >= 0xd0 && marker <= 0xd7) intervals.push([]);
		else return { intervals, marker, end: at + 1 };
	}
	throw new Error("no end of image");
};

export const readJpeg = (bytes: Uint8Array): ReadJpeg => {
	const { markers, quantTables, tables, frame, scan, restartInterval, at } = readHead(bytes);
	const [, high = 0, low = 0, wide = 0, narrow = 0, count = 0] = frame;
	const [heightPx, widthPx] = [high * 256 + low, wide * 256 + narrow];
	const components = Array.from({ length: count }, (_, index) => [...frame.subarray(6 + 3 * index, 9 + 3 * index)]);
	const factors = components.map(([, factor = 0]) => (count === 1 ? [1, 1] : [factor >> 4, factor & 15]));
	const [h = 1, v = 1] = factors[0] ?? [];
	const columns = Math.ceil(widthPx / (8 * h));
	const total = columns * Math.ceil(heightPx / (8 * v));
	const { intervals, marker, end } = readIntervals(bytes, at);
	const mcus: number[][][] = [];
	let spareBits = 0;
	for (const interval of intervals) {
		const bits = new Bits(interval);
		const predicted = factors.map(() => 0);
		const blocksOf = ([across = 1, down = 1]: readonly number[], component: number): number[][] =>
			Array.from({ length: across * down }, () => {
				const used = scan[2 + 2 * component] ?? 0;
				const block = readBlock(bits, tables.get(used >> 4) ?? new Map(), tables.get(16 + (used & 15)) ?? new Map());
				predicted[component] = (predicted[component] ?? 0) + (block[0] ?? 0);
				return [predicted[component] ?? 0, ...block.slice(1)];
			});
		for (let left = restartInterval || total; left > 0 && mcus.length < total; left--) mcus.push(factors.flatMap(blocksOf));
		spareBits = bits.left;
	}
	const quant = components.map(([, , table = 0]) => quantTables.get(table) ?? []);
	const size = { widthPx, heightPx, columns, mcuWidthPx: 8 * h, mcuHeightPx: 8 * v };
	return { ...size, markers: [...markers, marker], components, quant, mcus, spareBits, trailing: bytes.length - end };
};
