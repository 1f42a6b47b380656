/**
 * The place of a problem that a check over a whole document found, as valibot wants it.
 */
import type * as v from "valibot";

type Path = [v.IssuePathItem, ...v.IssuePathItem[]];

/** The way from `root` down the keys. Undefined for no keys: the whole document. What is not there is undefined in it. */
export const issuePath = (root: unknown, keys: readonly (string | number)[]): Path | undefined => {
	let input: unknown = root;
	const items = keys.map((key): v.IssuePathItem => {
		const holder = input;
		const value: unknown = typeof holder === "object" && holder !== null ? Reflect.get(holder, key) : undefined;
		input = value;
		return { type: "unknown", origin: "value", input: holder, key, value };
	});
	const [first, ...rest] = items;
	return first === undefined ? undefined : [first, ...rest];
};
