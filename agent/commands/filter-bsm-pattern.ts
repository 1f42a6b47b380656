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

/** Whole numbers of 1 or more, longest first: a shorter one is the beginning of a longer one. */
const positive = (from: number, to: number): readonly string[] => {
	const parts: string[] = [];
	for (let length = String(to).length; length >= String(from).length; length--) {
		const least = 10 ** (length - 1);
		const low = Math.max(from, least);
		const high = Math.min(to, least * 10 - 1);
		if (low === least && from <= 1) {
			// All shorter ones are in the range, too.
			if (high === least * 10 - 1) return [...parts, length === 1 ? "[1-9]" : `[1-9]\\d{0,${length - 1}}`];
		}
		parts.push(...sameLength(String(low), String(high)));
	}
	return parts;
};

/** A whole number of at most 15 digits within the range, in its shortest form. */
export const integerPattern = (from: number, to: number): string => {
	const most = 999_999_999_999_999;
	const [low, high] = [Math.max(from, -most), Math.min(to, most)];
	const parts: string[] = [];
	if (high >= 1) parts.push(...positive(Math.max(1, low), high));
	if (low <= 0 && high >= 0) parts.push("0");
	if (low <= -1) parts.push(`-${oneOf(positive(Math.max(1, -high), -low))}`);
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

/** Longer counts make the expression slow. */
const maxTextLength = 64;

const textPattern = ({ charset, alphabet, size }: TextType): string | undefined => {
	if (size.to !== undefined && !size.extensible && size.to > maxTextLength) return undefined;
	if (alphabet === undefined) return charset === "numeric" || charset === "printable" ? undefined : `"${plain}${timesPattern(size)}"`;
	const fit = [...alphabet].filter((letter) => new RegExp(plain).test(letter));
	return fit.length === 0 ? undefined : `"[${fit.map(literally).join("")}]${timesPattern(size)}"`;
};

/**
 * Lists with a bound on their length. A count in the expression itself would make it many times as long, so each such list is a group whose
 * elements are counted afterwards.
 */
export interface CountedList {
	/** Stands in each element at least once. */
	readonly mark: string;
	readonly most: number;
}

/**
 * A value of the type, of whatever fields and elements; undefined where there is no pattern: reals, whose shortest form no expression knows,
 * choices, and lists that nobody counts.
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
		counted.push({ mark, most });
		return `(${some("*")})`;
	}
	return most <= maxRepeated && element.length <= maxRepeatedLength ? some(most === 1 ? "{0}" : `{0,${most - 1}}`) : undefined;
};

/** The key of a field that every element has. */
const markOf = (of: MessageType): string | undefined => {
	const required = of.kind === "seq" ? fieldsOf(of).find(({ optional }) => !optional) : undefined;
	return required === undefined ? undefined : `"${required.name}":`;
};

/** No more than so many elements. Elements of elements may be counted, too: then too many are seen, never too few. */
export const isWithin = (list: string, { mark, most }: CountedList): boolean => {
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
