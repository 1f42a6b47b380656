/**
 * Networks in the manner of YOLO5-face: one table of rows `x, y, width, height, objectness, four or five landmarks, scores of classes`, all in pixels of the
 * input and already through the sigmoid. HyperLPR's y5fu has four corners and two classes (one row of characters, two rows): 15 columns.
 */
import { type InputBox, inputBox, type Layout, maxCandidates, scoreOf } from "./layout.ts";
import type { Outputs } from "./onnx-runtime.ts";

const strides = [8, 16, 32] as const;
const anchorsPerCell = 3;
/** Four corners and 1 or 2 classes, five landmarks and 1 class. */
const firstClass: Readonly<Record<number, number>> = { 14: 13, 15: 13, 16: 15 };

const shared = {
	shown: { order: "rgb", mean: 0, factor: 1 / 255, pad: 0 },
	stepPx: 32,
	read: (outputs: Outputs, widthPx: number, heightPx: number, threshold: number) => readRows(outputs, widthPx, heightPx, threshold),
} as const;

export const yolo5Plate: Layout = {
	...shared,
	kind: "yolo5-plate",
	class: "plate",
	maxAspect: 4.75,
	tileDoubt: 3.2,
};
export const yolo5Face: Layout = { ...shared, kind: "yolo5-face", class: "face", maxAspect: 1.4, tileDoubt: 1 };

const readRows = (outputs: Outputs, widthPx: number, heightPx: number, threshold: number): readonly InputBox[] | undefined => {
	const rows = strides.reduce((sum, stride) => sum + Math.ceil(widthPx / stride) * Math.ceil(heightPx / stride) * anchorsPerCell, 0);
	const [output] = outputs.values();
	const columns = output?.dims.at(-1) ?? 0;
	const first = firstClass[columns];
	if (output === undefined || first === undefined || output.data.length !== rows * columns) return undefined;
	const { data } = output;
	const found: InputBox[] = [];
	for (let at = 0; at < data.length; at += columns) {
		const objectness = scoreOf(data[at + 4]);
		if (objectness === undefined) return undefined;
		if (objectness < threshold) continue;
		const score = bestOf(data, at + first, at + columns);
		if (score === undefined) return undefined;
		if (score * objectness < threshold) continue;
		const [x = Number.NaN, y = Number.NaN, width = Number.NaN, height = Number.NaN] = data.subarray(at, at + 4);
		const box = inputBox([x, y, width, height], score * objectness, 4 * Math.max(widthPx, heightPx));
		if (box === undefined || found.length >= maxCandidates) return undefined;
		found.push(box);
	}
	return found;
};

const bestOf = (data: Float32Array, from: number, to: number): number | undefined => {
	let best = 0;
	for (let at = from; at < to; at++) {
		const score = scoreOf(data[at]);
		if (score === undefined) return undefined;
		best = Math.max(best, score);
	}
	return best;
};
