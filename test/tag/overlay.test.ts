import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type LabelLookup, loadOverlay } from "../../agent/tag/overlay.ts";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { CatalogueSchema } from "../../shared/catalogue.ts";
import { compileCataloguePatterns } from "../../shared/catalogue-pattern.ts";
import { KerbError } from "../../shared/errors.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { dataPath, hasData, repoPath } from "../data.ts";

const own = (signals: unknown): string => JSON.stringify({ kind: "overlay", id: "test", signals });

const problemsOf = async (text: string): Promise<readonly string[]> => {
	try {
		await loadOverlay(text, "a.json");
		return [];
	} catch (error) {
		return error instanceof KerbError && error.code === "CONFIG_INVALID"
			? [error.message, ...error.problems]
			: [`thrown: ${String(error)}`];
	}
};

describe("loadOverlay", () => {
	it("finds the key of a message that is named like the root of VSS", async () => {
		const overlay = await loadOverlay(
			own({ "Vehicle.Gear": { path: "Vehicle.X", mapping: [{ from: "P", to: 1 }] } }),
			"a.json",
			(signal, label) => (signal === "Vehicle.Gear" && label === "P" ? 7 : undefined),
		);
		expect(overlay.exactTargets("@Vehicle.Gear").map(({ path, transform }) => [path, transform?.(7)])).toEqual([["Vehicle.X", 1]]);
		expect(overlay.check(["@Vehicle.Gear"])).toEqual([]);
	});

	it("reads own JSON: a path, a transform, several paths", async () => {
		const overlay = await loadOverlay(
			own({
				"M.A": "Vehicle.Speed",
				"M.B": [{ path: "Vehicle.X", math: "x*2" }, "Vehicle.Y"],
				C: { path: "Vehicle.Z", mapping: [{ from: 1, to: true }] },
			}),
			"a.json",
		);
		expect(overlay.id).toBe("test");
		expect(overlay.exactTargets("M.A")).toEqual([{ path: "Vehicle.Speed", transform: undefined }]);
		expect(overlay.exactTargets("M.B").map(({ path, transform }) => [path, transform?.(4)])).toEqual([
			["Vehicle.X", 8],
			["Vehicle.Y", undefined],
		]);
		expect(overlay.looseTargets("Any.C").map(({ path, transform }) => [path, transform?.(1), transform?.(2)])).toEqual([
			["Vehicle.Z", true, undefined],
		]);
		expect(overlay.looseTargets("Any.Other.C")).toEqual([]);
		expect(overlay.looseTargets("Any.M.A")).toEqual([]);
		expect(overlay.looseTargets("C")).toEqual([]);
	});

	it("reads YAML and takes the file's name for its id", async () => {
		const overlay = await loadOverlay("Vehicle.Speed:\n  dbc2vss: {signal: S}\n", "car.vspec");
		expect([overlay.id, overlay.looseTargets("M.S")]).toEqual(["car.vspec", [{ path: "Vehicle.Speed", transform: undefined }]]);
	});

	it("reads the JSON tree of vss-tools", async () => {
		const overlay = await loadOverlay(JSON.stringify({ Vehicle: { children: { Speed: { dbc2vss: { signal: "S" } } } } }), "vss.json");
		expect(overlay.looseTargets("M.S")).toEqual([{ path: "Vehicle.Speed", transform: undefined }]);
	});

	it("finds the value of a label in the value table of the signal that is meant", async () => {
		const labels: LabelLookup = (signal, label) =>
			new Map([
				["A.GEAR D", 0],
				["B.GEAR D", 3],
			]).get(`${signal} ${label}`);
		const overlay = await loadOverlay(own({ GEAR: { path: "Vehicle.G", mapping: [{ from: "D", to: 127 }] } }), "a.json", labels);
		const [a] = overlay.looseTargets("A.GEAR");
		const [b] = overlay.looseTargets("B.GEAR");
		expect([a?.transform?.(0), a?.transform?.(3), b?.transform?.(0), b?.transform?.(3)]).toEqual([127, undefined, undefined, 127]);
		expect(a?.transform?.("D")).toBe(127);
	});

	it("gives no value where arithmetic has none or would lose digits", async () => {
		const overlay = await loadOverlay(own({ "M.A": { path: "Vehicle.X", math: "1/x" }, "M.B": { path: "Vehicle.Y", math: "x" } }), "a");
		const divide = overlay.exactTargets("M.A")[0]?.transform;
		const same = overlay.exactTargets("M.B")[0]?.transform;
		expect([0, Number.NaN, "4", 2n ** 60n].map((value) => divide?.(value))).toEqual([undefined, undefined, undefined, undefined]);
		expect([true, 5n, 2n ** 53n - 1n, -0].map((value) => same?.(value))).toEqual([1, 5, 2 ** 53 - 1, 0]);
		expect(same?.(2n ** 53n)).toBe(undefined);
	});

	it.each([
		["an unknown key", `{"kind":"overlay","id":"a","signals":{},"x":1}`, /x: this key is not known/],
		["no signals", `{"kind":"overlay","id":"a"}`, /signals/],
		["another kind", `{"kind":"policy","id":"a","signals":{}}`, /kind/],
		["math beside mapping", own({ A: { path: "V", math: "x", mapping: [{ from: 1, to: 2 }] } }), /signals\.A/],
		["bad arithmetic", own({ A: { path: "V", math: "x+" } }), /signal "A" to path "V": math: expected/],
		["a bad path", own({ A: "not a path" }), /a path is words joined by dots/],
		["a bad signal", own({ "A.B.C": "V.A" }), /a signal is Message\.Signal or Signal/],
		["a signal twice to one path", own({ A: ["V.A", "V.A"] }), /is there twice/],
		[
			"a value twice in a mapping",
			own({
				A: {
					path: "V",
					mapping: [
						{ from: 1, to: 2 },
						{ from: 1, to: 3 },
					],
				},
			}),
			/is there twice/,
		],
		["half a JSON", `{"kind":`, /starts like JSON but is not/],
		["an empty file", "", /not valid/],
		["a vspec without any signal", "Vehicle.Speed:\n  type: sensor\n", /no path has dbc2vss/],
	])("refuses %s and says where", async (_what, text, expected) => {
		expect((await problemsOf(text)).join("\n")).toMatch(expected);
	});

	it("lists every problem, not only the first", async () => {
		const problems = await problemsOf(own({ A: { path: "V", math: "x+" }, B: "not a path", C: { path: "W", math: "y" } }));
		expect(problems).toHaveLength(4);
	});
});

describe("Overlay.check", () => {
	it("names unused keys, labels without a value and paths with several feeders", async () => {
		const text = own({
			"M.A": "Vehicle.Speed",
			B: "Vehicle.Speed",
			Gone: "Vehicle.X",
			D: { path: "Vehicle.Y", mapping: [{ from: "ON", to: true }] },
		});
		const overlay = await loadOverlay(text, "a.json", () => undefined);
		expect(overlay.check(["M.A", "M.B", "M.D", "M.Other"])).toEqual([
			"Gone: no signal has this name",
			'M.D to Vehicle.Y: no single value has the label "ON"; it stays unmapped',
			"Vehicle.Speed: is fed by 2 signals: M.A, M.B",
		]);
	});
});

/** `Message.Signal` of every signal of a DBC, and its labels, as far as these tests need them. */
const readDbc = (file: string): { readonly signals: readonly string[]; readonly labels: LabelLookup } => {
	const names = new Map<string, string>();
	const signals: string[] = [];
	const tables = new Map<string, ReadonlyMap<string, number>>();
	let message = "";
	for (const line of readFileSync(file, "latin1").split(/\r?\n/)) {
		const [, id, name] = /^BO_ (\d+) (\w+)\s*:/.exec(line) ?? [];
		if (id !== undefined && name !== undefined) names.set(id, name);
		message = name ?? message;
		const signal = /^\s*SG_ (\w+)/.exec(line)?.[1];
		if (signal !== undefined) signals.push(`${message}.${signal}`);
		const [, owner, labelled, table = ""] = /^VAL_ (\d+) (\w+)\s+(.*);/.exec(line) ?? [];
		if (owner === undefined) continue;
		tables.set(
			`${names.get(owner)}.${labelled}`,
			new Map([...table.matchAll(/(-?\d+) "([^"]*)"/g)].map(([, value, label = ""]) => [label, Number(value)])),
		);
	}
	return { signals, labels: (signal, label) => tables.get(signal)?.get(label) };
};

describe("the sample overlays", () => {
	const catalogue = parseValue(CatalogueSchema, shippedCatalogues.cn, "cn", "LAW_INVALID");
	const isKnown = compileCataloguePatterns(catalogue.rows.flatMap(({ match }) => match.paths));

	it.skipIf(!hasData("can")).each([
		["toyota-rav4", "can/toyota_2017.dbc", "SPEED.SPEED"],
		["tesla-model3", "can/Model3CAN.dbc", "ID257DIspeed.DI_vehicleSpeed"],
	])("%s names signals that the DBC has and paths that the catalogue knows (needs shared data can)", async (id, dbc, speed) => {
		const { signals, labels } = readDbc(dataPath(dbc));
		const overlay = await loadOverlay(readFileSync(repoPath(`firmware-profiles/overlays/${id}.json`), "utf8"), id, labels);
		expect(overlay.check(signals).filter((problem) => !problem.includes("is fed by"))).toEqual([]);
		const paths = signals.flatMap((signal) => [...overlay.exactTargets(signal), ...overlay.looseTargets(signal)]).map(({ path }) => path);
		expect(paths.length).toBeGreaterThan(15);
		expect(paths.filter((path) => !isKnown(path))).toEqual([]);
		expect(overlay.exactTargets(speed)).toEqual([{ path: "Vehicle.Speed", transform: undefined }]);
	});

	it.skipIf(!hasData("can"))(
		"the KUKSA overlay resolves every label in Model3CAN.dbc but those that are not there (needs shared data can)",
		async () => {
			const { signals, labels } = readDbc(dataPath("can/Model3CAN.dbc"));
			const text = readFileSync(dataPath("can/kuksa_dbc_overlay_vss_4.2.vspec"), "utf8");
			const overlay = await loadOverlay(text, "kuksa", labels);
			expect(overlay.check(signals).filter((problem) => problem.endsWith("has this name"))).toEqual([]);
			const [gear] = overlay.looseTargets("ID118DriveSystemStatus.DI_gear");
			expect([gear?.path, gear?.transform?.(4), gear?.transform?.(2), gear?.transform?.(7)]).toEqual([
				"Vehicle.Powertrain.Transmission.CurrentGear",
				1,
				-1,
				undefined,
			]);
		},
	);
});
