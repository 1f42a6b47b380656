/**
 * From what a receiver reports to a fix. A fix is made only of a position that the receiver stands by, of the very time it states; nothing is
 * filled in from before, and no field that is missing becomes 0.
 */

import type { Datum, Fix } from "../../shared/reading.ts";
import { utcMs } from "../../shared/units.ts";
import type { GpsdTpv } from "../formats/gpsd.ts";
import type { NmeaEpoch } from "../formats/nmea-epoch.ts";
import type { SourceContext } from "./source.ts";

/** What NMEA epochs and gpsd's reports have in common. */
type Report = Omit<GpsdTpv, "class" | "device"> & { readonly fit?: boolean };

export interface FixMaker {
	/** A fix, or nothing: counted as `fix_missing`, `position_unfit` or `time_missing`, or not counted when it says again what was said. */
	make(report: NmeaEpoch | GpsdTpv): Fix | undefined;
}

/**
 * `recorded` input keeps its own time: what has none is left out, since the box's clock says nothing of when a recording was taken. Live input
 * without a time gets the box's.
 */
export const fixMaker = (context: SourceContext, datum: Datum, recorded: boolean): FixMaker => {
	let last: Report | undefined;
	return {
		make(report: Report) {
			const { mode, latDeg, lonDeg, timeMs } = report;
			if (mode < 2 || latDeg === undefined || lonDeg === undefined || !isPlace(latDeg, lonDeg)) {
				context.reject("fix_missing");
				return undefined;
			}
			if (report.fit === false) {
				context.reject("position_unfit");
				return undefined;
			}
			if (timeMs === undefined && recorded) {
				context.reject("time_missing");
				return undefined;
			}
			const repeated = last !== undefined && isRepeat(last, report);
			last = report;
			if (repeated) return undefined;
			const altitudeM = report.altMslM ?? report.altHaeM;
			return {
				kind: "fix",
				sourceId: context.sourceId,
				takenAtMs: timeMs === undefined ? context.nowMs() : utcMs(timeMs),
				bootMs: context.bootMs(),
				latDeg,
				lonDeg,
				datum,
				...(mode === 3 && altitudeM !== undefined ? { mode: 3, altitudeM } : { mode: 2 }),
				...(report.accuracyM !== undefined && { accuracyM: report.accuracyM }),
				...(report.speedMps !== undefined && { speedMps: report.speedMps }),
				...(report.courseDeg !== undefined && { courseDeg: report.courseDeg }),
			};
		},
	};
};

const isPlace = (latDeg: number, lonDeg: number): boolean => Math.abs(latDeg) <= 90 && Math.abs(lonDeg) <= 180;

/**
 * Receivers and gpsd report one moment several times, as more sentences of its cycle come in. The same position without a time is taken for a
 * repetition as well: nothing shows that it was taken anew.
 */
const isRepeat = (before: Report, now: Report): boolean =>
	before.timeMs === now.timeMs &&
	before.latDeg === now.latDeg &&
	before.lonDeg === now.lonDeg &&
	(now.timeMs === undefined || before.mode === now.mode);
