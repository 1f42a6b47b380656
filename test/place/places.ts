/** Place documents for tests. */

import { parseValue } from "../../shared/parse-document.ts";
import type { Line, Polygon } from "../../shared/place-positions.ts";
import { type Area, type Places, PlacesSchema } from "../../shared/places.ts";

export const notAfterMs = Date.parse("2027-01-01T00:00:00Z");
/** A moment within the term of `places`. */
export const inTermMs = Date.parse("2026-06-01T00:00:00Z");

export const places = (areas: readonly Area[], extra: Partial<Places> = {}): Places =>
	parseValue(
		PlacesSchema,
		{
			...{ kind: "places", id: "test", version: 1, issuedAt: "2026-01-01T00:00:00Z", notAfter: "2027-01-01T00:00:00Z", datum: "wgs84" },
			areas,
			...extra,
		},
		"places",
		"LAW_INVALID",
	);

export const polygonArea = (id: string, polygons: readonly Polygon[], extra: Partial<Area> = {}): Area => ({
	...{ id, kind: "sensitive", shape: { type: "polygons", polygons }, bufferM: 0 },
	...extra,
});

export const corridorArea = (id: string, lines: readonly Line[], widthM: number, extra: Partial<Area> = {}): Area => ({
	...{ id, kind: "allowed", shape: { type: "corridors", widthM, lines } },
	...extra,
});

/** A square of so many degrees around a point. */
export const square = (lonDeg: number, latDeg: number, halfDeg: number): Polygon => [
	[
		[lonDeg - halfDeg, latDeg - halfDeg],
		[lonDeg + halfDeg, latDeg - halfDeg],
		[lonDeg + halfDeg, latDeg + halfDeg],
		[lonDeg - halfDeg, latDeg + halfDeg],
		[lonDeg - halfDeg, latDeg - halfDeg],
	],
];
