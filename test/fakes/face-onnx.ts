/**
 * The built-in face network as an ONNX file, so that another runtime can say what the right answer is. Protobuf is written by hand, as far as needed.
 */
import type { FaceWeights } from "../../agent/redact/builtin-weights.ts";

type Bytes = readonly number[] | Uint8Array;

const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]);
const joined = (parts: readonly Bytes[]): Uint8Array => {
	const made = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const part of parts) {
		made.set(part, at);
		at += part.length;
	}
	return made;
};
const number = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, content: Bytes): Bytes => joined([varint(field * 8 + 2), varint(content.length), content]);
const text = (field: number, value: string): Bytes => bytes(field, new TextEncoder().encode(value));

/** AttributeProto: integers (type 7) or one float (type 1). */
const integers = (name: string, values: readonly number[]): Bytes =>
	bytes(5, joined([text(1, name), ...values.map((value) => number(8, value)), number(20, 7)]));
const float = (name: string, value: number): Bytes =>
	bytes(5, joined([text(1, name), [2 * 8 + 5], new Uint8Array(Float32Array.of(value).buffer), number(20, 1)]));
const integer = (name: string, value: number): Bytes => bytes(5, joined([text(1, name), number(3, value), number(20, 2)]));

const node = (kind: string, inputs: readonly string[], output: string, attributes: readonly Bytes[]): Bytes =>
	bytes(1, joined([...inputs.map((input) => text(1, input)), text(2, output), text(4, kind), ...attributes]));
const tensor = (name: string, dims: readonly number[], data: Float32Array): Bytes => {
	const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
	return bytes(5, joined([...dims.map((dim) => number(1, dim)), number(2, 1), text(8, name), bytes(9, raw)]));
};
const value = (field: number, name: string, dims: readonly (number | string)[]): Bytes => {
	const shape = dims.map((dim) => bytes(1, typeof dim === "number" ? number(1, dim) : text(2, dim)));
	return bytes(field, joined([text(1, name), bytes(2, bytes(1, joined([number(1, 1), bytes(2, joined(shape))])))]));
};

/** From [height][width][inputs][outputs] to [outputs][inputs][height][width]. */
const turned = (data: Float32Array, side: number, inputs: number, outputs: number): Float32Array => {
	const made = new Float32Array(data.length);
	for (let place = 0; place < side * side; place++) {
		for (let input = 0; input < inputs; input++) {
			for (let output = 0; output < outputs; output++) {
				made[(output * inputs + input) * side * side + place] = data[(place * inputs + input) * outputs + output] ?? 0;
			}
		}
	}
	return made;
};

/** Input `x` of [1, 3, height, width], output `y` of [1, 25, rows, columns]; opset 13. */
export const faceOnnx = ({ first, separable, last }: FaceWeights): Uint8Array => {
	const nodes: Bytes[] = [];
	const tensors: Bytes[] = [];
	let at = "x";
	const step = (kind: string, inputs: readonly string[], ...attributes: readonly Bytes[]): void => {
		const output = `${kind}${nodes.length}`;
		nodes.push(node(kind, [at, ...inputs], output, attributes));
		at = output;
	};
	const weights = (name: string, dims: readonly number[], data: Float32Array): string => {
		tensors.push(tensor(name, dims, data));
		return name;
	};
	const rectifyAndPool = (stride: number): void => {
		step("LeakyRelu", [], float("alpha", 0.1));
		// As in TensorFlow's "same": a stride of 2 over the edge only where the side is odd, a stride of 1 always.
		const padding = stride === 1 ? [integers("pads", [0, 0, 1, 1])] : [integer("ceil_mode", 1)];
		step("MaxPool", [], integers("kernel_shape", [2, 2]), integers("strides", [stride, stride]), ...padding);
	};
	step("Conv", [weights("w0", [16, 3, 3, 3], turned(first.filters, 3, 3, 16)), weights("b0", [16], first.bias)]);
	rectifyAndPool(2);
	for (const [index, { inputs, outputs, depthwise, pointwise, bias }] of separable.entries()) {
		// [3][3][inputs][1]: each channel for itself.
		const slid = weights(`d${index}`, [inputs, 1, 3, 3], turned(depthwise, 3, 1, inputs));
		step("Conv", [slid], integer("group", inputs), integers("pads", [1, 1, 1, 1]));
		step("Conv", [
			weights(`p${index}`, [outputs, inputs, 1, 1], turned(pointwise, 1, inputs, outputs)),
			weights(`q${index}`, [outputs], bias),
		]);
		rectifyAndPool(index === separable.length - 1 ? 1 : 2);
	}
	step("Conv", [weights("w8", [25, 512, 1, 1], turned(last.filters, 1, 512, 25)), weights("b8", [25], last.bias)]);
	nodes.push(node("Identity", [at], "y", []));
	const graph = joined([
		...nodes,
		text(2, "faces"),
		...tensors,
		value(11, "x", [1, 3, "h", "w"]),
		value(12, "y", [1, 25, "rows", "columns"]),
	]);
	return joined([number(1, 8), bytes(8, number(2, 13)), bytes(7, graph)]);
};
