/**
 * JSON values of a type as regular expressions, for messages as machines write them: compact, keys in the type's order, nothing escaped, ASCII
 * alone, numbers in their shortest form. A pattern matches nothing that the reader of the type refuses, so what it matches needs no reading;
 * what it does not match is read the long way.
 */
import type { Field, ListType, MessageType, SeqType, SizeRange, TextType } from "../formats/v2x/message-type.ts";

/** Characters of a string that needs no escape: `"` and `\` excepted. */
const plain = "[ !#-\\[\\]-~]";

/** Any string that needs no escape. */
export const anyString = `"${plain}*"`;

/** Any number as JSON has it. */
export const anyNumber = "-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][-+]?\\d+)?";

/** The very text. */
export const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

const oneOf = (parts: readonly string[]): string => (parts.length === 1 ? (parts[0] ?? "") : `(?:${parts.join("|")})`);

const digits = (count: number): string => (count === 0 ? "" : count === 1 ? "\\d" : `\\d{${count}}`);

const digitFrom = (low: number, high: number): string =>
	low === high ? String(low) : low === 0 && high === 9 ? "\\d" : `[${low}-${high}]`;

/** Numbers of one length, from `low` to `high`. */
const sameLength = (low: string, high: string): readonly string[] => {
	const first = Number(low[0]);
	const last = Number(high[0]);
	const rest = low.length - 1;
	if (rest === 0) return [digitFrom(first, last)];
	if (first === last) return [`${first}${oneOf(sameLength(low.slice(1), high.slice(1)))}`];
	const isWholeLow = /^0*$/.test(low.slice(1));
	const isWholeHigh = /^9*$/.test(high.slice(1));
	const parts: string[] = [];
	if (!isWholeHigh) parts.push(`${last}${oneOf(sameLength("0".repeat(rest), high.slice(1)))}`);
	const from = isWholeLow ? first : first + 1;
	const to = isWholeHigh ? last : last - 1;
	if (from <= to) parts.push(`${digitFrom(from, to)}${digits(rest)}`);
	if (!isWholeLow) parts.push(`${first}${oneOf(sameLength(low.slice(1), "9".repeat(rest)))}`);
	return parts;
};

/** Digits from 1 up to a number, so written that nothing is tried twice: what is too large is ruled out beforehand. */
const digitsUpTo = (most: number): string => {
	const text = String(most);
	const larger = [...text].flatMap((digit, at) =>
		digit === "9" ? [] : [`${text.slice(0, at)}${digitFrom(Number(digit) + 1, 9)}${digits(text.length - at - 1)}`],
	);
	const guard = larger.length === 0 ? "" : `(?!${larger.join("|")})`;
	return `${guard}[1-9]${text.length === 1 ? "" : `\\d{0,${text.length - 1}}`}`;
};

/** Whole numbers of 1 or more. */
const positive = (from: number, to: number): string => {
	if (from === 1) return digitsUpTo(to);
	// Longest first: a shorter one is the beginning of a longer one.
	const parts: string[] = [];
	for (let length = String(to).length; length >= String(from).length; length--) {
		const least = 10 ** (length - 1);
		parts.push(...sameLength(String(Math.max(from, least)), String(Math.min(to, least * 10 - 1))));
	}
	return oneOf(parts);
};

/** A whole number of at most 15 digits within the range, in its shortest form. */
export const integerPattern = (from: number, to: number): string => {
	const most = 999_999_999_999_999;
	const [low, high] = [Math.max(from, -most), Math.min(to, most)];
	const parts: string[] = [];
	if (low <= -1) parts.push(`-${positive(Math.max(1, -high), -low)}`);
	if (low <= 0 && high >= 0) parts.push("0");
	if (high >= 1) parts.push(positive(Math.max(1, low), high));
	return oneOf(parts);
};

/** Upper-case digits of whole octets for so many bits; those that fill up are zero. */
const bitsPattern = (count: number): string => {
	const full = Math.floor(count / 4);
	const left = count % 4;
	const last = left === 0 ? "" : `[${[..."0123456789ABCDEF"].filter((_, value) => value % 2 ** (4 - left) === 0).join("")}]`;
	const filled = full + (left === 0 ? 0 : 1);
	return `${full === 0 ? "" : `[0-9A-F]{${full}}`}${last}${filled % 2 === 1 ? "0" : ""}`;
};

/** How many there may be; an extensible range holds for nobody. */
const timesPattern = ({ from, to, extensible }: SizeRange, less = 0): string => {
	const least = extensible ? 0 : Math.max(0, from - less);
	if (extensible || to === undefined) return least === 0 ? "*" : `{${least},}`;
	return least === to - less ? `{${least}}` : `{${least},${to - less}}`;
};

/** Texts are no longer than so many characters; up to here no bound of a string needs a count. */
export const maxPatternText = 60_000;

const textPattern = ({ charset, alphabet, size }: TextType): string | undefined => {
	if (alphabet === undefined && (charset === "numeric" || charset === "printable")) return undefined;
	const fit = alphabet === undefined ? [] : [...alphabet].filter((letter) => new RegExp(plain).test(letter));
	if (alphabet !== undefined && fit.length === 0) return undefined;
	const isLong = !size.extensible && size.to !== undefined && size.to >= maxPatternText && size.from === 0;
	return `"${alphabet === undefined ? plain : `[${fit.map(literally).join("")}]`}${isLong ? "*" : timesPattern(size)}"`;
};

/** The digits behind a point, one or more, that make no more than those given. */
const fractionUpTo = (most: string): string => {
	let rest = "0*";
	for (let at = most.length - 1; at >= 0; at--) {
		const digit = Number(most[at]);
		const here = `(?:${digit === 0 ? "" : `${digitFrom(0, digit - 1)}\\d*|`}${digit}${rest})`;
		rest = at === 0 ? here : `${here}?`;
	}
	return rest;
};

/** Numbers from 0 to `most` in decimals, and those below 1 with a power of ten; none above it. */
const realUpTo = (most: number): string => {
	const small = most >= 1 ? ["\\d(?:\\.\\d+)?[eE]-[1-9]\\d?"] : [];
	if (most >= 1e15) return "(?:0|[1-9]\\d{0,14})(?:\\.\\d+)?(?:[eE]-[1-9]\\d?)?";
	const [whole = "0", fraction = ""] = most
		.toFixed(9)
		.replace(/\.?0+$/, "")
		.split(".");
	const below = Number(whole) > 0 ? [`${integerPattern(0, Number(whole) - 1)}(?:\\.\\d+)?`] : [];
	return oneOf([...below, `${whole}(?:\\.${fraction === "" ? "0+" : fractionUpTo(fraction)})?`, ...small]);
};

/** Real numbers within the range, in any form that JSON has; some are left out. */
const realPattern = (from: number, to: number): string => {
	if (from > 0 || to < 0) return "(?!)";
	if (from === 0) return realUpTo(to);
	return from === -to ? `-?${realUpTo(to)}` : oneOf([realUpTo(to), `-${realUpTo(-from)}`]);
};

/**
 * A value as `valuePattern` has it, quickest for the very one that is given: many texts and names of a recording are always the same. Nothing is matched
 * by both ways, or the time for what does not match would double with each of them.
 */
export const likelyPattern = (type: MessageType, written: string): string | undefined => {
	const pattern = valuePattern(type, undefined);
	if (pattern === undefined || (type.kind !== "text" && type.kind !== "enum")) return pattern;
	const likely = literally(written.slice(1, -1));
	return `"(?:${likely}|(?!${likely}")${pattern.slice(1, -1)})"`;
};

/**
 * Lists with a bound on their length. A count in the expression itself would make it many times as long, so each such list is a group whose
 * elements are counted afterwards.
 */
export interface CountedList {
	/** Stands in each element at least once. */
	readonly mark: string;
	readonly most: number;
	/** A text that is shorter than this has no more elements than `most`. */
	readonly enough: number;
}

/**
 * A value of the type, of whatever fields and elements; undefined where there is no pattern: choices, and lists that nobody counts. Reals may be in
 * a form in which they would not be written again.
 *
 * @param counted Takes the lists that are to be counted; each is a group of the expression, in this order. Lists within lists are not.
 */
export const valuePattern = (type: MessageType, counted: CountedList[] | undefined, depth = 0): string | undefined => {
	if (depth > 12) return undefined;
	switch (type.kind) {
		case "int":
			return type.extensible ? integerPattern(-Infinity, Infinity) : integerPattern(type.from ?? -Infinity, type.to ?? Infinity);
		case "enum":
			return `"${oneOf([...type.names, ...(type.additions ?? [])].map(literally))}"`;
		case "bool":
			return "(?:true|false)";
		case "null":
			return "null";
		case "bits": {
			const { from, to, extensible } = type.size;
			const digitsOf = bitsPattern(from);
			return from === to && !extensible ? `"${digitsOf}"` : `\\{"value":"${digitsOf}","length":${from}\\}`;
		}
		case "octets":
			return `"(?:[0-9A-F]{2})${timesPattern(type.size)}"`;
		case "text":
			return textPattern(type);
		case "list":
			return listPattern(type, counted, depth);
		case "seq":
			return seqPattern(type, counted, depth + 1);
		case "real":
			return realPattern(type.from ?? -Infinity, type.to ?? Infinity);
		case "choice":
		case "open":
			return undefined;
	}
};

/** Longer lists within lists have no pattern. */
const maxRepeated = 4;
const maxRepeatedLength = 400;

const listPattern = ({ of, size }: ListType, counted: CountedList[] | undefined, depth: number): string | undefined => {
	const element = valuePattern(of, undefined, depth + 1);
	if (element === undefined || (size.from > 1 && !size.extensible)) return undefined;
	const { to: most } = size;
	const some = (times: string): string =>
		size.from === 1 && !size.extensible ? `\\[${element}(?:,${element})${times}\\]` : `\\[(?:${element}(?:,${element})${times})?\\]`;
	if (size.extensible || most === undefined) return some("*");
	if (most === 0) return "\\[\\]";
	const mark = markOf(of);
	if (counted !== undefined && mark !== undefined) {
		counted.push({ mark, most, enough: (most + 1) * (leastLength(of) + 1) });
		return `(${some("*")})`;
	}
	return most <= maxRepeated && element.length <= maxRepeatedLength ? some(most === 1 ? "{0}" : `{0,${most - 1}}`) : undefined;
};

/** The key of a field that every element has, or at least a bracket. */
const markOf = (of: MessageType): string | undefined => {
	if (of.kind !== "seq") return undefined;
	const required = fieldsOf(of).find(({ optional }) => !optional);
	return required === undefined ? "{" : `"${required.name}":`;
};

/** Of the shortest value; never too much. */
const leastLength = (type: MessageType): number => {
	if (type.kind !== "seq") return 1;
	const required = fieldsOf(type).filter(({ optional }) => !optional);
	return 2 + Math.max(0, required.length - 1) + required.reduce((sum, field) => sum + field.name.length + 3 + leastLength(field.type), 0);
};

/** No more than so many elements. Elements of elements may be counted, too: then too many are seen, never too few. */
export const isWithin = (list: string, { mark, most, enough }: CountedList): boolean => {
	if (list.length < enough) return true;
	let count = 0;
	for (let at = list.indexOf(mark); at >= 0; at = list.indexOf(mark, at + mark.length)) if (++count > most) return false;
	return true;
};

/** All fields of an object: what was added stands beside the others, and need not be there. */
export const fieldsOf = ({ fields, additions = [] }: SeqType): readonly Field[] => [
	...fields.map((field) => ({ ...field, optional: field.optional || field.fallback !== undefined })),
	...additions.flatMap((addition) => addition.fields.map((field) => ({ ...field, optional: true }))),
];

const seqPattern = (type: SeqType, counted: CountedList[] | undefined, depth: number): string | undefined => {
	const fields = fieldsOf(type);
	const first = fields.findIndex(({ optional }) => !optional);
	let out = "";
	for (const [index, field] of fields.entries()) {
		const value = valuePattern(field.type, counted, depth);
		// A field without a pattern is taken to be absent, if it may be.
		if (value === undefined && !field.optional) return undefined;
		if (value === undefined) continue;
		const member = `"${literally(field.name)}":${value}`;
		// Behind a field there is a comma and another field, or the end.
		if (first < 0) out += `(?:${member}(?:,(?!\\})|(?=\\})))?`;
		else if (index < first) out += `(?:${member},)?`;
		else if (index === first) out += member;
		else out += field.optional ? `(?:,${member})?` : `,${member}`;
	}
	return `\\{${out}\\}`;
};
