/**
 * Recognises stops: the unit stays within a short distance of where it was for as long as makes a stop. By displacement and not by speed,
 * since the speed of a receiver that stands still is noise, and a unit that creeps up to a barrier and back has stopped, too.
 */
import { distanceM, type Place } from "./trip-geometry.ts";

interface Moment extends Place {
	readonly timeMs: number;
}

/** A stay may begin at any of so many moments of the time that makes it a stop. */
const moments = 32;

export class TripStays {
	readonly #stayM: number;
	readonly #stopMs: number;
	readonly #spacingMs: number;
	/** Moments that the unit has not gone away from since, oldest first. */
	#since: Moment[] = [];

	/**
	 * @param stayM How far it may move.
	 * @param stopMs How long it must stay; a stay that is shorter by up to one part in 32 may count as well.
	 */
	constructor(stayM: number, stopMs: number) {
		this.#stayM = stayM;
		this.#spacingMs = stopMs / moments;
		this.#stopMs = stopMs - this.#spacingMs;
	}

	/** Takes the next position; gives back where the unit has been standing for long enough, if it has. Every position since is within `stayM` of that. */
	add(moment: Moment): Place | undefined {
		if (this.#since.some((earlier) => distanceM(earlier, moment) > this.#stayM)) {
			this.#since = this.#since.filter((earlier) => distanceM(earlier, moment) <= this.#stayM);
		}
		const last = this.#since.at(-1);
		if (last === undefined || moment.timeMs - last.timeMs >= this.#spacingMs) this.#since.push(moment);
		// Of those that make a stop the latest one is enough, which bounds the list.
		while (this.#isLong(this.#since[1], moment)) this.#since.shift();
		const [first] = this.#since;
		return this.#isLong(first, moment) ? first : undefined;
	}

	/** The unit was lost: what it did since then is not known. */
	reset(): void {
		this.#since = [];
	}

	#isLong(from: Moment | undefined, to: Moment): from is Moment {
		return from !== undefined && to.timeMs - from.timeMs >= this.#stopMs;
	}
}
