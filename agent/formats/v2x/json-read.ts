/**
 * Reads JSON by type: one walk over the bytes that makes the tree of what the type names and passes over the rest.
 *
 * Refused are malformed JSON anywhere, trailing bytes, a named key that comes twice, a value of the wrong kind or out of its range, a name that
 * an enumeration does not have, and a missing field. Keys that no type names are dropped. A choice or open type whose alternative is unknown
 * takes the optional field or the list element that holds it with it. `null` in place of an optional value is as if it were absent.
 */
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { JsonCursor, maxJsonDepth } from "./json-cursor.ts";
import { bitsFromHex, lowerHex } from "./json-hex.ts";
import { type JsonField, type JsonNode, jsonCode } from "./json-node.ts";

const code = jsonCode;
/** Stands for a value of which nothing is known; never leaves this file. */
const unknownValue: MessageFields = Object.freeze({});

const cursor = new JsonCursor();
const isFields = (value: MessageValue): value is MessageFields => typeof value === "object" && value !== null && !Array.isArray(value);

const readInt = (c: JsonCursor, node: JsonNode): number => {
	const start = c.pos;
	const value = c.number();
	if (value >= node.from && value <= node.to && Number.isInteger(value)) return value;
	c.pos = start;
	throw c.wrong("a whole number within its range");
};

const readReal = (c: JsonCursor, node: JsonNode): number => {
	const start = c.pos;
	const value = c.number();
	if (value >= node.from && value <= node.to) return value;
	c.pos = start;
	throw c.wrong("a number within its range");
};

const readBool = (c: JsonCursor): boolean => {
	if (c.byte() === 0x74) {
		c.literal("true");
		return true;
	}
	c.literal("false");
	return false;
};

const readNull = (c: JsonCursor): null => {
	c.literal("null");
	return null;
};

const readEnum = (c: JsonCursor, node: JsonNode): string => {
	const start = c.pos;
	const index = c.name(node.names);
	if (index >= 0) return node.names.texts[index] as string;
	c.pos = start;
	throw c.wrong("a name of its enumeration");
};

const isPermitted = (text: string, permitted: Uint8Array | undefined): boolean => {
	if (permitted === undefined) return true;
	for (let i = 0; i < text.length; i++) if (permitted[text.charCodeAt(i)] !== 1) return false;
	return true;
};

const readText = (c: JsonCursor, node: JsonNode): string => {
	const start = c.pos;
	const text = c.string();
	const isSure = node.permitsPrintable && c.tokenIsPlain;
	if (isSure || isPermitted(text, node.permitted)) {
		if (text.length >= node.sizeFrom && text.length <= node.sizeTo) return text;
		// A character beyond the basic plane counts once (ITU-T X.680, 41) and has two units.
		const length = [...text].length;
		if (length >= node.sizeFrom && length <= node.sizeTo) return text;
	}
	c.pos = start;
	throw c.wrong("text of its characters and length");
};

const readOctets = (c: JsonCursor, node: JsonNode): string => {
	const start = c.pos;
	const hex = lowerHex(c.string());
	if (hex !== undefined && hex.length >= node.sizeFrom * 2 && hex.length <= node.sizeTo * 2) return hex;
	c.pos = start;
	throw c.wrong("octets in hexadecimal digits of its length");
};

/** JER (ITU-T X.697, 24): hexadecimal text when the length is fixed, else an object with the text and the number of bits. */
const readBits = (c: JsonCursor, node: JsonNode, depth: number): string => {
	const start = c.pos;
	let hex: string | undefined;
	let length: number | undefined = node.isFixed ? node.sizeFrom : undefined;
	if (node.isFixed) hex = c.string();
	else {
		openObject(c, depth);
		if (c.space() === 0x7d) throw c.wrong("a bit string with its length");
		do {
			const key = c.string();
			c.colon();
			if (key === "value" && hex === undefined) hex = c.string();
			else if (key === "length" && length === undefined) length = c.number();
			else throw c.wrong("value and length of a bit string, once each");
		} while (c.more(0x7d));
	}
	const bits = hex === undefined || length === undefined ? undefined : bitsFromHex(hex, length);
	if (bits !== undefined && bits.length >= node.sizeFrom && bits.length <= node.sizeTo) return bits;
	c.pos = start;
	throw c.wrong("a bit string in hexadecimal digits of its length");
};

const openObject = (c: JsonCursor, depth: number): void => {
	if (c.byte() !== 0x7b) throw c.wrong("an object");
	c.deeper(depth);
};

const readList = (c: JsonCursor, node: JsonNode, depth: number): MessageValue => {
	const start = c.pos;
	if (c.byte() !== 0x5b) throw c.wrong("a list");
	c.deeper(depth);
	const out: MessageValue[] = [];
	let dropped = 0;
	const of = node.of as JsonNode;
	if (c.space() === 0x5d) c.pos++;
	else {
		do {
			const value = readValue(c, of, depth + 1);
			if (value === unknownValue) dropped++;
			else out.push(value);
			if (out.length + dropped > node.sizeTo) throw c.wrong("a list of its length, which the element that ends is beyond");
		} while (c.more(0x5d));
	}
	if (out.length >= node.sizeFrom) return out;
	if (dropped > 0) return unknownValue;
	c.pos = start;
	throw c.wrong("a list of its length");
};

/** A choice, and an open type that is written with the name of its type. */
const readChoice = (c: JsonCursor, node: JsonNode, depth: number): MessageValue => {
	openObject(c, depth);
	if (c.space() !== 0x22) throw c.wrong("an alternative");
	const index = c.name(node.names);
	c.colon();
	let out: MessageValue = unknownValue;
	if (index < 0) c.skip(depth + 1);
	else {
		const field = node.fields[index] as JsonField;
		const value = readValue(c, field.node, depth + 1);
		if (value !== unknownValue) out = { [field.name]: value };
	}
	if (c.more(0x7d)) throw c.wrong("one alternative alone");
	return out;
};

/** In place of an index: the key is none of the type's; the object has ended. */
const unnamed = -1;
const ended = -2;

/** Past the bracket, the first key and its colon; returns the index of the field. */
const firstField = (c: JsonCursor, node: JsonNode, depth: number): number => {
	const first = node.fields[0];
	if (first !== undefined && depth < maxJsonDepth && c.take(first.first)) {
		c.space();
		return 0;
	}
	openObject(c, depth);
	if (c.space() === 0x7d) {
		c.pos++;
		return ended;
	}
	return keyField(c, node, 0);
};

/** From behind a value past the comma, the next key and its colon. Compact text in the type's order is compared as a whole. */
const nextField = (c: JsonCursor, node: JsonNode, expected: number): number => {
	const field = node.fields[expected];
	if (field !== undefined && c.take(field.next)) {
		if (c.byte() <= 0x20) c.space();
		return expected;
	}
	return c.more(0x7d) ? keyField(c, node, expected) : ended;
};

const keyField = (c: JsonCursor, node: JsonNode, expected: number): number => {
	const { names } = node;
	const word = names.words[expected];
	const index = word !== undefined && c.takeQuoted(word) ? expected : c.name(names);
	c.colon();
	return index;
};

const readSeq = (c: JsonCursor, node: JsonNode, depth: number): MessageValue => {
	const out: Record<string, MessageValue> = {};
	// Senders keep to one order: the field behind the last one is the likely one.
	let expected = 0;
	let required = 0;
	let isUnknown = false;
	let isUnordered = false;
	/** Fields that were there without a value to keep. */
	let lost: string[] | undefined;
	for (let index = firstField(c, node, depth); index !== ended; index = nextField(c, node, expected)) {
		if (index === unnamed) {
			c.skip(depth + 1);
			continue;
		}
		const field = node.fields[index] as JsonField;
		if (index < expected || isUnordered) {
			// Behind a step back any field may have been there before.
			isUnordered = true;
			if (Object.hasOwn(out, field.name) || lost?.includes(field.name)) throw c.wrong("a key once: a second value begins");
		}
		expected = index + 1;
		let value: MessageValue = unknownValue;
		if (field.isRequired) required++;
		if (!field.isRequired && c.byte() === 0x6e && field.node.code !== code.null) c.literal("null");
		else {
			value = field.node.isBare ? skipBare(c, depth + 1) : readValue(c, field.node, depth + 1);
			isUnknown ||= value === unknownValue && field.isRequired;
		}
		if (value !== unknownValue) out[field.name] = value;
		else if (lost === undefined) lost = [field.name];
		else lost.push(field.name);
	}
	if (required !== node.requiredCount) throw c.wrong(`the field ${missingField(node, out, lost)} in the object that ends`);
	if (node.opens.length > 0) isUnknown = readOpens(c, node, out, depth + 1) || isUnknown;
	if (isUnknown) return unknownValue;
	return isUnordered ? inOrder(node, out) : out;
};

const missingField = (node: JsonNode, out: MessageFields, lost: readonly string[] | undefined): string =>
	node.fields.find(({ name, isRequired }) => isRequired && !Object.hasOwn(out, name) && !lost?.includes(name))?.name ?? "";

const inOrder = (node: JsonNode, out: MessageFields): MessageFields => {
	const ordered: Record<string, MessageValue> = {};
	for (const { name } of node.fields) if (Object.hasOwn(out, name)) ordered[name] = out[name] as MessageValue;
	return ordered;
};

/** An open type without its name waits for the sibling that decides: its place is kept, and read when the object has ended. */
const skipBare = (c: JsonCursor, depth: number): number => {
	const at = c.pos;
	c.skip(depth);
	return at;
};

/**
 * Reads the open types that wait, and holds the others against their deciding sibling.
 * @returns true when a mandatory one is of an unknown kind
 */
const readOpens = (c: JsonCursor, node: JsonNode, out: Record<string, MessageValue>, depth: number): boolean => {
	let isUnknown = false;
	for (const { field, by, table } of node.opens) {
		const { name, isRequired, node: open } = node.fields[field] as JsonField;
		const content = out[name];
		if (content === undefined) continue;
		const decider = out[(node.fields[by] as JsonField).name];
		const alternative = typeof decider === "number" ? open.fields[table.get(decider) ?? -1] : undefined;
		if (!open.isBare) {
			if (alternative !== undefined && isFields(content) && Object.hasOwn(content, alternative.name)) continue;
			throw c.wrong("an open type as its sibling says, in the object that ends");
		}
		const value = alternative === undefined ? unknownValue : readBare(c, content as number, alternative, depth);
		if (value !== unknownValue) out[name] = value;
		else {
			delete out[name];
			isUnknown ||= isRequired;
		}
	}
	return isUnknown;
};

const readBare = (c: JsonCursor, at: number, alternative: JsonField, depth: number): MessageValue => {
	const after = c.pos;
	c.pos = at;
	const value = readValue(c, alternative.node, depth);
	c.pos = after;
	return value === unknownValue ? value : { [alternative.name]: value };
};

const readValue = (c: JsonCursor, node: JsonNode, depth: number): MessageValue => {
	switch (node.code) {
		case code.int:
			return readInt(c, node);
		case code.real:
			return readReal(c, node);
		case code.seq:
			return readSeq(c, node, depth);
		case code.list:
			return readList(c, node, depth);
		case code.text:
			return readText(c, node);
		case code.enum:
			return readEnum(c, node);
		case code.bool:
			return readBool(c);
		case code.null:
			return readNull(c);
		case code.bits:
			return readBits(c, node, depth);
		case code.octets:
			return readOctets(c, node);
		case code.choice:
		case code.open:
			return readChoice(c, node, depth);
	}
};

/**
 * Reads one JSON object by the type that `tell` gives after it has looked at the text from its beginning. The bytes are borrowed for the call; the tree
 * is fresh, holds nothing of them, and has its fields in the order of the type.
 *
 * @throws KerbError FORMAT_INVALID; its message has places and names of the type, nothing of the content
 */
export const readToldJson = (bytes: Uint8Array, tell: (c: JsonCursor) => JsonNode): MessageFields => {
	try {
		cursor.load(bytes);
		const node = tell(cursor);
		cursor.pos = 0;
		cursor.space();
		const value = readValue(cursor, node, 0);
		cursor.finish();
		if (value === unknownValue || !isFields(value)) throw cursor.wrong("a message of a known kind, but it ended");
		return value;
	} finally {
		cursor.clear();
	}
};

/** The same with a type that is known beforehand. @throws KerbError FORMAT_INVALID */
export const readJson = (node: JsonNode, bytes: Uint8Array): MessageFields => readToldJson(bytes, () => node);
