/**
 * Which MCUs the boxes touch. A mask grows to whole MCUs: what is left of none can be told from what is left of another.
 */
import type { Box } from "../../shared/frame.ts";
import type { JpegFrame } from "./jpeg-frame.ts";
import { jpegRefusal } from "./jpeg-refusal.ts";

/** Bounds the work for one frame; rules of release allow far fewer. */
export const maxMaskBoxes = 10_000;

export interface MaskedMcus {
	readonly mcus: number;
	/** Of the picture's pixels, 0 to 1. */
	readonly maskedShare: number;
}

/**
 * Sets an entry of `grid` (one byte per MCU, row by row) to 1 where a box touches the MCU, to 0 elsewhere. What of a box lies off the picture is cut
 * off; a box without width or height still touches the pixel that it lies on.
 * @throws KerbError FORMAT_INVALID `detector-nonsense` for a box that is no box, `too-many-boxes`
 */
export const markMcus = (frame: JpegFrame, boxes: readonly Box[], grid: Uint8Array): MaskedMcus => {
	const { widthPx, heightPx, mcuWidthPx, mcuHeightPx, mcuColumns, mcuRows } = frame;
	if (boxes.length > maxMaskBoxes) throw jpegRefusal("too-many-boxes", `expected at most ${maxMaskBoxes} boxes, got ${boxes.length}`);
	grid.fill(0, 0, mcuColumns * mcuRows);
	for (const [index, box] of boxes.entries()) {
		const { xPx, yPx } = box;
		if (!isBox(box))
			throw jpegRefusal("detector-nonsense", `box ${index} of ${boxes.length} is not made of finite numbers with a size of 0 or more`);
		const left = Math.floor(Math.max(0, xPx) / mcuWidthPx);
		const top = Math.floor(Math.max(0, yPx) / mcuHeightPx);
		const right = Math.ceil(Math.min(widthPx, Math.max(xPx + box.widthPx, Math.floor(xPx) + 1)) / mcuWidthPx);
		const bottom = Math.ceil(Math.min(heightPx, Math.max(yPx + box.heightPx, Math.floor(yPx) + 1)) / mcuHeightPx);
		if (xPx >= widthPx || yPx >= heightPx) continue;
		for (let row = top; row < bottom && left < right; row++) grid.fill(1, row * mcuColumns + left, row * mcuColumns + right);
	}
	return measure(frame, grid);
};

const isBox = ({ xPx, yPx, widthPx, heightPx }: Box): boolean =>
	Number.isFinite(xPx) && Number.isFinite(yPx) && Number.isFinite(widthPx) && Number.isFinite(heightPx) && widthPx >= 0 && heightPx >= 0;

const measure = ({ widthPx, heightPx, mcuWidthPx, mcuHeightPx, mcuColumns, mcuRows }: JpegFrame, grid: Uint8Array): MaskedMcus => {
	let [mcus, pixels] = [0, 0];
	for (let row = 0; row < mcuRows; row++) {
		const height = Math.min(mcuHeightPx, heightPx - row * mcuHeightPx);
		for (let column = 0; column < mcuColumns; column++) {
			if (grid[row * mcuColumns + column] === 0) continue;
			mcus++;
			pixels += height * Math.min(mcuWidthPx, widthPx - column * mcuWidthPx);
		}
	}
	return { mcus, maskedShare: pixels / (widthPx * heightPx) };
};
