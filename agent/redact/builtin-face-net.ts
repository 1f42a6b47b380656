/**
 * Runs the built-in face network row by row: each layer keeps the last three rows of its input and hands a row on as soon as it has one, so that a picture of
 * any height needs memory for some dozen rows only.
 *
 * First a 3x3 convolution without a border, then five separable ones with a border of zeros; each is followed by a leaky rectifier (0.1) and the greatest of
 * 2x2, taken at every second place but at every place in the last; then a matrix on each pixel. The rectifier and the bias come after the greatest, which is
 * the same and less work.
 */
import { type FaceWeights, outputChannels, type SeparableLayer } from "./builtin-weights.ts";
import { createKernels, createMemory, groupSize, type KernelMemory, quad } from "./kernels.ts";

/** The network's cells are this many input pixels apart. */
export const cellPx = 32;
const firstChannels = 16;
/** 27 numbers of a window and a zero. */
const windowInputs = 28;
/** Three rows of red, green and blue, side by side for each column. */
const columnNumbers = 9;
const bytesOf = (numbers: number): number => numbers * 4;
/** 64 MB: far more than the widest picture needs. */
const mostPages = 1_024;
const pageBytes = 65_536;

export interface FaceNet {
	/**
	 * `writeRow` writes row `y` of the picture into `into` from `at` on: for each pixel red, green and blue as floats, `step` numbers from pixel to pixel.
	 * Gives 25 numbers for each cell, row by row; owned by the network and overwritten by the next run.
	 */
	run(widthPx: number, heightPx: number, writeRow: WriteRow): FaceGrid;
}

export type WriteRow = (y: number, into: Float32Array, at: number, step: number) => void;

export interface FaceGrid {
	readonly columns: number;
	readonly rows: number;
	readonly numbers: Float32Array;
}

export const createFaceNet = (weights: FaceWeights): FaceNet => {
	const memory = createMemory(mostPages);
	const kernels = createKernels(memory);
	let plan: Plan | undefined;
	return {
		run: (widthPx, heightPx, writeRow) => {
			if (plan === undefined || plan.widthPx !== widthPx || plan.heightPx !== heightPx) plan = layOut(memory, weights, widthPx, heightPx);
			return runPlan(plan, kernels, writeRow);
		},
	};
};

/** Where everything is for one size of picture. Addresses in bytes. */
interface Plan {
	readonly widthPx: number;
	readonly heightPx: number;
	readonly floats: Float32Array;
	/** The three last rows of the picture, by columns. */
	readonly columns: number;
	/** Three forms, for the three orders in which the rows may lie. */
	readonly firstFilters: readonly number[];
	readonly firstBias: number;
	/** Two rows of the first convolution. */
	readonly firstRows: readonly [number, number];
	readonly layers: readonly LayerPlan[];
	readonly lastInput: number;
	readonly lastFilters: number;
	readonly lastOutput: number;
	readonly lastBias: Float32Array;
	readonly grid: FaceGrid;
}

interface LayerPlan {
	readonly inputs: number;
	readonly outputs: number;
	readonly width: number;
	readonly height: number;
	/** From window to window: 2, in the last layer 1. */
	readonly stride: 1 | 2;
	/** Three rows of input with a pixel of zeros on either side. */
	readonly ring: readonly number[];
	readonly zeros: number;
	readonly depthwise: number;
	readonly pointwise: number;
	readonly bias: number;
	readonly slid: number;
	/** Two rows of output, one pixel longer than the row. */
	readonly made: readonly [number, number];
}

/** Weights as `multiply` wants them: by groups of outputs, in each by input; what is missing is zero. */
const grouped = (matrix: (input: number, output: number) => number, inputs: number, outputs: number): Float32Array => {
	const groups = Math.ceil(outputs / groupSize);
	const made = new Float32Array(groups * inputs * groupSize);
	for (let output = 0; output < outputs; output++) {
		const start = Math.floor(output / groupSize) * inputs * groupSize + (output % groupSize);
		for (let input = 0; input < inputs; input++) made[start + input * groupSize] = matrix(input, output);
	}
	return made;
};

const layOut = (memory: KernelMemory, weights: FaceWeights, widthPx: number, heightPx: number): Plan => {
	const pending: (readonly [number, Float32Array])[] = [];
	let end = 0;
	const space = (numbers: number): number => {
		const at = end;
		end += Math.ceil(bytesOf(numbers) / 64) * 64;
		return at;
	};
	const placed = (numbers: Float32Array): number => {
		const at = space(numbers.length);
		pending.push([at, numbers]);
		return at;
	};
	/** Rows are made in quads, so that up to three pixels more are written than there are; one more than that is read. */
	const row = (pixels: number, channels: number): number => space((pixels + quad) * channels);
	const { filters } = weights.first;
	const firstFilters = [0, 1, 2].map((top) =>
		placed(
			grouped(
				(input, output) => {
					const [kx, slot, colour] = [Math.floor(input / columnNumbers), Math.floor((input % columnNumbers) / 3), input % 3];
					const ky = (slot - top + 3) % 3;
					return input < 27 ? (filters[((ky * 3 + kx) * 3 + colour) * firstChannels + output] ?? 0) : 0;
				},
				windowInputs,
				firstChannels,
			),
		),
	);
	const firstBias = placed(weights.first.bias);
	const columns = space((widthPx + quad + 2) * columnNumbers + 1);
	const firstRows = [row(widthPx, firstChannels), row(widthPx, firstChannels)] as const;
	const layers: LayerPlan[] = [];
	let [width, height] = [Math.ceil((widthPx - 2) / 2), Math.ceil((heightPx - 2) / 2)];
	for (const [index, layer] of weights.separable.entries()) {
		const isLast = index === weights.separable.length - 1;
		layers.push(layerPlan(layer, width, height, isLast ? 1 : 2, { row, placed }));
		if (!isLast) [width, height] = [Math.ceil(width / 2), Math.ceil(height / 2)];
	}
	const lastInputs = weights.separable.at(-1)?.outputs ?? 0;
	const { filters: matrix, bias: lastBias } = weights.last;
	const lastFilters = placed(grouped((input, output) => matrix[input * outputChannels + output] ?? 0, lastInputs, outputChannels));
	const lastInput = row(width, lastInputs);
	const lastOutput = row(width, paddedOutputs);
	const missing = end - memory.buffer.byteLength;
	if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
	const floats = new Float32Array(memory.buffer);
	floats.fill(0);
	for (const [at, numbers] of pending) floats.set(numbers, at / 4);
	const grid = { columns: width, rows: height, numbers: new Float32Array(width * height * outputChannels) };
	return {
		widthPx,
		heightPx,
		floats,
		columns,
		firstFilters,
		firstBias,
		firstRows,
		layers,
		lastInput,
		lastFilters,
		lastOutput,
		lastBias,
		grid,
	};
};

const paddedOutputs = Math.ceil(outputChannels / groupSize) * groupSize;

interface Space {
	row(pixels: number, channels: number): number;
	placed(numbers: Float32Array): number;
}

const layerPlan = (layer: SeparableLayer, width: number, height: number, stride: 1 | 2, { row, placed }: Space): LayerPlan => {
	const { inputs, outputs, depthwise, pointwise, bias } = layer;
	return {
		inputs,
		outputs,
		width,
		height,
		stride,
		ring: [row(width + 2, inputs), row(width + 2, inputs), row(width + 2, inputs)],
		zeros: row(width + 2, inputs),
		depthwise: placed(depthwise),
		pointwise: placed(grouped((input, output) => pointwise[input * outputs + output] ?? 0, inputs, outputs)),
		bias: placed(bias),
		slid: row(width, inputs),
		made: [row(width + 1, outputs), row(width + 1, outputs)],
	};
};

const runPlan = (plan: Plan, kernels: ReturnType<typeof createKernels>, writeRow: WriteRow): FaceGrid => {
	const { floats, layers, grid, widthPx, heightPx } = plan;

	/** The greatest of 2x2 of two made rows, into row `y` of what follows. */
	const pass = (
		rows: readonly [number, number],
		width: number,
		channels: number,
		bias: number,
		stride: 1 | 2,
		after: number,
		y: number,
	): void => {
		// A window that hangs over the edge sees the last pixel twice.
		for (const made of rows) {
			const end = (made + bytesOf(width * channels)) / 4;
			floats.copyWithin(end, end - channels, end);
		}
		const next = layers[after];
		const to = next === undefined ? plan.lastInput : (next.ring[y % 3] as number) + bytesOf(next.inputs);
		const pixels = stride === 2 ? Math.ceil(width / 2) : width;
		kernels.pool(rows[0], rows[1], bias, to, bytesOf(channels), bytesOf(channels * stride), pixels, channels / 4);
		if (next === undefined) finishRow(y);
		else accept(next, after, y);
	};

	const finishRow = (y: number): void => {
		const { lastInput, lastFilters, lastOutput, lastBias } = plan;
		const inputs = layers.at(-1)?.outputs ?? 0;
		const quads = Math.ceil(grid.columns / quad);
		kernels.multiply(lastInput, bytesOf(inputs), inputs, lastFilters, lastOutput, bytesOf(paddedOutputs), quads, paddedOutputs / groupSize);
		for (let x = 0; x < grid.columns; x++) {
			const from = lastOutput / 4 + x * paddedOutputs;
			const to = (y * grid.columns + x) * outputChannels;
			for (let channel = 0; channel < outputChannels; channel++) {
				grid.numbers[to + channel] = (floats[from + channel] as number) + (lastBias[channel] as number);
			}
		}
	};

	/** Row `y` of the layer's input is there. */
	const accept = (layer: LayerPlan, index: number, y: number): void => {
		if (y > 0) convolve(layer, index, y - 1);
		if (y === layer.height - 1) convolve(layer, index, y);
	};

	const convolve = (layer: LayerPlan, index: number, y: number): void => {
		const { inputs, outputs, width, height, ring, zeros, stride, made } = layer;
		const above = y === 0 ? zeros : (ring[(y - 1) % 3] as number);
		const below = y === height - 1 ? zeros : (ring[(y + 1) % 3] as number);
		kernels.slide(above, ring[y % 3] as number, below, layer.depthwise, layer.slid, bytesOf(inputs), width, inputs / 4);
		const to = made[(y % 2) as 0 | 1];
		kernels.multiply(
			layer.slid,
			bytesOf(inputs),
			inputs,
			layer.pointwise,
			to,
			bytesOf(outputs),
			Math.ceil(width / quad),
			outputs / groupSize,
		);
		const isEnd = y === height - 1;
		if (stride === 1) {
			if (y > 0) pass(made, width, outputs, layer.bias, 1, index + 1, y - 1);
			if (isEnd) pass([to, to], width, outputs, layer.bias, 1, index + 1, y);
		} else if (y % 2 === 1) pass(made, width, outputs, layer.bias, 2, index + 1, y >> 1);
		else if (isEnd) pass([to, to], width, outputs, layer.bias, 2, index + 1, y >> 1);
	};

	const [width, height] = [widthPx - 2, heightPx - 2];
	for (let y = 0; y < heightPx; y++) {
		writeRow(y, floats, plan.columns / 4 + (y % 3) * 3, columnNumbers);
		const made = y - 2;
		if (made < 0) continue;
		const to = plan.firstRows[(made % 2) as 0 | 1];
		const quads = Math.ceil(width / quad);
		const step = bytesOf(columnNumbers);
		const filters = plan.firstFilters[made % 3] as number;
		kernels.multiply(plan.columns, step, windowInputs, filters, to, bytesOf(firstChannels), quads, firstChannels / groupSize);
		if (made % 2 === 1) pass(plan.firstRows, width, firstChannels, plan.firstBias, 2, 0, made >> 1);
		else if (made === height - 1) pass([to, to], width, firstChannels, plan.firstBias, 2, 0, made >> 1);
	}
	return grid;
};
