import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKernels, createMemory } from "../../agent/redact/kernels.ts";
import { seeded } from "../fakes/seeded.ts";

const memory = createMemory(64);
memory.grow(64);
const floats = new Float32Array(memory.buffer);
const kernels = createKernels(memory);

/** Random numbers of -1 to 1 at an address; the same ones as an array. */
const put = (address: number, count: number, random: () => number): Float32Array => {
	const made = floats.subarray(address / 4, address / 4 + count);
	for (let at = 0; at < count; at++) made[at] = random() * 2 - 1;
	return made.slice();
};
const at = (of: Float32Array, index: number): number => of[index] ?? Number.NaN;
const [inA, inB, inC, weightsAt, outAt] = [0, 400_000, 800_000, 1_200_000, 2_400_000];
const marker = 12_345;
const spread = fc.integer({ min: 0, max: 2 ** 30 });
const near = (found: number, right: number): void => expect(Math.abs(found - right)).toBeLessThan(1e-4);

describe("kernels", () => {
	it("multiply gives the matrix product of each pixel, and writes nothing else", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 6 }),
				fc.integer({ min: 1, max: 12 }),
				fc.integer({ min: 1, max: 4 }),
				spread,
				(quads, fours, groups, seed) => {
					const random = seeded(seed);
					const [pixels, inputs, outputs] = [quads * 4, fours * 4, groups * 8];
					const step = inputs + 4;
					const from = put(inA, pixels * step, random);
					const weights = put(weightsAt, inputs * outputs, random);
					floats.fill(marker, outAt / 4, outAt / 4 + pixels * outputs + 64);
					kernels.multiply(inA, step * 4, inputs, weightsAt, outAt, outputs * 4, quads, groups);
					for (let pixel = 0; pixel < pixels; pixel++) {
						for (let output = 0; output < outputs; output++) {
							let sum = 0;
							const group = (output >> 3) * inputs * 8 + (output & 7);
							for (let input = 0; input < inputs; input++) sum += at(from, pixel * step + input) * at(weights, group + input * 8);
							near(at(floats, outAt / 4 + pixel * outputs + output), sum);
						}
					}
					expect(at(floats, outAt / 4 + pixels * outputs)).toBe(marker);
				},
			),
			{ numRuns: 60 },
		);
	});

	it("slide gives the 3x3 window of each channel, and writes nothing else", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 8 }), spread, (pixels, vectors, seed) => {
				const random = seeded(seed);
				const channels = vectors * 4;
				const rows = [inA, inB, inC].map((address) => put(address, (pixels + 2) * channels, random));
				const weights = put(weightsAt, 9 * channels, random);
				floats.fill(marker, outAt / 4, outAt / 4 + pixels * channels + 64);
				kernels.slide(inA, inB, inC, weightsAt, outAt, channels * 4, pixels, vectors);
				for (let index = 0; index < pixels * channels; index++) {
					const [x, channel] = [Math.floor(index / channels), index % channels];
					let sum = 0;
					for (const [y, row] of rows.entries()) {
						for (let k = 0; k < 3; k++) sum += at(row, (x + k) * channels + channel) * at(weights, (y * 3 + k) * channels + channel);
					}
					near(at(floats, outAt / 4 + index), sum);
				}
				expect(at(floats, outAt / 4 + pixels * channels)).toBe(marker);
			}),
			{ numRuns: 60 },
		);
	});

	it("pool gives the rectified greatest of 2x2 at either stride, and writes nothing else", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 20 }),
				fc.integer({ min: 1, max: 8 }),
				fc.constantFrom(1, 2),
				spread,
				(pixels, vectors, stride, seed) => {
					const random = seeded(seed);
					const channels = vectors * 4;
					const rows = [inA, inB].map((address) => put(address, (pixels * stride + 1) * channels, random));
					const bias = put(weightsAt, channels, random);
					floats.fill(marker, outAt / 4, outAt / 4 + pixels * channels + 64);
					kernels.pool(inA, inB, weightsAt, outAt, channels * 4, channels * 4 * stride, pixels, vectors);
					for (let index = 0; index < pixels * channels; index++) {
						const [x, channel] = [Math.floor(index / channels), index % channels];
						const four = rows.flatMap((row) => [0, 1].map((k) => at(row, (x * stride + k) * channels + channel)));
						const value = Math.max(...four) + at(bias, channel);
						near(at(floats, outAt / 4 + index), value > 0 ? value : value * 0.1);
					}
					expect(at(floats, outAt / 4 + pixels * channels)).toBe(marker);
				},
			),
			{ numRuns: 60 },
		);
	});
});
