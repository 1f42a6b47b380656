/**
 * The receiver's UTC, put together from sentences that each know a part: RMC day and two-digit year, ZDA the whole date, the others the time
 * of day alone.
 *
 * - Midnight: an hour that goes back begins the next day, until a sentence with a date says which day it is.
 * - Week rollover: GPS counts weeks modulo 1,024 (IS-GPS-200, 20.3.3.3.1.1), and old firmware takes an epoch for granted, so that its date is
 *   1,024 weeks early from some day on. A date before the floor is moved ahead by that many weeks, once: twice would need firmware that
 *   outlived two rollovers, and gpsd does the same. A receiver that states fewer leap seconds than the floor's day had is right about its past.
 */
import { type CalendarDay, msOfDay, type TimeOfDay } from "./nmea-fields.ts";

const rolloverMs = 1_024 * 7 * 86_400_000;

/** 2017-01-01, when the 18th leap second took effect: gpsd's floor. */
export const defaultDateFloorMs = Date.UTC(2017, 0, 1);
const floorLeapSeconds = 18;

const midnight: TimeOfDay = { hour: 0, minute: 0, second: 0, fractionMs: 0 };

export class NmeaClock {
	readonly #floorMs: number;
	#day: CalendarDay | undefined;
	#time: TimeOfDay = midnight;
	#leapSeconds: number | undefined;

	/** Dates before `floorMs` (UTC milliseconds) are taken for week rollovers; `-Infinity` believes every date. */
	constructor(floorMs: number) {
		this.#floorMs = floorMs;
	}

	get time(): TimeOfDay {
		return this.#time;
	}

	get hasDate(): boolean {
		return this.#day !== undefined;
	}

	mergeTime(time: TimeOfDay): void {
		if (time.hour < this.#time.hour && this.#day !== undefined) this.#day = { ...this.#day, day: this.#day.day + 1 };
		this.#time = time;
	}

	mergeDate(day: CalendarDay): void {
		this.#day = day;
	}

	/** The receiver said how far GPS time is ahead of UTC. */
	mergeLeapSeconds(seconds: number): void {
		this.#leapSeconds = seconds;
	}

	/** The receiver lost its time. */
	clear(): void {
		this.#day = undefined;
		this.#time = midnight;
	}

	/** UTC milliseconds, or undefined while no sentence has said the date. A corrected date stays until a sentence says one again. */
	resolve(): number | undefined {
		if (this.#day === undefined) return undefined;
		const timeMs = Date.UTC(this.#day.year, this.#day.month - 1, this.#day.day) + msOfDay(this.#time);
		const believed = this.#leapSeconds !== undefined && this.#leapSeconds < floorLeapSeconds;
		if (timeMs >= this.#floorMs || believed) return timeMs;
		const moved = new Date(timeMs + rolloverMs);
		this.#day = { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
		return timeMs + rolloverMs;
	}
}
