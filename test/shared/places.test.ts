/** The document of places: what it refuses, and that no refusal says where anything is. */
import { describe, expect, it } from "vitest";
import { isKerbError } from "../../shared/errors.ts";
import { parseDocument } from "../../shared/parse-document.ts";
import { type Area, bufferOf, PlacesSchema } from "../../shared/places.ts";
import { polygonArea, square } from "../place/places.ts";

const ring = square(121.5, 31.2, 0.01)[0] ?? [];
const document = (areas: readonly unknown[], over: object = {}) => ({
	...{ kind: "places", id: "p", version: 1, issuedAt: "2026-01-01T00:00:00Z", notAfter: "2027-01-01T00:00:00Z", datum: "wgs84", areas },
	...over,
});
const parse = (value: unknown) =>
	parseDocument(PlacesSchema, new TextEncoder().encode(JSON.stringify(value)), "places.json", "LAW_INVALID");
const area = (shape: unknown, over: object = {}) => ({ id: "a", kind: "sensitive", shape, ...over });
const polygons = (...list: unknown[]) => area({ type: "polygons", polygons: list });
const lines = (...list: unknown[]) => area({ type: "corridors", widthM: 10, lines: list });
const cells = { type: "cells", cellM: 1_000, saltHex: "01".repeat(32), hashes: "AAAAAAAB" };

describe("PlacesSchema", () => {
	it("takes every shape", () => {
		const circle = { id: "c", kind: "named", shape: { type: "circle", centre: [0, 0], radiusM: 0 } };
		const all = [polygons([ring, ring]), { ...lines(ring), id: "b" }, circle, { ...area(cells), id: "d" }];
		expect(parse(document(all)).areas.length).toBe(4);
	});

	it.each([
		["no areas", document([])],
		["an id twice", document([polygons([ring]), polygons([ring])])],
		["a datum that is none on the earth", document([polygons([ring])], { datum: "local" })],
		["an unknown key", document([polygons([ring])], { note: "x" })],
		["no term", document([polygons([ring])], { notAfter: undefined })],
		["an open ring", document([polygons([ring.slice(0, 4)])])],
		["a ring of two corners", document([polygons([[ring[0], ring[1], ring[0]]])])],
		["a polygon without rings", document([polygons([])])],
		["no polygons", document([polygons()])],
		["a number for a ring", document([polygons([121.5])])],
		["a position with a height", document([polygons([ring.map(([x, y]) => [x, y, 31.2])])])],
		["a latitude past the pole", document([polygons([[...ring.slice(0, 2), [121.5, 131.2], ...ring.slice(2)]])])],
		["a text for a longitude", document([polygons([[...ring.slice(0, 2), ["121.5", 31.2], ...ring.slice(2)]])])],
		[
			"an edge the long way round",
			document([
				lines([
					[179, 31.2],
					[-179, 31.2],
				]),
			]),
		],
		["a line of one position", document([lines([[121.5, 31.2]])])],
		["a corridor of no width", document([area({ type: "corridors", widthM: 0, lines: [ring] })])],
		["a circle around nothing", document([area({ type: "circle", centre: [121.5], radiusM: 1 })])],
		["too wide a buffer", document([polygons([ring])].map((each) => ({ ...each, bufferM: 20_001 })))],
		["a buffer around cells", document([area(cells, { bufferM: 1 })])],
		["cells that are too small", document([area({ ...cells, cellM: 499 })])],
		["a short salt", document([area({ ...cells, saltHex: "01" })])],
		["half a hash", document([area({ ...cells, hashes: "AAAA" })])],
		["hashes that are no base64", document([area({ ...cells, hashes: "AAAAAA*=" })])],
	])("refuses %s, and says nothing of where", (_name, value) => {
		const error = (() => {
			try {
				return parse(value);
			} catch (thrown) {
				return thrown;
			}
		})();
		expect(isKerbError(error, "LAW_INVALID")).toBe(true);
		expect(isKerbError(error) ? `${error.message} ${error.problems.join(" ")}` : "").not.toMatch(/121\.|31\.2|-179,/);
	});

	it("says at which position a list is wrong", () => {
		const broken = [...ring.slice(0, 2), [121.5, 131.2], ...ring.slice(2)];
		expect(() => parse(document([polygons([ring], [ring, broken])]))).toThrow(
			/areas\.0\.shape\.polygons\.1\.1\.2: expected \[longitude, latitude\]/,
		);
	});

	it("bounds the positions of an area", () => {
		const many = Array.from({ length: 400_001 }, (_, index) => [0, (index % 2) * 0.1]);
		expect(() => parse(document([lines(many)]))).toThrow(/at most 400000/);
	});

	it("puts 500 m around sensitive areas that have no buffer of their own, and nothing around cells", () => {
		const { bufferM: _none, ...plain } = polygonArea("a", [[ring]]);
		expect([bufferOf(plain), bufferOf({ ...plain, kind: "allowed" }), bufferOf({ ...plain, bufferM: 7 })]).toStrictEqual([500, 0, 7]);
		expect(bufferOf(parse(document([area(cells)])).areas[0] as Area)).toBe(0);
	});
});
