/** `createUnitWay`: when a unit's own fixes are believed, and where it was; `watchPlaces`: in which areas that is. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePlaces } from "../../agent/place/compile-places.ts";
import { watchPlaces } from "../../agent/place/place-watch.ts";
import { createUnitWay } from "../../agent/place/unit-way.ts";
import type { Fix } from "../../shared/reading.ts";
import { utcMs } from "../../shared/units.ts";
import { fix } from "../fakes/readings.ts";
import { inTermMs, places, polygonArea, square } from "./places.ts";

const startMs = 1_780_000_000_000;
/** A second and 20 m north for each. */
const step = (second: number, extra: Partial<Fix> = {}): Fix =>
	fix({ takenAtMs: utcMs(startMs + 1_000 * second), latDeg: 31 + 0.00018 * second, lonDeg: 121, ...extra });
const atSecond = (second: number): number => startMs + 1_000 * second;

const drive = (way: ReturnType<typeof createUnitWay>, from: number, to: number, extra: Partial<Fix> = {}): void => {
	for (let second = from; second <= to; second += 1) way.observe(step(second, extra));
};

describe("createUnitWay", () => {
	it("believes the third of three fixes that fit together, and no earlier", () => {
		const way = createUnitWay();
		expect(way.at(atSecond(0))).toBeUndefined();
		drive(way, 0, 1);
		expect(way.at(atSecond(1))).toBeUndefined();
		drive(way, 2, 2);
		expect(way.at(atSecond(2))).toStrictEqual({ latDeg: step(2).latDeg, lonDeg: 121, datum: "wgs84" });
		expect(way.at(atSecond(1))).toBeUndefined();
	});

	it("says for a moment in the past where the unit was then, and for a lost fix nothing", () => {
		const way = createUnitWay({ maxAgeMs: 3_000 });
		drive(way, 0, 60);
		expect(way.at(atSecond(30))?.latDeg).toBe(step(30).latDeg);
		expect(way.at(atSecond(30.9))?.latDeg).toBe(step(30).latDeg);
		expect(way.at(atSecond(63))?.latDeg).toBe(step(60).latDeg);
		expect(way.at(atSecond(63.001))).toBeUndefined();
		expect(way.at(atSecond(-1))).toBeUndefined();
		expect(way.at(Number.NaN)).toBeUndefined();
		// After the tunnel it has to settle again.
		drive(way, 100, 101);
		expect(way.at(atSecond(101))).toBeUndefined();
		drive(way, 102, 102);
		expect(way.at(atSecond(102))).toBeDefined();
	});

	it("is nowhere from a jump on until fixes fit together again, wherever they are", () => {
		const way = createUnitWay();
		drive(way, 0, 10);
		way.observe(step(11, { latDeg: 32 }));
		expect(way.at(atSecond(11))).toBeUndefined();
		expect(way.at(atSecond(10))).toBeDefined();
		way.observe(step(12, { latDeg: 32 }));
		expect(way.at(atSecond(12))).toBeUndefined();
		way.observe(step(13, { latDeg: 32 }));
		expect(way.at(atSecond(13))?.latDeg).toBe(32);
		// Two receivers that disagree are never believed.
		for (let second = 15; second < 60; second += 1) {
			way.observe(step(second, { latDeg: second % 2 === 0 ? 32 : 31 }));
			expect(way.at(atSecond(second))).toBeUndefined();
		}
	});

	it("does not let a stated error buy a jump of more than 200 m", () => {
		const way = createUnitWay();
		drive(way, 0, 10, { accuracyM: 1e9 });
		expect(way.at(atSecond(10))).toBeDefined();
		way.observe(step(11, { accuracyM: 1e9, latDeg: 31.01 }));
		expect(way.at(atSecond(11))).toBeUndefined();
	});

	it("starts anew when time goes back, the datum changes, or a fix is none", () => {
		for (const odd of [
			step(5),
			step(11, { datum: "cgcs2000" }),
			step(11, { datum: "local" }),
			step(11, { latDeg: Number.NaN }),
			step(11, { takenAtMs: utcMs(Number.NaN) }),
		]) {
			const way = createUnitWay();
			drive(way, 0, 10);
			way.observe(odd);
			for (const second of [5, 10, 11]) expect(way.at(atSecond(second))).toBeUndefined();
		}
	});

	it("tells listeners of believed fixes alone, once, and a renewed way has none", () => {
		const way = createUnitWay();
		const heard: number[] = [];
		way.listen(({ takenAtMs }) => heard.push(takenAtMs));
		drive(way, 0, 4);
		way.observe(step(5, { latDeg: 40 }));
		expect(heard).toStrictEqual([2, 3, 4].map(atSecond));
		const renewed = way.renew();
		drive(renewed, 6, 9, { latDeg: 40 });
		expect(heard.length).toBe(3);
		expect(renewed.at(atSecond(4))).toBeDefined();
		expect(renewed.at(atSecond(9))?.latDeg).toBe(40);
		expect(() => {
			for (let index = 0; index < 2_000; index += 1) way.listen(() => undefined);
		}).toThrow(/listeners/);
	});

	it("keeps a bounded number of fixes", () => {
		const way = createUnitWay({ keptFixes: 16, settleFixes: 1 });
		drive(way, 0, 100);
		expect(way.at(atSecond(84))).toBeUndefined();
		expect(way.at(atSecond(85))?.latDeg).toBe(step(85).latDeg);
		expect(way.at(atSecond(100))?.latDeg).toBe(step(100).latDeg);
	});

	it("never says a place that no fix of the last five seconds had, whatever comes", () => {
		const anyFix = fc.record({
			takenAtMs: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.constant(Number.NaN)).map((ms) => utcMs(startMs + ms)),
			latDeg: fc.oneof(
				fc.double({ min: -91, max: 91 }),
				fc.integer({ min: 310, max: 312 }).map((tenth) => tenth / 10),
			),
			lonDeg: fc.constantFrom(121, 121.0001, 400),
			datum: fc.constantFrom("wgs84", "wgs84", "wgs84", "gcj02", "local" as const),
			accuracyM: fc.double(),
		});
		fc.assert(
			fc.property(fc.array(anyFix, { maxLength: 60 }), fc.integer({ min: 0, max: 30_000 }), (fixes, ms) => {
				const way = createUnitWay({ settleFixes: 2, keptFixes: 8 });
				for (const each of fixes) way.observe(fix(each as Partial<Fix>));
				const where = way.at(startMs + ms);
				if (where === undefined) return;
				const fitting = fixes.filter(
					({ latDeg, lonDeg, datum, takenAtMs }) =>
						latDeg === where.latDeg &&
						lonDeg === where.lonDeg &&
						datum === where.datum &&
						takenAtMs <= startMs + ms &&
						takenAtMs >= startMs + ms - 5_000,
				);
				expect(fitting.length).toBeGreaterThan(0);
			}),
			{ numRuns: 1_000 },
		);
	});
});

describe("watchPlaces", () => {
	const index = compilePlaces(places([polygonArea("a", [square(121, 31, 0.001)]), polygonArea("b", [square(10, 50, 1)])]), {
		nowMs: () => inTermMs,
	});

	it("gives the same map until an area is entered or left, or the place is lost", () => {
		const way = createUnitWay();
		const watch = watchPlaces(index, ["a", "b", "unheard-of"], way);
		const lost = watch.states(atSecond(0));
		expect([...lost]).toStrictEqual([]);
		drive(way, 0, 4);
		const inside = watch.states(atSecond(4));
		expect([...inside]).toStrictEqual([
			["a", true],
			["b", false],
		]);
		drive(way, 5, 5);
		expect(watch.states(atSecond(5))).toBe(inside);
		drive(way, 6, 7);
		expect([...watch.states(atSecond(7))]).toStrictEqual([
			["a", false],
			["b", false],
		]);
		expect([...watch.states(atSecond(60))]).toStrictEqual([]);
		expect(watch.states(atSecond(61))).toBe(watch.states(atSecond(60)));
	});

	it("knows nothing of a position in another datum", () => {
		const way = createUnitWay();
		drive(way, 0, 4, { datum: "gcj02" });
		expect([...watchPlaces(index, ["a"], way).states(atSecond(4))]).toStrictEqual([]);
	});
});
