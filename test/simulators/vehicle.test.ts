import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createVehicle } from "../../simulators/vehicle.ts";

const startMs = 1_767_225_600_000;
const start = { startMs, startLatDeg: 31.5, startLonDeg: 120.5 };
const metresPerDegree = 111_320;

describe("createVehicle", () => {
	it("gives for all seeds and times the same state again, in whatever order it is asked", () => {
		fc.assert(
			fc.property(fc.integer(), fc.array(fc.integer({ min: 0, max: 3_600_000 }), { minLength: 1, maxLength: 20 }), (seed, times) => {
				const first = createVehicle({ seed, ...start });
				const second = createVehicle({ seed, ...start });
				const forwards = times.map((t) => first.at(startMs + t));
				const backwards = [...times].reverse().map((t) => second.at(startMs + t));
				expect(backwards.reverse()).toEqual(forwards);
			}),
			{ numRuns: 50 },
		);
	});

	it("drives: stands, turns both ways, brakes, and comes from place to place only by its speed", () => {
		const vehicle = createVehicle({ seed: 7, ...start });
		const seen = { stands: false, left: false, right: false, brakes: false };
		let before = vehicle.at(startMs);
		const stepMs = 100;
		for (let t = stepMs; t <= 15 * 60_000; t += stepMs) {
			const now = vehicle.at(startMs + t);
			const north = (now.latDeg - before.latDeg) * metresPerDegree;
			const east = (now.lonDeg - before.lonDeg) * metresPerDegree * Math.cos((31.5 * Math.PI) / 180);
			const mean = (now.speedMps + before.speedMps) / 2;
			expect(Math.hypot(north, east)).toBeCloseTo((mean * stepMs) / 1_000, 1);
			expect(now.tripM - before.tripM).toBeCloseTo((mean * stepMs) / 1_000, 1);
			expect(Math.abs(now.speedMps - before.speedMps)).toBeLessThan(0.4);
			if (mean > 1) {
				const course = (Math.atan2(east, north) * 180) / Math.PI;
				const off = Math.abs(((course - (now.courseDeg + before.courseDeg) / 2 + 540) % 360) - 180);
				expect(Math.min(off, 360 - off, Math.abs(off - 180))).toBeLessThan(2);
			}
			seen.stands ||= now.speedMps === 0 && now.tripM > 0;
			seen.left ||= now.yawRateDegPerS > 10 && now.leftIndicator && now.steeringDeg > 20;
			seen.right ||= now.yawRateDegPerS < -10 && now.rightIndicator && now.steeringDeg < -20;
			seen.brakes ||= now.brakePercent > 5 && now.accelMps2 < -1 && now.brakeLight;
			before = now;
		}
		expect(seen).toEqual({ stands: true, left: true, right: true, brakes: true });
	});

	it("stays near its start for hours and within what a car can do", () => {
		for (const seed of [1, 2, 3]) {
			const vehicle = createVehicle({ seed, ...start });
			for (let t = 0; t < 8 * 3_600_000; t += 37_300) {
				const now = vehicle.at(startMs + t);
				for (const value of Object.values(now).flat()) if (typeof value === "number") expect(Number.isFinite(value)).toBe(true);
				expect(Math.abs(now.latDeg - 31.5)).toBeLessThan(0.05);
				expect(Math.abs(now.lonDeg - 120.5)).toBeLessThan(0.05);
				expect(now.speedMps >= 0 && now.speedMps < 20).toBe(true);
				expect(Math.abs(now.accelMps2)).toBeLessThan(4);
				expect(Math.abs(now.steeringDeg)).toBeLessThan(500);
				expect(now.stateOfChargePercent).toBeGreaterThanOrEqual(5);
			}
		}
	});

	it("stands at its start before the drive begins and drives on past 180 degrees and near a pole", () => {
		const vehicle = createVehicle({ seed: 1, ...start });
		expect(vehicle.at(startMs - 1e9)).toMatchObject({ latDeg: 31.5, lonDeg: 120.5, speedMps: 0, gear: "park" });
		for (const [startLatDeg, startLonDeg] of [
			[0, 179.9999],
			[0, -180],
			[89.999, 0],
			[-90, 0],
		] as const) {
			const odd = createVehicle({ seed: 5, startMs, startLatDeg, startLonDeg });
			for (let t = 0; t < 600_000; t += 1_000) {
				const { latDeg, lonDeg } = odd.at(startMs + t);
				expect(Math.abs(latDeg) <= 90 && lonDeg >= -180 && lonDeg <= 180).toBe(true);
			}
		}
	});

	it("ends after a week", () => {
		const vehicle = createVehicle({ seed: 1, ...start });
		expect(() => vehicle.at(startMs + 8 * 86_400_000)).toThrowError(expect.objectContaining({ code: "USAGE" }));
		expect(() => vehicle.at(Number.NaN)).toThrowError(expect.objectContaining({ code: "USAGE" }));
	});

	it("has a VIN of 17 allowed characters that no maker has", () => {
		for (const seed of [0, 1, -5, 123_456_789_012]) expect(createVehicle({ seed, ...start }).vin).toMatch(/^KERBFAKE0[A-HJ-NPR-Z0-9]{8}$/);
	});
});
