/**
 * What each sentence changes in the epoch being put together. Sentences contradict each other (RMC cannot tell two from three dimensions, GGA
 * knows nothing of GSA's mode, receivers repeat a lost fix with a mode that looks good); who is believed follows gpsd 3.22, whose rules come
 * out of twenty years of odd receivers and whose recordings they are tested with.
 *
 * One thing is added: a GGA may call its own fix invalid (quality 0) and repeat a position all the same, which gpsd then reports. The position
 * is marked as disowned here, and no fix is made of it.
 */
import type { NmeaClock } from "./nmea-clock.ts";
import type { CycleDetector } from "./nmea-cycle.ts";
import { msOfDay, type Position, type TimeOfDay } from "./nmea-fields.ts";
import type { Gga, Gll, Gns, Gsa, Gsv, NmeaMessage, Pashr, Pgrmf, Psrfepe, Psti, Rmc } from "./nmea-message.ts";

export type FixMode = 0 | 1 | 2 | 3;

/** What the epoch was before this sentence. */
export interface FixContext {
	readonly mode: FixMode;
	readonly hasAltitude: boolean;
	/** Mode after the last sentence with a known time. */
	readonly lastMode: FixMode;
	/** The epoch before this one had an altitude. */
	readonly oldHasAltitude: boolean;
}

/** One sentence's changes. */
export interface Update {
	/** It says something at all. */
	data?: boolean;
	/** The clock was set; the epoch takes its time from there. */
	time?: boolean;
	/** Time of day as `hhmmss.sss`, for the cycle detector. */
	stamp?: number;
	mode?: FixMode;
	position?: Position;
	/** Own time of day of the position in milliseconds. */
	positionOfDayMs?: number;
	/** The position comes from a sentence that calls it invalid. */
	disowned?: boolean;
	/** A sentence about position that has none, and no time either. */
	placeless?: boolean;
	altMslM?: number | undefined;
	altHaeM?: number | undefined;
	geoidM?: number | undefined;
	speedMps?: number | undefined;
	courseDeg?: number | undefined;
	climbMps?: number | undefined;
	hdop?: number | undefined;
	differential?: boolean;
	horizontalErrorM?: number | undefined;
	/** Standard deviations of latitude and longitude together, one sigma. */
	horizontalSigmaM?: number | undefined;
	clear?: boolean;
	report?: boolean;
}

const maxSatellites = 140;

/** GPS, GLONASS, Galileo, BeiDou, all together, QZSS, NavIC (NMEA 0183 4.11), and makers' own for BeiDou and QZSS. */
const constellationTalkers: ReadonlySet<string> = new Set(["GP", "GL", "GA", "GB", "BD", "GN", "GQ", "QZ", "PQ", "GI"]);

export class SentenceRules {
	readonly #clock: NmeaClock;
	readonly #cycle: CycleDetector;
	#lastGgaTalker = "";
	#lastGgaTime = "";
	#latched = false;
	#lastGsaTalker = "";
	#otherGsa = false;
	#lastGsvTalker = "";
	#otherGsv = false;
	#azimuthSeen = false;
	/** Satellites in the solution, over all constellations. */
	satellitesUsed = 0;

	constructor(clock: NmeaClock, cycle: CycleDetector) {
		this.#clock = clock;
		this.#cycle = cycle;
	}

	/** To be called after every sentence, known or not: a run of GSA or GSV sentences ends where another one comes. */
	after(address: string): void {
		if (!address.startsWith("GSV", 2)) this.#lastGsvTalker = "";
		if (!address.startsWith("GSA", 2)) this.#lastGsaTalker = "";
	}

	apply(message: NmeaMessage, fix: FixContext): Update {
		switch (message.type) {
			case "RMC":
				return this.#rmc(message, fix);
			case "GGA":
				return this.#gga(message);
			case "GLL":
				return this.#gll(message, fix);
			case "GNS":
				return this.#gns(message);
			case "GSA":
				return this.#gsa(message);
			case "GSV":
				return { data: this.#gsv(message) };
			case "VTG": {
				const { speedMps, courseDeg } = message;
				return { data: speedMps !== undefined || courseDeg !== undefined, speedMps, courseDeg };
			}
			case "ZDA":
				if (message.time === undefined || message.date === undefined) return {};
				this.#clock.mergeTime(message.time);
				this.#clock.mergeDate(message.date);
				return { data: true, time: true };
			case "GST": {
				const { latSigmaM, lonSigmaM } = message;
				const known = latSigmaM !== undefined && lonSigmaM !== undefined && latSigmaM + lonSigmaM > 0;
				return { data: true, horizontalSigmaM: known ? Math.hypot(latSigmaM, lonSigmaM) : undefined };
			}
			case "GBS":
				return { ...(message.time && { stamp: stampOf(message.time) }), data: message.time !== undefined && this.#isNow(message.time) };
			case "HDT":
				return { data: message.headingDeg !== undefined };
			case "THS":
				return {};
			case "PSRFEPE":
				return this.#psrfepe(message);
			case "PGRMF":
				return this.#pgrmf(message);
			case "PGRMZ": {
				const { altMslM, mode } = message;
				return { data: altMslM !== undefined || mode !== undefined, altMslM, ...(mode && { mode }) };
			}
			case "PASHR":
				return this.#pashr(message);
			case "PSTI":
				return this.#psti(message);
			case "PMGNST":
				return { data: true, mode: message.mode };
			case "bystander":
				return { data: message.says };
		}
	}

	#isNow(time: TimeOfDay): boolean {
		const now = this.#clock.time;
		return now.hour === time.hour && now.minute === time.minute && now.second === time.second;
	}

	/** A time of day without a date: it stamps the sentence, and the epoch once a date is known. */
	#stamp(time: TimeOfDay | undefined, update: Update): void {
		if (time === undefined) return;
		this.#clock.mergeTime(time);
		update.stamp = stampOf(time);
		if (this.#clock.hasDate) update.time = true;
	}

	/** The receiver does not know the time any more: nothing marks a cycle, so what it says is reported at once. */
	#loseTime(): void {
		this.#clock.clear();
		this.#cycle.reliable = false;
	}

	#rmc(message: Rmc, fix: FixContext): Update {
		const update: Update = { data: true, mode: 1 };
		if (!message.valid) {
			if (message.stamped) return update;
			this.#loseTime();
			return { ...update, time: true, report: true, placeless: true };
		}
		if (message.stamped && message.time !== undefined) {
			this.#clock.mergeTime(message.time);
			if (message.date !== undefined) {
				this.#clock.mergeDate(message.date);
				update.time = true;
				update.stamp = stampOf(message.time);
			}
		}
		if (place(update, message.position, message.time)) update.mode = fix.lastMode === 3 ? 3 : 2;
		update.speedMps = message.speedMps;
		update.courseDeg = message.courseDeg;
		update.differential = message.differential;
		if (this.satellitesUsed > 3 || fix.hasAltitude) update.mode = 3;
		return update;
	}

	#gga(message: Gga): Update {
		const update: Update = { data: true, mode: 1, hdop: message.hdop, differential: message.quality === 2 };
		if (message.quality === 0 && message.timeText === "") this.#loseTime();
		const talker = message.talker.charAt(1);
		this.#latched = (this.#lastGgaTalker === "" || this.#lastGgaTalker === talker) && this.#lastGgaTime === message.timeText;
		this.#lastGgaTalker = talker;
		if (!this.#latched) this.#lastGgaTime = message.timeText;
		this.#stamp(message.time, update);
		if (!place(update, message.position, message.time)) return update;
		update.altMslM = message.altMslM;
		update.geoidM = message.geoidM;
		update.disowned = message.quality === 0;
		if (message.satellites >= 3) update.mode = message.altMslM !== undefined && message.satellites >= 4 ? 3 : 2;
		return update;
	}

	#gll(message: Gll, fix: FixContext): Update {
		const update: Update = { data: true, mode: 1, differential: message.differential };
		this.#stamp(message.time, update);
		if (!place(update, message.valid ? message.position : undefined, message.time)) return update;
		if (fix.hasAltitude || this.satellitesUsed > 3) update.mode = 3;
		else update.mode = fix.mode < 2 || !fix.oldHasAltitude ? 2 : 0;
		return update;
	}

	#gns(message: Gns): Update {
		const update: Update = {};
		this.#stamp(message.time, update);
		update.data = update.time === true;
		const letter = message.modes.charAt(0);
		if (letter === "" || letter === "N") return { ...update, data: true, mode: 1, placeless: message.time === undefined };
		if (message.navStatus === "U" || message.navStatus === "V") return update;
		update.data = true;
		update.mode = 1;
		update.hdop = message.hdop;
		update.differential = letter === "D" || letter === "P";
		if (!place(update, message.position, message.time)) return update;
		update.altMslM = message.altMslM;
		update.geoidM = message.geoidM;
		update.mode = message.altMslM !== undefined && message.satellites > 3 ? 3 : 2;
		return update;
	}

	#gsa(message: Gsa): Update {
		if (!constellationTalkers.has(message.talker)) return {};
		const talker = message.talker.charAt(1);
		const previous = this.#lastGsaTalker;
		const update: Update = {};
		if (!this.#latched) {
			if (previous === "" || (previous === talker && talker !== "N")) this.satellitesUsed = 0;
			this.#lastGsaTalker = talker;
			if (talker !== "P") this.#otherGsa = true;
			for (const id of message.satelliteIds)
				if (isSatelliteId(id, talker)) this.satellitesUsed = Math.min(maxSatellites, this.satellitesUsed + 1);
			update.data = true;
			update.hdop = message.hdop;
			if (message.modeIsNumber) update.mode = message.mode;
		}
		// The first of several GSA sentences in a cycle does not speak for the fix, except that GN's mode is always shipped.
		if (talker === "P" && this.#otherGsa) return { hdop: update.hdop };
		if (talker === "N" && previous !== "N") return { hdop: update.hdop, data: true, mode: this.#latched ? 0 : message.mode };
		return update;
	}

	/** True when the set of satellites in view is whole and makes sense. */
	#gsv(message: Gsv): boolean {
		if (!constellationTalkers.has(message.talker)) return false;
		const talker = message.talker.charAt(1);
		if (message.part < 1) {
			this.#azimuthSeen = false;
			return false;
		}
		if (message.part === 1) {
			const firstSignal = message.signalId <= 1 || message.signalId === 7;
			if (this.#lastGsvTalker === "" || (talker === "P" && firstSignal)) this.#azimuthSeen = false;
			this.#lastGsvTalker = talker;
			if (talker !== "P") this.#otherGsv = true;
		}
		this.#azimuthSeen ||= message.satellites.some((satellite) => (satellite.azimuthDeg ?? 0) !== 0);
		if (message.part < message.parts) return false;
		return this.#azimuthSeen && !(talker === "P" && this.#otherGsv);
	}

	#psrfepe(message: Psrfepe): Update {
		const update: Update = { data: true, hdop: message.hdop, horizontalErrorM: message.horizontalErrorM };
		this.#stamp(message.time, update);
		return update;
	}

	#pgrmf(message: Pgrmf): Update {
		const update: Update = {};
		if (message.leapSeconds !== undefined) this.#clock.mergeLeapSeconds(message.leapSeconds);
		if (message.time !== undefined && message.date !== undefined) {
			// RMC's date stands: it may have been corrected, and one cycle must not have two dates.
			if (!this.#clock.hasDate) this.#clock.mergeDate(message.date);
			update.time = true;
			update.data = true;
		}
		if (!message.automatic) return update;
		place(update, message.position, message.time);
		update.data = true;
		if (message.mode !== undefined) update.mode = message.mode;
		update.speedMps = message.speedMps;
		update.courseDeg = message.courseDeg;
		return update;
	}

	#pashr(message: Pashr): Update {
		if (message.kind === "other") return {};
		if (message.kind === "no-position") return { data: true, clear: true, mode: 1 };
		const update: Update = {};
		this.#stamp(message.time, update);
		if (message.kind === "attitude") return update.stamp === undefined ? {} : { stamp: update.stamp };
		place(update, message.position, message.time);
		const { altHaeM, speedMps, courseDeg, climbMps, hdop } = message;
		return { ...update, data: true, clear: true, mode: 3, altHaeM, speedMps, courseDeg, climbMps, hdop };
	}

	#psti(message: Psti): Update {
		if (message.kind === "other") return {};
		if (message.kind === "no-position") return { data: true, mode: 1 };
		const update: Update = {};
		if (message.time !== undefined && message.date !== undefined) {
			this.#clock.mergeTime(message.time);
			this.#clock.mergeDate(message.date);
			update.time = true;
			update.data = true;
			update.stamp = stampOf(message.time);
		}
		if (message.kind === "baseline") return update;
		update.data = true;
		if (place(update, message.position, message.time)) {
			update.altMslM = message.altMslM;
			update.mode = message.altMslM === undefined ? 2 : 3;
		}
		const { eastMps, northMps, upMps } = message;
		if (eastMps === undefined || northMps === undefined) return update;
		const courseDeg = ((Math.atan2(eastMps, northMps) * 180) / Math.PI + 360) % 360;
		return { ...update, speedMps: Math.hypot(eastMps, northMps), courseDeg, climbMps: upMps };
	}
}

/** `hhmmss.sss` as one number. */
const stampOf = (time: TimeOfDay): number => (time.hour * 100 + time.minute) * 100 + time.second + time.fractionMs / 1_000;

/** Puts the position into the update; false when there is none. */
const place = (update: Update, position: Position | undefined, time: TimeOfDay | undefined): boolean => {
	if (position === undefined) {
		if (time === undefined) update.placeless = true;
		return false;
	}
	update.position = position;
	if (time !== undefined) update.positionOfDayMs = msOfDay(time);
	return true;
};

/** Numbers outside every constellation's range (NMEA 0183 4.11, annex) are noise; talkers of one constellation number as they like. */
const isSatelliteId = (id: number, talker: string): boolean => {
	if ("ABDILQZ".includes(talker)) return true;
	const ranges = [1, 96, 120, 158, 173, 182, 193, 197, 201, 237, 301, 356, 401, 437];
	for (let at = 0; at < ranges.length; at += 2) if (id >= (ranges[at] ?? 0) && id <= (ranges[at + 1] ?? 0)) return true;
	return false;
};
