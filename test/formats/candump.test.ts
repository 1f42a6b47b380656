import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CandumpParser, type CanFrame } from "../../agent/formats/candump.ts";
import { dataPath, hasData } from "../data.ts";
import { hasProgram } from "../peers.ts";

const parse = (line: string): CanFrame | string => {
	const parser = new CandumpParser();
	const what = parser.parse(line);
	return what === "frame" ? { ...parser.frame, data: parser.frame.data.slice() } : what;
};

const frame = (line: string): CanFrame => {
	const got = parse(line);
	if (typeof got === "string") throw new Error(`${line} is ${got}`);
	return got;
};

const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex").toUpperCase();

describe("CandumpParser", () => {
	it("reads the log form and keeps microseconds", () => {
		const got = frame("(1533226488.230547) can0 260#08FFFB0000001884");
		expect(got).toMatchObject({ bus: "can0", id: 0x260, extended: false, remote: false, error: false, fd: false });
		expect(hex(got.data)).toBe("08FFFB0000001884");
		expect(String(got.tSec)).toBe("1533226488.230547");
		expect(got.tMs).toBe(1533226488230.547);
	});

	it("reads ids of eight digits as extended and bit 29 as an error frame", () => {
		expect(frame("(1.0) can0 12345678#")).toMatchObject({ id: 0x12345678, extended: true, error: false });
		expect(frame("(1.0) can0 00000123#11")).toMatchObject({ id: 0x123, extended: true });
		expect(frame("(1.0) can0 20000004#0000000000000000")).toMatchObject({ id: 4, extended: false, error: true });
	});

	it("reads CAN FD with flags and up to 64 bytes", () => {
		expect(hex(frame("(1.0) vcan1 123##3112233").data)).toBe("112233");
		const long = frame(`(1.0) vcan1 123##0${"AB".repeat(64)}`);
		expect(long.fd).toBe(true);
		expect(long.data.length).toBe(64);
		expect(frame("(1.0) vcan1 123##1").data.length).toBe(0);
	});

	it("reads remote requests with and without a length", () => {
		expect(frame("(1.0) can0 123#R")).toMatchObject({ remote: true, id: 0x123 });
		expect(frame("(1.0) can0 12345678#R4 R")).toMatchObject({ remote: true, extended: true });
		expect(frame("(1.0) can0 123#R").data.length).toBe(0);
	});

	it("takes off the direction and a raw length code", () => {
		expect(hex(frame("(1.0) can0 123#1122 R").data)).toBe("1122");
		expect(hex(frame("(1.0) can0 123#1122 T\r").data)).toBe("1122");
		expect(hex(frame("(1.0) can0 123#1122334455667788_E").data)).toBe("1122334455667788");
	});

	it("reads the form for people in all its stamps", () => {
		const people = "can0  123   [4]  11 22 33 44";
		for (const [stamp, tMs] of [
			["", undefined],
			[" (1533226488.230547)", 1533226488230.547],
			[" (2018-08-02 16:14:48.230547)", 1533226488230.547],
			[" (000.000013)", undefined],
		] as const) {
			const got = frame(`${stamp}  ${people}`);
			expect(got.tMs).toBe(tMs);
			expect(got).toMatchObject({ bus: "can0", id: 0x123, extended: false });
			expect(hex(got.data)).toBe("11223344");
		}
		expect(frame("  can0  12345678   [2]  AA BB").extended).toBe(true);
		expect(frame(" (000.000013)  can0  123   [1]  AA").tSec).toBe(0.000013);
	});

	it("reads the column of characters, swapped bytes, FD lengths and remote requests of the form for people", () => {
		expect(hex(frame("  can0  123   [8]  41 42 43 44 45 46 47 48   'ABCDEFGH'").data)).toBe("4142434445464748");
		expect(hex(frame("  can0  123   [2]  27 41   ''A'").data)).toBe("2741");
		expect(hex(frame("  can0  123   [3]  33`22`11").data)).toBe("112233");
		expect(hex(frame("  can0  123   [3]  33`22`11   '.\"3'").data)).toBe("112233");
		expect(hex(frame("  can0  123   [2]  60 41   '`A'").data)).toBe("6041");
		expect(frame(`  can0  123  [12]  ${Array(12).fill("0A").join(" ")}`)).toMatchObject({ fd: true });
		expect(frame("  can0  123   [0]  remote request")).toMatchObject({ remote: true });
		expect(frame("  can0  123   [0] ").data.length).toBe(0);
		expect(frame("  can0  RX - -  123   [1]  FF").id).toBe(0x123);
		expect(frame("  can0  20000004   [8]  00 00 00 00 00 00 00 00   ERRORFRAME")).toMatchObject({ error: true });
	});

	it("reads any stamp as the number that its text says, and to the microsecond", () => {
		const digits = (least: number, most: number) =>
			fc.array(fc.integer({ min: 0, max: 9 }), { minLength: least, maxLength: most }).map((each) => each.join(""));
		fc.assert(
			fc.property(digits(1, 12), digits(1, 9), (sec, decimals) => {
				const got = frame(`(${sec}.${decimals}) can0 123#00`);
				expect(got.tSec).toBe(Number(`${sec}.${decimals}`));
				const isUtc = Number(sec) >= 100_000_000 && Number(sec) < 100_000_000_000;
				expect(got.tMs).toBe(isUtc ? Number(sec + decimals.padEnd(6, "0").slice(0, 6)) / 1_000 : undefined);
			}),
			{ numRuns: 2_000 },
		);
		for (const stamp of ["1.", ".1", "1", "", "-1.0", "1.1234567890", "1234567890123.1", "1.2.3", "1e3.0", " 1.0", "1.0 ", "0x1.0"]) {
			expect(new CandumpParser().parse(`(${stamp}) can0 123#00`), stamp).toBe("invalid");
		}
	});

	it("keeps nothing of the line before", () => {
		const parser = new CandumpParser();
		expect(parser.parse("(1533226488.230547) can0 123#R")).toBe("frame");
		expect(parser.parse("  can1  124   [1]  FF")).toBe("frame");
		expect(parser.frame).toMatchObject({ tSec: undefined, tMs: undefined, bus: "can1", id: 0x124, remote: false, fd: false });
	});

	it("refuses what is not a frame, and passes remarks and empty lines over", () => {
		for (const line of ["", "   ", "# Name: NMEA2000 Bus", "; remark"]) expect(parse(line)).toBe("nothing");
		for (const line of [
			"hello",
			"(1.0) can0",
			"(1.0) can0 123",
			"(1.0) can0 123#1",
			"(1.0) can0 123#1122334455667788AA",
			"(1.0) can0 1234#11",
			"(1.0) can0 FFF#11",
			"(1.0) can0 F2345678#11",
			"(1.0) can0 123##",
			"(1.0) can0 123##0123",
			"(1.0) can0 123#GG",
			"(1.0) can0 123#R9",
			`(1.0) can0 123##0${"AB".repeat(65)}`,
			"(x) can0 123#11",
			"(1.0 can0 123#11",
			"(2018-13-02 16:14:48.230547)  can0  123   [1]  11",
			"  can0  123   [4]  11 22",
			"  can0  123   [9]  11 22 33 44 55 66 77 88 99",
			"(1751234567.000000) can0 00C#80:02:00000000#112233",
			`(1.0) can0 123#${" ".repeat(600)}11`,
		]) {
			expect(parse(line), line).toBe("invalid");
		}
	});

	it("never throws and keeps payloads within 64 bytes, whatever the line", () => {
		const piece = fc.oneof(
			fc.string({ maxLength: 30, unit: "binary" }),
			fc.constantFrom("(", ")", "#", "##", " ", "[8]", "can0", "123", "12345678", "R", "AA", "1533226488.230547", "`", "'"),
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
				const got = parse(pieces.join(""));
				if (typeof got !== "string") {
					expect(got.data.length).toBeLessThanOrEqual(64);
					expect(got.id >= 0 && got.id <= 0x1fff_ffff).toBe(true);
				}
			}),
			{ numRuns: 2_000 },
		);
	});

	it.skipIf(!hasData("can/nmea2000_greece_candump.log"))("reads every frame of a real NMEA 2000 log (needs shared data can)", () => {
		const parser = new CandumpParser();
		const counts = { frame: 0, nothing: 0, invalid: 0 };
		for (const line of readFileSync(dataPath("can/nmea2000_greece_candump.log"), "latin1").split("\n")) counts[parser.parse(line)]++;
		expect(counts).toEqual({ frame: 10_495, nothing: 7, invalid: 0 });
	});

	it.skipIf(!hasProgram("log2asc") || !hasProgram("asc2log"))("reads what log2asc and asc2log make of a log (needs can-utils)", () => {
		const lines = [
			"(1533226488.230547) can0 260#08FFFB0000001884",
			"(1533226488.230560) can0 0B4#",
			"(1533226488.230570) can0 12345678#08FFFB00",
			"(1533226488.230580) can0 123##311223344",
			`(1533226488.230590) can0 123##1${"5A".repeat(64)}`,
			"(1533226488.230600) can0 7FF#R",
			"(1533226488.230610) can0 123#R4",
		];
		const folder = mkdtempSync(join(tmpdir(), "kerb-candump-"));
		try {
			const [log, asc, back] = ["a.log", "a.asc", "b.log"].map((name) => join(folder, name)) as [string, string, string];
			writeFileSync(log, `${lines.join("\n")}\n`);
			expect(spawnSync("log2asc", ["-I", log, "-O", asc, "can0"]).status).toBe(0);
			expect(spawnSync("asc2log", ["-I", asc, "-O", back]).status).toBe(0);
			const returned = readFileSync(back, "latin1").trim().split("\n");
			expect(returned.length).toBe(lines.length);
			returned.forEach((line, index) => {
				const { tSec: _at, tMs: _ms, ...got } = frame(line);
				const { tSec: _wasAt, tMs: _wasMs, ...sent } = frame(lines[index] ?? "");
				expect(got).toEqual(sent);
			});
		} finally {
			rmSync(folder, { recursive: true });
		}
	});
});
