import { describe, expect, it } from "vitest";
import { compileDbc, type DbcDecoder } from "../../agent/formats/dbc-decode.ts";
import { parseDbc } from "../../agent/formats/dbc-parse.ts";

const compile = (...texts: readonly string[]): DbcDecoder => compileDbc(texts.map((text) => parseDbc(Buffer.from(text, "utf8"))));

interface Decoded {
	readonly values: [path: string, value: number | bigint][];
	readonly truncated: number;
}

const decode = (decoder: DbcDecoder, id: number, hex: string, extended = false): Decoded | undefined => {
	const values: [string, number | bigint][] = [];
	const message = decoder.find(id, extended);
	if (message === undefined) return undefined;
	const truncated = message.decode(Buffer.from(hex, "hex"), (signal, value) => values.push([signal.path, value]));
	return { values, truncated };
};

const single = (layout: string, hex: string, extra = ""): number | bigint | undefined =>
	decode(compile(`BO_ 1 M: 8 A\n SG_ S : ${layout} [0|0] "" A\n${extra}`), 1, hex)?.values[0]?.[1];

describe("compileDbc", () => {
	it("reads Intel and Motorola, unsigned and signed, across bytes", () => {
		expect(single("4|12@1+ (1,0)", "A0BC000000000000")).toBe(0xbca);
		expect(single("4|12@1- (1,0)", "A0BC000000000000")).toBe(0xbca - 0x1000);
		expect(single("3|12@0+ (1,0)", "0ABC000000000000")).toBe(0xabc);
		expect(single("3|12@0- (1,0)", "0ABC000000000000")).toBe(0xabc - 0x1000);
		expect(single("5|3@0+ (1,0)", "28")).toBe(5);
		expect(single("0|1@1- (1,0)", "01")).toBe(-1);
	});

	it("scales as raw * factor + offset in doubles", () => {
		expect(single("0|16@1+ (0.01,-67.67)", "0F1A")).toBe(0x1a0f * 0.01 - 67.67);
		expect(single("0|8@1+ (-0.5,10)", "FF")).toBe(-117.5);
	});

	it("keeps integers of more than 53 bits exact, as bigints only where a number is not", () => {
		expect(single("0|64@1+ (1,0)", "FFFFFFFFFFFFFFFF")).toBe(18446744073709551615n);
		expect(single("7|64@0+ (1,0)", "FFFFFFFFFFFFFFFE")).toBe(18446744073709551614n);
		expect(single("0|64@1- (1,0)", "FFFFFFFFFFFFFFFF")).toBe(-1);
		expect(single("0|64@1- (2,1)", "0000000000000080")).toBe(-18446744073709551615n);
		expect(single("0|64@1+ (3,-1)", "0500000000000000")).toBe(14);
		expect(single("0|54@1+ (1,0)", "FFFFFFFFFFFF3F00")).toBe(18014398509481983n);
		expect(single("0|53@1+ (1,0)", "FFFFFFFFFFFF1F00")).toBe(Number.MAX_SAFE_INTEGER);
		expect(single("0|64@1+ (0.5,0)", "FFFFFFFFFFFFFFFF")).toBe(2 ** 63);
	});

	it("reads floats of both sizes and orders, at any bit", () => {
		const float = Buffer.alloc(8);
		float.writeFloatLE(-2.5);
		expect(single("0|32@1- (1,0)", float.toString("hex"), "SIG_VALTYPE_ 1 S : 1;")).toBe(-2.5);
		float.writeFloatBE(-2.5);
		expect(single("7|32@0- (2,1)", float.toString("hex"), "SIG_VALTYPE_ 1 S : 1;")).toBe(-4);
		float.writeDoubleLE(1 / 3);
		expect(single("0|64@1- (1,0)", float.toString("hex"), "SIG_VALTYPE_ 1 S : 2;")).toBe(1 / 3);
		float.writeDoubleBE(Number.NaN);
		expect(single("7|64@0- (1,0)", float.toString("hex"), "SIG_VALTYPE_ 1 S : 2;")).toBeNaN();
		float.writeFloatLE(1.5);
		const shifted = (BigInt(float.readUInt32LE()) << 4n).toString(16).padStart(16, "0");
		expect(single("4|32@1+ (1,0)", Buffer.from(shifted, "hex").reverse().toString("hex"), "SIG_VALTYPE_ 1 S : 1;")).toBe(1.5);
	});

	it("leaves out signals that the payload does not wholly hold, and counts them", () => {
		const decoder = compile(
			'BO_ 1 M: 8 A\n SG_ A : 0|8@1+ (1,0) [0|0] "" A\n SG_ B : 8|9@1+ (1,0) [0|0] "" A\n SG_ C : 23|8@0+ (1,0) [0|0] "" A\n SG_ Mux M : 40|8@1+ (1,0) [0|0] "" A\n SG_ D m0 : 0|8@1+ (1,0) [0|0] "" A\n',
		);
		expect(decode(decoder, 1, "0102")).toEqual({ values: [["M.A", 1]], truncated: 3 });
		expect(decode(decoder, 1, "")).toEqual({ values: [], truncated: 4 });
		expect(decode(decoder, 1, "010203040500")?.values.map(([path]) => path)).toEqual(["M.A", "M.B", "M.C", "M.Mux", "M.D"]);
	});

	it("gives a message named like the root of VSS a path that is none of VSS", () => {
		const decoder = compile(
			'BO_ 1 Vehicle: 8 A\n SG_ Speed : 0|8@1+ (1,0) [0|0] "" A\nBO_ 2 Vehicle: 8 A\n SG_ Speed : 0|8@1+ (1,0) [0|0] "" A\n',
		);
		expect(decode(decoder, 1, "01")?.values).toEqual([["@Vehicle.Speed", 1]]);
		expect(decode(decoder, 2, "01")?.values).toEqual([["@Vehicle@002.Speed", 1]]);
	});

	it("reads CAN FD payloads to the last byte", () => {
		const decoder = compile('BO_ 1 M: 64 A\n SG_ Last : 504|8@1+ (1,0) [0|0] "" A\n SG_ Wide : 451|60@0+ (1,0) [0|0] "" A\n');
		const data = `${"00".repeat(56)}${"FF".repeat(7)}7F`;
		expect(decode(decoder, 1, data)?.values[0]).toEqual(["M.Last", 0x7f]);
		expect(decode(decoder, 1, data)?.values[1]).toEqual(["M.Wide", 2n ** 60n - 1n - 0x80n]);
		expect(decode(decoder, 1, data)?.truncated).toBe(0);
	});

	it("follows simple, extended and nested multiplexing", () => {
		const decoder = compile(
			[
				"BO_ 1 M: 8 A",
				' SG_ Outer M : 0|4@1- (1,0) [0|0] "" A',
				' SG_ One m1 : 16|8@1+ (1,0) [0|0] "" A',
				' SG_ Inner m3M : 8|8@1+ (1,0) [0|0] "" A',
				' SG_ Deep m0 : 24|8@1+ (1,0) [0|0] "" A',
				' SG_ Wide m0 : 32|8@1+ (1,0) [0|0] "" A',
				"SG_MUL_VAL_ 1 Inner Outer 3-5;",
				"SG_MUL_VAL_ 1 Deep Inner 2-2, 16-20;",
				"SG_MUL_VAL_ 1 Wide Inner 0-1000;",
			].join("\n"),
		);
		const names = (hex: string): string[] => decode(decoder, 1, hex)?.values.map(([path]) => path.slice(2)) ?? [];
		expect(names("0000000000000000")).toEqual(["Outer"]);
		expect(names("0100000000000000")).toEqual(["Outer", "One"]);
		expect(names("0310000000000000")).toEqual(["Outer", "Inner", "Deep", "Wide"]);
		expect(names("0502000000000000")).toEqual(["Outer", "Inner", "Deep", "Wide"]);
		expect(names("0503000000000000")).toEqual(["Outer", "Inner", "Wide"]);
		expect(names("0600000000000000")).toEqual(["Outer"]);
		// The multiplexer is signed: 15 is -1 and chooses nothing.
		expect(names("0F00000000000000")).toEqual(["Outer"]);
	});

	it("emits a signal once however its ranges overlap", () => {
		const decoder = compile(
			'BO_ 1 M: 2 A\n SG_ X M : 0|8@1+ (1,0) [0|0] "" A\n SG_ Y m1 : 8|8@1+ (1,0) [0|0] "" A\nSG_MUL_VAL_ 1 Y X 0-400, 5-5, 5-6;\n',
		);
		expect(decode(decoder, 1, "0507")?.values).toEqual([
			["M.X", 5],
			["M.Y", 7],
		]);
	});

	it("of two signals with one name decodes the last, and both where they exclude each other", () => {
		const decoder = compile(
			[
				"BO_ 1 M: 8 A",
				' SG_ S : 0|8@1+ (1,0) [0|0] "" A',
				' SG_ S : 8|8@1+ (1,0) [0|0] "" A',
				' SG_ X M : 16|8@1+ (1,0) [0|0] "" A',
				' SG_ P m0 : 24|8@1+ (1,0) [0|0] "" A',
				' SG_ P m1 : 32|8@1+ (1,0) [0|0] "" A',
			].join("\n"),
		);
		expect(decode(decoder, 1, "0102000304")?.values).toEqual([
			["M.S", 2],
			["M.X", 0],
			["M.P", 3],
		]);
		expect(decode(decoder, 1, "0102010304")?.values).toContainEqual(["M.P", 4]);
		expect(decoder.find(1, false)?.hasTwins).toBe(true);
	});

	it("tells standard from extended ids and finds the first of several messages", () => {
		const decoder = compile(
			"BO_ 1 Std: 8 A\nBO_ 2147483649 Ext: 8 A\n",
			'BO_ 1 Other: 8 A\nBO_ 3 Std: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] "" A\n',
		);
		expect(decoder.find(1, false)?.name).toBe("Std");
		expect(decoder.find(1, true)?.name).toBe("Ext");
		expect(decoder.find(2, false)).toBeUndefined();
		expect(decoder.problems.length).toBe(1);
	});

	it("gives signals of a second message with the same name their own paths", () => {
		const decoder = compile('BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] "" A\nBO_ 418 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] "" A\n');
		expect(decode(decoder, 1, "01")?.values).toEqual([["M.S", 1]]);
		expect(decode(decoder, 418, "01")?.values).toEqual([["M@1A2.S", 1]]);
		expect(decoder.find(418, false)?.name).toBe("M");
	});

	it("finds J1939 parameter groups whatever the source, priority and, for PDU1, destination", () => {
		const attribute = (id: number): string => `BA_ "VFrameFormat" BO_ ${id} 3;\n`;
		const ids = [0x8cf00400 + 0xfe, 0x98ea00fe + 0x0000, 0x99fef1fe].map((id) => id >>> 0);
		const decoder = compile(
			`${ids.map((id, i) => `BO_ ${id} P${i}: 8 A\n`).join("")}BO_ ${0x98fef2fe >>> 0} Exact: 8 A\n${ids.map(attribute).join("")}`,
		);
		expect(decoder.find(0x0cf00400, true)?.name).toBe("P0");
		expect(decoder.find(0x1cf00433, true)?.name).toBe("P0");
		expect(decoder.find(0x0cf00533, true)).toBeUndefined();
		// 0xEA00 is PDU1: the byte under it is the destination.
		expect(decoder.find(0x18ea21f9, true)?.name).toBe("P1");
		expect(decoder.find(0x18eb21f9, true)).toBeUndefined();
		// The data page is part of the group.
		expect(decoder.find(0x19fef100, true)?.name).toBe("P2");
		expect(decoder.find(0x18fef100, true)).toBeUndefined();
		// Not a parameter group: the exact id only.
		expect(decoder.find(0x18fef2fe, true)?.name).toBe("Exact");
		expect(decoder.find(0x18fef200, true)).toBeUndefined();
		expect(decoder.find(0x400, false)).toBeUndefined();
	});
});
