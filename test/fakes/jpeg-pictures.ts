/**
 * Small pictures of every sampling with every kind of block, and boxes on and off them, drawn from one seed.
 */
import type { Box } from "../../shared/frame.ts";
import type { Block, CoefficientPicture } from "./jpeg-writer.ts";
import { componentsOfBlocks, mcuCount } from "./jpeg-writer.ts";

/** Draws from [0, 1); the same for the same seed (mulberry32). */
export type Draw = () => number;

export const drawFrom = (seed: number): Draw => {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
};

export const upTo = (draw: Draw, end: number): number => Math.floor(draw() * end);

export const pick = <T>(draw: Draw, list: readonly T[]): T => {
	const found = list[upTo(draw, list.length)];
	if (found === undefined) throw new Error("nothing to pick from");
	return found;
};

type Factors = CoefficientPicture["factors"];

/** All that is taken, also as ffmpeg writes it, with factors that have something in common. */
export const takenFactors: readonly Factors[] = [
	[[1, 1]],
	[[2, 2]],
	[
		[1, 1],
		[1, 1],
		[1, 1],
	],
	[
		[2, 1],
		[1, 1],
		[1, 1],
	],
	[
		[1, 2],
		[1, 1],
		[1, 1],
	],
	[
		[2, 2],
		[1, 1],
		[1, 1],
	],
	[
		[4, 1],
		[1, 1],
		[1, 1],
	],
	[
		[2, 2],
		[1, 2],
		[1, 2],
	],
	[
		[2, 2],
		[2, 1],
		[2, 1],
	],
	[
		[1, 2],
		[1, 2],
		[1, 2],
	],
	[
		[3, 1],
		[3, 1],
		[3, 1],
	],
];

const coefficient = (draw: Draw, bits: number): number => (1 + upTo(draw, 2 ** bits - 1)) * (draw() < 0.5 ? -1 : 1);

/** Flat, sparse, dense up to the last coefficient, or with one far out. */
const drawBlock = (draw: Draw, kinds: readonly number[]): Block => {
	const dc = draw() < 0.1 ? coefficient(draw, 10) : upTo(draw, 200) - 100;
	const block = Array.from({ length: 64 }, () => 0);
	const kind = pick(draw, kinds);
	if (kind === 1) for (let k = 1; k < 12; k++) block[k] = draw() < 0.5 ? coefficient(draw, 1 + upTo(draw, 4)) : 0;
	if (kind === 2) for (let k = 1; k < 64; k++) block[k] = k === 63 || draw() < 0.7 ? coefficient(draw, 1 + upTo(draw, 10)) : 0;
	if (kind === 3) block[20 + upTo(draw, 44)] = coefficient(draw, 10);
	block[0] = dc;
	return block;
};

export interface PictureBounds {
	readonly maxWidthPx: number;
	readonly maxHeightPx: number;
}

export const drawPicture = (draw: Draw, { maxWidthPx, maxHeightPx }: PictureBounds): CoefficientPicture => {
	const factors = pick(draw, takenFactors);
	const shape = { widthPx: 1 + upTo(draw, maxWidthPx), heightPx: 1 + upTo(draw, maxHeightPx), factors };
	const mcus = mcuCount(shape);
	const restartInterval = draw() < 0.5 ? 0 : 1 + upTo(draw, mcus + 2);
	const kinds = pick(draw, [[0, 1, 1, 2, 3], [2], [0], [0, 1]]);
	const blocks = componentsOfBlocks(factors);
	return { ...shape, restartInterval, mcus: Array.from({ length: mcus }, () => blocks.map(() => drawBlock(draw, kinds))) };
};

/** None to four, on the picture, across its border, beside it, without size, or all of it. */
export const drawBoxes = (draw: Draw, widthPx: number, heightPx: number): Box[] =>
	Array.from({ length: upTo(draw, 5) }, () => {
		const [width, height] = [draw() * widthPx, draw() * heightPx];
		const box = {
			xPx: (draw() * 1.4 - 0.2) * widthPx,
			yPx: (draw() * 1.4 - 0.2) * heightPx,
			widthPx: width * draw(),
			heightPx: height * draw(),
		};
		if (draw() < 0.2)
			return { xPx: Math.round(box.xPx), yPx: Math.round(box.yPx), widthPx: Math.round(width / 2), heightPx: Math.round(height / 2) };
		if (draw() < 0.1) return { ...box, widthPx: 0, heightPx: 0 };
		return draw() < 0.05 ? { xPx: -1e9, yPx: -1e9, widthPx: 2e9, heightPx: 2e9 } : box;
	});

/** True for an MCU with a pixel in a box, by looking at each pixel of the picture. */
export const isTouched = (box: Box, left: number, top: number, width: number, height: number): boolean => {
	for (let y = top; y < top + height; y++) {
		for (let x = left; x < left + width; x++) if (hasPoint(box.xPx, box.widthPx, x) && hasPoint(box.yPx, box.heightPx, y)) return true;
	}
	return false;
};

/** Whether a stretch has something of the pixel from `at` to `at + 1`. */
const hasPoint = (from: number, length: number, at: number): boolean =>
	(from < at + 1 && from + length > at) || (from >= at && from < at + 1);
