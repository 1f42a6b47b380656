/**
 * Reads the header of a redacted JPEG for the output check. It shares no code with the parser and the writer, and allows nothing but the whitelist:
 * each segment at once after the other, each byte of it known, each table used.
 */
import { KerbError } from "../../shared/errors.ts";
import { jpegMarkers, markerName } from "./jpeg-codes.ts";

export interface CheckedComponent {
	readonly id: number;
	readonly h: number;
	readonly v: number;
	readonly quantTable: number;
}

export interface CheckedSize {
	readonly widthPx: number;
	readonly heightPx: number;
	readonly components: readonly CheckedComponent[];
}

export interface CheckedHeader extends CheckedSize {
	/** Per component: which Huffman tables it uses, as the scan header names them. */
	readonly scan: readonly { readonly dc: number; readonly ac: number }[];
	/** By class x 16 + index: the content of the table's segment after that byte. */
	readonly huffman: ReadonlyMap<number, Uint8Array>;
	readonly restartInterval: number;
	/** Where the entropy-coded data begins. */
	readonly scanStart: number;
}

/** Something that a redacted JPEG may not have. */
export const unfit = (problem: string): KerbError => new KerbError("FORMAT_INVALID", `redacted JPEG: ${problem}`, { problems: [problem] });

const at16 = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);

/** @throws KerbError FORMAT_INVALID naming the first thing that is not on the whitelist */
export const readCheckedHeader = (bytes: Uint8Array): CheckedHeader => {
	if (at16(bytes, 0) !== 0xff00 + jpegMarkers.soi) throw unfit("it does not begin with SOI");
	const quant = new Set<number>();
	const huffman = new Map<number, Uint8Array>();
	const once = new Set<number>();
	let size: CheckedSize | undefined;
	let restartInterval = 0;
	for (let at = 2; at + 4 <= bytes.length; ) {
		const marker = bytes[at + 1] ?? 0;
		const next = at + 2 + at16(bytes, at + 2);
		if (bytes[at] !== 0xff || next < at + 4 || next > bytes.length) throw unfit(`no segment begins at byte ${at}`);
		const content = bytes.subarray(at + 4, next);
		at = next;
		if (marker === jpegMarkers.dqt) readQuant(content, quant);
		else if (marker === jpegMarkers.dht) readHuffman(content, huffman);
		else if (once.has(marker)) throw unfit(`segment ${markerName(marker)} comes twice`);
		else if (marker === jpegMarkers.sof0 || marker === jpegMarkers.sof1) {
			if (size !== undefined) throw unfit("it has two frame headers");
			size = readSize(content);
		} else if (marker === jpegMarkers.dri && content.length === 2) restartInterval = at16(content, 0);
		else if (marker === jpegMarkers.app14) requireColourOnly(content);
		else if (marker === jpegMarkers.sos && size !== undefined) {
			const scan = readScan(content, size);
			requireUsed(size, scan, quant, huffman);
			return { ...size, scan, huffman, restartInterval, scanStart: at };
		} else throw unfit(`segment ${markerName(marker)} is not on the whitelist, or not there`);
		once.add(marker);
	}
	throw unfit("it has no scan");
};

/** One table of one segment, with 8 or 16 bits. */
const readQuant = (content: Uint8Array, seen: Set<number>): void => {
	const head = content[0] ?? 0xff;
	const index = head & 15;
	if (head >> 4 > 1 || index > 3 || content.length !== (head < 16 ? 65 : 129))
		throw unfit("a quantisation table has another length than its own");
	if (seen.has(index)) throw unfit("a quantisation table comes twice");
	seen.add(index);
};

/** One table of one segment: class and index, 16 counts, as many symbols. */
const readHuffman = (content: Uint8Array, seen: Map<number, Uint8Array>): void => {
	const head = content[0] ?? 0xff;
	let length = 17;
	for (let at = 1; at <= 16; at++) length += content[at] ?? 0;
	if (head >> 4 > 1 || (head & 15) > 3 || content.length !== length) throw unfit("a Huffman table has another length than its own");
	if (seen.has(head)) throw unfit("a Huffman table comes twice");
	seen.set(head, content.subarray(1));
};

/** Also for the header of the input, from which size and sampling must be carried over. */
export const readSize = (content: Uint8Array): CheckedSize => {
	const count = content[5] ?? 0;
	if (content[0] !== 8 || (count !== 1 && count !== 3) || content.length !== 6 + 3 * count)
		throw unfit("its frame header has another length than its own");
	const components = Array.from({ length: count }, (_, index) => {
		const [id = 0, factors = 0, quantTable = 0] = content.subarray(6 + 3 * index);
		return { id, h: factors >> 4, v: factors & 15, quantTable };
	});
	const size = { heightPx: at16(content, 1), widthPx: at16(content, 3), components };
	const sane = components.every(({ h, v }) => h >= 1 && h <= 4 && v >= 1 && v <= 4) && size.widthPx > 0 && size.heightPx > 0;
	if (!sane) throw unfit("its frame header has no size or impossible sampling factors");
	return size;
};

const readScan = (content: Uint8Array, { components }: CheckedSize): { readonly dc: number; readonly ac: number }[] => {
	const end = 1 + 2 * components.length;
	const whole = content[end] === 0 && content[end + 1] === 63 && content[end + 2] === 0 && content.length === end + 3;
	const sameOrder = components.every(({ id }, index) => content[1 + 2 * index] === id);
	if (content[0] !== components.length || !whole || !sameOrder) throw unfit("its scan header is not that of one whole scan");
	return components.map((_, index) => ({ dc: (content[2 + 2 * index] ?? 0) >> 4, ac: (content[2 + 2 * index] ?? 0) & 15 }));
};

/** "Adobe", version 100, no flags, transform 0 or 1. */
const requireColourOnly = (content: Uint8Array): void => {
	const plain = [0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0];
	const transform = content[plain.length] ?? 0xff;
	if (content.length !== plain.length + 1 || plain.some((byte, at) => content[at] !== byte) || transform > 1) {
		throw unfit("APP14 holds more than the colour transform");
	}
};

/** Spare tables could carry something. */
const requireUsed = (
	{ components }: CheckedSize,
	scan: CheckedHeader["scan"],
	quant: ReadonlySet<number>,
	huffman: ReadonlyMap<number, Uint8Array>,
): void => {
	const quantUsed = new Set(components.map(({ quantTable }) => quantTable));
	const huffmanUsed = new Set(scan.flatMap(({ dc, ac }) => [dc, 16 + ac]));
	const same = (used: ReadonlySet<number>, there: Iterable<number>): boolean => {
		const list = [...there];
		return list.length === used.size && list.every((index) => used.has(index));
	};
	if (!same(quantUsed, quant) || !same(huffmanUsed, huffman.keys())) throw unfit("its tables are not those that its components use");
};
