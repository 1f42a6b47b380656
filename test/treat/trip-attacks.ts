/**
 * What an observer does who has all that ever left and the options, but not the unit's key: estimates of where trips begin and end.
 */
import type { Fix } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { apartM, fromEarth, type Point } from "../fakes/trips.ts";
import type { Leaving } from "./trip-run.ts";

/** What the observer has of one trip: what left of it, in order. */
export type Observed = readonly Leaving<Fix>[];

export const meanOf = (points: readonly Point[]): Point | undefined =>
	points.length === 0
		? undefined
		: {
				eastM: points.reduce((sum, { eastM }) => sum + eastM, 0) / points.length,
				northM: points.reduce((sum, { northM }) => sum + northM, 0) / points.length,
			};

/** A straight line into what is hidden: from the last fix before it, in the direction of travel, or backwards from the first after it. */
export interface Ray extends Point {
	readonly east: number;
	readonly north: number;
}

const rayOf = (fix: Tagged<Fix>, sign: 1 | -1): Ray => {
	const course = ((fix.courseDeg ?? 0) * Math.PI) / 180;
	return { ...fromEarth(fix), east: sign * Math.sin(course), north: sign * Math.cos(course) };
};

export const raysInto = (arrivals: readonly Observed[], departures: readonly Observed[]): readonly Ray[] => [
	...arrivals.flatMap((trip) => trip.slice(-1).map(({ reading }) => rayOf(reading, 1))),
	...departures.flatMap((trip) => trip.slice(0, 1).map(({ reading }) => rayOf(reading, -1))),
];

export const along = (ray: Ray, lengthM: number): Point => ({
	eastM: ray.eastM + ray.east * lengthM,
	northM: ray.northM + ray.north * lengthM,
});

/** The point with the least sum of squared distances to all lines; undefined when they are all parallel. */
export const convergenceOf = (rays: readonly Ray[]): Point | undefined => {
	let [a, b, c, p, q] = [0, 0, 0, 0, 0];
	for (const { eastM, northM, east, north } of rays) {
		a += 1 - east * east;
		b += -east * north;
		c += 1 - north * north;
		p += (1 - east * east) * eastM - east * north * northM;
		q += -east * north * eastM + (1 - north * north) * northM;
	}
	const determinant = a * c - b * b;
	if (Math.abs(determinant) < 1e-6 * rays.length) return undefined;
	return { eastM: (c * p - b * q) / determinant, northM: (a * q - b * p) / determinant };
};

/** The circle of a known radius that fits the points best, from a start; the observer knows the options, so the radius, too. */
export const circleCentre = (points: readonly Point[], radiusM: number, start: Point): Point => {
	const misfit = (centre: Point): number => points.reduce((sum, point) => sum + (apartM(point, centre) - radiusM) ** 2, 0);
	let best = start;
	let least = misfit(best);
	for (let stepM = radiusM; stepM > 1; ) {
		const around = [0, 45, 90, 135, 180, 225, 270, 315].map((deg) => ({
			eastM: best.eastM + stepM * Math.cos((deg * Math.PI) / 180),
			northM: best.northM + stepM * Math.sin((deg * Math.PI) / 180),
		}));
		const next = around.reduce((a, b) => (misfit(b) < misfit(a) ? b : a));
		if (misfit(next) < least) [best, least] = [next, misfit(next)];
		else stepM /= 2;
	}
	return best;
};

/** Dead reckoning by when the last fixes were let go: the unit had come this far by then, at its last speed. */
export const byReleaseTime = (arrival: Observed): Point | undefined => {
	const last = arrival.at(-1);
	if (last === undefined) return undefined;
	return along(rayOf(last.reading, 1), ((last.reading.speedMps ?? 0) * (last.atMs - last.reading.takenAtMs)) / 1000);
};

/** Share of the trials in which the estimate is within the radius; a missing estimate is a miss. */
export const hitRate = (errorsM: readonly number[], radiusM: number): number =>
	errorsM.filter((errorM) => errorM < radiusM).length / errorsM.length;

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
