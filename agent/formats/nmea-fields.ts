/**
 * Fields of NMEA 0183 sentences. An empty or malformed field is `undefined`, never 0: a receiver without a fix sends empty fields, and 0, 0 is a
 * place in the Gulf of Guinea.
 */

const numberShape = /^[+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})$/;
const timeShape = /^(\d\d)(\d\d)(\d\d)(?:\.(\d{0,9})\d*)?$/;
const dateShape = /^(\d\d)(\d\d)(\d\d)$/;
const latShape = /^(\d{0,2})(\d\d)(\.\d{0,12})$/;
const lonShape = /^(\d{0,3})(\d\d)(\.\d{0,12})$/;

/** Metres per second of one knot (exact: 1,852 m an hour). */
export const mpsPerKnot = 1852 / 3600;

/** A decimal number, or undefined. */
export const readNumber = (text: string | undefined): number | undefined =>
	text !== undefined && numberShape.test(text) ? Number(text) : undefined;

/** The whole number at the beginning of a field (`08`, `4.0`), 0 when there is none. */
export const readCount = (text: string | undefined): number => {
	const value = Number.parseInt(text ?? "", 10);
	return Number.isFinite(value) ? value : 0;
};

export interface TimeOfDay {
	readonly hour: number;
	readonly minute: number;
	/** 0 to 60: 60 in a leap second. */
	readonly second: number;
	readonly fractionMs: number;
}

/** `hhmmss` with or without a fraction; undefined when a part is out of its range. */
export const readTimeOfDay = (text: string | undefined): TimeOfDay | undefined => {
	const match = timeShape.exec(text ?? "");
	if (match === null) return undefined;
	const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3])];
	if (hour > 23 || minute > 59 || second > 60) return undefined;
	return { hour, minute, second, fractionMs: Number(`0.${match[4] || "0"}`) * 1_000 };
};

/** Milliseconds since midnight UTC. */
export const msOfDay = (time: TimeOfDay): number => ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000 + time.fractionMs;

export interface CalendarDay {
	readonly year: number;
	/** 1 to 12. */
	readonly month: number;
	/** 1 to 31. */
	readonly day: number;
}

/** Day, month and year (all four digits) when they can be a date. */
export const calendarDay = (year: number, month: number, day: number): CalendarDay | undefined =>
	month >= 1 && month <= 12 && day >= 1 && day <= 31 ? { year, month, day } : undefined;

/** `ddmmyy`: years 80 to 99 are 1980 to 1999 (GPS began in 1980), 00 to 79 are 2000 to 2079, as gpsd reads them. */
export const readDate = (text: string | undefined): CalendarDay | undefined => {
	const match = dateShape.exec(text ?? "");
	if (match === null) return undefined;
	const year = Number(match[3]);
	return calendarDay(year >= 80 ? 1900 + year : 2000 + year, Number(match[2]), Number(match[1]));
};

export interface Position {
	/** -90 to 90. */
	readonly latDeg: number;
	/** -180 to 180. */
	readonly lonDeg: number;
}

const degrees = (match: RegExpExecArray | null): number | undefined => {
	if (match === null) return undefined;
	const wholeMinutes = Number(match[2]);
	return wholeMinutes < 60 ? (Number(match[1]) * 60 + (wholeMinutes + Number(`0${match[3]}0`))) * (1 / 60) : undefined;
};

/** `ddmm.mmmm`, N or S, `dddmm.mmmm`, E or W; undefined unless all four are there, well-formed and in range. */
export const readPosition = (fields: readonly string[], at: number): Position | undefined => {
	const lat = degrees(latShape.exec(fields[at] ?? ""));
	const lon = degrees(lonShape.exec(fields[at + 2] ?? ""));
	const northSouth = fields[at + 1];
	const eastWest = fields[at + 3];
	if (lat === undefined || lon === undefined || lat > 90 || lon > 180) return undefined;
	if ((northSouth !== "N" && northSouth !== "S") || (eastWest !== "E" && eastWest !== "W")) return undefined;
	return { latDeg: northSouth === "S" ? 0 - lat : lat, lonDeg: eastWest === "W" ? 0 - lon : lon };
};
