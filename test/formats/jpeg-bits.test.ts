import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JpegWriter } from "../../agent/formats/jpeg-bits.ts";

const bitsOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");

/** Padded with ones and stuffed, as a scan is written. */
const expected = (bits: string): number[] =>
	(bits.padEnd(Math.ceil(bits.length / 8) * 8, "1").match(/.{8}/g) ?? []).flatMap((byte) =>
		byte === "11111111" ? [255, 0] : [Number.parseInt(byte, 2)],
	);

const source = (bytes: Uint8Array): DataView => {
	const padded = new Uint8Array(bytes.length + 8);
	padded.set(bytes);
	return new DataView(padded.buffer);
};

describe("JpegWriter", () => {
	it("copies any range of bits after any bits, stuffed and padded", () => {
		const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((list) => list.map((byte) => (byte > 150 ? 255 : byte)));
		const piece = fc.tuple(fc.nat(479), fc.nat(479), fc.nat(65_535), fc.nat(16));
		fc.assert(
			fc.property(bytes, fc.array(piece, { maxLength: 12 }), (list, pieces) => {
				const writer = new JpegWriter();
				writer.start();
				let bits = "";
				for (const [one, other, value, count] of pieces) {
					const [from, to] = [Math.min(one, other, list.length * 8), Math.min(Math.max(one, other), list.length * 8)];
					writer.copy(source(list), from, to);
					writer.bits(value, count);
					bits += bitsOf(list).slice(from, to) + (count === 0 ? "" : value.toString(2).padStart(16, "0").slice(-count));
				}
				writer.pad();
				expect([...writer.finish()]).toEqual(expected(bits));
			}),
			{ numRuns: 500 },
		);
	});

	it("makes room for a copy of ones alone, which takes twice its size", () => {
		const ones = new Uint8Array(100_000).fill(255);
		for (const shift of [0, 3]) {
			const writer = new JpegWriter();
			writer.start(10);
			writer.bits(0, shift);
			writer.copy(source(ones), 0, ones.length * 8);
			writer.pad();
			expect(writer.finish().length).toBe(200_000 + Math.min(1, shift));
		}
	});

	it("gives bytes of its own, and none of the file before", () => {
		const writer = new JpegWriter();
		writer.start();
		writer.raw([1, 2, 3]);
		const first = writer.finish();
		writer.start();
		writer.raw([9]);
		expect([[...first], [...writer.finish()]]).toEqual([[1, 2, 3], [9]]);
		writer.wipe();
		expect([...writer.finish()]).toEqual([]);
	});
});
