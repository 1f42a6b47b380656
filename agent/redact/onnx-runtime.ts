/**
 * Runs ONNX networks by onnxruntime-node, an optional package with native code (glibc on x64 and arm64 only): loaded when a model is, and never
 * part of the unit's bundle. One thread: the worker has the core that it is on and no other.
 */
import { KerbError } from "../../shared/errors.ts";

/** One output. The numbers are owned by the caller. */
export interface Output {
	readonly dims: readonly number[];
	readonly data: Float32Array;
}

export type Outputs = ReadonlyMap<string, Output>;

/** A network with one picture as input: `[1, 3, height, width]` of 32-bit floating point. */
export interface Network {
	/** What it was made for; undefined where it takes any size. */
	readonly widthPx: number | undefined;
	readonly heightPx: number | undefined;
	readonly outputNames: readonly string[];
	/**
	 * `input` is borrowed until the promise is settled.
	 *
	 * @throws KerbError FORMAT_INVALID when the runtime fails
	 */
	run(input: Float32Array, widthPx: number, heightPx: number): Promise<Outputs>;
	close(): Promise<void>;
}

export const installRuntime =
	"models need the package onnxruntime-node 1.30 (Linux with glibc, x64 or arm64): install kerbstone with its optional dependencies, or take boxes from the perception stack";

/** The longest side of an input that is thought to be meant. */
const maxSidePx = 4_096;

/**
 * Takes the model's bytes and not its path, so that what runs is what was hashed.
 *
 * @throws KerbError SOURCE_UNAVAILABLE without onnxruntime-node; FORMAT_INVALID when it refuses the model (an unknown operator, a damaged file) or the
 * model's input is no picture
 */
export const openNetwork = async (model: Uint8Array): Promise<Network> => {
	const ort = await loadRuntime();
	const session = await ort.InferenceSession.create(model, {
		executionProviders: ["cpu"],
		intraOpNumThreads: 1,
		interOpNumThreads: 1,
		executionMode: "sequential",
		enableCpuMemArena: true,
		logSeverityLevel: 4,
	}).catch((cause: unknown) => {
		throw new KerbError("FORMAT_INVALID", "the model cannot be loaded: expected an ONNX file with operators that onnxruntime knows", {
			cause,
		});
	});
	const [input, more] = session.inputMetadata;
	const [batch, channels, height, width] = input?.isTensor === true ? input.shape : [];
	const isPicture = input?.isTensor === true && input.type === "float32" && input.shape.length === 4 && channels === 3 && batch !== 0;
	if (!isPicture || more !== undefined || !isSide(height) || !isSide(width)) {
		await session.release();
		throw new KerbError("FORMAT_INVALID", "the model cannot be used: expected one input of float32 with the shape [1, 3, height, width]");
	}
	return {
		widthPx: typeof width === "number" ? width : undefined,
		heightPx: typeof height === "number" ? height : undefined,
		outputNames: session.outputNames,
		run: async (data, widthPx, heightPx) => {
			try {
				const made = await session.run({ [input.name]: new ort.Tensor("float32", data, [1, 3, heightPx, widthPx]) });
				return new Map(
					Object.entries(made).map(([name, { data: numbers, dims }]) => {
						if (!(numbers instanceof Float32Array))
							throw new KerbError("FORMAT_INVALID", "the model cannot be used: an output is not float32");
						return [name, { dims, data: numbers }];
					}),
				);
			} catch (cause) {
				throw new KerbError("FORMAT_INVALID", "the model did not run", { cause });
			}
		},
		close: () => session.release(),
	};
};

const isSide = (side: unknown): boolean => typeof side === "string" || (typeof side === "number" && side >= 16 && side <= maxSidePx);

const loadRuntime = async () => {
	try {
		const ort = await import("onnxruntime-node");
		// Its own voice is standard error, past the program's.
		ort.env.logLevel = "fatal";
		return ort;
	} catch (cause) {
		throw new KerbError("SOURCE_UNAVAILABLE", installRuntime, { cause });
	}
};
