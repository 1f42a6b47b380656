/**
 * What treatments of messages share: tables per schema, made when its first message comes.
 */

import type { MessageFields } from "../../shared/message.ts";
import type { V2xMessage } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import type { MessageShape } from "../formats/v2x/message-shape.ts";
import { shapeOf } from "../formats/v2x/shapes.ts";

export type TaggedMessage = Tagged<V2xMessage>;

/** What was compiled for the message's shape. Undefined: no schema has it, and what no schema names cannot be judged. */
export const perShape = <T>(compile: (shape: MessageShape) => T): ((message: Pick<V2xMessage, "form" | "path">) => T | undefined) => {
	const made = new WeakMap<MessageShape, { readonly table: T }>();
	return ({ form, path }) => {
		const shape = shapeOf(form, path);
		if (shape === undefined) return undefined;
		let known = made.get(shape);
		if (known === undefined) {
			known = { table: compile(shape) };
			made.set(shape, known);
		}
		return known.table;
	};
};

/** The same reading when its content is untouched. Undefined: the message cannot be without what was erased. */
export const withContent = (reading: TaggedMessage, content: MessageFields | undefined): TaggedMessage | undefined =>
	content === undefined ? undefined : content === reading.content ? reading : { ...reading, content };
