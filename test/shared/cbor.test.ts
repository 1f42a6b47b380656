import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../shared/bytes.ts";
import { type CborLimits, decodeCbor } from "../../shared/cbor-decode.ts";
import { encodeCbor } from "../../shared/cbor-encode.ts";
import { CborTag, type CborValue } from "../../shared/cbor-value.ts";
import { isKerbError } from "../../shared/errors.ts";

const bytesOf = (hex: string): Uint8Array => fromHex(hex.replaceAll(" ", "")) ?? new Uint8Array();
const isFormatError = expect.toSatisfy((error) => isKerbError(error, "FORMAT_INVALID"));
const refuses = (hex: string, limits?: CborLimits) => expect(() => decodeCbor(bytesOf(hex), limits)).toThrow(isFormatError);

describe("encodeCbor", () => {
	it("writes the same bytes whatever order a map was filled in", () => {
		const entries: [number | string, CborValue][] = [
			[-1, 1],
			["b", 2],
			[24, 3],
			[1, 4],
			["aa", 5],
			[-65_537, 6],
			[500, 7],
		];
		const expected = toHex(encodeCbor(new Map(entries)));
		expect(expected).toBe("a70104181803 1901f407 2001 3a0001000006 616202 62616105".replaceAll(" ", ""));
		for (let turn = 0; turn < entries.length; turn++) {
			entries.push(...entries.splice(0, 1));
			expect(toHex(encodeCbor(new Map(entries)))).toBe(expected);
		}
	});

	it("writes a Buffer, a view and an array of bytes alike, without a tag", () => {
		const whole = Uint8Array.of(9, 1, 2, 3, 9);
		for (const bytes of [Uint8Array.of(1, 2, 3), Buffer.of(1, 2, 3), whole.subarray(1, 4)])
			expect(toHex(encodeCbor(bytes))).toBe("43010203");
	});

	it("refuses what it could not write exactly", () => {
		const deep = (levels: number): CborValue => (levels === 0 ? 0 : [deep(levels - 1)]);
		const values: readonly CborValue[] = [
			0.5,
			Number.NaN,
			2 ** 53,
			Number.POSITIVE_INFINITY,
			2n ** 64n,
			-(2n ** 64n) - 1n,
			"\ud800",
			new CborTag(-1, 0),
			deep(17),
		];
		for (const value of values) expect(() => encodeCbor(value)).toThrow(isFormatError);
		expect(toHex(encodeCbor(-0))).toBe("00");
		expect(toHex(encodeCbor(deep(16)))).toBe(`${"81".repeat(16)}00`);
	});
});

describe("decodeCbor", () => {
	it("refuses integers and lengths that are not in their shortest form", () => {
		for (const hex of [
			"1800",
			"1817",
			"190000",
			"1900ff",
			"1a0000ffff",
			"1b00000000ffffffff",
			"3817",
			"5800",
			"7801 61",
			"9800",
			"b800",
			"d81200",
		])
			refuses(hex);
	});

	it("refuses map keys that come twice, out of order, or are neither integer nor text", () => {
		refuses("a2 01 00 01 00");
		refuses("a2 6161 00 6161 00", { sortedMaps: false });
		refuses("a2 02 00 01 00");
		refuses("a2 20 00 04 00 00");
		expect(decodeCbor(bytesOf("a2 02 00 01 00"), { sortedMaps: false })).toEqual(
			new Map([
				[2, 0],
				[1, 0],
			]),
		);
		for (const key of ["40", "80", "a0", "f5", "f6", "d2 00"]) refuses(`a1 ${key} 00`);
	});

	it("refuses indefinite lengths, floats, undefined, simple values, reserved heads and bad UTF-8", () => {
		for (const hex of [
			"5f4100ff",
			"7f6161ff",
			"9fff",
			"bfff",
			"f93c00",
			"fa00000000",
			"fb0000000000000000",
			"f7",
			"e0",
			"f820",
			"ff",
			"1c",
			"1d",
			"1e",
			"1f",
			"61ff",
			"62c080",
			"63eda080",
		])
			refuses(hex);
	});

	it("refuses bytes after the item and items that are cut short", () => {
		refuses("0000");
		for (const hex of ["", "18", "19 00", "1b 01020304050607", "42 00", "62 61", "82 00", "a1 01", "c1", "d8"]) refuses(hex);
	});

	it("refuses declared lengths that the bytes cannot hold before it makes room for them", () => {
		const before = process.memoryUsage().arrayBuffers;
		for (const head of ["5b", "7b", "9b", "bb"])
			for (const length of ["7fffffffffffffff", "ffffffffffffffff", "0000000100000000"]) refuses(`${head}${length}00`);
		for (const hex of ["5a7fffffff", "7affffffff", "9affffffff", "ba7fffffff", "9a000fffff00"]) refuses(hex);
		expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
	});

	it("refuses more levels and more items than told", () => {
		expect(decodeCbor(bytesOf(`${"81".repeat(8)}00`))).toBeDefined();
		refuses(`${"81".repeat(9)}00`);
		refuses("c0".repeat(100_000));
		expect(() => decodeCbor(new Uint8Array(1_000_000).fill(0x81))).toThrow(isFormatError);
		refuses("83 00 00 00", { maxItems: 3 });
		expect(decodeCbor(bytesOf("83 00 00 00"), { maxItems: 4 })).toEqual([0, 0, 0]);
	});

	it("gives integers beyond 53 bits as bigint and byte strings as views", () => {
		expect(decodeCbor(bytesOf("1b001fffffffffffff"))).toBe(Number.MAX_SAFE_INTEGER);
		expect(decodeCbor(bytesOf("1b0020000000000000"))).toBe(2n ** 53n);
		expect(decodeCbor(bytesOf("3b001ffffffffffffe"))).toBe(Number.MIN_SAFE_INTEGER);
		expect(decodeCbor(bytesOf("3b001fffffffffffff"))).toBe(-(2n ** 53n));
		const bytes = bytesOf("42 0102");
		const view = decodeCbor(bytes);
		bytes[1] = 9;
		expect(view).toEqual(Uint8Array.of(9, 2));
		expect(decodeCbor(Buffer.from("420102", "hex"))?.constructor).toBe(Uint8Array);
	});

	it("keeps a byte order mark and names no content in its errors", () => {
		expect(decodeCbor(bytesOf("63efbbbf"))).toBe("\ufeff");
		try {
			decodeCbor(new TextEncoder().encode("xLFV3A23C8J3000001"));
		} catch (error) {
			expect(String(error)).not.toContain("LFV");
		}
	});
});
