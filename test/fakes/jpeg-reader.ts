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

export const readJpeg = (bytes: Uint8Array): ReadJpeg => {
	const word = (at: number): number => (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
	const markers = [0xd8];
	const quantTables = new Map<number, number[]>();
	const tables = new Map<number, Codes>();
	let [frame, scan, restartInterval, at] = [new Uint8Array(), new Uint8Array(), 0, 2];
	while (markers.at(-1) !== 0xda) {
		const marker = bytes[at + 1] ?? 0;
		if (bytes[at] !== 0xff || at >= bytes.length) throw new Error(`no marker at ${at}`);
		markers.push(marker);
		const content = bytes.slice(at + 4, at + 2 + word(at + 2));
		at += 2 + word(at + 2);
		if (marker === 0xc0 || marker === 0xc1) frame = content;
		if (marker === 0xda) scan = content;
		if (marker === 0xdd) restartInterval = (content[0] ?? 0) * 256 + (content[1] ?? 0);
		for (let from = 0; marker === 0xdb && from < content.length; ) {
			const head = content[from] ?? 0;
			const step = head < 16 ? 1 : 2;
			const entry = (k: number): number =>
				step === 1 ? (content[from + 1 + k] ?? 0) : (content[from + 1 + 2 * k] ?? 0) * 256 + (content[from + 2 + 2 * k] ?? 0);
			quantTables.set(
				head & 15,
				Array.from({ length: 64 }, (_, k) => entry(k)),
			);
			from += 1 + 64 * step;
		}
		for (let from = 0; marker === 0xc4 && from < content.length; ) {
			const counts = [...content.slice(from + 1, from + 17)];
			const total = counts.reduce((sum, count) => sum + count, 0);
			tables.set(content[from] ?? 0, codesOf(counts, [...content.slice(from + 17, from + 17 + total)]));
			from += 17 + total;
		}
	}
	const [, high = 0, low = 0, wide = 0, narrow = 0, count = 0] = frame;
	const [heightPx, widthPx] = [high * 256 + low, wide * 256 + narrow];
	const components = Array.from({ length: count }, (_, index) => [...frame.slice(6 + 3 * index, 9 + 3 * index)]);
	const factors = components.map(([, factor = 0]) => (count === 1 ? [1, 1] : [factor >> 4, factor & 15]));
	const [h = 1, v = 1] = factors[0] ?? [];
	const columns = Math.ceil(widthPx / (8 * h));
	const total = columns * Math.ceil(heightPx / (8 * v));
	const intervals: number[][] = [[]];
	for (; ; at++) {
		const byte = bytes[at];
		if (byte === undefined) throw new Error("no end of image");
		if (byte !== 0xff) intervals.at(-1)?.push(byte);
		else {
			while (bytes[at + 1] === 0xff) at++;
			const next = bytes[++at] ?? 0;
			if (next === 0) intervals.at(-1)?.push(0xff);
			else if (next >= 0xd0 && next <= 0xd7) intervals.push([]);
			else {
				markers.push(next);
				at++;
				break;
			}
		}
	}
	const mcus: number[][][] = [];
	const perInterval = restartInterval || total;
	for (const [index, interval] of intervals.entries()) {
		const bits = new Bits(interval);
		const predicted = factors.map(() => 0);
		for (let mcu = index * perInterval; mcu < Math.min(total, (index + 1) * perInterval); mcu++) {
			mcus.push(
				factors.flatMap(([across = 1, down = 1], component) =>
					Array.from({ length: across * down }, () => {
						const used = scan[2 + 2 * component] ?? 0;
						const block = readBlock(bits, tables.get(used >> 4) ?? new Map(), tables.get(16 + (used & 15)) ?? new Map());
						predicted[component] = (predicted[component] ?? 0) + (block[0] ?? 0);
						block[0] = predicted[component] ?? 0;
						return block;
					}),
				),
			);
		}
	}
	const quant = components.map(([, , table = 0]) => quantTables.get(table) ?? []);
	return {
		markers,
		widthPx,
		heightPx,
		columns,
		mcuWidthPx: 8 * h,
		mcuHeightPx: 8 * v,
		components,
		quant,
		mcus,
		trailing: bytes.length - at,
	};
};
