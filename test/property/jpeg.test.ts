import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRedaction } from "../../agent/formats/jpeg-check.ts";
import { maskJpeg } from "../../agent/formats/jpeg-mask.ts";
import { type Draw, drawBoxes, drawFrom, drawPicture, isTouched, pick, upTo } from "../fakes/jpeg-pictures.ts";
import { readJpeg } from "../fakes/jpeg-reader.ts";
import { type CodeStyle, codeStyles, type WrittenTable } from "../fakes/jpeg-tables.ts";
import { assembleJpeg, type CoefficientPicture, codesOfTable, writeJpeg } from "../fakes/jpeg-writer.ts";

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
				expect({ ...output, markers: [], mcus: [], spareBits: 0, trailing: 0 }).toEqual({
					...before,
					markers: [],
					mcus: [],
					spareBits: 0,
					trailing: 0,
				});
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

/** Two blocks of random symbols of random tables, so that long runs meet short codes; they may go past the end of a block. Then bits of no meaning. */
const drawScan = (draw: Draw): { readonly tables: readonly (readonly [number, WrittenTable])[]; readonly bits: string } => {
	const tables = ([0, 16] as const).map((head) => {
		const legal = head === 0 ? [0, 1, 2, 3] : [0, 0, 0xf0, 0xf0, 0xf1, 0x71, 0x01, 0x05, 0x2a, 0xe1, 0x31];
		const symbols = [...new Set(Array.from({ length: 2 + upTo(draw, 6) }, () => pick(draw, legal)))];
		const counts = Array.from({ length: 16 }, () => 0);
		// A chain of codes of 1, 2, 3 ... bits, or all of one length.
		const length = draw() < 0.6 ? undefined : Math.ceil(Math.log2(symbols.length + 1)) + upTo(draw, 12);
		for (const index of symbols.keys()) counts[(length ?? index + 1) - 1] = (counts[(length ?? index + 1) - 1] ?? 0) + 1;
		return [head, { counts, symbols }] as const;
	});
	const bitsOf = (count: number): string => Array.from({ length: count }, () => (draw() < 0.5 ? "0" : "1")).join("");
	let bits = "";
	const put = (index: number): number => {
		const table = tables[index]?.[1] ?? { counts: [], symbols: [] };
		const symbol = pick(draw, table.symbols);
		bits += (codesOfTable(table).get(symbol) ?? "") + bitsOf(symbol & 15);
		return symbol;
	};
	for (let block = 0; block < 2; block++) {
		put(0);
		for (let k = 1; k < 64; ) {
			const symbol = put(1);
			k += symbol === 0 ? 64 : (symbol >> 4) + 1;
		}
	}
	return { tables, bits: bits + bitsOf(120) };
};

describe("maskJpeg and checkRedaction for all tables and bits", () => {
	it("take what a plain reader takes, to the bit, and refuse what it refuses", () => {
		const shape = { widthPx: 16, heightPx: 8, factors: [[1, 1]], restartInterval: 0 } as const;
		const box = { xPx: 0, yPx: 0, widthPx: 8, heightPx: 8 };
		const counts = { taken: 0, refused: 0 };
		fc.assert(
			fc.property(seed, (start) => {
				const { tables, bits } = drawScan(drawFrom(start));
				const spare = attempt(() => readJpeg(assembleJpeg(shape, tables, [bits])).spareBits);
				if (spare === undefined) {
					counts.refused++;
					const input = assembleJpeg(shape, tables, [bits]);
					expect(() => maskJpeg(input, [])).toThrow();
					expect(checkRedaction(withOwnTables(shape, tables, bits), input, [])).toHaveLength(1);
					return;
				}
				counts.taken++;
				const whole = bits.slice(0, Math.ceil(bits.length / 8) * 8 - spare);
				const input = assembleJpeg(shape, tables, [whole]);
				const before = readJpeg(input).mcus;
				expect(readJpeg(maskJpeg(input, []).jpeg).mcus).toEqual(before);
				expect(checkRedaction(maskJpeg(input, []).jpeg, input, [])).toEqual([]);
				const { jpeg } = maskJpeg(input, [box]);
				expect(readJpeg(jpeg).mcus).toEqual([before[0]?.map((block) => block.map(() => 0)), before[1]]);
				expect(checkRedaction(jpeg, input, [box])).toEqual([]);
			}),
			{ numRuns: 600 },
		);
		expect(counts.taken).toBeGreaterThan(100);
		expect(counts.refused).toBeGreaterThan(100);
	});
});

/** As the check wants them: a segment for each table. */
const withOwnTables = (
	shape: Omit<CoefficientPicture, "mcus">,
	tables: ReturnType<typeof drawScan>["tables"],
	bits: string,
): Uint8Array => {
	const file = assembleJpeg(shape, tables.slice(0, 1), [bits]);
	const [head = 0, { counts, symbols }] = tables[1] ?? [0, { counts: [], symbols: [] }];
	const at = file.findIndex((byte, index) => byte === 0xff && file[index + 1] === 0xda);
	const dht = [0xff, 0xc4, 0, 19 + symbols.length, head, ...counts, ...symbols];
	return Uint8Array.from([...file.subarray(0, at), ...dht, ...file.subarray(at)]);
};

const attempt = <T>(work: () => T): T | undefined => {
	try {
		return work();
	} catch {
		return undefined;
	}
};

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
