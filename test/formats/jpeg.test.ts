import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { acChrominance, acLuminance, dcChrominance, dcLuminance } from "../../agent/formats/jpeg-annex-k.ts";
import { checkRedaction } from "../../agent/formats/jpeg-check.ts";
import { parseJpeg } from "../../agent/formats/jpeg-markers.ts";
import { maskJpeg } from "../../agent/formats/jpeg-mask.ts";
import { refusalOf } from "../../agent/formats/jpeg-refusal.ts";
import { JpegScratch } from "../../agent/formats/jpeg-scratch.ts";
import { dataPath, hasData } from "../data.ts";
import { drawFrom, drawPicture, takenFactors } from "../fakes/jpeg-pictures.ts";
import { readJpeg } from "../fakes/jpeg-reader.ts";
import { type CoefficientPicture, componentsOfBlocks, mcuCount, writeJpeg } from "../fakes/jpeg-writer.ts";

const jfif = [0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0];
const adobe = (transform: number): number[] => [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, transform];
const rgbIds = [0x52, 0x47, 0x42];

const picture = (factors: CoefficientPicture["factors"]): CoefficientPicture => {
	const shape = { widthPx: 50, heightPx: 40, factors };
	const draw = drawFrom(7);
	const block = (): number[] => Array.from({ length: 64 }, (_, k) => (k < 9 ? Math.floor(draw() * 60) - 30 : 0));
	return { ...shape, restartInterval: 0, mcus: Array.from({ length: mcuCount(shape) }, () => componentsOfBlocks(factors).map(block)) };
};
const yuv = picture([
	[2, 2],
	[1, 1],
	[1, 1],
]);
const box = { xPx: 10, yPx: 10, widthPx: 12, heightPx: 9 };

const segmentsOf = (bytes: Uint8Array): readonly number[] => readJpeg(bytes).markers;

describe("parseJpeg", () => {
	it.skipIf(!hasData("camera", "jpeg-forms")).each([
		[
			"baseline_420_std_huffman_1080.jpg",
			{ sampling: "4:2:0", colour: "ycbcr", widthPx: 1920, heightPx: 1080, mcuColumns: 120, mcuRows: 68, restartInterval: 0 },
		],
		["baseline_420_optimised_huffman_1080.jpg", { sampling: "4:2:0", blocksPerMcu: 6, restartInterval: 0 }],
		["baseline_420_restart_interval_1080.jpg", { sampling: "4:2:0", restartInterval: 120 }],
		["baseline_422.jpg", { sampling: "4:2:2", mcuWidthPx: 16, mcuHeightPx: 8, blocksPerMcu: 4 }],
		["baseline_444.jpg", { sampling: "4:4:4", mcuWidthPx: 8, mcuHeightPx: 8, blocksPerMcu: 3 }],
		["baseline_grey.jpg", { sampling: "grey", colour: "grey", blocksPerMcu: 1, mcuColumns: 64, mcuRows: 80 }],
		["exif_gps_thumbnail_xmp_iptc.jpg", { sampling: "4:4:4", colour: "ycbcr" }],
		["png_named_jpg.jpg", "not-baseline"],
		["progressive_444_exif.jpg", "not-baseline"],
	])("reads or refuses %s (needs shared data camera)", (name, expected) => {
		const bytes = readFileSync(dataPath("camera", "jpeg-forms", name));
		if (typeof expected !== "string") expect(parseJpeg(bytes)).toMatchObject(expected);
		else expect(() => parseJpeg(bytes)).toThrowError(expect.objectContaining({ code: "FORMAT_INVALID", problems: [expected] }));
	});

	it("names the sampling by the ratio of the factors and counts MCUs by the factors themselves", () => {
		const named = takenFactors.map((factors) => {
			const { sampling, mcuWidthPx, mcuHeightPx } = parseJpeg(writeJpeg(picture(factors), { codes: "annex-k" }));
			return `${sampling} ${mcuWidthPx}x${mcuHeightPx}`;
		});
		expect(named).toEqual([
			...["grey 8x8", "grey 8x8", "4:4:4 8x8", "4:2:2 16x8", "4:4:0 8x16", "4:2:0 16x16", "4:1:1 32x8"],
			...["4:2:2 16x16", "4:4:0 16x16", "4:4:4 8x16", "4:4:4 24x8"],
		]);
	});

	it("gives motion JPEG without tables those of Annex K", () => {
		const { dcTables, acTables } = parseJpeg(writeJpeg(yuv, { codes: "none" }));
		expect(dcTables.slice(0, 2)).toEqual([dcLuminance, dcChrominance]);
		expect(acTables.slice(0, 2)).toEqual([acLuminance, acChrominance]);
	});

	it.each([
		["nothing", [], [1, 2, 3], "ycbcr", undefined],
		["JFIF", jfif, [1, 2, 3], "ycbcr", undefined],
		["APP14 without transform", adobe(0), [1, 2, 3], "rgb", 0],
		["APP14 with transform", adobe(1), [1, 2, 3], "ycbcr", 1],
		["the ids R, G, B", [], rgbIds, "rgb", undefined],
		["JFIF and the ids R, G, B", jfif, rgbIds, "ycbcr", 1],
		["APP14 with transform and the ids R, G, B", adobe(1), rgbIds, "ycbcr", 1],
		["JFIF and APP14 without transform", [...jfif, ...adobe(0)], [1, 2, 3], "ycbcr", 1],
	] as const)("tells the colours from %s, and a masked copy says the same", (_, segments, ids, colour, adobeTransform) => {
		const input = writeJpeg(yuv, { codes: "annex-k", segments, ids });
		expect(parseJpeg(input)).toMatchObject({ colour, adobeTransform });
		const { jpeg } = maskJpeg(input, [box]);
		expect(parseJpeg(jpeg)).toMatchObject({ colour, adobeTransform });
		expect(checkRedaction(jpeg, input, [box])).toEqual([]);
	});

	it.each(["Uint8Array", "Buffer"])("borrows the bytes and copies the tables of a %s", (kind) => {
		const bytes = kind === "Buffer" ? Buffer.from(writeJpeg(yuv, { codes: "tight" })) : writeJpeg(yuv, { codes: "tight" });
		const frame = parseJpeg(bytes);
		const [dc, quant] = [Uint8Array.from(frame.dcTables[0]?.symbols ?? []), frame.quantTables[0]?.slice()];
		expect(frame.bytes).toBe(bytes);
		bytes.fill(0);
		expect(frame.dcTables[0]?.symbols).toEqual(dc);
		expect(frame.quantTables[0]).toEqual(quant);
	});
});

describe("maskJpeg", () => {
	it("keeps nothing but the whitelist", () => {
		const comment = [0xff, 0xfe, 0, 5, 0x41, 0x42, 0x43];
		const spare = [
			0xff,
			0xdb,
			0,
			67,
			3,
			...Array.from({ length: 64 }, () => 9),
			0xff,
			0xc4,
			0,
			20,
			0x13,
			1,
			...Array.from({ length: 15 }, () => 0),
			0,
		];
		const icc = [0xff, 0xe2, 0, 6, 0x49, 0x43, 0x43, 0];
		const input = writeJpeg(yuv, {
			codes: "annex-k",
			segments: [...jfif, ...comment, ...spare, ...icc, ...adobe(1)],
			trailer: [0xff, 0xd8, 1, 2, 3],
		});
		for (const boxes of [[], [box]]) {
			const { jpeg } = maskJpeg(input, boxes);
			expect(segmentsOf(jpeg)).toEqual([0xd8, 0xee, 0xdb, 0xdb, 0xc0, 0xc4, 0xc4, 0xc4, 0xc4, 0xda, 0xd9]);
			expect([...jpeg.subarray(-2)]).toEqual([0xff, 0xd9]);
		}
	});

	it("writes no flags that APP14 came with", () => {
		const flagged = adobe(1).map((byte, at) => (at >= 11 && at < 15 ? 0x77 : byte));
		const { jpeg } = maskJpeg(writeJpeg(yuv, { codes: "annex-k", segments: flagged }), []);
		expect([...jpeg.subarray(2, 18)]).toEqual(adobe(1));
	});

	it("writes the scan as it was when nothing is masked, but for the padding, which is ones", () => {
		const input = writeJpeg(yuv, { codes: "annex-k" });
		const tail = parseJpeg(input);
		const { jpeg } = maskJpeg(input, []);
		const frame = parseJpeg(jpeg);
		expect(jpeg.subarray(frame.scanStart, frame.scanEnd)).toEqual(input.subarray(tail.scanStart, tail.scanEnd));
		const zeroPadded = Uint8Array.from(
			writeJpeg(
				{ ...yuv, widthPx: 8, heightPx: 8, factors: [[1, 1]], mcus: [[Array.from({ length: 64 }, () => 0)]] },
				{ codes: "annex-k" },
			),
		);
		const { scanStart } = parseJpeg(zeroPadded);
		zeroPadded[scanStart] = (zeroPadded[scanStart] ?? 0) & 0b1111_1100;
		expect(maskJpeg(zeroPadded, []).jpeg[parseJpeg(maskJpeg(zeroPadded, []).jpeg).scanStart]).toBe(0b0010_1011);
	});

	it("drops fill bytes before markers and zeros that hardware fills the scan up with", () => {
		const input = writeJpeg(yuv, { codes: "annex-k" });
		const filled = writeJpeg(yuv, { codes: "annex-k", segments: [0xff, 0xff, 0xff], tail: [0, 0, 0, 0xff, 0xff] });
		expect(maskJpeg(filled, [box]).jpeg).toEqual(maskJpeg(input, [box]).jpeg);
	});

	it.each(["Uint8Array", "Buffer"])("takes a view into a larger %s, leaves the input as it is, and gives bytes of its own", (kind) => {
		const input = writeJpeg(yuv, { codes: "tight" });
		const larger = (kind === "Buffer" ? Buffer.alloc(input.length + 100) : new Uint8Array(input.length + 100)).fill(0xab);
		larger.set(input, 37);
		const view = larger.subarray(37, 37 + input.length);
		const first = maskJpeg(view, [box]).jpeg;
		expect(Uint8Array.from(view)).toEqual(input);
		expect(checkRedaction(first, view, [box])).toEqual([]);
		const copy = first.slice();
		maskJpeg(writeJpeg(picture([[1, 1]]), { codes: "full" }), []);
		expect(first).toEqual(copy);
		expect(first.buffer.byteLength).toBe(first.length);
	});

	it("gives the same from a used scratch as from a fresh one, larger and smaller pictures in turn", () => {
		const scratch = new JpegScratch();
		for (let seed = 0; seed < 60; seed++) {
			const draw = drawFrom(seed);
			const input = writeJpeg(drawPicture(draw, { maxWidthPx: seed % 2 === 0 ? 100 : 9, maxHeightPx: 60 }), {
				codes: seed % 3 === 0 ? "skewed" : "tight",
			});
			if (seed % 7 === 0) expect(() => maskJpeg(input.slice(0, -9), [box], { scratch })).toThrow();
			expect(maskJpeg(input, [box], { scratch })).toEqual(maskJpeg(input, [box], { scratch: new JpegScratch() }));
		}
	});

	it("leaves nothing of the picture in its scratch, taken or refused", () => {
		const scratch = new JpegScratch();
		const input = writeJpeg(yuv, { codes: "annex-k" });
		const cut = Uint8Array.from([...input.subarray(0, -40), 0xff, 0xd9]);
		maskJpeg(input, [box], { scratch });
		expect(scratch.entropy.bytes.every((byte) => byte === 0)).toBe(true);
		expect(() => maskJpeg(cut, [box], { scratch })).toThrow();
		expect(scratch.entropy.bytes.every((byte) => byte === 0)).toBe(true);
		expect(scratch.writer.finish()).toEqual(new Uint8Array());
	});

	it("does not keep the memory of a giant frame", () => {
		const scratch = new JpegScratch();
		const frame = parseJpeg(writeJpeg(yuv, { codes: "annex-k" }));
		const scanEnd = 9 * 1_024 * 1_024;
		scratch.entropy.load({ ...frame, bytes: new Uint8Array(scanEnd), scanStart: 0, scanEnd });
		expect(scratch.entropy.bytes.length).toBeGreaterThan(scanEnd);
		scratch.wipe();
		expect(scratch.entropy.bytes.length).toBeLessThan(1_024);
	});

	it("says what was wrong without a value of the picture", () => {
		const input = writeJpeg(yuv, { codes: "annex-k" });
		const cut = Uint8Array.from([...input.subarray(0, -60), 0xff, 0xd9]);
		const said = (() => {
			try {
				return maskJpeg(cut, [box]);
			} catch (error) {
				return error;
			}
		})();
		expect(refusalOf(said)).toBe("damaged");
		expect(String(said)).toMatch(/^KerbError: JPEG refused \(damaged\): MCU \d+ is not coded as its tables say, or is cut off$/);
		expect(refusalOf(new Error("other"))).toBeUndefined();
	});
});
