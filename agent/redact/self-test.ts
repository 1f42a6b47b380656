/**
 * Proves that a network computes here what it computed when it was added: a fixed picture of noise goes in, and samples of what comes out are compared. No
 * photograph is needed, and the samples say nothing of anybody.
 */
import * as v from "valibot";
import type { Clock } from "../host/clock.ts";
import type { Layout } from "./layout.ts";
import type { Network, Outputs } from "./onnx-runtime.ts";

const sample = v.pipe(v.number(), v.finite());

/** What is kept of one run. */
export const selfTestSchema = v.strictObject({
	widthPx: v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(4_096)),
	heightPx: v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(4_096)),
	/** By name, in order of names. */
	outputs: v.pipe(
		v.array(
			v.strictObject({
				name: v.pipe(v.string(), v.maxLength(200)),
				dims: v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), v.maxLength(8)),
				samples: v.pipe(v.array(sample), v.maxLength(64)),
			}),
		),
		v.minLength(1),
		v.maxLength(64),
	),
});

export type SelfTest = v.InferOutput<typeof selfTestSchema>;

const samples = 24;
const coarsePx = 16;
/** Processors add in another order and round otherwise; a wrong weight or operator is off by far more. */
const relativeTolerance = 0.01;
const absoluteTolerance = 0.005;
/** For a network that takes any size. */
const freeSidePx = 320;

export interface SelfTestRun {
	readonly made: SelfTest;
	readonly outputs: Outputs;
	/** Of the network alone. */
	readonly runMs: number;
}

/** Runs the fixed picture. @throws KerbError FORMAT_INVALID when the runtime fails */
export const runSelfTest = async (network: Network, layout: Layout, clock: Clock): Promise<SelfTestRun> => {
	const [widthPx, heightPx] = [network.widthPx ?? freeSidePx, network.heightPx ?? freeSidePx];
	const input = noise(widthPx, heightPx, layout);
	const startMs = clock.bootMs();
	const outputs = await network.run(input, widthPx, heightPx);
	const runMs = clock.bootMs() - startMs;
	const names = [...outputs.keys()].toSorted();
	return {
		outputs,
		runMs,
		made: {
			widthPx,
			heightPx,
			outputs: names.flatMap((name) => {
				const output = outputs.get(name);
				return output === undefined ? [] : [{ name, dims: [...output.dims], samples: samplesOf(output.data) }];
			}),
		},
	};
};

/** True when every output has the same name and shape, and every sample is near. */
export const isSame = (made: SelfTest, expected: SelfTest): boolean =>
	made.widthPx === expected.widthPx &&
	made.heightPx === expected.heightPx &&
	made.outputs.length === expected.outputs.length &&
	made.outputs.every(({ name, dims, samples: got }, at) => {
		const other = expected.outputs[at];
		return (
			other?.name === name &&
			other.dims.length === dims.length &&
			dims.every((dim, place) => dim === other.dims[place]) &&
			other.samples.length === got.length &&
			got.every((value, place) => isNear(value, other.samples[place] ?? Number.NaN))
		);
	});

const isNear = (value: number, expected: number): boolean =>
	Math.abs(value - expected) <= absoluteTolerance + relativeTolerance * Math.abs(expected);

const samplesOf = (data: Float32Array): number[] =>
	Array.from({ length: Math.min(samples, data.length) }, (_, at) =>
		Number((data[Math.floor(((at + 0.5) * data.length) / Math.min(samples, data.length))] ?? Number.NaN).toPrecision(6)),
	);

/**
 * Noise by a linear congruence (Numerical Recipes' constants), coarse with fine upon it: fine noise alone is grey to a network. Samples of 0 to 255, as the
 * network wants them.
 */
const noise = (widthPx: number, heightPx: number, { shown }: Layout): Float32Array => {
	let state = 1;
	const next = (): number => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state >>> 24;
	};
	const across = Math.ceil(widthPx / coarsePx);
	const coarse = Uint8Array.from({ length: 3 * across * Math.ceil(heightPx / coarsePx) }, next);
	const plane = widthPx * heightPx;
	return Float32Array.from({ length: 3 * plane }, (_, at) => {
		const x = at % widthPx;
		const y = Math.floor((at % plane) / widthPx);
		const cell = (Math.floor(y / coarsePx) * across + Math.floor(x / coarsePx)) * 3 + Math.floor(at / plane);
		return (((coarse[cell] ?? 0) * 3 + next()) / 4 - shown.mean) * shown.factor;
	});
};
