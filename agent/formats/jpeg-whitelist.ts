/**
 * The header of a JPEG that leaves: only what a decoder needs, written anew from what was understood, so that nothing that came with the frame (EXIF,
 * thumbnails, positions, XMP, ICC, comments, spare tables) can come along.
 */
import { jpegMarkers } from "./jpeg-codes.ts";
import { adobeBytes } from "./jpeg-colour.ts";
import type { HuffmanSpec, JpegFrame } from "./jpeg-frame.ts";

/** The Huffman tables to write, by index; those that no component uses are not written. */
export interface OutputTables {
	readonly dc: readonly (HuffmanSpec | undefined)[];
	readonly ac: readonly (HuffmanSpec | undefined)[];
}

/** SOI, APP14 where the colours need it, DQT, SOF, DHT, DRI where there are restarts, SOS. */
export const whitelistHeader = (frame: JpegFrame, tables: OutputTables): number[] => {
	const { components, restartInterval } = frame;
	const used = (index: (component: JpegFrame["components"][number]) => number): number[] => [...new Set(components.map(index))].sort();
	return [
		0xff,
		jpegMarkers.soi,
		...(frame.adobeTransform === undefined ? [] : adobe(frame.adobeTransform)),
		...used(({ quantTable }) => quantTable).flatMap((index) => quantTable(index, frame.quantTables[index])),
		...startOfFrame(frame),
		...used(({ dcTable }) => dcTable).flatMap((index) => huffmanTable(index, tables.dc[index])),
		...used(({ acTable }) => acTable).flatMap((index) => huffmanTable(0x10 | index, tables.ac[index])),
		...(restartInterval === 0 ? [] : segment(jpegMarkers.dri, word(restartInterval))),
		...segment(jpegMarkers.sos, [
			components.length,
			...components.flatMap(({ id, dcTable, acTable }) => [id, (dcTable << 4) | acTable]),
			...[0, 63, 0],
		]),
	];
};

const word = (value: number): number[] => [value >> 8, value & 0xff];

const segment = (marker: number, content: readonly number[]): number[] => [0xff, marker, ...word(content.length + 2), ...content];

/** As Adobe's own encoders write it: version 100, no flags. */
const adobe = (transform: number): number[] => {
	const content = [..."Adobe"].map((letter) => letter.charCodeAt(0));
	return segment(jpegMarkers.app14, [...content, ...word(100), ...word(0), ...word(0), transform].slice(0, adobeBytes));
};

const quantTable = (index: number, table: Uint16Array | undefined): number[] => {
	const entries = [...(table ?? [])];
	const wide = entries.some((entry) => entry > 255);
	return segment(jpegMarkers.dqt, [(wide ? 0x10 : 0) | index, ...(wide ? entries.flatMap(word) : entries)]);
};

const startOfFrame = ({ startOfFrame: marker, widthPx, heightPx, components }: JpegFrame): number[] =>
	segment(marker, [
		8,
		...word(heightPx),
		...word(widthPx),
		components.length,
		...components.flatMap(({ id, h, v, quantTable: table }) => [id, (h << 4) | v, table]),
	]);

const huffmanTable = (head: number, spec: HuffmanSpec | undefined): number[] =>
	segment(jpegMarkers.dht, [head, ...(spec?.counts ?? []), ...(spec?.symbols ?? [])]);
