/**
 * Recognises turnarounds: the unit is back where it came by, on the same road or one as near as what is to be hidden is large, and goes the
 * other way. The apex is the middle of the way in between: the end of a dead end, the tip of a U-turn, the far side of a loop through a car
 * park.
 *
 * Works on points at equal distances along the way, so that neither the rate of the receiver nor standing still matters.
 */
import { between, distanceM, eastM, northM, type Place } from "./trip-geometry.ts";
import type { TripMeasures } from "./trip-measures.ts";

interface Point extends Place {
	/** Unit vector from two points before: from one alone it would be the receiver's error. */
	readonly east: number;
	readonly north: number;
	/** From where the unit was last lost. */
	readonly goneM: number;
}

/** Two directions are opposite from 120 degrees on. */
const oppositeCosine = -0.5;
/** Less than this many points apart there is no way back to speak of, only a bend. */
const leastApart = 3;

export class TripTurns {
	readonly #strideM: number;
	readonly #roadM: number;
	readonly #loopM: number;
	readonly #maxPoints: number;
	#points: Point[] = [];
	#last: Place | undefined;

	constructor({ strideM, roadM, loopM }: TripMeasures) {
		this.#strideM = strideM;
		this.#roadM = roadM;
		this.#loopM = loopM;
		this.#maxPoints = Math.ceil(loopM / strideM);
	}

	/** How far an apex may be from the place where the unit has turned: points are up to two strides apart, and cut corners. */
	get errorM(): number {
		return 3 * this.#strideM;
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
		const count = Math.min(this.#maxPoints, Math.floor(lengthM / this.#strideM));
		const apexes: Place[] = [];
		for (let step = 1; step <= count; step++) {
			this.#push(between(from, place, step / count), lengthM / count);
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

	#push(place: Place, stepM: number): void {
		const goneM = (this.#points.at(-1)?.goneM ?? 0) + stepM;
		const from = this.#points.at(-2) ?? this.#points.at(-1) ?? place;
		const lengthM = distanceM(from, place) || 1;
		this.#points.push({ ...place, east: eastM(from, place) / lengthM, north: northM(from, place) / lengthM, goneM });
	}

	/** Half way between the last point and the one that it comes nearest to on the way out. */
	#apex(): Place | undefined {
		const end = this.#points.length - 1;
		const here = this.#points[end];
		if (here === undefined) return undefined;
		let oldest = end;
		let nearest = -1;
		let leastM = this.#roadM;
		for (let at = end - leastApart; at >= 0; at--) {
			const there = this.#points[at];
			if (there === undefined || here.goneM - there.goneM > this.#loopM) break;
			oldest = at;
			if (there.east * here.east + there.north * here.north > oppositeCosine) continue;
			const apartM = distanceM(there, here);
			if (apartM <= leastM) [nearest, leastM] = [at, apartM];
		}
		const there = this.#points[nearest];
		// The oldest one looked at is near only because its neighbour, nearer still, is not looked at: the way has become too long.
		if (there === undefined || (nearest === oldest && oldest > 0)) return undefined;
		return this.#halfWay(nearest, (there.goneM + here.goneM) / 2);
	}

	#halfWay(from: number, goneM: number): Place | undefined {
		for (let at = from + 1; at < this.#points.length; at++) {
			const [before, after] = [this.#points[at - 1], this.#points[at]];
			if (before === undefined || after === undefined) break;
			if (after.goneM >= goneM) return between(before, after, (goneM - before.goneM) / (after.goneM - before.goneM));
		}
		return undefined;
	}
}
