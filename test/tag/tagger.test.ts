import { describe, expect, it } from "vitest";
import { loadOverlay } from "../../agent/tag/overlay.ts";
import { compileTagger, type Tagger, type TaggerOptions } from "../../agent/tag/tagger.ts";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { CatalogueSchema } from "../../shared/catalogue.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { type Reading, readingKinds, type SignalValue } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { fix, signal } from "../fakes/readings.ts";

const cn = parseValue(CatalogueSchema, shippedCatalogues.cn, "cn", "LAW_INVALID");
const vin = "LSVAA4182E2123456";

const taggerWith = async (signals?: unknown, options?: TaggerOptions): Promise<Tagger> =>
	compileTagger(
		cn,
		signals === undefined ? undefined : await loadOverlay(JSON.stringify({ kind: "overlay", id: "t", signals }), "t"),
		options,
	);

const tagAll = (tagger: Tagger, ...readings: readonly Reading[]): readonly Tagged[] => {
	const out: Tagged[] = [];
	for (const reading of readings) tagger.tag(reading, out);
	return out;
};

const brief = (tagged: readonly Tagged[]): readonly (readonly [category: string, path: string, value: SignalValue | undefined])[] =>
	tagged.map((reading) => [
		reading.tag.categoryId,
		reading.kind === "signal" ? reading.path : reading.kind,
		reading.kind === "signal" ? reading.value : undefined,
	]);

describe("compileTagger", () => {
	it("tags VSS paths by the catalogue and shares one tag per path", async () => {
		const tagger = await taggerWith();
		const [a, b, c] = tagAll(tagger, signal("Vehicle.Speed", 3), signal("Vehicle.Speed", 4), signal("Vehicle.ADAS.ABS.IsEnabled", true));
		expect(a?.tag).toMatchObject({
			categoryId: "telemetry.vehicle-status",
			level: "general",
			zone: "vehicle",
			surveying: false,
			path: "Vehicle.Speed",
		});
		expect(b?.tag).toBe(a?.tag);
		expect(c?.tag.categoryId).toBe("personal.driving-behaviour");
		expect(tagger.tags.every((tag, index) => tag.index === index)).toBe(true);
		expect(tagger.tags.map(({ category, categoryId }) => cn.rows[category]?.id === categoryId)).not.toContain(false);
	});

	it("leaves the reading as it is and adds nothing but the tag and the path", async () => {
		const reading = Object.freeze(signal("M.A", 7));
		const [tagged] = tagAll(await taggerWith({ "M.A": "Vehicle.Speed" }), reading);
		expect(tagged).toEqual({ ...reading, path: "Vehicle.Speed", tag: tagged?.tag });
		const place = Object.freeze(fix({ accuracyM: 3 }));
		const [taggedFix] = tagAll(await taggerWith(), place);
		expect(taggedFix).toEqual({ ...place, tag: taggedFix?.tag });
	});

	it("tags a fix as a trajectory under the path of its kind", async () => {
		const [tagged] = tagAll(await taggerWith(), fix());
		expect(tagged?.tag).toMatchObject({ categoryId: "connected-operation.perception.trajectory", level: "important", path: "fix" });
	});

	it("keeps what no row maps, as unknown and important, under the source's own name", async () => {
		const tagged = tagAll(await taggerWith(), signal("VIN_PART_1.VIN_1", 76), signal("", 1), signal("Vehicle.Acme", 1));
		expect(brief(tagged)).toEqual([
			["unknown", "VIN_PART_1.VIN_1", 76],
			["unknown", "", 1],
			["unknown", "Vehicle.Acme", 1],
		]);
		expect(tagged[0]?.tag).toMatchObject({ level: "important", path: "VIN_PART_1.VIN_1" });
	});

	it("follows the overlay to one path or several", async () => {
		const tagger = await taggerWith({
			"M.A": { path: "Vehicle.Speed", math: "x*2" },
			"M.B": [{ path: "Vehicle.Powertrain.Transmission.IsParkLockEngaged", mapping: [{ from: 1, to: true }] }, "Vehicle.Nobody.Knows"],
		});
		expect(brief(tagAll(tagger, signal("M.A", 4), signal("M.B", 1)))).toEqual([
			["telemetry.vehicle-status", "Vehicle.Speed", 8],
			["telemetry.vehicle-status", "Vehicle.Powertrain.Transmission.IsParkLockEngaged", true],
			["unknown", "Vehicle.Nobody.Knows", 1],
		]);
	});

	it("keeps a value that a transform has nothing for, once, as unknown", async () => {
		const tagger = await taggerWith({
			"M.A": [
				{ path: "Vehicle.Speed", math: "1/x" },
				{ path: "Vehicle.TraveledDistance", math: "sqrt(x-1)" },
				"Vehicle.Powertrain.CombustionEngine.Speed",
			],
		});
		expect(brief(tagAll(tagger, signal("M.A", 0)))).toEqual([
			["telemetry.vehicle-status", "Vehicle.Powertrain.CombustionEngine.Speed", 0],
			["unknown", "M.A", 0],
		]);
	});

	it("holds a VSS path that an exact key leads elsewhere for unknown where that has no value", async () => {
		const tagger = await taggerWith({ "Vehicle.Speed": { path: "Vehicle.TraveledDistance", mapping: [{ from: 1, to: 2 }] } });
		expect(brief(tagAll(tagger, signal("Vehicle.Speed", 1), signal("Vehicle.Speed", 3)))).toEqual([
			["telemetry.vehicle-status", "Vehicle.TraveledDistance", 2],
			["unknown", "Vehicle.Speed", 3],
		]);
	});

	it("lets an exact key win over the catalogue, and the catalogue over a loose key", async () => {
		const tagger = await taggerWith({ Speed: "Vehicle.TraveledDistance", "M.Speed": "Vehicle.Powertrain.CombustionEngine.Speed" });
		expect(brief(tagAll(tagger, signal("Vehicle.Speed"), signal("M.Speed"), signal("N.Speed")))).toEqual([
			["telemetry.vehicle-status", "Vehicle.Speed", 1],
			["telemetry.vehicle-status", "Vehicle.Powertrain.CombustionEngine.Speed", 1],
			["telemetry.vehicle-status", "Vehicle.TraveledDistance", 1],
		]);
	});

	it.each([
		["Vehicle.Diagnostics.DTCList", vin, "connected-operation.vehicle.vin"],
		["Vehicle.Diagnostics.DTCList", "P0301", "telemetry.fault-code"],
		["Vehicle.Cabin.Infotainment.Media.Played.Track", "call 13800138000", "personal.identity"],
		["Vehicle.Powertrain.Type", "粤B12345", "personal.plate"],
		["Vehicle.VehicleIdentification.VIN", vin, "connected-operation.vehicle.vin"],
		["Vehicle.Driver.Identifier.Subject", vin, "personal.identity"],
		["Vehicle.Telematics.Modem.ICCID", vin, "connected-operation.vehicle.telematics-card"],
		["M.Unmapped", vin, "unknown"],
		["Vehicle.Powertrain.Type", "x".repeat(20_000), "unknown"],
		["Vehicle.Powertrain.Type", "position 31.512345 120.543219", "unknown"],
	])("reads the text of %s and says %s is %s", async (path, text, expected) => {
		const [tagged] = tagAll(await taggerWith(), signal(path, text));
		expect([tagged?.tag.categoryId, tagged?.tag.path]).toEqual([expected, path]);
	});

	it("reads the text that an overlay passes on", async () => {
		const tagged = tagAll(await taggerWith({ "M.T": "Vehicle.Powertrain.Type" }), signal("M.T", vin), signal("M.T", "hybrid"));
		expect(brief(tagged)).toEqual([
			["connected-operation.vehicle.vin", "Vehicle.Powertrain.Type", vin],
			["telemetry.vehicle-status", "Vehicle.Powertrain.Type", "hybrid"],
		]);
	});

	it.each([
		["no fact", undefined, "important"],
		["a fact at the threshold", 100_000, "general"],
		["a fact above it", 100_001, "important"],
	])("raises what is important in bulk with %s", async (_what, fact, level) => {
		const facts = fact === undefined ? new Map<string, number>() : new Map([["fleet.vehicles-served", fact]]);
		const [battery] = tagAll(await taggerWith(undefined, { facts }), signal("Vehicle.Powertrain.TractionBattery.CurrentVoltage", 400));
		expect(battery?.tag).toMatchObject({ categoryId: "telemetry.battery", level });
	});

	it("raises by a threshold that was not found, whatever the fact", async () => {
		const tagger = await taggerWith(undefined, { facts: new Map([["handler.vins", 0]]) });
		expect(tagAll(tagger, signal("Vehicle.VehicleIdentification.VIN", vin))[0]?.tag.level).toBe("important");
	});

	it("bounds its memory: paths beyond the limit share one tag of the row unknown, known ones keep theirs", async () => {
		const tagger = await taggerWith(undefined, { maxPaths: 100 });
		const [before] = tagAll(tagger, signal("Vehicle.Speed"));
		for (let index = 0; index < 1_000; index += 1) tagAll(tagger, signal(`M.S${index}`));
		const [after, late, place] = tagAll(tagger, signal("Vehicle.Speed"), signal("Vehicle.TraveledDistance"), fix());
		expect(tagger.tags.length).toBeLessThanOrEqual(100 + 1 + readingKinds.length);
		expect(after?.tag).toBe(before?.tag);
		expect(late?.tag).toMatchObject({ categoryId: "unknown", path: "unknown" });
		expect(place?.tag.categoryId).toBe("connected-operation.perception.trajectory");
	});

	it("asks the overlay once per path, and not at all beyond the limit", () => {
		let asked = 0;
		const ask = (): [] => {
			asked += 1;
			return [];
		};
		const tagger = compileTagger(cn, { id: "t", exactTargets: ask, looseTargets: () => [], check: () => [] }, { maxPaths: 10 });
		for (let index = 0; index < 500; index += 1) tagAll(tagger, signal(`M.S${index % 50}`));
		expect(asked).toBe(10);
	});

	it("takes a path of any length", async () => {
		const [tagged] = tagAll(await taggerWith(), signal(`Vehicle.${"x".repeat(100_000)}.VIN`));
		expect(tagged?.tag).toMatchObject({ categoryId: "unknown", path: "unknown" });
	});
});
