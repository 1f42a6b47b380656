import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeMapFeature, type MapDraft, readFeature, readGeoJson } from "../../agent/formats/geojson.ts";
import { forEachPosition } from "../../agent/formats/map-geometry.ts";
import { mapLimits, mapRefusals } from "../../agent/formats/map-limits.ts";
import { dataPath, hasData } from "../data.ts";

const feature = (over: object = {}): object => ({
	type: "Feature",
	geometry: {
		type: "LineString",
		coordinates: [
			[121, 31],
			[121.1, 31.1, 4],
		],
	},
	properties: { id: "a", lanes: [{ id: 1 }] },
	...over,
});
const geometryOf = (type: string, coordinates: unknown, datum: "wgs84" | "local" = "wgs84") =>
	readFeature(feature({ geometry: { type, coordinates } }), "Lane", datum);
const ring = [
	[0, 0],
	[1, 0],
	[1, 1],
	[0, 0],
];

describe("readFeature", () => {
	it("takes every type of geometry and gives a copy", () => {
		const shapes: readonly (readonly [string, unknown])[] = [
			["Point", [1, 2]],
			[
				"MultiPoint",
				[
					[1, 2],
					[3, 4, 5],
				],
			],
			[
				"LineString",
				[
					[1, 2],
					[3, 4],
				],
			],
			[
				"MultiLineString",
				[
					[
						[1, 2],
						[3, 4],
					],
				],
			],
			["Polygon", [ring]],
			["MultiPolygon", [[ring]]],
		];
		for (const [type, coordinates] of shapes) {
			const read = geometryOf(type, coordinates);
			expect(read).toMatchObject({ layer: "Lane", datum: "wgs84", geometry: { type, coordinates } });
			expect(typeof read === "object" && read.geometry.coordinates).not.toBe(coordinates);
		}
	});

	it.each([
		[
			"an unknown type",
			"Curve",
			[
				[0, 0],
				[1, 1],
			],
		],
		["a collection", "GeometryCollection", []],
		["a line of one position", "LineString", [[0, 0]]],
		["no position", "Point", []],
		["a position of one number", "Point", [1]],
		["a position of four numbers", "Point", [1, 2, 3, 4]],
		["text for a number", "Point", ["1", 2]],
		["latitude before longitude", "Point", [31, 121]],
		["a longitude beyond the earth", "Point", [180.1, 0]],
		["no number", "Point", [Number.NaN, 0]],
		["an endless height", "Point", [0, 0, Number.POSITIVE_INFINITY]],
		[
			"an open ring",
			"Polygon",
			[
				[
					[0, 0],
					[1, 0],
					[1, 1],
					[0, 1],
				],
			],
		],
		[
			"a ring of three",
			"Polygon",
			[
				[
					[0, 0],
					[1, 0],
					[0, 0],
				],
			],
		],
		[
			"a ring that closes at another height",
			"Polygon",
			[
				[
					[0, 0, 1],
					[1, 0],
					[1, 1],
					[0, 0, 2],
				],
			],
		],
		[
			"too deep a nesting",
			"LineString",
			[
				[
					[0, 0],
					[1, 1],
				],
			],
		],
		["an empty list", "MultiPolygon", []],
	])("refuses %s", (_what, type, coordinates) => {
		expect(geometryOf(type, coordinates)).toBe("geometry_invalid");
	});

	it("takes metres where the datum is local", () => {
		expect(geometryOf("Point", [5e5, 3.4e6], "local")).toMatchObject({ geometry: { coordinates: [5e5, 3.4e6] } });
		expect(geometryOf("Point", [5e5, 3.4e9], "local")).toBe("geometry_invalid");
	});

	it("refuses a geometry or properties beyond their bounds", () => {
		const many = Array.from({ length: mapLimits.positions + 1 }, (_, at) => [at / 1e6, 0]);
		expect(geometryOf("LineString", many)).toBe("geometry_too_large");
		expect(
			geometryOf(
				"MultiLineString",
				Array.from({ length: 20_000 }, () => [
					[0, 0],
					[1, 1],
				]),
			),
		).toBe("geometry_too_large");
		let deep: object = {};
		for (let at = 0; at < 40; at++) deep = { deep };
		expect(readFeature(feature({ properties: deep }), "Lane", "wgs84")).toBe("properties_invalid");
		const wide = { list: Array.from({ length: mapLimits.propertyNodes + 1 }, () => 0) };
		expect(readFeature(feature({ properties: wide }), "Lane", "wgs84")).toBe("properties_too_large");
		expect(readFeature(feature({ properties: { a: "x".repeat(mapLimits.textLength + 1) } }), "Lane", "wgs84")).toBe("properties_invalid");
		expect(readFeature(feature({ properties: JSON.parse('{"__proto__":{"a":1}}') }), "Lane", "wgs84")).toBe("properties_invalid");
	});

	it("keeps the feature's id where the properties have none", () => {
		expect(readFeature(feature({ id: 7, properties: null }), "Lane", "wgs84")).toMatchObject({ properties: { id: 7 } });
		expect(readFeature(feature({ id: 7 }), "Lane", "wgs84")).toMatchObject({ properties: { id: "a" } });
		expect(readFeature(feature({ id: { a: 1 }, properties: {} }), "Lane", "wgs84")).toMatchObject({ properties: {} });
	});

	it("refuses coordinates of another reference system", () => {
		const crs = (name: unknown) => ({ type: "name", properties: { name } });
		expect(readFeature(feature({ crs: crs("EPSG:32651") }), "Lane", "wgs84")).toBe("crs_not_known");
		expect(readFeature(feature({ crs: 4326 }), "Lane", "wgs84")).toBe("crs_not_known");
		expect(readFeature(feature({ crs: crs("urn:ogc:def:crs:OGC:1.3:CRS84") }), "Lane", "wgs84")).toMatchObject({ layer: "Lane" });
	});
});

describe("readGeoJson", () => {
	const read = (text: string) => [...readGeoJson(text, "Lane", "wgs84")];

	it("reads each feature of a collection by itself", () => {
		const text = JSON.stringify({ type: "FeatureCollection", features: [feature(), { type: "Feature", geometry: null }, 7, feature()] });
		expect(read(text).map((each) => (typeof each === "string" ? each : each.layer))).toEqual([
			"Lane",
			"geometry_missing",
			"feature_invalid",
			"Lane",
		]);
		expect(read(`\uFEFF${JSON.stringify(feature())}`)).toHaveLength(1);
	});

	it("says why a text is no map", () => {
		for (const text of ["", "{", "\0"]) expect(read(text)).toEqual(["json_invalid"]);
		for (const text of ["null", "[]", "1", "{}", '{"type":"FeatureCollection"}', '{"type":"Point","coordinates":[0,0]}'])
			expect(read(text)).toEqual(["not_a_map"]);
	});

	it("never throws, and gives drafts that can be written or refusals of the closed set", () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string(),
					fc.json(),
					fc.json().map((json) => `{"type":"Feature","geometry":{"type":"Polygon","coordinates":${json}},"properties":${json}}`),
				),
				(text) => {
					for (const each of read(text)) {
						if (typeof each === "string") expect(mapRefusals).toContain(each);
						else expect(read(encodeMapFeature(each))).toEqual([each]);
					}
				},
			),
		);
	});

	it.skipIf(!hasData("maps/polygons/naturalearth_lowres.geojson"))("reads the countries of the world (needs shared data maps)", () => {
		const all = read(readFileSync(dataPath("maps/polygons/naturalearth_lowres.geojson"), "utf8"));
		expect(all.length).toBeGreaterThan(170);
		expect(all.filter((each) => typeof each === "string")).toEqual([]);
		let positions = 0;
		for (const each of all)
			if (typeof each !== "string") forEachPosition(each.geometry, ({ length }) => (positions += length === 2 ? 1 : 0));
		expect(positions).toBeGreaterThan(10_000);
	});
});

describe("encodeMapFeature", () => {
	const draft: MapDraft = { layer: "Lane", datum: "wgs84", geometry: { type: "Point", coordinates: [1, 2] }, properties: { id: "a" } };

	it("writes type, geometry and properties and nothing else", () => {
		const odd = { ...draft, geometry: { ...draft.geometry, bbox: [1], crs: "x" }, sourceId: "map0", bbox: [0] };
		expect(JSON.parse(encodeMapFeature(odd))).toEqual({
			type: "Feature",
			geometry: { type: "Point", coordinates: [1, 2] },
			properties: { id: "a" },
		});
	});

	it("refuses what its reader would not take, and repeats none of it", () => {
		const bad = { ...draft, geometry: { type: "Point" as const, coordinates: [1, 123.456] } };
		expect(() => encodeMapFeature(bad)).toThrow(
			expect.objectContaining({ code: "FORMAT_INVALID", message: expect.not.stringContaining("123") }),
		);
	});
});
