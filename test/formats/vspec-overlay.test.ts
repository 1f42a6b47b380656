import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseVspecYaml, readVspecOverlay } from "../../agent/formats/vspec-overlay.ts";
import { dataPath, hasData } from "../data.ts";

const yaml = (body: string): string => `Vehicle.Speed:\n  type: sensor\n  datatype: float\n${body}`;

describe("parseVspecYaml", () => {
	it("reads signals, mathematics and mappings", async () => {
		const text = `# a comment
Vehicle.Speed:
  datatype: float
  dbc2vss: {signal: S, interval_ms: 100, on_change: true}
Vehicle.A.B:
  dbc:
    signal: T
    transform: {math: "x*2"}
  vss2dbc: {signal: U, anything: 1}
Vehicle.A.C:
  dbc2vss:
    signal: T
    transform:
      mapping:
        - {from: ON, to: true}
        - {from: 1, to: 'one'}
Vehicle.A:
`;
		expect(await parseVspecYaml(text)).toEqual({
			problems: [],
			entries: [
				{ path: "Vehicle.Speed", signal: "S" },
				{ path: "Vehicle.A.B", signal: "T", math: "x*2" },
				{
					path: "Vehicle.A.C",
					signal: "T",
					mapping: [
						{ from: "ON", to: true },
						{ from: 1, to: "one" },
					],
				},
			],
		});
	});

	it.each([
		["no signal", "  dbc2vss: {interval_ms: 1}", /dbc2vss\.signal/],
		["an unknown key", "  dbc2vss: {signal: S, intervall: 1}", /dbc2vss\.intervall: expected no such key/],
		["a misspelt key", "  dbc2vs: {signal: S}", /dbc2vs: expected dbc2vss/],
		["both spellings", "  dbc: {signal: S}\n  dbc2vss: {signal: S}", /not both/],
		["math and mapping", "  dbc2vss: {signal: S, transform: {math: x, mapping: [{from: 1, to: 2}]}}", /transform/],
		["an empty mapping", "  dbc2vss: {signal: S, transform: {mapping: []}}", /transform/],
		["an empty body", "  dbc2vss:", /dbc2vss/],
		["a key twice", "  dbc2vss: {signal: S}\n  dbc2vss: {signal: T}", /line 5: a key is there twice/],
		["a tab", "\tdbc2vss: x", /line 4: not YAML/],
		["a list", "- x", /line/],
		["a custom type", "  dbc2vss: !!js/function 'x'", /not YAML|dbc2vss/],
	])("reports %s with its place", async (_what, body, expected) => {
		const { problems, entries } = await parseVspecYaml(yaml(body));
		expect(problems.join("; ")).toMatch(expected);
		expect(entries).toEqual([]);
	});

	it("does not blow up on aliases of aliases", async () => {
		const bomb = [
			"a: &a [x,x,x,x,x,x,x,x,x]",
			..."bcdefghi".split("").map((name, index) => {
				const before = "abcdefgh"[index];
				return `${name}: &${name} [${Array(9).fill(`*${before}`).join(",")}]`;
			}),
		].join("\n");
		const { problems } = await parseVspecYaml(bomb);
		expect(problems.join()).toMatch(/at most 64 uses of aliases/);
	});

	it.each(["", "null", "[]", "42", "\u0000", "{"])("reports problems of %j and does not throw", async (text) => {
		expect((await parseVspecYaml(text)).problems.length).toBeGreaterThan(0);
	});

	it.skipIf(!hasData("can"))("reads the KUKSA overlay whole (needs shared data can)", async () => {
		const text = readFileSync(dataPath("can/kuksa_dbc_overlay_vss_4.2.vspec"), "utf8");
		const { entries, problems } = await parseVspecYaml(text);
		expect(problems).toEqual([]);
		expect(entries).toHaveLength(text.split("\n").filter((line) => line.trim() === "dbc2vss:").length);
		expect(entries.find(({ path }) => path === "Vehicle.Body.Mirrors.DriverSide.Tilt")).toEqual({
			path: "Vehicle.Body.Mirrors.DriverSide.Tilt",
			signal: "VCLEFT_mirrorTiltYPosition",
			math: "floor((x*40)-100)",
		});
	});
});

describe("readVspecOverlay", () => {
	it("walks the tree of vss-tools", () => {
		const tree = {
			Vehicle: {
				type: "branch",
				children: {
					Speed: { type: "sensor", dbc2vss: { signal: "S" } },
					Cabin: { type: "branch", children: { IsOpen: { dbc2vss: { signal: "T", transform: { math: "x" } } }, Other: {} } },
				},
			},
		};
		expect(readVspecOverlay(tree)).toEqual({
			problems: [],
			entries: [
				{ path: "Vehicle.Speed", signal: "S" },
				{ path: "Vehicle.Cabin.IsOpen", signal: "T", math: "x" },
			],
		});
	});

	it("reports a tree that is too deep or too large, and does not run out of stack", () => {
		let deep: unknown = {};
		for (let depth = 0; depth < 100_000; depth += 1) deep = { children: { a: deep } };
		expect(readVspecOverlay({ Vehicle: deep }).problems.join()).toMatch(/at most 32 levels/);
		const wide = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`a${index}`, {}]));
		expect(readVspecOverlay(wide).problems.join()).toMatch(/at most 50000 nodes/);
	});
});
