/**
 * The value of a type that says nothing: its unavailable value, or a sequence of nothing but such values.
 */
import type { MessageValue } from "../../../shared/message.ts";
import type { MessageType } from "./message-type.ts";

/**
 * A frozen constant that is shared by all who ask; undefined when the type has no such value, as with identifiers. A list that may be empty is
 * blank when it is.
 */
export const blankOf = (type: MessageType): MessageValue | undefined => {
	if (blanks.has(type)) return blanks.get(type);
	const blank = makeBlank(type);
	blanks.set(type, blank);
	return blank;
};

const blanks = new WeakMap<MessageType, MessageValue | undefined>();

const makeBlank = (type: MessageType): MessageValue | undefined => {
	if (type.unavailable !== undefined) return type.unavailable;
	if (type.kind === "list") return type.size.from === 0 ? Object.freeze([]) : undefined;
	if (type.kind !== "seq") return undefined;
	const fields: Record<string, MessageValue> = {};
	for (const { name, type: inner, optional, fallback } of type.fields) {
		if (optional) continue;
		// A default is left out of the tree; where nothing can be unknown it says as little as there is to say.
		const blank = inner.unavailable ?? (fallback === undefined ? blankOf(inner) : undefined);
		if (blank !== undefined) fields[name] = blank;
		else if (fallback === undefined) return undefined;
	}
	return Object.freeze(fields);
};
