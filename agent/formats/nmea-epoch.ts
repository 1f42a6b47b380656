/**
 * Puts sentences together to epochs: one moment, one fix. A report is given at the sentence that ends a cycle (CycleDetector says which), and
 * at every change as long as no end is known. Reports are gpsd 3.22's TPV messages, one for one; a unit test compares them with its recordings.
 */
import { defaultDateFloorMs, NmeaClock } from "./nmea-clock.ts";
import { CycleDetector } from "./nmea-cycle.ts";
import { decodeSentence } from "./nmea-decode.ts";
import { msOfDay } from "./nmea-fields.ts";
import { type FixMode, SentenceRules, type Update } from "./nmea-rules.ts";
import type { NmeaSentence } from "./nmea-sentence.ts";

export interface NmeaEpoch {
	/** UTC milliseconds; undefined while the receiver has not said the date. */
	readonly timeMs?: number;
	/** 0 unknown, 1 no fix, 2 two-dimensional, 3 three-dimensional. */
	readonly mode: FixMode;
	/** Latitude and longitude are there together or not at all, and only for mode 2 and 3. */
	readonly latDeg?: number;
	readonly lonDeg?: number;
	/** Above mean sea level. */
	readonly altMslM?: number;
	/** Above the ellipsoid. */
	readonly altHaeM?: number;
	readonly speedMps?: number;
	readonly courseDeg?: number;
	readonly climbMps?: number;
	readonly hdop?: number;
	/**
	 * Horizontal error, 95 %: twice the distance root mean square of GST; or the receiver's own estimate (PSRFEPE); or HDOP times 19 m, 4.75 m
	 * with differential corrections (gpsd's figures).
	 */
	readonly accuracyM?: number;
	/** Satellites in the solution, as GSA listed them. */
	readonly satellites?: number;
	/** False when the position was taken at another time than `timeMs` says, or comes from a sentence that calls it invalid: no fix is made of it. */
	readonly fit: boolean;
}

/** A longer one is two run together; its checksum may still hold (gpsd's finding with Garmin receivers, and its bound, less CR LF). */
export const maxTrustedSentence = 100;

const ueReM = 19;
const ueReDifferentialM = 4.75;

interface Fix {
	timeMs: number | undefined;
	/** Time of day of whatever set `timeMs`; a later time than the position's own makes the position stale. */
	timeOfDayMs: number | undefined;
	mode: FixMode;
	latDeg: number | undefined;
	lonDeg: number | undefined;
	positionOfDayMs: number | undefined;
	positionBeforeTime: boolean;
	disowned: boolean;
	altMslM: number | undefined;
	altHaeM: number | undefined;
	speedMps: number | undefined;
	courseDeg: number | undefined;
	climbMps: number | undefined;
	differential: boolean;
	horizontalErrorM: number | undefined;
}

const emptyFix = (): Fix => ({
	timeMs: undefined,
	timeOfDayMs: undefined,
	mode: 0,
	latDeg: undefined,
	lonDeg: undefined,
	positionOfDayMs: undefined,
	positionBeforeTime: false,
	disowned: false,
	altMslM: undefined,
	altHaeM: undefined,
	speedMps: undefined,
	courseDeg: undefined,
	climbMps: undefined,
	differential: false,
	horizontalErrorM: undefined,
});

interface Aged {
	readonly value: number;
	readonly cycle: number;
}

export class EpochAssembler {
	readonly #clock: NmeaClock;
	readonly #cycle = new CycleDetector();
	readonly #rules: SentenceRules;
	#fix = emptyFix();
	/** The fix after the last sentence with a known time, and the last one of the time before. */
	#last = { timeMs: 0, mode: 0 as FixMode, hasAltitude: false };
	#old = { hasAltitude: false };
	#cycles = 0;
	#hdop: Aged | undefined;
	#sigma: Aged | undefined;

	/** Dates before `dateFloorMs` are taken for week rollovers (see NmeaClock). */
	constructor(dateFloorMs: number = defaultDateFloorMs) {
		this.#clock = new NmeaClock(dateFloorMs);
		this.#rules = new SentenceRules(this.#clock, this.#cycle);
	}

	/** Takes the next sentence; returns a report when it is time for one. Never throws. */
	push(sentence: NmeaSentence): NmeaEpoch | undefined {
		const message = decodeSentence(sentence);
		const context = {
			mode: this.#fix.mode,
			hasAltitude: hasAltitude(this.#fix),
			lastMode: this.#last.mode,
			oldHasAltitude: this.#old.hasAltitude,
		};
		const update: Update = message === undefined ? {} : this.#rules.apply(message, context);
		this.#rules.after(sentence.address);
		const type = message === undefined || message.type === "THS" ? "" : message.type === "bystander" ? message.name : message.type;
		const { starts, ends } = this.#cycle.see(type, update.stamp, message?.type === "bystander" && message.continuesCycle);
		this.#holdMode(update, context.mode);
		if (starts || update.clear === true) {
			this.#fix = emptyFix();
			this.#cycles++;
		}
		this.#merge(update);
		this.#remember();
		const changed = update.position !== undefined || update.mode !== undefined;
		const due = update.report === true || ends || (changed && !this.#cycle.reliable);
		return due && update.data === true ? this.#report() : undefined;
	}

	/** RMC and GLL know no third dimension: they do not take it away from a fix whose height is known. */
	#holdMode(update: Update, before: FixMode): void {
		if (update.mode === undefined || update.mode === 1 || before !== 3) return;
		if (this.#last.hasAltitude || this.#old.hasAltitude) update.mode = 3;
	}

	#merge(update: Update): void {
		const fix = this.#fix;
		if (update.time === true) {
			fix.timeMs = this.#clock.resolve();
			fix.timeOfDayMs = fix.timeMs === undefined ? undefined : msOfDay(this.#clock.time);
			fix.positionBeforeTime = fix.latDeg !== undefined;
		}
		if (update.position !== undefined) {
			fix.latDeg = update.position.latDeg;
			fix.lonDeg = update.position.lonDeg;
			fix.positionOfDayMs = update.positionOfDayMs;
			fix.positionBeforeTime = false;
			fix.disowned = update.disowned === true;
		} else if (update.placeless === true) {
			fix.latDeg = undefined;
			fix.lonDeg = undefined;
		}
		fix.mode = update.mode ?? fix.mode;
		fix.altMslM = update.altMslM ?? fix.altMslM;
		fix.altHaeM = update.altHaeM ?? fix.altHaeM;
		if (update.altMslM !== undefined && update.geoidM !== undefined) fix.altHaeM = update.altMslM + update.geoidM;
		fix.speedMps = update.speedMps ?? fix.speedMps;
		fix.courseDeg = update.courseDeg ?? fix.courseDeg;
		fix.climbMps = update.climbMps ?? fix.climbMps;
		fix.differential ||= update.differential === true;
		fix.horizontalErrorM = update.horizontalErrorM ?? fix.horizontalErrorM;
		if (update.hdop !== undefined) this.#hdop = { value: update.hdop, cycle: this.#cycles };
		if (update.horizontalSigmaM !== undefined) this.#sigma = { value: update.horizontalSigmaM, cycle: this.#cycles };
	}

	#remember(): void {
		const { timeMs, mode } = this.#fix;
		if (timeMs === undefined) return;
		if (Math.abs(timeMs - this.#last.timeMs) > 9.9) this.#old = { hasAltitude: this.#last.hasAltitude };
		this.#last = { timeMs, mode, hasAltitude: hasAltitude(this.#fix) };
	}

	/** Error figures often follow the sentence that ends their cycle, so the cycle before counts too, and no older one. */
	#recent(aged: Aged | undefined): number | undefined {
		return aged !== undefined && this.#cycles - aged.cycle <= 1 ? aged.value : undefined;
	}

	#accuracy(hdop: number | undefined): number | undefined {
		const sigma = this.#recent(this.#sigma);
		if (sigma !== undefined) return 2 * sigma;
		if (this.#fix.horizontalErrorM !== undefined) return this.#fix.horizontalErrorM;
		return hdop === undefined ? undefined : hdop * (this.#fix.differential ? ueReDifferentialM : ueReM);
	}

	#report(): NmeaEpoch {
		const fix = this.#fix;
		const stamp = fix.timeMs === undefined ? {} : { timeMs: fix.timeMs };
		if (fix.mode < 2 || fix.latDeg === undefined || fix.lonDeg === undefined) return { ...stamp, mode: fix.mode, fit: false };
		const hdop = this.#recent(this.#hdop);
		const accuracyM = this.#accuracy(hdop);
		return {
			...stamp,
			mode: fix.mode,
			latDeg: fix.latDeg,
			lonDeg: fix.lonDeg,
			...(fix.altMslM !== undefined && { altMslM: fix.altMslM }),
			...(fix.altHaeM !== undefined && { altHaeM: fix.altHaeM }),
			...(fix.speedMps !== undefined && { speedMps: fix.speedMps }),
			...(fix.courseDeg !== undefined && { courseDeg: fix.courseDeg }),
			...(fix.climbMps !== undefined && { climbMps: fix.climbMps }),
			...(hdop !== undefined && { hdop }),
			...(accuracyM !== undefined && { accuracyM }),
			...(this.#rules.satellitesUsed > 0 && { satellites: this.#rules.satellitesUsed }),
			fit: !fix.disowned && !isStale(fix),
		};
	}
}

const hasAltitude = (fix: Fix): boolean => fix.altMslM !== undefined || fix.altHaeM !== undefined;

const isStale = (fix: Fix): boolean => {
	if (fix.timeMs === undefined) return false;
	if (fix.positionOfDayMs === undefined) return fix.positionBeforeTime;
	return Math.abs(fix.positionOfDayMs - (fix.timeOfDayMs ?? 0)) > 10;
};
