/**
 * Reads a JPEG up to its entropy-coded data and takes only what can be masked with certainty: baseline or extended sequential Huffman with 8 bits,
 * grey or three components, one interleaved scan. Everything else is refused by name; nothing is repaired.
 *
 * | segment            | here                                                   |
 * |--------------------|--------------------------------------------------------|
 * | SOI, EOI           | required; bytes after EOI are not looked at            |
 * | SOF0, SOF1         | exactly one, before SOS                                |
 * | DQT, DHT, DRI      | before SOS; without any DHT the tables of Annex K      |
 * | SOS                | exactly one                                            |
 * | APP0, APP1, APP14  | read for the colours and the orientation               |
 * | other APPn, COM    | skipped                                                |
 * | anything else      | refused                                                |
 */
import { acChrominance, acLuminance, dcChrominance, dcLuminance } from "./jpeg-annex-k.ts";
import { isApplicationMarker, isOtherProcess, jpegMarkers, markerName } from "./jpeg-codes.ts";
import { type ColourHints, colourOf, noteAdobe, noteJfif } from "./jpeg-colour.ts";
import type { JpegFrame } from "./jpeg-frame.ts";
import { requireUpright } from "./jpeg-orientation.ts";
import { jpegRefusal } from "./jpeg-refusal.ts";
import { findScanEnd } from "./jpeg-scan-end.ts";
import { readStartOfFrame, readStartOfScan, type StartOfFrame } from "./jpeg-scan-header.ts";
import { type JpegTables, noTables, readHuffmanTables, readQuantTables } from "./jpeg-tables.ts";

/** Bounds bit positions to 31 bits, and what one frame can cost. */
export const maxJpegBytes = 64 * 1_024 * 1_024;

interface Header {
	readonly tables: JpegTables;
	readonly colours: ColourHints;
	frame: StartOfFrame | undefined;
	huffman: boolean;
	restartInterval: number;
}

/**
 * Borrows the bytes; the tables in the result are copies.
 * @throws KerbError FORMAT_INVALID whose `problems` holds `not-baseline`, `damaged`, `oriented` or `too-large`
 */
export const parseJpeg = (bytes: Uint8Array): JpegFrame => {
	if (bytes.length > maxJpegBytes) throw jpegRefusal("too-large", `expected at most ${maxJpegBytes} bytes, got ${bytes.length}`);
	if (bytes.length < 4) throw jpegRefusal("damaged", `expected a JPEG, got ${bytes.length} bytes`);
	if (bytes[0] !== 0xff || bytes[1] !== jpegMarkers.soi) throw jpegRefusal("not-baseline", "expected a JPEG, got a file of another format");
	const header: Header = {
		tables: noTables(),
		colours: { jfif: false, adobe: undefined },
		frame: undefined,
		huffman: false,
		restartInterval: 0,
	};
	for (let at = 2; ; ) {
		if (bytes[at] !== 0xff) throw jpegRefusal("damaged", at < bytes.length ? `expected a marker at byte ${at}` : "it ends in its header");
		while (bytes[at] === 0xff) at++;
		const marker = bytes[at++];
		if (marker === undefined) throw jpegRefusal("damaged", "it ends in its header");
		requireSegment(marker);
		const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
		if (length < 2 || at + length > bytes.length)
			throw jpegRefusal("damaged", `segment ${markerName(marker)} is longer than the file, or has no length`);
		const segment = bytes.subarray(at + 2, at + length);
		at += length;
		if (marker === jpegMarkers.sos) return finish(bytes, header, segment, at);
		readSegment(marker, segment, header);
	}
};

/** Markers without a length must not come here; others must be of the sequential Huffman process. */
const requireSegment = (marker: number): void => {
	if (isOtherProcess(marker))
		throw jpegRefusal("not-baseline", `expected baseline Huffman coding (FFC0 or FFC1), got ${markerName(marker)}`);
	const known = [jpegMarkers.sof0, jpegMarkers.sof1, jpegMarkers.dht, jpegMarkers.dqt, jpegMarkers.dri, jpegMarkers.sos];
	if (known.some((code) => code === marker) || isApplicationMarker(marker)) return;
	const lone = marker >= jpegMarkers.rst0 && marker <= jpegMarkers.eoi;
	throw jpegRefusal(
		lone || marker === 0 ? "damaged" : "not-baseline",
		`expected a segment of the header, got marker ${markerName(marker)}`,
	);
};

const readSegment = (marker: number, segment: Uint8Array, header: Header): void => {
	switch (marker) {
		case jpegMarkers.sof0:
		case jpegMarkers.sof1:
			if (header.frame !== undefined) throw jpegRefusal("not-baseline", "expected one frame, got two frame headers");
			header.frame = readStartOfFrame(marker, segment);
			return;
		case jpegMarkers.dqt:
			readQuantTables(segment, header.tables);
			return;
		case jpegMarkers.dht:
			header.huffman = true;
			readHuffmanTables(segment, header.tables);
			return;
		case jpegMarkers.dri:
			if (segment.length !== 2) throw jpegRefusal("damaged", "the restart interval has not two bytes");
			header.restartInterval = ((segment[0] ?? 0) << 8) | (segment[1] ?? 0);
			return;
		case jpegMarkers.app0:
			noteJfif(segment, header.colours);
			return;
		case jpegMarkers.app1:
			requireUpright(segment);
			return;
		case jpegMarkers.app14:
			noteAdobe(segment, header.colours);
			return;
		default:
	}
};

const finish = (bytes: Uint8Array, header: Header, scan: Uint8Array, scanStart: number): JpegFrame => {
	const { frame, tables, restartInterval } = header;
	if (frame === undefined) throw jpegRefusal("damaged", "its scan comes before its frame header");
	const components = readStartOfScan(scan, frame);
	if (!header.huffman) {
		tables.dc.splice(0, 2, dcLuminance, dcChrominance);
		tables.ac.splice(0, 2, acLuminance, acChrominance);
	}
	const baseline = frame.startOfFrame === jpegMarkers.sof0;
	if (baseline && tables.wideQuant) throw jpegRefusal("not-baseline", "expected quantisation tables of 8 bits in a baseline frame, got 16");
	for (const { quantTable, dcTable, acTable } of components) {
		if (tables.quant[quantTable] === undefined || tables.dc[dcTable] === undefined || tables.ac[acTable] === undefined) {
			throw jpegRefusal("damaged", "a component's table is missing");
		}
		if (baseline && (dcTable > 1 || acTable > 1)) throw jpegRefusal("not-baseline", "a baseline scan has Huffman tables beyond two");
	}
	return {
		...frame,
		...colourOf(
			components.map(({ id }) => id),
			header.colours,
		),
		bytes,
		components,
		quantTables: tables.quant,
		dcTables: tables.dc,
		acTables: tables.ac,
		restartInterval,
		scanStart,
		scanEnd: findScanEnd(bytes, scanStart, frame.mcuColumns * frame.mcuRows, restartInterval),
	};
};
