/**
 * What the offsets within a part of a message count from: the position that this part states outright.
 */
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { allFields, alternativesOf, isFields, type Pair, pairsOf } from "./message-pairs.ts";
import { type Place, placeOf } from "./message-place.ts";
import type { MessageType, SeqType } from "./message-type.ts";

/** Undefined: this value states no position, and what is within it counts from what is around it. */
type Anchor = (value: MessageFields, from: Place) => Place | undefined;

/** Where a sequence can have its anchor: in itself, or in one of its fields, which then counts from outside. */
export interface Anchors {
	readonly pairs: readonly Pair[];
	readonly children: readonly (readonly [name: string, anchor: Anchor])[];
}

/** What stands in these is no reference for anything outside them. */
const asides: ReadonlySet<string> = new Set(["object", "path-history", "path-prediction", "receiver-position", "copy"]);
const maxDepth = 12;

/**
 * The sender's own position comes first, then the others in their order, looking into all but lists. Only an object is anchored by an offset of its
 * own: what belongs to it counts from it, while events and nodes that are offset from a reference leave the reference to the others.
 */
export const anchorsOf = (type: SeqType): Anchors | undefined => compileAnchors(type, type.role === "object", 0);

const compileAnchor = (type: MessageType, isObject: boolean, depth: number): Anchor | undefined => {
	if (depth > maxDepth) return undefined;
	if (type.kind === "seq") return compileSeq(type, isObject, depth);
	if (type.kind !== "choice" && type.kind !== "open") return undefined;
	const fields = alternativesOf(type).filter(({ type: { role } }) => role === undefined || !asides.has(role));
	// One of several ways to say an offset, be it by degrees outright.
	if (type.kind === "choice" && !isObject && fields.some((field) => isOffset(field.type))) return undefined;
	const table = new Map<string, Anchor>();
	for (const field of fields) {
		const anchor = compileAnchor(field.type, isObject, depth + 1);
		if (anchor !== undefined) table.set(field.name, anchor);
	}
	if (table.size === 0) return undefined;
	return (value, from) => {
		for (const name in value) {
			const inner: MessageValue | undefined = value[name];
			if (inner !== undefined && isFields(inner)) return table.get(name)?.(inner, from);
		}
		return undefined;
	};
};

const isOffset = (type: MessageType): boolean => type.kind === "seq" && pairsOf(type).pairs.some(({ by }) => by !== "degrees");

const compileAnchors = (type: SeqType, isObject: boolean, depth: number): Anchors | undefined => {
	const pairs = pairsOf(type).pairs.filter(({ by }) => by === "degrees" || isObject);
	const children: (readonly [name: string, anchor: Anchor])[] = [];
	for (const field of allFields(type)) {
		if (field.type.role !== undefined && asides.has(field.type.role)) continue;
		const anchor = compileAnchor(field.type, isObject, depth + 1);
		if (anchor === undefined) continue;
		if (field.type.role === "own-position") children.unshift([field.name, anchor]);
		else children.push([field.name, anchor]);
	}
	return pairs.length === 0 && children.length === 0 ? undefined : { pairs, children };
};

const compileSeq = (type: SeqType, isObject: boolean, depth: number): Anchor | undefined => {
	const anchors = compileAnchors(type, isObject, depth);
	return anchors === undefined ? undefined : (value, from) => findAnchor(anchors, value, from)?.place;
};

/** The anchor that this value states, and in which of its fields; no field: itself. */
export const findAnchor = (
	{ pairs, children }: Anchors,
	value: MessageFields,
	from: Place,
): { readonly place: Place; readonly field: string | undefined } | undefined => {
	for (const pair of pairs) {
		const place = placeOf(pair, value, from);
		if (place !== undefined) return { place, field: undefined };
	}
	for (const [name, anchor] of children) {
		const inner: MessageValue | undefined = value[name];
		const place = inner !== undefined && isFields(inner) ? anchor(inner, from) : undefined;
		if (place !== undefined) return { place, field: name };
	}
	return undefined;
};
