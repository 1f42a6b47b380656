/**
 * Telling what a JSON message is before it is read: walking over its keys until one decides.
 */
import { type JsonCursor, maxJsonDepth } from "./json-cursor.ts";
import type { JsonNames } from "./json-node.ts";

/** One way in which one message is written. A message's type is a choice of all its dialects, whose names JSON does not have. */
export interface JsonDialect {
	/** `V2X.<family>.<message>`. */
	readonly path: string;
	readonly dialect: string;
}

/**
 * Walks over the members of the object at the position. For each key among the names, `visit` is called at its value with the name's index: it
 * returns what was looked for, or undefined after passing over the value.
 *
 * @returns undefined, and past it, for an object without such a key and for any other value
 * @throws KerbError FORMAT_INVALID for malformed JSON
 */
export const tellMembers = <T>(c: JsonCursor, names: JsonNames, depth: number, visit: (index: number) => T | undefined): T | undefined => {
	if (c.space() !== 0x7b || depth >= maxJsonDepth) {
		c.skip(depth);
		return undefined;
	}
	c.deeper(depth);
	if (c.space() === 0x7d) {
		c.pos++;
		return undefined;
	}
	do {
		const index = c.name(names);
		c.colon();
		if (index < 0) {
			c.skip(depth + 1);
			continue;
		}
		const told = visit(index);
		if (told !== undefined) return told;
	} while (c.more(0x7d));
	return undefined;
};

/** The name that stands as text at the position; undefined, and past it, for any other value. */
export const tellName = (c: JsonCursor, names: JsonNames, depth: number): string | undefined => {
	if (c.space() === 0x22) return names.texts[c.name(names)];
	c.skip(depth);
	return undefined;
};
