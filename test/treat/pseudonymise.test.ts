import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import pseudonymise from "../../agent/treat/pseudonymise.ts";
import { treat } from "../../agent/treat/treat.ts";
import type { SignalValue } from "../../shared/reading.ts";
import { utcMs } from "../../shared/units.ts";
import { someTimeMs, taggedFix, taggedSignal } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";

const dayMs = 86_400_000;
const pseudonym = (
	value: SignalValue,
	{ rotateDays = 7, purpose = "fleet-analysis", takenAtMs = someTimeMs, path = "Vehicle.VehicleIdentification.VIN" } = {},
): SignalValue | undefined => {
	const step = pseudonymise.compile({ type: "pseudonymise", rotateDays }, testFacilities(purpose));
	const after = step(taggedSignal({ path, value, takenAtMs: utcMs(takenAtMs) }));
	return after?.kind === "signal" ? after.value : undefined;
};

treatmentContract({
	plugin: pseudonymise,
	valid: [{ rotateDays: 7 }, { rotateDays: 1 }, { rotateDays: 365 }],
	invalid: {
		"no rotation": {},
		"never rotating": { rotateDays: 0 },
		"longer than a year": { rotateDays: 366 },
		"not whole": { rotateDays: 1.5 },
		endless: { rotateDays: Number.POSITIVE_INFINITY },
		text: { rotateDays: "7" },
	},
	idempotent: false,
});

describe("pseudonymise", () => {
	it("is HMAC-SHA-256 under the key of purpose and epoch, cut to 128 bits", () => {
		const { pseudonymKey } = testFacilities();
		const epoch = Math.floor(someTimeMs / (7 * dayMs));
		const expected = createHmac("sha256", pseudonymKey("fleet-analysis", epoch)).update("kerbstone pseudonym 1 7\nvalue 1").digest("hex");
		expect(pseudonym("value 1")).toBe(expected.slice(0, 32));
	});

	it("is equal for equal values in one purpose and epoch, whatever the path", () => {
		const start = Math.ceil(someTimeMs / (7 * dayMs)) * 7 * dayMs;
		const first = pseudonym("a", { takenAtMs: start });
		expect(pseudonym("a", { takenAtMs: start + 7 * dayMs - 1, path: "Vehicle.Other" })).toBe(first);
		expect(pseudonym("b", { takenAtMs: start })).not.toBe(first);
	});

	it("differs between epochs, purposes and rotations", () => {
		const all = [
			pseudonym("a"),
			pseudonym("a", { takenAtMs: someTimeMs + 7 * dayMs }),
			pseudonym("a", { takenAtMs: someTimeMs - 7 * dayMs }),
			pseudonym("a", { purpose: "quality" }),
			pseudonym("a", { rotateDays: 8 }),
			pseudonym("a", { takenAtMs: 0, rotateDays: 7 }),
			pseudonym("a", { takenAtMs: 0, rotateDays: 8 }),
		];
		expect(new Set(all).size).toBe(all.length);
	});

	it("takes numbers by their decimal text", () => {
		expect(pseudonym(12)).toBe(pseudonym("12"));
		expect(pseudonym(2n ** 60n)).toBe(pseudonym("1152921504606846976"));
		expect(pseudonym(-0)).toBe(pseudonym("0"));
	});

	it("withholds booleans, what is no number, and readings without a time", () => {
		for (const value of [true, false, Number.NaN, Number.POSITIVE_INFINITY]) expect(pseudonym(value)).toBeUndefined();
		expect(pseudonym("a", { takenAtMs: Number.NaN })).toBeUndefined();
		expect(pseudonymise.compile({ type: "pseudonymise", rotateDays: 7 }, testFacilities())(taggedFix())).toBeUndefined();
	});

	it("asks for each key once while the epochs stay near, and keeps a copy of it", () => {
		const asked: number[] = [];
		const lent = new Uint8Array(32).fill(1);
		const step = pseudonymise.compile(
			{ type: "pseudonymise", rotateDays: 1 },
			testFacilities("p", {
				pseudonymKey: (_purpose, epoch) => {
					asked.push(epoch);
					return lent;
				},
			}),
		);
		const first = step(taggedSignal({ value: "a" }));
		lent.fill(0);
		expect(step(taggedSignal({ value: "a" }))).toStrictEqual(first);
		for (let at = 0; at < 100; at += 1) step(taggedSignal({ value: "a", takenAtMs: utcMs(someTimeMs + (at % 3) * dayMs) }));
		expect(asked).toHaveLength(3);
	});

	it("fails, and lets nothing pass, under a key of another length or none", () => {
		for (const pseudonymKey of [
			() => new Uint8Array(16),
			() => {
				throw new Error("no key");
			},
		]) {
			const step = pseudonymise.compile({ type: "pseudonymise", rotateDays: 7 }, testFacilities("p", { pseudonymKey }));
			expect(treat(taggedSignal({ value: "a" }), [step])).toBe("failed");
		}
	});
});
