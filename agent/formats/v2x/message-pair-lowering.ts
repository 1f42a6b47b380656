/**
 * Replaces positions that a message states outright.
 */

import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import { compileLowering, type Handling, type MessagePlace } from "./message-lowering.ts";
import { isFields, type Pair, pairRoleOf, pairsOf, writeLeaf, writtenValue } from "./message-pairs.ts";
import { isPlaceLeaf } from "./message-roles.ts";

export interface Degrees {
	readonly latDeg: number;
	readonly lonDeg: number;
}

/** Undefined: the position goes. */
export type MoveDegrees<A> = (latDeg: number, lonDeg: number, argument: A) => Degrees | undefined;

/**
 * For `compileLowering`, at every place: moves latitude and longitude together where a sequence holds both; erases all other coordinates, so halves,
 * offsets, metres and heights; says undefined of everything else. A position that is not known, or only by half, is erased, which keeps one that is
 * unavailable as it is.
 */
export const movePairs = <A>(place: MessagePlace, move: MoveDegrees<A>): Handling<A> | undefined => {
	const { type, isOutermost } = place;
	const role = pairRoleOf(type);
	// Of these the sequence around them decides.
	if ((role === "lat" || role === "lon") && !isOutermost) return "keep";
	if (isPlaceLeaf(type)) return "erase";
	if (type.kind !== "seq") return undefined;
	const { pairs, halves } = pairsOf(type);
	const outright = pairs.filter(({ by }) => by === "degrees");
	const hasHalf = isOutermost && halves.some((half) => half.role === "lat" || half.role === "lon");
	if (outright.length === 0 && !hasHalf) return undefined;
	const eraseAll = compileLowering(type, (inner) => (isPlaceLeaf(inner.type) ? "erase" : "keep"));
	return (lowered, _, argument) => (isFields(lowered) ? moveAll(lowered, argument) : undefined);

	function moveAll(holder: MessageFields, argument: A): MessageValue | undefined {
		if (hasHalf) return eraseAll(holder, undefined);
		let moved = holder;
		for (const pair of outright) {
			const next = movePair(moved, pair, move, argument);
			if (next === "erase") return eraseAll(holder, undefined);
			moved = next;
		}
		return moved;
	}
};

const movePair = <A>(holder: MessageFields, { first, second }: Pair, move: MoveDegrees<A>, argument: A): MessageFields | "erase" => {
	const latDeg = first.read(holder);
	const lonDeg = second.read(holder);
	if (latDeg === undefined && lonDeg === undefined) return holder;
	if (latDeg === undefined || lonDeg === undefined || !(Math.abs(latDeg) <= 90 && Math.abs(lonDeg) <= 180)) return "erase";
	const to = move(latDeg, lonDeg, argument);
	const lat = to === undefined ? undefined : writtenValue(first.type, to.latDeg);
	const lon = to === undefined ? undefined : writtenValue(second.type, to.lonDeg);
	if (lat === undefined || lon === undefined || lat === first.type.unavailable || lon === second.type.unavailable) return "erase";
	return writeLeaf(writeLeaf(holder, first, lat), second, lon);
};
