import { describe, expect, it } from "vitest";
import { NmeaReader, parseNmeaLog } from "../../agent/formats/nmea.ts";
import { readDate, readNumber, readPosition, readTimeOfDay } from "../../agent/formats/nmea-fields.ts";
import { maxSentenceBytes } from "../../agent/formats/nmea-framer.ts";
import { formatSentence, parseSentence } from "../../agent/formats/nmea-sentence.ts";

const bytes = (...parts: readonly (string | readonly number[])[]): Buffer =>
	Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));

const rmc = (time: string, date: string, lat = "3519.9048,N", lon = "13640.2631,E"): string =>
	formatSentence(`GPRMC,${time},A,${lat},${lon},1.94,92.17,${date},,,A`);
const gga = (time: string, where = "3519.9048,N,13640.2631,E", quality = "1", satellites = "08"): string =>
	formatSentence(`GPGGA,${time},${where},${quality},${satellites},0.9,80.4,M,36.0,M,,`);

const only = (text: string) => parseNmeaLog(bytes(text));

describe("parseSentence", () => {
	it("takes a sentence apart by talker, type and fields", () => {
		expect(parseSentence("$GPGLL,4916.45,N,12311.12,W,225444,A*31")).toEqual({
			address: "GPGLL",
			talker: "GP",
			type: "GLL",
			fields: ["GPGLL", "4916.45", "N", "12311.12", "W", "225444", "A"],
		});
	});

	it("keeps the whole address of a maker's own sentence", () => {
		for (const [text, type] of [
			[formatSentence("PUBX,00,1"), "PUBX"],
			[formatSentence("PASHR,POS,1"), "PASHR"],
			[formatSentence("PSTI,030,1"), "PSTI"],
			[formatSentence("PGRMC,A"), "PGRMC"],
		] as const) {
			expect(parseSentence(text.trim())).toMatchObject({ talker: "P", type });
		}
		expect(parseSentence(formatSentence("PQGSA,A,1").trim())).toMatchObject({ talker: "PQ", type: "GSA" });
	});

	it("refuses a wrong checksum, a missing one, and text behind it", () => {
		expect(parseSentence("$GPGLL,4916.45,N,12311.12,W,225444,A*30")).toBe("checksum_invalid");
		expect(parseSentence("$GPGLL,4916.45,N,12311.12,W,225444,A")).toBe("checksum_missing");
		expect(parseSentence("$GPGLL,4916.45,N,12311.12,W,225444,A*31x")).toBe("sentence_invalid");
		expect(parseSentence("$GPGLL,4916.45,N,12311.12,W,225444,A*3")).toBe("sentence_invalid");
	});

	it("takes a sentence without a checksum only when asked to, and never a wrong one", () => {
		expect(parseSentence("$GPGLL,4916.45,N,12311.12,W,225444,A", "if-present")).toMatchObject({ type: "GLL" });
		expect(parseSentence("$GPGLL,4916.45,N,12311.12,W,225444,A*30", "if-present")).toBe("checksum_invalid");
	});

	it("reads a checksum in small letters and spaces before the line end", () => {
		const text = formatSentence("GPGLL,4916.45,N,12311.12,W,225447,A").trim();
		expect(parseSentence(`${text.slice(0, -2)}${text.slice(-2).toLowerCase()}  `)).toMatchObject({ type: "GLL" });
	});

	it("refuses an address that is none and more fields than any sentence has", () => {
		expect(parseSentence(formatSentence("gprmc,1").trim())).toBe("sentence_invalid");
		expect(parseSentence(formatSentence(`GPTXT${",1".repeat(200)}`).trim())).toBe("sentence_invalid");
	});
});

describe("fields", () => {
	it("make no number of an empty or malformed one", () => {
		for (const text of ["", " ", "-", ".", "1e5", "0x10", "NaN", "Infinity", "1.2.3", "1,2", "--1"])
			expect(readNumber(text), text).toBeUndefined();
		expect(readNumber("-00.50")).toBe(-0.5);
	});

	it("make a position only of four good parts", () => {
		expect(readPosition(["4807.038", "N", "01131.324", "E"], 0)).toEqual({ latDeg: 48.1173, lonDeg: expect.closeTo(11.52206666, 7) });
		expect(readPosition(["0000.000", "S", "00000.000", "W"], 0)).toEqual({ latDeg: 0, lonDeg: 0 });
		for (const fields of [
			["", "", "", ""],
			["4807.038", "N", "", ""],
			["4807.038", "", "01131.324", "E"],
			["4807.038", "X", "01131.324", "E"],
			["4807", "N", "01131", "E"],
			["4860.000", "N", "01131.324", "E"],
			["9000.001", "N", "01131.324", "E"],
			["4807.038", "N", "18000.001", "E"],
			["-4807.038", "N", "01131.324", "E"],
		]) {
			expect(readPosition(fields, 0), fields.join()).toBeUndefined();
		}
	});

	it("read times of day and dates, and refuse what is none", () => {
		expect(readTimeOfDay("235960.125")).toEqual({ hour: 23, minute: 59, second: 60, fractionMs: 125 });
		for (const text of ["", "2359", "240000", "236000", "235961", "-10000", "ab0000"]) expect(readTimeOfDay(text), text).toBeUndefined();
		expect(readDate("060180")).toEqual({ year: 1980, month: 1, day: 6 });
		expect(readDate("311279")).toEqual({ year: 2079, month: 12, day: 31 });
		for (const text of ["", "000101", "320101", "011301", "0101-1", "01012020"]) expect(readDate(text), text).toBeUndefined();
	});
});

describe("NmeaReader", () => {
	it("skips and counts noise, binary frames and comments around sentences", () => {
		const ubx = [0xb5, 0x62, 0x01, 0x07, 0x04, 0x00, 0x24, 0x47, 0x0a, 0x50, 0xd1, 0xe3];
		const sirf = [0xa0, 0xa2, 0x00, 0x02, 0x0b, 0x24, 0x00, 0x2f, 0xb0, 0xb3];
		const { epochs, counts } = parseNmeaLog(
			bytes(
				"# $GPRMC in a comment\n",
				",half,a*00\r\n",
				rmc("045849.000", "270724"),
				ubx,
				rmc("045850.000", "270724"),
				sirf,
				"\r\n",
				gga("045851.000"),
			),
		);
		expect(epochs.map((epoch) => epoch.timeMs)).toEqual(
			[Date.UTC(2024, 6, 27, 4, 58, 49), Date.UTC(2024, 6, 27, 4, 58, 50)].concat(epochs.slice(2).map((e) => e.timeMs ?? 0)),
		);
		expect(counts).toMatchObject({ sentences: 3, checksumInvalid: 0, sentenceInvalid: 2 });
		expect(counts.skippedBytes).toBeGreaterThanOrEqual(ubx.length + sirf.length - 2);
	});

	it("takes the sentence that begins inside a broken one", () => {
		const { epochs, counts } = only(`$GPRMC,045853.000,A,3519.9045,N,13640.2631,E,0.11,97.51,27${rmc("045854.000", "270724")}`);
		expect(epochs).toHaveLength(1);
		expect(counts.sentenceInvalid).toBe(1);
	});

	it("counts bad and missing checksums apart", () => {
		const { epochs, counts } = only(rmc("045849.000", "270724").replace("3519", "3518") + rmc("045849.000", "270724").replace(/\*../, ""));
		expect(epochs).toEqual([]);
		expect(counts).toMatchObject({ sentences: 0, checksumInvalid: 1, checksumMissing: 1 });
	});

	it("gives up a sentence without an end and goes on with the next", () => {
		const { epochs, counts } = only(`$GPRMC,${"9".repeat(3 * maxSentenceBytes)}\r\n${rmc("045849.000", "270724")}`);
		expect(epochs).toHaveLength(1);
		expect(counts.lineOverlong).toBe(1);
	});

	it("does not believe two sentences run together, whatever their checksum", () => {
		const body = `GPRMC,045849.000,A,3519.9048,N,13640.2631,E,0.10,92.17,270724,,,A,${",".repeat(10)}GPGGA,045849.000,3519.9048,N,13640.2631,E`;
		expect(only(formatSentence(body))).toMatchObject({ epochs: [], counts: { sentenceInvalid: 1 } });
	});

	it("leaves other ships' positions alone", () => {
		expect(only("!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A\r\n").epochs).toEqual([]);
	});

	it("reads the last sentence of a recording without its line end", () => {
		expect(only(rmc("045849.000", "270724").trim()).epochs).toHaveLength(1);
	});
});

describe("EpochAssembler", () => {
	const cycle = (time: string): string => gga(time) + formatSentence("GPGSA,A,3,02,05,12,15,,,,,,,,,1.7,0.9,1.4") + rmc(time, "270724");

	it("learns the end of the cycle and then reports each epoch once, at its last sentence", () => {
		const reader = new NmeaReader();
		const times = ["045849.000", "045850.000", "045851.000", "045852.000"];
		const reports = times.map((time) => reader.push(bytes(cycle(time))));
		expect(reports[0]?.length).toBeGreaterThan(1);
		expect(reports.slice(2).map((epochs) => epochs.length)).toEqual([1, 1]);
		expect(reports[3]?.[0]).toMatchObject({
			timeMs: Date.UTC(2024, 6, 27, 4, 58, 52),
			mode: 3,
			latDeg: expect.closeTo(35.33174667, 8),
			lonDeg: expect.closeTo(136.67105167, 8),
			altMslM: 80.4,
			altHaeM: expect.closeTo(116.4, 9),
			speedMps: expect.closeTo(0.998022, 5),
			courseDeg: 92.17,
			satellites: 4,
			accuracyM: expect.closeTo(0.9 * 19, 9),
			fit: true,
		});
	});

	it("takes GST before HDOP for the accuracy: twice the distance root mean square", () => {
		const gst = (time: string): string => formatSentence(`GPGST,${time},1.2,,,,3.0,4.0,9.0`);
		const reader = new NmeaReader();
		for (const time of ["045849.000", "045850.000"]) reader.push(bytes(gst(time) + cycle(time)));
		expect(reader.push(bytes(gst("045851.000") + cycle("045851.000"))).at(-1)?.accuracyM).toBe(10);
	});

	it("forgets error figures that are older than the cycle before", () => {
		const reader = new NmeaReader();
		reader.push(bytes(cycle("045849.000")));
		const bare = (time: string): string => rmc(time, "270724");
		const reports = ["045850.000", "045851.000", "045852.000"].map((time) => reader.push(bytes(bare(time))).at(-1));
		expect(reports.map((report) => report?.accuracyM === undefined)).toEqual([false, true, true]);
	});

	it("never carries a position into the next epoch", () => {
		const reader = new NmeaReader();
		for (const time of ["045849.000", "045850.000"]) reader.push(bytes(cycle(time)));
		const lost = reader.push(
			bytes(
				gga("045851.000", ",,,", "0", "00"),
				formatSentence("GPGSA,A,3,02,05,12,15,,,,,,,,,1.7,0.9,1.4"),
				formatSentence("GPRMC,045851.000,V,,,,,,,270724,,,N"),
			),
		);
		for (const epoch of lost) expect(epoch.latDeg).toBeUndefined();
	});

	it("drops the position when the receiver loses its time, even if GSA claims a fix", () => {
		const reader = new NmeaReader();
		for (const time of ["045849.000", "045850.000"]) reader.push(bytes(cycle(time)));
		const lost = reader.push(bytes(formatSentence("GPRMC,,V,,,,,,,,,,N"), formatSentence("GPGSA,A,3,02,05,12,15,,,,,,,,,1.7,0.9,1.4")));
		expect(lost.length).toBeGreaterThan(0);
		for (const epoch of lost) expect(epoch.latDeg).toBeUndefined();
	});

	it("marks a position as unfit when the receiver calls it invalid (GGA quality 0)", () => {
		const epochs = only(gga("045849.000", undefined, "0") + rmc("045849.000", "270724")).epochs;
		expect(epochs.map((epoch) => epoch.fit)).toEqual([false, true]);
	});

	it("marks a position as unfit when only the time moved on (ZDA before the position)", () => {
		const reader = new NmeaReader();
		reader.push(bytes(rmc("045849.000", "270724"), formatSentence("GPZDA,045850.000,27,07,2024,00,00")));
		const epochs = reader.push(bytes(formatSentence("GPGSA,A,3,02,05,12,15,,,,,,,,,1.7,0.9,1.4")));
		expect(epochs[0]).toMatchObject({ timeMs: Date.UTC(2024, 6, 27, 4, 58, 50), fit: false });
	});

	it("keeps the third dimension of a fix whose height is known when GGA counts too few satellites for it", () => {
		const reader = new NmeaReader();
		for (const time of ["045849.000", "045850.000"]) reader.push(bytes(rmc(time, "270724"), gga(time)));
		expect(reader.push(bytes(rmc("045851.000", "270724"), gga("045851.000", undefined, "1", "03"))).at(-1)).toMatchObject({
			mode: 3,
			altMslM: 80.4,
		});
		expect(only(gga("045851.000", undefined, "1", "03")).epochs[0]).toMatchObject({ mode: 2 });
	});

	it("goes over midnight before the date does", () => {
		const epochs = only(rmc("235958.000", "311224") + gga("235958.000") + gga("235959.000") + gga("000000.000")).epochs;
		expect(epochs.at(-1)?.timeMs).toBe(Date.UTC(2025, 0, 1));
	});

	it("moves a date before the floor ahead by 1,024 weeks, and only then", () => {
		const early = rmc("120000.000", "270705");
		expect(only(early).epochs[0]?.timeMs).toBe(Date.UTC(2005, 6, 27, 12) + 1_024 * 7 * 86_400_000);
		expect(parseNmeaLog(bytes(early), { dateFloorMs: Date.UTC(2005, 0, 1) }).epochs[0]?.timeMs).toBe(Date.UTC(2005, 6, 27, 12));
		expect(only(rmc("120000.000", "010117")).epochs[0]?.timeMs).toBe(Date.UTC(2017, 0, 1, 12));
	});

	it("says no time while no sentence has said the date", () => {
		const epoch = only(gga("120000.000")).epochs[0];
		expect(epoch).toMatchObject({ mode: 3 });
		expect(epoch?.timeMs).toBeUndefined();
	});

	it("reads positions from GLL, GNS, PASHR and PSTI, whoever talks", () => {
		const where = "3519.9048,N,13640.2631,E";
		for (const body of [
			`IIGLL,${where},120000.000,A,A`,
			`GNGNS,120000.000,${where},AA,09,0.9,80.4,36.0,,`,
			`PASHR,POS,0,09,120000.00,${where},116.40,,092.17,3.59,+0.0,1.7,0.9,1.4,0.8,`,
			`PSTI,030,120000.000,A,${where},80.4,0.5,0.5,0.0,270724,A,0.0,0.0`,
		]) {
			expect(only(formatSentence(body)).epochs[0], body).toMatchObject({ latDeg: expect.closeTo(35.33174667, 8), fit: true });
		}
	});
});
