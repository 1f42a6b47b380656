/**
 * Compiles a message type to the tables by which its JSON is read and written.
 */
import { JsonField, JsonNames, JsonNode, jsonCode, type OpenChoice } from "./json-node.ts";
import type { Field, MessageType, OpenType, SeqType, SizeRange, TextType } from "./message-type.ts";

/**
 * How open types are written: `keyed` as an object with the name of the type (ASN.1 JER), `bare` as the content alone, which only its
 * deciding sibling explains.
 */
export type JsonStyle = "keyed" | "bare";

const codes = jsonCode;

const setSize = (node: JsonNode, { from, to, extensible }: SizeRange): void => {
	if (extensible) return;
	node.sizeFrom = from;
	node.sizeTo = to ?? Number.POSITIVE_INFINITY;
};

const isIn = (charset: TextType["charset"], code: number): boolean => {
	const letter = String.fromCharCode(code);
	switch (charset) {
		case "numeric":
			return /[0-9 ]/.test(letter);
		case "printable":
			return /[A-Za-z0-9 '()+,\-./:=?]/.test(letter);
		case "visible":
			return code >= 0x20 && code < 0x7f;
		case "ia5":
		case "utf8":
			return true;
	}
};

const permittedOf = ({ charset, alphabet }: TextType): Uint8Array | undefined => {
	if (charset === "utf8" && alphabet === undefined) return undefined;
	return Uint8Array.from({ length: 128 }, (_, code) =>
		isIn(charset, code) && (alphabet === undefined || alphabet.includes(String.fromCharCode(code))) ? 1 : 0,
	);
};

/** All fields of an object: additions stand beside the others in JSON, and an older sender leaves them out. */
const fieldsOf = ({ fields, additions }: SeqType): readonly Field[] => [
	...fields,
	...(additions ?? []).flatMap((addition) => addition.fields.map((field) => ({ ...field, optional: true }))),
];

/** The alternatives of an open type without those that bear the same name: one name has one type. */
const alternativesOf = ({ table }: OpenType): readonly Field[] => [
	...new Map([...table.values()].map((field) => [field.name, field])).values(),
];

class JsonCompiler {
	readonly #style: JsonStyle;
	readonly #known = new Map<MessageType, JsonNode>();

	constructor(style: JsonStyle) {
		this.#style = style;
	}

	node(type: MessageType): JsonNode {
		const known = this.#known.get(type);
		if (known !== undefined) return known;
		const node = new JsonNode(codes[type.kind]);
		this.#known.set(type, node);
		this.#fill(node, type);
		return node;
	}

	#fill(node: JsonNode, type: MessageType): void {
		switch (type.kind) {
			case "int":
				node.from = type.extensible ? Number.MIN_SAFE_INTEGER : (type.from ?? Number.MIN_SAFE_INTEGER);
				node.to = type.extensible ? Number.MAX_SAFE_INTEGER : (type.to ?? Number.MAX_SAFE_INTEGER);
				return;
			case "real":
				node.from = type.from ?? -Number.MAX_VALUE;
				node.to = type.to ?? Number.MAX_VALUE;
				return;
			case "enum":
				node.names = new JsonNames([...type.names, ...(type.additions ?? [])]);
				return;
			case "bits":
				node.isFixed = !type.size.extensible && type.size.from === type.size.to;
				setSize(node, type.size);
				return;
			case "octets":
				setSize(node, type.size);
				return;
			case "text":
				node.permitted = permittedOf(type);
				node.permitsPrintable = node.permitted?.subarray(0x20, 0x7f).every((each) => each === 1) ?? true;
				setSize(node, type.size);
				return;
			case "list":
				node.of = this.node(type.of);
				setSize(node, type.size);
				return;
			case "seq":
				this.#object(node, fieldsOf(type));
				node.opens = this.#opens(fieldsOf(type));
				return;
			case "choice":
				this.#object(node, [...type.alternatives, ...(type.additions ?? [])]);
				return;
			case "open":
				this.#object(node, alternativesOf(type));
				node.isBare = this.#style === "bare";
				return;
			case "bool":
			case "null":
				return;
		}
	}

	#object(node: JsonNode, fields: readonly Field[]): void {
		node.names = new JsonNames(fields.map((field) => field.name));
		node.fields = fields.map(
			({ name, type, optional, fallback }) => new JsonField(name, !optional && fallback === undefined, this.node(type)),
		);
		node.requiredCount = node.fields.filter((field) => field.isRequired).length;
	}

	#opens(fields: readonly Field[]): readonly OpenChoice[] {
		return fields.flatMap(({ type }, index) => {
			if (type.kind !== "open") return [];
			const names = alternativesOf(type).map((field) => field.name);
			const table = new Map([...type.table].map(([value, field]) => [value, names.indexOf(field.name)]));
			return [{ field: index, by: fields.findIndex((field) => field.name === type.by), table }];
		});
	}
}

/** The tables of a type; large, made once. Types that occur at several places share theirs. */
export const compileJson = (type: MessageType, style: JsonStyle): JsonNode => new JsonCompiler(style).node(type);
