/**
 * Writes a tree as compact JSON by type: the fields in the type's order, nothing that the type does not name.
 */
import { KerbError } from "../../../shared/errors.ts";
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { maxJsonDepth } from "./json-cursor.ts";
import { bitsToHex } from "./json-hex.ts";
import { type JsonField, type JsonNode, JsonWord, jsonCode } from "./json-node.ts";
import { JsonOut } from "./json-out.ts";

const code = jsonCode;
const out = new JsonOut();
const words = { true: new JsonWord("true"), false: new JsonWord("false"), null: new JsonWord("null") };

const unfit = (what: string): KerbError =>
	new KerbError("FORMAT_INVALID", `message to JSON: expected ${what}, got a value that does not fit its type`);

const isFields = (value: MessageValue): value is MessageFields => typeof value === "object" && value !== null && !Array.isArray(value);

const isHex = (text: string): boolean => text.length % 2 === 0 && /^[0-9a-f]*$/.test(text);

const isSize = (length: number, node: JsonNode): boolean => length >= node.sizeFrom && length <= node.sizeTo;

const isPermitted = (text: string, permitted: Uint8Array | undefined): boolean => {
	if (permitted === undefined) return true;
	for (let i = 0; i < text.length; i++) if (permitted[text.charCodeAt(i)] !== 1) return false;
	return true;
};

const writeText = (node: JsonNode, value: MessageValue): void => {
	if (typeof value !== "string") throw unfit("text");
	if (node.permitsPrintable && isSize(value.length, node) && out.plain(value)) return;
	if (!isPermitted(value, node.permitted) || !value.isWellFormed()) throw unfit("text of its characters");
	if (!isSize(value.length, node) && !isSize([...value].length, node)) throw unfit("text of its length");
	out.string(value);
};

const writeBits = (node: JsonNode, value: MessageValue): void => {
	if (typeof value !== "string" || !/^[01]*$/.test(value) || !isSize(value.length, node)) throw unfit("bits");
	const hex = bitsToHex(value);
	if (node.isFixed) out.string(hex);
	else out.ascii(`{"value":"${hex}","length":${value.length}}`);
};

const writeList = (node: JsonNode, value: MessageValue, depth: number): void => {
	if (!Array.isArray(value) || !isSize(value.length, node)) throw unfit("a list");
	out.byte(0x5b);
	for (let i = 0; i < value.length; i++) {
		if (i > 0) out.byte(0x2c);
		writeValue(node.of as JsonNode, value[i] as MessageValue, depth + 1);
	}
	out.byte(0x5d);
};

const writeKey = (field: JsonField, isFirst: boolean): void => {
	out.word(isFirst ? field.first : field.next);
};

const writeChoice = (node: JsonNode, value: MessageValue, depth: number): void => {
	const name = isFields(value) ? Object.keys(value)[0] : undefined;
	const field = name === undefined ? undefined : node.fields[node.names.indexOf(name)];
	if (field === undefined || !isFields(value) || Object.keys(value).length !== 1) throw unfit("one known alternative");
	if (!node.isBare) out.word(field.first);
	writeValue(field.node, value[field.name] as MessageValue, depth + 1);
	if (!node.isBare) out.byte(0x7d);
};

const writeSeq = (node: JsonNode, value: MessageValue, depth: number): void => {
	if (!isFields(value)) throw unfit("an object");
	const fields = node.fields;
	const start = out.pos;
	let at = 0;
	let required = 0;
	let isFirst = true;
	// A tree keeps its type's order, so that one walk over its keys finds each field at or after the last one.
	for (const name in value) {
		let field = fields[at];
		while (field !== undefined && field.name !== name) field = fields[++at];
		if (field === undefined) {
			writeInOrder(node, value, depth, start);
			return;
		}
		at++;
		writeKey(field, isFirst);
		isFirst = false;
		if (field.isRequired) required++;
		writeValue(field.node, value[name] as MessageValue, depth + 1);
	}
	if (required !== node.requiredCount) throw unfit("all mandatory fields");
	if (isFirst) out.byte(0x7b);
	out.byte(0x7d);
};

/** For an object whose keys are in another order. */
const writeInOrder = (node: JsonNode, value: MessageFields, depth: number, start: number): void => {
	out.pos = start;
	let left = Object.keys(value).length;
	for (const field of node.fields) {
		const content = Object.hasOwn(value, field.name) ? value[field.name] : undefined;
		if (content === undefined) {
			if (field.isRequired) throw unfit(`a field ${field.name}`);
			continue;
		}
		writeKey(field, out.pos === start);
		writeValue(field.node, content, depth + 1);
		left--;
	}
	if (left !== 0) throw unfit("no fields but those of its type");
	if (out.pos === start) out.byte(0x7b);
	out.byte(0x7d);
};

const writeValue = (node: JsonNode, value: MessageValue, depth: number): void => {
	if (depth > maxJsonDepth) throw unfit(`at most ${maxJsonDepth} levels`);
	switch (node.code) {
		case code.int:
			if (typeof value !== "number" || !(value >= node.from && value <= node.to) || !Number.isInteger(value)) throw unfit("a whole number");
			out.integer(value);
			return;
		case code.real:
			if (typeof value !== "number" || !(value >= node.from && value <= node.to)) throw unfit("a number");
			out.number(value);
			return;
		case code.seq:
			writeSeq(node, value, depth);
			return;
		case code.list:
			writeList(node, value, depth);
			return;
		case code.text:
			writeText(node, value);
			return;
		case code.enum:
			if (typeof value !== "string" || node.names.indexOf(value) < 0) throw unfit("a name of its enumeration");
			out.string(value);
			return;
		case code.bool:
			if (typeof value !== "boolean") throw unfit("true or false");
			out.word(value ? words.true : words.false);
			return;
		case code.null:
			if (value !== null) throw unfit("null");
			out.word(words.null);
			return;
		case code.bits:
			writeBits(node, value);
			return;
		case code.octets:
			if (typeof value !== "string" || !isHex(value) || !isSize(value.length / 2, node)) throw unfit("octets");
			out.string(value.toUpperCase());
			return;
		case code.choice:
		case code.open:
			writeChoice(node, value, depth);
			return;
	}
};

/**
 * The bytes of a message of that type; fresh. Whole numbers and reals are written so that they are read as the same double.
 *
 * @throws KerbError FORMAT_INVALID when the content does not fit the type; nothing of the content is in its message
 */
export const writeJson = (node: JsonNode, content: MessageFields): Uint8Array => {
	try {
		writeValue(node, content, 0);
		return out.take();
	} finally {
		out.clear();
	}
};
