/**
 * The first value of a role in a message, where there can be but one that matters: the sender's own id or speed.
 */
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { allFields, alternativesOf, isFields } from "./message-pairs.ts";
import type { LeafRole, MessageType } from "./message-type.ts";

export interface FoundValue {
	readonly type: MessageType;
	readonly value: MessageValue;
}

type Find = (value: MessageValue) => FoundValue | undefined;

/** What these say is not the sender's own. */
const asides: ReadonlySet<string> = new Set([
	"object",
	"path-history",
	"path-prediction",
	"receiver-position",
	"event-position",
	"map-geometry",
	"copy",
]);

/**
 * Finds the first value of the role in the order of the type. Lists, and what is about somebody else than the whole is, are passed over; the whole may be a
 * part of a message, such as an object. Undefined: there is none.
 */
export const compileFirst = (type: MessageType, role: LeafRole): ((content: MessageFields) => FoundValue | undefined) => {
	const finds = new Map<MessageType, Find | undefined>();
	const find = compile(type, true);
	return (content) => find?.(content);

	function findIn(inner: MessageType): Find | undefined {
		if (finds.has(inner)) return finds.get(inner);
		const made = compile(inner, false);
		finds.set(inner, made);
		return made;
	}

	function compile(inner: MessageType, isRoot: boolean): Find | undefined {
		if (inner.role === role) return (value) => ({ type: inner, value });
		if (!isRoot && inner.role !== undefined && asides.has(inner.role)) return undefined;
		if (inner.kind !== "seq" && inner.kind !== "choice" && inner.kind !== "open") return undefined;
		const fields = inner.kind === "seq" ? allFields(inner) : alternativesOf(inner);
		const children = fields.flatMap(({ name, type: fieldType }) => {
			const child = findIn(fieldType);
			return child === undefined ? [] : [[name, child] as const];
		});
		if (children.length === 0) return undefined;
		return (value) => {
			if (!isFields(value)) return undefined;
			for (const [name, child] of children) {
				const within: MessageValue | undefined = value[name];
				const found = within === undefined ? undefined : child(within);
				if (found !== undefined) return found;
			}
			return undefined;
		};
	}
};
