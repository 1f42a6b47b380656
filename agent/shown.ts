/**
 * What a treated reading shows of the ground, for the count of what each recipient has been shown.
 */
import type { Tagged } from "../shared/tag.ts";
import type { Shown } from "./area-book.ts";
import { positionsOf } from "./formats/v2x/message-positions.ts";
import { shapeOf } from "./formats/v2x/shapes.ts";

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
	}
};
