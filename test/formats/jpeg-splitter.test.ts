import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JpegSplitter } from "../../agent/formats/jpeg-splitter.ts";
import { dataPath, hasData } from "../data.ts";
import { tinyJpeg } from "../fakes/tiny-jpeg.ts";

const cut = (bytes: Uint8Array, sizes: readonly number[]): readonly Uint8Array[] => {
	const pieces: Uint8Array[] = [];
	for (let at = 0, turn = 0; at < bytes.length; turn++) {
		const size = sizes[turn % sizes.length] ?? 1;
		pieces.push(bytes.subarray(at, at + size));
		at += size;
	}
	return pieces;
};
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

describe("JpegSplitter", () => {
	it("finds every picture whole, however the stream is cut and whatever lies between", () => {
		const pictures = [tinyJpeg(), tinyJpeg(64, 40), tinyJpeg(8, 8, [0xff, 0xd8, 0xff, 0xd9, 1, 2])];
		const stream = join(
			text("--frame\r\nContent-Type: image/jpeg\r\n\r\n"),
			...pictures.flatMap((picture) => [picture, text("\r\n--frame\r\n\r\n")]),
		);
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 }), (sizes) => {
				const splitter = new JpegSplitter(100_000);
				const found = cut(stream, sizes).flatMap((piece) => splitter.push(piece));
				expect(found).toEqual(pictures);
				expect(splitter.end()).toBe(false);
				expect([splitter.overlong, splitter.broken]).toEqual([0, 0]);
			}),
		);
	});

	it("leaves out a picture beyond the bound, and goes on", () => {
		const splitter = new JpegSplitter(300);
		const large = tinyJpeg(
			16,
			16,
			Array.from({ length: 500 }, () => 7),
		);
		expect(splitter.push(join(large, tinyJpeg()))).toEqual([tinyJpeg()]);
		expect(splitter.overlong).toBe(1);
	});

	it("never holds more than the bound and a piece, whatever comes, and finds the next picture", () => {
		fc.assert(
			fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 }), (noise) => {
				const splitter = new JpegSplitter(1_000);
				for (const piece of noise) splitter.push(piece);
				splitter.push(new Uint8Array(70_000));
				splitter.end();
				expect(splitter.push(tinyJpeg())).toEqual([tinyJpeg()]);
			}),
		);
	});

	it("says when the stream ended in a picture", () => {
		const splitter = new JpegSplitter(1_000);
		splitter.push(tinyJpeg().subarray(0, 40));
		expect(splitter.end()).toBe(true);
	});

	it.skipIf(!hasData("camera"))("takes real pictures with thumbnails as one each (needs shared data camera)", () => {
		const files = readdirSync(dataPath("camera/jpeg-forms")).filter((name) => name.endsWith(".jpg") && !name.startsWith("png"));
		const pictures = files.map((name) => new Uint8Array(readFileSync(dataPath(`camera/jpeg-forms/${name}`))));
		const splitter = new JpegSplitter(10_000_000);
		const found = pictures.flatMap((picture) => cut(picture, [4_096]).flatMap((piece) => splitter.push(piece)));
		expect(found).toHaveLength(pictures.length);
		for (const [at, picture] of found.entries()) expect(pictures[at]?.subarray(0, picture.length)).toEqual(picture);
	});
});
