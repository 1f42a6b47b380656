/**
 * The arithmetic of small convolutional networks on rows of pixels, by WebAssembly vectors: a row lies pixel by pixel, each with all its channels as 32-bit
 * floats. Addresses are bytes in one memory. Nothing is checked here: who lays the memory out sees to it that all that is read and written is his.
 */
import { type AssembledFunction, advance, assemble, type Code, op, repeat } from "./kernels-assembler.ts";

/** Outputs of `multiply` are made in groups of this many channels. */
export const groupSize = 8;
/** `multiply` takes this many pixels at a time; rows have room for the rest. */
export const quad = 4;

/** What of the engine's interface is used; the compiler knows it only together with a browser's. */
declare const WebAssembly: {
	readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => KernelMemory;
	readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
	readonly Instance: new (
		module: object,
		imports: { readonly env: { readonly memory: KernelMemory } },
	) => { readonly exports: Readonly<Record<string, unknown>> };
};

export interface KernelMemory {
	/** Another one after each `grow`. */
	readonly buffer: ArrayBuffer;
	/** By pages of 65,536 bytes. */
	grow(pages: number): number;
}

export interface Kernels {
	/**
	 * Each pixel's `inputs` numbers (a multiple of 4) times a matrix. Weights lie by groups of 8 outputs, in each by input. `fromStep` and `toStep` are
	 * from pixel to pixel; `quads` is pixels by 4, `groups` outputs by 8, both at least 1.
	 */
	multiply(
		from: number,
		fromStep: number,
		inputs: number,
		weights: number,
		to: number,
		toStep: number,
		quads: number,
		groups: number,
	): void;
	/**
	 * A 3x3 window over each channel for itself. The three rows begin one pixel to the left of the first output. Weights lie by place in the window, row by
	 * row, in each by channel. `step` is from pixel to pixel; `vectors` is channels by 4.
	 */
	slide(above: number, row: number, below: number, weights: number, to: number, step: number, pixels: number, vectors: number): void;
	/**
	 * The greatest of 2x2 pixels plus a bias, through a leaky rectifier (0.1). `step` is from pixel to pixel, `stride` from window to window.
	 */
	pool(first: number, second: number, bias: number, to: number, step: number, stride: number, pixels: number, vectors: number): void;
}

const get = op.get;

/** Eight sums at a time: four pixels by eight outputs. */
const multiply = (): AssembledFunction => {
	const [from, fromStep, inputs, weights, to, toStep, quads, groups] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
	const [pixel, out, left, turns, matrix] = [8, 9, 10, 11, 12];
	const at = [13, 14, 15, 16];
	const sums = [17, 18, 19, 20, 21, 22, 23, 24];
	const [low, high, value] = [25, 26, 27];
	const addTo = (sum: number, weight: number): Code => [
		...get(sum),
		...get(value),
		...get(weight),
		...op.multiply,
		...op.add,
		...op.set(sum),
	];
	const one = (input: number): Code => [
		...get(matrix),
		...op.load(input * 32),
		...op.set(low),
		...get(matrix),
		...op.load(input * 32 + 16),
		...op.set(high),
		...at.flatMap((address, index) => [
			...get(address),
			...op.loadSplat(input * 4),
			...op.set(value),
			...addTo(sums[index * 2] as number, low),
			...addTo(sums[index * 2 + 1] as number, high),
		]),
	];
	const body = [
		...repeat(groups, [
			...get(from),
			...op.set(pixel),
			...get(to),
			...op.set(out),
			...get(quads),
			...op.set(left),
			...repeat(left, [
				...at.flatMap((address, index) => [
					...(index === 0 ? get(pixel) : [...get(at[index - 1] as number), ...get(fromStep), ...op.addIntegers]),
					...op.set(address),
				]),
				...get(at[3] as number),
				...get(fromStep),
				...op.addIntegers,
				...op.set(pixel),
				...get(weights),
				...op.set(matrix),
				...sums.flatMap((sum) => [...op.splat(0), ...op.set(sum)]),
				...get(inputs),
				...op.set(turns),
				...repeat(turns, [
					...[0, 1, 2, 3].flatMap(one),
					...at.flatMap((address) => advance(address, op.integer(16))),
					...advance(matrix, op.integer(128)),
					...advance(turns, op.integer(-3)),
				]),
				...at.flatMap((_, index) => [
					...get(out),
					...get(sums[index * 2] as number),
					...op.store(0),
					...get(out),
					...get(sums[index * 2 + 1] as number),
					...op.store(16),
					...advance(out, get(toStep)),
				]),
			]),
			...advance(weights, [...get(inputs), ...op.integer(32), ...op.multiplyIntegers]),
			...advance(to, op.integer(32)),
		]),
	];
	return { name: "multiply", parameters: 8, integers: 9, vectors: 11, body };
};

/** Four channels along the whole row, their nine weights at hand. */
const slide = (): AssembledFunction => {
	const [above, row, below, weights, to, step, pixels, vectors] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
	const [out, left] = [8, 9];
	const places = [10, 11, 12];
	const [second, third] = [13, 14];
	const nine = Array.from({ length: 9 }, (_, index) => 15 + index);
	const sum = 24;
	const across = (place: number, line: number): Code => [
		...get(place),
		...get(step),
		...op.addIntegers,
		...op.set(second),
		...get(second),
		...get(step),
		...op.addIntegers,
		...op.set(third),
		...[place, second, third].flatMap((address, index) => [
			...get(address),
			...op.load(0),
			...get(nine[line * 3 + index] as number),
			...op.multiply,
			...(line + index === 0 ? [] : [...get(sum), ...op.add]),
			...op.set(sum),
		]),
	];
	// The window's places are one pixel's bytes apart.
	const body = [
		...repeat(vectors, [
			...get(weights),
			...op.set(second),
			...nine.flatMap((weight) => [...get(second), ...op.load(0), ...op.set(weight), ...advance(second, get(step))]),
			...[above, row, below].flatMap((from, index) => [...get(from), ...op.set(places[index] as number)]),
			...get(to),
			...op.set(out),
			...get(pixels),
			...op.set(left),
			...repeat(left, [
				...places.flatMap(across),
				...get(out),
				...get(sum),
				...op.store(0),
				...[...places, out].flatMap((address) => advance(address, get(step))),
			]),
			...[above, row, below, weights, to].flatMap((address) => advance(address, op.integer(16))),
		]),
	];
	return { name: "slide", parameters: 8, integers: 7, vectors: 10, body };
};

const pool = (): AssembledFunction => {
	const [first, second, bias, to, step, stride, pixels, vectors] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
	const [one, other, constant, left] = [8, 9, 10, 11];
	const value = 12;
	const pair = (address: number): Code => [
		...get(address),
		...op.load(0),
		...get(address),
		...get(step),
		...op.addIntegers,
		...op.load(0),
		...op.max,
	];
	const body = [
		...repeat(pixels, [
			...[
				[first, one],
				[second, other],
				[bias, constant],
				[vectors, left],
			].flatMap(([from = 0, into = 0]) => [...get(from), ...op.set(into)]),
			...repeat(left, [
				...pair(one),
				...pair(other),
				...op.max,
				...get(constant),
				...op.load(0),
				...op.add,
				...op.set(value),
				...get(to),
				...get(value),
				...get(value),
				...op.splat(0.1),
				...op.multiply,
				...op.max,
				...op.store(0),
				...[one, other, constant, to].flatMap((address) => advance(address, op.integer(16))),
			]),
			...[first, second].flatMap((address) => advance(address, get(stride))),
		]),
	];
	return { name: "pool", parameters: 8, integers: 4, vectors: 1, body };
};

/** Memory of no bytes that may grow to `mostPages` pages of 65,536 bytes. */
export const createMemory = (mostPages: number): KernelMemory => new WebAssembly.Memory({ initial: 0, maximum: mostPages });

/** Kernels that work in `memory`. */
export const createKernels = (memory: KernelMemory): Kernels => {
	const module = new WebAssembly.Module(assemble([multiply(), slide(), pool()]));
	const { exports } = new WebAssembly.Instance(module, { env: { memory } });
	const kernel = (name: keyof Kernels): Kernels["multiply"] => {
		const made = exports[name];
		if (typeof made !== "function") throw new TypeError(`kernel ${name} was not assembled`);
		return (...values) => {
			made(...values);
		};
	};
	return { multiply: kernel("multiply"), slide: kernel("slide"), pool: kernel("pool") };
};
