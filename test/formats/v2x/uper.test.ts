import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileNotation } from "../../../agent/formats/v2x/notation.ts";
import { decodeUper } from "../../../agent/formats/v2x/uper-decode.ts";
import { encodeUper } from "../../../agent/formats/v2x/uper-encode.ts";
import { isKerbError } from "../../../shared/errors.ts";
import type { MessageValue } from "../../../shared/message.ts";
import { anyOfType } from "../../fakes/message-of-type.ts";
import { anyType } from "./uper-any-type.ts";
import { constructNames, constructType } from "./uper-types.ts";

const typeOf = (notation: string) => {
	const type = compileNotation(`T = ${notation}`).get("T");
	if (type === undefined) throw new Error("no type");
	return type;
};
const hexOf = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
const octetsOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const encode = (notation: string, value: MessageValue): string => hexOf(encodeUper(typeOf(notation), value));
const decode = (notation: string, hex: string): MessageValue => decodeUper(typeOf(notation), octetsOf(hex)).value;
const refused = expect.objectContaining({ name: "KerbError", code: "FORMAT_INVALID" });

describe("UPER", () => {
	it.each<readonly [string, MessageValue, string]>([
		["int 7", 7, "00"],
		["int 0..255", 255, "ff"],
		["int -5..10", 10, "f0"],
		["int 0..127,...", 5, "05"],
		["int 0..127,...", 128, "81004000"],
		["int -3..", 253, "020100"],
		["int", -129, "02ff7f"],
		["int", 128, "020080"],
		["int", -(2 ** 53 - 1), "07e0000000000001"],
		["int 0..4398046511103", 4398046511103, "ffffffffffc0"],
		["enum a b c ... d", "c", "40"],
		["enum a b c ... d", "d", "80"],
		["bool", true, "80"],
		["null", null, "00"],
		["bits 3", "101", "a0"],
		["bits 2..9", "11", "18"],
		["bits 5,...", "101010", "8354"],
		["octets 2", "ab01", "ab01"],
		["octets *", "", "00"],
		['ia5 0..9 of "ABCDE"', "BAD", "3218"],
		['ia5 0..9 of "A"', "AAA", "30"],
		["ia5 1..63", "Hi", "064690"],
		["numeric 1..15", "10", "1210"],
		["visible 2..9", "AB", "106100"],
		["utf8 *", "é", "02c3a9"],
		["utf8 *", "\ufeffa", "04efbbbf61"],
		["seq { a?: bool, b: int 0..7 = 5, c: null }", { c: null }, "00"],
		["seq { a?: bool, b: int 0..7 = 5, c: null }", { a: false, b: 4, c: null }, "d0"],
		["choice { a: bool, b: null, c: int 0..3 }", { c: 2 }, "a0"],
		["list 1..4 of int 0..7", [7, 1], "79"],
		["list * of bool", [true, true], "02c0"],
		// Groups in which all is optional, as Erlang writes them from records: written when any of it is there.
		["seq { z: bool, ..., [[ d?: int 0..3, e?: int 0..9 ]] }", { z: true, d: 2 }, "c0406800"],
		["seq { z: bool, ..., [[ d?: int 0..3, e?: int 0..9 ]] }", { z: true }, "40"],
		["seq { z: bool, ..., [[ d?: null, e?: int 0..9 ]], f?: bool }", { z: true, f: true }, "c0a03000"],
	])("%s: %j is %s, both ways", (notation, value, hex) => {
		expect(encode(notation, value)).toBe(hex);
		expect(decode(notation, hex)).toEqual(value);
	});

	it("says how many bits it read", () => {
		expect(decodeUper(typeOf("int 0..7"), octetsOf("ffff")).bitsRead).toBe(3);
	});

	it("writes lengths of 16 Ki and more in fragments, and reads them", () => {
		const type = typeOf("octets *");
		const value = "ab".repeat(100_000);
		const octets = encodeUper(type, value);
		expect(hexOf(octets.subarray(0, 2))).toBe("c4ab");
		expect(hexOf(octets.subarray(65_537, 65_539))).toBe("c2ab");
		expect(octets.length).toBe(100_000 + 1 + 1 + 2);
		expect(decodeUper(type, octets).value).toBe(value);
		expect(encode("octets *", "ab".repeat(16_384))).toBe(`c1${"ab".repeat(16_384)}00`);
	});

	it("leaves a field that equals its default out of bits and tree", () => {
		const notation = "seq { a: int 0..7 = 5, b: list 0..2 of bool = [true] }";
		expect(encode(notation, { a: 5, b: [true] })).toBe("00");
		expect(decode(notation, "00")).toEqual({});
		// Both written outright: 1 1 101 01 1.
		expect(decode(notation, "eb")).toEqual({});
	});

	it("any value of any type comes back as it was", () => {
		const typed = anyType.chain((type) => anyOfType(type, { extensions: true, unknowns: true }).map((value) => ({ type, value })));
		fc.assert(
			fc.property(typed, ({ type, value }) => {
				expect(decodeUper(type, encodeUper(type, value)).value).toEqual(value);
			}),
			{ numRuns: 3_000 },
		);
	});
});

describe("what the schema does not know", () => {
	const newer = "seq { a: bool, ..., b?: int 0..7, [[ c?: octets *, d: bool ]], e?: list * of bool }";
	const older = "seq { a: bool, ..., b?: int 0..7 }";
	const values = anyOfType(typeOf(newer) as Parameters<typeof anyOfType>[0], { extensions: true });

	it("additions of a newer sender are kept, and written as they were", () => {
		fc.assert(
			fc.property(values, (value) => {
				const hex = encode(newer, value);
				const seen = decode(older, hex);
				expect(encode(older, seen)).toBe(hex);
			}),
			{ numRuns: 500 },
		);
		expect(decode(older, encode(newer, { a: true, b: 1, d: true }))).toEqual({ a: true, b: 1, "?": ["40", ""] });
	});

	it("an older sender's count of additions is kept", () => {
		const hex = encode(older, { a: true, b: 3 });
		expect(decode(newer, hex)).toEqual({ a: true, b: 3, "?": 1 });
		expect(encode(newer, decode(newer, hex))).toBe(hex);
		expect(encode(newer, { a: true, b: 3 })).not.toBe(hex);
	});

	it("alternatives, names and open types are kept, and written as they were", () => {
		const cases = [
			["choice { a: bool, ..., b: int, c: octets * }", { c: "0102" }, "choice { a: bool, ..., b: int }", { "?": [1, "020102"] }],
			["enum a ... b c", "c", "enum a ... b", { "?": 1 }],
			[
				"seq { n: int 0..9, v: open by n { 1: x: bool, 2: y: int } }",
				{ n: 2, v: { y: 5 } },
				"seq { n: int 0..9, v: open by n { 1: x: bool } }",
				{ n: 2, v: { "?": "0105" } },
			],
		] as const;
		for (const [full, value, part, seen] of cases) {
			const hex = encode(full, value);
			expect(decode(full, hex)).toEqual(value);
			expect(decode(part, hex)).toEqual(seen);
			expect(encode(part, decode(part, hex))).toBe(hex);
		}
	});
});

describe("decodeUper refuses", () => {
	it.each([
		["a number beyond its range", "int 0..4", "a0"],
		["an index beyond an enumeration", "enum a b c", "c0"],
		["an index beyond a choice", "choice { a: bool, b: bool, c: bool }", "c0"],
		["a length beyond its range", "octets 0..4", "a0"],
		["a length below its range", "octets 3..", "02abcd"],
		["a character that is not permitted", 'ia5 3 of "ABCDE"', "fc"],
		["text that is not UTF-8", "utf8 *", "02c328"],
		["too much text", "utf8 0..2", "03616263"],
		["too few bits", "bits 9", "ff"],
		["nothing at all", "bool", ""],
		["a length without content", "octets *", "05abcd"],
		["a list without elements", "list * of int 0..255", "bfff00"],
		["a fragment of none", "octets *", "c0"],
		["a fragment of five", "octets *", "c5"],
		["a number without octets", "int", "00"],
		["a number of nine octets", "int", "09000000000000000001"],
		["a number of 54 bits", "int", "0740000000000000"],
		["a small number of 54 bits", "enum a ... b", "c3c0000000000000000000"],
		["an open type that is longer than its content", "seq { n: int 0..255, v: open by n { 1: x: int 0..255 } }", "01020500"],
		["an open type that is shorter than its content", "seq { n: int 0..255, v: open by n { 1: x: octets 2 } }", "01010505"],
		["an open type whose padding is not zero", "seq { n: int 0..255, v: open by n { 1: x: bool } }", "010181"],
		["an empty open type", "seq { n: int 0..255, v: open by n { 1: x: null } }", "0100"],
	])("%s", (_what, notation, hex) => {
		expect(() => decode(notation, hex)).toThrow(refused);
	});

	it.each([
		["real", "real"],
		["a range of more than 53 bits", "int -9007199254740991..9007199254740991"],
		["33 levels", `${"list 1 of ".repeat(33)}bool`],
	])("%s: no type for it", (_what, notation) => {
		expect(() => decode(notation, "00")).toThrow(refused);
		expect(() => encode(notation, 0)).toThrow(refused);
	});

	it("elements without content, claimed over and over, at little cost", () => {
		const octets = new Uint8Array(100_000).fill(0xc4);
		expect(() => decodeUper(typeOf("list * of null"), octets)).toThrow(refused);
		expect(() => decodeUper(typeOf("list 0..255 of list * of list 0..65535 of int 3"), octets)).toThrow(refused);
		expect(() => decodeUper(typeOf('list * of ia5 65535 of "A"'), octets)).toThrow(refused);
		expect(decodeUper(typeOf("list 0..65535 of null"), octetsOf("ffff")).value).toHaveLength(65_535);
	});

	it("a message beyond 1 MiB", () => {
		expect(() => decodeUper(typeOf("bool"), new Uint8Array(1_048_577))).toThrow(refused);
		expect(() => encodeUper(typeOf("octets *"), "00".repeat(1_048_577))).toThrow(refused);
	});

	it("names the field and the place, and nothing of the content", () => {
		const attempt = () => decode("seq { lat: int 0..4000000, speed: int 0..200 }", "ffffffff");
		expect(attempt).toThrow(/in or after field/);
		expect(attempt).not.toThrow(/4194303|4000000/);
	});
});

describe("encodeUper refuses", () => {
	it.each<readonly [string, string, MessageValue]>([
		["a number beyond its range", "int 0..4", 5],
		["a fraction", "int", 0.5],
		["not a number", "int", Number.NaN],
		["2^53", "int", 2 ** 53],
		["text for a number", "int 0..4", "1"],
		["an unknown name", "enum a b", "c"],
		["the index of an addition that cannot be", "enum a b", { "?": 0 }],
		["digits beyond 0 and 1", "bits *", "012"],
		["odd hexadecimal", "octets *", "abc"],
		["upper-case hexadecimal", "octets *", "AB"],
		["too many octets", "octets 0..1", "abcd"],
		["a character that is not permitted", 'ia5 * of "AB"', "AC"],
		["a character beyond the set", "ia5 *", "é"],
		["half a character", "utf8 *", "\ud800"],
		["too much text", "utf8 0..2", "abc"],
		["a missing field", "seq { a: bool }", {}],
		["an unknown field", "seq { a: bool }", { a: true, b: 1 }],
		["unknown additions where none can be", "seq { a: bool }", { a: true, "?": ["00"] }],
		["a mandatory field missing in a group", "seq { ..., [[ a?: bool, b: bool ]] }", { a: true }],
		["two alternatives", "choice { a: bool, b: bool }", { a: true, b: true }],
		["no alternative", "choice { a: bool, b: bool }", {}],
		["an unknown alternative", "choice { a: bool, ... }", { b: true }],
		["content that its sibling does not name", "seq { n: int 0..9, v: open by n { 1: x: bool } }", { n: 2, v: { x: true } }],
		["fields for a list", "list * of bool", {}],
		["a list for fields", "seq { a?: bool }", []],
		["too short a list", "list 2 of bool", [true]],
		["a value for null", "null", 0],
		["null for a boolean", "bool", null],
	])("%s", (_what, notation, value) => {
		expect(() => encode(notation, value)).toThrow(refused);
	});
});

describe("any octets", () => {
	it.each(constructNames)("%s: refused, or a value that is written and read again as it was", (name) => {
		const type = constructType(name);
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
				let value: MessageValue;
				try {
					({ value } = decodeUper(type, octets));
				} catch (error) {
					if (isKerbError(error, "FORMAT_INVALID")) return;
					throw error;
				}
				expect(decodeUper(type, encodeUper(type, value)).value).toEqual(value);
			}),
			{ numRuns: 300 },
		);
	});
});
