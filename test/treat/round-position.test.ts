import { describe, expect, it } from "vitest";
import roundPosition from "../../agent/treat/round-position.ts";
import { taggedFix, taggedSignal } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { taggedMessage } from "../fakes/any-message.ts";
import { bsmContent } from "../fakes/bsm-content.ts";

const at = (latDeg: number, lonDeg: number, cellM: number) => {
	const after = roundPosition.compile({ type: "round-position", cellM }, testFacilities())(taggedFix({ latDeg, lonDeg }));
	return after?.kind === "fix" ? [after.latDeg, after.lonDeg] : undefined;
};

treatmentContract({
	plugin: roundPosition,
	valid: [{ cellM: 1000 }, { cellM: 10 }, { cellM: 100_000 }, { cellM: 123.4 }],
	invalid: {
		"no cell": {},
		"a cell too small": { cellM: 9.99 },
		"a cell too large": { cellM: 100_001 },
		"no number": { cellM: Number.NaN },
		endless: { cellM: Number.POSITIVE_INFINITY },
		text: { cellM: "100" },
	},
	idempotent: true,
});

describe("round-position", () => {
	it("keeps only the cell, the time, the datum and that it is a fix", () => {
		const after = roundPosition.compile({ type: "round-position", cellM: 1000 }, testFacilities())(taggedFix({ datum: "gcj02" }));
		const { accuracyM: _a, altitudeM: _b, speedMps: _c, courseDeg: _d, ...rest } = taggedFix({ datum: "gcj02" });
		expect(after).toStrictEqual({ ...rest, mode: 2, latDeg: expect.any(Number), lonDeg: expect.any(Number) });
	});

	it("gives one output for the two names of the antimeridian and for each pole", () => {
		expect(at(10, 180, 1000)).toStrictEqual(at(10, -180, 1000));
		expect(at(90, 12, 1000)).toStrictEqual([90, 0]);
		expect(at(89.9999, -170, 1000)).toStrictEqual([90, 0]);
		expect(at(-90, 33, 100_000)).toStrictEqual([-90, 0]);
	});

	it("crosses no more than one cell at the antimeridian", () => {
		const [, east = 0] = at(10, 179.9999, 1000) ?? [];
		const [, west = 0] = at(10, -179.9999, 1000) ?? [];
		expect(east).toBeGreaterThan(179.98);
		expect(west).toBeLessThan(-179.98);
	});

	it("prints few decimals and no negative zero", () => {
		for (const [cellM, decimals] of [
			[10, 6],
			[100, 5],
			[999, 5],
			[1000, 4],
			[100_000, 2],
		] as const) {
			for (const deg of at(31.2345678, 121.4567891, cellM) ?? [Number.NaN]) {
				expect(String(deg)).toMatch(new RegExp(`^-?\\d+(?:\\.\\d{1,${decimals}})?$`));
			}
			for (const deg of at(0.0000001, 0, cellM) ?? [Number.NaN]) expect(Object.is(deg, -0)).toBe(false);
		}
	});

	it("withholds what is no position on the earth", () => {
		for (const [latDeg, lonDeg] of [
			[90.0001, 0],
			[0, 180.0001],
			[Number.NaN, 0],
			[0, Number.NaN],
			[Number.POSITIVE_INFINITY, 0],
			[0, Number.NEGATIVE_INFINITY],
		] as const) {
			expect(at(latDeg, lonDeg, 1000)).toBeUndefined();
		}
		const step = roundPosition.compile({ type: "round-position", cellM: 1000 }, testFacilities());
		expect(step(taggedFix({ datum: "local" }))).toBeUndefined();
		expect(step(taggedSignal({ path: "Vehicle.CurrentLocation.Latitude" }))).toBeUndefined();
	});

	it("moves a message's own position to its cell, and takes out what leads back", () => {
		const step = roundPosition.compile({ type: "round-position", cellM: 1000 }, testFacilities());
		const [latDeg, lonDeg] = at(39.7801842, -104.9407226, 1000) ?? [];
		const after = step(taggedMessage("V2X.J2735.BSM", bsmContent()));
		expect(after).toMatchObject({
			content: {
				coreData: {
					...{ id: "4f435445", lat: Math.round((latDeg ?? 0) * 1e7), long: Math.round((lonDeg ?? 0) * 1e7), elev: -4096 },
					accuracy: { semiMajor: 255, semiMinor: 255, orientation: 65_535 },
					...{ speed: 8191, heading: 28_800, angle: 127, size: { width: 200, length: 500 } },
				},
				partII: [{ "partII-Value": { VehicleSafetyExtensions: {} } }],
			},
		});
		expect(step(taggedMessage("V2X.J2735.BSM", bsmContent(), { datum: "local" }))).toBeUndefined();
	});

	it("gives one output for all positions of a cell in a message, and none for half a position", () => {
		const step = roundPosition.compile({ type: "round-position", cellM: 1000 }, testFacilities());
		const bsm = (over: object) => step(taggedMessage("V2X.J2735.BSM", bsmContent({ ...over })));
		expect(bsm({ lat: 397_801_843 })).toStrictEqual(bsm({ lat: 397_801_842, speed: 3 }));
		expect(bsm({ lat: 900_000_001 })).toMatchObject({ content: { coreData: { lat: 900_000_001, long: 1_800_000_001 } } });
	});
});
