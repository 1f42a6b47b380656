/**
 * Ultra-Light-Fast-Generic-Face-Detector (RFB and slim): single-shot detectors with priors at four strides. Some exported models have turned offsets into
 * corners themselves, some have not. Facts from the project's own code (MIT): mean 127, 1/128, variances 0.1 and 0.2.
 */
import { type InputBox, inputBox, type Layout, maxCandidates, scoreOf, tableOf } from "./layout.ts";
import type { Outputs } from "./onnx-runtime.ts";

const levels: readonly { readonly stride: number; readonly sizes: readonly number[] }[] = [
	{ stride: 8, sizes: [10, 16, 24] },
	{ stride: 16, sizes: [32, 48] },
	{ stride: 32, sizes: [64, 96] },
	{ stride: 64, sizes: [128, 192, 256] },
];
const [centreVariance, sizeVariance] = [0.1, 0.2];

const shared = {
	class: "face",
	shown: { order: "rgb", mean: 127, factor: 1 / 128, pad: 127 },
	stepPx: 64,
	maxAspect: 1.4,
	tileDoubt: 1,
} as const;

/** Corners in shares of the input. */
export const ultraLight: Layout = {
	...shared,
	kind: "ultra-light",
	read: (outputs, widthPx, heightPx, threshold) =>
		readScored(outputs, widthPx, heightPx, threshold, (box, at) => {
			const [left, top, right, bottom] = box;
			return [((left + right) / 2) * widthPx, ((top + bottom) / 2) * heightPx, (right - left) * widthPx, (bottom - top) * heightPx, at];
		}),
};

/** Offsets from the priors. */
export const ultraLightRaw: Layout = {
	...shared,
	kind: "ultra-light-raw",
	read: (outputs, widthPx, heightPx, threshold) => {
		const priors = priorsOf(widthPx, heightPx);
		return readScored(outputs, widthPx, heightPx, threshold, ([x, y, width, height], at) => {
			const [centreX = 0, centreY = 0, size = 0] = priors.subarray(at * 3, at * 3 + 3);
			return [
				centreX + x * centreVariance * size,
				centreY + y * centreVariance * size,
				Math.exp(width * sizeVariance) * size,
				Math.exp(height * sizeVariance) * size,
				at,
			];
		});
	},
};

type Four = readonly [number, number, number, number];

const readScored = (
	outputs: Outputs,
	widthPx: number,
	heightPx: number,
	threshold: number,
	place: (box: Four, at: number) => readonly [number, number, number, number, number],
): readonly InputBox[] | undefined => {
	const count = countOf(widthPx, heightPx);
	const scores = tableOf(outputs, count, 2);
	const boxes = tableOf(outputs, count, 4);
	if (scores === undefined || boxes === undefined) return undefined;
	const found: InputBox[] = [];
	for (let at = 0; at < count; at++) {
		const score = scoreOf(scores[at * 2 + 1]);
		if (score === undefined) return undefined;
		if (score < threshold) continue;
		const [a = Number.NaN, b = Number.NaN, c = Number.NaN, d = Number.NaN] = boxes.subarray(at * 4, at * 4 + 4);
		const [centreX, centreY, width, height] = place([a, b, c, d], at);
		const box = inputBox([centreX, centreY, width, height], score, 4 * Math.max(widthPx, heightPx));
		if (box === undefined || found.length >= maxCandidates) return undefined;
		found.push(box);
	}
	return found;
};

const countOf = (widthPx: number, heightPx: number): number =>
	levels.reduce((sum, { stride, sizes }) => sum + Math.ceil(widthPx / stride) * Math.ceil(heightPx / stride) * sizes.length, 0);

const known = new Map<string, Float32Array>();

/** Centre and size in pixels of the input, three numbers a prior. */
const priorsOf = (widthPx: number, heightPx: number): Float32Array => {
	const key = `${widthPx}x${heightPx}`;
	const made = known.get(key) ?? makePriors(widthPx, heightPx);
	if (known.size >= 8) known.clear();
	known.set(key, made);
	return made;
};

const makePriors = (widthPx: number, heightPx: number): Float32Array => {
	const priors = new Float32Array(countOf(widthPx, heightPx) * 3);
	let at = 0;
	for (const { stride, sizes } of levels) {
		for (let row = 0; row < Math.ceil(heightPx / stride); row++) {
			for (let column = 0; column < Math.ceil(widthPx / stride); column++) {
				for (const size of sizes) {
					// Where the last cell of a row hangs over the edge, its centre stays on the picture.
					priors[at++] = Math.min((column + 0.5) * stride, widthPx);
					priors[at++] = Math.min((row + 0.5) * stride, heightPx);
					priors[at++] = size;
				}
			}
		}
	}
	return priors;
};
