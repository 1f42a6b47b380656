import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { findPackedWeights, openBuiltin } from "../../agent/redact/builtin-detector.ts";
import { createFaceDetector } from "../../agent/redact/builtin-faces.ts";
import { readFaceWeights } from "../../agent/redact/builtin-weights.ts";
import type { Detector, Picture } from "../../agent/redact/detector.ts";
import type { DetectedBox } from "../../shared/frame.ts";
import type { RedactionOptions } from "../../shared/redactor.ts";
import { hasData } from "../data.ts";
import { coveredShare, doTouch, grown, labelledPictures, paintedPicture, pictureOf, usualOptions } from "../fakes/labelled-pictures.ts";

const packed = findPackedWeights();
const open = (): Detector => createFaceDetector(readFaceWeights(packed ?? new Uint8Array(4)));
const found = async (detector: Detector, picture: Picture, options: RedactionOptions = usualOptions): Promise<readonly DetectedBox[]> => {
	const look = await detector.look(picture, options);
	if (!look.looked) throw new Error(`expected a look, got ${look.why}`);
	return look.boxes;
};
const asking = (face: Partial<RedactionOptions["classes"]["face"]>): RedactionOptions => ({
	...usualOptions,
	classes: { ...usualOptions.classes, face: { ...usualOptions.classes.face, ...face } },
});
const grey = (widthPx: number, heightPx: number): Picture => paintedPicture(widthPx, heightPx, () => [128, 128, 128]);
const noisy = (widthPx: number, heightPx: number): Picture =>
	paintedPicture(widthPx, heightPx, (x, y) => [(x * 7 + y * 13) & 255, (x * x + y) & 255, (x * y) & 255]);

describe("openBuiltin", () => {
	it.skipIf(packed === undefined)("gives a detector of faces and one of plates (needs @vladmandic/face-api)", async () => {
		const detectors = await openBuiltin();
		expect(Array.isArray(detectors) && detectors.map(({ id, classes }) => [id, ...classes])).toEqual([
			["builtin-face", "face"],
			["builtin-plate", "plate"],
		]);
	});

	it("says that there is no detector where the weights are absent", async () => {
		expect(await openBuiltin(null)).toBe("no-detector");
	});

	it.skipIf(packed === undefined)("refuses weights that differ in one bit, are cut or are none (needs @vladmandic/face-api)", async () => {
		const whole = packed ?? new Uint8Array(4);
		const flipped = whole.slice();
		flipped[100_000] = (flipped[100_000] ?? 0) ^ 1;
		for (const bytes of [flipped, whole.subarray(0, 1_000), whole.subarray(0, 3), new Uint8Array(0)])
			expect(await openBuiltin(bytes)).toBe("model-hash");
	});

	it.skipIf(packed === undefined)("could not look when the picture does not decode (needs @vladmandic/face-api)", async () => {
		const detectors = await openBuiltin();
		const broken = pictureOf(640, 480, () => {
			throw new RangeError("no pixels");
		});
		for (const detector of Array.isArray(detectors) ? detectors : []) {
			expect(await detector.look(broken, usualOptions)).toEqual({ looked: false, why: "detector-failed" });
		}
	});
});

describe.skipIf(packed === undefined)("createFaceDetector (needs @vladmandic/face-api)", () => {
	it("could not look when the picture is smaller than a face that counts", async () => {
		expect(await open().look(grey(640, 23), usualOptions)).toEqual({ looked: false, why: "model-unfit" });
		expect((await open().look(grey(640, 24), usualOptions)).looked).toBe(true);
	});

	it("could not look when faces are asked for that the network cannot see", async () => {
		expect(await open().look(grey(320, 240), asking({ minPx: 11 }))).toEqual({ looked: false, why: "model-unfit" });
		expect(await open().look(grey(320, 240), asking({ minPx: Number.NaN }))).toEqual({ looked: false, why: "model-unfit" });
	});

	it("could not look when the picture is larger than is meant", async () => {
		const huge = (widthPx: number, heightPx: number): Picture =>
			pictureOf(widthPx, heightPx, () => {
				throw new Error("decoded");
			});
		for (const picture of [huge(65_535, 65_535), huge(65_535, 24), huge(24, 8_193)]) {
			expect(await open().look(picture, usualOptions)).toEqual({ looked: false, why: "model-unfit" });
		}
	});

	it("could not look when the network's answer is not a number", async () => {
		const weights = readFaceWeights(packed ?? new Uint8Array(4));
		weights.last.bias[7] = Number.NaN;
		expect(await createFaceDetector(weights).look(grey(320, 240), usualOptions)).toEqual({ looked: false, why: "detector-nonsense" });
	});

	it("looked and found nothing in a picture of nothing", async () => {
		expect(await found(open(), grey(640, 480))).toEqual([]);
	});

	it("gives boxes within the picture, whatever the picture", async () => {
		const detector = open();
		for (const [widthPx, heightPx] of [
			[24, 24],
			[100, 31],
			[333, 207],
			[25, 640],
			[512, 512],
		] as const) {
			for (const box of await found(detector, noisy(widthPx, heightPx), asking({ threshold: 0.01 }))) {
				expect(box.xPx).toBeGreaterThanOrEqual(0);
				expect(box.yPx).toBeGreaterThanOrEqual(0);
				expect(box.xPx + box.widthPx).toBeLessThanOrEqual(widthPx);
				expect(box.yPx + box.heightPx).toBeLessThanOrEqual(heightPx);
				expect(box.widthPx * box.heightPx).toBeGreaterThan(0);
				expect(box.score).toBeGreaterThanOrEqual(0.01);
			}
		}
	});

	it("gives the same for the same picture, whatever it saw in between", async () => {
		const detector = open();
		const options = asking({ threshold: 0.02 });
		const first = await found(detector, noisy(320, 200), options);
		await found(detector, noisy(450, 333), options);
		expect(await found(detector, noisy(320, 200), options)).toEqual(first);
		expect(await found(open(), noisy(320, 200), options)).toEqual(first);
		expect(first.length).toBeGreaterThan(0);
	});

	it("needs no more memory after 20 frames than after 5", async () => {
		setFlagsFromString("--expose-gc");
		const collect: unknown = runInNewContext("gc");
		const used = (): number => {
			if (typeof collect === "function") collect();
			const { heapUsed, arrayBuffers, external } = process.memoryUsage();
			return heapUsed + arrayBuffers + external;
		};
		const detector = open();
		const picture = noisy(640, 480);
		for (let frame = 0; frame < 5; frame++) await found(detector, picture);
		const before = used();
		for (let frame = 0; frame < 15; frame++) await found(detector, picture);
		expect(used() - before).toBeLessThan(1_000_000);
	});

	it.skipIf(!hasData("camera", "faces"))(
		"covers 95 % of the labelled faces and is seldom wrong (needs shared data camera)",
		async () => {
			const detector = open();
			let [all, covered, boxes, wrong] = [0, 0, 0, 0];
			for (const { picture, objects, ignored } of labelledPictures("faces")) {
				const masks = (await found(detector, picture)).map((box) => grown(box, usualOptions.classes.face.margin));
				all += objects.length;
				covered += objects.filter((face) => coveredShare(face, masks) >= 0.5).length;
				boxes += masks.length;
				wrong += masks.filter((mask) => ![...objects, ...ignored].some((object) => doTouch(mask, object))).length;
			}
			expect(all).toBeGreaterThanOrEqual(90);
			expect(covered / all).toBeGreaterThanOrEqual(0.95);
			expect(wrong / boxes).toBeLessThanOrEqual(0.1);
		},
		120_000,
	);

	it("stands for the weights that were measured", () => {
		expect(
			createHash("sha256")
				.update(packed ?? new Uint8Array(0))
				.digest("hex"),
		).toBe("60594a230d7b786cb58d22b076ea7248404cca1114e1699d12694a8c27037925");
	});
});
