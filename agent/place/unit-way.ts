/**
 * Where the unit is and was, as far as its own fixes can be believed.
 *
 * A fix is believed when it is the last of `settleFixes` in a row that fit together: in one datum, in the order of their times, each within
 * `maxAgeMs` of the one before and no further from it than a vehicle can drive in that time, with room for both receivers' errors. So a lost
 * fix, a jump, a clock that goes back, a change of datum and a start all cost some fixes, and until then the unit is nowhere. A receiver that is
 * led away slowly is not found out.
 *
 * Readings that were held back are judged by where the unit was at their own time: a number of fixes is kept, in memory only.
 */
import { KerbError } from "../../shared/errors.ts";
import type { UnitWhere } from "../../shared/place-index.ts";
import type { Datum, Fix } from "../../shared/reading.ts";
import { distanceM } from "./metres.ts";

export interface UnitWayOptions {
	/** How long a fix says where the unit is; and the longest pause between fixes that follow one another. 5,000 unless told. */
	readonly maxAgeMs?: number;
	/** No vehicle is faster. 100 unless told. */
	readonly maxSpeedMps?: number;
	/** Fixes in a row that must fit together; 1 believes every fix that is on the earth. 3 unless told. */
	readonly settleFixes?: number;
	/** Fixes that are kept. 8,192 unless told: at ten a second 13 minutes. */
	readonly keptFixes?: number;
}

export interface ObservedWay extends UnitWhere {
	/** Every fix of the unit, in order, before anything is decided on it. */
	observe(fix: Fix): void;
	/** Hears of each fix that can be believed, once. At most 1,000 listeners. @throws KerbError INTERNAL beyond. */
	listen(listener: (fix: Fix) => void): void;
	/** The same way with no listeners, for a new law; only one of the two is to be fed from then on. */
	renew(): ObservedWay;
}

/** Of what a receiver says of its own error no more is believed: a liar could buy any jump with it. */
const maxAccuracyM = 100;
const usualAccuracyM = 20;
const maxListeners = 1_000;

export const createUnitWay = (options: UnitWayOptions = {}): ObservedWay => handle(createTrack(options));

const handle = (track: Track): ObservedWay => {
	const listeners: ((fix: Fix) => void)[] = [];
	return {
		at: track.at,
		observe: (fix) => {
			if (!track.add(fix)) return;
			for (const listener of listeners) listener(fix);
		},
		listen: (listener) => {
			if (listeners.length >= maxListeners) throw new KerbError("INTERNAL", `more than ${maxListeners} listeners of one way`);
			listeners.push(listener);
		},
		renew: () => handle(track),
	};
};

interface Track extends UnitWhere {
	/** True when the fix is believed. */
	add(fix: Fix): boolean;
}

const createTrack = ({ maxAgeMs = 5_000, maxSpeedMps = 100, settleFixes = 3, keptFixes = 8_192 }: UnitWayOptions): Track => {
	const times = new Float64Array(keptFixes);
	const positions = new Float64Array(2 * keptFixes);
	const believed = new Uint8Array(keptFixes);
	/** Of all that are kept. */
	let datum: Datum = "unknown";
	/** Fixes since the last clearing; the newest is in slot `(count - 1) % keptFixes`. */
	let count = 0;
	let inRow = 0;
	let last: Fix | undefined;

	const clear = (): void => {
		count = 0;
		inRow = 0;
		last = undefined;
	};

	const follows = (fix: Fix, before: Fix): boolean => {
		const elapsedMs = fix.takenAtMs - before.takenAtMs;
		if (!(elapsedMs <= maxAgeMs)) return false;
		const roomM = accuracyOf(fix) + accuracyOf(before);
		return distanceM(before.latDeg, before.lonDeg, fix.latDeg, fix.lonDeg) <= (maxSpeedMps * elapsedMs) / 1_000 + roomM;
	};

	return {
		add: (fix) => {
			if (!isUsable(fix)) {
				clear();
				return false;
			}
			if (last !== undefined && (fix.datum !== last.datum || fix.takenAtMs < last.takenAtMs)) clear();
			inRow = last !== undefined && follows(fix, last) ? Math.min(inRow + 1, settleFixes) : 1;
			last = fix;
			datum = fix.datum;
			const slot = count % keptFixes;
			times[slot] = fix.takenAtMs;
			positions[2 * slot] = fix.latDeg;
			positions[2 * slot + 1] = fix.lonDeg;
			believed[slot] = inRow >= settleFixes ? 1 : 0;
			count += 1;
			return inRow >= settleFixes;
		},
		at: (nowMs) => {
			// The last fix that is not later, by halving.
			let [from, to] = [Math.max(0, count - keptFixes), count];
			while (from < to) {
				const middle = Math.floor((from + to) / 2);
				if ((times[middle % keptFixes] ?? 0) <= nowMs) from = middle + 1;
				else to = middle;
			}
			if (from === Math.max(0, count - keptFixes)) return undefined;
			const slot = (from - 1) % keptFixes;
			if (believed[slot] !== 1 || !(nowMs - (times[slot] ?? 0) <= maxAgeMs)) return undefined;
			return { latDeg: positions[2 * slot] ?? Number.NaN, lonDeg: positions[2 * slot + 1] ?? Number.NaN, datum };
		},
	};
};

const accuracyOf = ({ accuracyM = usualAccuracyM }: Fix): number => (accuracyM >= 0 ? Math.min(accuracyM, maxAccuracyM) : 0);

/** Of another datum than one on the earth nothing can be measured. */
const isUsable = ({ latDeg, lonDeg, takenAtMs, datum }: Fix): boolean =>
	Math.abs(latDeg) <= 90 && Math.abs(lonDeg) <= 180 && Number.isFinite(takenAtMs) && datum !== "local" && datum !== "unknown";
