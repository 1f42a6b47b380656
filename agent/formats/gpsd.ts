/**
 * gpsd's client protocol, version 3 (gpsd_json(5)): one JSON object a line, told apart by `class`. Only what a position needs is taken apart;
 * every other class is known by name and passed over.
 *
 * | class   | taken                                                                                       |
 * |---------|---------------------------------------------------------------------------------------------|
 * | VERSION | release, proto_major, proto_minor                                                           |
 * | DEVICES | how many                                                                                    |
 * | TPV     | device, mode 0 to 3, time, lat, lon, altMSL or altHAE (alt before 3.20), speed, track, eph  |
 * | ERROR   | that it came                                                                                |
 */

/** gpsd's own bound is 10,240 bytes; sky views of new receivers go past it. */
export const maxGpsdLineBytes = 65_536;

/** What to send to begin; a device narrows it to one receiver. */
export const watchCommand = (device?: string): string =>
	`?WATCH=${JSON.stringify({ enable: true, json: true, ...(device !== undefined && { device }) })};\n`;

export interface GpsdVersion {
	readonly class: "VERSION";
	/** Letters, digits and `.~+-` only, 20 at most. */
	readonly release: string;
	readonly protoMajor: number;
	readonly protoMinor: number;
}
export interface GpsdDevices {
	readonly class: "DEVICES";
	readonly count: number;
}
/** One report; SI units. Latitude and longitude are there together, in range, or not at all. */
export interface GpsdTpv {
	readonly class: "TPV";
	readonly device?: string;
	readonly mode: 0 | 1 | 2 | 3;
	/** UTC milliseconds. */
	readonly timeMs?: number;
	readonly latDeg?: number;
	readonly lonDeg?: number;
	readonly altMslM?: number;
	readonly altHaeM?: number;
	readonly speedMps?: number;
	readonly courseDeg?: number;
	/** Horizontal error, 95 % (`eph`; gpsd_json(5) says "certainty unknown", its source computes 95 %). */
	readonly accuracyM?: number;
}
export interface GpsdOther {
	readonly class: "ERROR" | "other";
}
export type GpsdMessage = GpsdVersion | GpsdDevices | GpsdTpv | GpsdOther;

const isoUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** The keys that are looked at; what they hold is anybody's guess. */
type Json = {
	readonly [key in
		| "class"
		| "release"
		| "proto_major"
		| "proto_minor"
		| "devices"
		| "device"
		| "mode"
		| "time"
		| "lat"
		| "lon"
		| "altMSL"
		| "altHAE"
		| "alt"
		| "speed"
		| "track"
		| "eph"]?: unknown;
};

const number = (value: unknown, low: number, high: number): number | undefined =>
	typeof value === "number" && value >= low && value <= high ? value : undefined;

const instant = (value: unknown): number | undefined => {
	if (typeof value !== "string" || !isoUtc.test(value)) return undefined;
	const timeMs = Date.parse(value);
	return Number.isFinite(timeMs) ? timeMs : undefined;
};

/** Leaves out what is undefined, so that absent and undefined are one thing. */
const present = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
	Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };

const tpv = (json: Json): GpsdTpv => {
	const mode = json.mode;
	const latDeg = number(json.lat, -90, 90);
	const lonDeg = number(json.lon, -180, 180);
	const altHaeM = number(json.altHAE, -12_000, 100_000);
	return {
		class: "TPV",
		mode: mode === 1 || mode === 2 || mode === 3 ? mode : 0,
		...(latDeg !== undefined && lonDeg !== undefined && { latDeg, lonDeg }),
		...present({
			device: typeof json.device === "string" ? json.device : undefined,
			timeMs: instant(json.time),
			altMslM: number(json.altMSL, -12_000, 100_000) ?? (altHaeM === undefined ? number(json.alt, -12_000, 100_000) : undefined),
			altHaeM,
			speedMps: number(json.speed, 0, 10_000),
			courseDeg: number(json.track, 0, 360),
			accuracyM: number(json.eph, 0, 1e7),
		}),
	};
};

/** Reads one line. Undefined when it is not a JSON object with a class. Never throws. */
export const parseGpsdLine = (line: string): GpsdMessage | undefined => {
	let parsed: unknown;
	try {
		parsed = JSON.parse(line);
	} catch {
		return undefined;
	}
	if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
	const json = parsed as Json;
	switch (json.class) {
		case "VERSION":
			return {
				class: "VERSION",
				release: String(json.release ?? "")
					.replaceAll(/[^0-9A-Za-z.~+-]/g, "")
					.slice(0, 20),
				protoMajor: number(json.proto_major, 0, 1_000) ?? 0,
				protoMinor: number(json.proto_minor, 0, 1_000) ?? 0,
			};
		case "DEVICES":
			return { class: "DEVICES", count: Array.isArray(json.devices) ? json.devices.length : 0 };
		case "TPV":
			return tpv(json);
		case "ERROR":
			return { class: "ERROR" };
		default:
			return typeof json.class === "string" ? { class: "other" } : undefined;
	}
};
