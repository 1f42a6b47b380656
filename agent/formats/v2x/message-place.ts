/**
 * Where a pair of numbers leads, counted from somewhere.
 */
import type { MessageFields } from "../../../shared/message.ts";
import type { Pair } from "./message-pairs.ts";

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
export const placeOf = ({ by, first, second }: Pair, holder: MessageFields, from: Place): Place | undefined => {
	const north = first.read(holder);
	const east = second.read(holder);
	if (north === undefined || east === undefined) return north === east ? undefined : nowhere;
	if (by === "degrees") return placeAt(north, east, 0);
	if (!from.isKnown) return nowhere;
	// Not Math.hypot, which is slow; these are no numbers that overflow.
	if (by === "metres") return placeAt(from.latDeg, from.lonDeg, from.radiusM + Math.sqrt(north * north + east * east));
	const lonDeg = from.lonDeg + east;
	return placeAt(from.latDeg + north, lonDeg > 180 ? lonDeg - 360 : lonDeg < -180 ? lonDeg + 360 : lonDeg, from.radiusM);
};

/** NaN is nowhere, too. */
const placeAt = (latDeg: number, lonDeg: number, radiusM: number): Place =>
	latDeg >= -90 && latDeg <= 90 && lonDeg >= -180 && lonDeg <= 180 && radiusM <= maxRadiusM
		? { isKnown: true, latDeg, lonDeg, radiusM }
		: nowhere;

/** How far an offset leads, at the most. Infinite when it is unknown. */
export const distanceOf = ({ by, first, second }: Pair, holder: MessageFields): number => {
	const north = first.read(holder) ?? Number.NaN;
	const east = second.read(holder) ?? Number.NaN;
	const length = Math.sqrt(north * north + east * east);
	if (Number.isNaN(length)) return Number.POSITIVE_INFINITY;
	return by === "metres" ? length : length * maxMetresPerDegree;
};
