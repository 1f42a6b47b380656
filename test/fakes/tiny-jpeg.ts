/**
 * The smallest whole JPEG pictures: flat grey, baseline, made by hand.
 */
const dcCounts = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];

const segment = (code: number, content: readonly number[]): readonly number[] => [
	0xff,
	code,
	(content.length + 2) >> 8,
	(content.length + 2) & 0xff,
	...content,
];

/** A picture of one colour; `extra` goes in as an application segment after the start. */
export const tinyJpeg = (widthPx = 16, heightPx = 16, extra: readonly number[] = []): Uint8Array => {
	const blocks = Math.ceil(widthPx / 8) * Math.ceil(heightPx / 8);
	// Each block: no difference of the DC (00), end of block (0).
	const bits = "000".repeat(blocks);
	const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
	const data = Array.from({ length: padded.length / 8 }, (_, at) => Number.parseInt(padded.slice(at * 8, at * 8 + 8), 2));
	return Uint8Array.from([
		...[0xff, 0xd8],
		...(extra.length === 0 ? [] : segment(0xe5, extra)),
		...segment(0xdb, [0, ...Array.from({ length: 64 }, () => 8)]),
		...segment(0xc0, [8, heightPx >> 8, heightPx & 0xff, widthPx >> 8, widthPx & 0xff, 1, 1, 0x11, 0]),
		...segment(0xc4, [0, ...dcCounts, ...Array.from({ length: 12 }, (_, at) => at)]),
		// One code of one bit: end of block.
		...segment(0xc4, [0x10, 1, ...Array.from({ length: 15 }, () => 0), 0]),
		...segment(0xda, [1, 1, 0, 0, 63, 0]),
		...data,
		...[0xff, 0xd9],
	]);
};
