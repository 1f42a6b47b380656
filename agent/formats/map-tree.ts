/**
 * Property trees of map features: plain data, copied and bounded.
 */
import type { MessageFields, MessageValue } from "../../shared/message.ts";
import { type MapRefusal, mapLimits } from "./map-limits.ts";

/** Names that mean something to the language and nothing in a map. */
const forbiddenNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

interface Budget {
	nodes: number;
}

const copyValue = (value: unknown, depth: number, budget: Budget): MessageValue | undefined => {
	budget.nodes -= 1;
	if (budget.nodes < 0 || depth > mapLimits.propertyDepth) return undefined;
	if (value === null || typeof value === "boolean") return value;
	if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
	if (typeof value === "string") return value.length <= mapLimits.textLength ? value : undefined;
	if (typeof value !== "object") return undefined;
	if (Array.isArray(value)) {
		const items: MessageValue[] = [];
		for (const item of value) {
			const copy = copyValue(item, depth + 1, budget);
			if (copy === undefined) return undefined;
			items.push(copy);
		}
		return items;
	}
	const fields: [string, MessageValue][] = [];
	for (const [name, item] of Object.entries(value)) {
		if (name.length > mapLimits.nameLength || forbiddenNames.has(name)) return undefined;
		const copy = copyValue(item, depth + 1, budget);
		if (copy === undefined) return undefined;
		fields.push([name, copy]);
	}
	return Object.fromEntries(fields);
};

/** A copy of a property tree that shares nothing with it, or why it is none. `null` stands for no properties (RFC 7946 section 3.2). Never throws. */
export const copyProperties = (value: unknown): MessageFields | MapRefusal => {
	if (value === null) return {};
	if (!isFields(value)) return "properties_invalid";
	const budget = { nodes: mapLimits.propertyNodes };
	const copy = copyValue(value, 0, budget);
	if (copy !== undefined && isFields(copy)) return copy;
	return budget.nodes < 0 ? "properties_too_large" : "properties_invalid";
};

/** True for an object that is neither a list nor null. */
export const isFields = (value: unknown): value is MessageFields => typeof value === "object" && value !== null && !Array.isArray(value);
