/**
 * What a treated reading shows of the ground, for the count of what each recipient has been shown.
 */
import type { MessageValue } from "../shared/message.ts";
import type { Tagged } from "../shared/tag.ts";
import type { Shown } from "./area-book.ts";
import { positionsOf } from "./formats/v2x/message-positions.ts";
import { shapeOf } from "./formats/v2x/shapes.ts";
import type { Position } from "./place/covered-area.ts";

const maxCorners = 10_000;

/** Undefined for a reading without a place. `precisionM`: what the route's treatments have coarsened positions to, 0 when nothing has. */
export const shownBy = (reading: Tagged, precisionM: number): Shown | undefined => {
	switch (reading.kind) {
		case "signal":
			return undefined;
		case "fix":
			return { positions: [reading], precisionM: Math.max(precisionM, reading.accuracyM ?? 0), isWay: true };
		case "flow":
			return { positions: [reading], precisionM: Math.max(precisionM, reading.cellM), isWay: false };
		case "message": {
			const shape = shapeOf(reading.form, reading.path);
			const positions = shape && positionsOf(shape, reading.content).filter(({ isKnown }) => isKnown);
			return { positions, precisionM, isWay: false };
		}
		case "frame":
		case "cloud":
			// Without a pose nobody can say where it is.
			return reading.pose === undefined ? undefined : { positions: [reading.pose], precisionM, isWay: false };
		case "map":
			return { positions: cornersOf(reading.geometry.coordinates), precisionM, isWay: false };
	}
};

/** All positions of a geometry; undefined when something in it is none, or there are too many to count. */
const cornersOf = (coordinates: MessageValue): readonly Position[] | undefined => {
	const found: Position[] = [];
	const collect = (part: MessageValue, depth: number): boolean => {
		if (!Array.isArray(part) || depth > 4 || found.length > maxCorners) return false;
		const [lonDeg, latDeg] = part;
		if (typeof lonDeg !== "number") return part.every((inner: MessageValue) => collect(inner, depth + 1));
		if (typeof latDeg !== "number") return false;
		found.push({ latDeg, lonDeg });
		return true;
	};
	return collect(coordinates, 0) ? found : undefined;
};
