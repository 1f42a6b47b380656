import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { MapDraft } from "../../agent/formats/geojson.ts";
import { OpenDriveReader } from "../../agent/formats/opendrive.ts";
import { childrenOf } from "../../agent/formats/opendrive-geometry.ts";
import { dataPath, hasData } from "../data.ts";
import { hasProgram } from "../peers.ts";

const readAll = (text: string, pieceLength = 50_000) => {
	const reader = new OpenDriveReader({ stepM: 1, degrees: "wgs84" });
	for (let at = 0; at < text.length; at += pieceLength) reader.push(text.slice(at, at + pieceLength));
	reader.end();
	return reader.take();
};
const drafts = (text: string): readonly MapDraft[] => readAll(text).filter((each) => typeof each !== "string");

const road = (id: string, geometry: string, more = "") =>
	`<road id="${id}" junction="-1" length="10" name="A"><planView><geometry s="0" x="0" y="0" hdg="0" length="10">${geometry}</geometry></planView>${more}</road>`;
const map = (inner: string, reference = "") =>
	`<?xml version="1.0"?><OpenDRIVE><header revMajor="1" revMinor="6">${reference}</header>${inner}</OpenDRIVE>`;

/** `road_lane` of every driving lane, as netconvert's origId has them. */
const drivingLanes = (all: readonly MapDraft[]): ReadonlySet<string> =>
	new Set(
		all.flatMap(({ properties }) =>
			childrenOf(properties, "lanes")
				.flatMap((lanes) => childrenOf(lanes, "laneSection"))
				.flatMap((section) => ["left", "right"].flatMap((side) => childrenOf(section, side)))
				.flatMap((side) => childrenOf(side, "lane"))
				.filter(({ type }) => type === "driving")
				.map(({ id }) => `${String(properties.id)}_${String(id)}`),
		),
	);

describe("OpenDriveReader", () => {
	it("gives a road as its reference line, with all else in the properties but the plan view", () => {
		const lanes =
			'<lanes><laneSection s="0"><right><lane id="-1" type="driving"><width sOffset="0" a="3.5"/></lane></right></laneSection></lanes>';
		const [one] = drafts(map(road("1", "<line/>", `<elevationProfile><elevation s="0" a="12"/></elevationProfile>${lanes}`)));
		expect(one).toMatchObject({
			layer: "Road",
			datum: "local",
			geometry: {
				type: "LineString",
				coordinates: [
					[0, 0],
					[10, 0],
				],
			},
		});
		expect(one?.properties).toMatchObject({ id: "1", elevationProfile: [{ elevation: [{ a: "12" }] }] });
		expect(one?.properties).not.toHaveProperty("planView");
		expect([...drivingLanes(one === undefined ? [] : [one])]).toEqual(["1_-1"]);
	});

	it("gives a junction as the places where its roads begin", () => {
		const inner = `${road("7", "<line/>").replace('junction="-1"', 'junction="3"')}<junction id="3"><connection id="0" incomingRoad="1" connectingRoad="7"><laneLink from="-1" to="-1"/></connection></junction><junction id="4"><connection connectingRoad="99"/></junction>`;
		expect(readAll(map(inner))).toMatchObject([
			{ layer: "Road" },
			{ layer: "Junction", geometry: { type: "MultiPoint", coordinates: [[0, 0]] } },
			"reference_missing",
		]);
	});

	it("takes coordinates as degrees only where the file says so", () => {
		const datumOf = (text: string) => drafts(map(road("1", "<line/>"), `<geoReference><![CDATA[${text}]]></geoReference>`))[0]?.datum;
		expect(datumOf("+proj=longlat +datum=WGS84 +no_defs")).toBe("wgs84");
		for (const text of ["+proj=utm +zone=51 +datum=WGS84", "+proj=tmerc +lat_0=31 +lon_0=121", "+proj=longlat +ellps=krass", ""])
			expect(datumOf(text)).toBe("local");
	});

	it("refuses roads without a valid line, and goes on", () => {
		const bad = ["<circle/>", '<arc curvature="x"/>', '<arc curvature=""/>', '<spiral curvStart="0"/>', '<poly3 a="0"/>'].map((shape, at) =>
			road(String(at), shape),
		);
		expect(readAll(map(`${bad.join("")}<road id="9"/>${road("10", "<line/>")}`))).toMatchObject([
			...Array.from({ length: 6 }, () => "geometry_invalid"),
			{ layer: "Road" },
		]);
	});

	it("refuses a road with too much in it", () => {
		const many = `<lanes>${'<lane id="1"/>'.repeat(60_000)}</lanes>`;
		expect(readAll(map(road("1", "<line/>", many) + road("2", "<line/>")))).toMatchObject(["properties_too_large", { layer: "Road" }]);
	});

	it("says that another document is no map", () => {
		expect(readAll("<osm><road/></osm>")).toEqual(["not_a_map"]);
	});

	const samples = [
		["multi_intersections", 63, 86],
		["fabriksgatan", 16, 20],
		["jolengatan", 1, 2],
	] as const;

	it.skipIf(!hasData("maps"))("draws the sample maps without a gap between curves (needs shared data maps)", () => {
		for (const [name, roads, lanes] of samples) {
			const text = readFileSync(dataPath("maps", `${name}.xodr`), "utf8");
			const all = drafts(text).filter(({ layer }) => layer === "Road");
			expect(all).toHaveLength(roads);
			expect(drivingLanes(all).size).toBe(lanes);
			// Every curve says where it begins; the one before it must have come there.
			const begins = [...text.matchAll(/<geometry [^>]*?x="([^"]+)"[^>]*?y="([^"]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
			const points = all.flatMap(({ geometry }) => geometry.coordinates as readonly (readonly number[])[]);
			for (const [x = 0, y = 0] of begins) {
				expect(Math.min(...points.map(([px = 0, py = 0]) => Math.hypot(px - x, py - y)))).toBeLessThan(0.02);
			}
		}
	});

	it.skipIf(!hasData("maps") || !hasProgram("netconvert"))(
		"finds the driving lanes that netconvert finds (needs shared data maps, sumo)",
		{ timeout: 60_000 },
		() => {
			const folder = mkdtempSync(join(tmpdir(), "kerb-map-"));
			try {
				for (const [name] of samples) {
					const out = join(folder, `${name}.net.xml`);
					const input = dataPath("maps", `${name}.xodr`);
					const args = ["-X", "never", "--output.original-names", "true", "--opendrive-files", input, "-o", out];
					const ran = spawnSync("netconvert", args, { env: { PATH: process.env.PATH, SUMO_HOME: "/usr/share/sumo" }, timeout: 30_000 });
					expect(ran.status).toBe(0);
					const theirs = new Set([...readFileSync(out, "utf8").matchAll(/key="origId" value="([^"]+)"/g)].map(([, id]) => id));
					expect(drivingLanes(drafts(readFileSync(input, "utf8")))).toEqual(theirs);
				}
			} finally {
				rmSync(folder, { recursive: true });
			}
		},
	);
});
