/**
 * Redacts a JPEG in the coefficient domain: MCUs that a box touches become flat grey, the bits of all others are copied, only the DC differences next
 * to a mask are told anew. Nothing is decoded to pixels, so nothing outside the mask changes, and no coefficient of the inside is left.
 */
import type { Box } from "../../shared/frame.ts";
import { fillDc, McuCoder } from "./jpeg-coder.ts";
import { jpegMarkers } from "./jpeg-codes.ts";
import { restartAfter } from "./jpeg-entropy.ts";
import type { JpegFrame } from "./jpeg-frame.ts";
import { type MaskedMcus, markMcus } from "./jpeg-grid.ts";
import { parseJpeg } from "./jpeg-markers.ts";
import { type MaskTables, outputTables } from "./jpeg-output-tables.ts";
import { jpegRefusal } from "./jpeg-refusal.ts";
import { JpegScratch } from "./jpeg-scratch.ts";
import type { McuWalker } from "./jpeg-walk.ts";
import { whitelistHeader } from "./jpeg-whitelist.ts";

export interface MaskOptions {
	/** Buffers to work in; those of this module when left out. */
	readonly scratch?: JpegScratch;
}

export interface MaskedJpeg extends MaskedMcus {
	/** The caller's own. */
	readonly jpeg: Uint8Array<ArrayBuffer>;
	readonly widthPx: number;
	readonly heightPx: number;
}

/** Some hardware fills the scan with zeros up to a whole number of words. */
const maxFillBytes = 15;

const ownScratch = new JpegScratch();

/**
 * Borrows the bytes. Boxes are in pixels as stored, cut off at the picture's border; without boxes all pixels stay and only the header is written anew.
 * The scan is walked to its end whatever is masked, so a damaged one is refused. Work is in proportion to the bytes and to boxes times MCU rows.
 * @throws KerbError FORMAT_INVALID whose `problems` holds `not-baseline`, `damaged`, `oriented`, `too-large`, `detector-nonsense` or `too-many-boxes`
 */
export const maskJpeg = (bytes: Uint8Array, boxes: readonly Box[], options: MaskOptions = {}): MaskedJpeg => {
	const frame = parseJpeg(bytes);
	const scratch = options.scratch ?? ownScratch;
	try {
		const grid = scratch.gridOf(frame);
		const marked = markMcus(frame, boxes, grid);
		const tables = outputTables(frame, marked.mcus > 0);
		scratch.writer.start(bytes.length);
		scratch.writer.raw(whitelistHeader(frame, tables));
		writeScan(frame, grid, tables, scratch);
		scratch.writer.raw([0xff, jpegMarkers.eoi]);
		return { ...marked, jpeg: scratch.writer.finish(), widthPx: frame.widthPx, heightPx: frame.heightPx };
	} finally {
		scratch.wipe();
	}
};

const writeScan = (frame: JpegFrame, grid: Uint8Array, tables: MaskTables, scratch: JpegScratch): void => {
	const { entropy, walker, writer } = scratch;
	entropy.load(frame);
	walker.load(frame, entropy, scratch.tables);
	const coder = new McuCoder(frame, tables, entropy, writer);
	const mcus = frame.mcuColumns * frame.mcuRows;
	const interval = frame.restartInterval || mcus;
	for (let segment = 0; segment < entropy.segments; segment++) {
		const end = entropy.ends[segment] ?? 0;
		const first = segment * interval;
		walker.enter(entropy.starts[segment] ?? 0, end);
		if (tables.recode) recodeSegment(grid, first, Math.min(mcus, first + interval), coder, scratch);
		else copySegment(grid, first, Math.min(mcus, first + interval), coder, scratch);
		const last = segment + 1 === entropy.segments;
		requireEnd(scratch, end, last ? maxFillBytes : 0);
		writer.pad();
		if (!last) writer.raw([0xff, restartAfter(segment)]);
	}
};

/** What is not masked is copied in runs as long as possible. */
const copySegment = (
	grid: Uint8Array,
	first: number,
	end: number,
	coder: McuCoder,
	{ entropy, walker, writer, before }: JpegScratch,
): void => {
	let run = walker.bit;
	let afterGrey = false;
	before.fill(0);
	for (let mcu = first; mcu < end; mcu++) {
		const start = walker.bit;
		const masked = grid[mcu] === 1;
		if (masked && !afterGrey) {
			before.set(walker.dc);
			writer.copy(entropy.view, run, start);
		}
		walk(walker, mcu);
		if (masked) {
			coder.grey(before);
			before.fill(fillDc);
			run = walker.bit;
		} else if (afterGrey) {
			run = coder.afterGrey(walker, start);
		}
		afterGrey = masked;
	}
	writer.copy(entropy.view, run, walker.bit);
};

/** For tables that have no room: everything is coded anew. */
const recodeSegment = (grid: Uint8Array, first: number, end: number, coder: McuCoder, { walker, before }: JpegScratch): void => {
	before.fill(0);
	for (let mcu = first; mcu < end; mcu++) {
		const start = walker.bit;
		walk(walker, mcu);
		if (grid[mcu] === 1) {
			coder.grey(before);
			before.fill(fillDc);
		} else {
			coder.recoded(walker, start, before);
			before.set(walker.dc);
		}
	}
};

const walk = (walker: McuWalker, mcu: number): void => {
	if (!walker.next()) throw jpegRefusal("damaged", `MCU ${mcu} is not coded as its tables say, or is cut off`);
};

/** What is left of a segment must be less than a byte; at the end of the scan zeros may follow. */
const requireEnd = ({ entropy, walker }: JpegScratch, end: number, maxFill: number): void => {
	const from = (walker.bit + 7) >>> 3;
	const left = end / 8 - from;
	const fills = entropy.bytes.subarray(from, from + Math.min(left, maxFill));
	if (left > maxFill || fills.some((byte) => byte !== 0))
		throw jpegRefusal("damaged", "there is more coded data than the picture has MCUs");
};
