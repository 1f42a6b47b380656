import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import command from "../../agent/commands/law-import-fleetwise.ts";
import { parseDbc } from "../../agent/formats/dbc-parse.ts";
import { isKerbError } from "../../shared/errors.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { PolicySchema } from "../../shared/policy.ts";
import { policy } from "../fakes/law-documents.ts";

const campaign = {
	name: "warm cabin\u001b[31m",
	compression: "SNAPPY",
	collectionScheme: { conditionBasedCollectionScheme: { expression: "$variable.`Vehicle.Speed` > 30", triggerMode: "ALWAYS" } },
	signalsToCollect: [{ name: "Vehicle.Speed" }, { name: "Vehicle.Nobody.Knows" }],
};
const decoders = [
	{
		...{ fullyQualifiedName: "Vehicle.Speed", type: "CAN_SIGNAL", interfaceId: "1" },
		canSignal: { messageId: 416, isBigEndian: true, isSigned: false, startBit: 8, length: 16, factor: 0.01, offset: 0, name: "Speed" },
	},
];

let folder = "";
let files: readonly string[] = [];
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "kerb-fleetwise-"));
	files = Object.entries({ "campaign.json": campaign, "decoders.json": decoders }).map(([name, document]) => {
		const path = join(folder, name);
		writeFileSync(path, JSON.stringify(document));
		return path;
	});
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = async (positionals: readonly string[], values: Readonly<Record<string, string | boolean>> = {}) => {
	const lines: string[] = [];
	const code = await command.run(
		{ positionals, values },
		{
			out: (line) => {
				lines.push(line);
				return Promise.resolve();
			},
			err: () => {},
			progress: () => {},
			isTerminal: false,
			signal: new AbortController().signal,
		},
	);
	return { code, lines };
};

const codeOf = async (running: Promise<unknown>): Promise<string> => {
	try {
		await running;
		return "none";
	} catch (error) {
		return isKerbError(error) ? error.code : "foreign";
	}
};

describe("law import-fleetwise", () => {
	it("writes a part of a policy, an overlay and a DBC file, and lists the rest", async () => {
		const out = join(folder, "out");
		const { code, lines } = await run(files, { out });
		expect(code).toBe(0);
		expect(readdirSync(out).sort()).toEqual(["can-1.dbc", "overlay.json", "policy-part.json"]);
		const part = JSON.parse(readFileSync(join(out, "policy-part.json"), "utf8"));
		const parsed = parseValue(PolicySchema, { ...policy([]), ...part }, "policy", "LAW_INVALID");
		expect(parsed.collect?.map(({ id, trigger }) => [id, trigger])).toEqual([["warm-cabin-31m", "level"]]);
		expect(parsed.release[0]).toMatchObject({ outlet: "to-be-chosen", purpose: "to-be-chosen", collect: ["warm-cabin-31m"] });
		expect(parsed.release[0]?.categories).not.toContain("to-be-chosen");
		expect(parseDbc(readFileSync(join(out, "can-1.dbc"))).messages[0]?.signals[0]).toMatchObject({ startBit: 7, length: 16, factor: 0.01 });
		expect(JSON.parse(readFileSync(join(out, "overlay.json"), "utf8"))).toEqual({
			"Vehicle.Speed": { dbc2vss: { signal: "M_1A0.Speed" } },
		});
		const text = lines.join("\n");
		for (const expected of [/compression/, /Vehicle\.Nobody\.Knows: no row/, /to-be-chosen/, /CAN interface 1: 1 signals in 1 messages/])
			expect(text).toMatch(expected);
		expect(lines.every((line) => !/\p{Cc}/u.test(line))).toBe(true);
	});

	it("writes over nothing", async () => {
		const out = join(folder, "twice");
		await run(files, { out });
		expect(await codeOf(run(files, { out }))).toBe("CONFIG_INVALID");
	});

	it("prints one line of JSON when asked, and writes nothing unless told where", async () => {
		const { lines } = await run(files, { json: true });
		expect(lines).toHaveLength(1);
		const result = JSON.parse(lines[0] ?? "");
		expect(result.written).toEqual([]);
		expect(result.policy.collect).toHaveLength(1);
		expect(result.notes.length).toBeGreaterThan(1);
	});

	it("says what is wrong with files and options", async () => {
		const broken = join(folder, "broken.json");
		writeFileSync(broken, "{");
		expect(await codeOf(run([broken]))).toBe("FORMAT_INVALID");
		expect(await codeOf(run([join(folder, "none.json")]))).toBe("SOURCE_UNAVAILABLE");
		expect(await codeOf(run([]))).toBe("USAGE");
		expect(await codeOf(run(files, { catalogue: "constructor" }))).toBe("USAGE");
		writeFileSync(broken, "3");
		expect((await run([broken])).lines.join("\n")).toMatch(/nothing could be carried over.*broken\.json: expected a campaign/s);
	});
});
