/**
 * The skeleton of one message: what its text has that other messages of its make have, too, and where the values stand in which they differ.
 *
 * The skeleton is a row of units that make up the whole text, and a tree as the reader makes it, with marks in place of values. Lists of which a pattern
 * can tell every form are one unit; all other structure, keys that no type names among it, is part of the skeleton.
 */
import type { MessageFields, MessageValue } from "../../shared/message.ts";
import type { ChoiceType, Field, ListType, MessageType, OpenType, SeqType } from "../formats/v2x/message-type.ts";
import { anyNumber, anyString, fieldsOf, likelyPattern, literally, valuePattern } from "./filter-bsm-pattern.ts";

export type Unit =
	/** Brackets, commas, keys and whatever must be the same. */
	| { readonly kind: "text"; readonly text: string }
	/** A value of a known type; its mark stands in the tree. */
	| { readonly kind: "leaf"; readonly type: MessageType; readonly mark: string; readonly path: string; readonly pattern: string }
	/** A list of a known type; `sample` stands in the tree, an element with all that elements may have. */
	| { readonly kind: "list"; readonly type: ListType; readonly sample: MessageValue }
	/** A value that no type names. */
	| { readonly kind: "free"; readonly pattern: string };

export interface Skeleton {
	readonly units: readonly Unit[];
	readonly tree: MessageFields;
}

const maxDepth = 32;

/** No value that is read from JSON begins like this. */
const markStart = "\u0000";

export const isMark = (value: MessageValue | undefined): value is string => typeof value === "string" && value.startsWith(markStart);

/**
 * Of a message that its reader has accepted. Undefined for a text that is not written as machines write: with blanks, with escapes, with an alternative that
 * nobody knows.
 *
 * @param root Of the dialect: what the JSON text as a whole is.
 * @param fixed Paths of values that must be the same, such as `.metadata.payloadType`.
 */
export const readSkeleton = (text: string, root: MessageType, fixed: ReadonlySet<string>): Skeleton | undefined => {
	const reader = new SkeletonReader(text, fixed);
	const tree = reader.value(root, "", 0);
	return tree !== undefined && isFields(tree) && reader.isAtEnd ? { units: reader.units, tree } : undefined;
};

const isFields = (value: MessageValue): value is MessageFields => typeof value === "object" && value !== null && !Array.isArray(value);

const stringAt = new RegExp(anyString, "y");
const numberAt = new RegExp(anyNumber, "y");
const wordAt = /true|false|null/y;

class SkeletonReader {
	readonly units: Unit[] = [];
	readonly #text: string;
	readonly #fixed: ReadonlySet<string>;
	#at = 0;
	#marks = 0;

	constructor(text: string, fixed: ReadonlySet<string>) {
		this.#text = text;
		this.#fixed = fixed;
	}

	get isAtEnd(): boolean {
		return this.#at === this.#text.length;
	}

	/** What stands in the tree for the value at the place; undefined when there is no skeleton. */
	value(type: MessageType, path: string, depth: number): MessageValue | undefined {
		if (depth > maxDepth) return undefined;
		switch (type.kind) {
			case "seq":
				return this.#seq(type, path, depth);
			case "choice":
				return this.#choice(type, path, depth);
			case "open":
				return undefined;
			case "list":
				return this.#wholeList(type) ?? this.#list(type, path, depth);
			default:
				return this.#leaf(type, path);
		}
	}

	#leaf(type: MessageType, path: string): MessageValue | undefined {
		const pattern = valuePattern(type, undefined);
		const written = pattern === undefined ? undefined : this.#match(new RegExp(pattern, "y"));
		if (pattern === undefined || written === undefined) return undefined;
		const mark = `${markStart}${this.#marks++}`;
		this.units.push({
			kind: "leaf",
			type,
			mark,
			path,
			pattern: this.#fixed.has(path) ? literally(written) : (likelyPattern(type, written) ?? pattern),
		});
		return mark;
	}

	#wholeList(type: ListType): MessageValue | undefined {
		const pattern = valuePattern(type, []);
		const sample = pattern === undefined ? undefined : sampleOf(type.of, 0);
		if (pattern === undefined || sample === undefined || this.#match(new RegExp(pattern, "y")) === undefined) return undefined;
		const samples = [sample];
		this.units.push({ kind: "list", type, sample: samples });
		return samples;
	}

	#list(type: ListType, path: string, depth: number): MessageValue | undefined {
		const out: MessageValue[] = [];
		if (!this.#take("[")) return undefined;
		while (!this.#take("]")) {
			if (out.length > 0 && !this.#take(",")) return undefined;
			const value = this.value(type.of, path, depth + 1);
			if (value === undefined) return undefined;
			out.push(value);
		}
		return out;
	}

	#choice(type: ChoiceType, path: string, depth: number): MessageValue | undefined {
		const key = this.#take("{") ? this.#key() : undefined;
		const field = [...type.alternatives, ...(type.additions ?? [])].find(({ name }) => name === key);
		if (field === undefined) return undefined;
		const value = this.value(field.type, `${path}.${field.name}`, depth + 1);
		return value === undefined || !this.#take("}") ? undefined : { [field.name]: value };
	}

	#seq(type: SeqType, path: string, depth: number): MessageValue | undefined {
		const fields = fieldsOf(type);
		const found = new Map<string, MessageValue>();
		if (!this.#take("{")) return undefined;
		for (let isFirst = true; !this.#take("}"); isFirst = false) {
			if (!isFirst && !this.#take(",")) return undefined;
			const key = this.#key();
			if (key === undefined) return undefined;
			const field = fields.find(({ name }) => name === key);
			if (field === undefined) {
				if (!this.#free(depth + 1)) return undefined;
				continue;
			}
			if (field.optional && field.type.kind !== "null" && this.#take("null")) continue;
			const value =
				field.type.kind === "open"
					? this.#open(field.name, field.type, found, path, depth + 1)
					: this.#field(field, fields, path, depth + 1);
			if (value === undefined) return undefined;
			found.set(key, value);
		}
		// A tree has its type's order.
		return Object.fromEntries(fields.flatMap(({ name }) => (found.has(name) ? [[name, found.get(name) as MessageValue]] : [])));
	}

	/** What decides on an open type must be the same. */
	#field({ name, type }: Field, fields: readonly Field[], path: string, depth: number): MessageValue | undefined {
		if (!fields.some((each) => each.type.kind === "open" && each.type.by === name)) return this.value(type, `${path}.${name}`, depth);
		const number = this.#match(numberAt);
		if (number === undefined) return undefined;
		this.units.push({ kind: "text", text: number });
		return Number(number);
	}

	/** Written with the name of its type, behind what decides on it. */
	#open(name: string, type: OpenType, found: ReadonlyMap<string, MessageValue>, path: string, depth: number): MessageValue | undefined {
		const decider = found.get(type.by);
		const content = typeof decider === "number" ? type.table.get(decider) : undefined;
		if (content === undefined || !this.#take("{") || this.#key() !== content.name) return undefined;
		const value = this.value(content.type, `${path}.${name}.${content.name}`, depth + 1);
		return value === undefined || !this.#take("}") ? undefined : { [content.name]: value };
	}

	/** A value that no type names: of the same structure, with any texts and numbers. */
	#free(depth: number): boolean {
		if (depth > maxDepth) return false;
		if (this.#take("[")) {
			for (let isFirst = true; !this.#take("]"); isFirst = false)
				if ((!isFirst && !this.#take(",")) || !this.#free(depth + 1)) return false;
			return true;
		}
		if (this.#take("{")) {
			for (let isFirst = true; !this.#take("}"); isFirst = false) {
				if (!isFirst && !this.#take(",")) return false;
				if (this.#key() === undefined || !this.#free(depth + 1)) return false;
			}
			return true;
		}
		const pattern = this.#match(stringAt) !== undefined ? anyString : this.#match(numberAt) !== undefined ? anyNumber : undefined;
		if (pattern !== undefined) this.units.push({ kind: "free", pattern });
		else if (this.#match(wordAt) !== undefined) this.units.push({ kind: "free", pattern: "(?:true|false|null)" });
		else return false;
		return true;
	}

	/** Past a key and its colon. */
	#key(): string | undefined {
		const written = this.#match(stringAt);
		if (written === undefined || this.#text[this.#at] !== ":") return undefined;
		this.#at++;
		this.units.push({ kind: "text", text: `${written}:` });
		return written.slice(1, -1);
	}

	#take(text: string): boolean {
		if (!this.#text.startsWith(text, this.#at)) return false;
		this.#at += text.length;
		this.units.push({ kind: "text", text });
		return true;
	}

	#match(pattern: RegExp): string | undefined {
		pattern.lastIndex = this.#at;
		const found = pattern.exec(this.#text)?.[0];
		if (found !== undefined) this.#at += found.length;
		return found;
	}
}

/** A value with every field that values of the type may have; undefined for types without a pattern. */
const sampleOf = (type: MessageType, depth: number): MessageValue | undefined => {
	if (depth > maxDepth) return undefined;
	switch (type.kind) {
		case "seq": {
			const fields: [string, MessageValue][] = [];
			for (const field of fieldsOf(type)) {
				const value = valuePattern(field.type, undefined) === undefined ? undefined : sampleOf(field.type, depth + 1);
				if (value !== undefined) fields.push([field.name, value]);
			}
			return Object.fromEntries(fields);
		}
		case "list": {
			const element = sampleOf(type.of, depth + 1);
			return element === undefined ? undefined : [element];
		}
		case "choice":
		case "open":
			return undefined;
		default:
			return `${markStart}in a list`;
	}
};
