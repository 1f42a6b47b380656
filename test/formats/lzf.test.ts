import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packLzf, unpackLzf } from "../../agent/formats/lzf.ts";
import { isKerbError } from "../../shared/errors.ts";

const repetitive = fc
	.array(fc.tuple(fc.uint8Array({ maxLength: 12 }), fc.integer({ min: 1, max: 200 })), { maxLength: 12 })
	.map((runs) => new Uint8Array(runs.flatMap(([bytes, times]) => Array.from({ length: times }, () => [...bytes]).flat())));
const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 2_000 }), repetitive);

describe("packLzf", () => {
	it("is undone by unpackLzf, and never grows beyond a thirty-second", () => {
		fc.assert(
			fc.property(anyBytes, (bytes) => {
				const packed = packLzf(bytes);
				expect(packed.length).toBeLessThanOrEqual(bytes.length + Math.ceil(bytes.length / 32));
				expect(unpackLzf(packed, bytes.length)).toStrictEqual(bytes);
			}),
		);
	});

	it("packs what repeats, also over long distances", () => {
		const block = Uint8Array.from({ length: 8_000 }, (_, index) => (index * index * 31 + (index >> 3)) & 0xff);
		const twice = new Uint8Array([...block, ...block]);
		const packed = packLzf(twice);
		expect(packed.length).toBeLessThan(block.length + 400);
		expect(unpackLzf(packed, twice.length)).toStrictEqual(twice);
		expect(packLzf(new Uint8Array(100_000)).length).toBeLessThan(1_200);
	});
});

describe("unpackLzf", () => {
	it.each<[string, number[], number]>([
		["literals cut off", [3, 1, 2], 4],
		["more literals than there is room", [3, 1, 2, 3, 4], 3],
		["a copy from before the start", [0, 7, 0x20, 5], 4],
		["a copy without its distance", [0, 7, 0x20], 4],
		["a long copy without its length", [0, 7, 0xe0], 4],
		["a copy beyond the end", [0, 7, 0xe0, 255, 0], 4],
		["fewer bytes than promised", [0, 7], 2],
		["nothing for something", [], 1],
	])("refuses %s", (_what, packed, size) => {
		expect(() => unpackLzf(new Uint8Array(packed), size)).toThrow(expect.objectContaining({ code: "FORMAT_INVALID" }));
	});

	it("makes of any bytes exactly the size or refuses them", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 3_000 }), (packed, size) => {
				try {
					expect(unpackLzf(packed, size).length).toBe(size);
				} catch (error) {
					if (!isKerbError(error, "FORMAT_INVALID")) throw error;
				}
			}),
		);
	});

	it("copies what it has just made", () => {
		expect([...unpackLzf(new Uint8Array([0, 9, 0xe0, 1, 0]), 11)]).toEqual(Array.from({ length: 11 }, () => 9));
	});
});
