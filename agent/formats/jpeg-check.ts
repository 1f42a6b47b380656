/**
 * Proves of a redacted JPEG that it holds nothing of what was to be masked, and nothing but the picture: the file is read anew from its first byte to
 * its last, without the code that wrote it. A file with a problem does not leave.
 */
import { isKerbError } from "../../shared/errors.ts";
import type { Box } from "../../shared/frame.ts";
import { checkedTable } from "./jpeg-check-codes.ts";
import { type CheckedHeader, type CheckedSize, readCheckedHeader, readSize, unfit } from "./jpeg-check-header.ts";
import { CheckedBits } from "./jpeg-check-scan.ts";
import { jpegMarkers } from "./jpeg-codes.ts";

/** What a masked block's DC has to be: mid-grey. */
const greyDc = 0;

/**
 * What is wrong with `output` as the redaction of `input` with these boxes; empty when nothing is. Borrows both.
 *
 * - Only segments of the whitelist, each byte of them known, the end of the image at the very end.
 * - Size, sampling and components as in the input.
 * - Each MCU that touches a box has DC = grey and no AC coefficient, in every block of every component.
 * - The scan has as many MCUs as the picture, restart markers in order, ones as padding, nothing else.
 */
export const checkRedaction = (output: Uint8Array, input: Uint8Array, boxes: readonly Box[]): readonly string[] => {
	try {
		const header = readCheckedHeader(output);
		requireSameSize(header, sizeOf(input));
		checkScan(output, header, boxes);
		return [];
	} catch (error) {
		if (isKerbError(error, "FORMAT_INVALID")) return error.problems;
		throw error;
	}
};

/** The frame header of a JPEG with any segments before it. */
const sizeOf = (bytes: Uint8Array): CheckedSize => {
	for (let at = 2; at + 4 <= bytes.length; ) {
		if (bytes[at] !== 0xff) break;
		const marker = bytes[at + 1] ?? 0;
		if (marker === 0xff) {
			at++;
			continue;
		}
		const next = at + 2 + (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
		if (marker === jpegMarkers.sof0 || marker === jpegMarkers.sof1) return readSize(bytes.subarray(at + 4, next));
		at = next;
	}
	throw unfit("the frame that it was made of has no frame header");
};

const requireSameSize = (output: CheckedSize, input: CheckedSize): void => {
	const same = output.components.every(({ id, h, v, quantTable }, index) => {
		const other = input.components[index];
		return other?.id === id && other.h === h && other.v === v && other.quantTable === quantTable;
	});
	if (
		output.widthPx !== input.widthPx ||
		output.heightPx !== input.heightPx ||
		output.components.length !== input.components.length ||
		!same
	) {
		throw unfit("its size, sampling or components are not those of the frame that it was made of");
	}
};

interface Grid {
	readonly columns: number;
	readonly rows: number;
	readonly masked: Uint8Array;
}

const checkScan = (output: Uint8Array, header: CheckedHeader, boxes: readonly Box[]): void => {
	const components = componentsOf(header);
	const { columns, rows, masked } = gridOf(header, boxes, (output.length - header.scanStart) * 8);
	const mcus = columns * rows;
	const bits = new CheckedBits(output, header.scanStart);
	const predicted = new Int32Array(components.length);
	const interval = header.restartInterval || mcus;
	bits.openSegment();
	for (let mcu = 0; mcu < mcus; mcu++) {
		if (mcu > 0 && mcu % interval === 0) {
			bits.expectMarker(jpegMarkers.rst0 + ((mcu / interval - 1) & 7));
			bits.openSegment();
			predicted.fill(0);
		}
		for (let index = 0; index < components.length; index++) {
			const component = components[index];
			for (let block = 0; component !== undefined && block < component.blocks; block++) {
				const flat = bits.isFlat(component.dc, component.ac);
				predicted[index] = (predicted[index] ?? 0) + bits.difference;
				if (masked[mcu] === 1 && (!flat || predicted[index] !== greyDc)) throw unfit("a masked MCU is not flat grey");
			}
		}
	}
	bits.expectMarker(jpegMarkers.eoi);
	if (bits.at !== output.length) throw unfit("it has bytes after the end of the image");
};

const componentsOf = ({ components, scan, huffman }: CheckedHeader) => {
	return components.map(({ h, v }, index) => {
		const dc = huffman.get(scan[index]?.dc ?? -1);
		const ac = huffman.get(16 + (scan[index]?.ac ?? -1));
		if (dc === undefined || ac === undefined) throw unfit("a component has no Huffman table");
		// A component alone is coded block by block, whatever its factors (T.81, A.2.2).
		return { blocks: components.length === 1 ? 1 : h * v, dc: checkedTable(dc).codes, ac: checkedTable(ac).steps };
	});
};

/** Which MCUs have a pixel in common with a box; the pixel that a box without size lies on counts as its own. */
const gridOf = ({ widthPx, heightPx, components }: CheckedHeader, boxes: readonly Box[], scanBits: number): Grid => {
	const single = components.length === 1;
	const width = single ? 8 : 8 * Math.max(...components.map(({ h }) => h));
	const height = single ? 8 : 8 * Math.max(...components.map(({ v }) => v));
	const [columns, rows] = [Math.ceil(widthPx / width), Math.ceil(heightPx / height)];
	if (columns * rows > scanBits) throw unfit("its scan is too short for its size");
	const masked = new Uint8Array(columns * rows);
	for (const box of boxes) {
		const [left, top] = [box.xPx, box.yPx];
		const right = Math.max(left + box.widthPx, Math.floor(left) + 1);
		const bottom = Math.max(top + box.heightPx, Math.floor(top) + 1);
		if (!(right > left && bottom > top && box.widthPx >= 0 && box.heightPx >= 0))
			throw unfit("a box is not made of numbers with a size of 0 or more");
		if (left >= widthPx || top >= heightPx || right <= 0) continue;
		const [from, to] = [firstAfter(left, width), Math.min(columns, Math.ceil(right / width))];
		for (let row = firstAfter(top, height); row < rows && row * height < bottom; row++)
			masked.fill(1, row * columns + from, row * columns + to);
	}
	return { columns, rows, masked };
};

/** The first MCU whose end lies beyond an edge. */
const firstAfter = (edge: number, size: number): number => Math.max(0, Math.floor(edge / size));
