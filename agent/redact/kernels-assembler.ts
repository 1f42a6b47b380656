/**
 * Writes a WebAssembly module (core specification 2.0, binary format, with 128-bit vectors) from functions that are given as instructions: what the kernels
 * need of the format and no more. All functions take 32-bit integers, return nothing and work in one memory that is handed in as `env.memory`.
 */

export type Code = readonly number[];

export interface AssembledFunction {
	readonly name: string;
	readonly parameters: number;
	/** Further locals: integers, then vectors, numbered after the parameters. */
	readonly integers: number;
	readonly vectors: number;
	readonly body: Code;
}

const uleb = (value: number): Code => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...uleb(value >>> 7)]);
const sleb = (value: number): Code => {
	const low = value & 0x7f;
	const rest = value >> 7;
	const isLast = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40);
	return isLast ? [low] : [low | 0x80, ...sleb(rest)];
};
const vector = (op: number): Code => [0xfd, ...uleb(op)];

/** Instructions; addresses and counts are integers, numbers are vectors of four 32-bit floats. */
export const op = {
	get: (local: number): Code => [0x20, ...uleb(local)],
	set: (local: number): Code => [0x21, ...uleb(local)],
	integer: (value: number): Code => [0x41, ...sleb(value)],
	addIntegers: [0x6a],
	multiplyIntegers: [0x6c],
	load: (offset: number): Code => [...vector(0x00), 2, ...uleb(offset)],
	/** One float, four times. */
	loadSplat: (offset: number): Code => [...vector(0x09), 2, ...uleb(offset)],
	store: (offset: number): Code => [...vector(0x0b), 2, ...uleb(offset)],
	splat: (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer), ...vector(0x13)],
	add: vector(0xe4),
	multiply: vector(0xe6),
	/** The greater of two numbers, by lanes. */
	max: vector(0xeb),
} as const;

/** local += amount, where the amount leaves one integer on the stack. */
export const advance = (local: number, amount: Code): Code => [...op.get(local), ...amount, ...op.addIntegers, ...op.set(local)];

/** Runs the body and takes one off the count until it is 0; at least once. */
export const repeat = (count: number, body: Code): Code => [
	...[0x03, 0x40],
	...body,
	...advance(count, op.integer(-1)),
	...op.get(count),
	...[0x0d, 0x00],
	0x0b,
];

const sized = (content: Code): Code => [...uleb(content.length), ...content];
const list = (items: readonly Code[]): Code => [...uleb(items.length), ...items.flat()];
const text = (value: string): Code => sized([...new TextEncoder().encode(value)]);
const section = (id: number, items: readonly Code[]): Code => [id, ...sized(list(items))];

const integerType = 0x7f;
const vectorType = 0x7b;

/** The module's bytes. */
export const assemble = (functions: readonly AssembledFunction[]): Uint8Array<ArrayBuffer> => {
	const types = functions.map(({ parameters }): Code => [0x60, ...list(Array.from({ length: parameters }, () => [integerType])), 0]);
	const bodies = functions.map(({ integers, vectors, body }) => {
		const locals = list([
			[...uleb(integers), integerType],
			[...uleb(vectors), vectorType],
		]);
		return sized([...locals, ...body, 0x0b]);
	});
	return Uint8Array.from([
		...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
		...section(1, types),
		...section(2, [[...text("env"), ...text("memory"), 0x02, 0x00, 0x00]]),
		...section(
			3,
			functions.map((_, index) => uleb(index)),
		),
		...section(
			7,
			functions.map(({ name }, index) => [...text(name), 0x00, ...uleb(index)]),
		),
		...section(10, bodies),
	]);
};
