/**
 * Takes those positions out of a message that a judge says must go, and what would give them back.
 */
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { compileLowering, type Handling, type LowerFields, type MessagePlace } from "./message-lowering.ts";
import { isFields, pairsOf } from "./message-pairs.ts";
import { findPositions, type MessagePosition, type PositionShape } from "./message-positions.ts";
import { isAccuracy, isHeight, isMotion, isPlaceLeaf } from "./message-roles.ts";
import { groupRoles, type MessageType } from "./message-type.ts";

interface Marks {
	/** Parts of the message that go. */
	readonly parts: Set<MessageValue>;
	/** Something of the sender itself goes: its motion goes along. */
	isSenders: boolean;
	/** Its present position goes: with it goes all that counts from there. */
	isOwn: boolean;
}

/**
 * Calls `mustGo` for every position, known or not, and erases those for which it is true:
 *
 * - an object or a path as a whole, since the rest of a path draws the border that cut it;
 * - of anything else its coordinates and height, and how exact they are;
 * - with anything but an object, the sender's speed, heading, yaw, acceleration, steering and odometer, which lead from one position to the next;
 * - with the sender's present position also its paths and the objects around it.
 *
 * The same object when none must go; undefined when the message cannot be without them.
 */
export const erasePositions = (
	shape: PositionShape,
	content: MessageFields,
	mustGo: (position: MessagePosition) => boolean,
): MessageFields | undefined => {
	let marks: Marks | undefined;
	let isBare = false;
	findPositions(shape)(content, (position) => {
		if (!mustGo(position)) return;
		marks ??= { parts: new Set(), isSenders: false, isOwn: false };
		const part = position.whole ?? position.holder;
		// A bare number cannot be told from its equals.
		if (typeof part !== "object") isBare = true;
		marks.parts.add(part);
		if (position.group !== "object" && position.group !== "receiver-position") marks.isSenders = true;
		if (position.isOwn) marks.isOwn = true;
	});
	if (marks === undefined) return content;
	if (isBare) return undefined;
	const { type, form } = shape;
	const erasers = form === undefined || form === "uper" ? erasersOfBits : erasersOfJson;
	let erase = erasers.get(type);
	if (erase === undefined) {
		erase = compileLowering<Marks>(type, chooseByMarks, { form });
		erasers.set(type, erase);
	}
	return erase(content, marks);
};

type Erasers = WeakMap<MessageType, LowerFields<Marks>>;
const erasersOfBits: Erasers = new WeakMap();
const erasersOfJson: Erasers = new WeakMap();

const chooseByMarks = (place: MessagePlace): Handling<Marks> => {
	const { type, within } = place;
	if (isMotion(type) || isHeight(type)) return within.includes("object") ? "keep" : { eraseWhen: (_, { isSenders }) => isSenders };
	if (type.role === "object" || type.role === "path-history" || type.role === "path-prediction") {
		return { eraseWhen: (original, { parts, isOwn }) => isOwn || parts.has(original) };
	}
	if (type.kind !== "seq") return "keep";
	const { pairs, halves } = pairsOf(type);
	if (pairs.length + halves.length === 0) return "keep";
	const depth = isGroup(type.role) ? 1 : 0;
	const erasePlace = compileLowering(type, (inner) => {
		// What another group within says is judged by itself.
		if (inner.within.length > depth) return "keep";
		return isPlaceLeaf(inner.type) ? "erase" : isAccuracy(inner) ? "erase-if-possible" : "keep";
	});
	return (lowered, original, { parts }) => {
		if (!parts.has(original)) return lowered;
		return isFields(lowered) ? erasePlace(lowered, undefined) : undefined;
	};
};

const groupRoleNames: ReadonlySet<string> = new Set(groupRoles);
const isGroup = (role: string | undefined): boolean => role !== undefined && groupRoleNames.has(role);
