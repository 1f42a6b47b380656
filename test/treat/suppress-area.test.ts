/** `suppress-area` (regulations S-13, T-13): enter and exit, buffer, stale list, lost fix, jump, messages, and no word of where. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePlaces } from "../../agent/place/compile-places.ts";
import { metresPerLatDeg, metresPerLonDeg } from "../../agent/place/metres.ts";
import { createUnitWay } from "../../agent/place/unit-way.ts";
import suppressArea from "../../agent/treat/suppress-area.ts";
import type { PlaceIndex } from "../../shared/place-index.ts";
import type { Area } from "../../shared/places.ts";
import type { Tagged } from "../../shared/tag.ts";
import { utcMs } from "../../shared/units.ts";
import { anyPosition, someTimeMs, taggedFix, taggedSignal } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { taggedMessage } from "../fakes/any-message.ts";
import { bsmContent } from "../fakes/bsm-content.ts";
import { corridorArea, inTermMs, notAfterMs, places, polygonArea, square } from "../place/places.ts";

treatmentContract({
	plugin: suppressArea,
	valid: [
		{ kinds: ["sensitive"], keep: "outside" },
		{ areas: ["depot"], keep: "inside" },
		{ areas: ["a"], kinds: ["allowed", "named"], keep: "outside", randomExtraM: 0 },
		{ kinds: ["sensitive"], keep: "outside", randomExtraM: 5_000 },
	],
	invalid: {
		"no areas": { keep: "outside" },
		"an empty list": { areas: [], keep: "outside" },
		"an unheard kind": { kinds: ["secret"], keep: "outside" },
		"no side": { kinds: ["sensitive"] },
		"too far": { kinds: ["sensitive"], keep: "outside", randomExtraM: 5_001 },
		"no number": { kinds: ["sensitive"], keep: "outside", randomExtraM: Number.NaN },
		"a random border around what is kept": { kinds: ["allowed"], keep: "inside", randomExtraM: 100 },
	},
	idempotent: true,
});

const [lonDeg, latDeg] = [121.5, 31.2];
const areas: readonly Area[] = [
	polygonArea("barracks", [square(lonDeg, latDeg, 0.01)], { bufferM: 500 }),
	corridorArea(
		"road",
		[
			[
				[lonDeg - 1, latDeg],
				[lonDeg + 1, latDeg],
			],
		],
		40,
	),
];
const indexAt = (nowMs: number): PlaceIndex => compilePlaces(places(areas), { nowMs: () => nowMs });
const index = indexAt(inTermMs);

type Options = Parameters<typeof suppressArea.compile>[0];
const hide: Options = { type: "suppress-area", kinds: ["sensitive"], keep: "outside", randomExtraM: 0 };
const keepRoad: Options = { type: "suppress-area", areas: ["road"], keep: "inside" };
const stepOf = (options: Options, over: Parameters<typeof testFacilities>[1] = {}) =>
	suppressArea.compile(options, testFacilities("p", { places: index, ...over }));

const at = (northM: number, eastM = 0) => ({
	latDeg: latDeg + northM / metresPerLatDeg(latDeg),
	lonDeg: lonDeg + eastM / metresPerLonDeg(latDeg),
});
/** From the middle of the barracks to their wall. */
const wallM = 0.01 * metresPerLatDeg(latDeg);

describe("suppress-area", () => {
	it("withholds fixes inside, on the wall and in the buffer, and lets others through as they are", () => {
		const step = stepOf(hide);
		for (const northM of [0, wallM - 1, wallM, wallM + 499]) expect(step(taggedFix(at(northM)))).toBeUndefined();
		const outside = taggedFix(at(wallM + 501));
		expect(step(outside)).toBe(outside);
	});

	it("lets through only what is in the areas when it is told to keep those", () => {
		const step = stepOf(keepRoad);
		const onRoad = taggedFix(at(19, 50_000));
		expect(step(onRoad)).toBe(onRoad);
		expect(step(taggedFix(at(21, 50_000)))).toBeUndefined();
		expect(suppressArea.kindsOf?.(keepRoad)).not.toContain("flow");
	});

	it("withholds everything that depends on a place without a list, after its term, and in another datum", () => {
		const fix = taggedFix(at(50_000));
		const stale = [{ places: undefined }, { places: indexAt(notAfterMs) }];
		for (const options of [hide, { ...hide, randomExtraM: 500 }, keepRoad]) {
			for (const over of stale) expect(stepOf(options, over)(fix)).toBeUndefined();
			for (const datum of ["gcj02", "bd09", "cgcs2000", "local", "unknown"] as const)
				expect(stepOf(options)(taggedFix({ ...at(50_000), datum }))).toBeUndefined();
			expect(stepOf(options)(taggedFix({ latDeg: Number.NaN }))).toBeUndefined();
		}
	});

	it("refuses areas that the law does not name, and says which without saying where any is", () => {
		for (const options of [{ ...hide, areas: ["elsewhere"] }, { ...hide, kinds: ["named"] } satisfies Options]) {
			const error = (() => {
				try {
					return stepOf(options);
				} catch (thrown) {
					return thrown;
				}
			})();
			expect(error).toMatchObject({ code: "TREATMENT_INVALID" });
			expect(JSON.stringify(error) + String(error)).not.toMatch(/121|31\./);
		}
	});

	it("takes motion signals and exterior sensing with the position, and leaves others", () => {
		const way = createUnitWay();
		const step = stepOf(hide, { way });
		const speed = (second: number) => step(taggedSignal({ takenAtMs: utcMs(someTimeMs + 1_000 * second) }));
		// In at 30 m/s from 2 km north, through the middle, and out.
		const heard: boolean[] = [];
		for (let second = 0; second < 200; second += 1) {
			way.observe(taggedFix({ ...at(2_500 - 30 * second), takenAtMs: utcMs(someTimeMs + 1_000 * second) }));
			heard.push(speed(second) !== undefined);
		}
		const [entersS, leavesS] = [(2_500 - wallM - 500) / 30, (2_500 + wallM + 500) / 30];
		for (const [second, isHeard] of heard.entries()) {
			const expected = second >= 2 && (second < entersS || second > leavesS);
			expect([second, isHeard]).toStrictEqual([second, expected]);
		}
		// Inside still: what says nothing of place passes, what looks outside does not.
		const inside = { takenAtMs: utcMs(someTimeMs + 1_000 * 80) };
		const door = taggedSignal({ ...inside, path: "Vehicle.Cabin.Door.Row1.DriverSide.IsOpen" });
		expect(step(door)).toBe(door);
		const rain = taggedSignal({ ...inside, path: "Vehicle.Exterior.AirTemperature" });
		expect(step({ ...rain, tag: { ...rain.tag, zone: "exterior" } })).toBeUndefined();
		for (const path of ["Vehicle.TraveledDistance", "Vehicle.AngularVelocity.Yaw", "Vehicle.CurrentLocation.Latitude", "Acme.Odo"])
			expect(step(taggedSignal({ ...inside, path }))).toBeUndefined();
		// The fix is lost.
		expect(speed(190)).toBeDefined();
		expect(speed(206)).toBeUndefined();
		expect(stepOf(hide)(taggedSignal())).toBeUndefined();
	});

	it("believes no fix that jumped, nor a signal that goes by it", () => {
		const way = createUnitWay();
		const step = stepOf(hide, { way });
		const pass = (second: number, northM: number): boolean => {
			const fix = taggedFix({ ...at(northM), takenAtMs: utcMs(someTimeMs + 1_000 * second) });
			way.observe(fix);
			const signal = step(taggedSignal({ takenAtMs: fix.takenAtMs }));
			expect(signal !== undefined).toBe(step(fix) !== undefined);
			return signal !== undefined;
		};
		// Parked inside; a spoofer moves it 20 km in one second, and has to keep that up for three.
		for (let second = 0; second < 5; second += 1) expect(pass(second, 0)).toBe(false);
		expect([pass(5, 20_000), pass(6, 20_000), pass(7, 20_000)]).toStrictEqual([false, false, true]);
	});

	it("withholds a message by its sender's own position, known or not, whoever sent the one before", () => {
		const step = stepOf(hide);
		const bsm = (northM: number, over = {}) => {
			const { latDeg: lat, lonDeg: lon } = at(northM);
			return taggedMessage("V2X.J2735.BSM", bsmContent({ lat: Math.round(lat * 1e7), long: Math.round(lon * 1e7), ...over }, []));
		};
		const far = bsm(9_000);
		expect(step(far)).toBe(far);
		expect(step(bsm(0))).toBeUndefined();
		expect(step(bsm(wallM + 499))).toBeUndefined();
		expect(step(far)).toBe(far);
		expect(step(bsm(9_000, { lat: 900_000_001, long: 1_800_000_001 }))).toBeUndefined();
		expect(step({ ...far, datum: "gcj02" })).toBeUndefined();
		expect(step({ ...far, path: "V2X.NOBODY.KNOWS" })).toBeUndefined();
		const { places: _places, ...without } = testFacilities();
		expect(suppressArea.compile(hide, { ...without, places: undefined })(far)).toBeUndefined();
	});

	it("erases a path that has been inside, with the motion that leads back to it, and leaves the message", () => {
		const { latDeg: lat, lonDeg: lon } = at(wallM + 1_000);
		const withPath = taggedMessage("V2X.J2735.BSM", bsmContent({ lat: Math.round(lat * 1e7), long: Math.round(lon * 1e7) }));
		// Crumbs lie up to 500 m north of it: the far ones are clear, those of a message further south are not.
		expect(JSON.stringify(stepOf(hide)(withPath))).toMatch(/latOffset/);
		const south = at(-(wallM + 800));
		const over = { lat: Math.round(south.latDeg * 1e7), long: Math.round(south.lonDeg * 1e7) };
		const lowered = stepOf(hide)(taggedMessage("V2X.J2735.BSM", bsmContent(over)));
		expect(lowered).toMatchObject({ kind: "message", content: { coreData: { lat: over.lat, speed: 8_191 } } });
		expect(JSON.stringify(lowered)).not.toMatch(/Offset/);
	});

	it("withholds a count whose cell touches an area", () => {
		const step = stepOf(hide);
		const { path: _path, value: _value, kind: _kind, ...sensed } = taggedSignal();
		const flow = (northM: number): Tagged => ({
			...{ ...sensed, kind: "flow", ...at(northM), datum: "wgs84", cellM: 1_000, windowMs: 900_000, subjects: 12 },
		});
		expect(step(flow(wallM + 500 + 740))).toBeUndefined();
		expect(step(flow(wallM + 500 + 760))).toBeDefined();
		expect(stepOf(keepRoad)(flow(0))).toBeUndefined();
	});

	it("never lets out a position in an area or its buffer, wherever that is", () => {
		const random = stepOf({ ...hide, randomExtraM: 700 });
		const exact = index.test({ kinds: ["sensitive"] });
		const near = fc.tuple(fc.integer({ min: -4_000, max: 4_000 }), fc.integer({ min: -4_000, max: 4_000 })).map(([n, e]) => at(n, e));
		fc.assert(
			fc.property(fc.oneof(near, anyPosition), (position) => {
				const inside = exact?.at(position.latDeg, position.lonDeg, "wgs84");
				const after = random(taggedFix(position));
				if (inside !== "outside") expect(after).toBeUndefined();
				// And never hides further away than it may.
				else if (exact?.at(position.latDeg, position.lonDeg, "wgs84", 701) === "outside") expect(after).toBeDefined();
			}),
			{ numRuns: 3_000 },
		);
	});
});
