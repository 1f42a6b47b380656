/**
 * Recognises turnarounds: the unit is back on the road that it came by and goes the other way. The apex is the middle of the way in between:
 * the end of a dead end, the tip of a U-turn, the far side of a loop through a car park.
 *
 * Works on points at equal distances along the way, so that neither the rate of the receiver nor standing still matters.
 */
import { between, distanceM, eastM, northM, type Place } from "./trip-geometry.ts";
import type { TripMeasures } from "./trip-measures.ts";

interface Point extends Place {
	/** Unit vector from the point before. */
	readonly east: number;
	readonly north: number;
}

/** Two directions are opposite from 120 degrees on. */
const oppositeCosine = -0.5;
/** Less than this many points apart there is no way back to speak of, only a bend. */
const leastApart = 3;

export class TripTurns {
	readonly #strideM: number;
	readonly #roadM: number;
	readonly #maxPoints: number;
	#points: Point[] = [];
	#last: Place | undefined;

	constructor({ strideM, roadM, loopM }: TripMeasures) {
		this.#strideM = strideM;
		this.#roadM = roadM;
		this.#maxPoints = Math.ceil(loopM / strideM);
	}

	/** How far an apex may be from the place where the unit has turned. */
	get errorM(): number {
		return 1.5 * this.#strideM;
	}

	/** Takes the next position; gives back the apex of each turnaround that it completes. A way out and back completes it again and again. */
	add(place: Place): readonly Place[] {
		const from = this.#last;
		if (from === undefined) {
			this.#last = place;
			return [];
		}
		const lengthM = distanceM(from, place);
		if (lengthM < this.#strideM) return [];
		this.#last = place;
		const [east, north] = [eastM(from, place) / lengthM, northM(from, place) / lengthM];
		const count = Math.min(this.#maxPoints, Math.floor(lengthM / this.#strideM));
		const apexes: Place[] = [];
		for (let step = 1; step <= count; step++) {
			this.#points.push({ ...between(from, place, step / count), east, north });
			const apex = this.#apex();
			if (apex !== undefined) apexes.push(apex);
		}
		// In pieces, so that it costs little per point.
		if (this.#points.length > 2 * this.#maxPoints) this.#points = this.#points.slice(-this.#maxPoints);
		return apexes;
	}

	/** The unit was lost: there is no way between here and there. */
	reset(): void {
		this.#points = [];
		this.#last = undefined;
	}

	/** Of the shortest way back that ends at the last point. */
	#apex(): Place | undefined {
		const end = this.#points.length - 1;
		const here = this.#points[end];
		if (here === undefined) return undefined;
		const first = Math.max(0, end - this.#maxPoints);
		for (let at = end - leastApart; at >= first; at--) {
			const there = this.#points[at];
			if (there === undefined || there.east * here.east + there.north * here.north > oppositeCosine) continue;
			if (distanceM(there, here) <= this.#roadM) return this.#points[(at + end) >> 1];
		}
		return undefined;
	}
}
