import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseGpsdLine } from "../../agent/formats/gpsd.ts";
import { NmeaReader, parseNmeaLog } from "../../agent/formats/nmea.ts";
import type { NmeaEpoch } from "../../agent/formats/nmea-epoch.ts";
import { formatSentence, nmeaChecksum, parseSentence } from "../../agent/formats/nmea-sentence.ts";

const inRange = (value: number | undefined, low: number, high: number): boolean => value === undefined || (value >= low && value <= high);

const expectSound = (epoch: NmeaEpoch): void => {
	expect([0, 1, 2, 3]).toContain(epoch.mode);
	expect((epoch.latDeg === undefined) === (epoch.lonDeg === undefined)).toBe(true);
	if (epoch.mode < 2) expect(epoch.latDeg).toBeUndefined();
	expect(inRange(epoch.latDeg, -90, 90) && inRange(epoch.lonDeg, -180, 180)).toBe(true);
	expect(inRange(epoch.speedMps, 0, 20_000) && inRange(epoch.courseDeg, 0, 360)).toBe(true);
	expect(epoch.timeMs === undefined || Number.isFinite(epoch.timeMs)).toBe(true);
	expect(epoch.accuracyM === undefined || epoch.accuracyM >= 0).toBe(true);
};

const types = ["RMC", "GGA", "GLL", "GNS", "GSA", "GSV", "VTG", "GST", "ZDA", "HDT", "THS", "GBS", "DBT", "HDG", "MWV", "TXT", "XXX"];
const address = fc.oneof(
	fc.tuple(fc.constantFrom("GP", "GL", "GN", "GA", "BD", "II", "PQ"), fc.constantFrom(...types)).map((parts) => parts.join("")),
	fc.constantFrom("PASHR", "PSTI", "PUBX", "PGRMF", "PGRMZ", "PSRFEPE", "PMGNST", "PTNTHTM"),
);
const field = fc.oneof(
	fc.constantFrom("", "A", "V", "N", "S", "E", "W", "D", "0", "1", "2", "3", "030", "POS", "T", "M", "f"),
	fc.constantFrom("3519.9048", "13640.2631", "9000.000", "18000.000", "9959.9999", "120000.000", "235959.99", "000000", "270724", "010100"),
	fc.integer({ min: -1_000_000, max: 1_000_000 }).map(String),
	fc.double({ noNaN: false }).map(String),
	fc.string({ unit: fc.constantFrom(..."0123456789.-+eE,* "), maxLength: 12 }),
);
const sentence = fc
	.tuple(address, fc.array(field, { maxLength: 24 }))
	.map(([name, fields]) => formatSentence([name, ...fields].join(",").replaceAll("*", "")));

describe("NmeaReader for all inputs", () => {
	it("neither throws nor yields an impossible epoch on random bytes", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
				for (const epoch of parseNmeaLog(bytes, { checksum: "if-present" }).epochs) expectSound(epoch);
			}),
			{ numRuns: 300 },
		);
	});

	it("neither throws nor yields an impossible epoch on sentences with right checksums and wrong contents", () => {
		fc.assert(
			fc.property(fc.array(sentence, { minLength: 1, maxLength: 40 }), (sentences) => {
				for (const epoch of parseNmeaLog(Buffer.from(sentences.join(""), "latin1")).epochs) expectSound(epoch);
			}),
			{ numRuns: 1_000 },
		);
	});

	it("gives the same however the bytes are cut", () => {
		fc.assert(
			fc.property(
				fc.array(fc.oneof(sentence, fc.string({ maxLength: 20 })), { maxLength: 20 }),
				fc.array(fc.nat(60), { maxLength: 40 }),
				(parts, cuts) => {
					const bytes = Buffer.from(parts.join(""), "latin1");
					const reader = new NmeaReader();
					const epochs: NmeaEpoch[] = [];
					let at = 0;
					for (const cut of cuts) {
						epochs.push(...reader.push(bytes.subarray(at, at + cut)));
						at += cut;
					}
					epochs.push(...reader.push(bytes.subarray(at)), ...reader.end());
					expect({ epochs, counts: reader.counts }).toEqual(parseNmeaLog(bytes));
				},
			),
			{ numRuns: 300 },
		);
	});

	it("refuses every sentence in which one character was changed", () => {
		fc.assert(
			fc.property(sentence, fc.nat(), fc.integer({ min: 1, max: 127 }), (text, where, flip) => {
				const whole = text.trim();
				const at = 1 + (where % (whole.length - 1));
				const changed = whole.slice(0, at) + String.fromCharCode(whole.charCodeAt(at) ^ flip) + whole.slice(at + 1);
				const sum = Number.parseInt(changed.slice(-2), 16);
				const samePlace = changed.lastIndexOf("*") === whole.lastIndexOf("*");
				fc.pre(!(samePlace && /\*[0-9A-Fa-f]{2}$/.test(changed) && sum === nmeaChecksum(changed, 1, changed.length - 3)));
				expect(typeof parseSentence(changed)).toBe("string");
			}),
			{ numRuns: 1_000 },
		);
	});

	it("has a position only where a sentence of that very stamp gave one", () => {
		const step = fc.record({
			second: fc.nat(59),
			place: fc.boolean(),
			kind: fc.constantFrom("RMC", "GGA", "GLL", "ZDA", "GSA", "RMC-lost"),
		});
		fc.assert(
			fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
				const reader = new NmeaReader();
				for (const [index, { second, place, kind }] of steps.entries()) {
					const time = `1200${String(second).padStart(2, "0")}.000`;
					// The position says at which second it was taken.
					const where = place ? `${String(second).padStart(2, "0")}00.0000,N,01100.0000,E` : ",,,";
					const text = {
						RMC: `GPRMC,${time},${place ? "A" : "V"},${where},1.0,90.0,270724,,,A`,
						GGA: `GPGGA,${time},${where},${place ? 1 : 0},08,0.9,${index}.0,M,0.0,M,,`,
						GLL: `GPGLL,${where},${time},${place ? "A" : "V"},A`,
						ZDA: `GPZDA,${time},27,07,2024,00,00`,
						GSA: "GPGSA,A,3,02,05,12,15,,,,,,,,,1.7,0.9,1.4",
						"RMC-lost": "GPRMC,,V,,,,,,,,,,N",
					}[kind];
					for (const epoch of reader.push(Buffer.from(formatSentence(text)))) {
						if (!epoch.fit || epoch.timeMs === undefined || epoch.latDeg === undefined) continue;
						expect(Math.round(epoch.latDeg)).toBe(new Date(epoch.timeMs).getUTCSeconds());
					}
				}
			}),
			{ numRuns: 1_000 },
		);
	});
});

describe("parseGpsdLine for all inputs", () => {
	it("never throws and never gives an impossible position", () => {
		const value = fc.oneof(fc.double(), fc.string({ maxLength: 8 }), fc.constant(null), fc.boolean(), fc.jsonValue({ maxDepth: 1 }));
		const keys = [
			"mode",
			"time",
			"lat",
			"lon",
			"alt",
			"altMSL",
			"altHAE",
			"speed",
			"track",
			"eph",
			"device",
			"release",
			"devices",
		] as const;
		const message = fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] });
		fc.assert(
			fc.property(fc.constantFrom("TPV", "VERSION", "DEVICES", "SKY"), message, (name, fields) => {
				const read = parseGpsdLine(JSON.stringify({ ...fields, class: name }));
				expect(read).toBeDefined();
				if (read?.class !== "TPV") return;
				expect((read.latDeg === undefined) === (read.lonDeg === undefined)).toBe(true);
				expect(inRange(read.latDeg, -90, 90) && inRange(read.lonDeg, -180, 180)).toBe(true);
			}),
			{ numRuns: 500 },
		);
		fc.assert(fc.property(fc.string({ maxLength: 200 }), (line) => void parseGpsdLine(line)));
	});
});
