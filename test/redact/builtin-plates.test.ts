import { describe, expect, it } from "vitest";
import { areaBudget, createPlateDetector } from "../../agent/redact/builtin-plates.ts";
import type { Detector, Picture } from "../../agent/redact/detector.ts";
import { isSane } from "../../agent/redact/detector.ts";
import type { DetectedBox } from "../../shared/frame.ts";
import type { RedactionOptions } from "../../shared/redactor.ts";
import { hasData } from "../data.ts";
import { coveredShare, grown, labelledPictures, paintedPicture, usualOptions } from "../fakes/labelled-pictures.ts";
import { seeded } from "../fakes/seeded.ts";

const margin = usualOptions.classes.plate.margin;
const found = async (detector: Detector, picture: Picture, options: RedactionOptions = usualOptions): Promise<readonly DetectedBox[]> => {
	const look = await detector.look(picture, options);
	if (!look.looked) throw new Error(`expected a look, got ${look.why}`);
	return look.boxes;
};
const asking = (plate: Partial<RedactionOptions["classes"]["plate"]>): RedactionOptions => ({
	...usualOptions,
	classes: { ...usualOptions.classes, plate: { ...usualOptions.classes.plate, ...plate } },
});
const grey = (widthPx: number, heightPx: number): Picture => paintedPicture(widthPx, heightPx, () => [128, 128, 128]);
const noise = (widthPx: number, heightPx: number, seed: number): Picture => {
	const random = seeded(seed);
	return paintedPicture(widthPx, heightPx, () => {
		const value = Math.floor(random() * 256);
		return [value, value, value];
	});
};
/** Dark strokes on a bright plate before something grey. */
const withPlate = (xPx: number, yPx: number, widthPx: number, heightPx: number): Picture =>
	paintedPicture(640, 480, (x, y) => {
		const [u, v] = [(x - xPx) / widthPx, (y - yPx) / heightPx];
		const isPlate = u >= 0 && u < 1 && v >= 0 && v < 1;
		const isStroke = v > 0.2 && v < 0.8 && u > 0.05 && u < 0.95 && (u * 14) % 1 < 0.4;
		const value = isPlate ? (isStroke ? 30 : 220) : 110;
		return [value, value, value];
	});

describe("createPlateDetector", () => {
	it.each([
		[52, 12],
		[90, 20],
		[160, 36],
		[300, 70],
		[60, 30],
		[120, 60],
	])("covers a painted plate of %i x %i pixels", async (widthPx, heightPx) => {
		const plate = { xPx: 210, yPx: 190, widthPx, heightPx };
		const boxes = await found(createPlateDetector(), withPlate(210, 190, widthPx, heightPx));
		expect(
			coveredShare(
				plate,
				boxes.map((box) => grown(box, margin)),
			),
		).toBeGreaterThanOrEqual(0.5);
	});

	it("looked and found nothing in a picture of nothing, and in lines that lie", async () => {
		expect(await found(createPlateDetector(), grey(640, 480))).toEqual([]);
		const lines = paintedPicture(640, 480, (_, y) => (y % 6 < 3 ? [20, 20, 20] : [230, 230, 230]));
		expect(await found(createPlateDetector(), lines)).toEqual([]);
	});

	it("could not look when the picture has no room, plates are too small, or it is larger than is meant", async () => {
		for (const [picture, options] of [
			[grey(640, 23), usualOptions],
			[grey(640, 480), asking({ minPx: 11 })],
			[grey(640, 480), asking({ minPx: Number.NaN })],
			[{ ...grey(64, 48), widthPx: 65_535, heightPx: 65_535 }, usualOptions],
		] as const) {
			expect(await createPlateDetector().look(picture, options)).toEqual({ looked: false, why: "model-unfit" });
		}
	});

	it("stays within its share of the frame and gives sane boxes, whatever the picture", async () => {
		const detector = createPlateDetector();
		for (const [widthPx, heightPx, seed] of [
			[24, 24, 1],
			[333, 207, 2],
			[640, 480, 3],
			[25, 640, 4],
		] as const) {
			const boxes = await found(detector, noise(widthPx, heightPx, seed), asking({ threshold: 0.01 }));
			const spent = boxes.reduce((sum, box) => sum + box.widthPx * box.heightPx * (1 + 2 * margin) ** 2, 0);
			expect(spent).toBeLessThanOrEqual(areaBudget * widthPx * heightPx);
			expect(boxes.length).toBeLessThanOrEqual(60);
			for (const box of boxes) expect(isSane(box, widthPx, heightPx)).toBe(true);
		}
	});

	it("gives the same for the same picture, whatever it saw in between", async () => {
		const detector = createPlateDetector();
		const options = asking({ threshold: 0.01 });
		const first = await found(detector, noise(320, 240, 5), options);
		await found(detector, noise(640, 480, 6), options);
		expect(await found(detector, noise(320, 240, 5), options)).toEqual(first);
		expect(await found(createPlateDetector(), noise(320, 240, 5), options)).toEqual(first);
	});

	it.skipIf(!hasData("camera", "plates"))(
		"covers three in four of the labelled plates (needs shared data camera)",
		async () => {
			const detector = createPlateDetector();
			let [all, covered] = [0, 0];
			for (const { picture, objects } of labelledPictures("plates")) {
				const masks = (await found(detector, picture)).map((box) => grown(box, margin));
				all += objects.length;
				covered += objects.filter((plate) => coveredShare(plate, masks) >= 0.5).length;
			}
			expect(all).toBeGreaterThanOrEqual(35);
			expect(covered / all).toBeGreaterThanOrEqual(0.75);
		},
		120_000,
	);
});
