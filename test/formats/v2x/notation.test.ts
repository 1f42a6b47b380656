import { describe, expect, test } from "vitest";
import { compileNotation } from "../../../agent/formats/v2x/notation.ts";

const one = (text: string) => compileNotation(`A = ${text}`).get("A");
const plain = (from: number, to: number | undefined) => ({ from, to, extensible: false });

describe("compileNotation", () => {
	test("integers: constrained, extensible, semi-constrained, single and unconstrained", () => {
		expect(one("int -5..127")).toEqual({ kind: "int", from: -5, to: 127, extensible: false });
		expect(one("int 0..127,...")).toEqual({ kind: "int", from: 0, to: 127, extensible: true });
		expect(one("int 3..")).toEqual({ kind: "int", from: 3, to: undefined, extensible: false });
		expect(one("int 7")).toEqual({ kind: "int", from: 7, to: 7, extensible: false });
		expect(one("int")).toEqual({ kind: "int", from: undefined, to: undefined, extensible: false });
	});

	test("sizes: fixed, range, extensible, from and unlimited", () => {
		expect(one("bits 8")).toEqual({ kind: "bits", size: plain(8, 8) });
		expect(one("bits 13,...")).toEqual({ kind: "bits", size: { from: 13, to: 13, extensible: true } });
		expect(one("octets 0..16")).toEqual({ kind: "octets", size: plain(0, 16) });
		expect(one("octets 4..")).toEqual({ kind: "octets", size: plain(4, undefined) });
		expect(one("utf8 *")).toEqual({ kind: "text", charset: "utf8", size: plain(0, undefined) });
		expect(one('ia5 1..6 of "CBA"')).toEqual({ kind: "text", charset: "ia5", alphabet: "ABC", size: plain(1, 6) });
		expect(one("list 1..32,... of bool")).toEqual({ kind: "list", size: { from: 1, to: 32, extensible: true }, of: { kind: "bool" } });
	});

	test("an enumeration ends where the next definition begins", () => {
		const types = compileNotation("A = enum a b-1 ... c\n# comment\nB = enum x y\nC = seq { d: enum p q = q }");
		expect(types.get("A")).toEqual({ kind: "enum", names: ["a", "b-1"], additions: ["c"] });
		expect(types.get("B")).toEqual({ kind: "enum", names: ["x", "y"], additions: undefined });
		expect(types.get("C")).toMatchObject({ fields: [{ name: "d", type: { names: ["p", "q"] }, fallback: "q" }] });
	});

	test("sequences: optional, default, marker, additions and groups", () => {
		const type = one("seq { a: bool, b?: int 0..7, c: int 0..7 = 5, ..., d?: null, [[ e: bool, f?: bool ]] }");
		const bool = { kind: "bool" };
		const int = { kind: "int", from: 0, to: 7, extensible: false };
		expect(type).toEqual({
			kind: "seq",
			fields: [
				{ name: "a", type: bool, optional: false },
				{ name: "b", type: int, optional: true },
				{ name: "c", type: int, optional: false, fallback: 5 },
			],
			additions: [
				{ isGroup: false, fields: [{ name: "d", type: { kind: "null" }, optional: true }] },
				{
					isGroup: true,
					fields: [
						{ name: "e", type: bool, optional: false },
						{ name: "f", type: bool, optional: true },
					],
				},
			],
		});
		expect(one("seq { a: bool }")).toMatchObject({ additions: undefined });
		expect(one("seq { a: bool, ... }")).toMatchObject({ additions: [] });
	});

	test("the marker of a group is told from the extension of a range by the space", () => {
		expect(one("seq { a: int 0..7, ... }")).toMatchObject({ fields: [{ type: { extensible: false } }], additions: [] });
		expect(one("seq { a: int 0..7,... }")).toMatchObject({ fields: [{ type: { extensible: true } }], additions: undefined });
		expect(() => one("seq { a: bool,... }")).toThrow(/space/);
	});

	test("choices and open types", () => {
		expect(one("choice { a: bool, ..., b: null }")).toMatchObject({ alternatives: [{ name: "a" }], additions: [{ name: "b" }] });
		const open = one("seq { n: int 0..9, v: open by n { 0: x: bool, 5: y: null } }");
		expect(open).toMatchObject({ fields: [{ name: "n" }, { type: { kind: "open", by: "n" } }] });
		const type = open?.kind === "seq" ? open.fields[1]?.type : undefined;
		expect(type?.kind === "open" ? type.table.get(5) : undefined).toEqual({ name: "y", type: { kind: "null" }, optional: false });
	});

	test("marks: role, factor, unavailable; on a name they leave the definition as it was", () => {
		const types = compileNotation("L = int -9..9 !9\nP = seq { a: L @lat*1e-7, b: bits 4 !0000, c: L }");
		expect(types.get("P")).toMatchObject({
			fields: [
				{ type: { role: "lat", factor: 1e-7, unavailable: 9, from: -9 } },
				{ type: { unavailable: "0000" } },
				{ type: types.get("L") },
			],
		});
		expect(types.get("L")).not.toHaveProperty("role");
	});

	test("marks behind `list of` are the element's", () => {
		expect(one("list 1..2 of seq { a: bool } @object")).toMatchObject({ kind: "list", of: { role: "object" } });
	});

	test("names from other texts", () => {
		const imports = compileNotation("A = bool");
		expect(compileNotation("B = list 1 of A", imports).get("B")).toMatchObject({ of: imports.get("A") });
	});

	test.each([
		["A = int\nB = nothing", /line 2: nothing is called nothing/],
		["A = seq {\n a: B }\nB = list 1 of A", /line 3: A contains itself/],
		["A = int\nA = bool", /line 2: A is defined twice/],
		["A = int\nseq = bool", /line 2: seq is a word/],
		["A = int 5..3", /line 1: the range 5..3 is empty/],
		["A = seq { a: int, a: bool }", /line 1: a is named twice/],
		["A = seq { a: int b: bool }", /line 1: expected a comma or }, got b/],
		["A = seq { a?: int = 5 }", /optional/],
		["A = seq { a: int 0..3 = 4 }", /not one of its type/],
		["A = enum a b !c", /not one of its type/],
		["A = enum a a", /named twice/],
		["A = int @nobody", /no role/],
		["A = bool @lat*2", /only a number/],
		["A = octets -1", /size/],
		["A = octets", /size/],
		["A = list 1 bool", /expected of/],
		['A = numeric 1 of "abc"', /not of numeric/],
		["A = choice { a?: int }", /expected :/],
		["A = seq { [[ a: int ]] }", /marker/],
		["A = seq { ..., a: int, ... }", /one marker/],
		["A = seq { v: open by n { 0: x: bool } }", /not beside/],
		["A = seq { n: int, v: open by n { 0: x: bool, 0: y: bool } }", /twice/],
		["A = int %", /"%"/],
		["A = int 0..5 foo", /end of the definition/],
		["int 0..5", /Name = type/],
		["A = seq { a: int", /a comma or }, got the end/],
		["A =", /type/],
	])("%s: refused", (text, message) => {
		expect(() => compileNotation(text)).toThrow(
			expect.objectContaining({ code: "FORMAT_INVALID", message: expect.stringMatching(message) }),
		);
	});
});
