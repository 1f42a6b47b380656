/**
 * An observer with everything that ever left, the options, and the ways of trip-attacks.ts, but without the unit's key, looks for homes, stops
 * and turnarounds. An attack hits when its estimate is within `radiusM` of the place. What the disc itself gives away is 1 / 3^2 = 11 %, and
 * 42 % on a straight road; a control shows that the same attacks hit nearly always where the disc is around the place.
 */
import { describe, expect, it } from "vitest";
import { TripCentres } from "../../agent/treat/trip-centres.ts";
import { tripMeasures } from "../../agent/treat/trip-measures.ts";
import type { Fix } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { seededRandom } from "../../simulators/seeded-random.ts";
import { hasData } from "../data.ts";
import { apartM, fromEarth, gaussian, type Point, simulateTrip, somewhere, toEarth, type Waypoint } from "../fakes/trips.ts";
import { along, byReleaseTime, circleCentre, convergenceOf, hitRate, meanOf, median, type Observed, raysInto } from "./trip-attacks.ts";
import { campusTrip, carTrip } from "./trip-recordings.ts";
import { keyFrom, runTrip, someOptions, type TripWritten } from "./trip-run.ts";

const radiusM: number = someOptions.radiusM;
const measures = tripMeasures(radiusM, (someOptions.stopSpeedMps * someOptions.stopMs) / 1000);
const dayMs = 86_400_000;

/** Errors of each attack over all trials. */
class Scores {
	readonly #errors = new Map<string, number[]>();

	add(attack: string, truth: Point, estimate: Point | undefined): void {
		const errors = this.#errors.get(attack) ?? [];
		errors.push(estimate === undefined ? Number.POSITIVE_INFINITY : apartM(truth, estimate));
		this.#errors.set(attack, errors);
	}

	hits(attack: string, withinM = radiusM): number {
		return hitRate(this.#errors.get(attack) ?? [], withinM);
	}

	/** Prints all, and gives back the best attack's rate of hits and the least median error, in radii. */
	report(title: string, withinM = radiusM): { readonly hits: number; readonly medianRadii: number } {
		console.log(title);
		for (const [attack, errors] of this.#errors) {
			console.log(
				`  ${attack.padEnd(34)} hits ${(100 * this.hits(attack, withinM)).toFixed(0).padStart(3)} %   median error ${(median(errors) / withinM).toFixed(2)} radii`,
			);
		}
		const all = [...this.#errors].filter(([attack]) => !attack.startsWith("control"));
		return {
			hits: Math.max(...all.map(([attack]) => this.hits(attack, withinM))),
			medianRadii: Math.min(...all.map(([, errors]) => median(errors) / withinM)),
		};
	}
}

const isFix = (reading: { readonly kind: string }): reading is Tagged<Fix> => reading.kind === "fix";

/** The trips of some days from home to somewhere and back, with what left of each. */
const liveAt = (home: Waypoint, seed: number, days: number, { restarts = false, parkingM = 0 } = {}) => {
	const random = seededRandom(seed);
	const departures: Observed[] = [];
	const arrivals: Observed[] = [];
	const ways: Tagged<Fix>[][] = [];
	const trips = Array.from({ length: days }, (_, day) => {
		const away = somewhere(random, 3_000);
		const parked = Math.max(-2 * parkingM, Math.min(2 * parkingM, gaussian(random) * parkingM));
		const space = home.northM % 120 === 0 ? { ...home, eastM: home.eastM + parked } : { ...home, northM: home.northM + parked };
		return [false, true].map((isBack) => {
			const waypoints = isBack ? [away, space] : [space, away];
			const startMs = day * dayMs + (isBack ? dayMs / 3 : 0);
			return {
				isBack,
				fixes: simulateTrip({ seed: seed * 97 + day * 2 + (isBack ? 1 : 0), signalEveryMs: dayMs, waypoints, startMs }).readings.filter(
					isFix,
				),
			};
		});
	}).flat();
	const runs = restarts
		? trips.map(({ fixes }) => runTrip(fixes, {}, seed).fixes)
		: [
				runTrip(
					trips.flatMap(({ fixes }) => fixes),
					{},
					seed,
				).fixes,
			];
	const left = new Map(runs.flat().map((one) => [one.reading, one]));
	for (const { isBack, fixes } of trips) {
		ways.push([...fixes]);
		const observed = fixes.map((fix) => left.get(fix)).filter((one) => one !== undefined);
		if (observed.length > 0) (isBack ? arrivals : departures).push(observed);
	}
	const all = trips.reduce((sum, { fixes }) => sum + fixes.length, 0);
	return { departures, arrivals, ways, kept: left.size, all };
};

const attackHome = (
	scores: Scores,
	home: Waypoint,
	seed: number,
	{ departures, arrivals }: Pick<ReturnType<typeof liveAt>, "departures" | "arrivals">,
): void => {
	const firsts = departures.flatMap((trip) => trip.slice(0, 1).map(({ reading }) => fromEarth(reading)));
	const lasts = arrivals.flatMap((trip) => trip.slice(-1).map(({ reading }) => fromEarth(reading)));
	const middle = meanOf(firsts);
	const leaving = raysInto([], departures);
	const converging = convergenceOf(leaving);
	const centre = fromEarth(new TripCentres(keyFrom(seed)("kerbstone trim-trip", 0), measures.blurM).of(toEarth(home)));
	scores.add("first points", home, middle);
	scores.add("last points", home, meanOf(lasts));
	scores.add("first and last points", home, meanOf([...firsts, ...lasts]));
	scores.add("circle through first points", home, middle && circleCentre(firsts, measures.discM, middle));
	scores.add("circle through last points", home, circleCentre(lasts, measures.farM, meanOf(lasts) ?? home));
	scores.add("lines converging, all", home, convergenceOf(raysInto(arrivals, departures)));
	scores.add("lines converging, departures", home, converging);
	scores.add("dead reckoning into the disc", home, meanOf(leaving.map((ray) => along(ray, measures.discM))));
	scores.add("dead reckoning to the release", home, meanOf(arrivals.flatMap((trip) => byReleaseTime(trip) ?? [])));
	scores.add("the disc itself", home, centre);
	if (converging !== undefined) {
		const share = Math.min(1, measures.blurM / apartM(centre, converging));
		const clipped = {
			eastM: centre.eastM + (converging.eastM - centre.eastM) * share,
			northM: centre.northM + (converging.northM - centre.northM) * share,
		};
		scores.add("lines converging, within the disc", home, clipped);
		scores.add("half way from disc to lines", home, meanOf([centre, clipped]));
	}
};

describe("trim-trip against an observer", { timeout: 120_000 }, () => {
	it("keeps a home farther than the radius from the best estimate of all attacks, over many trips", () => {
		const scores = new Scores();
		let [kept, all] = [0, 0];
		for (let seed = 1; seed <= 60; seed++) {
			const home = somewhere(seededRandom(7_000 + seed), 1_000);
			const life = liveAt(home, seed, 6);
			attackHome(scores, home, seed, life);
			[kept, all] = [kept + life.kept, all + life.all];
			// Trimmed by the same disc, but around home: what the attacks do to that.
			const naive = life.ways
				.filter((_, at) => at % 2 === 0)
				.map((way) => way.filter((fix) => apartM(fromEarth(fix), home) > measures.discM));
			const firsts = naive.flatMap((way) => way.slice(0, 1).map(fromEarth));
			scores.add("control: circle, disc around home", home, circleCentre(firsts, measures.discM, meanOf(firsts) ?? home));
		}
		const { hits, medianRadii } = scores.report(`60 homes, 6 days each; ${((100 * kept) / all).toFixed(0)} % of the points kept`);
		expect(scores.hits("control: circle, disc around home")).toBeGreaterThan(0.9);
		expect(hits).toBeLessThan(0.45);
		expect(medianRadii).toBeGreaterThan(1.1);
	});

	it("keeps it so when the unit restarts before each trip and parks some metres away each time", () => {
		const scores = new Scores();
		for (let seed = 1; seed <= 40; seed++) {
			const home = somewhere(seededRandom(8_000 + seed), 1_000);
			attackHome(scores, home, seed, liveAt(home, seed, 8, { restarts: true, parkingM: 8 }));
		}
		const { hits, medianRadii } = scores.report("40 homes, 8 days, restarts and parking");
		expect(hits).toBeLessThan(0.5);
		expect(medianRadii).toBeGreaterThan(1);
	});

	it("keeps a stop and a turnaround so on a single trip", () => {
		for (const [kind, isCorner, mayHit] of [
			["stop", false, 0.45],
			["turnaround", false, 0.45],
			// Straight there and straight away at a right angle: the trip itself draws an arrow, outside the disc.
			["stop", true, 0.75],
			["turnaround", true, 0.75],
		] as const) {
			const scores = new Scores();
			let [kept, all] = [0, 0];
			for (let seed = 1; seed <= 100; seed++) {
				const random = seededRandom(9_000 + seed);
				const at = somewhere(random, 500);
				const place: Waypoint = kind === "stop" ? { ...at, dwellMs: 130_000 + random() * 1_200_000 } : { ...at, turnsBack: true };
				const [from, to] = [somewhere(random, isCorner ? 500 : 3_000), somewhere(random, isCorner ? 500 : 3_000)];
				const far = isCorner ? { ...from, eastM: from.eastM - 3_000 } : from;
				const other = isCorner ? { ...to, northM: to.northM + (random() < 0.5 ? 3_000 : -3_000) } : to;
				const trip = simulateTrip({ seed, signalEveryMs: dayMs, waypoints: [far, place, other] });
				const run = runTrip(trip.readings, {}, seed);
				[kept, all] = [kept + run.fixes.length, all + trip.readings.filter(isFix).length];
				attackPlace(scores, place, trip.places.find((one) => one.kind === kind)?.fromMs ?? 0, run.fixes);
			}
			const { hits, medianRadii } = scores.report(
				`100 trips by a ${kind}${isCorner ? " at a corner" : ""}; ${((100 * kept) / all).toFixed(0)} % of the points kept`,
			);
			expect(hits).toBeLessThan(mayHit);
			if (!isCorner) expect(medianRadii).toBeGreaterThan(1);
		}
	});
});

/** With what is known before and after a gap. */
const attackPlace = (scores: Scores, place: Point, atMs: number, fixes: Observed, withinM = measures.discM): void => {
	const before = fixes.filter(({ reading }) => reading.takenAtMs < atMs);
	const after = fixes.filter(({ reading }) => reading.takenAtMs > atMs);
	const [last, first] = [before.at(-1), after[0]];
	const rays = raysInto([before], [after]);
	const [into, outOf] = rays;
	if (last === undefined || first === undefined || into === undefined || outOf === undefined) {
		scores.add("middle of the gap", place, undefined);
		return;
	}
	const gapMs = first.reading.takenAtMs - last.reading.takenAtMs;
	scores.add("last point before", place, into);
	scores.add("first point after", place, outOf);
	scores.add("middle of the gap", place, meanOf([into, outOf]));
	scores.add("lines meeting", place, convergenceOf(rays));
	scores.add("dead reckoning in", place, along(into, withinM));
	scores.add("dead reckoning out", place, along(outOf, withinM));
	scores.add("dead reckoning, both", place, meanOf([along(into, withinM), along(outOf, withinM)]));
	// Without a stop, half of the gap was driven at some usual speed.
	for (const speedMps of [6, 9, 12]) {
		const wayM = Math.min(2 * withinM, (speedMps * gapMs) / 2_000);
		scores.add(`half of the gap's time at ${speedMps} m/s`, place, along(into, wayM));
	}
	scores.add("dead reckoning to the release", place, byReleaseTime(before));
};

/** Recorded ways, each with what is to be hidden on it. */
const recordings = [
	{
		name: "car trip",
		fixes: carTrip,
		over: { radiusM: 40, stopMs: 60_000, stopSpeedMps: 0.5, releaseEveryMs: 10_000 },
		places: { home: 0, visit: 71, "home again": 103 },
	},
	{
		name: "campus",
		fixes: campusTrip,
		over: { radiusM: 10, stopMs: 1_000, stopSpeedMps: 2.5, releaseEveryMs: 1_000 },
		places: { start: 0, "turn north": 116, stop: 182, end: 280 },
	},
] as const satisfies readonly {
	name: string;
	fixes: () => readonly Tagged<Fix>[];
	over: Partial<TripWritten>;
	places: Record<string, number>;
}[];

describe("trim-trip on recorded ways", { timeout: 120_000 }, () => {
	for (const { name, fixes: read, over, places } of recordings) {
		it.skipIf(!hasData("trajectory"))(`keeps ends, stops and turnarounds of the ${name} (needs shared data trajectory)`, () => {
			const fixes = read();
			const origin = fixes[0];
			if (origin === undefined) return expect.unreachable();
			const flat = (fix: Fix): Point => ({
				eastM: (fix.lonDeg - origin.lonDeg) * 111_320 * Math.cos((origin.latDeg * Math.PI) / 180),
				northM: (fix.latDeg - origin.latDeg) * 111_000,
			});
			const lengthM = (list: readonly Tagged<Fix>[], isKept: (fix: Tagged<Fix>) => boolean): number =>
				list.reduce((sum, fix, at) => {
					const before = list[at - 1];
					return before !== undefined && isKept(before) && isKept(fix) ? sum + apartM(flat(before), flat(fix)) : sum;
				}, 0);
			const scores = new Map(Object.keys(places).map((place) => [place, new Scores()]));
			const limits = tripMeasures(over.radiusM, (over.stopSpeedMps * over.stopMs) / 1000);
			let [points, metres] = [0, 0];
			const keys = 200;
			for (let seed = 1; seed <= keys; seed++) {
				const left = runTrip(fixes, over, seed).fixes.map(({ reading }) => reading);
				const gone = new Set(left);
				points += left.length;
				metres += lengthM(fixes, (fix) => gone.has(fix));
				for (const [place, index] of Object.entries(places)) {
					const truth = fixes[index];
					if (truth === undefined) return expect.unreachable();
					const at = flat(truth);
					for (const fix of left) expect(apartM(flat(fix), at)).toBeGreaterThan(over.radiusM);
					const [before, after] = [
						left.filter((fix) => fix.takenAtMs < truth.takenAtMs),
						left.filter((fix) => fix.takenAtMs > truth.takenAtMs),
					];
					const [ins, outs] = [before.slice(-2).map(flat), after.slice(0, 2).map(flat)];
					const [into, outOf] = [rayThrough(ins[0], ins[1]), rayThrough(outs[1], outs[0])];
					const score = scores.get(place);
					const ends = [ins.at(-1), outs[0]].filter((point) => point !== undefined);
					score?.add("points around the gap", at, meanOf(ends));
					score?.add("lines meeting", at, into && outOf && convergenceOf([into, outOf]));
					score?.add("dead reckoning in", at, into && along(into, limits.discM));
					score?.add("dead reckoning out", at, outOf && along(outOf, limits.discM));
				}
			}
			const share = (part: number, whole: number): string => `${((100 * part) / keys / whole).toFixed(0)} %`;
			console.log(
				`${name}, radius ${over.radiusM} m, ${keys} keys: ${share(points, fixes.length)} of ${fixes.length} points kept, ${share(
					metres,
					lengthM(fixes, () => true),
				)} of ${lengthM(fixes, () => true).toFixed(0)} m`,
			);
			for (const [place, score] of scores) {
				const { hits } = score.report(`  ${place}`, over.radiusM);
				// The way to the visit is straight, and its fixes are hundreds of metres apart.
				expect(hits).toBeLessThan(0.5);
			}
			expect(points).toBeGreaterThan(0);
		});
	}
});

const rayThrough = (from: Point | undefined, to: Point | undefined) => {
	if (from === undefined || to === undefined) return undefined;
	const lengthM = apartM(from, to) || 1;
	return { ...to, east: (to.eastM - from.eastM) / lengthM, north: (to.northM - from.northM) / lengthM };
};
