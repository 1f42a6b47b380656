/**
 * Values that a schema names: a default, the value for unavailable.
 */
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import type { Field, MessageType, SizeRange } from "./message-type.ts";
import { isMark, type NotationCursor } from "./notation-cursor.ts";
import { notationError } from "./notation-tokens.ts";

const isFields = (value: MessageValue): value is MessageFields => typeof value === "object" && value !== null && !Array.isArray(value);

const inRange = (value: number, { from, to }: { readonly from: number | undefined; readonly to: number | undefined }): boolean =>
	value >= (from ?? Number.NEGATIVE_INFINITY) && value <= (to ?? Number.POSITIVE_INFINITY);

const fitsSize = (length: number, size: SizeRange): boolean => size.extensible || inRange(length, size);

const fitsOne = (fields: readonly Field[], value: MessageFields): boolean => {
	const entries = Object.entries(value);
	const [[name, inner] = ["", null]] = entries;
	const field = fields.find((each) => each.name === name);
	return entries.length === 1 && field !== undefined && fitsType(field.type, inner);
};

const fitsField = (field: Field | undefined, value: MessageValue): boolean => field !== undefined && fitsType(field.type, value);

/** True when the value can stand where the type is. */
export const fitsType = (type: MessageType, value: MessageValue): boolean => {
	switch (type.kind) {
		case "int":
			return Number.isSafeInteger(value) && (type.extensible || inRange(value as number, type));
		case "real":
			return typeof value === "number" && Number.isFinite(value) && inRange(value, type);
		case "enum":
			return typeof value === "string" && (type.names.includes(value) || (type.additions?.includes(value) ?? false));
		case "bool":
			return typeof value === "boolean";
		case "null":
			return value === null;
		case "bits":
			return typeof value === "string" && /^[01]*$/.test(value) && fitsSize(value.length, type.size);
		case "octets":
			return typeof value === "string" && /^(?:[0-9a-f]{2})*$/.test(value) && fitsSize(value.length / 2, type.size);
		case "text":
			return typeof value === "string" && fitsSize([...value].length, type.size);
		case "list":
			return Array.isArray(value) && fitsSize(value.length, type.size) && value.every((each: MessageValue) => fitsType(type.of, each));
		case "choice":
			return isFields(value) && fitsOne([...type.alternatives, ...(type.additions ?? [])], value);
		case "open":
			return isFields(value) && fitsOne([...type.table.values()], value);
		case "seq": {
			if (!isFields(value)) return false;
			const known = new Map([...type.fields, ...(type.additions ?? []).flatMap(({ fields }) => fields)].map((each) => [each.name, each]));
			return (
				Object.entries(value).every(([name, inner]) => fitsField(known.get(name), inner)) &&
				type.fields.every((each) => each.optional || each.fallback !== undefined || each.name in value)
			);
		}
	}
};

/**
 * Reads a value: a number, a name, "text", `[a, b]` or `{ name: a }`.
 *
 * @param kind of the type that it is for: digits are text there where bits, octets or characters are
 * @throws KerbError FORMAT_INVALID
 */
export const valueAt = (tokens: NotationCursor, kind: MessageType["kind"] | undefined): MessageValue => {
	const token = tokens.peek();
	tokens.skip();
	if (isMark(token, "[")) return listAt(tokens);
	if (isMark(token, "{")) return fieldsAt(tokens);
	if (token.kind === "quoted") return token.text;
	if (token.kind === "number") return kind === "bits" || kind === "octets" || kind === "text" ? token.text : Number(token.text);
	if (token.kind !== "name") throw notationError(token.line, `expected a value, got ${token.text}`);
	if (token.text === "null" && kind !== "enum") return null;
	return (token.text === "true" || token.text === "false") && kind !== "enum" ? token.text === "true" : token.text;
};

const listAt = (tokens: NotationCursor): MessageValue => {
	const values: MessageValue[] = [];
	while (!tokens.take("]")) {
		values.push(valueAt(tokens, undefined));
		if (!tokens.take(",") && !isMark(tokens.peek(), "]")) throw tokens.unexpected("a comma or ]");
	}
	return values;
};

const fieldsAt = (tokens: NotationCursor): MessageValue => {
	const values: Record<string, MessageValue> = {};
	while (!tokens.take("}")) {
		const name = tokens.name("a name");
		tokens.expect(":");
		values[name] = valueAt(tokens, undefined);
		if (!tokens.take(",") && !isMark(tokens.peek(), "}")) throw tokens.unexpected("a comma or }");
	}
	return values;
};
