/**
 * The recorded ways as tagged fixes: a car with a handheld receiver, and a made-up drive through a campus.
 */
import { readFileSync } from "node:fs";
import type { Fix } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { someTimeMs, taggedFix } from "../contract/tagged-readings.ts";
import { dataPath } from "../data.ts";

interface Row {
	readonly timeMs: number;
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly speedMps?: number;
}

const toFixes = (rows: readonly Row[]): readonly Tagged<Fix>[] =>
	rows.map(({ timeMs, latDeg, lonDeg, speedMps }) => {
		const { speedMps: _speed, courseDeg: _course, ...bare } = taggedFix();
		const passedMs = timeMs - (rows[0]?.timeMs ?? 0);
		const times = { takenAtMs: utcMs(someTimeMs + passedMs), bootMs: bootMs(passedMs) };
		return { ...bare, ...times, latDeg, lonDeg, ...(speedMps === undefined ? undefined : { speedMps }) };
	});

/** 104 fixes in 514 s, 2.7 km: from home, by a visit of 100 s, back home. */
export const carTrip = (): readonly Tagged<Fix>[] => {
	const text = readFileSync(dataPath("trajectory", "around-visnjan-with-car.gpx"), "utf8");
	const points = text.matchAll(/<trkpt lat="([^"]+)" lon="([^"]+)">.*?<time>([^<]+)<\/time>/gs);
	return toFixes([...points].map(([, lat, lon, time]) => ({ latDeg: Number(lat), lonDeg: Number(lon), timeMs: Date.parse(time ?? "") })));
};

/** 281 fixes in 28 s, 0.9 km: a stop of a second by its speeds, and a way round a bend that comes back beside itself. */
export const campusTrip = (): readonly Tagged<Fix>[] => {
	const [head = "", ...lines] = readFileSync(dataPath("trajectory", "utk_test.csv"), "utf8").trim().split(/\r?\n/);
	const column = (name: string) => head.split(",").indexOf(name);
	const [time, lat, lon, speed] = [column("Gentime"), column("Latitude"), column("Longitude"), column("Speed")];
	return toFixes(
		lines.map((line) => {
			const cells = line.split(",").map(Number);
			return { timeMs: (cells[time] ?? 0) / 1000, latDeg: cells[lat] ?? 0, lonDeg: cells[lon] ?? 0, speedMps: cells[speed] ?? 0 };
		}),
	);
};
