/** What NMEA 0183 sentences say, typed and in SI units. Field meanings are those of IEC 61162-1 and of the makers' manuals. */
import type { CalendarDay, Position, TimeOfDay } from "./nmea-fields.ts";

interface Timed {
	readonly time?: TimeOfDay | undefined;
}
interface Placed {
	readonly position?: Position | undefined;
}

/** Recommended minimum: the only everyday sentence with a date. */
export interface Rmc extends Timed, Placed {
	readonly type: "RMC";
	readonly valid: boolean;
	/** A time or a date field has text, well-formed or not. */
	readonly stamped: boolean;
	readonly date?: CalendarDay | undefined;
	readonly speedMps?: number | undefined;
	readonly courseDeg?: number | undefined;
	readonly differential: boolean;
}
/** Fix data. */
export interface Gga extends Timed, Placed {
	readonly type: "GGA";
	readonly talker: string;
	readonly timeText: string;
	/** 0 none, 1 single, 2 differential, 4 and 5 RTK, 6 dead reckoning ...; -1 when the field is empty. */
	readonly quality: number;
	readonly satellites: number;
	readonly hdop?: number | undefined;
	readonly altMslM?: number | undefined;
	readonly geoidM?: number | undefined;
}
/** Position, without height. */
export interface Gll extends Timed, Placed {
	readonly type: "GLL";
	readonly valid: boolean;
	readonly differential: boolean;
}
/** Fix data of several constellations. */
export interface Gns extends Timed, Placed {
	readonly type: "GNS";
	/** Mode indicators, one letter per constellation; the first counts. */
	readonly modes: string;
	/** S safe, C caution, U unsafe, V not valid; empty before version 4.1. */
	readonly navStatus: string;
	readonly satellites: number;
	readonly hdop?: number | undefined;
	readonly altMslM?: number | undefined;
	readonly geoidM?: number | undefined;
}
/** Satellites used and dilution of precision. */
export interface Gsa {
	readonly type: "GSA";
	readonly talker: string;
	/** 1 none, 2 two-dimensional, 3 three-dimensional; 0 when it is none of these. */
	readonly mode: 0 | 1 | 2 | 3;
	/** Some receivers put the letter E there for dead reckoning. */
	readonly modeIsNumber: boolean;
	readonly satelliteIds: readonly number[];
	readonly pdop?: number | undefined;
	readonly hdop?: number | undefined;
	readonly vdop?: number | undefined;
}
export interface SatelliteInView {
	readonly id: number;
	readonly elevationDeg?: number | undefined;
	readonly azimuthDeg?: number | undefined;
	readonly snrDb?: number | undefined;
}
/** Satellites in view, one part of a set. */
export interface Gsv {
	readonly type: "GSV";
	readonly talker: string;
	readonly parts: number;
	/** 1 to `parts`; 0 when the sentence is malformed. */
	readonly part: number;
	/** NMEA 4.10's signal, 0 before. */
	readonly signalId: number;
	readonly satellites: readonly SatelliteInView[];
}
export interface Vtg {
	readonly type: "VTG";
	readonly speedMps?: number | undefined;
	readonly courseDeg?: number | undefined;
}
/** Noise statistics of the fix with the same time; standard deviations (68 %). */
export interface Gst extends Timed {
	readonly type: "GST";
	readonly latSigmaM?: number | undefined;
	readonly lonSigmaM?: number | undefined;
	readonly altSigmaM?: number | undefined;
}
/** True heading of the vehicle, not of its movement. */
export interface Hdt {
	readonly type: "HDT" | "THS";
	readonly headingDeg?: number | undefined;
}
export interface Zda extends Timed {
	readonly type: "ZDA";
	readonly date?: CalendarDay | undefined;
}
/** Expected errors of the fix with the same time; standard deviations (68 %). */
export interface Gbs {
	readonly type: "GBS";
	/** The time as a plain number (`hhmmss.ss`), the way the cycle detector compares. */
	readonly stamp?: number | undefined;
	readonly time?: TimeOfDay | undefined;
}
/** SiRF's own error estimate. */
export interface Psrfepe extends Timed {
	readonly type: "PSRFEPE";
	readonly horizontalErrorM?: number | undefined;
	readonly hdop?: number | undefined;
}
/** Garmin's fix. */
export interface Pgrmf extends Timed, Placed {
	readonly type: "PGRMF";
	readonly date?: CalendarDay | undefined;
	readonly leapSeconds?: number | undefined;
	readonly automatic: boolean;
	readonly mode?: 1 | 2 | 3 | undefined;
	readonly speedMps?: number | undefined;
	readonly courseDeg?: number | undefined;
}
/** Garmin's altitude. */
export interface Pgrmz {
	readonly type: "PGRMZ";
	readonly altMslM?: number | undefined;
	readonly mode?: 1 | 2 | 3 | undefined;
}
/** Ashtech's position. */
export interface Pashr extends Timed, Placed {
	readonly type: "PASHR";
	readonly kind: "position" | "no-position" | "attitude" | "other";
	readonly altHaeM?: number | undefined;
	readonly courseDeg?: number | undefined;
	readonly speedMps?: number | undefined;
	readonly climbMps?: number | undefined;
	readonly hdop?: number | undefined;
}
/** Skytraq's recommended minimum (030) and RTK baseline (032). */
export interface Psti extends Timed, Placed {
	readonly type: "PSTI";
	readonly kind: "position" | "no-position" | "baseline" | "other";
	readonly date?: CalendarDay | undefined;
	readonly altMslM?: number | undefined;
	readonly eastMps?: number | undefined;
	readonly northMps?: number | undefined;
	readonly upMps?: number | undefined;
}
/** Magellan's status. */
export interface Pmgnst {
	readonly type: "PMGNST";
	readonly mode: 1 | 2 | 3;
}
/** Sentences that matter to the cycle detector alone: whether they say anything, and (depth) that they go on with a cycle. */
export interface Bystander {
	readonly type: "bystander";
	readonly name: string;
	readonly says: boolean;
	readonly continuesCycle: boolean;
}
export type NmeaMessage =
	| Rmc
	| Gga
	| Gll
	| Gns
	| Gsa
	| Gsv
	| Vtg
	| Gst
	| Hdt
	| Zda
	| Gbs
	| Psrfepe
	| Pgrmf
	| Pgrmz
	| Pashr
	| Psti
	| Pmgnst
	| Bystander;
