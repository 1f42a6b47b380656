import { describe, expect, it } from "vitest";
import { decodeCbor } from "../../shared/cbor-decode.ts";
import { encodeCbor } from "../../shared/cbor-encode.ts";
import { type CborValue, isCborArray } from "../../shared/cbor-value.ts";
import { decodeColumns, encodeColumns, maxBatchRecords } from "../../shared/columns.ts";
import { decodeIntegers, encodeIntegers, largestColumnInteger } from "../../shared/columns-integers.ts";
import { decodeNumbers, encodeNumbers } from "../../shared/columns-numbers.ts";
import type { KerbRecord } from "../../shared/record.ts";
import { utcMs } from "../../shared/units.ts";

const signal = (at: number, path: string, value: number | bigint | string | boolean): KerbRecord => ({
	kind: "signal",
	takenAtMs: utcMs(at),
	path,
	value,
});
const invalid = expect.objectContaining({ code: "ENVELOPE_INVALID" });
const batchOf = (records: readonly KerbRecord[]): readonly CborValue[] => {
	const batch = decodeCbor(encodeColumns(records));
	return isCborArray(batch) ? batch : [];
};

describe("encodeColumns", () => {
	it("keeps kinds of value that share a path apart and their order", () => {
		const records = [
			signal(1, "a", 1),
			signal(1, "a", "1"),
			signal(1, "a", true),
			signal(1, "a", 1n),
			signal(1, "a", 2),
			signal(0, "a", false),
		];
		expect(decodeColumns(encodeColumns(records))).toStrictEqual(records);
	});

	it("stores no order for records sorted by time, and times once for signals of one message", () => {
		const records = Array.from({ length: 300 }, (_, at) => signal(1_700_000_000_000.25 + Math.floor(at / 3) * 10, `s${at % 3}`, at));
		const [, , order, times] = batchOf(records);
		expect(order).toBeNull();
		expect(times).toHaveLength(1);
		expect(decodeColumns(encodeColumns(records))).toStrictEqual(records);
	});

	it("stores nothing per record for constant values at a steady rate", () => {
		const steady = (count: number) =>
			encodeColumns(Array.from({ length: count }, (_, at) => signal(1_700_000_000_000 + at * 10, "a", 5))).length;
		expect(steady(5_000) - steady(50)).toBeLessThan(10);
	});

	it("keeps microseconds in milliseconds since the epoch", () => {
		const records = Array.from({ length: 1_000 }, (_, at) => signal(1_533_226_488_230.547 + at * 9.973, "a", 1));
		const micros = records.map((record) => ({ ...record, takenAtMs: utcMs(Math.round(record.takenAtMs * 1_000) / 1_000) }));
		expect(decodeColumns(encodeColumns(micros))).toStrictEqual(micros);
		// Two bytes of jitter and a little; eight would be doubles.
		expect(encodeColumns(micros).length).toBeLessThan(2_200);
	});

	it("takes a treated number's step without its exact form", () => {
		const step = 1_000 / 111_320;
		const records = Array.from({ length: 1_000 }, (_, at) => signal(at, "a", Math.round(31 / step + at / 50) * step));
		expect(decodeColumns(encodeColumns(records))).toStrictEqual(records);
		expect(encodeColumns(records).length).toBeLessThan(1_400);
	});

	it("takes the largest batch and refuses one more", () => {
		const records = Array.from({ length: maxBatchRecords }, (_, at) => signal(at, `p${at}`, at));
		expect(decodeColumns(encodeColumns(records))).toHaveLength(maxBatchRecords);
		expect(() => encodeColumns([...records, signal(0, "a", 1)])).toThrow(invalid);
	});

	it("takes no record at all", () => {
		expect(decodeColumns(encodeColumns([]))).toEqual([]);
	});
});

describe("decodeColumns", () => {
	const records = [signal(1, "a", 1), signal(0, "b", "x"), signal(2, "a", 3), signal(3, "b", "y")];

	it("refuses another version, counts that do not add up, and orders that do not fit", () => {
		const [version, count, order, times, groups] = batchOf(records);
		const rebuilt = (...parts: readonly (CborValue | undefined)[]) => encodeCbor(parts.map((part) => part ?? null));
		expect(decodeColumns(rebuilt(version, count, order, times, groups))).toEqual(records);
		for (const other of [0, 2, null]) expect(() => decodeColumns(rebuilt(other, count, order, times, groups))).toThrow(invalid);
		for (const other of [0, 3, 5, -1, maxBatchRecords + 1, 2n ** 60n, null])
			expect(() => decodeColumns(rebuilt(version, other, order, times, groups))).toThrow(invalid);
		const orders = [[], [0, 0, 0, 0], [1, 1, 1, 2], [1, 2, 1, 9], [1, 2, 1], [1, 2, 1, 2, 1]].map((codes) => Uint8Array.from(codes));
		const isOrderError = expect.objectContaining({
			code: "ENVELOPE_INVALID",
			message: expect.stringContaining("names each group as often"),
		});
		for (const other of orders) expect(() => decodeColumns(rebuilt(version, count, other, times, groups))).toThrow(isOrderError);
		expect(() => decodeColumns(rebuilt(version, count, order, times, []))).toThrow(invalid);
		expect(() => decodeColumns(rebuilt(version, count, order, [], groups))).toThrow(invalid);
	});

	it("refuses batches that claim more than they are, before it makes room for it", () => {
		const steady: CborValue = [1, 0, 0, [0, 1, [5], 0, new Uint8Array()], null, null];
		const times: CborValue = [maxBatchRecords, steady];
		const group: CborValue = [0, 0, "a", 0, steady];
		const many = (count: number, item: CborValue) => Array.from({ length: count }, () => item);
		expect(decodeColumns(encodeCbor([1, maxBatchRecords, null, [times], [group]]))).toHaveLength(maxBatchRecords);
		const before = process.memoryUsage();
		const claims: readonly (readonly [CborValue, string])[] = [
			[[1, maxBatchRecords, null, many(500, times), [group]], "no more records than declared"],
			[[1, maxBatchRecords, null, [times], many(500, group)], "as many records as declared"],
			[[1, maxBatchRecords, null, [times], []], "as many records as declared"],
			[[1, 3, null, [[3, steady]], many(4, group)], "time columns and groups"],
		];
		for (const [claim, message] of claims) {
			expect(() => decodeColumns(encodeCbor(claim))).toThrow(
				expect.objectContaining({ code: "ENVELOPE_INVALID", message: expect.stringContaining(message) }),
			);
		}
		// 500 columns of 65,535 doubles would be 262 MB.
		expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(20_000_000);
		expect(() => decodeColumns(new Uint8Array(1_000_000).fill(0x80))).toThrow(invalid);
	});
});

describe("encodeNumbers", () => {
	const roundTrip = (numbers: readonly number[]) => [...decodeNumbers(encodeNumbers(Float64Array.from(numbers)), numbers.length)];

	it("keeps the exact bits of factor times raw plus offset", () => {
		for (const [factor, offset] of [
			[0.01, -67.67],
			[0.1, 0],
			[1.5, 0],
			[0.005493, -180],
			[0.0625, -273],
			[2 ** -24, 0.3],
			[1e-7, 0],
		] as const) {
			const numbers = Array.from({ length: 500 }, (_, at) => ((at * 37) % 4_096) * factor + offset);
			expect(roundTrip(numbers)).toStrictEqual(numbers);
		}
	});

	it("keeps -0, NaN, infinities, the smallest and largest doubles and neighbours of decimals among decimals", () => {
		const odd = [
			-0,
			Number.NaN,
			Number.POSITIVE_INFINITY,
			Number.NEGATIVE_INFINITY,
			Number.MIN_VALUE,
			-Number.MIN_VALUE,
			Number.MAX_VALUE,
			0.1 + 0.2,
			2 ** 53 + 2,
			-(2 ** 51) - 1,
		];
		for (const value of odd) {
			const numbers = Array.from({ length: 40 }, (_, at) => at / 10);
			numbers[17] = value;
			expect(roundTrip(numbers)).toStrictEqual(numbers);
			expect(roundTrip([value])).toStrictEqual([value]);
		}
		expect(roundTrip(odd)).toStrictEqual(odd);
		expect(roundTrip([-0, 0, -0, 0, 0, 0, 0, 0])).toStrictEqual([-0, 0, -0, 0, 0, 0, 0, 0]);
	});

	it("refuses tables inside tables, exponents and ways that there are not", () => {
		const integers = encodeIntegers(Float64Array.of(0, 0)).cbor;
		const columns: readonly CborValue[] = [
			[2, 1, [2, 1, [0, new Uint8Array(8)], integers], integers],
			[2, 3, [0, new Uint8Array(24)], integers],
			[2, 1, [0, new Uint8Array(8)], encodeIntegers(Float64Array.of(0, 1)).cbor],
			[2, 1, [0, new Uint8Array(8)], encodeIntegers(Float64Array.of(-1, 0)).cbor],
			[1, 13, 0, integers, null, null],
			[1, -1, 0, integers, null, null],
			[1, 0, 2, integers, null, null],
			[1, 0, 0, integers, new Uint8Array(1), null],
			[1, 0, 0, integers, null, new Uint8Array(11)],
			[1, 0, 0, integers, null, Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
			[0, new Uint8Array(15)],
			[3, null],
			null,
		];
		for (const column of columns) expect(() => decodeNumbers(column, 2)).toThrow(invalid);
	});
});

describe("encodeIntegers", () => {
	it("gives back extremes of every difference order", () => {
		const extremes = [0, 1, -1, 255, 256, largestColumnInteger, -largestColumnInteger, largestColumnInteger, 3, 3, 3];
		for (const list of [
			extremes,
			[],
			[7],
			[7, 7],
			[-largestColumnInteger, largestColumnInteger],
			Array.from({ length: 100 }, (_, at) => at * at * 12),
		]) {
			expect([...decodeIntegers(encodeIntegers(Float64Array.from(list)).cbor, list.length)]).toStrictEqual(list);
		}
	});

	it("refuses planes of another length, and differences that leave the exact integers", () => {
		const columns: readonly CborValue[] = [
			[0, 1, [0], 1, new Uint8Array(1)],
			[0, 1, [0], 8, new Uint8Array(16)],
			[3, 1, [0], 0, new Uint8Array()],
			[0, 0, [0], 0, new Uint8Array()],
			[0, 1, [], 0, new Uint8Array()],
			[2, 1, [0], 0, new Uint8Array()],
			[1, Number.MAX_SAFE_INTEGER, [1], 1, Uint8Array.of(2, 2)],
			[0, 1, [2n ** 60n], 0, new Uint8Array()],
			[0, 1, [0], 0],
		];
		for (const column of columns) expect(() => decodeIntegers(column, 3)).toThrow(invalid);
	});
});
