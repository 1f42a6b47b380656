import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseJpeg } from "../../agent/formats/jpeg-markers.ts";
import { type DecodedPixels, decodePixels } from "../../agent/formats/jpeg-pixels.ts";
import { isKerbError } from "../../shared/errors.ts";
import { dataPath, hasData } from "../data.ts";
import { hasProgram } from "../peers.ts";

/** What libjpeg makes of it at full size, as red, green, blue or grey. */
const byDjpeg = (path: string) => {
	const ppm = execFileSync("djpeg", ["-nosmooth", path], { maxBuffer: 2 ** 28 });
	const [magic, width, height] = ppm.toString("latin1", 0, 30).split(/\s+/);
	const channels = magic === "P6" ? 3 : 1;
	const [widthPx, heightPx] = [Number(width), Number(height)];
	return { widthPx, heightPx, channels, samples: ppm.subarray(ppm.length - widthPx * heightPx * channels) };
};
const decode = (path: string, scale: number): DecodedPixels => decodePixels(parseJpeg(new Uint8Array(readFileSync(path))), scale);

const pictures = [
	"camera/home.jpg",
	"camera/jpeg-forms/baseline_422.jpg",
	"camera/jpeg-forms/baseline_444.jpg",
	"camera/jpeg-forms/baseline_grey.jpg",
];
const canRun = hasData("camera") && hasProgram("djpeg");

describe("decodePixels", () => {
	it.skipIf(!canRun)("gives at full size what libjpeg gives, to a rounding of colours (needs shared data camera, djpeg)", () => {
		for (const name of pictures) {
			const expected = byDjpeg(dataPath(name));
			const { widthPx, heightPx, bgr } = decode(dataPath(name), 1);
			expect([widthPx, heightPx]).toEqual([expected.widthPx, expected.heightPx]);
			let worst = 0;
			for (let at = 0; at < bgr.length; at++) {
				const pixel = Math.floor(at / 3);
				const sample = expected.channels === 3 ? expected.samples[pixel * 3 + 2 - (at % 3)] : expected.samples[pixel];
				worst = Math.max(worst, Math.abs((bgr[at] ?? 0) - (sample ?? -1_000)));
			}
			expect(worst, name).toBeLessThanOrEqual(3);
		}
	});

	it.skipIf(!canRun)("gives at smaller sizes the means of the full size, near enough to look at (needs shared data camera, djpeg)", () => {
		for (const name of pictures) {
			const full = decode(dataPath(name), 1);
			for (const scale of [2, 4, 8]) {
				const small = decode(dataPath(name), scale);
				expect([small.widthPx, small.heightPx]).toEqual([Math.ceil(full.widthPx / scale), Math.ceil(full.heightPx / scale)]);
				let off = 0;
				let count = 0;
				for (let y = 0; y < Math.floor(full.heightPx / scale); y += 3) {
					for (let x = 0; x < Math.floor(full.widthPx / scale); x += 3) {
						let sum = 0;
						for (let inner = 0; inner < scale * scale; inner++) {
							sum += full.bgr[((y * scale + Math.floor(inner / scale)) * full.widthPx + x * scale + (inner % scale)) * 3 + 1] ?? 0;
						}
						off += Math.abs(sum / (scale * scale) - (small.bgr[(y * small.widthPx + x) * 3 + 1] ?? 0));
						count += 1;
					}
				}
				expect(off / count, `${name} 1/${scale}`).toBeLessThan(3.5);
			}
		}
	});

	it.skipIf(!hasData("camera"))(
		"refuses broken data by name or gives pixels of the right size, whatever is in it (needs shared data camera)",
		() => {
			const bytes = new Uint8Array(readFileSync(dataPath("camera/home.jpg")));
			let seed = 1;
			const random = (): number => {
				seed = (seed * 48_271) % 2_147_483_647;
				return seed / 2_147_483_647;
			};
			let accepted = 0;
			for (let turn = 0; turn < 150; turn++) {
				const broken = bytes.slice();
				for (let flip = 0; flip < 3; flip++) broken[Math.floor(random() * broken.length)] = Math.floor(random() * 256);
				try {
					const { widthPx, heightPx, bgr } = decodePixels(parseJpeg(broken), 4);
					expect(bgr.length).toBe(widthPx * heightPx * 3);
					accepted += 1;
				} catch (error) {
					expect(isKerbError(error, "FORMAT_INVALID")).toBe(true);
				}
			}
			expect(accepted).toBeGreaterThan(10);
		},
	);
});
