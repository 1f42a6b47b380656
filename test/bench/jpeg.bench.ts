/**
 * Milliseconds and memory of redacting frames with boxes given: masking, the output check, and both. Pictures are those of
 * the recordings. Run: node test/bench/jpeg.bench.ts [times]
 */
import { readFileSync } from "node:fs";
import { checkRedaction } from "../../agent/formats/jpeg-check.ts";
import { maskJpeg } from "../../agent/formats/jpeg-mask.ts";
import { dataPath } from "../data.ts";

const times = Number(process.argv[2] ?? 300);

/** Four places of a frame, 2 to 3 % of it. */
const boxesOf = (widthPx: number, heightPx: number) =>
	[
		[0.15, 0.2, 0.06, 0.12],
		[0.5, 0.4, 0.03, 0.07],
		[0.78, 0.65, 0.1, 0.05],
		[0.05, 0.85, 0.05, 0.08],
	].map(([x = 0, y = 0, w = 0, h = 0]) => ({ xPx: x * widthPx, yPx: y * heightPx, widthPx: w * widthPx, heightPx: h * heightPx }));

const form = (name: string): Buffer => readFileSync(dataPath("camera", "jpeg-forms", `baseline_420_${name}_1080.jpg`));

const plate = (name: string): Buffer => readFileSync(dataPath("camera", "plates", `openalpr__us__${name}.jpg`));

const frames: readonly (readonly [string, Buffer])[] = [
	["720p", plate("wts-lg-000120")],
	["720p busy", plate("4be2025c-09f7-4bb0-b1bd-8e8633e6dec1")],
	["1080p", form("std_huffman")],
	["1080p, restart per MCU row", form("restart_interval")],
	["1080p, optimised tables", form("optimised_huffman")],
	["1080p busy", plate("0b86cecf-67d1-4fc0-87c9-b36b0ee228bb")],
];

const at = (sorted: readonly number[], share: number): string =>
	(sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(2).padStart(6);
const row = (values: readonly number[]): string => {
	const sorted = [...values].sort((a, b) => a - b);
	return `p50 ${at(sorted, 0.5)} p95 ${at(sorted, 0.95)} least ${at(sorted, 0)}`;
};

console.log(`${times} times each; milliseconds`);
for (const [name, jpeg] of frames) {
	const { widthPx, heightPx } = maskJpeg(jpeg, []);
	const boxes = boxesOf(widthPx, heightPx);
	const [mask, check, both]: [number[], number[], number[]] = [[], [], []];
	for (let time = 0; time < times; time++) {
		const start = performance.now();
		const output = maskJpeg(jpeg, boxes).jpeg;
		const masked = performance.now();
		if (checkRedaction(output, jpeg, boxes).length > 0) throw new Error(`${name}: not redacted`);
		const checked = performance.now();
		mask.push(masked - start);
		check.push(checked - masked);
		both.push(checked - start);
	}
	const title = `${name} (${widthPx} x ${heightPx}, ${(jpeg.length / 1_000).toFixed(0)} KB)`;
	console.log(`${title.padEnd(56)} mask ${row(mask)} | check ${row(check)} | both ${row(both)}`);
}
console.log(`most resident memory ${(process.resourceUsage().maxRSS / 1_024).toFixed(0)} MiB`);
