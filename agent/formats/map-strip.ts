/**
 * Takes from a property tree of a map feature all that is on no list of what it may say, or on a list of what it must not.
 *
 * - Only names of the allow-list stay, each with values of its kind. The deny-lists win over it, for names and for texts alike.
 * - JSON text inside a text is read and stripped like a tree, up to four times within each other. Texts of `name=value` and `name: value` count as
 *   names, too, so `{ k: "maxheight", v: 4 }`, `["maxheight", 4]` and `"maxheight=4"` are the same thing.
 * - An object with a denied name as a value goes as a whole, and so does a list with one among its plain values.
 */
import type { MessageFields, MessageValue } from "../../shared/message.ts";
import { deniedBy } from "./map-attribute-lists.ts";
import { normalName } from "./map-attribute-names.ts";
import { allowedKinds, type MapUse, type ValueKind } from "./map-attributes-allowed.ts";
import { mapLimits } from "./map-limits.ts";
import { isFields } from "./map-tree.ts";

export interface StripRules {
	readonly use: MapUse;
	/** Normal forms (`normalName(...).letters`) of names that may stay besides. */
	readonly also: ReadonlySet<string>;
}

const maxTexts = 4;
const maxListed = 5_000;
const anyKind: readonly ValueKind[] = ["id", "word", "number", "tree"];

const shapes = {
	id: /^[\p{L}\p{N}][\p{L}\p{N}_\-:#/]{0,63}$/u,
	word: /^\p{L}[\p{L}_\- ;|:/]{0,63}$/u,
	name: /^[\p{L}\p{N}][\p{L}\p{N}\p{M} .,'’·()\-/]{0,119}$/u,
	number: /^[+-]?\d{1,7}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?$/,
} as const;

/** JSON that is an object, a list or a text again; undefined for any other text. */
export const jsonIn = (text: string): MessageValue | undefined => {
	if (!/^\s*["[{]/.test(text)) return undefined;
	try {
		const value: MessageValue = JSON.parse(text);
		return value;
	} catch {
		return undefined;
	}
};

/** The names that a text says something of: itself, and what stands before `=` and `:` in it. */
export const namesIn = (text: string): readonly string[] => {
	const parts = text.slice(0, mapLimits.textLength).split(/[;,|&\n]/, 200);
	const keys = parts.flatMap((part) => {
		const [key, ...rest] = part.split(/[=:：＝]/, 3);
		return rest.length > 0 && key !== undefined && key.trim() !== "" ? [key.trim()] : [];
	});
	return text.length <= 200 ? [text, ...keys] : keys;
};

const isDeniedText = (text: string): boolean => namesIn(text).some((name) => deniedBy(name).length > 0);

/** A text that is the name of something denied and says nothing of it: then what stands beside it does. */
export const isDeniedTopic = (text: string): boolean => text.length <= 64 && !/[=＝]|[:：]\s*\d/.test(text) && deniedBy(text).length > 0;

/** A value of one of the kinds, stripped; undefined when it is of none, or of a denied thing. */
const stripValue = (value: MessageValue, kinds: readonly ValueKind[], rules: StripRules, texts: number): MessageValue | undefined => {
	if (typeof value === "string") return stripText(value, kinds, rules, texts);
	if (typeof value === "number") {
		if (kinds.includes("number") && Math.abs(value) <= 1e6) return value;
		return kinds.includes("id") && Number.isSafeInteger(value) ? value : undefined;
	}
	if (typeof value === "boolean") return kinds.includes("word") ? value : undefined;
	if (value === null) return undefined;
	if (isFields(value)) return kinds.includes("tree") ? stripFields(value, rules, texts) : undefined;
	return stripList(value, kinds, rules, texts);
};

const stripText = (text: string, kinds: readonly ValueKind[], rules: StripRules, texts: number): MessageValue | undefined => {
	const inner = jsonIn(text);
	if (inner !== undefined) {
		const stripped = texts < maxTexts ? stripValue(inner, kinds, rules, texts + 1) : undefined;
		return stripped === undefined ? undefined : JSON.stringify(stripped);
	}
	if (isDeniedText(text)) return undefined;
	const fits = kinds.some((kind) => {
		if (kind === "tree") return false;
		return shapes[kind].test(text) && (kind !== "number" || Math.abs(Number(text)) <= 1e6);
	});
	return fits ? text : undefined;
};

const stripList = (
	list: readonly MessageValue[],
	kinds: readonly ValueKind[],
	rules: StripRules,
	texts: number,
): MessageValue | undefined => {
	// What goes with a denied name in a list of plain values is what it is about.
	if (list.some((item) => typeof item === "string" && jsonIn(item) === undefined && isDeniedText(item))) return undefined;
	const kept = list.slice(0, maxListed).flatMap((item) => {
		const stripped = stripValue(item, kinds, rules, texts);
		return stripped === undefined ? [] : [stripped];
	});
	return kept.length === 0 ? undefined : kept;
};

/** The object with what may stay; undefined when nothing may, or when one of its values names what it is about and that is denied. */
export const stripFields = (fields: MessageFields, rules: StripRules, texts = 0): MessageFields | undefined => {
	const kept: [string, MessageValue][] = [];
	for (const [name, value] of Object.entries(fields)) {
		const { letters } = normalName(name);
		const isNamed = allowedKinds(letters, "home").includes("name");
		if (typeof value === "string" && !isNamed && isDeniedTopic(value)) return undefined;
		if (deniedBy(name).length > 0) continue;
		const kinds = rules.also.has(letters) ? anyKind : allowedKinds(letters, rules.use);
		if (kinds.length === 0) continue;
		const stripped = stripValue(value, kinds, rules, texts);
		if (stripped !== undefined) kept.push([name, stripped]);
	}
	return kept.length === 0 ? undefined : Object.fromEntries(kept);
};
