/**
 * From the fields of a sentence to what it says. Only sentences that say where, when or how well are taken apart; the rest passes as fields.
 *
 * Field numbers are those of IEC 61162-1 and of the makers' manuals (Garmin 190-00684, Skytraq AN0028, SiRF, Ashtech); the least number of
 * fields per type is gpsd 3.22's, so that the same truncated sentences are left alone.
 */
import { calendarDay, mpsPerKnot, readCount, readDate, readNumber, readPosition, readTimeOfDay } from "./nmea-fields.ts";
import type { Bystander, Gsv, NmeaMessage, Pashr, Psti, SatelliteInView } from "./nmea-message.ts";
import type { NmeaSentence } from "./nmea-sentence.ts";

type Fields = readonly string[];
interface Decoder {
	readonly fewest: number;
	decode(fields: Fields, talker: string): NmeaMessage;
}

const kmh = (text: string | undefined): number | undefined => scale(readNumber(text), 1 / 3.6);
const knots = (text: string | undefined): number | undefined => scale(readNumber(text), mpsPerKnot);
const scale = (value: number | undefined, by: number): number | undefined => (value === undefined ? undefined : value * by);
const within = (value: number | undefined, low: number, high: number): number | undefined =>
	value !== undefined && value >= low && value <= high ? value : undefined;
const course = (text: string | undefined): number | undefined => within(readNumber(text), 0, 360);
const positive = (value: number | undefined): number | undefined => within(value, 0, 10_000);
const dop = (text: string | undefined): number | undefined => within(readNumber(text), 0, 100);
const altitude = (text: string | undefined): number | undefined => within(readNumber(text), -12_000, 100_000);
const first = (text: string | undefined): string => (text ?? "").charAt(0);
const fixMode = (digit: string): 1 | 2 | 3 | undefined => (digit === "1" ? 1 : digit === "2" ? 2 : digit === "3" ? 3 : undefined);
const bystander = (name: string, says: boolean, continuesCycle = false): Bystander => ({ type: "bystander", name, says, continuesCycle });

const gsv = (fields: Fields, talker: string): Gsv => {
	const satellites: SatelliteInView[] = [];
	for (let at = 4; at + 3 < fields.length; at += 4) {
		const id = readCount(fields[at]);
		if (id < 1) continue;
		satellites.push({
			id,
			elevationDeg: within(readNumber(fields[at + 1]), -90, 90),
			azimuthDeg: within(readNumber(fields[at + 2]), 0, 360),
			snrDb: within(readNumber(fields[at + 3]), 0, 100),
		});
	}
	const wellFormed = fields.length > 3 && fields.length % 4 <= 1;
	return {
		type: "GSV",
		talker,
		parts: wellFormed ? readCount(fields[1]) : 0,
		part: wellFormed ? readCount(fields[2]) : 0,
		signalId: fields.length % 4 === 1 ? readCount(fields.at(-1)) : 0,
		satellites,
	};
};

const pashr = (f: Fields): Pashr => {
	if (f[1] === "POS") {
		if ((f[2] ?? "") === "") return { type: "PASHR", kind: "no-position" };
		return {
			type: "PASHR",
			kind: "position",
			time: readTimeOfDay(f[4]),
			position: readPosition(f, 5),
			altHaeM: altitude(f[9]),
			courseDeg: course(f[11]),
			speedMps: positive(kmh(f[12])),
			climbMps: within(readNumber(f[13]), -10_000, 10_000),
			hdop: dop(f[15]),
		};
	}
	return f[3] === "T" ? { type: "PASHR", kind: "attitude", time: readTimeOfDay(f[1]) } : { type: "PASHR", kind: "other" };
};

const psti = (f: Fields): Psti => {
	if (f[1] === "032" && f.length === 16 && f[4] === "A") {
		return { type: "PSTI", kind: "baseline", time: readTimeOfDay(f[2]), date: readDate(f[3]) };
	}
	if (f[1] !== "030" || f.length !== 16) return { type: "PSTI", kind: "other" };
	if (first(f[3]) === "V" || first(f[13]) === "N") return { type: "PSTI", kind: "no-position" };
	if (first(f[3]) !== "A") return { type: "PSTI", kind: "other" };
	return {
		type: "PSTI",
		kind: "position",
		time: readTimeOfDay(f[2]),
		date: readDate(f[12]),
		position: readPosition(f, 4),
		altMslM: altitude(f[8]),
		eastMps: within(readNumber(f[9]), -10_000, 10_000),
		northMps: within(readNumber(f[10]), -10_000, 10_000),
		upMps: within(readNumber(f[11]), -10_000, 10_000),
	};
};

const decoders: Readonly<Record<string, Decoder>> = {
	RMC: {
		fewest: 8,
		decode: (f) => ({
			type: "RMC",
			valid: first(f[2]) === "A" || first(f[2]) === "D",
			stamped: (f[1] ?? "") !== "" && (f[9] ?? "") !== "",
			time: readTimeOfDay(f[1]),
			date: readDate(f[9]),
			position: readPosition(f, 3),
			speedMps: positive(knots(f[7])),
			courseDeg: course(f[8]),
			differential: first(f[2]) === "D" || first(f[12]) === "D" || first(f[12]) === "P",
		}),
	},
	GGA: {
		fewest: 13,
		decode: (f, talker) => ({
			type: "GGA",
			talker,
			timeText: f[1] ?? "",
			time: readTimeOfDay(f[1]),
			quality: (f[6] ?? "") === "" ? -1 : readCount(f[6]),
			position: readPosition(f, 2),
			satellites: readCount(f[7]),
			hdop: dop(f[8]),
			altMslM: altitude(f[9]),
			geoidM: within(readNumber(f[11]), -500, 500),
		}),
	},
	GLL: {
		fewest: 7,
		decode: (f) => ({
			type: "GLL",
			time: readTimeOfDay(f[5]),
			position: readPosition(f, 1),
			valid: first(f[6]) === "A" && first(f[7]) !== "N",
			differential: first(f[7]) === "D" || first(f[7]) === "P",
		}),
	},
	GNS: {
		fewest: 13,
		decode: (f) => ({
			type: "GNS",
			time: readTimeOfDay(f[1]),
			position: readPosition(f, 2),
			modes: f[6] ?? "",
			navStatus: first(f[13]),
			satellites: readCount(f[7]),
			hdop: dop(f[8]),
			altMslM: altitude(f[9]),
			geoidM: within(readNumber(f[10]), -500, 500),
		}),
	},
	GSA: {
		fewest: 18,
		decode: (f, talker) => ({
			type: "GSA",
			talker,
			mode: fixMode(first(f[2])) ?? 0,
			modeIsNumber: first(f[2]) !== "E",
			satelliteIds: f
				.slice(3, f.length > 19 ? f.length - 3 : 15)
				.map(readCount)
				.filter((id) => id > 0),
			pdop: f.length > 19 ? undefined : dop(f[15]),
			hdop: f.length > 19 ? undefined : dop(f[16]),
			vdop: f.length > 19 ? undefined : dop(f[17]),
		}),
	},
	GSV: { fewest: 0, decode: gsv },
	VTG: {
		fewest: 5,
		decode: (f) => {
			const said = (f[1] ?? "") !== "" && (f[5] ?? "") !== "" && first(f[9]) !== "N" && first(f[9]) !== "E";
			return { type: "VTG", courseDeg: said ? course(f[1]) : undefined, speedMps: said ? positive(knots(f[5])) : undefined };
		},
	},
	GST: {
		fewest: 8,
		decode: (f) => ({
			type: "GST",
			time: readTimeOfDay(f[1]),
			latSigmaM: positive(readNumber(f[6])),
			lonSigmaM: positive(readNumber(f[7])),
			altSigmaM: positive(readNumber(f[8])),
		}),
	},
	HDT: { fewest: 1, decode: (f) => ({ type: "HDT", headingDeg: course(f[1]) }) },
	THS: { fewest: 3, decode: (f) => ({ type: "THS", headingDeg: first(f[2]) === "V" ? undefined : course(f[1]) }) },
	ZDA: {
		fewest: 4,
		decode: (f) => {
			const year = readCount(f[4]);
			const date = year >= 1900 && year <= 2200 ? calendarDay(year, readCount(f[3]), readCount(f[2])) : undefined;
			return { type: "ZDA", time: readTimeOfDay(f[1]), date };
		},
	},
	GBS: { fewest: 7, decode: (f) => ({ type: "GBS", stamp: readNumber(f[1]), time: readTimeOfDay(f[1]) }) },
	PSRFEPE: {
		fewest: 7,
		decode: (f) => ({
			type: "PSRFEPE",
			time: readTimeOfDay(f[1]),
			horizontalErrorM: first(f[2]) === "A" ? positive(readNumber(f[4])) : undefined,
			hdop: first(f[2]) === "A" ? dop(f[3]) : undefined,
		}),
	},
	PGRMF: {
		fewest: 15,
		decode: (f) => ({
			type: "PGRMF",
			date: readDate(f[3]),
			time: readTimeOfDay(f[4]),
			leapSeconds: within(readNumber(f[5]), 0, 100),
			position: readPosition(f, 6),
			automatic: first(f[10]) === "A",
			mode: f[11] === "0" ? 1 : f[11] === "1" ? 2 : f[11] === "2" ? 3 : undefined,
			speedMps: positive(kmh(f[12])),
			courseDeg: course(f[13]),
		}),
	},
	PGRMZ: {
		fewest: 4,
		decode: (f) => ({
			type: "PGRMZ",
			altMslM: first(f[2]) === "f" ? scale(readNumber(f[1]), 0.3048) : undefined,
			mode: fixMode(first(f[3])),
		}),
	},
	PASHR: { fewest: 3, decode: pashr },
	PSTI: { fewest: 2, decode: psti },
	PMGNST: {
		fewest: 8,
		decode: (f) => ({ type: "PMGNST", mode: first(f[4]) === "T" && (f[3] === "2" || f[3] === "3") ? (f[3] === "2" ? 2 : 3) : 1 }),
	},
	DBT: { fewest: 7, decode: (f) => bystander("DBT", (f[3] || f[1] || f[5] || "") !== "", true) },
	HDG: { fewest: 0, decode: (f) => bystander("HDG", course(f[1]) !== undefined) },
	MWD: { fewest: 0, decode: () => bystander("MWD", true) },
	MWV: { fewest: 0, decode: (f) => bystander("MWV", first(f[2]) === "R" && first(f[4]) === "N" && first(f[5]) === "A") },
	DTM: { fewest: 2, decode: () => bystander("DTM", false) },
	TXT: { fewest: 5, decode: () => bystander("TXT", false) },
	PGLOR: { fewest: 2, decode: () => bystander("PGLOR", false) },
	PGRME: { fewest: 7, decode: () => bystander("PGRME", true) },
	PGRMM: { fewest: 2, decode: () => bystander("PGRMM", false) },
	PTNTHTM: { fewest: 9, decode: () => bystander("PTNTHTM", true) },
	PTNTA: { fewest: 8, decode: () => bystander("PTNTA", true) },
};

/** True for sentence types that are read. */
export const isReadType = (type: string): boolean => Object.hasOwn(decoders, type);

/** Takes a sentence apart; undefined when its type is not one that is read, or when it has too few fields. Never throws. */
export const decodeSentence = (sentence: NmeaSentence): NmeaMessage | undefined => {
	const decoder = isReadType(sentence.type) ? decoders[sentence.type] : undefined;
	return decoder === undefined || sentence.fields.length < decoder.fewest ? undefined : decoder.decode(sentence.fields, sentence.talker);
};
