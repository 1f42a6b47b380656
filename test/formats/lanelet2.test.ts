import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Lanelet2Reader } from "../../agent/formats/lanelet2.ts";
import { dataPath, hasData } from "../data.ts";

const readAll = (text: string) => {
	const reader = new Lanelet2Reader("wgs84");
	for (let at = 0; at < text.length; at += 60_000) reader.push(text.slice(at, at + 60_000));
	reader.end();
	return [...reader.features()];
};
const osm = (inner: string) => `<?xml version="1.0"?><osm version="0.6">${inner}</osm>`;
const nodes =
	'<node id="1" lat="31" lon="121"/><node id="2" lat="31.1" lon="121.1"><tag k="ele" v="4.5"/></node><node id="3" lat="31.2" lon="121.2"/>';
const way = (id: string, refs: readonly number[], tags = "", more = "") =>
	`<way id="${id}"${more}>${refs.map((ref) => `<nd ref="${ref}"/>`).join("")}${tags}</way>`;
const tag = (k: string, v: string) => `<tag k="${k}" v="${v}"/>`;

describe("Lanelet2Reader", () => {
	it("gives ways, lanelets and tagged nodes with their tags, wherever in the file they stand", () => {
		const relation = `<relation id="9"><member type="way" ref="5" role="left"/><member type="way" ref="6" role="right"/>${tag("type", "lanelet")}${tag("speed_limit", "50")}</relation>`;
		const all = readAll(osm(`${relation}${way("5", [1, 2], tag("type", "line_thin"))}${way("6", [1, 3])}${nodes}`));
		expect(all).toMatchObject([
			{ layer: "Node", geometry: { type: "Point", coordinates: [121.1, 31.1, 4.5] }, properties: { ele: "4.5" } },
			{
				layer: "Marking",
				geometry: {
					type: "LineString",
					coordinates: [
						[121, 31],
						[121.1, 31.1, 4.5],
					],
				},
				properties: { id: "5", type: "line_thin" },
			},
			{ layer: "Way", properties: { id: "6" } },
			{
				layer: "Lane",
				geometry: { type: "MultiLineString" },
				properties: { id: "9", speed_limit: "50", members: [{ role: "left", ref: "5" }, { role: "right" }] },
			},
		]);
	});

	it("gives a closed way that is an area as a polygon", () => {
		const all = readAll(osm(`${nodes}${way("5", [1, 2, 3, 1], tag("area", "yes"))}`));
		expect(all[1]).toMatchObject({ layer: "Area", geometry: { type: "Polygon" } });
	});

	it("leaves out what its editor deleted, and counts what refers to nothing", () => {
		const all = readAll(
			osm(
				`${nodes}${way("5", [1, 2], "", ' action="delete"')}${way("6", [1, 77])}<relation id="9"><member type="way" ref="5" role="left"/></relation>`,
			),
		);
		expect(all.slice(1)).toEqual(["reference_missing", "reference_missing"]);
	});

	it("refuses positions that are none", () => {
		for (const at of ['lat="91" lon="0"', 'lat="" lon="0"', 'lon="0"', 'lat="x" lon="0"', 'lat="NaN" lon="0"']) {
			expect(readAll(osm(`<node id="1" ${at}>${tag("a", "b")}</node>`))).toEqual(["geometry_invalid"]);
		}
	});

	it("takes hostile names as plain names", () => {
		const [one] = readAll(osm(`<node id="1" lat="0" lon="0">${tag("__proto__", "x")}</node>`));
		expect(one).toBe("properties_invalid");
		expect(readAll(osm(`<node id="__proto__" lat="0" lon="0">${tag("a", "b")}</node>`))).toMatchObject([
			{ properties: { id: "__proto__" } },
		]);
	});

	it("gives up where relations share more ways than a file may say", { timeout: 30_000 }, () => {
		const long = way(
			"5",
			Array.from({ length: 40_000 }, (_, at) => 1 + (at % 3)),
		);
		const relations = Array.from(
			{ length: 1_000 },
			(_, at) => `<relation id="r${at}"><member type="way" ref="5" role="left"/>${tag("type", "lanelet")}</relation>`,
		);
		const all = readAll(osm(`${nodes}${long}${relations.join("")}`));
		expect(all.at(-1)).toBe("geometry_too_large");
		expect(all.length).toBeLessThan(140);
	});

	it("says that another document is no map", () => {
		expect(readAll("<OpenDRIVE/>")).toEqual(["not_a_map"]);
	});

	it.skipIf(!hasData("maps"))("reads Lanelet2's own example whole (needs shared data maps)", () => {
		const text = readFileSync(dataPath("maps", "lanelet2_mapping_example.osm"), "utf8");
		const all = readAll(text);
		expect(all.filter((each) => typeof each === "string")).toEqual([]);
		const layers = all.map((each) => (typeof each === "string" ? each : each.layer));
		expect(layers.filter((layer) => layer === "Lane")).toHaveLength(text.split("k='type' v='lanelet'").length - 1);
		expect(all.filter((each) => typeof each !== "string" && each.properties.members !== undefined)).toHaveLength(
			text.split("<relation ").length - 1,
		);
	});
});
