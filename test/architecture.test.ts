import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import * as rules from "./architecture-rules.ts";
import { repoPath } from "./data.ts";

const tops = ["agent", "shared", "simulators", "test", "firmware-profiles"];
const files = ["build.mjs", "package.json", "Makefile", "README.md", "CHANGELOG.md", ".ci/run"];

const readTree = (): Map<string, string> => {
	const listed = tops.flatMap((top) =>
		readdirSync(repoPath(top), { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile() && /\.(?:ts|mjs|js|json|md|sh|yaml|cddl|py|html|css)$/.test(entry.name))
			.map((entry) => `${entry.parentPath}/${entry.name}`.slice(repoPath().length + 1)),
	);
	const present = files.filter((path) => readdirSync(repoPath(...path.split("/").slice(0, -1))).includes(path.split("/").at(-1) ?? ""));
	return new Map([...listed, ...present].map((path) => [path, readFileSync(repoPath(path), "utf8")]));
};

const tree = readTree();
const outsideModules = rules.outsideModules(Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }));

/** Every rule with violations of it, each of which must be found when it is planted alone. */
const cases: readonly { readonly name: string; readonly rule: rules.Rule; readonly planted: readonly Record<string, string>[] }[] = [
	{
		name: "imports go one way",
		rule: rules.importDirection,
		planted: [
			{ "agent/tag/x.ts": 'import { treat } from "../treat/treat.ts";' },
			{ "agent/tag/x.ts": 'import type { Step } from "../treat/treatment.ts";' },
			{ "agent/tag/x.ts": 'import {\n\ta,\n\tb,\n} from "../decide/plan.ts";' },
			{ "agent/tag/x.ts": 'const x = await import("../upload/guard.ts");' },
			{ "agent/tag/x.ts": 'import { compose } from "../compose.ts";' },
			{ "agent/formats/x.ts": 'import { Disk } from "../host/disk.ts";' },
			{ "agent/host/x.ts": 'import { Io } from "../commands/command.ts";' },
			{ "agent/pipeline.ts": 'import { Io } from "./commands/command.ts";' },
			{ "agent/commands/x.ts": 'import "../main.ts";' },
			{ "agent/main.ts": 'import { seal } from "./seal/seal.ts";' },
			{ "agent/tag/x.ts": 'import { broker } from "../../simulators/broker.ts";' },
			{ "agent/tag/x.ts": 'export { hasData } from "../../test/data.ts";' },
			{ "shared/x.ts": 'import { systemClock } from "../agent/host/clock.ts";' },
			{ "simulators/x.ts": 'import { seal } from "../agent/seal/seal.ts";' },
		],
	},
	{ name: "every folder of the agent is a known part", rule: rules.stagesAreKnown, planted: [{ "agent/utils/x.ts": "" }] },
	{
		name: "modules from outside come in by few doors",
		rule: outsideModules,
		planted: [
			{ "shared/x.ts": 'import { readFileSync } from "node:fs";' },
			{ "shared/x.ts": 'import { Decoder } from "cbor-x";' },
			{ "agent/formats/x.ts": 'import { readFileSync } from "node:fs";' },
			{ "agent/tag/x.ts": 'import { connect } from "node:net";' },
			{ "agent/tag/x.ts": 'import { connect } from "node:tls";' },
			{ "agent/tag/x.ts": 'import { spawn } from "node:child_process";' },
			{ "agent/control/x.ts": 'import { connect } from "mqtt";' },
			{ "agent/tag/x.ts": 'import fc from "fast-check";' },
			{ "agent/tag/x.ts": 'import { readFileSync } from "fs";' },
		],
	},
	{
		name: "there are no cycles",
		rule: rules.noCycles,
		planted: [
			{ "shared/x.ts": 'import "./y.ts";', "shared/y.ts": 'import "./z.ts";', "shared/z.ts": 'import type { X } from "./x.ts";' },
			{ "shared/x.ts": 'import "./x.ts";' },
		],
	},
	{
		name: "only main exits, reads the environment or writes to the console",
		rule: rules.onlyMainSpeaks,
		planted: ["console.log(1);", "process.exit(1);", "const x = process.env.HOME;", "process.stdout.write('');"].map((text) => ({
			"agent/tag/x.ts": text,
		})),
	},
	{
		name: "time and chance come from the host alone",
		rule: rules.onlyHostKnowsTime,
		planted: ["Date.now()", "new Date()", "performance.now()", "Math.random()"].map((text) => ({
			"simulators/x.ts": `const x = ${text};`,
		})),
	},
	{
		name: "only treat makes a clean reading",
		rule: rules.onlyTreatMakesClean,
		planted: [{ "agent/seal/x.ts": "const x = y as CleanReading;" }, { "test/seal/x.test.ts": "const x = y as CleanReading;" }],
	},
	{
		name: "nothing fetches or evaluates",
		rule: rules.noFetch,
		planted: [{ "agent/tag/x.ts": 'await fetch("x");' }, { "shared/x.ts": 'eval("1");' }],
	},
	{
		name: "no check is switched off and nothing is left to do",
		rule: rules.noEscapes,
		planted: ["// @ts-ignore", "// biome-ignore lint: x", "const x = y as unknown as Z;", "// TODO later"].map((text) => ({
			"agent/tag/x.ts": text,
		})),
	},
	{
		name: "nothing converts to or from the offset datum",
		rule: rules.noOffsetDatum,
		planted: [
			"const a = 6378245.0;",
			"const ee = 0.00669342162296594323;",
			"const wgs84ToGcj02 = 1;",
			"const x = bd09_to_wgs84;".replaceAll("_", ""),
		].map((text) => ({ "simulators/x.ts": text })),
	},
	{
		name: "no host of a network and no path of a machine is named",
		rule: rules.noPlaces,
		planted: [
			{ "agent/tag/x.ts": 'const x = "https://packages.company.cn/a";' },
			{ "README.md": "see mqtts://broker.company.cn:8883" },
			{ "README.md": "cd /home/someone/kerbstone" },
			{ "test/x.test.ts": `const x = "${["", "work", "main", "test"].join("/")}";` },
		],
	},
	{
		name: "files are small",
		rule: rules.smallFiles,
		planted: [{ "agent/tag/x.ts": "\n".repeat(401) }, { "agent/compose.ts": "\n".repeat(151) }],
	},
	{
		name: "names are in kebab-case",
		rule: rules.kebabCase,
		planted: [{ "agent/tag/fooBar.ts": "" }, { "shared/Foo.ts": "" }, { "test/foo_bar.test.ts": "" }, { "simulators/My Folder/x.ts": "" }],
	},
	{
		name: "every plug-in has the name of its file and a test that calls the contract suite",
		rule: rules.pluginsKeepContracts,
		planted: [
			{ "agent/treat/x.ts": 'export default defineTreatment({ type: "x" });' },
			{
				"agent/sources/x.ts": 'export default defineSource({ kind: "x" });',
				"test/sources/x.test.ts": 'import x from "../../agent/sources/x.ts";',
			},
			{
				"agent/treat/x.ts": 'export default defineTreatment({ type: "y" });',
				"test/treat/x.test.ts": 'import x from "../../agent/treat/x.ts";\ntreatmentContract({});',
			},
		],
	},
	{
		name: "a test that can be skipped says what it needs",
		rule: rules.skipsSayWhy,
		planted: [
			{ "test/x.test.ts": 'it.skipIf(!hasData("can"))("decodes", () => {});' },
			{ "test/x.test.ts": 'it.skip("decodes", () => {});' },
			{ "test/x.test.ts": 'it.only("decodes", () => {});' },
		],
	},
];

describe("architecture", () => {
	for (const { name, rule, planted } of cases) {
		it(name, () => {
			expect(rule(tree)).toStrictEqual([]);
		});

		it(`${name}: a planted violation is found`, () => {
			const before = rule(tree).length;
			for (const files of planted) {
				expect(rule(new Map([...tree, ...Object.entries(files)])).length, JSON.stringify(files).slice(0, 200)).toBeGreaterThan(before);
			}
		});
	}

	it("reads the whole tree", () => {
		for (const path of ["agent/main.ts", "shared/reading.ts", "test/architecture.test.ts", "package.json"])
			expect(tree.has(path)).toBe(true);
		expect(rules.importsOf(tree).length).toBeGreaterThan(100);
	});
});
