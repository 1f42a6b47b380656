/** What stands around a network: which parts it is shown, how, how its answer is read, and which boxes are one. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ultraLight, ultraLightRaw } from "../../agent/redact/layout-ultra-light.ts";
import { yolo5Plate } from "../../agent/redact/layout-yolo5.ts";
import { yunet } from "../../agent/redact/layout-yunet.ts";
import { letterbox } from "../../agent/redact/letterbox.ts";
import { planLooks } from "../../agent/redact/looks.ts";
import type { Output, Outputs } from "../../agent/redact/onnx-runtime.ts";
import { suppress } from "../../agent/redact/suppress.ts";

const need = (frameWidthPx: number, frameHeightPx: number, minPx: number, inputWidthPx = 320, inputHeightPx = 320) => ({
	frameWidthPx,
	frameHeightPx,
	inputWidthPx,
	inputHeightPx,
	minPx,
	minInputPx: 12,
	maxAspect: 4.75,
});

/** `fc.double` prefers numbers next to its ends. */
const evenly = (from: number, to: number) => fc.integer({ min: 0, max: 10_000 }).map((at) => from + ((to - from) * at) / 10_000);

describe("planLooks", () => {
	it("shows the whole frame once where that is fine enough", () => {
		expect(planLooks(need(1_280, 720, 24, 640, 480))).toEqual([{ xPx: 0, yPx: 0, widthPx: 1_280, heightPx: 720, scale: 0.5 }]);
	});

	it("finds room for every object: each of the smallest size and more lies whole in a part that shows it with 12 px and more", () => {
		const sizes = fc.record({
			width: fc.integer({ min: 300, max: 4_000 }),
			height: fc.integer({ min: 200, max: 3_000 }),
			minPx: fc.integer({ min: 8, max: 32 }),
			x: evenly(0, 1),
			y: evenly(0, 1),
			// Also sizes that the next coarser level is just too coarse for.
			size: evenly(1, 4),
			aspect: evenly(2, 4.5),
		});
		fc.assert(
			fc.property(sizes, ({ width, height, minPx, x, y, size, aspect }) => {
				const objectHeight = Math.min(height, minPx * size);
				const objectWidth = Math.min(width, objectHeight * aspect);
				fc.pre(Math.min(objectWidth, objectHeight) >= minPx);
				const [left, top] = [x * (width - objectWidth), y * (height - objectHeight)];
				const shown = planLooks(need(width, height, minPx)).some(
					(part) =>
						part.xPx <= left + 1e-6 &&
						part.yPx <= top + 1e-6 &&
						part.xPx + part.widthPx >= left + objectWidth - 1e-6 &&
						part.yPx + part.heightPx >= top + objectHeight - 1e-6 &&
						objectHeight * part.scale >= 12 - 1e-6 &&
						(part.largestPx === undefined || objectHeight * part.scale <= part.largestPx + 1e-6),
				);
				return shown;
			}),
			{ numRuns: 2_000 },
		);
	});

	it("lets no part hang over the frame, nor be larger than the input", () => {
		for (const part of planLooks(need(1_920, 1_080, 12))) {
			expect(part.xPx + part.widthPx).toBeLessThanOrEqual(1_920 + 1e-6);
			expect(part.yPx + part.heightPx).toBeLessThanOrEqual(1_080 + 1e-6);
			expect(Math.max(part.widthPx, part.heightPx) * part.scale).toBeLessThanOrEqual(320 + 1e-6);
		}
	});
});

describe("letterbox", () => {
	const pixels = { widthPx: 2, heightPx: 1, bgr: Uint8Array.of(10, 20, 30, 40, 50, 60) };
	const whole = { xPx: 0, yPx: 0, widthPx: 2, heightPx: 1 };

	it("writes planes in the order that the network wants, and pads to the right and below", () => {
		const data = new Float32Array(3 * 6).fill(99);
		letterbox(pixels, whole, 1, { order: "rgb", mean: 0, factor: 1, pad: 7 }, { data, widthPx: 3, heightPx: 2 });
		expect([...data]).toEqual([30, 60, 7, 7, 7, 7, 20, 50, 7, 7, 7, 7, 10, 40, 7, 7, 7, 7]);
		letterbox(pixels, whole, 1, { order: "bgr", mean: 10, factor: 0.5, pad: 10 }, { data, widthPx: 3, heightPx: 2 });
		expect([...data]).toEqual([0, 15, 0, 0, 0, 0, 5, 20, 0, 0, 0, 0, 10, 25, 0, 0, 0, 0]);
	});

	it("keeps a flat picture flat at every scale and place, and reads nothing outside", () => {
		const side = fc.integer({ min: 1, max: 20 });
		fc.assert(
			fc.property(side, side, fc.double({ min: 0.3, max: 3, noNaN: true }), fc.nat(5), (widthPx, heightPx, scale, from) => {
				const flat = { widthPx, heightPx, bgr: new Uint8Array(widthPx * heightPx * 3).fill(77) };
				const data = new Float32Array(3 * 256);
				const part = { xPx: from, yPx: from, widthPx, heightPx };
				letterbox(flat, part, scale, { order: "rgb", mean: 0, factor: 1, pad: 77 }, { data, widthPx: 16, heightPx: 16 });
				return data.every((value) => Math.abs(value - 77) < 1e-3);
			}),
		);
	});
});

const outputsOf = (some: Readonly<Record<string, Output>>): Outputs => new Map(Object.entries(some));

describe("yunet", () => {
	const answer = (change: (outputs: Record<string, Output>) => void = () => undefined): Outputs => {
		const outputs: Record<string, Output> = {};
		for (const stride of [8, 16, 32]) {
			const cells = (64 / stride) ** 2;
			for (const [name, columns] of [
				["cls", 1],
				["obj", 1],
				["bbox", 4],
			] as const)
				outputs[`${name}_${stride}`] = { dims: [1, cells, columns], data: new Float32Array(cells * columns) };
		}
		change(outputs);
		return outputsOf(outputs);
	};
	const face = (outputs: Record<string, Output>): void => {
		// Row 1, column 2 of four at stride 16.
		outputs.cls_16?.data.set([0.81], 6);
		outputs.obj_16?.data.set([1], 6);
		outputs.bbox_16?.data.set([0.5, 0.25, Math.log(2), Math.log(3)], 24);
	};

	it("reads offsets in cells and logarithms of sizes", () => {
		const [box, more] = yunet.read(answer(face), 64, 64, 0.3) ?? [];
		expect(more).toBeUndefined();
		expect(box?.score).toBeCloseTo(0.9, 5);
		expect([box?.left, box?.top, box?.right, box?.bottom].map((side) => Math.round(side ?? 0))).toEqual([24, -4, 56, 44]);
	});

	it("says that an answer with nothing in it is nothing, and that one without an output is nonsense", () => {
		expect(yunet.read(answer(), 64, 64, 0.3)).toEqual([]);
		expect(
			yunet.read(
				answer((outputs) => delete outputs.obj_32),
				64,
				64,
				0.3,
			),
		).toBeUndefined();
		expect(yunet.read(answer(), 128, 64, 0.3)).toBeUndefined();
	});

	it.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5, -1])("takes a score of %s for nonsense, wherever it stands", (score) => {
		expect(
			yunet.read(
				answer((outputs) => outputs.cls_8?.data.set([score], 63)),
				64,
				64,
				0.3,
			),
		).toBeUndefined();
	});

	it.each([Number.NaN, 200])("takes a box of the size e^%s for nonsense", (size) => {
		const broken = answer((outputs) => {
			face(outputs);
			outputs.bbox_16?.data.set([size], 26);
		});
		expect(yunet.read(broken, 64, 64, 0.3)).toBeUndefined();
	});
});

describe("ultraLight", () => {
	const answer = (box: readonly number[], score = 0.9, count = 4_420): Outputs => {
		const scores = new Float32Array(count * 2);
		const boxes = new Float32Array(count * 4);
		scores.set([1 - score, score], 2 * 4);
		boxes.set(box, 4 * 4);
		return outputsOf({ scores: { dims: [1, count, 2], data: scores }, boxes: { dims: [1, count, 4], data: boxes } });
	};

	it("reads corners in shares of the input", () => {
		expect(
			ultraLight.read(answer([0.1, 0.2, 0.3, 0.6]), 320, 240, 0.3)?.map(({ left, bottom }) => [Math.round(left), Math.round(bottom)]),
		).toEqual([[32, 144]]);
	});

	it("reads offsets from priors: the fifth of the first row has its middle in the second cell and the second size", () => {
		const [box] = ultraLightRaw.read(answer([0, 0, 0, 0]), 320, 240, 0.3) ?? [];
		expect(box).toMatchObject({ left: 4, right: 20, top: -4, bottom: 12 });
		const [moved] = ultraLightRaw.read(answer([10, 0, 5 * Math.LN2, 0]), 320, 240, 0.3) ?? [];
		expect([moved?.left, moved?.right].map((side) => Math.round(side ?? 0))).toEqual([12, 44]);
	});

	it("takes other shapes, scores and boxes for nonsense", () => {
		expect(ultraLight.read(answer([0.1, 0.2, 0.3, 0.6], 0.9, 4_421), 320, 240, 0.3)).toBeUndefined();
		expect(ultraLight.read(answer([0.1, 0.2, 0.3, 0.6], Number.NaN), 320, 240, 0.3)).toBeUndefined();
		expect(ultraLight.read(answer([0.3, 0.2, 0.1, 0.6]), 320, 240, 0.3)).toBeUndefined();
		expect(ultraLight.read(answer([0.1, Number.NaN, 0.3, 0.6]), 320, 240, 0.3)).toBeUndefined();
	});
});

describe("yolo5Plate", () => {
	const answer = (row: readonly number[], columns = 15): Outputs => {
		const data = new Float32Array(252 * columns);
		data.set(row, 7 * columns);
		return outputsOf({ output: { dims: [1, 252, columns], data } });
	};
	const corners = [0, 0, 0, 0, 0, 0, 0, 0];

	it("multiplies objectness with the better class, and leaves corners alone", () => {
		const [box] = yolo5Plate.read(answer([30, 20, 40, 10, 0.8, ...corners, 0.25, 0.75]), 64, 64, 0.3) ?? [];
		expect(box).toMatchObject({ left: 10, top: 15, right: 50, bottom: 25 });
		expect(box?.score).toBeCloseTo(0.6, 5);
	});

	it("takes other shapes, scores and boxes for nonsense", () => {
		expect(yolo5Plate.read(answer([], 7), 64, 64, 0.3)).toBeUndefined();
		expect(yolo5Plate.read(answer([]), 96, 64, 0.3)).toBeUndefined();
		expect(yolo5Plate.read(answer([30, 20, 40, 10, Number.NaN]), 64, 64, 0.3)).toBeUndefined();
		expect(yolo5Plate.read(answer([30, 20, 40, 10, 0.9, ...corners, 0.9, Number.NaN]), 64, 64, 0.3)).toBeUndefined();
		expect(yolo5Plate.read(answer([30, 20, 0, 10, 0.9, ...corners, 0.9, 0]), 64, 64, 0.3)).toBeUndefined();
		expect(yolo5Plate.read(outputsOf({}), 64, 64, 0.3)).toBeUndefined();
	});
});

describe("suppress", () => {
	it("keeps the surest of boxes that are one, and what no kept box covers", () => {
		const box = (xPx: number, widthPx: number, score: number) => ({ class: "face" as const, xPx, yPx: 0, widthPx, heightPx: 10, score });
		expect(suppress([box(1, 10, 0.5), box(0, 10, 0.9), box(30, 10, 0.2), box(0, 100, 0.1)]).map(({ score }) => score)).toEqual([
			0.9, 0.2, 0.1,
		]);
		expect(suppress([box(0, 10, 0.9), { ...box(0, 10, 0.8), class: "plate" }])).toHaveLength(2);
	});
});
