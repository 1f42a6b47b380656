/** Asks GEOS through Debian's python3-shapely. */
import { spawnSync } from "node:child_process";
import type { Line, Polygon, Position } from "../../shared/place-positions.ts";
import { repoPath } from "../data.ts";
import { hasPython, python } from "../peers.ts";

export const hasGeos = hasPython("shapely");

const ask = (task: object): readonly number[] => {
	const { stdout, status, stderr } = spawnSync(python, [repoPath("test", "place", "geos-oracle.py")], {
		input: JSON.stringify(task),
		encoding: "utf8",
		maxBuffer: 64 * 1024 * 1024,
	});
	if (status !== 0) throw new Error(stderr);
	return JSON.parse(stdout);
};

/** 1 for each point that is in any of the polygons, edges included. */
export const geosContains = (polygons: readonly Polygon[], points: readonly Position[]): readonly number[] =>
	ask({ task: "contains", polygons, points });

/** The distance of each point to the nearest shape, on a plane with so many metres per degree; beyond `reach` it may be any larger number. */
export const geosDistances = (task: {
	readonly lines?: readonly Line[];
	readonly polygons?: readonly Polygon[];
	readonly points: readonly Position[];
	readonly metres: readonly [perLonDeg: number, perLatDeg: number];
	readonly reach: number;
}): readonly number[] => ask({ task: "distance", ...task });

/** A small generator of numbers in [0, 1), the same for the same seed. */
export const seeded = (seed: number): (() => number) => {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
};
