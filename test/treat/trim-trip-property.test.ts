import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tripMeasures } from "../../agent/treat/trip-measures.ts";
import type { Fix, Signal } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { seededRandom } from "../../simulators/seeded-random.ts";
import { anyFix, anySignal } from "../contract/tagged-readings.ts";
import { apartM, fromEarth, type Point, simulateTrip, somewhere, type TripPlan, type Waypoint } from "../fakes/trips.ts";
import { openWay, runTrip, someOptions, stepOn } from "./trip-run.ts";

const measures = tripMeasures(someOptions.radiusM, 36);
/** Of the receiver; the radius holds for what it says. */
const noiseM = 2;

const anyPlan = fc.record({
	seed: fc.integer({ min: 1, max: 1e9 }),
	stops: fc.integer({ min: 0, max: 4 }),
	fixEveryMs: fc.constantFrom(500, 1_000, 2_000),
});

const planOf = ({ seed, stops, fixEveryMs }: { seed: number; stops: number; fixEveryMs: number }): TripPlan => {
	const random = seededRandom(seed);
	const between = Array.from({ length: stops }, (): Waypoint => {
		const kind = random();
		const at = somewhere(random, 1_500);
		return kind < 0.4 ? { ...at, turnsBack: true } : { ...at, dwellMs: kind < 0.5 ? 60_000 : 130_000 + random() * 600_000 };
	});
	return { seed, fixEveryMs, signalEveryMs: 1_000, noiseM, waypoints: [somewhere(random, 1_500), ...between, somewhere(random, 1_500)] };
};

const isFix = (reading: Tagged<Fix | Signal>): reading is Tagged<Fix> => reading.kind === "fix";

/** Whether the way was left behind between two times: it was farther away than the treatment asks for. */
const wasLeft = (way: readonly Tagged<Fix>[], from: Tagged<Fix>, untilMs: number): boolean => {
	const at: Point = fromEarth(from);
	return way.some(
		(fix) => fix.takenAtMs > from.takenAtMs && fix.takenAtMs <= untilMs && apartM(fromEarth(fix), at) > measures.discM * 0.99,
	);
};

describe("trim-trip on any trip", () => {
	it("lets no fix within the radius of a start, end, stop or turnaround go, unless it was passed and left behind before it was one", () => {
		fc.assert(
			fc.property(anyPlan, (any) => {
				const trip = simulateTrip(planOf(any));
				const way = trip.readings.filter(isFix);
				const run = runTrip(trip.readings, {}, any.seed);
				const stops = trip.places.filter(({ kind, fromMs, untilMs }) => kind !== "stop" || untilMs - fromMs >= someOptions.stopMs);
				for (const { reading } of run.fixes) {
					for (const place of stops) {
						if (apartM(fromEarth(reading), place) >= measures.radiusM - 2 * noiseM) continue;
						expect(reading.takenAtMs).toBeLessThan(place.fromMs);
						expect(wasLeft(way, reading, place.fromMs)).toBe(true);
					}
				}
			}),
			{ numRuns: 60 },
		);
	});

	it("reveals no end wherever the stream is cut: what has left by then was left behind", () => {
		fc.assert(
			fc.property(anyPlan, (any) => {
				const trip = simulateTrip(planOf(any));
				const way = trip.readings.filter(isFix);
				for (const { reading, atMs } of runTrip(trip.readings, { releaseEveryMs: 1_000 }, any.seed).fixes) {
					expect(wasLeft(way, reading, atMs)).toBe(true);
				}
			}),
			{ numRuns: 20 },
		);
	});

	it("lets each fix go once, in order, as it was, with exactly the motion between fixes that go", () => {
		fc.assert(
			fc.property(anyPlan, (any) => {
				const trip = simulateTrip(planOf(any));
				const { fixes, signals } = runTrip(trip.readings, {}, any.seed);
				const order = new Map(trip.readings.map((reading, at) => [reading as Tagged, at]));
				for (const list of [fixes, signals.filter(({ reading }) => reading.path === "Vehicle.Speed")]) {
					const places = list.map(({ reading }) => order.get(reading) ?? -1);
					expect(places).toStrictEqual([...new Set(places)].sort((a, b) => a - b));
					expect(places).not.toContain(-1);
				}
				const way = trip.readings.filter(isFix);
				const gone = new Set(fixes.map(({ reading }) => reading.takenAtMs));
				for (const { reading } of signals.filter(({ reading }) => reading.path !== "Vehicle.Exterior.AirTemperature")) {
					const next = way.findIndex(({ takenAtMs }) => takenAtMs > reading.takenAtMs);
					expect(gone.has(way[next - 1]?.takenAtMs ?? utcMs(0)) && gone.has(way[next]?.takenAtMs ?? utcMs(0))).toBe(true);
				}
			}),
			{ numRuns: 20 },
		);
	});

	it("holds no more than it may, whatever comes", () => {
		fc.assert(
			fc.property(anyPlan, fc.integer({ min: 100, max: 400 }), (any, maxHeld) => {
				expect(runTrip(simulateTrip(planOf(any)).readings, { maxHeld, releaseEveryMs: 1_000 }, any.seed).mostHeld).toBeLessThanOrEqual(
					maxHeld,
				);
			}),
			{ numRuns: 20 },
		);
	});

	it("does the same again", () => {
		const trip = simulateTrip(planOf({ seed: 11, stops: 3, fixEveryMs: 1_000 }));
		expect(runTrip(trip.readings, {}, 4)).toStrictEqual(runTrip(trip.readings, {}, 4));
	});
});

describe("trim-trip on anything", () => {
	it("neither throws nor gives back what it did not take, nor anything twice", () => {
		const hostile = fc.array(
			fc.oneof(
				anyFix,
				anySignal,
				fc.tuple(fc.nat(300), fc.nat(5_000)).map(([at, off]) => near(at, off)),
			),
			{ maxLength: 300 },
		);
		fc.assert(
			fc.property(hostile, fc.integer({ min: 0, max: 2 ** 40 }), (readings, dueMs) => {
				const way = openWay();
				const step = stepOn(way, { radiusM: 10, maxHeld: 100, releaseEveryMs: 1_000, stopMs: 2_000 });
				const taken = new Set<Tagged>();
				const take = (out: readonly Tagged[]): void => {
					for (const one of out) expect(taken.delete(one)).toBe(true);
				};
				for (const [at, reading] of readings.entries()) {
					taken.add(reading);
					if (isFix(reading)) way.hear(reading);
					take(step.take(reading));
					if (at % 16 === 0) take(step.due(utcMs(dueMs), bootMs(dueMs)));
					expect(step.held).toBeLessThanOrEqual(100);
				}
			}),
			{ numRuns: 200 },
		);
	});
});

const near = (at: number, off: number): Tagged<Fix> => {
	const [first] = simulateTrip({
		seed: at,
		idleMs: 1_000,
		waypoints: [
			{ eastM: at * 7, northM: 0 },
			{ eastM: at * 7 + 20, northM: 0 },
		],
	}).readings.filter(isFix);
	if (first === undefined) throw new RangeError("a trip has fixes");
	return { ...first, takenAtMs: utcMs(first.takenAtMs + at * 1_000 + off), bootMs: bootMs(at * 1_000 + off) };
};
