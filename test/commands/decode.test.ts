import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DecodeResult, runDecode } from "../../agent/commands/decode.ts";
import { dataPath, hasData, repoPath } from "../data.ts";

const dbcText = [
	"BO_ 256 Motor: 8 A",
	' SG_ Speed : 0|16@1+ (0.1,0) [0|0] "rpm" A',
	' SG_ Torque : 23|16@0- (1,0) [0|0] "Nm" A',
	"BO_ 2147483905 Big: 8 A",
	' SG_ Counter : 0|64@1+ (1,0) [0|0] "" A',
	"BO_ 258 Float: 4 A",
	' SG_ F : 0|32@1- (1,0) [0|0] "" A',
	"BO_ 259 Twin: 3 A",
	' SG_ X M : 0|8@1+ (1,0) [0|0] "" A',
	' SG_ P : 8|8@1+ (1,0) [0|0] "" A',
	' SG_ P m1 : 16|8@1+ (1,0) [0|0] "" A',
	"SIG_VALTYPE_ 258 F : 1;",
	"",
].join("\n");

const logText = [
	"(1533226488.230547) can0 100#E803FFFE00000000",
	"(1533226488.230550) can0 00000101#FFFFFFFFFFFFFFFF",
	"(1533226488.230551) can1 101#00",
	"(1533226488.230552) can0 102#0000C07F",
	"(1533226488.230553) can0 102#000080FF",
	"(1533226488.230554) can0 103#010203",
	"(1533226488.230555) can0 100#R2",
	"(1533226488.230556) can0 20000004#0000000000000000",
	"  can0  100   [2]  01 00",
	"broken",
].join("\n");

const expected = [
	'{"t":1533226488.230547,"bus":"can0","id":256,"message":"Motor","signals":{"Speed":100,"Torque":-2}}',
	'{"t":1533226488.23055,"bus":"can0","id":257,"extended":true,"message":"Big","signals":{"Counter":18446744073709551615}}',
	'{"t":1533226488.230551,"bus":"can1","id":257,"message":null,"signals":{}}',
	'{"t":1533226488.230552,"bus":"can0","id":258,"message":"Float","signals":{"F":"NaN"}}',
	'{"t":1533226488.230553,"bus":"can0","id":258,"message":"Float","signals":{"F":"-Infinity"}}',
	'{"t":1533226488.230554,"bus":"can0","id":259,"message":"Twin","signals":{"X":1,"P":3}}',
	'{"t":1533226488.230555,"bus":"can0","id":256,"remote":true,"message":"Motor","signals":{}}',
	'{"t":1533226488.230556,"bus":"can0","id":4,"error":true,"message":null,"signals":{}}',
	'{"t":null,"bus":"can0","id":256,"message":"Motor","signals":{"Speed":0.1}}',
];

describe("runDecode", () => {
	let folder = "";
	const file = (name: string, content: string | Uint8Array): string => {
		const path = join(folder, name);
		writeFileSync(path, content);
		return path;
	};
	const decode = async (
		can: string,
		dbc: readonly string[] = [join(folder, "a.dbc")],
	): Promise<{ lines: string[]; warnings: string[]; result: DecodeResult }> => {
		const lines: string[] = [];
		const warnings: string[] = [];
		const result = await runDecode({ can, dbc, out: (line) => void lines.push(line), warn: (line) => void warnings.push(line) });
		return { lines, warnings, result };
	};

	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), "kerb-decode-"));
		file("a.dbc", dbcText);
	});
	afterAll(() => rmSync(folder, { recursive: true }));

	it("prints every frame as one line of JSON", async () => {
		const { lines, result } = await decode(file("a.log", logText));
		expect(lines).toEqual(expected);
		for (const line of lines) JSON.parse(line);
		expect(result).toEqual({
			frames: 9,
			decoded: 6,
			rejected: { frame_unmapped: 1, frame_remote: 1, frame_error: 1, line_invalid: 1, signal_truncated: 1 },
		});
	});

	it("reads gzip, and a broken gzip up to the break", async () => {
		expect((await decode(file("a.gz", gzipSync(logText)))).lines).toEqual(expected);
		const long = gzipSync(Array(3_000).fill(logText).join("\n"));
		const { lines, result } = await decode(file("cut.gz", long.subarray(0, long.length - 20)));
		expect(lines.length).toBeGreaterThan(100);
		expect(result.rejected.gzip_corrupt).toBe(1);
	});

	it("reads the standard input", () => {
		const code = `import { runDecode } from ${JSON.stringify(repoPath("agent/commands/decode.ts"))};
			await runDecode({ can: "-", dbc: [${JSON.stringify(join(folder, "a.dbc"))}], out: (line) => console.log(line), warn: () => {} });`;
		for (const input of [Buffer.from(logText), gzipSync(logText)]) {
			const { stdout, status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { input, encoding: "utf8" });
			expect(status, stderr).toBe(0);
			expect(stdout.trim().split("\n")).toEqual(expected);
		}
	});

	it("waits for its reader", async () => {
		let open = 0;
		let most = 0;
		const out = async (): Promise<void> => {
			most = Math.max(most, ++open);
			await new Promise((resolve) => setImmediate(resolve));
			open--;
		};
		await runDecode({ can: file("a.log", logText), dbc: [join(folder, "a.dbc")], out, warn: () => undefined });
		expect(most).toBe(1);
	});

	it("is a command of the command line, with counts on standard error and exit codes", () => {
		const run = (...args: string[]): { stdout: string; stderr: string; status: number | null } =>
			spawnSync(process.execPath, [repoPath("agent/main.ts"), "decode", ...args], { encoding: "utf8" });
		const dbc = join(folder, "a.dbc");
		const good = run("--can", file("a.log", logText), "--dbc", dbc);
		expect(good.stdout.trim().split("\n")).toEqual(expected);
		expect(good.stderr).toContain("9 frames, 6 of them with a message; ");
		expect(good.status).toBe(0);
		expect(run("--can", dbc, "--dbc", file("bad.dbc", "nothing here")).status).toBe(1);
		expect(run("--can", dbc).status).toBe(2);
		expect(run("--can", join(folder, "none"), "--dbc", dbc).status).toBe(4);
	});

	it("takes the first of several DBC files for an id, and warns of oddities", async () => {
		const other = file("b.dbc", 'BO_ 256 Other: 8 A\nBO_ 257 Mine: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] "" A\nstray\n');
		const { lines, warnings } = await decode(file("a.log", logText), [join(folder, "a.dbc"), other]);
		expect(lines[0]).toBe(expected[0]);
		expect(lines[2]).toContain('"message":"Mine","signals":{"S":0}');
		expect(warnings).toContainEqual(`${other}:4: text that belongs to no section`);
		expect(warnings.some((line) => line.includes("first one counts"))).toBe(true);
	});

	it("names the file that cannot be read", async () => {
		await expect(decode(join(folder, "none.log"))).rejects.toMatchObject({
			code: "SOURCE_UNAVAILABLE",
			message: expect.stringContaining("none.log"),
		});
		await expect(decode(file("a.log", logText), [join(folder, "none.dbc")])).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
		await expect(decode(file("a.log", logText), [file("x.dbc", "nothing")])).rejects.toMatchObject({ code: "FORMAT_INVALID" });
	});

	it.skipIf(!hasData("can/comma2k19_rav4_seg40_candump.log.gz"))("prints a real drive whole (needs shared data can)", async () => {
		let steering = 0;
		const result = await runDecode({
			can: dataPath("can/comma2k19_rav4_seg40_candump.log.gz"),
			dbc: [dataPath("can/toyota_2017.dbc")],
			out: (line) => {
				if (line.includes('"bus":"can0"') && line.includes('"message":"STEER_ANGLE_SENSOR"')) steering++;
			},
			warn: (line) => expect.fail(line),
		});
		expect(steering).toBe(4_974);
		expect(result).toEqual({ frames: 98_800, decoded: 33_497, rejected: { frame_unmapped: 65_303, signal_truncated: 2_320 } });
	});
});
