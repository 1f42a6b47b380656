/**
 * What decoder and encoder both need to know of a type: widths in bits, the forms of its sizes, how much it takes at least.
 */
import { KerbError } from "../../../shared/errors.ts";
import type { Field, MessageType, SizeRange, TextType } from "./message-type.ts";

/** Bits for a number in 0..span (ITU-T X.691, clause 11.5.7). */
export const widthOf = (span: number): number => {
	let width = 0;
	while (2 ** width <= span) width += 1;
	return width;
};

/** A size of which the length is written as a constrained number; undefined where it is written as an unconstrained length (clause 11.9). */
export const lengthWidth = ({ from, to }: SizeRange): number | undefined =>
	to === undefined || to >= 65_536 ? undefined : widthOf(to - from);

/** @throws KerbError FORMAT_INVALID for a range that numbers here cannot hold */
export const spanOf = (from: number, to: number): number => {
	if (![from, to, to - from].every(Number.isSafeInteger)) throw new KerbError("FORMAT_INVALID", "schema: a range has more than 53 bits");
	return to - from;
};

const ascii = (from: number, to: number): string =>
	Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index)).join("");

const wholeAlphabets: Readonly<Record<Exclude<TextType["charset"], "utf8">, string>> = {
	ia5: ascii(0, 127),
	visible: ascii(32, 126),
	printable: " '()+,-./0123456789:=?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
	numeric: " 0123456789",
};

/** How the characters of a known-multiplier string are written (clause 30.5). */
export interface Alphabet {
	readonly width: number;
	/** By the number that is written. */
	readonly characters: readonly (string | undefined)[];
	/** By the character's code; undefined: not permitted. */
	readonly numbers: readonly (number | undefined)[];
}

/** Characters are written as their codes where these fit the width, else as their index in the alphabet. */
export const alphabetOf = ({ alphabet }: TextType, charset: Exclude<TextType["charset"], "utf8">): Alphabet => {
	const permitted = [...(alphabet ?? wholeAlphabets[charset])];
	const codes = permitted.map((character) => character.charCodeAt(0));
	const width = widthOf(permitted.length - 1);
	const isDirect = Math.max(...codes) < 2 ** width;
	const characters: (string | undefined)[] = new Array(isDirect ? 2 ** width : permitted.length).fill(undefined);
	const numbers: (number | undefined)[] = new Array(128).fill(undefined);
	for (const [index, character] of permitted.entries()) {
		const code = codes[index] ?? 0;
		characters[isDirect ? code : index] = character;
		numbers[code] = isDirect ? code : index;
	}
	return { width, characters, numbers };
};

const sizedBits = (size: SizeRange, unit: number): number => {
	const root = lengthWidth(size) === undefined ? 8 : (lengthWidth(size) ?? 0) + size.from * unit;
	return size.extensible ? 1 + Math.min(8, root) : root;
};

const least = (fields: readonly Field[]): number => Math.min(...fields.map(({ type }) => leastBits(type)));

/** A lower bound of the bits that any value of the type takes. */
export const leastBits = (type: MessageType): number => {
	const known = leastBitsKnown.get(type);
	if (known !== undefined) return known;
	const bits = countLeastBits(type);
	leastBitsKnown.set(type, bits);
	return bits;
};

const leastBitsKnown = new WeakMap<MessageType, number>();

const countLeastBits = (type: MessageType): number => {
	switch (type.kind) {
		case "int":
			if (type.from === undefined || type.to === undefined) return 16;
			return type.extensible ? 1 : widthOf(type.to - type.from);
		case "enum":
			return type.additions === undefined ? widthOf(type.names.length - 1) : 1;
		case "bool":
			return 1;
		case "null":
		case "real":
			return 0;
		case "bits":
			return sizedBits(type.size, 1);
		case "octets":
			return sizedBits(type.size, 8);
		case "text":
			return type.charset === "utf8" ? 8 : sizedBits(type.size, alphabetOf(type, type.charset).width);
		case "list":
			return sizedBits(type.size, leastBits(type.of));
		case "open":
			return 16;
		case "choice":
			return type.additions === undefined ? widthOf(type.alternatives.length - 1) + least(type.alternatives) : 1;
		case "seq":
			return type.fields.reduce(
				(sum, field) => sum + (field.optional || field.fallback !== undefined ? 1 : leastBits(field.type)),
				type.additions === undefined ? 0 : 1,
			);
	}
};

/** How deep sequences, choices, lists and open types may be nested: no standard comes near it, and it bounds the depth of calls. */
const maxNesting = 32;

/** @throws KerbError FORMAT_INVALID for a type that is nested too deep */
export const checkNesting = (type: MessageType): void => {
	if (nestingOf(type) > maxNesting) throw new KerbError("FORMAT_INVALID", `schema: types are nested more than ${maxNesting} deep`);
};

const nestingKnown = new WeakMap<MessageType, number>();

const nestingOf = (type: MessageType): number => {
	let nesting = nestingKnown.get(type);
	if (nesting === undefined) {
		nesting = partsOf(type).reduce((most, part) => Math.max(most, 1 + nestingOf(part)), 0);
		nestingKnown.set(type, nesting);
	}
	return nesting;
};

const partsOf = (type: MessageType): readonly MessageType[] => {
	switch (type.kind) {
		case "seq":
			return [...type.fields, ...(type.additions ?? []).flatMap(({ fields }) => fields)].map((field) => field.type);
		case "choice":
			return [...type.alternatives, ...(type.additions ?? [])].map((field) => field.type);
		case "open":
			return [...type.table.values()].map((field) => field.type);
		case "list":
			return [type.of];
		default:
			return [];
	}
};
