import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCbor } from "../../shared/cbor-decode.ts";
import { encodeCbor } from "../../shared/cbor-encode.ts";
import { type CborValue, isCborArray } from "../../shared/cbor-value.ts";
import { decodeColumns, encodeColumns } from "../../shared/columns.ts";
import { decodeNumbers, encodeNumbers } from "../../shared/columns-numbers.ts";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import { anyRecord } from "./records.ts";

/** Reads hostile bytes: records, or nothing when they are refused as they should be. */
const tryDecode = (bytes: Uint8Array): readonly unknown[] | undefined => {
	try {
		return decodeColumns(bytes);
	} catch (error) {
		if (isKerbError(error, "ENVELOPE_INVALID")) return undefined;
		throw error;
	}
};

describe("encodeColumns and decodeColumns", () => {
	it("give back any records exactly and in order", () => {
		fc.assert(
			fc.property(fc.array(anyRecord, { maxLength: 60 }), (records) => {
				// toStrictEqual tells 0 from -0 and an absent field from one that is undefined.
				expect(decodeColumns(encodeColumns(records))).toStrictEqual(records);
			}),
			{ numRuns: 400 },
		);
	});

	it("encode the same records to the same bytes", () => {
		fc.assert(
			fc.property(fc.array(anyRecord, { maxLength: 20 }), (records) => {
				expect(encodeColumns(records)).toEqual(encodeColumns(structuredClone(records)));
			}),
		);
	});

	it("refuse or read changed bytes, and never fail in another way", () => {
		fc.assert(
			fc.property(
				fc.array(anyRecord, { minLength: 1, maxLength: 12 }),
				fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
				(records, changes) => {
					const bytes = encodeColumns(records);
					for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
					tryDecode(bytes);
				},
			),
			{ numRuns: 2_000 },
		);
	});

	it("refuse or read a batch with any one item replaced, and never fail in another way", () => {
		const odd = fc.constantFrom<CborValue>(
			-1,
			0,
			1,
			2,
			7,
			12,
			13,
			65_535,
			65_536,
			2 ** 32,
			Number.MAX_SAFE_INTEGER,
			-(2n ** 64n),
			null,
			true,
			"x",
			[],
			[[]],
			new Map(),
			new Uint8Array(),
			new Uint8Array(9),
		);
		fc.assert(
			fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 12 }), fc.nat(), odd, (records, at, item) => {
				const batch = decodeCbor(encodeColumns(records));
				tryDecode(encodeCbor(replaceAt(batch, at % countItems(batch), item)));
			}),
			{ numRuns: 2_000 },
		);
	});

	it("refuse random bytes", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
				tryDecode(bytes);
			}),
			{ numRuns: 1_000 },
		);
	});
});

describe("encodeNumbers and decodeNumbers", () => {
	it("give back any double bit for bit", () => {
		fc.assert(
			fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 50 }), (numbers) => {
				expect([...decodeNumbers(encodeNumbers(Float64Array.from(numbers)), numbers.length)]).toStrictEqual(numbers);
			}),
			{ numRuns: 400 },
		);
	});

	it("give back decimals among which some are not, of any share", () => {
		const decimal = fc.tuple(fc.integer({ min: -10_000, max: 10_000 }), fc.constantFrom(1, 10, 100)).map(([a, b]) => a / b);
		fc.assert(
			fc.property(
				fc.array(fc.oneof({ weight: 9, arbitrary: decimal }, { weight: 1, arbitrary: fc.double() }), { minLength: 1, maxLength: 200 }),
				(numbers) => {
					expect([...decodeNumbers(encodeNumbers(Float64Array.from(numbers)), numbers.length)]).toStrictEqual(numbers);
				},
			),
		);
	});

	it("refuse a count that is not the column's", () => {
		const column = encodeNumbers(Float64Array.of(1.5, 2.25, Math.PI));
		for (const count of [0, 1, 2, 4, 1_000]) expect(() => decodeNumbers(column, count)).toThrow(KerbError);
	});
});

const countItems = (item: CborValue): number => (isCborArray(item) ? item.reduce((sum: number, inner) => sum + countItems(inner), 1) : 1);

/** The item with its `at`-th part, counted in reading order, replaced. */
const replaceAt = (item: CborValue, at: number, by: CborValue): CborValue => {
	if (at === 0) return by;
	if (!isCborArray(item)) return item;
	let left = at - 1;
	return item.map((inner) => {
		const size = countItems(inner);
		const here = left >= 0 && left < size ? replaceAt(inner, left, by) : inner;
		left -= size;
		return here;
	});
};
