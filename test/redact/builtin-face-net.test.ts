import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findPackedWeights } from "../../agent/redact/builtin-detector.ts";
import { createFaceNet, type WriteRow } from "../../agent/redact/builtin-face-net.ts";
import { readFaceWeights } from "../../agent/redact/builtin-weights.ts";
import { openNetwork } from "../../agent/redact/onnx-runtime.ts";
import { faceOnnx } from "../fakes/face-onnx.ts";

const packed = findPackedWeights();
const weights = packed === undefined ? undefined : readFaceWeights(packed);
const runtime = await import("onnxruntime-node").catch(() => undefined);

/** A picture of some structure, -0.5 to 0.6, as rows and as planes. */
const picture = (widthPx: number, heightPx: number, seed: number): { readonly writeRow: WriteRow; readonly planes: Float32Array } => {
	const planes = Float32Array.from({ length: 3 * widthPx * heightPx }, (_, at) => {
		const [x, y, plane] = [at % widthPx, Math.floor(at / widthPx) % heightPx, Math.floor(at / widthPx / heightPx)];
		return 0.55 * Math.sin(x / 9 + seed + plane) * Math.cos(y / (7 + plane)) + 0.05 * Math.sin((at + 1) * (seed + 3));
	});
	const plane = widthPx * heightPx;
	const writeRow: WriteRow = (y, into, at, step) => {
		for (let x = 0; x < widthPx; x++)
			for (let colour = 0; colour < 3; colour++) into[at + x * step + colour] = planes[colour * plane + y * widthPx + x] ?? 0;
	};
	return { writeRow, planes };
};

describe.skipIf(weights === undefined || runtime === undefined)("createFaceNet (needs @vladmandic/face-api and onnxruntime-node)", () => {
	const both = async (widthPx: number, heightPx: number, seed: number, net: ReturnType<typeof createFaceNet>): Promise<number> => {
		if (weights === undefined) return Number.NaN;
		const oracle = await openNetwork(faceOnnx(weights));
		const { writeRow, planes } = picture(widthPx, heightPx, seed);
		const right = (await oracle.run(planes, widthPx, heightPx)).get("y");
		await oracle.close();
		const { columns, rows, numbers } = net.run(widthPx, heightPx, writeRow);
		expect(right?.dims).toEqual([1, 25, rows, columns]);
		let worst = 0;
		for (const [at, value] of numbers.entries()) {
			const [cell, channel] = [Math.floor(at / 25), at % 25];
			worst = Math.max(worst, Math.abs(value - (right?.data[channel * rows * columns + cell] ?? Number.NaN)));
		}
		return worst;
	};

	it("gives what onnxruntime gives, to a thousandth, for sizes of all remainders", async () => {
		if (weights === undefined) return;
		const net = createFaceNet(weights);
		for (const [widthPx, heightPx] of [
			[416, 416],
			[320, 192],
			[333, 207],
			[66, 35],
			[161, 97],
			[640, 353],
		] as const) {
			expect(await both(widthPx, heightPx, widthPx, net)).toBeLessThan(1e-3);
		}
	}, 60_000);

	it("gives what onnxruntime gives for any small size", async () => {
		if (weights === undefined) return;
		const net = createFaceNet(weights);
		const side = fc.integer({ min: 4, max: 150 });
		await fc.assert(
			fc.asyncProperty(side, side, fc.integer({ min: 0, max: 99 }), async (widthPx, heightPx, seed) => {
				expect(await both(widthPx, heightPx, seed, net)).toBeLessThan(1e-3);
			}),
			{ numRuns: 25 },
		);
	}, 60_000);
});
