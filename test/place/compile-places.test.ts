/** What `compilePlaces` answers besides polygons: buffers, corridors, circles, cells, datum, term, and the far ends of the earth. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePlaces } from "../../agent/place/compile-places.ts";
import { metresPerLatDeg, metresPerLonDeg } from "../../agent/place/metres.ts";
import type { PlaceIndex } from "../../shared/place-index.ts";
import type { Line, Polygon, Position } from "../../shared/place-positions.ts";
import type { Area } from "../../shared/places.ts";
import { seeded } from "../fakes/seeded.ts";
import { geosDistances, hasGeos } from "./geos.ts";
import { corridorArea, inTermMs, notAfterMs, places, polygonArea, square } from "./places.ts";

const indexOf = (areas: readonly Area[], nowMs = inTermMs): PlaceIndex => compilePlaces(places(areas), { nowMs: () => nowMs });

const askerOf = (area: Area) => {
	const test = indexOf([area]).test({ ids: [area.id] });
	return (lonDeg: number, latDeg: number, extraM?: number) => test?.at(latDeg, lonDeg, "wgs84", extraM);
};

const circle = (lonDeg: number, latDeg: number, radiusM: number): Area => ({
	...{ id: "circle", kind: "named", shape: { type: "circle", centre: [lonDeg, latDeg], radiusM } },
});

describe("compilePlaces", () => {
	it.skipIf(!hasGeos)("puts borders of buffers and corridors where GEOS does, to 0.4 % and 1 m (needs python3-shapely)", () => {
		const random = seeded(7);
		for (const [lonDeg, latDeg] of [
			[121.47, 31.23],
			[10.7, 59.9],
		] as const) {
			const near = (spreadDeg: number): Position => [lonDeg + (random() - 0.5) * spreadDeg, latDeg + (random() - 0.5) * spreadDeg];
			const lines: readonly Line[] = Array.from({ length: 40 }, () => Array.from({ length: 12 }, () => near(0.1)));
			const hole = square(lonDeg, latDeg, 0.004)[0] ?? [];
			const polygons: readonly Polygon[] = [[...square(lonDeg, latDeg, 0.015), hole], square(lonDeg + 0.03, latDeg - 0.02, 0.001)];
			const points = Array.from({ length: 1_000 }, () => near(0.14));
			const metres = [metresPerLonDeg(latDeg), metresPerLatDeg(latDeg)] as const;
			for (const [area, shapes, reachM, extraM] of [
				[corridorArea("a", lines, 30), { lines }, 15, 0],
				[corridorArea("a", lines, 30, { bufferM: 100 }), { lines }, 115, 0],
				[corridorArea("a", lines, 30), { lines }, 215, 200],
				[polygonArea("a", polygons, { bufferM: 500 }), { polygons }, 500, 0],
				[polygonArea("a", polygons, { bufferM: 200 }), { polygons }, 1_200, 1_000],
			] as const) {
				const ask = askerOf(area);
				const distances = geosDistances({ ...shapes, points, metres, reach: reachM * 1.1 });
				const away = points.filter(([x, y], index) => {
					const isInside = ask(x, y, extraM) === "inside";
					// The oracle's plane is that of the middle: up to 0.3 % off at the rim.
					const toleranceM = 1 + reachM * 0.004;
					const distance = distances[index] ?? 0;
					return isInside ? distance > reachM + toleranceM : distance < reachM - toleranceM;
				});
				expect(away).toStrictEqual([]);
				const inside = points.filter(([x, y]) => ask(x, y, extraM) === "inside").length;
				expect(inside).toBeGreaterThan(20);
				expect(inside).toBeLessThan(points.length - 20);
			}
		}
	});

	it("puts borders where the geodesic does", () => {
		// Vincenty's direct solution on WGS 84: due north, east, south-west, east-north-east.
		const cases = [
			{ from: [121.47, 31.23], to: [121.47, 31.2381174], m: 900 },
			{ from: [121.47, 31.23], to: [121.4794464, 31.2299997], m: 900 },
			{ from: [10.75, 59.91], to: [10.6238623, 59.8464708], m: 10000 },
			{ from: [18.9, 69.6], to: [19.3244932, 69.6846457], m: 19_000 },
		] as const;
		for (const { from, to, m } of cases) {
			const ask = (radiusM: number) => askerOf(circle(from[0], from[1], radiusM))(to[0], to[1]);
			expect(ask(m * 1.0005 + 0.05)).toBe("inside");
			expect(ask(m * 0.9995 - 0.05)).toBe("outside");
			const line = (reachM: number) => askerOf(corridorArea("a", [[from, from]], 1, { bufferM: reachM - 0.5 }))(to[0], to[1]);
			expect(line(m * 1.0005 + 0.05)).toBe("inside");
			expect(line(m * 0.9995 - 0.05)).toBe("outside");
		}
	});

	it("counts a buffer of 500 m around a sensitive area that has none of its own, and none around others", () => {
		const { bufferM: _none, ...sensitive } = polygonArea("a", [square(10, 50, 0.01)]);
		const north = 50.01 + 400 / metresPerLatDeg(50);
		expect(askerOf(sensitive)(10, north)).toBe("inside");
		expect(askerOf(sensitive)(10, north + 200 / metresPerLatDeg(50))).toBe("outside");
		expect(askerOf({ ...sensitive, kind: "named" })(10, north)).toBe("outside");
	});

	it("knows nothing of another datum, after the term, and off the earth", () => {
		const areas = [polygonArea("a", [square(10, 50, 1)])];
		const test = indexOf(areas).test({ ids: ["a"] });
		expect(test?.at(50, 10, "wgs84")).toBe("inside");
		for (const datum of ["cgcs2000", "gcj02", "bd09", "local", "unknown"] as const) expect(test?.at(50, 10, datum)).toBe("unknown");
		for (const [latDeg, lonDeg, extraM] of [
			[Number.NaN, 10, 0],
			[50, Number.NaN, 0],
			[90.1, 10, 0],
			[50, 180.1, 0],
			[50, Number.POSITIVE_INFINITY, 0],
			[50, 10, -1],
			[50, 10, Number.NaN],
			[50, 10, 20_001],
		] as const)
			expect(test?.at(latDeg, lonDeg, "wgs84", extraM)).toBe("unknown");
		for (const nowMs of [notAfterMs, notAfterMs + 1, Number.NaN])
			expect(
				indexOf(areas, nowMs)
					.test({ ids: ["a"] })
					?.at(50, 10, "wgs84"),
			).toBe("unknown");
		expect(
			indexOf(areas, notAfterMs - 1)
				.test({ ids: ["a"] })
				?.at(50, 10, "wgs84"),
		).toBe("inside");
	});

	it("goes on across the antimeridian, whichever way an area is written", () => {
		const inOne = polygonArea("a", [square(180, 10, 0.1)], { bufferM: 1_000 });
		const ring = (from: number, to: number): Polygon => [
			[
				[from, 9.9],
				[to, 9.9],
				[to, 10.1],
				[from, 10.1],
				[from, 9.9],
			],
		];
		const inTwo = polygonArea("a", [ring(179.9, 180), ring(-180, -179.9)], { bufferM: 1_000 });
		const fromWest = polygonArea("a", [square(-180, 10, 0.1)], { bufferM: 1_000 });
		for (const area of [inOne, inTwo, fromWest]) {
			const ask = askerOf(area);
			for (const lonDeg of [179.95, 180, -180, -179.95, 179.892, -179.892]) expect(ask(lonDeg, 10)).toBe("inside");
			for (const lonDeg of [179.88, -179.88, 0, 90]) expect(ask(lonDeg, 10)).toBe("outside");
			expect(ask(-179.88, 10, 2_000)).toBe("inside");
		}
		const atTheEdge = askerOf(
			corridorArea(
				"a",
				[
					[
						[179.9, 10],
						[180, 10],
					],
				],
				100,
				{ bufferM: 1_000 },
			),
		);
		expect(atTheEdge(-179.995, 10)).toBe("inside");
		expect(atTheEdge(-179.9, 10)).toBe("outside");
		expect(askerOf(circle(180, -17, 5_000))(-179.96, -17)).toBe("inside");
	});

	it("holds at the poles", () => {
		const cap = askerOf(
			polygonArea("a", [
				[
					[
						[-180, 90],
						[-180, 89],
						[0, 89],
						[180, 89],
						[180, 90],
						[-180, 90],
					],
				],
			]),
		);
		expect([cap(0, 89.5), cap(-120, 90), cap(77, 88.9)]).toStrictEqual(["inside", "inside", "outside"]);
		const near = askerOf(circle(0, 89.99, 5_000));
		expect([near(180, 89.99), near(0, 89.9)]).toStrictEqual(["inside", "outside"]);
	});

	it("tests areas by id and kind, and nothing else", () => {
		const index = indexOf([
			polygonArea("a", [square(10, 50, 1)]),
			corridorArea(
				"b",
				[
					[
						[20, 50],
						[21, 50],
					],
				],
				1_000,
			),
			circle(30, 50, 1_000),
		]);
		expect(index.areaIds).toStrictEqual(["a", "b", "circle"]);
		const at = (choice: Parameters<PlaceIndex["test"]>[0]) => [10, 20, 30].map((lonDeg) => index.test(choice)?.at(50, lonDeg, "wgs84"));
		expect(at({ ids: ["a"] })).toStrictEqual(["inside", "outside", "outside"]);
		expect(at({ kinds: ["allowed"] })).toStrictEqual(["outside", "inside", "outside"]);
		expect(at({ ids: ["circle"], kinds: ["sensitive"] })).toStrictEqual(["inside", "outside", "inside"]);
		for (const choice of [{}, { ids: [] }, { ids: ["a", "x"] }, { kinds: ["secret"] }, { ids: ["a"], kinds: ["x"] }])
			expect(index.test(choice)).toBeUndefined();
	});

	it("widens with extraM and never narrows", () => {
		const areas = [
			polygonArea("a", [square(10, 50, 0.01)], { bufferM: 100 }),
			corridorArea(
				"b",
				[
					[
						[10.05, 50],
						[10.08, 50.02],
					],
				],
				30,
			),
		];
		const test = indexOf(areas).test({ ids: ["a", "b"] });
		fc.assert(
			fc.property(
				fc.tuple(fc.double({ min: 9.9, max: 10.2, noNaN: true }), fc.double({ min: 49.9, max: 50.1, noNaN: true })),
				fc.tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 10_000 })),
				([lonDeg, latDeg], [a, b]) => {
					const [less, more] = [Math.min(a, b), Math.max(a, b)];
					if (test?.at(latDeg, lonDeg, "wgs84", less) === "inside") expect(test.at(latDeg, lonDeg, "wgs84", more)).toBe("inside");
				},
			),
			{ numRuns: 2_000 },
		);
	});
});
