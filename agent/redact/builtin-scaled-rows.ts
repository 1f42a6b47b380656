/**
 * Rows of a picture at another size, one at a time.
 */
import type { Pixels } from "./detector.ts";

/** Writes row `y` of the scaled picture: red, green and blue of each pixel through their tables, `step` numbers from pixel to pixel. */
export type ScaledRow = (y: number, into: Float32Array, at: number, step: number) => void;

/** For each sample of 0 to 255 what the network is shown: 256 numbers each. */
export interface SampleTables {
	readonly red: Float32Array;
	readonly green: Float32Array;
	readonly blue: Float32Array;
}

/**
 * Linear between four pixels; tables must be linear, too. What is asked for should not be far below half the picture's size. Pixels beyond the picture, when
 * `widthPx` or `heightPx` is more than `scale` times the picture, are written as zeros. The pixels are borrowed.
 */
export const scaledRows = (pixels: Pixels, scale: number, widthPx: number, tables: SampleTables): ScaledRow => {
	const { bgr } = pixels;
	const filledWidth = Math.min(widthPx, Math.round(pixels.widthPx * scale));
	const filledHeight = Math.round(pixels.heightPx * scale);
	const stride = pixels.widthPx * 3;
	const across = taps(filledWidth, pixels.widthPx, scale);
	const down = taps(filledHeight, pixels.heightPx, scale);
	const { red, green, blue } = tables;
	const copied = (y: number, into: Float32Array, at: number, step: number): void => {
		for (let x = 0, from = y * stride, to = at; x < filledWidth; x++, from += 3, to += step) {
			into[to] = red[bgr[from + 2] as number] as number;
			into[to + 1] = green[bgr[from + 1] as number] as number;
			into[to + 2] = blue[bgr[from] as number] as number;
		}
	};
	const mixed = (y: number, into: Float32Array, at: number, step: number): void => {
		const [above, below, lean] = [(down.first[y] as number) * stride, (down.second[y] as number) * stride, down.lean[y] as number];
		for (let x = 0, to = at; x < filledWidth; x++, to += step) {
			const [left, right, tilt] = [(across.first[x] as number) * 3, (across.second[x] as number) * 3, across.lean[x] as number];
			const se = lean * tilt;
			const sw = lean - se;
			const ne = tilt - se;
			const nw = 1 - lean - ne;
			const [a, b, c, d] = [above + left, above + right, below + left, below + right];
			into[to] = mix(red, bgr[a + 2], nw) + mix(red, bgr[b + 2], ne) + mix(red, bgr[c + 2], sw) + mix(red, bgr[d + 2], se);
			into[to + 1] = mix(green, bgr[a + 1], nw) + mix(green, bgr[b + 1], ne) + mix(green, bgr[c + 1], sw) + mix(green, bgr[d + 1], se);
			into[to + 2] = mix(blue, bgr[a], nw) + mix(blue, bgr[b], ne) + mix(blue, bgr[c], sw) + mix(blue, bgr[d], se);
		}
	};
	return (y, into, at, step) => {
		const isFilled = y < filledHeight;
		if (isFilled && scale === 1) copied(y, into, at, step);
		else if (isFilled) mixed(y, into, at, step);
		for (let x = isFilled ? filledWidth : 0; x < widthPx; x++) into.fill(0, at + x * step, at + x * step + 3);
	};
};

const mix = (table: Float32Array, sample: number | undefined, share: number): number => (table[sample ?? 0] as number) * share;

interface Taps {
	readonly first: Int32Array;
	readonly second: Int32Array;
	/** Towards the second, 0 to 1. */
	readonly lean: Float64Array;
}

const taps = (count: number, available: number, scale: number): Taps => {
	const made: Taps = { first: new Int32Array(count), second: new Int32Array(count), lean: new Float64Array(count) };
	for (let at = 0; at < count; at++) {
		const place = Math.min(available - 1, Math.max(0, (at + 0.5) / scale - 0.5));
		const first = Math.floor(place);
		made.first[at] = first;
		made.second[at] = Math.min(available - 1, first + 1);
		made.lean[at] = place - first;
	}
	return made;
};
