/** Polygons against GEOS: real ones and ones made to be hard, positions at random, on corners and on edges. Not one may differ. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compilePlaces } from "../../agent/place/compile-places.ts";
import type { Polygon, Position, Ring } from "../../shared/place-positions.ts";
import { dataPath, hasData } from "../data.ts";
import { geosContains, hasGeos, seeded } from "./geos.ts";
import { inTermMs, places, polygonArea } from "./places.ts";

interface Feature {
	readonly geometry:
		| { readonly type: "Polygon"; readonly coordinates: Polygon }
		| { readonly type: "MultiPolygon"; readonly coordinates: readonly Polygon[] };
}

const polygonsOf = (text: string): readonly Polygon[] => {
	const { features } = JSON.parse(text) as { readonly features: readonly Feature[] };
	return features.flatMap(({ geometry }) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates));
};

const ours = (polygons: readonly Polygon[], points: readonly Position[]): readonly number[] => {
	const test = compilePlaces(places([polygonArea("all", polygons)]), { nowMs: () => inTermMs }).test({ ids: ["all"] });
	return points.map(([lonDeg, latDeg]) => Number(test?.at(latDeg, lonDeg, "wgs84") === "inside"));
};

/** Corners, middles of edges and other places on edges, as near as doubles come to them. */
const onEdges = (polygons: readonly Polygon[], count: number, random: () => number): readonly Position[] => {
	const rings = polygons.flat();
	return Array.from({ length: count }, (_, index): Position => {
		const ring = rings[Math.floor(random() * rings.length)] as Ring;
		const at = Math.floor(random() * (ring.length - 1));
		const [from, to] = [ring[at] as Position, ring[at + 1] as Position];
		const part = index % 3 === 0 ? 0 : index % 3 === 1 ? 0.5 : random();
		return [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])];
	});
};

const around = (polygons: readonly Polygon[], count: number, random: () => number): readonly Position[] => {
	const all = polygons.flat(2);
	const range = (axis: 0 | 1): readonly [number, number] => {
		const [least, most] = all.reduce(
			([a, b], position) => [Math.min(a, position[axis]), Math.max(b, position[axis])],
			[Infinity, -Infinity],
		);
		return [least, most - least];
	};
	const [[x, width], [y, height]] = [range(0), range(1)];
	return Array.from({ length: count }, () => [x + random() * width, y + random() * height]);
};

const expectSame = (polygons: readonly Polygon[], points: readonly Position[]): void => {
	const [a, b] = [ours(polygons, points), geosContains(polygons, points)];
	expect(a.length).toBe(points.length);
	expect(points.filter((_, index) => a[index] !== b[index]).length).toBe(0);
	const inside = a.filter((each) => each === 1).length;
	expect(inside).toBeGreaterThan(points.length / 50);
	expect(inside).toBeLessThan(points.length);
};

const star = (lonDeg: number, latDeg: number, corners: number, random: () => number, size = 0.2): Ring => {
	const ring = Array.from({ length: corners }, (_, index): Position => {
		const [angle, radius] = [(index / corners) * 2 * Math.PI, size * (0.2 + 0.8 * random())];
		return [lonDeg + radius * Math.cos(angle), latDeg + radius * Math.sin(angle)];
	});
	return [...ring, ring[0] as Position];
};

/** Teeth as high as the whole, so that each band of latitude holds nearly all edges. */
const comb = (teeth: number): Ring => {
	const top: Position[] = Array.from({ length: 2 * teeth }, (_, index) => [
		10 + index / (2 * teeth),
		index % 2 === 0 ? 51 : 50.001 + index * 1e-9,
	]);
	return [[10, 50], ...top, [11, 50], [10, 50]];
};

describe.skipIf(!hasGeos)("compilePlaces judges polygons as GEOS does (needs python3-shapely)", () => {
	it.skipIf(!hasData("maps", "polygons"))("of all countries, 40,000 positions (needs shared data maps/polygons)", () => {
		const polygons = polygonsOf(readFileSync(dataPath("maps", "polygons", "naturalearth_lowres.geojson"), "utf8"));
		const random = seeded(1);
		expectSame(polygons, [...around(polygons, 30_000, random), ...onEdges(polygons, 10_000, random)]);
	});

	it.skipIf(!hasData("maps", "polygons"))("of New York with 76,000 corners, 40,000 positions (needs shared data maps/polygons)", () => {
		const polygons = polygonsOf(gunzipSync(readFileSync(dataPath("maps", "polygons", "nybb_wgs84.geojson.gz"))).toString("utf8"));
		const random = seeded(2);
		expectSame(polygons, [...around(polygons, 30_000, random), ...onEdges(polygons, 10_000, random)]);
	});

	it("of stars with thousands of corners, on the equator, the meridian and elsewhere", () => {
		const random = seeded(3);
		for (const [lonDeg, latDeg] of [
			[121.47, 31.23],
			[0.01, 51.48],
			[-0.003, 0.002],
			[179.7, -17],
		] as const) {
			const polygons = [[star(lonDeg, latDeg, 5_000, random)]];
			expectSame(polygons, [...around(polygons, 3_000, random), ...onEdges(polygons, 3_000, random)]);
		}
	});

	it("of a comb, of slivers and of rings with holes", () => {
		const random = seeded(4);
		const outline = star(10, 50, 300, () => 1);
		const holes = [star(10.05, 50.05, 50, random, 0.03), star(9.9, 49.95, 4, random, 0.05)];
		const sliver: Ring = [
			[0.1, 0.1],
			[0.7, 0.7],
			[0.30000000000000004, 0.3],
			[0.1, 0.1],
		];
		for (const polygons of [[[comb(2_000)]], [[outline, ...holes]]] as readonly (readonly Polygon[])[]) {
			expectSame(polygons, [...around(polygons, 3_000, random), ...onEdges(polygons, 3_000, random)]);
		}
		const onSliver = onEdges([[sliver]], 3_000, random);
		expect(ours([[sliver]], onSliver)).toStrictEqual(geosContains([[sliver]], onSliver));
	});
});
