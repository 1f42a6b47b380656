/**
 * Rounds numeric signals to the nearest multiple of a step, halves towards plus infinity.
 *
 * The multiple is the double nearest to the exact decimal, so that steps of 0.1 give 0.3 and never 0.30000000000000004. Withheld is what
 * cannot be lowered this way: text, booleans, NaN, infinities, and numbers so large that the step comes near their own resolution.
 */
import * as v from "valibot";
import type { SignalValue } from "../../shared/reading.ts";
import { defineTreatment } from "./treatment.ts";

const maxDigits = 6;
const minInt64 = -(2n ** 63n);
const maxUint64 = 2n ** 64n - 1n;

interface Decimal {
	readonly mantissa: number;
	readonly exponent: number;
}

/** A step as `mantissa * 10^exponent`, without zeros at the mantissa's end. Read from the shortest text of the number, so 0.1 is 1e-1. */
const toDecimal = (step: number): Decimal => {
	const [digits = "", power = "0"] = step.toExponential().split("e");
	const [whole = "", fraction = ""] = digits.split(".");
	return { mantissa: Number(whole + fraction), exponent: Number(power) - fraction.length };
};

export default defineTreatment({
	type: "round-number",
	options: v.strictObject({
		type: v.literal("round-number"),
		/** In the signal's own unit. */
		stepBy: v.pipe(
			v.number(),
			v.minValue(1e-9, "expected 1e-9 to 1e15"),
			v.maxValue(1e15, "expected 1e-9 to 1e15"),
			v.check(
				(step) => !Number.isFinite(step) || toDecimal(step).mantissa < 10 ** maxDigits,
				`expected at most ${maxDigits} significant digits, such as 0.25`,
			),
		),
	}),
	appliesTo: ["signal"],
	outcome: "coarsened",
	compile({ stepBy }) {
		const step = toDecimal(stepBy);
		const whole = Number.isSafeInteger(stepBy) ? BigInt(stepBy) : undefined;
		return (reading) => {
			if (reading.kind !== "signal") return undefined;
			const value = roundValue(reading.value);
			return value === undefined ? undefined : { ...reading, value };
		};

		function roundValue(value: SignalValue): SignalValue | undefined {
			if (typeof value === "number") return roundNumber(value, stepBy, step);
			return typeof value === "bigint" && whole !== undefined ? roundBigint(value, whole) : undefined;
		}
	},
});

/**
 * The count of units and the power of ten are exact doubles, so the one operation on them gives the double nearest to the decimal; it prints
 * as that decimal as long as it has no more than 15 digits (or is a whole number that doubles hold exactly).
 */
const roundNumber = (value: number, stepBy: number, { mantissa, exponent }: Decimal): number | undefined => {
	const units = Math.round(value / stepBy) * mantissa;
	if (!(Math.abs(units) <= (exponent === 0 ? Number.MAX_SAFE_INTEGER : 1e15))) return undefined;
	// A negative zero would tell the sign of what was rounded away.
	if (units === 0) return 0;
	return exponent < 0 ? units / 10 ** -exponent : units * 10 ** exponent;
};

const roundBigint = (value: bigint, step: bigint): bigint | undefined => {
	if (value < minInt64 || value > maxUint64) return undefined;
	const raised = 2n * value + step;
	const remainder = ((raised % (2n * step)) + 2n * step) % (2n * step);
	const rounded = (raised - remainder) / 2n;
	return rounded < minInt64 || rounded > maxUint64 ? undefined : rounded;
};
