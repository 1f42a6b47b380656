/**
 * XML elements as property trees: attributes become texts, child elements lists under their name, in the document's order; text becomes `#text`.
 * An attribute and a child of one name stand apart, since a child's list is never a text: the attribute gives way and gets a `@` before its name.
 */
import type { MessageFields, MessageValue } from "../../shared/message.ts";
import { type MapRefusal, mapLimits } from "./map-limits.ts";

const maxText = mapLimits.textLength;

type Draft = Map<string, MessageValue | MessageFields[]>;

/** Builds the tree of one element from what an XmlReader says between its start and its end. */
export class XmlTree {
	readonly #stack: { readonly name: string; readonly fields: Draft }[] = [];
	#nodes = 0;
	#refusal: MapRefusal | undefined;

	/** How many elements are open. */
	get depth(): number {
		return this.#stack.length;
	}

	open(name: string, attributes: Readonly<Record<string, string>>): void {
		const fields: Draft = new Map(Object.entries(attributes));
		this.#nodes += 2 + fields.size;
		if (this.#nodes > mapLimits.propertyNodes) this.#refusal = "properties_too_large";
		this.#stack.push({ name, fields: this.#refusal === undefined ? fields : new Map() });
	}

	text(text: string): void {
		const fields = this.#stack.at(-1)?.fields;
		if (fields === undefined || this.#refusal !== undefined) return;
		const before = fields.get("#text");
		const joined = `${typeof before === "string" ? before : ""}${text.trim()}`;
		if (joined.length > maxText) this.#refusal = "properties_too_large";
		else fields.set("#text", joined);
	}

	/** Ends the element that was opened last; gives the tree, or why there is none, when it was the outermost. */
	close(): MessageFields | MapRefusal | undefined {
		const done = this.#stack.pop();
		if (done === undefined) return undefined;
		const parent = this.#stack.at(-1);
		const fields = Object.fromEntries(done.fields) as MessageFields;
		if (parent === undefined) return this.#refusal ?? fields;
		if (this.#refusal !== undefined) return undefined;
		const before = parent.fields.get(done.name);
		if (Array.isArray(before)) before.push(fields);
		else {
			if (before !== undefined) parent.fields.set(`@${done.name}`, before as MessageValue);
			parent.fields.set(done.name, [fields]);
		}
		return undefined;
	}
}
