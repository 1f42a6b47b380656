import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TripCentres } from "../../agent/treat/trip-centres.ts";
import { between, distanceM, distanceToLineM, isPlace } from "../../agent/treat/trip-geometry.ts";
import { tripMeasures } from "../../agent/treat/trip-measures.ts";
import { TripPlaces } from "../../agent/treat/trip-places.ts";
import { tripBearing } from "../../agent/treat/trip-signals.ts";
import { TripStays } from "../../agent/treat/trip-stays.ts";
import { TripTurns } from "../../agent/treat/trip-turns.ts";
import { seededRandom } from "../../simulators/seeded-random.ts";
import { apartM, fromEarth, type Point, toEarth } from "../fakes/trips.ts";

const key = (byte: number) => new Uint8Array(32).fill(byte);
const anyPlace = fc.record({
	latDeg: fc.double({ min: -85, max: 85, noNaN: true }),
	lonDeg: fc.double({ min: -180, max: 180, noNaN: true }),
});

/** Great circle on the sphere of the mean radius: an independent measure. */
const haversineM = (a: { latDeg: number; lonDeg: number }, b: typeof a): number => {
	const [f, g] = [(a.latDeg * Math.PI) / 180, (b.latDeg * Math.PI) / 180];
	const dLon = ((b.lonDeg - a.lonDeg) * Math.PI) / 180;
	return 2 * 6_371_009 * Math.asin(Math.sqrt(Math.sin((g - f) / 2) ** 2 + Math.cos(f) * Math.cos(g) * Math.sin(dLon / 2) ** 2));
};

describe("trip-geometry", () => {
	it("measures within 1.2 % of the great circle, across the antimeridian too", () => {
		fc.assert(
			fc.property(
				anyPlace,
				fc.double({ min: -0.05, max: 0.05, noNaN: true }),
				fc.double({ min: -0.05, max: 0.05, noNaN: true }),
				(a, n, e) => {
					const lonDeg = a.lonDeg + e > 180 ? a.lonDeg + e - 360 : a.lonDeg + e < -180 ? a.lonDeg + e + 360 : a.lonDeg + e;
					const b = { latDeg: Math.max(-85, Math.min(85, a.latDeg + n)), lonDeg };
					expect(Math.abs(distanceM(a, b) - haversineM(a, b))).toBeLessThanOrEqual(0.012 * haversineM(a, b) + 1e-6);
					expect(distanceM(a, between(a, b, 0.5))).toBeCloseTo(distanceM(a, b) / 2, 0);
				},
			),
		);
	});

	it("knows the nearest point of a line", () => {
		const at = (eastM: number, northM: number) => toEarth({ eastM, northM });
		expect(distanceToLineM(at(50, 30), at(0, 0), at(100, 0))).toBeCloseTo(30, 0);
		expect(distanceToLineM(at(-40, 30), at(0, 0), at(100, 0))).toBeCloseTo(50, 0);
		expect(distanceToLineM(at(3, 4), at(0, 0), at(0, 0))).toBeCloseTo(5, 0);
	});

	it("refuses what is no place on a plane", () => {
		for (const latDeg of [Number.NaN, 85.1, -90, Number.POSITIVE_INFINITY]) expect(isPlace({ latDeg, lonDeg: 0 })).toBe(false);
		for (const lonDeg of [Number.NaN, 180.1, Number.NEGATIVE_INFINITY]) expect(isPlace({ latDeg: 0, lonDeg })).toBe(false);
	});
});

describe("TripCentres", () => {
	it("gives a centre within the blur for every place, the same from any direction, at any time", () => {
		fc.assert(
			fc.property(anyPlace, fc.double({ min: 20, max: 10_000, noNaN: true }), anyPlace, (place, blurM, elsewhere) => {
				const centres = new TripCentres(key(1), blurM);
				const centre = centres.of(place);
				expect(distanceM(centre, place)).toBeLessThanOrEqual(blurM);
				const others = new TripCentres(key(1), blurM);
				others.of(elsewhere);
				others.of(between(place, elsewhere, 0.001));
				expect(others.of(place)).toStrictEqual(centre);
			}),
		);
	});

	it("draws other centres for another key", () => {
		const places = Array.from({ length: 50 }, (_, at) => toEarth({ eastM: at * 900, northM: 0 }));
		const [a, b] = [new TripCentres(key(1), 225), new TripCentres(key(2), 225)];
		expect(places.filter((place) => distanceM(a.of(place), b.of(place)) < 1)).toHaveLength(0);
	});

	it("spreads the places of a centre over the whole blur, so that the centre is in the middle of none", () => {
		const centres = new TripCentres(key(3), 225);
		const random = seededRandom(5);
		const apart = Array.from({ length: 2_000 }, () => {
			const place = toEarth({ eastM: random() * 50_000, northM: random() * 50_000 });
			return distanceM(centres.of(place), place) / 225;
		});
		// Uniform over a disc: the share within x of the radius is x squared.
		for (const share of [0.25, 0.444, 0.75, 0.9]) {
			expect(apart.filter((each) => each <= share).length / apart.length).toBeCloseTo(share ** 2, 1);
		}
	});

	it("keeps neighbours together", () => {
		const centres = new TripCentres(key(4), 225);
		const random = seededRandom(6);
		const parted = Array.from({ length: 1_500 }, () => {
			const at = { eastM: random() * 50_000, northM: random() * 50_000 };
			return centres.of(toEarth(at)) !== centres.of(toEarth({ ...at, eastM: at.eastM + 10 }));
		}).filter(Boolean).length;
		expect(parted / 1_500).toBeLessThan(0.08);
	});
});

describe("TripPlaces", () => {
	const measures = tripMeasures(100, 36);
	const places = () => new TripPlaces(new TripCentres(key(1), measures.blurM), measures);

	it("hides everything within the radius of a place, the place's own error included", () => {
		const random = seededRandom(7);
		for (let trial = 0; trial < 300; trial++) {
			const hidden = places();
			for (let at = 0; at < 5; at++) {
				const place = { eastM: random() * 2_000, northM: random() * 2_000 };
				hidden.hide(toEarth(place), 10);
				const [angle, offM] = [random() * 7, 109 * Math.sqrt(random())];
				expect(hidden.hides(toEarth({ eastM: place.eastM + offM * Math.cos(angle), northM: place.northM + offM * Math.sin(angle) }))).toBe(
					true,
				);
			}
		}
	});

	it("needs one disc for positions of one place that scatter", () => {
		const random = seededRandom(8);
		let discs = 0;
		for (let trial = 0; trial < 200; trial++) {
			const hidden = places();
			const [eastM, northM] = [random() * 50_000, random() * 50_000];
			for (let night = 0; night < 20; night++) {
				if (hidden.hide(toEarth({ eastM: eastM + random() * 16 - 8, northM: northM + random() * 16 - 8 })) !== undefined) discs += 1;
			}
		}
		expect(discs).toBe(200);
	});

	it("is bounded, and forgets what was of no use for the longest time", () => {
		const hidden = places();
		const at = (index: number) => toEarth({ eastM: index * 2_000, northM: 0 });
		for (let index = 0; index < 300; index++) {
			hidden.hide(at(index));
			expect(hidden.hides(at(0))).toBe(true);
		}
		expect(hidden.size).toBe(256);
		expect(hidden.hides(at(1))).toBe(false);
		expect(hidden.hides(at(299))).toBe(true);
	});
});

describe("TripStays", () => {
	const stays = () => new TripStays({ stayM: 10, stopMs: 60_000, stopSpeedMps: 0.5 });
	const add = (to: TripStays, seconds: number, eastM: number, speedMps?: number) =>
		to.add({ ...toEarth({ eastM, northM: 0 }), timeMs: seconds * 1000, speedMps });

	it("finds standing for as long as makes a stop, and not less", () => {
		const found = stays();
		for (let second = 0; second < 58; second++) expect(add(found, second, second % 2)).toStrictEqual([]);
		expect(add(found, 60, 0)).toHaveLength(1);
		expect(add(found, 61, 60)).toStrictEqual([]);
		for (let second = 62; second < 119; second++) expect(add(found, second, 60)).toStrictEqual([]);
		expect(add(found, 122, 60)).toHaveLength(1);
	});

	it("does not take a drive for a stop", () => {
		const found = stays();
		for (let second = 0; second < 600; second++) expect(add(found, second, second)).toStrictEqual([]);
	});

	it("believes a receiver that says it stands while its position wanders", () => {
		const found = stays();
		const wander = (second: number) => 100 * Math.sin(second / 3);
		for (let second = 0; second < 58; second++) expect(add(found, second, wander(second), 0.1)).toStrictEqual([]);
		expect(add(found, 60, wander(60), 0.1).length).toBeGreaterThan(0);
		const again = stays();
		for (let second = 0; second < 600; second++) expect(add(again, second, wander(second), second % 30 === 0 ? 3 : 0.1)).toStrictEqual([]);
	});
});

describe("TripTurns", () => {
	const apexes = (way: readonly Point[], spacingM = 7): readonly Point[] => {
		const turns = new TripTurns(tripMeasures(100, 36));
		const found: Point[] = [];
		for (let at = 1; at < way.length; at++) {
			const [from, to] = [way[at - 1], way[at]];
			if (from === undefined || to === undefined) continue;
			const lengthM = apartM(from, to);
			for (let goneM = 0; goneM < lengthM; goneM += spacingM) {
				const share = goneM / lengthM;
				const point = { eastM: from.eastM + (to.eastM - from.eastM) * share, northM: from.northM + (to.northM - from.northM) * share };
				found.push(...turns.add(toEarth(point)).map(fromEarth));
			}
		}
		return found;
	};
	const way = (...points: readonly (readonly [number, number])[]): readonly Point[] => points.map(([eastM, northM]) => ({ eastM, northM }));

	it("finds the end of a dead end, however far the way back goes", () => {
		for (const spacingM of [3, 4.9, 7, 29]) {
			const found = apexes(way([-1_000, 0], [0, 0], [0, 200], [0, 0], [-1_000, 0]), spacingM);
			expect(found.length).toBeGreaterThan(0);
			for (const apex of found) expect(apartM(apex, { eastM: 0, northM: 200 })).toBeLessThanOrEqual(15 + (spacingM > 10 ? spacingM : 0));
		}
	});

	it("finds a U-turn between the lanes of a road, and the far side of a loop that leaves where it came in", () => {
		expect(apexes(way([0, 0], [300, 0], [310, 10], [300, 20], [0, 20])).length).toBeGreaterThan(0);
		const loop = apexes(way([0, 0], [0, 100], [80, 100], [80, 180], [-80, 180], [-80, 100], [0, 100], [0, 0]));
		expect(loop.some((apex) => apartM(apex, { eastM: 0, northM: 180 }) < 30)).toBe(true);
	});

	it("takes neither bends nor a way around a block for a turnaround, nor a way out and back that is too long", () => {
		expect(apexes(way([0, 0], [300, 0], [300, 300], [600, 300], [600, 0], [900, 0]))).toStrictEqual([]);
		expect(apexes(way([0, 0], [200, 0], [200, 200], [0, 200], [0, -300]))).toStrictEqual([]);
		expect(apexes(way([0, 0], [900, 0], [900, 300], [0, 300], [0, 0]))).toStrictEqual([]);
	});
});

describe("tripBearing", () => {
	it("lets go with the moment what moves, never what adds up, and leaves alone what says nothing of the way", () => {
		for (const path of [
			"Vehicle.Speed",
			"Vehicle.AngularVelocity.Yaw",
			"Vehicle.Acceleration.Lateral",
			"Vehicle.Chassis.SteeringWheel.Angle",
		]) {
			expect(tripBearing(path), path).toBe("moment");
		}
		for (const path of [
			"Vehicle.TraveledDistance",
			"Vehicle.TraveledDistanceSinceStart",
			"Vehicle.TripMeterReading",
			"Vehicle.TripDuration",
			"Vehicle.StartTime",
			"Vehicle.AverageSpeed",
			"Vehicle.Powertrain.Range",
			"Vehicle.Powertrain.FuelSystem.Range",
			"Vehicle.Powertrain.AccumulatedConsumedEnergy",
			"Vehicle.Cabin.Infotainment.Navigation.DestinationSet.Latitude",
			"Vehicle.Powertrain.TractionBattery.Charging.Location.Latitude",
			"Message.Odo",
		]) {
			expect(tripBearing(path), path).toBe("whole");
		}
		expect(tripBearing("Vehicle.Exterior.AirTemperature")).toBe("nothing");
	});
});
