import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as v from "valibot";
import { afterAll, describe, expect, it } from "vitest";
import { mapRefusals } from "../../agent/formats/map-limits.ts";
import map from "../../agent/sources/map.ts";
import { sources } from "../../agent/sources/registry.ts";
import type { Reading } from "../../shared/reading.ts";
import { sourceContract } from "../contract/source-contract.ts";
import { fakeSourceContext } from "../fakes/source-context.ts";

const folder = mkdtempSync(join(tmpdir(), "kerb-map-"));
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, content: string | Uint8Array): string => {
	const file = join(folder, name);
	writeFileSync(file, content);
	return file;
};

const feature = (id: number) => ({ type: "Feature", geometry: { type: "Point", coordinates: [121, 31] }, properties: { id } });
const collection = (count: number): string =>
	JSON.stringify({ type: "FeatureCollection", features: Array.from({ length: count }, (_, id) => feature(id)) });
const xodr =
	'<OpenDRIVE><header/><road id="1" junction="-1"><planView><geometry s="0" x="0" y="0" hdg="0" length="9"><line/></geometry></planView></road></OpenDRIVE>';
const osm =
	'<osm version="0.6"><node id="1" lat="31" lon="121"/><node id="2" lat="31" lon="122"/><way id="3"><nd ref="1"/><nd ref="2"/><tag k="type" v="line_thin"/></way></osm>';

const good = put("good.geojson", collection(1_000));
const bad = put("bad.geojson", '{"type":"FeatureCollection","features":[1,{"type":"Feature"}]}');

const read = async (options: object) => {
	const context = fakeSourceContext();
	const readings: Reading[] = [];
	for await (const chunk of map.open(v.parse(map.options, { type: "map", ...options }), context)) readings.push(...chunk);
	return { readings, rejected: Object.fromEntries(context.rejected) };
};

sourceContract({
	name: "map",
	plugin: map,
	validOptions: () => ({ options: { type: "map" as const, input: { file: good }, layer: "Lane", datum: "wgs84" as const } }),
	garbage: () => ({ options: { type: "map" as const, input: { file: bad } } }),
	expectAtLeast: 1_000,
});

describe("map source", () => {
	it("is in the registry", () => expect(sources.has("map")).toBe(true));

	it("knows the three formats by their names, packed or not", async () => {
		expect((await read({ input: { file: put("a.xodr", xodr) } })).readings).toMatchObject([{ path: "Map.Road", datum: "local" }]);
		expect((await read({ input: { file: put("a.osm.gz", gzipSync(osm)) }, datum: "wgs84" })).readings).toMatchObject([
			{ path: "Map.Marking", datum: "wgs84" },
		]);
		expect((await read({ input: { file: put("a.json", collection(1)) }, layer: "Lane" })).readings).toMatchObject([
			{ kind: "map", path: "Map.Lane", datum: "unknown", properties: { id: 0 } },
		]);
		expect((await read({ input: { file: put("a.xml", osm) }, format: "lanelet2" })).readings).toMatchObject([
			{ path: "Map.Marking", datum: "unknown" },
		]);
	});

	it("gives features without a layer a path that no catalogue lets out", async () => {
		expect((await read({ input: { file: good } })).readings[0]).toMatchObject({ path: "Map.Feature" });
	});

	it("reads the maps of a folder in the order of their names, and nothing else of it", async () => {
		const below = join(folder, "maps");
		mkdirSync(join(below, "d.geojson"), { recursive: true });
		for (const [name, text] of [
			["b.xodr", xodr],
			["a.geojson", collection(2)],
			["LICENSE", "text"],
			["c.osm", "<osm>"],
			["e.geojson", "{"],
		] as const)
			writeFileSync(join(below, name), text);
		const { readings, rejected } = await read({ input: { folder: below } });
		expect(readings.map((reading) => (reading.kind === "map" ? reading.path : ""))).toEqual(["Map.Feature", "Map.Feature", "Map.Road"]);
		expect(rejected).toEqual({ xml_invalid: 1, json_invalid: 1 });
	});

	it.each([
		["a document type", "x.osm", '<!DOCTYPE x [<!ENTITY a "b">]><osm>&a;</osm>', "xml_invalid"],
		["XML that ends early", "x.xodr", "<OpenDRIVE><road>", "xml_invalid"],
		["text that is no UTF-8", "x.geojson", Uint8Array.of(0x7b, 0xff, 0x7d), "file_broken"],
		["text that ends within a character", "x.geojson", Uint8Array.of(0x7b, 0xe4), "file_broken"],
		["a gzip that breaks off", "x.geojson.gz", gzipSync(collection(500)).subarray(0, 200), "file_broken"],
		["a gzip that unpacks to too much", "x.geojson.gz", gzipSync(new Uint8Array(70_000_000).fill(0x20)), "file_too_large"],
		["another document", "x.geojson", "[]", "not_a_map"],
	])("counts %s", async (_what, name, content, code) => {
		const { readings, rejected } = await read({ input: { file: put(name, content) } });
		expect(readings).toEqual([]);
		expect(rejected).toEqual({ [code]: 1 });
		expect(mapRefusals).toContain(code);
	});

	it("says what is wrong with a file that is none", async () => {
		for (const input of [
			{ file: join(folder, "none.osm") },
			{ file: folder },
			{ folder: join(folder, "none") },
			{ file: put("a.txt", "") },
		]) {
			await expect(read({ input })).rejects.toThrow(expect.objectContaining({ code: "SOURCE_UNAVAILABLE" }));
		}
	});
});
