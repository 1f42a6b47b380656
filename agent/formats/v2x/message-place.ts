/**
 * Where a pair of numbers leads, counted from somewhere.
 */
import type { MessageFields } from "../../../shared/message.ts";
import { type Pair, readLeaf } from "./message-pairs.ts";

/** A point, or a disc around it when the radius is not zero. What is not known has neither. */
export interface Place {
	readonly isKnown: boolean;
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly radiusM: number;
}

export const nowhere: Place = { isKnown: false, latDeg: Number.NaN, lonDeg: Number.NaN, radiusM: Number.POSITIVE_INFINITY };

/** A degree of latitude at a pole and of longitude at the equator are no longer (WGS 84, rounded up). */
const maxMetresPerDegree = 111_700;
/** No message is about more than this around its sender; wider discs say nothing. */
const maxRadiusM = 1_000_000;

/** Undefined: the message states no such position. `nowhere`: it does, but not where. */
export const placeOf = (pair: Pair, holder: MessageFields, from: Place): Place | undefined => {
	const first = readLeaf(pair.first, holder);
	const second = readLeaf(pair.second, holder);
	if (first === undefined && second === undefined) return undefined;
	if (first === undefined || second === undefined || Number.isNaN(first) || Number.isNaN(second)) return nowhere;
	if (pair.by === "degrees") return placeAt(first, second, 0);
	if (!from.isKnown) return nowhere;
	if (pair.by === "metres") return placeAt(from.latDeg, from.lonDeg, from.radiusM + Math.hypot(first, second));
	const lonDeg = from.lonDeg + second;
	return placeAt(from.latDeg + first, lonDeg > 180 ? lonDeg - 360 : lonDeg < -180 ? lonDeg + 360 : lonDeg, from.radiusM);
};

const placeAt = (latDeg: number, lonDeg: number, radiusM: number): Place =>
	Math.abs(latDeg) <= 90 && Math.abs(lonDeg) <= 180 && radiusM <= maxRadiusM ? { isKnown: true, latDeg, lonDeg, radiusM } : nowhere;

/** How far an offset leads, at the most. Infinite when it is unknown. */
export const distanceOf = (pair: Pair, holder: MessageFields): number => {
	const length = Math.hypot(readLeaf(pair.first, holder) ?? Number.NaN, readLeaf(pair.second, holder) ?? Number.NaN);
	if (Number.isNaN(length)) return Number.POSITIVE_INFINITY;
	return pair.by === "metres" ? length : length * maxMetresPerDegree;
};
