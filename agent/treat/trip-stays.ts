/**
 * Recognises stops in two ways, of which each is enough: the unit stays within a short distance of where it was for as long as makes a stop,
 * or its receiver says for as long that it stands. The first knows a unit that creeps up to a barrier and back; the second one whose
 * position wanders.
 */
import { distanceM, type Place } from "./trip-geometry.ts";

interface Moment extends Place {
	readonly timeMs: number;
	readonly speedMps?: number | undefined;
}

export interface StayLimits {
	/** Staying within this distance is standing. */
	readonly stayM: number;
	/** A stay that is shorter by up to one part in 32 may count as well. */
	readonly stopMs: number;
	/** Slower is standing. */
	readonly stopSpeedMps: number;
}

/** A stay may begin at any of so many moments of the time that makes it a stop. */
const moments = 32;

export class TripStays {
	readonly #limits: StayLimits;
	readonly #spacingMs: number;
	/** Moments that the unit has not gone away from since, oldest first. */
	#near: Moment[] = [];
	/** Moments since when the receiver says that it stands, oldest first. */
	#slow: Moment[] = [];

	constructor(limits: StayLimits) {
		this.#limits = limits;
		this.#spacingMs = limits.stopMs / moments;
	}

	/** Takes the next position; gives back where the unit has been standing for long enough, if it has. All its positions are within `stayM` of one of them. */
	add(moment: Moment): readonly Place[] {
		return [...this.#addNear(moment), ...this.#addSlow(moment)];
	}

	/** The unit was lost: what it did since then is not known. */
	reset(): void {
		this.#near = [];
		this.#slow = [];
	}

	#addNear(moment: Moment): readonly Place[] {
		const { stayM } = this.#limits;
		if (this.#near.some((earlier) => distanceM(earlier, moment) > stayM)) {
			this.#near = this.#near.filter((earlier) => distanceM(earlier, moment) <= stayM);
		}
		const last = this.#near.at(-1);
		if (last === undefined || moment.timeMs - last.timeMs >= this.#spacingMs) this.#near.push(moment);
		// Of those that make a stop the latest one is enough, which bounds the list.
		while (this.#isLong(this.#near[1], moment)) this.#near.shift();
		const [first] = this.#near;
		return this.#isLong(first, moment) ? [first] : [];
	}

	#addSlow(moment: Moment): readonly Place[] {
		if (moment.speedMps === undefined || !Number.isFinite(moment.speedMps)) return [];
		if (moment.speedMps >= this.#limits.stopSpeedMps) {
			this.#slow = [];
			return [];
		}
		const last = this.#slow.at(-1);
		const isNext = last === undefined || moment.timeMs - last.timeMs >= this.#spacingMs || distanceM(last, moment) > this.#limits.stayM;
		if (isNext) this.#slow.push(moment);
		if (!this.#isLong(this.#slow[0], moment)) return [];
		const all = this.#slow;
		// The first says since when, the last from where; what is between has been told.
		if (all.length > 2) this.#slow = [...all.slice(0, 1), ...all.slice(-1)];
		return all;
	}

	#isLong(from: Moment | undefined, to: Moment): from is Moment {
		return from !== undefined && to.timeMs - from.timeMs >= this.#limits.stopMs - this.#spacingMs;
	}
}
