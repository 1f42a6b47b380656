import { describe, expect, it } from "vitest";
import roundNumber from "../../agent/treat/round-number.ts";
import type { SignalValue } from "../../shared/reading.ts";
import { taggedFix, taggedSignal } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";

const round = (value: SignalValue, stepBy: number): SignalValue | undefined => {
	const after = roundNumber.compile({ type: "round-number", stepBy }, testFacilities())(taggedSignal({ value }));
	return after?.kind === "signal" ? after.value : undefined;
};

treatmentContract({
	plugin: roundNumber,
	valid: [{ stepBy: 0.1 }, { stepBy: 1e-9 }, { stepBy: 1e15 }, { stepBy: 0.25 }, { stepBy: 360 }],
	invalid: {
		"no step": {},
		"a step of zero": { stepBy: 0 },
		"a negative step": { stepBy: -1 },
		"a tiny step": { stepBy: 1e-10 },
		"an endless step": { stepBy: Number.POSITIVE_INFINITY },
		"no number": { stepBy: Number.NaN },
		text: { stepBy: "1" },
		"a step with many digits": { stepBy: 0.1234567 },
	},
	idempotent: true,
});

describe("round-number", () => {
	it.each([
		[0.3, 0.1, "0.3"],
		[0.30000000000000004, 0.1, "0.3"],
		[1.16, 0.1, "1.2"],
		[12.34, 0.25, "12.25"],
		[-12.38, 0.25, "-12.5"],
		[49.9, 20, "40"],
		[123456, 1000, "123000"],
		[1_767_225_600_123_456, 1000, "1767225600123000"],
		[1_767_225_600_123_456, 1, "1767225600123456"],
		[-0.04, 0.1, "0"],
		[2.5, 1, "3"],
		[-2.5, 1, "-2"],
		[1e15, 1e15, "1000000000000000"],
		[3.1e-9, 1e-9, "3e-9"],
	])("rounds %s to a multiple of %s", (value, stepBy, text) => {
		expect(String(round(value, stepBy))).toBe(text);
	});

	it("never gives a negative zero, which would tell a sign", () => {
		for (const value of [-0, -0.01, -0.49]) expect(Object.is(round(value, 1), 0)).toBe(true);
	});

	it("rounds bigints to whole steps and withholds them for broken ones", () => {
		expect(round(2n ** 60n + 1n, 1000)).toBe(1152921504606847000n);
		expect(round(-1499n, 1000)).toBe(-1000n);
		expect(round(-1500n, 1000)).toBe(-1000n);
		expect(round(1500n, 1000)).toBe(2000n);
		expect(round(1501n, 3)).toBe(1500n);
		expect(round(12n, 0.5)).toBeUndefined();
		expect(round(2n ** 64n - 1n, 1000)).toBeUndefined();
		expect(round(2n ** 200n, 1000)).toBeUndefined();
	});

	it("withholds what it cannot lower", () => {
		for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, 2 ** 60, "12.5", "", true, false]) {
			expect(round(value, 0.1), String(value)).toBeUndefined();
		}
		expect(roundNumber.compile({ type: "round-number", stepBy: 1 }, testFacilities())(taggedFix())).toBeUndefined();
	});
});
