/**
 * Integers as a column: a first value, then differences (or differences of differences), divided by what they all share, in as few bytes each
 * as the largest needs, all lowest bytes first. Smooth and periodic series become runs that zstd turns into almost nothing.
 *
 * As CBOR: [order, divisor, heads, width, planes]; order 0 (offsets from the first), 1 (differences) or 2 (differences of differences).
 */
import { type CborValue, isCborArray } from "./cbor-value.ts";
import { KerbError } from "./errors.ts";

/** Larger integers are not put in a column: differences of differences must stay exact in a double. */
export const largestColumnInteger = 2 ** 51;

export interface IntegerColumn {
	readonly cbor: CborValue;
	/** Bytes that it will take after compression, roughly; for choosing between encodings. */
	readonly cost: number;
}

interface Differences {
	readonly order: number;
	readonly divisor: number;
	readonly heads: readonly number[];
	readonly values: Float64Array;
	readonly bits: number;
}

/** Encodes integers of at most `largestColumnInteger` in magnitude. */
export const encodeIntegers = (integers: Float64Array): IntegerColumn => {
	let best = differences(integers, 0);
	for (const order of [1, 2]) {
		const other = differences(integers, order);
		if (other.bits < best.bits) best = other;
	}
	const { width, planes } = toPlanes(best.values);
	return { cbor: [best.order, best.divisor, best.heads, width, planes], cost: best.bits / 8 + 8 };
};

/**
 * Decodes `count` integers.
 *
 * @throws KerbError ENVELOPE_INVALID when the item is not such a column of exactly so many.
 */
export const decodeIntegers = (item: CborValue | undefined, count: number): Float64Array => {
	if (!isCborArray(item) || item.length !== 5) throw refuse();
	const [order, divisor, heads, width, planes] = item;
	if (order !== 0 && order !== 1 && order !== 2) throw refuse();
	if (!isSafe(divisor) || divisor < 1 || !isSafe(width) || width < 0 || width > 7) throw refuse();
	const headCount = Math.min(count, order === 2 ? 2 : 1);
	if (!isCborArray(heads) || heads.length !== headCount || !heads.every(isSafe)) throw refuse();
	if (!(planes instanceof Uint8Array) || planes.length !== (count - headCount) * width) throw refuse();
	const values = fromPlanes(planes, width, count - headCount);
	return undoDifferences(order, divisor, heads as readonly number[], values, count);
};

const isSafe = (value: CborValue | undefined): value is number => typeof value === "number";

const refuse = (): KerbError => new KerbError("ENVELOPE_INVALID", "columns: expected an integer column that fits its record count");

const differences = (integers: Float64Array, order: number): Differences => {
	const first = integers[0] ?? 0;
	const second = integers[1] ?? 0;
	const heads = order === 2 && integers.length > 1 ? [first, second - first] : integers.length > 0 ? [first] : [];
	const values = new Float64Array(integers.length - heads.length);
	let divisor = 0;
	for (let at = 0; at < values.length; at++) {
		const here = at + heads.length;
		const value = integers[here] ?? 0;
		const before = integers[here - 1] ?? 0;
		const difference = order === 0 ? value - first : order === 1 ? value - before : value - before - (before - (integers[here - 2] ?? 0));
		values[at] = difference;
		if (divisor !== 1 && difference !== 0) divisor = greatestDivisor(divisor, Math.abs(difference));
	}
	if (divisor === 0) divisor = 1;
	let bits = 0;
	for (let at = 0; at < values.length; at++) {
		const value = (values[at] ?? 0) / divisor;
		// Adding zero turns -0 into 0.
		values[at] = value + 0;
		bits += bitLength(value);
	}
	return { order, divisor, heads, values, bits };
};

const bitLength = (value: number): number => {
	const magnitude = Math.abs(value);
	if (magnitude < 0x8000_0000) return magnitude === 0 ? 0 : 33 - Math.clz32(magnitude);
	return 2 + Math.floor(Math.log2(magnitude));
};

const greatestDivisor = (a: number, b: number): number => {
	let large = a;
	let small = b;
	while (small !== 0) [large, small] = [small, large % small];
	return large;
};

/** Signed to unsigned: 0, -1, 1, -2, 2 become 0, 1, 2, 3, 4. */
const zigzag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1);

const toPlanes = (values: Float64Array): { width: number; planes: Uint8Array } => {
	let largest = 0;
	for (const value of values) largest = Math.max(largest, zigzag(value));
	let width = 0;
	while (largest >= 256 ** width) width += 1;
	if (largest === 0) width = 0;
	const count = values.length;
	const planes = new Uint8Array(count * width);
	for (let at = 0; at < count; at++) {
		let rest = zigzag(values[at] ?? 0);
		for (let plane = 0; plane < width; plane++) {
			planes[plane * count + at] = rest % 256;
			rest = Math.floor(rest / 256);
		}
	}
	return { width, planes };
};

const fromPlanes = (planes: Uint8Array, width: number, count: number): Float64Array => {
	const values = new Float64Array(count);
	for (let at = 0; at < count; at++) {
		let whole = 0;
		for (let plane = width - 1; plane >= 0; plane--) whole = whole * 256 + (planes[plane * count + at] ?? 0);
		values[at] = whole % 2 === 0 ? whole / 2 : -(whole + 1) / 2;
	}
	return values;
};

const undoDifferences = (order: number, divisor: number, heads: readonly number[], values: Float64Array, count: number): Float64Array => {
	const integers = new Float64Array(count);
	const first = heads[0] ?? 0;
	let step = heads[1] ?? 0;
	for (let at = 0; at < count; at++) {
		const difference = (values[at - heads.length] ?? 0) * divisor;
		const before = integers[at - 1] ?? 0;
		if (at === 0) integers[at] = first;
		else if (order === 0) integers[at] = first + difference;
		else if (order === 1) integers[at] = before + difference;
		else {
			step += difference;
			integers[at] = before + step;
		}
		if (!Number.isSafeInteger(integers[at])) throw refuse();
	}
	return integers;
};
