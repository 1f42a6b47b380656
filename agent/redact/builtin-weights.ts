/**
 * The weights of the built-in face network: a tiny YOLOv2 with separable convolutions, as the npm package @vladmandic/face-api 1.7.15 (MIT) has it, quantised
 * to eight bits. Only these two files of the package are read; its code is not.
 *
 * Packed file, as the build puts it beside the bundle: length of the manifest (4 bytes, big-endian), the manifest (JSON), the weights. It is known by its hash
 * and read no further when the hash is another one.
 */
import { createHash } from "node:crypto";
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";

/** Of the packed file. */
export const faceWeightsSha256 = "60594a230d7b786cb58d22b076ea7248404cca1114e1699d12694a8c27037925";

export interface SeparableLayer {
	readonly inputs: number;
	readonly outputs: number;
	/** [3][3][inputs] */
	readonly depthwise: Float32Array;
	/** [inputs][outputs] */
	readonly pointwise: Float32Array;
	readonly bias: Float32Array;
}

export interface FaceWeights {
	/** [3][3][3][16]: row, column, red-green-blue, output. */
	readonly first: { readonly filters: Float32Array; readonly bias: Float32Array };
	readonly separable: readonly SeparableLayer[];
	/** [512][25]. */
	readonly last: { readonly filters: Float32Array; readonly bias: Float32Array };
}

/** Channels between the layers. */
const channels = [16, 32, 64, 128, 256, 512] as const;
/** Five anchors with x, y, width, height and score. */
export const outputChannels = 25;

const manifestSchema = v.pipe(
	v.array(
		v.object({
			weights: v.array(
				v.object({
					name: v.string(),
					shape: v.array(v.number()),
					quantization: v.object({ dtype: v.literal("uint8"), scale: v.number(), min: v.number() }),
				}),
			),
		}),
	),
	v.length(1),
);

/** Fresh bytes. */
export const packFaceWeights = (manifest: Uint8Array, weights: Uint8Array): Uint8Array => {
	const packed = new Uint8Array(4 + manifest.length + weights.length);
	new DataView(packed.buffer).setUint32(0, manifest.length);
	packed.set(manifest, 4);
	packed.set(weights, 4 + manifest.length);
	return packed;
};

/**
 * Checks the hash, then makes floats of the packed weights.
 *
 * @throws KerbError FORMAT_INVALID when they are not the ones that this network was measured with
 */
export const readFaceWeights = (packed: Uint8Array): FaceWeights => {
	const sha256 = createHash("sha256").update(packed).digest("hex");
	if (sha256 !== faceWeightsSha256) {
		throw new KerbError("FORMAT_INVALID", `the face weights are others: expected SHA-256 ${faceWeightsSha256}, got ${sha256}`);
	}
	const length = new DataView(packed.buffer, packed.byteOffset, 4).getUint32(0);
	const [group] = v.parse(manifestSchema, JSON.parse(new TextDecoder().decode(packed.subarray(4, 4 + length))));
	const tensors = new Map<string, Float32Array>();
	let at = 4 + length;
	for (const { name, shape, quantization } of group?.weights ?? []) {
		const count = shape.reduce((product, side) => product * side, 1);
		const { scale, min } = quantization;
		tensors.set(
			name,
			Float32Array.from(packed.subarray(at, at + count), (value) => value * scale + min),
		);
		at += count;
	}
	const tensor = (name: string, count: number): Float32Array => {
		const found = tensors.get(name);
		if (found?.length === count) return found;
		throw new KerbError("FORMAT_INVALID", `the face weights lack ${name}: expected ${count} numbers, got ${found?.length ?? 0}`);
	};
	const separable = channels.slice(1).map((outputs, index): SeparableLayer => {
		const inputs = channels[index] as number;
		const name = `conv${index + 1}`;
		return {
			inputs,
			outputs,
			depthwise: tensor(`${name}/depthwise_filter`, 9 * inputs),
			pointwise: tensor(`${name}/pointwise_filter`, inputs * outputs),
			bias: tensor(`${name}/bias`, outputs),
		};
	});
	return {
		first: { filters: tensor("conv0/filters", 27 * channels[0]), bias: tensor("conv0/bias", channels[0]) },
		separable,
		last: { filters: tensor("conv8/filters", 512 * outputChannels), bias: tensor("conv8/bias", outputChannels) },
	};
};
