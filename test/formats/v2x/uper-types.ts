/**
 * Every construct of ASN.1 that UPER writes in a way of its own, in ASN.1 and in the notation of schemas.
 */
import type { MessageType, SeqType } from "../../../agent/formats/v2x/message-type.ts";
import { compileNotation } from "../../../agent/formats/v2x/notation.ts";

/** Name, ASN.1, notation. */
const constructs: readonly (readonly [string, string, string])[] = [
	["IntOne", "INTEGER (7)", "int 7"],
	["IntSmall", "INTEGER (-5..10)", "int -5..10"],
	["IntOctet", "INTEGER (0..255)", "int 0..255"],
	["IntWide", "INTEGER (-1800000000..1800000001)", "int -1800000000..1800000001"],
	["IntLong", "INTEGER (0..4398046511103)", "int 0..4398046511103"],
	["IntExtensible", "INTEGER (0..127, ...)", "int 0..127,..."],
	["IntFrom", "INTEGER (-3..MAX)", "int -3.."],
	["IntAny", "INTEGER", "int"],
	["EnumOne", "ENUMERATED { a }", "enum a"],
	["EnumFive", "ENUMERATED { a(3), b(5), c(7), d(8), e(99) }", "enum a b c d e"],
	["EnumAdded", "ENUMERATED { a, b, c, ..., d, e }", "enum a b c ... d e"],
	["EnumMany", `ENUMERATED { a, ..., ${names(70)} }`, `enum a ... ${names(70).replaceAll(",", "")}`],
	["Bool", "BOOLEAN", "bool"],
	["Null", "NULL", "null"],
	["BitsFixed", "BIT STRING (SIZE(13))", "bits 13"],
	["BitsNone", "BIT STRING (SIZE(0))", "bits 0"],
	["BitsLong", "BIT STRING (SIZE(70))", "bits 70"],
	["BitsRange", "BIT STRING (SIZE(2..9))", "bits 2..9"],
	["BitsExtensible", "BIT STRING (SIZE(5, ...))", "bits 5,..."],
	["BitsAny", "BIT STRING", "bits *"],
	["OctetsFixed", "OCTET STRING (SIZE(8))", "octets 8"],
	["OctetsRange", "OCTET STRING (SIZE(2..16))", "octets 2..16"],
	["OctetsExtensible", "OCTET STRING (SIZE(1..3, ...))", "octets 1..3,..."],
	["OctetsFrom", "OCTET STRING (SIZE(3..MAX))", "octets 3.."],
	["OctetsAny", "OCTET STRING", "octets *"],
	["Ia5", "IA5String (SIZE(1..63))", "ia5 1..63"],
	["Ia5Fixed", "IA5String (SIZE(5))", "ia5 5"],
	["Ia5Any", "IA5String", "ia5 *"],
	["Ia5Extensible", "IA5String (SIZE(1..4, ...))", "ia5 1..4,..."],
	["Ia5Alphabet", 'IA5String (SIZE(0..9)) (FROM ("ABCDE"))', 'ia5 0..9 of "ABCDE"'],
	["Ia5Index", 'IA5String (SIZE(0..9)) (FROM ("#".."_"))', `ia5 0..9 of "${characters(35, 95)}"`],
	["Visible", "VisibleString (SIZE(2..9))", "visible 2..9"],
	["VisibleAlphabet", 'VisibleString (SIZE(3)) (FROM ("0".."9" | "x"))', 'visible 3 of "0123456789x"'],
	["Printable", "PrintableString (SIZE(0..30))", "printable 0..30"],
	["Numeric", "NumericString (SIZE(1..15))", "numeric 1..15"],
	["NumericAny", "NumericString", "numeric *"],
	["Utf8", "UTF8String", "utf8 *"],
	["Seq", "SEQUENCE { a BOOLEAN, b INTEGER (0..7) OPTIONAL, c NULL }", "seq { a: bool, b?: int 0..7, c: null }"],
	["SeqEmpty", "SEQUENCE { }", "seq { }"],
	[
		"SeqDefault",
		"SEQUENCE { a INTEGER (0..7) DEFAULT 5, b BOOLEAN DEFAULT FALSE, c ENUMERATED { x, y } DEFAULT y }",
		"seq { a: int 0..7 = 5, b: bool = false, c: enum x y = y }",
	],
	["SeqMarker", "SEQUENCE { a INTEGER (0..7) OPTIONAL, ... }", "seq { a?: int 0..7, ... }"],
	[
		"SeqAdded",
		"SEQUENCE { a BOOLEAN, ..., b INTEGER (0..7), c OCTET STRING OPTIONAL, d NULL OPTIONAL }",
		"seq { a: bool, ..., b: int 0..7, c?: octets *, d?: null }",
	],
	// Erlang loses groups in which all is optional, and what follows a group; vectors in uper.test.ts stand for these.
	[
		"SeqGroup",
		"SEQUENCE { a BOOLEAN, ..., b INTEGER OPTIONAL, [[ c BOOLEAN, d INTEGER (0..7) OPTIONAL, e INTEGER (0..9) DEFAULT 3 ]] }",
		"seq { a: bool, ..., b?: int, [[ c: bool, d?: int 0..7, e: int 0..9 = 3 ]] }",
	],
	[
		"SeqMany",
		`SEQUENCE { a BOOLEAN, ..., ${Array.from({ length: 66 }, (_, index) => `x${index} INTEGER (0..7) OPTIONAL`).join(", ")} }`,
		`seq { a: bool, ..., ${Array.from({ length: 66 }, (_, index) => `x${index}?: int 0..7`).join(", ")} }`,
	],
	[
		"SeqWide",
		`SEQUENCE { ${Array.from({ length: 40 }, (_, index) => `x${index} BOOLEAN OPTIONAL`).join(", ")} }`,
		`seq { ${Array.from({ length: 40 }, (_, index) => `x${index}?: bool`).join(", ")} }`,
	],
	["ChoiceOne", "CHOICE { a INTEGER (0..7) }", "choice { a: int 0..7 }"],
	["Choice", "CHOICE { a BOOLEAN, b NULL, c INTEGER }", "choice { a: bool, b: null, c: int }"],
	[
		"ChoiceAdded",
		"CHOICE { a BOOLEAN, ..., b NULL, c INTEGER, d SEQUENCE { e BOOLEAN } }",
		"choice { a: bool, ..., b: null, c: int, d: seq { e: bool } }",
	],
	["ListFixed", "SEQUENCE (SIZE(3)) OF INTEGER (0..7)", "list 3 of int 0..7"],
	["ListRange", "SEQUENCE (SIZE(1..8)) OF SEQUENCE { a BOOLEAN OPTIONAL }", "list 1..8 of seq { a?: bool }"],
	["ListExtensible", "SEQUENCE (SIZE(1..3, ...)) OF BOOLEAN", "list 1..3,... of bool"],
	["ListFrom", "SEQUENCE (SIZE(2..MAX)) OF INTEGER (0..255)", "list 2.. of int 0..255"],
	["ListAny", "SEQUENCE OF INTEGER", "list * of int"],
	["ListOfNothing", "SEQUENCE (SIZE(0..20)) OF NULL", "list 0..20 of null"],
	["BitsHuge", "BIT STRING (SIZE(70000))", "bits 70000"],
	["OctetsHuge", "OCTET STRING (SIZE(65536))", "octets 65536"],
	["OctetsTo65535", "OCTET STRING (SIZE(0..65535))", "octets 0..65535"],
	["OctetsTo65536", "OCTET STRING (SIZE(0..65536))", "octets 0..65536"],
	["ListTo65536", "SEQUENCE (SIZE(0..65536)) OF INTEGER (0..7)", "list 0..65536 of int 0..7"],
	["OpenHuge", "SEQUENCE { a BOOLEAN, ..., b OCTET STRING OPTIONAL }", "seq { a: bool, ..., b?: octets * }"],
	[
		"Nested",
		"SEQUENCE (SIZE(0..4)) OF CHOICE { a SEQUENCE { x BOOLEAN, ..., y SEQUENCE OF BOOLEAN OPTIONAL }, ..., b CHOICE { c NULL, ..., d UTF8String } }",
		"list 0..4 of choice { a: seq { x: bool, ..., y?: list * of bool }, ..., b: choice { c: null, ..., d: utf8 * } }",
	],
];

function names(count: number): string {
	return Array.from({ length: count }, (_, index) => `n${index}`).join(", ");
}

function characters(from: number, to: number): string {
	return Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index)).join("");
}

/** A module with a sequence for each construct, in which a bit stands before it, so that it does not begin with an octet. */
export const constructsAsn1 = `Constructs DEFINITIONS AUTOMATIC TAGS ::= BEGIN\n${constructs
	.map(([name, asn1]) => `${name} ::= SEQUENCE { before BOOLEAN, value ${asn1}, after BOOLEAN }`)
	.join("\n")}\nEND\n`;

const types: ReadonlyMap<string, MessageType> = compileNotation(
	constructs.map(([name, , notation]) => `${name} = seq { before: bool, value: ${notation}, after: bool }`).join("\n"),
);

export const constructNames: readonly string[] = constructs.map(([name]) => name);

export const constructType = (name: string): SeqType => {
	const type = types.get(name);
	if (type?.kind !== "seq") throw new Error(`no construct ${name}`);
	return type;
};
