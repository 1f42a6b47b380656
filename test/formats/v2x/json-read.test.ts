import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileJson } from "../../../agent/formats/v2x/json-compile.ts";
import { readJson } from "../../../agent/formats/v2x/json-read.ts";
import { writeJson } from "../../../agent/formats/v2x/json-write.ts";
import type { MessageType, SeqType } from "../../../agent/formats/v2x/message-type.ts";
import { compileNotation } from "../../../agent/formats/v2x/notation.ts";
import { isKerbError } from "../../../shared/errors.ts";
import type { MessageFields } from "../../../shared/message.ts";
import { anyOfType } from "../../fakes/message-of-type.ts";
import { jerOf } from "./j2735-jer.ts";
import { referenceRead } from "./json-reference.ts";
import { carelessJson, numbers } from "./json-texts.ts";
import { anyType } from "./uper-any-type.ts";

const utf8 = new TextEncoder();
const bytesOf = (text: string): Uint8Array => utf8.encode(text);

const typeOf = (text: string): MessageType => {
	const type = compileNotation(text).get("M");
	if (type === undefined) throw new Error("no type M");
	return type;
};

const reader = (text: string) => {
	const node = compileJson(typeOf(text), "keyed");
	return (json: string): MessageFields => readJson(node, bytesOf(json));
};

const refusal = (work: () => unknown): string => {
	try {
		work();
	} catch (error) {
		if (isKerbError(error, "FORMAT_INVALID")) return error.message;
		throw error;
	}
	return "";
};

const withReals: SeqType = {
	kind: "seq",
	fields: [
		{ name: "real", type: { kind: "real", from: -1e6, to: 1e6 }, optional: true },
		{ name: "wide", type: { kind: "real", from: undefined, to: undefined }, optional: false },
		{
			name: "list",
			type: { kind: "list", size: { from: 0, to: 9, extensible: false }, of: { kind: "real", from: undefined, to: undefined } },
			optional: true,
		},
	],
	additions: undefined,
};

describe("readJson", () => {
	it("agrees with a slow reader on any tree of any type, however it is laid out, and writeJson gives the same values", () => {
		const cases = fc
			.oneof({ weight: 4, arbitrary: anyType }, { weight: 1, arbitrary: fc.constant(withReals) })
			.chain((type) => fc.tuple(fc.constant(type), anyOfType(type, { extensions: true })));
		fc.assert(
			fc.property(
				cases,
				fc.nat(),
				fc.record({ shuffled: fc.boolean(), extras: fc.boolean(), spaces: fc.boolean(), escapes: fc.boolean() }),
				([type, tree], seed, how) => {
					const node = compileJson(type, "keyed");
					const json = jerOf(type, tree);
					const text = bytesOf(carelessJson(json, how, numbers(seed)));
					const expected = referenceRead(type, text);
					expect(expected).toBeDefined();
					const content = readJson(node, text);
					expect(content).toEqual(expected);
					expect(JSON.parse(Buffer.from(writeJson(node, content)).toString())).toEqual(jerOf(type, content));
					// The order of the type, whatever the sender's was.
					expect(JSON.stringify(content)).toBe(JSON.stringify(readJson(node, writeJson(node, content))));
				},
			),
			{ numRuns: 2_000 },
		);
	});

	it("reads and writes any double as it is", () => {
		const node = compileJson(typeOf("M = seq { x: real }"), "keyed");
		const exact = (x: number): void => {
			for (const text of [JSON.stringify({ x }), `{"x":${x.toExponential()}}`, `{"x":${Math.abs(x) < 1e15 ? x.toFixed(9) : x}}`]) {
				const parsed = (JSON.parse(text) as { x: number }).x;
				const read = readJson(node, bytesOf(text));
				expect(read.x).toBe(parsed + 0);
				expect(JSON.parse(Buffer.from(writeJson(node, read)).toString())).toEqual({ x: parsed + 0 });
			}
		};
		fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), exact), { numRuns: 5_000 });
		fc.assert(
			fc.property(fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }), fc.nat(9), (digits, places) => exact(digits / 10 ** places)),
			{ numRuns: 5_000 },
		);
		for (const x of [
			0,
			1e-7,
			0.1 + 0.2,
			5e-324,
			1.7976931348623157e308,
			2 ** 53,
			123456789012345680,
			4.35,
			0.00001,
			1e21,
			99999999.9999999,
		])
			exact(x);
	});

	it("refuses numbers that JSON does not have or a double does not hold, and those out of their range", () => {
		const read = reader("M = seq { i?: int -5..300, r?: real -1..1, w?: real }");
		for (const bad of ["01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity", "1_0", "--1", "1.5.5", "00", "-01", "1e1.5"]) {
			for (const key of ["i", "w", "other"])
				expect(
					refusal(() => read(`{"${key}":${bad}}`)),
					`${key} ${bad}`,
				).not.toBe("");
		}
		for (const bad of [
			'{"w":1e400}',
			'{"w":-1e999}',
			'{"i":301}',
			'{"i":-6}',
			'{"i":1.5}',
			'{"r":1.0000001}',
			'{"i":"1"}',
			'{"i":true}',
			'{"i":[1]}',
		]) {
			expect(
				refusal(() => read(bad)),
				bad,
			).not.toBe("");
		}
		expect(read('{"i":3.0e2,"r":-0,"w":1e-400}')).toEqual({ i: 300, r: 0, w: 0 });
		expect(Object.is(read('{"w":-0.0}').w, 0)).toBe(true);
		expect(read('{"other":1e400,"i":-0}')).toEqual({ i: 0 });
	});

	it("refuses a named key that comes twice, in whatever order, and takes no notice of one that nobody names", () => {
		const read = reader("M = seq { a?: int, b?: int, c?: choice { x: int } }");
		for (const bad of [
			'{"a":1,"a":1}',
			'{"a":1,"b":2,"a":3}',
			'{"b":1,"a":1,"b":1}',
			'{"a":null,"a":1}',
			'{"a":1,"\\u0061":1}',
			'{"c":{"y":1},"a":1,"c":{"x":1}}',
		]) {
			expect(
				refusal(() => read(bad)),
				bad,
			).toContain("a key once");
		}
		expect(read('{"z":1,"b":2,"z":3,"a":1}')).toEqual({ a: 1, b: 2 });
	});

	it("drops what it does not know up to the optional field or list element around it, and refuses when nothing is left", () => {
		const read = reader("M = seq { o?: choice { x: int }, l?: list 1..3 of choice { x: int }, s?: seq { m: choice { x: int }, n: int } }");
		expect(read('{"o":{"y":[1]},"l":[{"y":1},{"x":2}],"s":{"m":{"y":1},"n":1}}')).toEqual({ l: [{ x: 2 }] });
		expect(read('{"l":[{"y":1}]}')).toEqual({});
		expect(refusal(() => read('{"l":[{"y":1},{"x":1},{"x":1},{"y":1}]}'))).toContain("a list of its length");
		expect(refusal(() => reader("M = seq { m: choice { x: int } }")('{"m":{"y":1}}'))).toContain("of a known kind");
		for (const bad of ['{"o":{}}', '{"o":{"x":1,"y":2}}', '{"o":{"y":1,"x":2}}', '{"o":null,"o":null}'])
			expect(
				refusal(() => read(bad)),
				bad,
			).not.toBe("");
	});

	it("takes null as absent where a value may be absent, and nowhere else", () => {
		const read = reader("M = seq { a?: seq { b: int }, n?: null, r: int }");
		expect(read('{"a":null,"n":null,"r":1}')).toEqual({ n: null, r: 1 });
		for (const bad of ['{"r":null}', '{"r":1,"a":{"b":null}}', '{"r":1,"a":nul}', "null"])
			expect(
				refusal(() => read(bad)),
				bad,
			).not.toBe("");
	});

	it("holds an open type against the sibling that decides, wherever that stands", () => {
		const text = "M = seq { id: int 0..9, v: open by id { 1: one: int, 2: two: bool }, w?: int }";
		const keyed = reader(text);
		expect(keyed('{"v":{"two":true},"id":2}')).toEqual({ id: 2, v: { two: true } });
		expect(refusal(() => keyed('{"id":1,"v":{"two":true}}'))).toContain("as its sibling says");
		expect(refusal(() => keyed('{"id":3,"v":{"two":true}}'))).toContain("as its sibling says");
		const bareNode = compileJson(typeOf(text), "bare");
		expect(readJson(bareNode, bytesOf('{"v":true,"w":1,"id":2}'))).toEqual({ id: 2, v: { two: true }, w: 1 });
		expect(Buffer.from(writeJson(bareNode, { id: 2, v: { two: true } })).toString()).toBe('{"id":2,"v":true}');
		for (const bad of ['{"id":1,"v":true}', '{"id":3,"v":true}', '{"id":1,"v":[}'])
			expect(
				refusal(() => readJson(bareNode, bytesOf(bad))),
				bad,
			).not.toBe("");
	});

	it("refuses malformed JSON, in what it skips too", () => {
		const read = reader("M = seq { a?: int, t?: utf8 0..9 }");
		const values = [
			'"',
			'"\\x"',
			'"\\u12g4"',
			'"\\u123',
			'"\u0001"',
			'"\n"',
			'"\\',
			"tru",
			"nul",
			"falsey",
			"[1,]",
			"[,1]",
			"[1 2]",
			'{"a"}',
			'{"a":}',
			'{"a":1,}',
			"{,}",
			"{1:2}",
			"{'a':1}",
			"[}",
			"]",
			"\u00a01",
			"1\0",
			"é",
			"//",
			'"a" "b"',
		];
		for (const value of values) {
			for (const text of [`{"zz":${value}}`, `{"t":${value}}`, `{"zz":[${value}],"a":1}`])
				expect(
					refusal(() => read(text)),
					text,
				).not.toBe("");
		}
		for (const text of [
			"",
			" ",
			"{",
			"}",
			"{}x",
			"{} {}",
			"\u{feff}{}",
			"{}\0",
			"[]",
			'"a"',
			"1",
			'{"a":1',
			'{"a"',
			'{"a":',
			'{"a":1}}',
			'{"a":1},',
		]) {
			expect(
				refusal(() => read(text)),
				text,
			).not.toBe("");
		}
		expect(read(' \t\r\n{ "t" : "\\u00e9\\ud834\\udd1e\\/" , "zz" : "\\ud800" } \n')).toEqual({ t: "é𝄞/" });
	});

	it("refuses bytes that are no UTF-8 anywhere, and a lone surrogate in what it keeps", () => {
		const node = compileJson(typeOf("M = seq { t?: utf8 0..9 }"), "keyed");
		for (const key of ["t", "zz"]) {
			for (const bad of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
				const text = Uint8Array.from([...bytesOf(`{"${key}":"`), ...bad, ...bytesOf('"}')]);
				expect(refusal(() => readJson(node, text))).toContain("UTF-8");
			}
		}
		expect(refusal(() => readJson(node, bytesOf('{"t":"\\udc00"}')))).toContain("lone surrogate");
		expect(readJson(node, bytesOf('{"t":"𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞"}'))).toEqual({ t: "𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞" });
		expect(refusal(() => readJson(node, bytesOf('{"t":"𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞𝄞a"}')))).not.toBe("");
	});

	it("bounds nesting and size, whatever is nested", () => {
		const read = reader("M = seq { a?: int }");
		const nested = (open: string, close: string, depth: number): string => `{"zz":${open.repeat(depth)}1${close.repeat(depth)}}`;
		for (const [open, close] of [
			["[", "]"],
			['{"a":', "}"],
			['[[{"a":', "}]]"],
		] as const) {
			const levels = open.length === 7 ? 3 : 1;
			expect(read(nested(open, close, Math.floor(31 / levels)))).toEqual({});
			expect(refusal(() => read(nested(open, close, Math.ceil(32 / levels))))).toContain("levels");
			expect(refusal(() => read(nested(open, close, 20_000)))).toContain("levels");
		}
		expect(refusal(() => read(`{"zz":"${"x".repeat(262_144)}"}`))).toContain("at most 262144 bytes");
		expect(read(`{"zz":"${"x".repeat(262_144 - 9)}"}`)).toEqual({});
	});

	it("says places and names of the type in its errors, nothing of the content", () => {
		const read = reader("M = seq { id: octets 4, lat: int -90..90, e: enum a b, t: utf8 0..3, l: list 0..1 of int, b?: bits 5 }");
		const good = { id: "53454352", lat: 5, e: "a", t: "x", l: [] };
		for (const bad of [
			{ id: "5345435" },
			{ lat: 91 },
			{ lat: 53.4543 },
			{ e: "53454352" },
			{ t: "53454352" },
			{ l: [53454352, 53454352] },
			{ b: "53454352" },
			{ t: "\ud800" },
		]) {
			const message = refusal(() => read(JSON.stringify({ ...good, ...bad })));
			expect(message).not.toBe("");
			expect(message).not.toContain("5345");
		}
		expect(refusal(() => read('{"id":"53454352"}'))).toContain("the field lat");
	});

	it("keeps nothing of one message for the next", () => {
		const read = reader("M = seq { a?: int, t?: utf8 0..99, l?: list 0..9 of seq { b: int } }");
		expect(refusal(() => read('{"a":1,"t":"secret","l":[{"b":1},{"b":2'))).not.toBe("");
		expect(read("{}")).toEqual({});
		const held = read(`{"t":"${"long text that is more than a few characters".padEnd(60)}"}`);
		read('{"t":"other","a":2}');
		expect(held).toEqual({ t: "long text that is more than a few characters".padEnd(60) });
	});
});

describe("writeJson", () => {
	it("refuses a tree that does not fit its type", () => {
		const node = compileJson(
			typeOf(
				"M = seq { i: int 0..9, r?: real 0..1, e?: enum a b, c?: choice { x: int, y: int }, o?: octets 2, b?: bits 5, l?: list 1..2 of int, t?: ia5 1..3, n?: null, f?: bool }",
			),
			"keyed",
		);
		const bad: readonly MessageFields[] = [
			{},
			{ i: 10 },
			{ i: 1.5 },
			{ i: Number.NaN },
			{ i: "1" },
			{ i: 1, zz: 1 },
			{ i: 1, "?": "00" },
			{ zz: 1, i: 1 },
			{ i: 1, r: 2 },
			{ i: 1, r: Number.NaN },
			{ i: 1, e: "c" },
			{ i: 1, c: {} },
			{ i: 1, c: { x: 1, y: 1 } },
			{ i: 1, c: { z: 1 } },
			{ i: 1, o: "ABCD" },
			{ i: 1, o: "ab" },
			{ i: 1, b: "0101" },
			{ i: 1, b: "01012" },
			{ i: 1, l: [] },
			{ i: 1, l: [1, 2, 3] },
			{ i: 1, t: "é" },
			{ i: 1, t: "long" },
			{ i: 1, n: 0 },
			{ i: 1, f: 1 },
			{ i: 1, f: null },
			{ i: [1] },
		];
		for (const content of bad)
			expect(
				refusal(() => writeJson(node, content)),
				JSON.stringify(content),
			).not.toBe("");
		expect(Buffer.from(writeJson(node, { f: true, b: "10100", o: "abcd", i: 1 })).toString()).toBe('{"i":1,"o":"ABCD","b":"A0","f":true}');
		expect(Buffer.from(writeJson(compileJson(typeOf("M = seq { a?: int }"), "keyed"), {})).toString()).toBe("{}");
	});
});
