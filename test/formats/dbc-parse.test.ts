import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Dbc, DbcMessage } from "../../agent/formats/dbc-model.ts";
import { parseDbc } from "../../agent/formats/dbc-parse.ts";
import { isKerbError } from "../../shared/errors.ts";

const parse = (text: string): Dbc => parseDbc(Buffer.from(text, "utf8"));

const only = (dbc: Dbc): DbcMessage => {
	expect(dbc.messages.length).toBe(1);
	return dbc.messages[0] as DbcMessage;
};

const names = (dbc: Dbc): string[] => dbc.messages.flatMap((message) => message.signals.map((signal) => `${message.name}.${signal.name}`));

const problems = (dbc: Dbc): string[] => dbc.problems.map(({ line, text }) => `${line}: ${text}`);

describe("parseDbc", () => {
	it("reads messages and signals with all their parts", () => {
		const message = only(
			parse(
				'VERSION ""\nBU_: A B\nBO_ 496 Example: 8 A\n SG_ Temp : 3|12@0- (-0.01,4100) [4070|4100] "degK"  B,A\nVAL_ 496 Temp 1 "one" -2 "minus two" ;\n',
			),
		);
		expect(message).toMatchObject({ name: "Example", id: 496, extended: false, sizeBytes: 8, parameterGroup: false, line: 3 });
		expect(message.signals[0]).toMatchObject({
			name: "Temp",
			startBit: 3,
			length: 12,
			littleEndian: false,
			signed: true,
			coding: "integer",
			factor: -0.01,
			offset: 4100,
			unit: "degK",
			selector: undefined,
			line: 4,
		});
		expect([...(message.signals[0]?.labels ?? [])]).toEqual([
			[1, "one"],
			[-2, "minus two"],
		]);
	});

	it("reads bit 31 of the id as extended and leaves independent signals out", () => {
		const dbc = parse('BO_ 2148676694 Ext: 8 A\nBO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 A\n SG_ Free : 0|8@1+ (1,0) [0|0] "" A\n');
		expect(only(dbc)).toMatchObject({ id: 2148676694 - 2 ** 31, extended: true });
		expect(dbc.problems).toEqual([]);
	});

	it("reads windows-1252 and UTF-8, with or without a mark", () => {
		const text = 'BO_ 1 M: 8 A\n SG_ S : 0|8@1+ (1,0) [0|0] "°C" A\n';
		for (const bytes of [Buffer.from(text, "latin1"), Buffer.from(text, "utf8"), Buffer.from(`\ufeff${text}`, "utf8")]) {
			expect(only(parseDbc(bytes)).signals[0]?.unit).toBe("°C");
		}
		const euro = Buffer.from(text.replace("°C", "X"), "latin1");
		euro[euro.indexOf("X".charCodeAt(0))] = 0x80;
		expect(only(parseDbc(euro)).signals[0]?.unit).toBe("€");
	});

	it("takes long names", () => {
		const dbc = parse(
			'BO_ 1 M_0000: 8 A\n SG_ S_0000 : 0|8@1+ (1,0) [0|0] "" A\nBA_ "SystemMessageLongSymbol" BO_ 1 "MessageWithALongName";\nBA_ "SystemSignalLongSymbol" SG_ 1 S_0000 "SignalWithALongName";\nSIG_VALTYPE_ 1 S_0000 : 0;\n',
		);
		expect(names(dbc)).toEqual(["MessageWithALongName.SignalWithALongName"]);
		expect(dbc.problems).toEqual([]);
	});

	it("marks J1939 parameter groups by attribute, default or protocol, on extended ids only", () => {
		const define = 'BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";\n';
		const messages = "BO_ 2364540158 A: 8 X\nBO_ 2364539134 B: 8 X\nBO_ 5 C: 8 X\n";
		const groups = (text: string): boolean[] => parse(messages + text).messages.map((m) => m.parameterGroup);
		expect(groups(`${define}BA_ "VFrameFormat" BO_ 2364540158 3;\n`)).toEqual([true, false, false]);
		expect(groups(`${define}BA_DEF_DEF_ "VFrameFormat" "J1939PG";\nBA_ "VFrameFormat" BO_ 2364539134 1;\n`)).toEqual([true, false, false]);
		expect(groups('BA_ "ProtocolType" "J1939";\n')).toEqual([true, true, false]);
		expect(groups("")).toEqual([false, false, false]);
	});

	it("reads simple and extended multiplexing", () => {
		const dbc = parse(
			[
				"BO_ 1 M: 8 A",
				' SG_ Outer M : 0|4@1+ (1,0) [0|0] "" A',
				' SG_ Inner m3M : 8|8@1+ (1,0) [0|0] "" A',
				' SG_ Plain m1 : 16|8@1+ (1,0) [0|0] "" A',
				' SG_ Deep m0 : 24|8@1+ (1,0) [0|0] "" A',
				"SG_MUL_VAL_ 1 Inner Outer 5-7, 3-3;",
				"SG_MUL_VAL_ 1 Deep Inner 2-2,",
				"  4-6, 5-9;",
			].join("\n"),
		);
		expect(dbc.problems).toEqual([]);
		const selectors = only(dbc).signals.map(({ selector }) => selector && [selector.multiplexer.name, selector.ranges]);
		expect(selectors).toEqual([
			undefined,
			[
				"Outer",
				[
					[3, 3],
					[5, 7],
				],
			],
			["Outer", [[1, 1]]],
			[
				"Inner",
				[
					[2, 2],
					[4, 9],
				],
			],
		]);
	});

	it("passes over comments of several lines, remarks, and sections that say nothing of decoding", () => {
		const dbc = parse(
			[
				'VERSION "x"',
				"NS_ :",
				"\tNS_DESC_",
				"\tSG_MUL_VAL_",
				"\tSOMETHING_NEW_",
				"",
				"BS_:",
				"BU_: A B",
				'VAL_TABLE_ T 1 "a;b" 0 "c" ;',
				"// a remark",
				"BO_ 1 M: 8 A",
				' SG_ S : 0|8@1+ (1,0) [0|0] "" A // with a remark',
				'CM_ SG_ 1 S "first line',
				"BO_ is what a line may begin with; and VAL_ too",
				'last "line" of it";',
				'CM_ BU_ A "he said \\"stop\\"; and went"; // remark',
				"BO_TX_BU_ 1 : A,B;",
				'EV_ E: 0 [0|0] "" 0 1 DUMMY_NODE_VECTOR0 Vector__XXX;',
				"SIG_GROUP_ 1 G 1 : S;",
				'BA_DEF_REL_ BU_SG_REL_ "X" INT 0 1;',
				'BA_REL_ "X" BU_SG_REL_ A SG_ 1 S 1;',
				'VAL_ E 1 "on" ;',
				" BO_ 2 N: 8 A\r",
				' SG_ S : 0|8@1+ (1,0) [0|0] "" A\r',
			].join("\n"),
		);
		expect(problems(dbc)).toEqual([]);
		expect(names(dbc)).toEqual(["M.S", "N.S"]);
	});

	it("tolerates freedom of layout", () => {
		const dbc = parse(
			'BO_  1  M :8 A\n\tSG_  S  :0 | 8 @ 1 + ( 1 , 0 ) [ 0 | 0 ] "" A\n SG_ T:8|8@1-(1E-05,-.5)[0|0] "" A\nBO_ 2 N: 8 A SG_ U : 0|8@1+ (1,0) [0|0] "" A',
		);
		expect(problems(dbc)).toEqual([]);
		expect(names(dbc)).toEqual(["M.S", "M.T", "N.U"]);
		expect(dbc.messages[0]?.signals[1]).toMatchObject({ factor: 1e-5, offset: -0.5 });
	});

	it("reads units and receivers with stray quotes, and comments without a semicolon", () => {
		const dbc = parse(
			[
				"BO_ 1 M: 8 A",
				' SG_ Inch : 0|8@1+ (1,0) [0|0] """ A',
				' SG_ Stray : 0|8@1+ (1,0) [0|0] "" XX";',
				' SG_ Bare : 0|8@1+ (1,0) [0|0] "m s"',
				'CM_ "AUTOGENERATED FILE, DO NOT EDIT"',
				'VERSION "";',
				"BO_ 2 N: 8 A",
			].join("\n"),
		);
		expect(dbc.messages[0]?.signals.map((signal) => signal.unit)).toEqual(['"', "", "m s"]);
		expect(dbc.messages.length).toBe(2);
		expect(problems(dbc)).toEqual(["5: CM_ does not end with ';'"]);
	});

	it("reads independent and cascaded multiplexers that only SG_MUL_VAL_ tells apart", () => {
		const dbc = parse(
			[
				"BO_ 1 M: 8 A",
				' SG_ B2 m2 : 24|8@1- (1,0) [0|0] "" A',
				' SG_ MuxB M : 16|8@1- (1,0) [0|0] "" A',
				' SG_ A1 m1 : 8|8@1- (1,0) [0|0] "" A',
				' SG_ MuxA M : 0|8@1- (1,0) [0|0] "" A',
				' SG_ MuxC M : 32|8@1- (1,0) [0|0] "" A',
				"SG_MUL_VAL_ 1 B2 MuxB 2-2;",
				"SG_MUL_VAL_ 1 A1 MuxA 1-1;",
				"SG_MUL_VAL_ 1 MuxC MuxA 3-3;",
			].join("\n"),
		);
		expect(problems(dbc)).toEqual([]);
		expect(only(dbc).signals.map(({ selector }) => selector?.multiplexer.name)).toEqual(["MuxB", undefined, "MuxA", undefined, "MuxA"]);
	});

	it("reports every oddity with its line and reads on", () => {
		const dbc = parse(
			[
				"BO_ 1 M: 1 A",
				' SG_ S : 0|8@1+ (1,0) [0|0] "" A',
				' SG_ S : 0|4@1+ (1,0) [0|0] "" A',
				' SG_ Far : 8|8@1+ (1,0) [0|0] "" A',
				" SG_ Broken : 0|8@1+ (x,0)",
				" SG_ NoUnit : 0|8@1+ (1,0)",
				' SG_ Empty : 0|0@1+ (1,0) [0|0] "" A',
				' SG_ Float : 0|16@1+ (1,0) [0|0] "" A',
				' SG_ Inch : 0|8@1+ (1,0) [0|0] """ A',
				"SIG_VALTYPE_ 1 Float : 1;",
				"BO_ 1 Again: 8 A",
				' SG_ Lost : 0|8@1+ (1,0) [0|0] "" A',
				"BO_ 2 M: 8 A",
				"BO_ 4096 Wide: 8 A",
				"BO_ x Bad: 8 A",
				' SG_ Homeless : 0|8@1+ (1,0) [0|0] "" A',
				"stray text",
				"NEW_SECTION_ 1 2 3;",
				'CM_ "not closed',
				'VAL_ 2 Nobody 1 "x" ;',
				'BA_ "VFrameFormat" BO_ 99 1;',
				'CM_ BO_ 1 "no semicolon"',
				"BO_ 3 Last: 8 A",
				' SG_ End m1 : 0|8@1+ (1,0) [0|0] "" A',
				"SG_MUL_VAL_ 2 A B 0-x;",
			].join("\n"),
		);
		expect(names(dbc)).toEqual(["M.S", "M.S", "M.Far", "M.NoUnit", "M.Inch", "Last.End"]);
		expect(dbc.messages.map((m) => m.name)).toEqual(["M", "M", "Wide", "Last"]);
		expect(problems(dbc)).toEqual([
			"3: a message has two signals of one name; where both are there, the last one counts",
			"4: a signal reaches beyond the size of its message",
			'5: SG_ expects: name : start|length@order sign (factor,offset) [min|max] "unit" receivers; the signal is left out',
			'6: SG_ expects [min|max] and "unit" after the scale',
			"7: a signal must have 1 to 14280 bits; it is left out",
			"8: a float must have 32 bits, a double 64; the signal is left out",
			"8: a signal reaches beyond the size of its message",
			"11: BO_ repeats the id of a message above; the first one counts",
			"13: BO_ repeats the name of a message above; both are decoded",
			"14: BO_ has an id of more than 11 bits without bit 31; taken for an extended one",
			"15: BO_ expects an id, a name, ':' and a size; the message is left out",
			"16: SG_ stands outside a message; the signal is left out",
			"17: text that belongs to no section",
			"18: a section that is not known, skipped",
			"19: CM_ has a string that is not closed",
			"20: VAL_ names a signal that is not defined",
			"21: BA_ names a message that is not defined",
			"22: CM_ does not end with ';'",
			"24: a signal is marked mN, but its message has no multiplexer M; it is decoded always",
			"25: SG_MUL_VAL_ names a signal that is not defined",
		]);
	});

	it("leaves out what depends on a multiplexer that is not there or on itself", () => {
		const dbc = parse(
			[
				"BO_ 1 M: 8 A",
				' SG_ A m0M : 0|8@1+ (1,0) [0|0] "" A',
				' SG_ B m0M : 8|8@1+ (1,0) [0|0] "" A',
				' SG_ C m0 : 16|8@1+ (1,0) [0|0] "" A',
				' SG_ Ok : 24|8@1+ (1,0) [0|0] "" A',
				"SG_MUL_VAL_ 1 A B 0-0;",
				"SG_MUL_VAL_ 1 B A 0-0;",
				"SG_MUL_VAL_ 1 C Nobody 0-0;",
			].join("\n"),
		);
		expect(names(dbc)).toEqual(["M.Ok"]);
		expect(dbc.problems.length).toBe(3);
	});

	it("refuses a file in which nothing is DBC", () => {
		for (const text of ["", "hello world\n", '{"a":1}', "(1533226488.230547) can0 260#08\n", "\0".repeat(1000)]) {
			expect(() => parse(text)).toThrow(/expected a DBC file/);
		}
		expect(() => parseDbc(new Uint8Array(33 * 1024 * 1024))).toThrow(/must not be longer/);
	});

	it("bounds the list of problems and counts the rest", () => {
		const dbc = parse(`BU_: A\n${"stray\n".repeat(1_500)}`);
		expect(dbc.problems.length).toBe(1_000);
		expect(dbc.problemsLeftOut).toBe(500);
	});

	it("takes time in proportion to the file, however its strings are left open", () => {
		for (const line of ['FILTER \\"', 'CM_ "', 'BA_ "x', 'BO_ 1 A: 8 B SG_ "', "SG_ |||||", 'VAL_ 1 a 1 "', "BA_ x;BA_ y;", '// "//"//']) {
			const text = `BU_: A\n${`${line}\n`.repeat(60_000)}`;
			expect(parse(text).messages.length).toBeLessThan(2);
			expect(parse(`BU_: A\n${line.repeat(60_000)}`).messages.length).toBeLessThan(2);
		}
	});

	it("throws nothing but FORMAT_INVALID, whatever the file", () => {
		const piece = fc.oneof(
			fc.string({ maxLength: 12, unit: "binary" }),
			fc.constantFrom(
				"BO_ ",
				"SG_ ",
				"CM_ ",
				"VAL_ ",
				"BA_ ",
				"SG_MUL_VAL_ ",
				"SIG_VALTYPE_ ",
				"NS_ :",
				'"',
				";",
				":",
				"\n",
				"|",
				"@",
				"1",
				"0-3,",
				" m1M ",
			),
			fc.constantFrom(
				"BO_ 1 M: 8 A\n",
				' SG_ S M : 0|8@1+ (1,0) [0|0] "" A\n',
				' SG_ S m1 : 7|64@0- (1,0) [0|0] "" A\n',
				"SG_MUL_VAL_ 1 S S 0-3;\n",
			),
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
				try {
					parse(pieces.join(""));
				} catch (error) {
					expect(isKerbError(error, "FORMAT_INVALID")).toBe(true);
				}
			}),
			{ numRuns: 1_500 },
		);
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
				try {
					parseDbc(bytes);
				} catch (error) {
					expect(isKerbError(error, "FORMAT_INVALID")).toBe(true);
				}
			}),
		);
	});
});
