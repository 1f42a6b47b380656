/**
 * Doubles as a column, exact to the last bit (-0, NaN and infinities included).
 *
 * Almost all sensed numbers are a decimal integer times a power of ten, or were computed from one with a rounding error of a few units in the
 * last place (factor times raw plus offset). So a column is, as CBOR, one of
 * - [0, planes]: the doubles themselves, all lowest bytes first;
 * - [1, exponent, way, integers, ulps or null, exceptions or null]: integer / 10^exponent (way 0) or integer * 10^-exponent (way 1), moved by
 *   so many units in the last place; exceptions replace what does not fit;
 * - [2, table size, table, integers]: indexes into a sorted table of the values that occur.
 */
import { type CborValue, isCborArray } from "./cbor-value.ts";
import { decodeIntegers, encodeIntegers, largestColumnInteger } from "./columns-integers.ts";
import { KerbError } from "./errors.ts";

interface Candidate {
	readonly cbor: CborValue;
	readonly cost: number;
}

const maxExponent = 12;
const powers = Array.from({ length: maxExponent + 1 }, (_, exponent) => Number(`1e${exponent}`));
const inversePowers = Array.from({ length: maxExponent + 1 }, (_, exponent) => Number(`1e-${exponent}`));
/** Index and value. */
const exceptionBytes = 12;

/** The column of `numbers`. */
export const encodeNumbers = (numbers: Float64Array): CborValue => {
	// One number has no neighbours; what a better form would cost in time and in items is not worth it.
	if (numbers.length < 2) return encodeRaw(numbers);
	const scaled = encodeScaled(numbers);
	// A table is looked for only where it can win: its indexes alone cost about this much.
	const table = scaled === undefined || scaled.cost > numbers.length ? encodeTable(numbers) : undefined;
	const best = table === undefined || (scaled !== undefined && scaled.cost <= table.cost) ? scaled : table;
	return best !== undefined && best.cost < numbers.length * 8 + 24 ? best.cbor : encodeRaw(numbers);
};

/**
 * Decodes `count` doubles.
 *
 * @throws KerbError ENVELOPE_INVALID when the item is not such a column of exactly so many.
 */
export const decodeNumbers = (item: CborValue | undefined, count: number, mayHaveTable = true): Float64Array => {
	if (!isCborArray(item)) throw refuse();
	if (item[0] === 0 && item.length === 2) return decodeRaw(item[1], count);
	if (item[0] === 1 && item.length === 6) return decodeScaled(item, count);
	if (item[0] === 2 && item.length === 4 && mayHaveTable) return decodeTable(item, count);
	throw refuse();
};

const refuse = (): KerbError => new KerbError("ENVELOPE_INVALID", "columns: expected a number column that fits its record count");

const encodeRaw = (numbers: Float64Array): CborValue => {
	const count = numbers.length;
	const view = new DataView(new ArrayBuffer(8));
	const planes = new Uint8Array(count * 8);
	for (let at = 0; at < count; at++) {
		view.setFloat64(0, numbers[at] ?? 0, true);
		for (let plane = 0; plane < 8; plane++) planes[plane * count + at] = view.getUint8(plane);
	}
	return [0, planes];
};

const decodeRaw = (planes: CborValue | undefined, count: number): Float64Array => {
	if (!(planes instanceof Uint8Array) || planes.length !== count * 8) throw refuse();
	const view = new DataView(new ArrayBuffer(8));
	const numbers = new Float64Array(count);
	for (let at = 0; at < count; at++) {
		for (let plane = 0; plane < 8; plane++) view.setUint8(plane, planes[plane * count + at] ?? 0);
		numbers[at] = view.getFloat64(0, true);
	}
	return numbers;
};

const encodeScaled = (numbers: Float64Array): Candidate | undefined => {
	const count = numbers.length;
	const most = Math.floor(count / 8) + 1;
	for (let exponent = 0; exponent <= maxExponent; exponent++) {
		for (const way of [0, 1]) {
			if (way === 1 && exponent === 0) continue;
			const fitted = isExact(numbers, exponent, way) ? fitScale(numbers, exponent, way, 0, 0) : undefined;
			if (fitted !== undefined) return scaledCandidate(numbers, exponent, way, fitted);
		}
	}
	let best: Candidate | undefined;
	for (let exponent = 0; exponent <= maxExponent; exponent++) {
		const fitted = fitScale(numbers, exponent, 0, most, 127);
		if (fitted === undefined) continue;
		const candidate = scaledCandidate(numbers, exponent, 0, fitted);
		if (best === undefined || candidate.cost < best.cost) best = candidate;
		if (fitted.exceptions.length === 0) break;
	}
	return best;
};

/** The cheap test that most exponents fail at the first number. */
const isExact = (numbers: Float64Array, exponent: number, way: number): boolean =>
	numbers.every((value) => Object.is(unscale(Math.round(value * (powers[exponent] ?? 1)) + 0, exponent, way), value));

interface Fit {
	readonly integers: Float64Array;
	readonly ulps: Int8Array;
	readonly moved: number;
	readonly exceptions: readonly number[];
}

/** The integers behind the numbers; undefined when more than `mostExceptions` of them are not within `mostUlps` of one. */
const fitScale = (numbers: Float64Array, exponent: number, way: number, mostExceptions: number, mostUlps: number): Fit | undefined => {
	const count = numbers.length;
	const integers = new Float64Array(count);
	const ulps = new Int8Array(count);
	const exceptions: number[] = [];
	let moved = 0;
	for (let at = 0; at < count; at++) {
		const value = numbers[at] ?? 0;
		const integer = Math.round(value * (powers[exponent] ?? 1)) + 0;
		const distance = Math.abs(integer) <= largestColumnInteger ? ulpDistance(unscale(integer, exponent, way), value) : undefined;
		if (distance !== undefined && Math.abs(distance) <= mostUlps) {
			integers[at] = integer;
			ulps[at] = distance;
			if (distance !== 0) moved += 1;
		} else {
			exceptions.push(at);
			if (exceptions.length > mostExceptions) return undefined;
			integers[at] = integers[at - 1] ?? 0;
		}
	}
	return { integers, ulps, moved, exceptions };
};

const scaledCandidate = (numbers: Float64Array, exponent: number, way: number, fitted: Fit): Candidate => {
	const integers = encodeIntegers(fitted.integers);
	const ulps = fitted.moved === 0 ? null : new Uint8Array(fitted.ulps.buffer);
	const exceptions = fitted.exceptions.length === 0 ? null : packExceptions(numbers, fitted.exceptions);
	const cost = integers.cost + (ulps === null ? 0 : fitted.moved * 0.25 + numbers.length / 8) + fitted.exceptions.length * exceptionBytes;
	return { cbor: [1, exponent, way, integers.cbor, ulps, exceptions], cost };
};

const packExceptions = (numbers: Float64Array, indexes: readonly number[]): Uint8Array => {
	const bytes = new Uint8Array(indexes.length * exceptionBytes);
	const view = new DataView(bytes.buffer);
	for (const [at, index] of indexes.entries()) {
		view.setUint32(at * exceptionBytes, index, true);
		view.setFloat64(at * exceptionBytes + 4, numbers[index] ?? 0, true);
	}
	return bytes;
};

const decodeScaled = (item: readonly CborValue[], count: number): Float64Array => {
	const [, exponent, way, integerItem, ulps, exceptions] = item;
	if (typeof exponent !== "number" || exponent < 0 || exponent > maxExponent || (way !== 0 && way !== 1)) throw refuse();
	if (ulps !== null && !(ulps instanceof Uint8Array && ulps.length === count)) throw refuse();
	const numbers = decodeIntegers(integerItem, count);
	for (let at = 0; at < count; at++) {
		const value = unscale(numbers[at] ?? 0, exponent, way);
		const ulp = ulps === null ? 0 : ((ulps[at] ?? 0) << 24) >> 24;
		numbers[at] = ulp === 0 ? value : moveUlps(value, ulp);
	}
	if (exceptions !== null) unpackExceptions(exceptions, numbers);
	return numbers;
};

const unpackExceptions = (bytes: CborValue | undefined, numbers: Float64Array): void => {
	if (!(bytes instanceof Uint8Array) || bytes.length % exceptionBytes !== 0) throw refuse();
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	for (let at = 0; at < bytes.length; at += exceptionBytes) {
		const index = view.getUint32(at, true);
		if (index >= numbers.length) throw refuse();
		numbers[index] = view.getFloat64(at + 4, true);
	}
};

const unscale = (integer: number, exponent: number, way: number): number =>
	way === 0 ? integer / (powers[exponent] ?? 1) : integer * (inversePowers[exponent] ?? 1);

const pair = new DataView(new ArrayBuffer(8));

/** Doubles in their order as integers, so that neighbours differ by one and -0 comes just before 0. */
const ordinal = (value: number): bigint => {
	pair.setFloat64(0, value);
	const bits = pair.getBigInt64(0);
	return bits >= 0n ? bits : -1n - (bits & 0x7fff_ffff_ffff_ffffn);
};

/** How many doubles lie between; undefined when it is more than 127, or one of them is no finite number. */
const ulpDistance = (from: number, to: number): number | undefined => {
	if (Object.is(from, to)) return 0;
	// The cheap test first: 127 units in the last place are less than 2^-45 of the value.
	if (!(Math.abs(to - from) <= Math.abs(to) * 2 ** -45) || !Number.isFinite(to)) return undefined;
	const distance = ordinal(to) - ordinal(from);
	return distance >= -127n && distance <= 127n ? Number(distance) : undefined;
};

const moveUlps = (value: number, ulps: number): number => {
	const moved = ordinal(value) + BigInt(ulps);
	pair.setBigInt64(0, moved >= 0n ? moved : (-1n - moved) | -0x8000_0000_0000_0000n);
	return pair.getFloat64(0);
};

/** A table pays when values repeat, such as those that a treatment rounded to a step that is no decimal. */
const encodeTable = (numbers: Float64Array): Candidate | undefined => {
	const most = Math.floor(numbers.length / 4);
	const indexes = new Map<string | number, number>();
	for (const value of numbers) {
		const key = Object.is(value, -0) ? "-0" : value;
		if (!indexes.has(key)) indexes.set(key, 0);
		if (indexes.size > most) return undefined;
	}
	const table = Float64Array.from(indexes.keys(), Number).sort();
	for (const [at, value] of table.entries()) indexes.set(Object.is(value, -0) ? "-0" : value, at);
	const column = encodeIntegers(Float64Array.from(numbers, (value) => indexes.get(Object.is(value, -0) ? "-0" : value) ?? 0));
	const scaled = encodeScaled(table);
	const raw = { cbor: encodeRaw(table), cost: table.length * 8 };
	const chosen = scaled !== undefined && scaled.cost < raw.cost ? scaled : raw;
	return { cbor: [2, table.length, chosen.cbor, column.cbor], cost: chosen.cost + column.cost + 8 };
};

const decodeTable = (item: readonly CborValue[], count: number): Float64Array => {
	const [, size, tableItem, integerItem] = item;
	if (typeof size !== "number" || size < 1 || size > count) throw refuse();
	const table = decodeNumbers(tableItem, size, false);
	const numbers = decodeIntegers(integerItem, count);
	for (let at = 0; at < count; at++) {
		const value = table[numbers[at] ?? 0];
		if (value === undefined) throw refuse();
		numbers[at] = value;
	}
	return numbers;
};
