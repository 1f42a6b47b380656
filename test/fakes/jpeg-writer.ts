/**
 * Writes baseline JPEGs from quantised coefficients, so that tests know every coefficient and every code. Slow and plain: bits are text.
 */
import { type CodeStyle, tableOf, type WrittenTable } from "./jpeg-tables.ts";

/** 64 quantised coefficients in zigzag order; the first one is the DC itself, not its difference. */
export type Block = readonly number[];

export interface CoefficientPicture {
	readonly widthPx: number;
	readonly heightPx: number;
	/** Sampling factors of each component, 1 or 3 of them. */
	readonly factors: readonly (readonly [h: number, v: number])[];
	/** In MCUs; 0 without. */
	readonly restartInterval: number;
	/** Per MCU all blocks of all components, in the order of the scan. */
	readonly mcus: readonly (readonly Block[])[];
}

export interface WriterOptions {
	readonly codes: CodeStyle;
	/** Put after SOI, with markers and lengths. */
	readonly segments?: readonly number[];
	/** Put after the scan and before EOI. */
	readonly tail?: readonly number[];
	/** Put after EOI. */
	readonly trailer?: readonly number[];
	readonly ids?: readonly number[];
	readonly startOfFrame?: number;
}

/** What to write: a symbol of a table (class x 16 + index), then bits. */
interface Coded {
	readonly table: number;
	readonly symbol: number;
	readonly bits: string;
}

type Shape = Pick<CoefficientPicture, "widthPx" | "heightPx" | "factors">;

export const mcuCount = ({ widthPx, heightPx, factors }: Shape): number => {
	const [h, v] = factors.length === 1 ? [1, 1] : (factors[0] ?? [1, 1]);
	return Math.ceil(widthPx / (8 * h)) * Math.ceil(heightPx / (8 * v));
};

/** Which component each block of an MCU belongs to. */
export const componentsOfBlocks = (factors: CoefficientPicture["factors"]): number[] =>
	factors.flatMap(([h, v], component) => Array.from({ length: factors.length === 1 ? 1 : h * v }, () => component));

const sizeOf = (value: number): number => (value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1);

const valueBits = (value: number): string => {
	const size = sizeOf(value);
	return size === 0 ? "" : (value < 0 ? value + 2 ** size - 1 : value).toString(2).padStart(size, "0");
};

const codeBlock = (block: Block, difference: number, table: number): Coded[] => {
	const coded: Coded[] = [{ table, symbol: sizeOf(difference), bits: valueBits(difference) }];
	const ac = block.slice(1);
	const last = ac.findLastIndex((value) => value !== 0);
	let run = 0;
	for (const value of ac.slice(0, last + 1)) {
		if (value === 0) {
			run++;
			continue;
		}
		for (; run > 15; run -= 16) coded.push({ table: 16 + table, symbol: 0xf0, bits: "" });
		coded.push({ table: 16 + table, symbol: run * 16 + sizeOf(value), bits: valueBits(value) });
		run = 0;
	}
	if (last < 62) coded.push({ table: 16 + table, symbol: 0, bits: "" });
	return coded;
};

/** Per restart interval. */
const codePicture = ({ factors, restartInterval, mcus }: CoefficientPicture): Coded[][] => {
	const components = componentsOfBlocks(factors);
	const intervals: Coded[][] = [];
	let predicted = [0, 0, 0];
	for (const [index, mcu] of mcus.entries()) {
		if (index === 0 || (restartInterval > 0 && index % restartInterval === 0)) {
			intervals.push([]);
			predicted = [0, 0, 0];
		}
		for (const [at, block] of mcu.entries()) {
			const component = components[at] ?? 0;
			const dc = block[0] ?? 0;
			intervals.at(-1)?.push(...codeBlock(block, dc - (predicted[component] ?? 0), Math.min(component, 1)));
			predicted[component] = dc;
		}
	}
	return intervals;
};

/** The bits of each symbol. */
export const codesOfTable = ({ counts, symbols }: WrittenTable): Map<number, string> => {
	const codes = new Map<number, string>();
	let [code, index] = [0, 0];
	for (const [short, count] of counts.entries()) {
		for (let each = 0; each < count; each++) {
			const symbol = symbols[index++] ?? 0;
			if (!codes.has(symbol)) codes.set(symbol, code.toString(2).padStart(short + 1, "0"));
			code++;
		}
		code *= 2;
	}
	return codes;
};

const stuffed = (bits: string): number[] => {
	const whole = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
	return (whole.match(/.{8}/g) ?? []).flatMap((byte) => (byte === "11111111" ? [0xff, 0] : [Number.parseInt(byte, 2)]));
};

const segment = (marker: number, content: readonly number[]): number[] => [
	0xff,
	marker,
	(content.length + 2) >> 8,
	(content.length + 2) & 0xff,
	...content,
];

type Tables = readonly (readonly [head: number, table: WrittenTable])[];

export const writeJpeg = (picture: CoefficientPicture, options: WriterOptions): Uint8Array<ArrayBuffer> => {
	const intervals = codePicture(picture);
	const symbolsOf = (head: number): number[] => {
		const used = new Set(intervals.flatMap((interval) => interval.flatMap(({ table, symbol }) => (table === head ? [symbol] : []))));
		return [...used].sort((a, b) => a - b);
	};
	const heads = picture.factors.length === 1 ? [0, 16] : [0, 1, 16, 17];
	const tables = heads.map((head) => [head, tableOf(options.codes, head, symbolsOf(head))] as const);
	const codes = new Map(tables.map(([head, table]) => [head, codesOfTable(table)]));
	const scan = intervals.map((interval) =>
		interval.map(({ table, symbol, bits }) => (codes.get(table)?.get(symbol) ?? "") + bits).join(""),
	);
	return assembleJpeg(picture, options.codes === "none" ? [] : tables, scan, options);
};

/** A file of these tables and these bits, `scan` by restart interval, whether they make sense together or not. */
export const assembleJpeg = (
	{ widthPx, heightPx, factors, restartInterval }: Omit<CoefficientPicture, "mcus">,
	tables: Tables,
	scan: readonly string[],
	{ ids = [1, 2, 3], startOfFrame = 0xc0, segments = [], tail = [], trailer = [] }: Partial<WriterOptions> = {},
): Uint8Array<ArrayBuffer> => {
	const quant = Array.from({ length: 64 }, (_, k) => 1 + (k % 16));
	const frame = factors.flatMap(([h, v], index) => [ids[index] ?? 0, h * 16 + v, Math.min(index, 1)]);
	const components = factors.flatMap((_, index) => [ids[index] ?? 0, index === 0 ? 0 : 0x11]);
	const huffman = tables.flatMap(([head, { counts, symbols }]) => [head, ...counts, ...symbols]);
	return Uint8Array.from([
		...[0xff, 0xd8, ...segments],
		...segment(0xdb, [0, ...quant, ...(factors.length === 1 ? [] : [1, ...quant])]),
		...segment(startOfFrame, [8, heightPx >> 8, heightPx & 0xff, widthPx >> 8, widthPx & 0xff, factors.length, ...frame]),
		...(huffman.length === 0 ? [] : segment(0xc4, huffman)),
		...(restartInterval === 0 ? [] : segment(0xdd, [restartInterval >> 8, restartInterval & 0xff])),
		...segment(0xda, [factors.length, ...components, 0, 63, 0]),
		...scan.flatMap((bits, index) => [...(index === 0 ? [] : [0xff, 0xd0 + ((index - 1) % 8)]), ...stuffed(bits)]),
		...[...tail, 0xff, 0xd9, ...trailer],
	]);
};
