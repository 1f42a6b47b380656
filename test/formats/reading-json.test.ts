import { describe, expect, it } from "vitest";
import { readingFromJson, readingFromValue } from "../../agent/formats/reading-json.ts";
import { bootMs, utcMs } from "../../shared/units.ts";

const stamp = { sourceId: "feed0", nowMs: utcMs(1_767_225_600_000), bootMs: bootMs(5_000), defaultDatum: "unknown" } as const;
const sensed = { sourceId: "feed0", takenAtMs: 1_767_225_600_000, bootMs: 5_000 };
const read = (line: string) => readingFromJson(line, stamp);
const fix = (fields: string) => read(`{"kind":"fix","latDeg":1.5,"lonDeg":-2.5${fields}}`);
const signal = (value: string) => read(`{"kind":"signal","path":"Vehicle.Speed","value":${value}}`);

describe("readingFromJson", () => {
	it("reads a signal and stamps what it does not say", () => {
		expect(signal("12.3")).toEqual({ ...sensed, kind: "signal", path: "Vehicle.Speed", value: 12.3 });
		expect(signal("true")).toMatchObject({ value: true });
		expect(signal('"D"')).toMatchObject({ value: "D" });
	});

	it("keeps the time that a reading brings", () => {
		expect(read('{"kind":"signal","path":"A.B","value":1,"takenAtMs":1500000000000.25}')).toMatchObject({
			takenAtMs: 1_500_000_000_000.25,
		});
	});

	it("reads a fix; the datum is unknown and the mode 2 unless it says more", () => {
		expect(fix("")).toEqual({ ...sensed, kind: "fix", latDeg: 1.5, lonDeg: -2.5, datum: "unknown", mode: 2 });
		expect(fix(',"altitudeM":7')).toMatchObject({ mode: 3, altitudeM: 7 });
		expect(fix(',"datum":"cgcs2000","mode":3,"accuracyM":2,"speedMps":1,"courseDeg":360')).toEqual({
			...sensed,
			kind: "fix",
			latDeg: 1.5,
			lonDeg: -2.5,
			datum: "cgcs2000",
			mode: 3,
			accuracyM: 2,
			speedMps: 1,
			courseDeg: 360,
		});
	});

	it("takes an integer of more than 53 bits exactly, up to 64 bits, and refuses to round a longer one", () => {
		expect(signal("9007199254740991")).toMatchObject({ value: 9_007_199_254_740_991 });
		expect(signal("9007199254740993")).toMatchObject({ value: 9_007_199_254_740_993n });
		expect(signal("-9223372036854775808")).toMatchObject({ value: -9_223_372_036_854_775_808n });
		expect(signal("18446744073709551615")).toMatchObject({ value: 18_446_744_073_709_551_615n });
		expect(signal("18446744073709551616")).toBe("reading_invalid");
		expect(signal("-9223372036854775809")).toBe("reading_invalid");
		expect(signal(`1${"0".repeat(400)}`)).toBe("reading_invalid");
		expect(signal("1e20")).toMatchObject({ value: 1e20 });
	});

	it("refuses what is not finite or out of range", () => {
		for (const value of ["1e400", "-1e400", "null", "[]", "{}"]) expect(signal(value)).toBe("reading_invalid");
		expect(signal("NaN")).toBe("line_invalid");
		for (const fields of [
			',"courseDeg":361',
			',"speedMps":-1',
			',"accuracyM":-1',
			',"mode":1',
			',"mode":"3"',
			',"datum":"WGS84"',
			',"takenAtMs":-1',
		])
			expect(fix(fields), fields).toBe("reading_invalid");
		expect(read('{"kind":"fix","latDeg":90.0001,"lonDeg":0}')).toBe("reading_invalid");
		expect(read('{"kind":"fix","latDeg":0,"lonDeg":-180.0001}')).toBe("reading_invalid");
		expect(read('{"kind":"fix","latDeg":0}')).toBe("reading_invalid");
	});

	it("refuses unknown keys, those of Object.prototype too", () => {
		for (const key of ["extra", "__proto__", "constructor", "toString", "sourceId", "bootMs", "tag"]) {
			expect(read(`{"kind":"signal","path":"A","value":1,"${key}":{"polluted":1}}`), key).toBe("reading_invalid");
			expect(fix(`,"${key}":1`), key).toBe("reading_invalid");
		}
		expect(read('{"__proto__":{"kind":"signal","path":"A","value":1}}')).toBe("reading_invalid");
		expect(Object.keys(Object.prototype)).toEqual([]);
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	});

	it("refuses a path that is no name", () => {
		for (const path of ["", ".", "A.", ".A", "A..B", "A B", "A/B", "1A", "A\\n", "é", "A.*", `A${"b".repeat(300)}`])
			expect(read(`{"kind":"signal","path":"${path}","value":1}`), path).toBe("reading_invalid");
		expect(read('{"kind":"signal","path":"VIN_PART.Chars0","value":1}')).toMatchObject({ path: "VIN_PART.Chars0" });
	});

	it("refuses text that is too long or not well-formed", () => {
		expect(signal(`"${"x".repeat(4_096)}"`)).toMatchObject({ kind: "signal" });
		expect(signal(`"${"x".repeat(4_097)}"`)).toBe("reading_invalid");
		expect(signal('"\\ud800"')).toBe("reading_invalid");
	});

	it("calls a line that is no JSON line_invalid and JSON that is no reading reading_invalid", () => {
		for (const line of ["", "{", '{"kind":"signal"', "hello", "{}{}", "'a'", "\u0000"]) expect(read(line), line).toBe("line_invalid");
		for (const line of ["1", "null", "[]", '"x"', "{}", '{"kind":"frame"}', "[".repeat(5_000) + "]".repeat(5_000)])
			expect(read(line), line.slice(0, 20)).toBe("reading_invalid");
	});
});

describe("readingFromValue", () => {
	it("makes numbers of bigints that a number holds exactly, and keeps the others", () => {
		const value = { kind: "signal", path: "A.B", value: 7n, takenAtMs: 1_767_225_600_001n };
		expect(readingFromValue(value, stamp)).toMatchObject({ value: 7, takenAtMs: 1_767_225_600_001 });
		expect(readingFromValue({ ...value, value: 2n ** 60n }, stamp)).toMatchObject({ value: 2n ** 60n });
		expect(readingFromValue({ ...value, value: 2n ** 64n }, stamp)).toBe("reading_invalid");
		expect(readingFromValue({ ...value, takenAtMs: 2n ** 60n }, stamp)).toBe("reading_invalid");
		expect(value.value).toBe(7n);
	});

	it("refuses bytes, undefined and NaN", () => {
		for (const value of [Uint8Array.of(1), undefined, Number.NaN, new Map(), new Date(0)])
			expect(readingFromValue({ kind: "signal", path: "A", value }, stamp)).toBe("reading_invalid");
		for (const value of [undefined, Uint8Array.of(1), new Map(), () => 1]) expect(readingFromValue(value, stamp)).toBe("reading_invalid");
	});
});
