import { describe, expect, it } from "vitest";
import { compileNotation } from "../../../agent/formats/v2x/notation.ts";
import { compareWithAsn1 } from "./asn1-compare.ts";
import { readAsn1 } from "./asn1-text.ts";

const header = "-- a comment { with signs\nM DEFINITIONS AUTOMATIC TAGS ::= BEGIN IMPORTS Far, high FROM N { iso (1) n (2) } ;";
const other = "N DEFINITIONS AUTOMATIC TAGS ::= BEGIN Far ::= BOOLEAN high INTEGER ::= 9 END";
const text = `${header}
T ::= SEQUENCE {
	a INTEGER { one(1), unavailable(9) } (0..high),
	b ENUMERATED { second(2), first(1), ..., third, fourth } OPTIONAL,
	c IA5String (SIZE(1..6)) (FROM ("0".."3" | "A")),
	d BIT STRING { x(0) } (SIZE(8, ...)),
	e OCTET STRING (SIZE(4)) OPTIONAL,
	f CHOICE { g NULL, h Far, ... , i INTEGER },
	j SEQUENCE (SIZE(0..3)) OF Item { { Set } },
	k INTEGER (1..5, ...) DEFAULT 2,
	l UTF8String,
	...,
	m BOOLEAN OPTIONAL,
	[[ n BOOLEAN, o INTEGER (0..1 | 4) ]]
}
CLS ::= CLASS { &id INTEGER (0..255) UNIQUE, &Type } WITH SYNTAX { &Type IDENTIFIED BY &id }
Item { CLS : Objects } ::= SEQUENCE { which CLS.&id ({Objects}), what CLS.&Type ({Objects}{@which}) }
Set CLS ::= { { Far IDENTIFIED BY seven }, ... }
seven INTEGER ::= 7
END`;

const same = `
T = seq {
	a: int 0..9 !9, b?: enum first second ... third fourth, c: ia5 1..6 of "0123A", d: bits 8,..., e?: octets 4,
	f: choice { g: null, h: bool, ..., i: int }, j: list 0..3 of seq { which: int 0..255, what: open by which { 7: Far: bool } },
	k: int 1..5,... = 2, l: utf8 *, ..., m?: bool, [[ n: bool, o: int 0..4 ]]
}
`;

const differences = (notation: string): readonly string[] => {
	const type = compileNotation(notation).get("T");
	if (type === undefined) throw new Error("no T");
	return compareWithAsn1(type, readAsn1([text, other]).type("M", "T"));
};

describe("compareWithAsn1", () => {
	it("finds none between a text and its equal in the notation", () => {
		expect(differences(same)).toEqual([]);
	});

	it.each([
		["a range", "int 0..9", "int 0..10"],
		["an unavailable value", "!9", "!8"],
		["a missing unavailable value", "!9", ""],
		["a name", "b?", "z?"],
		["optionality", "b?: enum", "b: enum"],
		["the order of an enumeration", "first second", "second first"],
		["an addition to an enumeration", "third fourth", "third"],
		["an enumeration's marker", "first second ... third fourth", "first second"],
		["an alphabet", '"0123A"', '"0123B"'],
		["a size", "ia5 1..6", "ia5 1..7"],
		["an extensible size", "bits 8,...", "bits 8"],
		["a fixed size", "octets 4", "octets 4..5"],
		["the order of alternatives", "g: null, h: bool", "h: bool, g: null"],
		["an alternative that was added", "..., i: int }", "i: int }"],
		["a type inside a choice", "h: bool", "h: null"],
		["the size of a list", "list 0..3", "list 1..3"],
		["the number of an open type", "7: Far: bool", "8: Far: bool"],
		["the name of an open type", "7: Far: bool", "7: Near: bool"],
		["the content of an open type", "7: Far: bool", "7: Far: null"],
		["an extensible range", "int 1..5,...", "int 1..5"],
		["a default", "= 2", "= 3"],
		["a kind", "l: utf8 *", "l: ia5 *"],
		["a group of additions", "[[ n: bool, o: int 0..4 ]]", "n: bool, o: int 0..4"],
		["the marker", ", ..., m?: bool, [[ n: bool, o: int 0..4 ]]", ""],
		["an order", "l: utf8 *, ..., m?: bool", "..., l: utf8 *, m?: bool"],
	])("names a difference in %s", (_what, from, to) => {
		expect(same).toContain(from);
		expect(differences(same.replace(from, to)).length).toBeGreaterThan(0);
	});
});
