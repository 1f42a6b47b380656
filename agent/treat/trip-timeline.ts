/**
 * Says of each moment of the unit's way whether it may be known: `open`, `hidden`, or `waiting` until the way has gone on. One for all routes
 * with the same options, fed with the unit's fixes in order, so that all of them hide the same.
 *
 * - Hidden is what lies in the disc of a trip's start or end, of a stop or of a turnaround (`trip-places.ts`). The way starts and ends where
 *   the unit was lost for as long as makes a stop, where it jumped, where the clock stepped back or the datum changed, and with the agent.
 * - Open is what lies in no disc once it has been left behind: when it is so far from the centre that stands for all places around the unit
 *   (`trip-centres.ts`). The distance from the unit itself would not do: what stays back for ever at the end of a trip would have the end in
 *   its middle. So it says no more of the end than the disc does.
 * - What is open becomes so at fixed times only. The moment at which a position is let go would else tell how far the unit has come by then.
 * - What waits too long, or finds no room, is hidden.
 *
 * Time is that of the fixes, since a recording runs through faster than it was taken; without fixes it goes on by the box's clock.
 */
import type { Fix } from "../../shared/reading.ts";
import { type Centre, TripCentres } from "./trip-centres.ts";
import { distanceM, isPlace, type Place } from "./trip-geometry.ts";
import { type TripMeasures, tripMeasures } from "./trip-measures.ts";
import { TripPlaces } from "./trip-places.ts";
import { TripStays } from "./trip-stays.ts";
import { TripTurns } from "./trip-turns.ts";

export interface TripOptions {
	readonly radiusM: number;
	readonly stopMs: number;
	readonly stopSpeedMps: number;
	readonly minHoldMs: number;
	readonly maxHoldMs: number;
	readonly releaseEveryMs: number;
	/** Fixes that are remembered at the most. */
	readonly maxHeld: number;
}

export type TripState = "open" | "hidden" | "waiting";

/** One fix of the way. The state is the timeline's to change. */
export interface TripMoment extends Place {
	readonly sourceId: string;
	readonly takenAtMs: number;
	/** `takenAtMs`, or that of the fix before when this one came late. */
	readonly timeMs: number;
	/** The unit was lost between the fix before and this one. */
	readonly isBroken: boolean;
	state: TripState;
}

/** Fixes of two receivers may arrive in the wrong order; what is later than this is a clock that stepped back. */
const maxLatenessMs = 2_000;
/** Between fixes that are farther apart, motion alone could tell of a way that no fix has shown. */
const longestStepMs = 10_000;
/** No vehicle is faster, whatever the fixes' errors. */
const fastestMps = 120;
const jumpSlackM = 200;

export class TripTimeline {
	readonly #options: TripOptions;
	readonly #measures: TripMeasures;
	readonly #centres: TripCentres;
	readonly #places: TripPlaces;
	readonly #stays: TripStays;
	readonly #turns: TripTurns;
	/** In order of `timeMs`. */
	#moments: TripMoment[] = [];
	/** Everything before this index is settled. */
	#unsettled = 0;
	#lastFix: Fix | undefined;
	#last: TripMoment | undefined;
	#lead: string | undefined;
	#leadMs = Number.NEGATIVE_INFINITY;
	#tick = Number.NaN;
	#now = Number.NEGATIVE_INFINITY;
	#era = 0;
	#version = 0;

	/** @param key 32 secret bytes of the unit, always the same; copied. */
	constructor(options: TripOptions, key: Uint8Array) {
		this.#options = options;
		this.#measures = tripMeasures(options.radiusM, (options.stopSpeedMps * options.stopMs) / 1000);
		this.#centres = new TripCentres(key, this.#measures.blurM);
		this.#places = new TripPlaces(this.#centres, this.#measures);
		this.#stays = new TripStays({ ...options, stayM: this.#measures.stayM });
		this.#turns = new TripTurns(this.#measures);
	}

	/** Counts up when time begins anew: what was taken before can no longer be told from what is taken now. */
	get era(): number {
		return this.#era;
	}

	/** Counts up when something has become open or hidden. */
	get version(): number {
		return this.#version;
	}

	/** The time of the way, in UTC milliseconds; minus infinity before the first fix. */
	get nowMs(): number {
		return this.#now;
	}

	/** Fixes that are remembered. */
	get size(): number {
		return this.#moments.length;
	}

	/** Takes the next fix of the unit; what is no place on earth is passed over. */
	add(fix: Fix): void {
		if (!isPlace(fix) || fix.datum === "local" || !Number.isFinite(fix.takenAtMs) || !Number.isFinite(fix.bootMs)) return;
		const last = this.#last;
		const isSameDatum = fix.datum === this.#lastFix?.datum;
		const isAnew = last === undefined || !isSameDatum || fix.takenAtMs < last.timeMs - maxLatenessMs;
		if (isAnew) this.#beginAnew();
		if (!isSameDatum) this.#places.clear();
		const moment: TripMoment = {
			sourceId: fix.sourceId,
			takenAtMs: fix.takenAtMs,
			timeMs: isAnew ? fix.takenAtMs : Math.max(fix.takenAtMs, last.timeMs),
			latDeg: fix.latDeg,
			lonDeg: fix.lonDeg,
			isBroken: isAnew || this.#isBroken(last, fix),
			state: "waiting",
		};
		if (moment.isBroken) this.#break(isSameDatum ? last : undefined, moment);
		if (this.#leads(fix, last)) {
			for (const stay of this.#stays.add({ ...moment, speedMps: fix.speedMps })) this.#hide(stay, this.#measures.stayM);
			for (const apex of this.#turns.add(moment)) this.#hide(apex, this.#turns.errorM);
		}
		this.#append(moment);
		this.#last = moment;
		this.#lastFix = fix;
		this.#advance(moment.timeMs);
	}

	/** Lets time go on while no fix comes. */
	elapse(bootMs: number): void {
		if (this.#last === undefined || this.#lastFix === undefined || !(bootMs > this.#lastFix.bootMs)) return;
		this.#advance(this.#last.timeMs + bootMs - this.#lastFix.bootMs);
	}

	/** What is known of a fix; undefined when it was never taken, or hidden so long ago that it is forgotten. */
	momentOf({ sourceId, takenAtMs, latDeg, lonDeg }: Pick<Fix, "sourceId" | "takenAtMs" | "latDeg" | "lonDeg">): TripMoment | undefined {
		let found: TripMoment | undefined;
		for (let at = this.#firstAfter(takenAtMs, true); at < this.#moments.length; at++) {
			const moment = this.#moments[at];
			if (moment === undefined || moment.timeMs > takenAtMs + maxLatenessMs) break;
			if (moment.takenAtMs !== takenAtMs || moment.sourceId !== sourceId) continue;
			// Of two fixes with one time the position tells which one is meant, unless an earlier treatment has changed it.
			if (moment.latDeg === latDeg && moment.lonDeg === lonDeg) return moment;
			if (found === undefined || moment.state === "hidden") found = moment;
		}
		return found;
	}

	/** Whether the way at this time may be known: both fixes around it must be open, and near enough to each other to vouch for what is between. */
	at(timeMs: number): TripState {
		const next = this.#firstAfter(timeMs, false);
		const [from, to] = [this.#moments[next - 1], this.#moments[next]];
		if (from === undefined) return to === undefined ? "waiting" : "hidden";
		if (from.state === "hidden") return "hidden";
		if (to === undefined) return "waiting";
		if (to.state === "hidden" || to.isBroken || to.timeMs - from.timeMs > longestStepMs) return "hidden";
		if (from.state === "waiting" || to.state === "waiting") return "waiting";
		return distanceM(from, to) > this.#measures.slackM && this.#places.crosses(from, to) ? "hidden" : "open";
	}

	/** Index of the first moment later than the time, or at it. */
	#firstAfter(timeMs: number, orAt: boolean): number {
		let [low, high] = [0, this.#moments.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			const at = this.#moments[middle]?.timeMs ?? Number.POSITIVE_INFINITY;
			if (at > timeMs || (orAt && at === timeMs)) high = middle;
			else low = middle + 1;
		}
		return low;
	}

	/** Two receivers differ by some metres, to and fro, which looks like turning; so one of them tells of stops and turns as long as it is heard. */
	#leads({ sourceId, takenAtMs }: Fix, last: TripMoment | undefined): boolean {
		if (last !== undefined && takenAtMs < last.timeMs && takenAtMs >= last.timeMs - maxLatenessMs) return false;
		if (sourceId !== this.#lead && Math.abs(takenAtMs - this.#leadMs) <= longestStepMs) return false;
		this.#lead = sourceId;
		this.#leadMs = takenAtMs;
		return true;
	}

	#isBroken(last: TripMoment, fix: Fix): boolean {
		const stepMs = Math.max(0, fix.takenAtMs - last.timeMs);
		return stepMs > this.#options.stopMs || distanceM(last, fix) > jumpSlackM + (fastestMps * stepMs) / 1000;
	}

	#beginAnew(): void {
		for (const moment of this.#moments) if (moment.state === "waiting") moment.state = "hidden";
		this.#moments = [];
		this.#unsettled = 0;
		this.#tick = Number.NaN;
		this.#now = Number.NEGATIVE_INFINITY;
		this.#era += 1;
		this.#version += 1;
	}

	/** The unit was lost: it may have stopped where it was seen last, and where it is seen again. */
	#break(last: TripMoment | undefined, moment: TripMoment): void {
		if (last !== undefined) this.#hide(last);
		this.#hide(moment);
		this.#stays.reset();
		this.#turns.reset();
	}

	#hide(place: Place, errorM = 0): void {
		const disc = this.#places.hide(place, errorM);
		if (disc === undefined) return;
		for (let at = this.#unsettled; at < this.#moments.length; at++) {
			const moment = this.#moments[at];
			if (moment?.state === "waiting" && this.#places.covers(disc, moment)) moment.state = "hidden";
		}
		this.#version += 1;
	}

	#append(moment: TripMoment): void {
		if (this.#places.hides(moment)) {
			moment.state = "hidden";
			// Of many hidden ones in a row the first and the last are enough, so that a parked unit does not fill the memory.
			if (this.#moments.at(-1)?.state === "hidden" && this.#moments.at(-2)?.state === "hidden") {
				this.#moments.pop();
				this.#unsettled = Math.min(this.#unsettled, this.#moments.length);
			}
		}
		this.#moments.push(moment);
		// In pieces, so that it costs little per fix.
		if (this.#moments.length > this.#options.maxHeld) this.#forgetOldest(Math.ceil(this.#options.maxHeld / 16));
	}

	#forgetOldest(count: number): void {
		for (const moment of this.#moments.splice(0, count)) if (moment.state === "waiting") moment.state = "hidden";
		this.#unsettled = Math.max(0, this.#unsettled - count);
		this.#version += 1;
	}

	#advance(timeMs: number): void {
		this.#now = Math.max(this.#now, timeMs);
		const tick = Math.floor(this.#now / this.#options.releaseEveryMs);
		if (tick === this.#tick) return;
		this.#tick = tick;
		if (this.#last !== undefined) this.#settle(this.#centres.of(this.#last));
	}

	/** @param centre The one that stands for all places around the unit. */
	#settle(centre: Centre): void {
		const { minHoldMs, maxHoldMs, releaseEveryMs } = this.#options;
		let isSettled = true;
		for (let at = this.#unsettled; at < this.#moments.length; at++) {
			const moment = this.#moments[at];
			if (moment === undefined) break;
			if (moment.state === "waiting") {
				const heldMs = this.#now - moment.timeMs;
				if (heldMs > maxHoldMs) moment.state = "hidden";
				else if (heldMs >= minHoldMs && distanceM(centre, moment) > this.#measures.farM) moment.state = "open";
				else isSettled = false;
			}
			if (isSettled) this.#unsettled = at + 1;
		}
		// Signals may come later than the fixes around them.
		const old = this.#firstAfter(this.#now - maxHoldMs - 2 * releaseEveryMs, false);
		if (old > 0) this.#forgetOldest(old);
		this.#version += 1;
	}
}
