import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { forEachPosition } from "../../agent/formats/map-geometry.ts";
import { compilePlaces } from "../../agent/place/compile-places.ts";
import { metresPerLatDeg, metresPerLonDeg } from "../../agent/place/metres.ts";
import cutMapAreas from "../../agent/treat/cut-map-areas.ts";
import type { Datum, MapGeometry } from "../../shared/reading.ts";
import { taggedMap } from "../contract/tagged-maps.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { inTermMs, notAfterMs, places, polygonArea, square } from "../place/places.ts";

treatmentContract({
	plugin: cutMapAreas,
	valid: [{ kinds: ["sensitive"] }, { areas: ["depot"], randomExtraM: 0 }],
	invalid: {
		"no areas": {},
		"an empty list": { areas: [] },
		"an unheard kind": { kinds: ["secret"] },
		"too far": { kinds: ["sensitive"], randomExtraM: 5_001 },
	},
	idempotent: true,
});

const [lonDeg, latDeg] = [121.5, 31.2];
const areas = [polygonArea("barracks", [square(lonDeg, latDeg, 0.01)], { bufferM: 500 })];
const indexAt = (nowMs: number) => compilePlaces(places(areas), { nowMs: () => nowMs });
const index = indexAt(inTermMs);

const at = (northM: number, eastM = 0): number[] => [lonDeg + eastM / metresPerLonDeg(latDeg), latDeg + northM / metresPerLatDeg(latDeg)];
const cut = (
	type: MapGeometry["type"],
	coordinates: MapGeometry["coordinates"],
	over: { randomExtraM?: number; datum?: Datum; nowMs?: number } = {},
): MapGeometry | undefined => {
	const { randomExtraM = 0, datum = "wgs84", nowMs } = over;
	const facilities = testFacilities("p", { places: nowMs === undefined ? index : indexAt(nowMs) });
	const step = cutMapAreas.compile({ type: "cut-map-areas", kinds: ["sensitive"], randomExtraM }, facilities);
	const after = typeof step === "function" ? step(taggedMap({ datum, geometry: { type, coordinates } })) : undefined;
	return after?.kind === "map" ? after.geometry : undefined;
};
const wallM = 0.01 * metresPerLatDeg(latDeg);

describe("cut-map-areas", () => {
	it("takes points inside, on the wall and in the buffer, and leaves others", () => {
		for (const northM of [0, wallM, wallM + 499]) expect(cut("Point", at(northM))).toBeUndefined();
		expect(cut("Point", at(wallM + 502))).toMatchObject({ type: "Point", coordinates: at(wallM + 502) });
		expect(cut("MultiPoint", [at(0), at(5_000)])).toMatchObject({ coordinates: [at(5_000)] });
	});

	it("cuts a line into what is left of it on both sides", () => {
		const line = [-6_000, -5_000, -4_000, -3_000, 0, 3_000, 4_000, 5_000].map((northM) => at(northM));
		expect(cut("LineString", line)).toEqual({ type: "MultiLineString", coordinates: [line.slice(0, 4), line.slice(5)] });
		expect(cut("LineString", line.slice(0, 3))).toEqual({ type: "LineString", coordinates: line.slice(0, 3) });
		expect(cut("MultiLineString", [line.slice(3, 6), line.slice(5)])).toEqual({ type: "MultiLineString", coordinates: [line.slice(5)] });
	});

	it("takes a stretch that only passes between two points far away", () => {
		expect(cut("LineString", [at(-50_000), at(50_000)])).toBeUndefined();
		expect(cut("LineString", [at(-50_000, 4_000), at(50_000, 4_000)])).toMatchObject({ type: "LineString" });
	});

	it("takes polygons whose box reaches an area, also around it", () => {
		const box = (halfM: number, northM = 0) => [
			[
				at(northM - halfM, -halfM),
				at(northM - halfM, halfM),
				at(northM + halfM, halfM),
				at(northM + halfM, -halfM),
				at(northM - halfM, -halfM),
			],
		];
		for (const halfM of [10, 3_000, 40_000]) expect(cut("Polygon", box(halfM))).toBeUndefined();
		expect(cut("Polygon", box(1_000, 9_000))).toMatchObject({ type: "Polygon" });
		expect(cut("MultiPolygon", [box(10), box(1_000, 9_000)])).toMatchObject({ coordinates: [box(1_000, 9_000)] });
	});

	it("withholds what cannot be told", () => {
		expect(cut("Point", at(90_000), { nowMs: notAfterMs })).toBeUndefined();
		for (const datum of ["local", "unknown", "gcj02"] as const) expect(cut("Point", at(90_000), { datum })).toBeUndefined();
		const step = cutMapAreas.compile({ type: "cut-map-areas", kinds: ["sensitive"] }, testFacilities());
		expect(typeof step === "function" && step(taggedMap())).toBeUndefined();
		expect(() => cutMapAreas.compile({ type: "cut-map-areas", areas: ["none"] }, testFacilities("p", { places: index }))).toThrow(
			expect.objectContaining({ code: "TREATMENT_INVALID" }),
		);
	});

	it("withholds what would take too long to tell", { timeout: 20_000 }, () => {
		const world = [
			[
				[-180, -80],
				[180, -80],
				[180, -60],
				[-180, -60],
				[-180, -80],
			],
		];
		expect(cut("Polygon", world)).toBeUndefined();
	});

	it("leaves no point within an area and its buffer, however the line runs, and less with a random border", () => {
		const offset = fc.integer({ min: -6_000, max: 6_000 });
		const test = index.test({ kinds: ["sensitive"] });
		fc.assert(
			fc.property(fc.array(fc.tuple(offset, offset), { minLength: 2, maxLength: 12 }), fc.constantFrom(0, 300), (points, randomExtraM) => {
				const line = points.map(([northM, eastM]) => at(northM, eastM));
				const left = cut("LineString", line, { randomExtraM });
				if (left === undefined) return;
				const runs = (left.type === "LineString" ? [left.coordinates] : left.coordinates) as readonly (readonly (readonly number[])[])[];
				forEachPosition(left, ([lon = 0, lat = 0]) => expect(test?.at(lat, lon, "wgs84")).toBe("outside"));
				for (const run of runs) {
					for (const [index_, [toLon = 0, toLat = 0]] of run.slice(1).entries()) {
						const [lon = 0, lat = 0] = run[index_] ?? [];
						for (let part = 0; part <= 20; part++)
							expect(test?.at(lat + ((toLat - lat) * part) / 20, lon + ((toLon - lon) * part) / 20, "wgs84")).toBe("outside");
					}
				}
			}),
			{ numRuns: 60 },
		);
	});
});
