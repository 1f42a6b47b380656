/**
 * Erasing parts of a message by what they mean. See message-lowering.ts for how an erased part leaves a message fit for its type.
 */
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { compileLowering, type LowerFields, type MessagePlace } from "./message-lowering.ts";
import type { MessageShape } from "./message-shape.ts";
import type { MessageType, Role } from "./message-type.ts";

/** What to do with one value: `set` must fit the type of the place. */
export type Decide = (place: MessagePlace, value: MessageValue) => "keep" | "erase" | { readonly set: MessageValue };

/**
 * Asks `decide` about every value that has a role, those within a group before the group, and about nothing else. Gives back the same object when all
 * was kept, a copy that shares what is untouched, or undefined when the message must not leave. Treatments whose decision depends on the place alone
 * compile it once with `compileLowering`, which is faster.
 */
export const lowerMessage = (type: MessageType, content: MessageFields, decide: Decide): MessageFields | undefined => {
	let lower = byRole.get(type);
	if (lower === undefined) {
		lower = compileLowering<Decide>(type, (place) => {
			if (place.type.role === undefined) return "keep";
			return (lowered, original, ask) => {
				const verdict = ask(place, original);
				if (verdict === "keep") return lowered;
				return verdict === "erase" ? undefined : verdict.set;
			};
		});
		byRole.set(type, lower);
	}
	return lower(content, decide);
};

const byRole = new WeakMap<MessageType, LowerFields<Decide>>();

/**
 * What no message may carry out of the unit, whatever a rule says:
 *
 * - the message once more in another encoding: it would undo every treatment;
 * - whose receiver it was and where that was: facts of another subject than the sender, which no treatment of the sender's position touches;
 * - VIN and plate: with a position they name a person (regulations V-17, X-5); a rule that may release them has the vehicle's own signals for it;
 * - free text: no schema says what a person wrote into it, plates and names among them;
 * - certificates and signatures: they link messages across every pseudonym, and prove nothing about a message that was lowered.
 */
const unspeakable: ReadonlySet<Role> = new Set(["copy", "stream", "receiver-position", "vin", "plate", "text", "certificate"]);

/**
 * Takes out what never leaves, and all that the schema does not know. The same object when there was none of it; undefined when the message cannot be
 * without it.
 */
export const stripUnspeakable = (
	{ type, form }: Pick<MessageShape, "type"> & Partial<Pick<MessageShape, "form">>,
	content: MessageFields,
): MessageFields | undefined => {
	const strips = form === undefined || form === "uper" ? stripsOfBits : stripsOfJson;
	let strip = strips.get(type);
	if (strip === undefined) {
		strip = compileLowering<undefined>(type, ({ type: { role } }) => (role !== undefined && unspeakable.has(role) ? "erase" : "keep"), {
			form,
		});
		strips.set(type, strip);
	}
	return strip(content, undefined);
};

type Strips = WeakMap<MessageType, LowerFields<undefined>>;
const stripsOfBits: Strips = new WeakMap();
const stripsOfJson: Strips = new WeakMap();
