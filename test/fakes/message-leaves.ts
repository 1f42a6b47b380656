/**
 * Every value of a message with what its schema says of it; walks type and tree side by side, with nothing of the code under test.
 */
import type { Field, MessageType } from "../../agent/formats/v2x/message-type.ts";
import { type MessageValue, unknownField } from "../../shared/message.ts";

export interface Leaf {
	/** Names and positions from the root. */
	readonly path: readonly (string | number)[];
	readonly type: MessageType;
	readonly value: MessageValue;
	/** Roles of all around it, outermost first, its own last. */
	readonly roles: readonly string[];
}

const fieldsOf = (type: MessageType): readonly Field[] => {
	if (type.kind === "seq") return [...type.fields, ...(type.additions ?? []).flatMap(({ fields }) => fields)];
	if (type.kind === "choice") return [...type.alternatives, ...(type.additions ?? [])];
	return type.kind === "open" ? [...type.table.values()] : [];
};

/** Groups among them, each before what is within it. What the schema does not know has the path's last name `?`. */
export const leavesIn = (
	type: MessageType,
	value: MessageValue,
	path: Leaf["path"] = [],
	around: readonly string[] = [],
): readonly Leaf[] => {
	const roles = type.role === undefined ? around : [...around, type.role];
	const self: Leaf = { path, type, value, roles };
	if (type.kind === "list") {
		const elements: readonly MessageValue[] = Array.isArray(value) ? value : [];
		return [self, ...elements.flatMap((element, at) => leavesIn(type.of, element, [...path, at], roles))];
	}
	if (typeof value !== "object" || value === null || Array.isArray(value)) return [self];
	const fields = fieldsOf(type);
	return [
		self,
		...Object.entries(value).flatMap(([name, inner]: [string, MessageValue]): readonly Leaf[] => {
			if (name === unknownField) return [{ path: [...path, name], type, value: inner, roles }];
			const field = fields.find((each) => each.name === name);
			return field === undefined ? [] : leavesIn(field.type, inner, [...path, name], roles);
		}),
	];
};

/** Freezes all of it, so that whoever writes to it throws. */
export const frozen = <T>(value: T): T => {
	if (typeof value === "object" && value !== null) {
		for (const inner of Object.values(value)) frozen(inner);
		Object.freeze(value);
	}
	return value;
};
