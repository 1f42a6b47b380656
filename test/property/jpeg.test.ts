import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRedaction } from "../../agent/formats/jpeg-check.ts";
import { maskJpeg } from "../../agent/formats/jpeg-mask.ts";
import { drawBoxes, drawFrom, drawPicture, isTouched } from "../fakes/jpeg-pictures.ts";
import { readJpeg } from "../fakes/jpeg-reader.ts";
import { type CodeStyle, codeStyles } from "../fakes/jpeg-tables.ts";
import { type CoefficientPicture, writeJpeg } from "../fakes/jpeg-writer.ts";

const bounds = { maxWidthPx: 48, maxHeightPx: 40 };
const whitelist = [0xd8, 0xdb, 0xc0, 0xc4, 0xdd, 0xda, 0xd9];
const seed = fc.integer();

/** A few application segments and comments, with 0xFF and marker codes in them. */
const foreign = [0xff, 0xe3, 0, 6, 0xff, 0xd9, 0xff, 0xda, 0xff, 0xfe, 0, 5, 0x41, 0x42, 0x43];

const written = (picture: CoefficientPicture, codes: CodeStyle): Uint8Array =>
	writeJpeg(picture, { codes, segments: foreign, trailer: [1, 2, 3] });

describe("maskJpeg for all pictures and boxes", () => {
	it.each(codeStyles)("keeps every coefficient outside and none inside, with %s codes", (codes) => {
		fc.assert(
			fc.property(seed, (start) => {
				const draw = drawFrom(start);
				const picture = drawPicture(draw, bounds);
				const boxes = drawBoxes(draw, picture.widthPx, picture.heightPx);
				const input = written(picture, codes);
				const masked = maskJpeg(input, boxes);
				const output = readJpeg(masked.jpeg);
				const before = readJpeg(written(picture, codes === "none" ? "annex-k" : codes));
				let [count, pixels] = [0, 0];
				for (const [index, mcu] of output.mcus.entries()) {
					const left = (index % output.columns) * output.mcuWidthPx;
					const top = Math.floor(index / output.columns) * output.mcuHeightPx;
					const width = Math.min(output.mcuWidthPx, picture.widthPx - left);
					const height = Math.min(output.mcuHeightPx, picture.heightPx - top);
					const touched = boxes.some((box) => isTouched(box, left, top, width, height));
					if (touched) {
						count++;
						pixels += width * height;
						expect(mcu.flat().every((value) => value === 0)).toBe(true);
					} else expect(mcu).toEqual(picture.mcus[index]);
				}
				expect(output.mcus.length).toBe(picture.mcus.length);
				expect(masked).toMatchObject({ widthPx: picture.widthPx, heightPx: picture.heightPx, mcus: count });
				expect(masked.maskedShare).toBeCloseTo(pixels / (picture.widthPx * picture.heightPx), 9);
				expect({ ...output, markers: [], mcus: [], trailing: 0 }).toEqual({ ...before, markers: [], mcus: [], trailing: 0 });
				expect(output.markers.filter((marker) => !whitelist.includes(marker))).toEqual([]);
				expect(output.trailing).toBe(0);
				expect(checkRedaction(masked.jpeg, input, boxes)).toEqual([]);
			}),
			{ numRuns: 80 },
		);
	});

	it("changes nothing the second time", () => {
		fc.assert(
			fc.property(seed, fc.constantFrom(...codeStyles), (start, codes) => {
				const draw = drawFrom(start);
				const picture = drawPicture(draw, bounds);
				const boxes = drawBoxes(draw, picture.widthPx, picture.heightPx);
				const once = maskJpeg(written(picture, codes), boxes).jpeg;
				expect(maskJpeg(once, boxes).jpeg).toEqual(once);
				expect(maskJpeg(once, []).jpeg).toEqual(once);
			}),
			{ numRuns: 80 },
		);
	});
});

describe("checkRedaction for all pictures and boxes", () => {
	it("finds a mask that is not there wherever there is something to mask", () => {
		fc.assert(
			fc.property(seed, fc.constantFrom(...codeStyles), (start, codes) => {
				const draw = drawFrom(start);
				const picture = drawPicture(draw, bounds);
				const boxes = drawBoxes(draw, picture.widthPx, picture.heightPx);
				const input = written(picture, codes);
				const flat = (value: number): boolean => value === 0;
				const isFlat = readJpeg(maskJpeg(input, boxes).jpeg).mcus.every((mcu, index) =>
					mcu.flat().every(flat) ? picture.mcus[index]?.flat().every(flat) : true,
				);
				expect(checkRedaction(maskJpeg(input, []).jpeg, input, boxes).length > 0).toBe(!isFlat);
			}),
			{ numRuns: 150 },
		);
	});
});
