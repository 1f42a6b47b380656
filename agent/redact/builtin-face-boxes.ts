/**
 * Reads the built-in face network's answer: five anchors for each cell, for each the box's middle within the cell, the logarithm of its size by the anchor's,
 * and a score.
 */
import type { FaceGrid } from "./builtin-face-net.ts";
import { cellPx } from "./builtin-face-net.ts";
import { outputChannels } from "./builtin-weights.ts";

/** In pixels of the network's input. */
export interface FaceBox {
	readonly xPx: number;
	readonly yPx: number;
	readonly widthPx: number;
	readonly heightPx: number;
	readonly score: number;
}

/** Width and height in cells, as the network was trained. */
const anchors = [
	[1.603231, 2.094468],
	[6.041143, 7.080126],
	[2.882459, 3.518061],
	[4.266906, 5.178857],
	[9.041765, 10.66308],
] as const;
const numbersOfBox = 5;
/** A size is no more than this many times the anchor's; the logarithm of it is nonsense beyond. */
const mostGrowth = 20;
/**
 * Rules give thresholds of 0.3 and less; this network is at its best at 0.15. Its scores are shifted so that the one means the other: the difference of the
 * log odds of 0.3 and 0.15.
 */
const shift = Math.log(0.3 / 0.7) - Math.log(0.15 / 0.85);
/** More candidates than this are noise. */
const mostBoxes = 5_000;

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** Boxes with at least `threshold`, not yet suppressed; undefined when the answer is nonsense. */
export const faceBoxes = (grid: FaceGrid, threshold: number): readonly FaceBox[] | undefined => {
	const found: FaceBox[] = [];
	const { numbers } = grid;
	if (numbers.length !== grid.rows * grid.columns * outputChannels) return undefined;
	for (let row = 0, at = 0; row < grid.rows; row++) {
		for (let column = 0; column < grid.columns; column++) {
			for (const [anchorWidth, anchorHeight] of anchors) {
				const [x = Number.NaN, y = Number.NaN, width = Number.NaN, height = Number.NaN, raw = Number.NaN] = numbers.subarray(
					at,
					at + numbersOfBox,
				);
				at += numbersOfBox;
				const score = sigmoid(raw + shift);
				if (!Number.isFinite(x + y + width + height + raw)) return undefined;
				if (score < threshold) continue;
				if (found.length >= mostBoxes) return undefined;
				const widthPx = Math.min(mostGrowth, Math.exp(width)) * anchorWidth * cellPx;
				const heightPx = Math.min(mostGrowth, Math.exp(height)) * anchorHeight * cellPx;
				const xPx = (column + sigmoid(x)) * cellPx - widthPx / 2;
				const yPx = (row + sigmoid(y)) * cellPx - heightPx / 2;
				found.push({ xPx, yPx, widthPx, heightPx, score });
			}
		}
	}
	return found;
};
