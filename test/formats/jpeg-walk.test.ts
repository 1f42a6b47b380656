import { describe, expect, it } from "vitest";
import { checkRedaction } from "../../agent/formats/jpeg-check.ts";
import { maskJpeg } from "../../agent/formats/jpeg-mask.ts";
import { refusalOf } from "../../agent/formats/jpeg-refusal.ts";
import { readJpeg } from "../fakes/jpeg-reader.ts";
import { assembleJpeg } from "../fakes/jpeg-writer.ts";

/** Codes short enough for many symbols in a few bits: DC 0 is "0"; of AC, ZRL is "0", a run of 14 with 1 bit is "10", one of 15 with 10 bits "110". */
const codes = { dc: "0", zrl: "0", run14: "10", run15: "110", end: "1110" };
const tables = [
	[0, { counts: [1, 1, ...Array.from({ length: 14 }, () => 0)], symbols: [0, 1] }],
	[16, { counts: [1, 1, 1, 1, ...Array.from({ length: 12 }, () => 0)], symbols: [0xf0, 0xe1, 0xfa, 0] }],
] as const;

const file = (...blocks: readonly string[]): Uint8Array => withTables(tables, blocks);
const withTables = (used: Parameters<typeof assembleJpeg>[1], blocks: readonly string[]): Uint8Array =>
	assembleJpeg({ widthPx: 8 * blocks.length, heightPx: 8, factors: [[1, 1]], restartInterval: 0 }, used, [blocks.join("")]);

/** "10" is one coefficient of 1 bit, "110" a run of 13 and 10 bits: what follows the last coefficient looks like 65 more of them. */
const otherTables = [tables[0], [16, { counts: tables[1][1].counts, symbols: [0xf0, 0x01, 0xda, 0] }]] as const;
const short = withTables(otherTables, ["0000110111111111110" + "1", "000" + "101" + "0" + "1101111111111", "01110"]);

/** As the check wants them: a segment for each table. */
const apart = (bytes: Uint8Array): Uint8Array => {
	const at = bytes.findIndex((byte, index) => byte === 0xff && bytes[index + 1] === 0xc4);
	const second = at + 4 + 17 + 2;
	const [dc, ac] = [bytes.subarray(at + 4, second), bytes.subarray(second, second + 17 + 4)];
	const head = (length: number): number[] => [0xff, 0xc4, 0, length + 2];
	return Uint8Array.from([...bytes.subarray(0, at), ...head(dc.length), ...dc, ...head(ac.length), ...ac, ...bytes.subarray(second + 21)]);
};

const far = `${codes.dc}${codes.zrl}${codes.zrl}${codes.run15}1111111111`;
const full = `${codes.dc}${codes.zrl.repeat(3)}${codes.run14}1`;

describe("a block that ends with its last coefficient", () => {
	it.each([
		["before many short codes", file(`${far}${codes.run14}1`, full, full)],
		["before a long code", file(`${far}${codes.run14}1`, `${far}${codes.run14}0`, `${codes.dc}${codes.end}`)],
		["before short codes that add up to much", short],
		["after nothing but runs", file(full, full, full, full)],
	])("is walked to its end and no further %s", (_, input) => {
		const { mcus } = readJpeg(input);
		const { jpeg } = maskJpeg(input, []);
		expect(readJpeg(jpeg).mcus).toEqual(mcus);
		expect(checkRedaction(jpeg, input, [])).toEqual([]);
		expect(checkRedaction(apart(input), input, [])).toEqual([]);
		const box = { xPx: 8, yPx: 0, widthPx: 1, heightPx: 1 };
		const masked = maskJpeg(input, [box]).jpeg;
		expect(readJpeg(masked).mcus).toEqual(mcus.map((mcu, index) => (index === 1 ? mcu.map((block) => block.map(() => 0)) : mcu)));
		expect(checkRedaction(masked, input, [box])).toEqual([]);
	});
});

describe("a block with more coefficients than there are", () => {
	it.each([
		["by a run", file(`${codes.dc}${codes.zrl.repeat(3)}${codes.run15}1111111111`, `${codes.dc}${codes.end}`)],
		["by a run, and then an end", file(`${far}${codes.run15}1111111111${codes.end}`)],
		["by runs alone", file(`${codes.dc}${codes.zrl.repeat(5)}`)],
		["by runs alone, and then an end", file(`${codes.dc}${codes.zrl.repeat(5)}${codes.end}`)],
	])("is refused and found %s", (_, input) => {
		let code: string | undefined;
		try {
			maskJpeg(input, []);
		} catch (error) {
			code = refusalOf(error);
		}
		expect(code).toBe("damaged");
		expect(checkRedaction(apart(input), input, [])).toHaveLength(1);
	});
});
