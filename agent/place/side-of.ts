/**
 * On which side of an edge a position lies, without rounding errors: doubles where their error bound allows, whole numbers in the rest.
 */

/** Shewchuk, "Adaptive precision floating-point arithmetic" (1997), bound A for orient2d: below it a rounded determinant has the right sign. */
const errorBound = (3 + 16 * 2 ** -53) * 2 ** -53;
/** Products below it may have lost bits that the bound does not know of. */
const underflow = 1e-290;

/** Positive: left of the edge from (x1, y1) to (x2, y2); negative: right of it; zero: on the line through it. All finite. */
export const sideOf = (x1: number, y1: number, x2: number, y2: number, x: number, y: number): number => {
	const a = (x1 - x) * (y2 - y);
	const b = (y1 - y) * (x2 - x);
	const det = a - b;
	return Math.abs(det) > errorBound * (Math.abs(a) + Math.abs(b)) + underflow ? det : exactSide(x1, y1, x2, y2, x, y);
};

const exactSide = (...values: readonly [number, number, number, number, number, number]): number => {
	const parts = values.map(split);
	const least = Math.min(...parts.map(({ exponent }) => exponent));
	const [x1, y1, x2, y2, x, y] = parts.map(({ mantissa, exponent }) => mantissa << BigInt(exponent - least)) as [
		bigint,
		bigint,
		bigint,
		bigint,
		bigint,
		bigint,
	];
	const det = (x1 - x) * (y2 - y) - (y1 - y) * (x2 - x);
	return det > 0n ? 1 : det < 0n ? -1 : 0;
};

const view = new DataView(new ArrayBuffer(8));

/** A double as `mantissa * 2^exponent` (IEEE 754). */
const split = (value: number): { readonly mantissa: bigint; readonly exponent: number } => {
	if (value === 0) return { mantissa: 0n, exponent: 0 };
	view.setFloat64(0, value);
	const bits = view.getBigUint64(0);
	const raw = Number((bits >> 52n) & 0x7ffn);
	const fraction = bits & 0xf_ffff_ffff_ffffn;
	const mantissa = raw === 0 ? fraction : fraction | 0x10_0000_0000_0000n;
	return { mantissa: value < 0 ? -mantissa : mantissa, exponent: Math.max(raw, 1) - 1_075 };
};
