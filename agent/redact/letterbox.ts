/**
 * Cuts a part of a picture out, scales it to the network's input and writes it as three planes of floating point; what the part does not fill is padding,
 * to the right and below.
 */
import type { Pixels } from "./detector.ts";
import type { Shown } from "./layout.ts";

/** In pixels of the picture; fractions are meant. */
export interface Part {
	readonly xPx: number;
	readonly yPx: number;
	readonly widthPx: number;
	readonly heightPx: number;
}

export interface Input {
	readonly data: Float32Array;
	readonly widthPx: number;
	readonly heightPx: number;
}

/** Between four pixels, linearly; `scale` is input pixels by picture pixels, and should not be far below a half. Overwrites all of `input`. */
export const letterbox = (pixels: Pixels, part: Part, scale: number, shown: Shown, input: Input): void => {
	const { data, widthPx, heightPx } = input;
	const plane = widthPx * heightPx;
	data.fill((shown.pad - shown.mean) * shown.factor);
	const [firstPlane, thirdPlane] = shown.order === "bgr" ? [0, 2 * plane] : [2 * plane, 0];
	const columns = taps(part.xPx, part.widthPx, pixels.widthPx, widthPx, scale);
	const rows = taps(part.yPx, part.heightPx, pixels.heightPx, heightPx, scale);
	const { bgr } = pixels;
	const stride = pixels.widthPx * 3;
	const { mean, factor } = shown;
	const [lefts, rights, leans] = [columns.first.map((at) => at * 3), columns.second.map((at) => at * 3), columns.lean];
	const isExact = rows.lean.every((lean) => lean === 0) && columns.lean.every((lean) => lean === 0);
	for (let y = 0; isExact && y < rows.count; y++) {
		const above = (rows.first[y] as number) * stride;
		let to = y * widthPx;
		for (let x = 0; x < columns.count; x++, to++) {
			const at = above + (lefts[x] as number);
			data[firstPlane + to] = ((bgr[at] as number) - mean) * factor;
			data[plane + to] = ((bgr[at + 1] as number) - mean) * factor;
			data[thirdPlane + to] = ((bgr[at + 2] as number) - mean) * factor;
		}
	}
	for (let y = 0; !isExact && y < rows.count; y++) {
		const above = (rows.first[y] as number) * stride;
		const below = (rows.second[y] as number) * stride;
		const down = rows.lean[y] as number;
		let to = y * widthPx;
		for (let x = 0; x < columns.count; x++, to++) {
			const [left, right, across] = [lefts[x] as number, rights[x] as number, leans[x] as number];
			const se = down * across;
			const sw = down - se;
			const ne = across - se;
			const nw = 1 - down - ne;
			const a = above + left;
			const b = above + right;
			const c = below + left;
			const d = below + right;
			const blue = nw * (bgr[a] as number) + ne * (bgr[b] as number) + sw * (bgr[c] as number) + se * (bgr[d] as number);
			const green = nw * (bgr[a + 1] as number) + ne * (bgr[b + 1] as number) + sw * (bgr[c + 1] as number) + se * (bgr[d + 1] as number);
			const red = nw * (bgr[a + 2] as number) + ne * (bgr[b + 2] as number) + sw * (bgr[c + 2] as number) + se * (bgr[d + 2] as number);
			data[firstPlane + to] = (blue - mean) * factor;
			data[plane + to] = (green - mean) * factor;
			data[thirdPlane + to] = (red - mean) * factor;
		}
	}
};

interface Taps {
	readonly count: number;
	readonly first: Int32Array;
	readonly second: Int32Array;
	/** Towards the second, 0 to 1. */
	readonly lean: Float64Array;
}

const taps = (from: number, length: number, available: number, most: number, scale: number): Taps => {
	const count = Math.max(0, Math.min(most, Math.round(length * scale)));
	const made: Taps = { count, first: new Int32Array(count), second: new Int32Array(count), lean: new Float64Array(count) };
	for (let at = 0; at < count; at++) {
		const place = Math.min(available - 1, Math.max(0, from + (at + 0.5) / scale - 0.5));
		const first = Math.floor(place);
		made.first[at] = first;
		made.second[at] = Math.min(available - 1, first + 1);
		made.lean[at] = place - first;
	}
	return made;
};
