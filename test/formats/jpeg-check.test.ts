import { describe, expect, it } from "vitest";
import { checkRedaction } from "../../agent/formats/jpeg-check.ts";
import { maskJpeg } from "../../agent/formats/jpeg-mask.ts";
import { drawFrom } from "../fakes/jpeg-pictures.ts";
import { type CoefficientPicture, componentsOfBlocks, mcuCount, type WriterOptions, writeJpeg } from "../fakes/jpeg-writer.ts";

const picture = (factors: CoefficientPicture["factors"], restartInterval = 0, flatFrom = Number.POSITIVE_INFINITY): CoefficientPicture => {
	const shape = { widthPx: 64, heightPx: 32, factors };
	const draw = drawFrom(5);
	const block = (flat: boolean): number[] => Array.from({ length: 64 }, (_, k) => (k < 9 && !flat ? Math.floor(draw() * 60) + 1 : 0));
	const mcus = Array.from({ length: mcuCount(shape) }, (_, mcu) => componentsOfBlocks(factors).map(() => block(mcu >= flatFrom)));
	return { ...shape, restartInterval, mcus };
};
const yuv = picture([
	[2, 2],
	[1, 1],
	[1, 1],
]);
const input = writeJpeg(yuv, { codes: "annex-k" });
/** All of the second row of MCUs. */
const box = { xPx: 0, yPx: 20, widthPx: 64, heightPx: 4 };
const { jpeg } = maskJpeg(input, [box]);

const find = (bytes: Uint8Array, marker: number): number => bytes.findIndex((byte, at) => byte === 0xff && bytes[at + 1] === marker);
const inserted = (marker: number, ...values: readonly number[]): Uint8Array => {
	const at = find(jpeg, marker);
	return Uint8Array.from([...jpeg.subarray(0, at), ...values, ...jpeg.subarray(at)]);
};
const edited = (marker: number, offset: number, ...values: readonly number[]): Uint8Array => {
	const copy = jpeg.slice();
	copy.set(values, find(jpeg, marker) + offset);
	return copy;
};
/** Written by another hand: each table has a segment of its own, as the check wants it. */
const rewritten = (other: CoefficientPicture, options: Partial<WriterOptions> = {}): Uint8Array =>
	maskJpeg(writeJpeg(other, { codes: "annex-k", ...options }), []).jpeg;

describe("checkRedaction", () => {
	it("has nothing to say of a masked file", () => {
		expect(checkRedaction(jpeg, input, [box])).toEqual([]);
		expect(checkRedaction(jpeg, input, [])).toEqual([]);
	});

	const foreign: readonly (readonly [string, Uint8Array])[] = [
		...[0xe0, 0xe1, 0xe2, 0xed, 0xef, 0xfe].map(
			(marker) => [`a segment FF${marker.toString(16)}`, inserted(0xdb, 0xff, marker, 0, 5, 1, 2, 3)] as const,
		),
		["an APP14 with more than the colours", inserted(0xdb, 0xff, 0xee, 0, 15, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 1, 7)],
		["an APP14 with flags", inserted(0xdb, 0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 1, 2, 3, 4, 1)],
		["an APP14 of somebody else", inserted(0xdb, 0xff, 0xee, 0, 14, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1)],
		["fill bytes", inserted(0xdb, 0xff, 0xff)],
		["bytes between segments", inserted(0xdb, 0)],
		["a table that nothing uses", inserted(0xc0, 0xff, 0xdb, 0, 67, 2, ...Array.from({ length: 64 }, () => 1))],
		["a table that is told twice", inserted(0xc0, ...jpeg.subarray(find(jpeg, 0xdb), find(jpeg, 0xdb) + 69))],
		["a table longer than itself", inserted(0xc0, 0xff, 0xdb, 0, 68, 2, ...Array.from({ length: 65 }, () => 1))],
		["a Huffman table that nothing uses", inserted(0xda, 0xff, 0xc4, 0, 20, 2, 1, ...Array.from({ length: 15 }, () => 0), 0)],
		["a restart interval longer than itself", inserted(0xda, 0xff, 0xdd, 0, 5, 0, 9, 9)],
		["two restart intervals", inserted(0xda, 0xff, 0xdd, 0, 4, 0, 0, 0xff, 0xdd, 0, 4, 0, 0)],
		["bytes after the end", Uint8Array.from([...jpeg, 0])],
		["a second picture after the end", Uint8Array.from([...jpeg, ...jpeg])],
		["bytes before the end", Uint8Array.from([...jpeg.subarray(0, -2), 0, 0xff, 0xd9])],
		["a byte of ones before the end", Uint8Array.from([...jpeg.subarray(0, -2), 0xff, 0, 0xff, 0xd9])],
		["a comment before the end", Uint8Array.from([...jpeg.subarray(0, -2), 0xff, 0xfe, 0, 2, 0xff, 0xd9])],
		["no end", jpeg.subarray(0, -2)],
		["no beginning", jpeg.subarray(2)],
		["nothing at all", new Uint8Array()],
		["a progressive frame", edited(0xc0, 1, 0xc2)],
		["a scan of a part of the coefficients", edited(0xda, 11, 0, 20)],
		["a height told later", edited(0xc0, 5, 0, 0)],
	];
	it.each(foreign)("finds %s", (_, bytes) => {
		expect(checkRedaction(bytes, input, [box])).toHaveLength(1);
	});

	it("finds a file cut off after any of its bytes", () => {
		for (let length = 0; length < jpeg.length; length++) expect(checkRedaction(jpeg.subarray(0, length), input, [box])).toHaveLength(1);
	});

	it("finds another size, sampling, order or number of components", () => {
		const greys = rewritten(picture([[1, 1]]));
		expect(checkRedaction(greys, input, [])).toHaveLength(1);
		expect(checkRedaction(rewritten({ ...yuv, widthPx: 63 }), input, [])).toHaveLength(1);
		expect(checkRedaction(rewritten({ ...yuv, heightPx: 31 }), input, [])).toHaveLength(1);
		expect(
			checkRedaction(
				rewritten(
					picture([
						[2, 1],
						[1, 1],
						[1, 1],
					]),
				),
				input,
				[],
			),
		).toHaveLength(1);
		expect(checkRedaction(rewritten(yuv, { ids: [3, 2, 1] }), input, [])).toHaveLength(1);
		expect(checkRedaction(rewritten(yuv), input, [])).toEqual([]);
		expect(checkRedaction(jpeg, Uint8Array.from([0xff, 0xd8, 0xff, 0xd9]), [])).toHaveLength(1);
	});

	it("finds one coefficient left in one block of a masked MCU, in any component, DC or AC", () => {
		const grey = picture(
			[
				[2, 2],
				[1, 1],
				[1, 1],
			],
			0,
			4,
		);
		const other = writeJpeg(yuv, { codes: "annex-k" });
		expect(checkRedaction(rewritten(grey), other, [box])).toEqual([]);
		for (let block = 0; block < 6; block++) {
			for (const k of [0, 1, 30, 63]) {
				const left = grey.mcus.map((mcu, at) =>
					at === 6 ? mcu.map((each, index) => each.map((value, place) => (index === block && place === k ? 1 : value))) : mcu,
				);
				expect(checkRedaction(rewritten({ ...grey, mcus: left }), other, [box])).toEqual(["a masked MCU is not flat grey"]);
			}
		}
	});

	it("finds a box that is none, and one that nothing was masked for", () => {
		for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, -1])
			expect(checkRedaction(jpeg, input, [{ ...box, widthPx: value }])).toHaveLength(1);
		expect(checkRedaction(jpeg, input, [{ ...box, xPx: Number.NaN }])).toHaveLength(1);
		expect(checkRedaction(jpeg, input, [box, { xPx: 3, yPx: 15.5, widthPx: 0, heightPx: 0 }])).toEqual(["a masked MCU is not flat grey"]);
		expect(checkRedaction(jpeg, input, [box, { xPx: 3, yPx: 15.9, widthPx: 0.2, heightPx: 0.2 }])).toEqual([
			"a masked MCU is not flat grey",
		]);
		expect(checkRedaction(jpeg, input, [box, { xPx: 3, yPx: 16, widthPx: 9, heightPx: 9 }])).toEqual([]);
	});

	it("sees boxes off the picture for what they are", () => {
		const whole = { xPx: -1e300, yPx: -1e300, widthPx: 2e300, heightPx: 2e300 };
		for (const off of [{ xPx: -50 }, { xPx: 64 }, { yPx: -50 }, { yPx: 32 }]) {
			expect(checkRedaction(jpeg, input, [{ xPx: 3, yPx: 3, widthPx: 20, heightPx: 20, ...off }])).toEqual([]);
		}
		expect(checkRedaction(jpeg, input, [whole])).toEqual(["a masked MCU is not flat grey"]);
		expect(checkRedaction(maskJpeg(input, [whole]).jpeg, input, [whole])).toEqual([]);
	});

	it("wants restart markers in order, as often as the interval says, each after its last MCU", () => {
		const restarting = writeJpeg(
			picture(
				[
					[2, 2],
					[1, 1],
					[1, 1],
				],
				3,
			),
			{ codes: "annex-k" },
		);
		const good = maskJpeg(restarting, [box]).jpeg;
		expect(checkRedaction(good, restarting, [box])).toEqual([]);
		const at = find(good, 0xd1);
		const swapped = good.map((byte, index) => (index === at + 1 ? 0xd3 : byte));
		const without = Uint8Array.from([...good.subarray(0, at), ...good.subarray(at + 2)]);
		const late = Uint8Array.from([...good.subarray(0, at), 0, ...good.subarray(at)]);
		const padded = good.map((byte, index) => (index === at - 1 ? byte & 0xfe : byte));
		const interval = good.slice();
		interval.set([0, 4], find(good, 0xdd) + 4);
		for (const bad of [swapped, without, late, interval]) expect(checkRedaction(bad, restarting, [])).toHaveLength(1);
		if (padded[at - 1] !== good[at - 1]) expect(checkRedaction(padded, restarting, [])).toHaveLength(1);
	});

	it("believes no size that its scan could not hold", () => {
		const huge = [0x20, 0, 0x20, 0] as const;
		const big = input.slice();
		big.set(huge, find(input, 0xc0) + 5);
		expect(checkRedaction(edited(0xc0, 5, ...huge), big, [])).toEqual(["its scan is too short for its size"]);
	});

	it("reads no further than the scan goes", () => {
		const cut = Uint8Array.from([...jpeg.subarray(0, -30), 0xff, 0xd9]);
		expect(checkRedaction(cut, input, [])).toEqual(["its scan has fewer MCUs than the picture"]);
	});
});
