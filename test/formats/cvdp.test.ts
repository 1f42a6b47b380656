import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cvdpAreas } from "../../agent/formats/cvdp-areas.ts";
import { parseCvdpFields } from "../../agent/formats/cvdp-fields.ts";
import { parseCvdpProperties } from "../../agent/formats/cvdp-properties.ts";
import { type CvdpShapes, edgeLength, parseCvdpShapes } from "../../agent/formats/cvdp-shapes.ts";
import { isKerbError } from "../../shared/errors.ts";
import type { Ring } from "../../shared/place-positions.ts";
import { dataPath, hasData } from "../data.ts";

const folder = "v2x/jpo-cvdp";
const textOf = (name: string): string => readFileSync(dataPath(`${folder}/${name}`), "utf8");
const problemsOf = (run: () => unknown): readonly string[] => {
	try {
		run();
	} catch (error) {
		if (isKerbError(error)) return [error.code, ...error.problems];
		throw error;
	}
	return [];
};

/** True for a point in a ring whose corners turn clockwise as seen with north up, or on its sides. */
const holds = (ring: Ring, lat: number, lon: number): boolean =>
	ring.slice(1).every((next, index) => {
		const corner = ring[index] ?? next;
		return (lat - corner[1]) * (next[0] - corner[0]) - (lon - corner[0]) * (next[1] - corner[1]) <= 1e-15;
	});

const shapesOf = (text: string) => parseCvdpShapes(new TextEncoder().encode(text), "roads.edges");
/** The edges as objects, for reading. */
const edgesOf = ({ edges }: CvdpShapes) =>
	Array.from({ length: edges.length / edgeLength }, (_, index) => {
		const [fromLatDeg, fromLonDeg, toLatDeg, toLonDeg, widthM] = edges.subarray(index * edgeLength);
		return { fromLatDeg, fromLonDeg, toLatDeg, toLonDeg, widthM };
	});
const titles = "type,id,geography,attributes\n";

describe("parseCvdpProperties", () => {
	const parse = (text: string) => parseCvdpProperties(text, "ppm.properties");

	it.skipIf(!hasData(folder))("reads every file that jpo-cvdp ships (needs shared data v2x)", () => {
		const on = ["c1", "c2", "c3", "c4", "c5", "c6"].map((name) => {
			const { velocity, ids, redactsSize, redactsFields, geofence } = parse(textOf(`${name}.properties`));
			return { velocity: velocity !== undefined, ids, redactsSize, redactsFields, geofence: geofence !== undefined };
		});
		const off = { velocity: false, ids: undefined, redactsSize: false, redactsFields: false, geofence: false };
		const ids = ["BEA10000", "BEA10001"];
		expect(on).toEqual([
			off,
			{ ...off, velocity: true },
			{ ...off, geofence: true },
			{ ...off, ids },
			{ ...off, redactsSize: true },
			{ ...off, velocity: true, ids, redactsSize: true, geofence: true },
		]);
		expect(parse(textOf("I_80_vel_filter.properties")).velocity).toEqual({ minMps: 2.235, maxMps: 35.763 });
		expect(parse(textOf("CO-Motorways.properties")).geofence).toEqual({
			mapFile: "/ppm_data/road_file.csv",
			extensionM: 10,
			bounds: { southDeg: 37.002, westDeg: -109.044, northDeg: 41.002, eastDeg: -102.052 },
		});
	});

	it("names what is of no use here", () => {
		expect(parse("group.id=PPM\nprivacy.topic.consumer=a\n# privacy.filter.velocity=ON\n").notes).toEqual([
			"not for a filter of files, left out: group.id, privacy.topic.consumer",
		]);
	});

	it("takes every spelling of on for on, and says where jpo-cvdp does not", () => {
		const { velocity, notes } = parse("privacy.filter.velocity = On\r\n");
		expect(velocity).toEqual({ minMps: 2.2352, maxMps: 35.7632 });
		expect(notes).toEqual(['privacy.filter.velocity: is on here; jpo-cvdp takes anything but "ON" for off']);
	});

	it("replaces all ids where no inclusions are asked for, and none where the list is empty", () => {
		expect(parse("privacy.redaction.id=ON").ids).toBe("all");
		expect(parse("privacy.redaction.id=ON\nprivacy.redaction.id.inclusions=ON").ids).toEqual([]);
	});

	it("refuses what would switch off a protection in silence, all of it at once", () => {
		const text =
			"privacy.filter.velocty=ON\nprivacy.redaction.size=yes\nprivacy.filter.geofence=ON\nnothing\nprivacy.filter.velocity=ON\nprivacy.filter.velocity.min=x";
		expect(problemsOf(() => parse(text))).toEqual([
			"CONFIG_INVALID",
			"line 1: there is no such filter or redaction",
			"line 4: expected key=value",
			"privacy.filter.velocity.min: expected a number from 0 to 500",
			"privacy.redaction.size: expected ON or OFF",
			"privacy.filter.geofence.sw.lat: expected a number from -90 to 90, it is missing",
			"privacy.filter.geofence.sw.lon: expected a number from -180 to 180, it is missing",
			"privacy.filter.geofence.ne.lat: expected a number from -90 to 90, it is missing",
			"privacy.filter.geofence.ne.lon: expected a number from -180 to 180, it is missing",
			"privacy.filter.geofence.sw.lat: expected less than ne.lat",
			"privacy.filter.geofence.sw.lon: expected less than ne.lon",
		]);
	});

	it("throws nothing but KerbError, whatever it is given", () => {
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom(..."privacy.filter=ONOF\n#velocity "), maxLength: 200 }), (text) => {
				problemsOf(() => parse(text));
			}),
		);
	});
});

describe("parseCvdpFields", () => {
	it.skipIf(!hasData(folder))("reads jpo-cvdp's own list (needs shared data v2x)", () => {
		const fields = parseCvdpFields(textOf("fieldsToRedact.txt"), "fieldsToRedact.txt");
		expect(fields).toHaveLength(17);
		expect(fields[0]).toBe("payload.data.value.BasicSafetyMessage.coreData.angle");
	});

	it("refuses what is no path, with its line", () => {
		expect(problemsOf(() => parseCvdpFields("a.b\n\n# note\na..b\na.b\na b\n", "f"))).toEqual([
			"CONFIG_INVALID",
			"line 4: expected names joined by dots",
			"line 6: expected names joined by dots",
		]);
	});
});

describe("parseCvdpShapes", () => {
	const parse = (text: string) => {
		const shapes = shapesOf(text);
		return { ...shapes, edges: edgesOf(shapes) };
	};

	it.skipIf(!hasData(folder))("reads jpo-cvdp's own maps (needs shared data v2x)", () => {
		const motorways = parse(gunzipSync(readFileSync(dataPath(`${folder}/CO-Motorways.edges.gz`))).toString("latin1"));
		expect({ ...motorways, edges: motorways.edges.length }).toEqual({
			edges: 33_970,
			circles: [],
			grids: [],
			invalidLines: 0,
			excludedEdges: 0,
		});
		// cdot_custom_motorway is no type that jpo-cvdp knows.
		expect(motorways.edges.filter(({ widthM }) => widthM === 80)).toHaveLength(870);
		expect(parse(textOf("plymouth_rd.quad")).edges.map(({ widthM }) => widthM)).toEqual(Array.from({ length: 68 }, () => 17));
	});

	it("reads all three shapes, with blanks and without attributes", () => {
		const { edges, circles, grids } = parse(
			`${titles}edge, 71, 51 ; 41.1 ; -83.1 : 52 ; 41.2 ; -84.2 , way_id=80 : way_type = Primary\r\nedge,1,1;1;2:2;3;4\ncircle,0,42.28:-83.73:22.0\ngrid,0_0,42.42:-83.91:42.43:-83.89`,
		);
		expect(edges).toEqual([
			{ fromLatDeg: 41.1, fromLonDeg: -83.1, toLatDeg: 41.2, toLonDeg: -84.2, widthM: 30 },
			{ fromLatDeg: 1, fromLonDeg: 2, toLatDeg: 3, toLonDeg: 4, widthM: 80 },
		]);
		expect(circles).toEqual([{ latDeg: 42.28, lonDeg: -83.73, radiusM: 22 }]);
		expect(grids).toEqual([{ southDeg: 42.42, westDeg: -83.91, northDeg: 42.43, eastDeg: -83.89 }]);
	});

	it("reads an edge as written plainly and with blanks alike, to the last bit of its numbers", () => {
		const degree = fc
			.tuple(fc.boolean(), fc.integer({ min: 0, max: 79 }), fc.stringMatching(/^\d{0,17}$/))
			.map(([isSouth, whole, part]) => `${isSouth ? "-" : ""}${whole}${part === "" ? "" : `.${part}`}`);
		fc.assert(
			fc.property(
				degree,
				degree,
				degree,
				degree,
				fc.constantFrom("", "way_type=motorway:way_id=1", "way_type=service", "way_type=x:y=z", ":"),
				(a, b, c, d, attributes) => {
					const of = (before: string) => {
						const { edges, excludedEdges } = parse(`${titles}grid,0_0,1:1:2:2\nedge${before},1,1;${a};${b}:2;${c};${d},${attributes}\n`);
						return [edges, excludedEdges];
					};
					expect(of("")).toEqual(of(" "));
					expect(of("")[0]).toEqual(
						attributes === "way_type=service" ? [] : [expect.objectContaining({ fromLatDeg: Number(a), toLonDeg: Number(d) })],
					);
				},
			),
			{ numRuns: 500 },
		);
	});

	it("leaves out roads with doors at them", () => {
		const { edges, excludedEdges } = parse(
			`${titles}edge,58,31;41.24;-83.74:61;41.25;-84.04,way_type=SERVICE\nedge,59,31;41.24;-83.74:61;41.25;-84.04,way_type=pedestrian\nedge,60,31;1;1:61;1;1,way_type=road`,
		);
		expect([edges.length, excludedEdges]).toEqual([1, 2]);
	});

	it("skips and counts what jpo-cvdp skips", () => {
		const bad = [
			"edge, 11",
			"edge,12,0;0;0:1;1;1:2;2;2",
			"edge,13,0;0;0:1;1",
			"edge,23,7;a;-:8;1;1",
			"edge,31,11;80.1;0:15;1;1",
			"edge,32,12;-84.1;0:16;1;1",
			"edge,33,13;0;180:17;1;1",
			"edge,1,1;1;1:2;2;2,a,b",
			"edge,1,1;;1:2;2;2",
			"grid,0_0,42.431661:-83.89",
			"grid,0_0,2:1:1:2",
			"circle,0,42.283135:-83.735670:-22.0",
			"circle,0,42.283135:-83.735670:1e99",
			"triangle,0,1:1:1",
		];
		expect(parse(`${titles}edge,1,1;1;1:2;2;2,\n${bad.join("\n")}\n`)).toMatchObject({ invalidLines: bad.length, edges: [{ widthM: 80 }] });
	});

	it("refuses a file without a shape", () => {
		expect(problemsOf(() => parse(""))).toEqual(["FORMAT_INVALID"]);
		expect(problemsOf(() => parse("edge,1,1;1;1:2;2;2"))).toEqual(["FORMAT_INVALID"]);
	});
});

describe("cvdpAreas", () => {
	/** A street of jpo-cvdp's tests, with the corners that they expect. */
	const street = `${titles}edge,1,1;35.952500;-83.932434:2;35.948878;-83.928081,way_type=secondary`;
	const wide = { southDeg: -80, westDeg: -179, northDeg: 80, eastDeg: 179 };

	it("has the corners that jpo-cvdp has", () => {
		const { rings } = cvdpAreas(shapesOf(street), { extensionM: 0, bounds: wide });
		const expected = [
			[35.952553247, -83.9323663936],
			[35.948931247, -83.9280133967],
			[35.948824753, -83.9281486032],
			[35.952446753, -83.9325016063],
		];
		expect(rings[0]?.at(-1)).toEqual(rings[0]?.[0]);
		for (const [index, [lat, lon]] of expected.entries()) {
			expect(rings[0]?.[index]?.[1]).toBeCloseTo(lat ?? 0, 9);
			expect(rings[0]?.[index]?.[0]).toBeCloseTo(lon ?? 0, 9);
		}
	});

	it("judges the points of jpo-cvdp's tests as it does", () => {
		const ringOf = (extensionM: number): Ring => cvdpAreas(shapesOf(street), { extensionM, bounds: wide }).rings[0] ?? [];
		const at = (lat: number, lon: number): readonly boolean[] => [holds(ringOf(0), lat, lon), holds(ringOf(10), lat, lon)];
		expect(at(35.951128, -83.930657)).toEqual([true, true]);
		expect(at(35.95113, -83.930655)).toEqual([false, false]);
		expect(at(35.952511, -83.932457)).toEqual([false, true]);
	});

	it("keeps within the bounds, whatever they cut off", () => {
		const lat = fc.double({ min: 35.9485, max: 35.953, noNaN: true });
		const lon = fc.double({ min: -83.933, max: -83.9275, noNaN: true });
		const shapes = shapesOf(street);
		const whole = cvdpAreas(shapes, { extensionM: 10, bounds: wide }).rings[0] ?? [];
		fc.assert(
			fc.property(lat, lat, lon, lon, lat, lon, (lat1, lat2, lon1, lon2, pointLat, pointLon) => {
				const bounds = {
					southDeg: Math.min(lat1, lat2),
					northDeg: Math.max(lat1, lat2),
					westDeg: Math.min(lon1, lon2),
					eastDeg: Math.max(lon1, lon2),
				};
				const isWithin = pointLat > bounds.southDeg && pointLat < bounds.northDeg && pointLon > bounds.westDeg && pointLon < bounds.eastDeg;
				const { rings } = cvdpAreas(shapes, { extensionM: 10, bounds });
				expect(rings.some((ring) => holds(ring, pointLat, pointLon))).toBe(isWithin && holds(whole, pointLat, pointLon));
			}),
			{ numRuns: 2_000 },
		);
	});

	it("leaves out circles that the bounds cut, and shapes across the 180th meridian", () => {
		const shapes = shapesOf(`${titles}circle,0,1:1:100\ncircle,1,3:3:100\nedge,1,1;1;179.99999:2;1;-179.99999,`);
		const { rings, circles, outside } = cvdpAreas(shapes, {
			extensionM: 0,
			bounds: { southDeg: 0, westDeg: -180, northDeg: 3, eastDeg: 180 },
		});
		expect([rings.length, circles.length, outside]).toEqual([0, 1, 2]);
	});
});
