import { describe, expect, it } from "vitest";
import { parseGpsdLine, watchCommand } from "../../agent/formats/gpsd.ts";

describe("parseGpsdLine", () => {
	it("reads a position report", () => {
		const line =
			'{"class":"TPV","device":"/dev/pts/1","status":2,"mode":3,"time":"2025-03-12T04:58:58.125Z","lat":35.331731667,"lon":-136.671053333,' +
			'"altHAE":116.65,"altMSL":80.8,"alt":80.8,"track":115.53,"speed":0.057,"climb":0.1,"eph":41.8,"sep":55.1}';
		expect(parseGpsdLine(line)).toEqual({
			class: "TPV",
			device: "/dev/pts/1",
			mode: 3,
			timeMs: Date.UTC(2025, 2, 12, 4, 58, 58, 125),
			latDeg: 35.331731667,
			lonDeg: -136.671053333,
			altMslM: 80.8,
			altHaeM: 116.65,
			speedMps: 0.057,
			courseDeg: 115.53,
			accuracyM: 41.8,
		});
	});

	it("reads a report without a fix and without a time", () => {
		expect(parseGpsdLine('{"class":"TPV","mode":1}')).toEqual({ class: "TPV", mode: 1 });
	});

	it("takes no half and no impossible position", () => {
		for (const fields of [
			'"lat":1',
			'"lat":91,"lon":1',
			'"lat":1,"lon":181',
			'"lat":"1","lon":"1"',
			'"lat":null,"lon":null',
			'"lat":1e999,"lon":0',
		]) {
			const message = parseGpsdLine(`{"class":"TPV","mode":3,${fields}}`);
			expect(message, fields).toEqual({ class: "TPV", mode: 3 });
		}
	});

	it("takes no mode and no time that gpsd does not send", () => {
		expect(parseGpsdLine('{"class":"TPV","mode":4,"time":1700000000}')).toEqual({ class: "TPV", mode: 0 });
		expect(parseGpsdLine('{"class":"TPV","mode":"3","time":"yesterday"}')).toEqual({ class: "TPV", mode: 0 });
		expect(parseGpsdLine('{"class":"TPV","mode":1,"time":"2025-13-45T99:99:99Z"}')).toEqual({ class: "TPV", mode: 1 });
	});

	it("reads the version and cleans its text", () => {
		expect(parseGpsdLine('{"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,"proto_minor":14}')).toEqual({
			class: "VERSION",
			release: "3.22",
			protoMajor: 3,
			protoMinor: 14,
		});
		expect(parseGpsdLine('{"class":"VERSION","release":"<b>\\n3.22 at 35.3,136.6 with more than twenty letters"}')).toMatchObject({
			release: "b3.22at35.3136.6with",
		});
	});

	it("knows other classes by their name alone", () => {
		for (const name of ["WATCH", "SKY", "ATT", "IMU", "PPS", "TOFF", "GST", "DEVICE", "AIS"]) {
			expect(parseGpsdLine(JSON.stringify({ class: name, lat: 1, lon: 2 }))).toEqual({ class: "other" });
		}
		expect(parseGpsdLine('{"class":"DEVICES","devices":[{},{}]}')).toEqual({ class: "DEVICES", count: 2 });
		expect(parseGpsdLine('{"class":"ERROR","message":"no"}')).toEqual({ class: "ERROR" });
	});

	it("refuses what is no message", () => {
		for (const line of [
			"",
			"{",
			"[]",
			"null",
			"3",
			'"TPV"',
			"{}",
			'{"class":3}',
			'{"mode":3,"lat":1,"lon":2}',
			'{"class":"TPV","lat":NaN}',
		]) {
			expect(parseGpsdLine(line), line).toBeUndefined();
		}
	});
});

describe("watchCommand", () => {
	it("is one line that asks for JSON, of one device if named", () => {
		expect(watchCommand()).toBe('?WATCH={"enable":true,"json":true};\n');
		expect(watchCommand("/dev/ttyUSB0")).toBe('?WATCH={"enable":true,"json":true,"device":"/dev/ttyUSB0"};\n');
	});
});
