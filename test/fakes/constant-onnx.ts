/**
 * ONNX files that answer the same whatever they are shown, for what a network may do wrong. Protobuf is written by hand, as far as needed.
 */
type Bytes = readonly number[] | Uint8Array;

const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]);
const joined = (parts: readonly Bytes[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const number = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, content: Bytes): Bytes => joined([varint(field * 8 + 2), varint(content.length), content]);
const text = (field: number, value: string): Bytes => bytes(field, new TextEncoder().encode(value));

const valueInfo = (field: number, name: string, dims: readonly number[]): Bytes => {
	const shape = joined(dims.map((dim) => bytes(1, number(1, dim))));
	return bytes(field, joined([text(1, name), bytes(2, bytes(1, joined([number(1, 1), bytes(2, shape)])))]));
};

export interface ConstantOutput {
	readonly name: string;
	readonly dims: readonly number[];
	readonly data: Float32Array;
}

/** `operator` makes the outputs: `Constant` is the one that can. */
export const constantOnnx = (inputDims: readonly number[], outputs: readonly ConstantOutput[], operator = "Constant"): Uint8Array => {
	const nodes = outputs.map(({ name, dims, data }) => {
		const tensor = joined([...dims.map((dim) => number(1, dim)), number(2, 1), bytes(9, new Uint8Array(data.buffer))]);
		return bytes(1, joined([text(2, name), text(4, operator), bytes(5, joined([text(1, "value"), bytes(5, tensor), number(20, 4)]))]));
	});
	const infos = outputs.map(({ name, dims }) => valueInfo(12, name, dims));
	const graph = joined([...nodes, text(2, "constant"), valueInfo(11, "input", inputDims), ...infos]);
	return joined([number(1, 8), bytes(7, graph), bytes(8, joined([text(1, ""), number(2, 13)]))]);
};

/** In the manner of y5fu for an input of 64 by 64 pixels: 252 rows of 15, one of which is `row`. */
export const plateOnnx = (row: readonly number[], operator?: string): Uint8Array => {
	const data = new Float32Array(252 * 15);
	data.set(row, 100 * 15);
	return constantOnnx([1, 3, 64, 64], [{ name: "output", dims: [1, 252, 15], data }], operator);
};
