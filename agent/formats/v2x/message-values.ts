/**
 * The values of a role in a message or a part of one: the sender's own id or speed, an object's velocity.
 */
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { allFields, alternativesOf, isFields } from "./message-pairs.ts";
import type { LeafRole, MessageType } from "./message-type.ts";

export interface FoundValue {
	readonly type: MessageType;
	readonly value: MessageValue;
}

/** Goes on until `visit` returns true. */
type Find = (value: MessageValue, visit: (type: MessageType, value: MessageValue) => boolean) => boolean;

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
	const find = compileFind(type, role);
	return (content) => {
		let found: FoundValue | undefined;
		find?.(content, (inner, value) => {
			found = { type: inner, value };
			return true;
		});
		return found;
	};
};

/** As `compileFirst`, but all of them. */
export const compileEach = (type: MessageType, role: LeafRole): ((content: MessageFields) => readonly FoundValue[]) => {
	const find = compileFind(type, role);
	return (content) => {
		const found: FoundValue[] = [];
		find?.(content, (inner, value) => {
			found.push({ type: inner, value });
			return false;
		});
		return found;
	};
};

const compileFind = (type: MessageType, role: LeafRole): Find | undefined => {
	const finds = new Map<MessageType, Find | undefined>();
	return compile(type, true);

	function findIn(inner: MessageType): Find | undefined {
		if (finds.has(inner)) return finds.get(inner);
		const made = compile(inner, false);
		finds.set(inner, made);
		return made;
	}

	function compile(inner: MessageType, isRoot: boolean): Find | undefined {
		if (inner.role === role) return (value, visit) => visit(inner, value);
		if (!isRoot && inner.role !== undefined && asides.has(inner.role)) return undefined;
		if (inner.kind !== "seq" && inner.kind !== "choice" && inner.kind !== "open") return undefined;
		const fields = inner.kind === "seq" ? allFields(inner) : alternativesOf(inner);
		const children = fields.flatMap(({ name, type: fieldType }) => {
			const child = findIn(fieldType);
			return child === undefined ? [] : [[name, child] as const];
		});
		if (children.length === 0) return undefined;
		return (value, visit) => {
			if (!isFields(value)) return false;
			for (const [name, child] of children) {
				const within: MessageValue | undefined = value[name];
				if (within !== undefined && child(within, visit)) return true;
			}
			return false;
		};
	}
};
