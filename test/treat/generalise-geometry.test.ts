import fc from "fast-check";
import { describe, expect, it } from "vitest";
import generalise from "../../agent/treat/generalise-geometry.ts";
import type { MapFeature, MapGeometry } from "../../shared/reading.ts";
import { taggedMap } from "../contract/tagged-maps.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";

treatmentContract({
	plugin: generalise,
	valid: [{ toleranceM: 5, gridM: 10 }, { toleranceM: 0 }],
	invalid: {
		"no tolerance": {},
		"a tolerance below 0": { toleranceM: -1 },
		"a tolerance beyond its range": { toleranceM: 10_001 },
		"a grid of nothing": { toleranceM: 1, gridM: 0 },
		"no number": { toleranceM: Number.NaN },
	},
	idempotent: true,
});

const draw = (
	geometry: MapGeometry,
	options: { toleranceM: number; gridM?: number },
	over: Partial<MapFeature> = {},
): MapGeometry | undefined => {
	const step = generalise.compile({ type: "generalise-geometry", ...options }, testFacilities());
	const after = typeof step === "function" ? step(taggedMap({ geometry, ...over })) : undefined;
	return after?.kind === "map" ? after.geometry : undefined;
};
const line = (coordinates: number[][]): MapGeometry => ({ type: "LineString", coordinates });
const metreLat = 1 / 111_320;

const distanceM = ([x = 0, y = 0]: readonly number[], [ax = 0, ay = 0]: readonly number[], [bx = 0, by = 0]: readonly number[]): number => {
	const square = (bx - ax) ** 2 + (by - ay) ** 2;
	const along = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / square));
	return Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
};

describe("generalise-geometry", () => {
	it("takes heights away and leaves out what a line can do without", () => {
		const wavy = line([
			[121, 31, 5],
			[121, 31 + 50 * metreLat, 6],
			[121 + 2 * metreLat, 31 + 100 * metreLat, 7],
			[121, 31 + 200 * metreLat, 8],
		]);
		expect(draw(wavy, { toleranceM: 5 })).toEqual(
			line([
				[121, 31],
				[121, 31 + 200 * metreLat],
			]),
		);
		expect(((draw(wavy, { toleranceM: 0.5 })?.coordinates ?? []) as unknown[]).length).toBeGreaterThan(2);
	});

	it("puts every position on the grid, so that neighbours within a cell cannot be told apart", () => {
		const at = (lonDeg: number, latDeg: number) => draw({ type: "Point", coordinates: [lonDeg, latDeg, 3] }, { toleranceM: 0, gridM: 100 });
		const one = at(121.4737, 31.2304);
		const [lonDeg, latDeg] = (one?.coordinates ?? []) as number[];
		expect(at(lonDeg ?? 0, latDeg ?? 0)).toEqual(one);
		expect(one?.coordinates).toHaveLength(2);
		expect(generalise.precisionM?.({ type: "generalise-geometry", toleranceM: 50, gridM: 100 })).toBe(100);
		expect(generalise.precisionM?.({ type: "generalise-geometry", toleranceM: 50 })).toBe(0);
	});

	it("takes local numbers as metres", () => {
		expect(
			draw(
				line([
					[3, 4],
					[104, 203],
				]),
				{ toleranceM: 0, gridM: 10 },
				{ datum: "local" },
			),
		).toEqual(
			line([
				[0, 0],
				[100, 200],
			]),
		);
	});

	it("withholds what has no extent any more, and keeps polygons closed", () => {
		const size = (metres: number): MapGeometry => {
			const [x, y] = [121 + metres * metreLat, 31 + metres * metreLat];
			return {
				type: "Polygon",
				coordinates: [
					[
						[121, 31],
						[x, 31],
						[x, y],
						[121, y],
						[121, 31],
					],
				],
			};
		};
		expect(draw(size(3), { toleranceM: 0, gridM: 100 })).toBeUndefined();
		expect(
			draw(
				line([
					[121, 31],
					[121 + metreLat, 31],
				]),
				{ toleranceM: 0, gridM: 1_000 },
			),
		).toBeUndefined();
		const [ring] = (draw(size(1_000), { toleranceM: 10, gridM: 100 })?.coordinates ?? []) as number[][][];
		expect(ring?.at(-1)).toEqual(ring?.[0]);
		expect(ring?.length).toBeGreaterThanOrEqual(4);
	});

	it("leaves out no point that is further from what stays than the tolerance, and changes nothing when it is done again", () => {
		const metres = fc.double({ min: -1_000, max: 1_000, noNaN: true });
		fc.assert(
			fc.property(
				fc.array(fc.tuple(metres, metres), { minLength: 2, maxLength: 60 }),
				fc.double({ min: 0.1, max: 500, noNaN: true }),
				(points, toleranceM) => {
					const coordinates = points.map(([x, y]) => [x, y]);
					const after = draw(line(coordinates), { toleranceM }, { datum: "local" });
					if (after === undefined) return;
					const kept = after.coordinates as number[][];
					for (const point of coordinates) {
						const nearest = Math.min(...kept.slice(1).map((to, at) => distanceM(point, kept[at] as number[], to)));
						expect(nearest).toBeLessThanOrEqual(toleranceM + 1e-6);
					}
					expect(draw(after, { toleranceM }, { datum: "local" })).toEqual(after);
				},
			),
		);
	});

	it("gives up on lines that are made to cost", { timeout: 20_000 }, () => {
		// Each point is farther out than all before it, so that only one is settled at a time.
		const comb = Array.from({ length: 50_000 }, (_, at) => [at * 1e-9, (at % 2 === 0 ? 1 : -1) * at * 1e-4]);
		expect(draw(line(comb), { toleranceM: 0 }, { datum: "local" })).toBeUndefined();
	});
});
