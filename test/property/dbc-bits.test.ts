import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileDbc } from "../../agent/formats/dbc-decode.ts";
import { parseDbc } from "../../agent/formats/dbc-parse.ts";
import { type ReferenceField, referenceFits, referenceRead, referenceWrite } from "../vectors/bit-reference.ts";

interface Layout extends ReferenceField {
	readonly sizeBytes: number;
	readonly signed: boolean;
}

const layouts = fc
	.record({
		sizeBytes: fc.integer({ min: 1, max: 64 }),
		start: fc.nat(511),
		length: fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 512 })),
		littleEndian: fc.boolean(),
		signed: fc.boolean(),
	})
	.map(({ sizeBytes, start, length, ...rest }): Layout => {
		const startBit = start % (sizeBytes * 8);
		let fitting = length;
		while (fitting > 1 && !referenceFits({ startBit, length: fitting, littleEndian: rest.littleEndian }, sizeBytes)) fitting--;
		return { sizeBytes, startBit, length: fitting, ...rest };
	});

const decodeWith = (layout: Layout, data: Uint8Array): number | bigint | undefined => {
	const { startBit, length, littleEndian, signed, sizeBytes } = layout;
	const text = `BO_ 1 M: ${sizeBytes} A\n SG_ S : ${startBit}|${length}@${littleEndian ? 1 : 0}${signed ? "-" : "+"} (1,0) [0|0] "" A\n`;
	const dbc = parseDbc(Buffer.from(text));
	expect(dbc.problems).toEqual([]);
	let got: number | bigint | undefined;
	compileDbc([dbc])
		.find(1, false)
		?.decode(data, (_signal, value) => {
			got = value;
		});
	return got;
};

describe("a compiled DBC signal", () => {
	it("gives back every raw value that was written bit by bit, and no other bit matters", () => {
		fc.assert(
			fc.property(layouts, fc.bigInt({ min: 0n, max: (1n << 512n) - 1n }), fc.boolean(), (layout, bits, ones) => {
				const unsigned = BigInt.asUintN(layout.length, bits);
				const raw = layout.signed ? BigInt.asIntN(layout.length, unsigned) : unsigned;
				const data = new Uint8Array(layout.sizeBytes).fill(ones ? 0xff : 0);
				referenceWrite(layout, data, raw);
				const got = decodeWith(layout, data);
				expect(got === undefined ? undefined : BigInt(got)).toBe(raw);
				expect(typeof got).toBe(raw >= -(2n ** 53n - 1n) && raw <= 2n ** 53n - 1n ? "number" : "bigint");
			}),
			{ numRuns: 3_000 },
		);
	});

	it("reads any payload as the bit-by-bit reference does, or leaves the signal out when the payload is too short", () => {
		fc.assert(
			fc.property(layouts, fc.uint8Array({ maxLength: 64 }), (layout, data) => {
				const got = decodeWith(layout, data);
				if (referenceFits(layout, data.length)) expect(BigInt(got ?? 0)).toBe(referenceRead(layout, data, layout.signed));
				else expect(got).toBeUndefined();
			}),
			{ numRuns: 2_000 },
		);
	});
});
