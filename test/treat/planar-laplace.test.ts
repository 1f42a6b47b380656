import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawPlanarLaplace, lambertWMinus1 } from "../../agent/treat/planar-laplace.ts";
import { seeded } from "../fakes/seeded.ts";

describe("lambertWMinus1", () => {
	it("solves w e^w = x on the lower branch", () => {
		fc.assert(
			fc.property(fc.double({ min: 1e-300, max: 1 / Math.E, noNaN: true }), (share) => {
				const w = lambertWMinus1(-share);
				expect(w).toBeLessThanOrEqual(-1);
				expect(Math.abs(w * Math.exp(w) + share)).toBeLessThanOrEqual(1e-12 * share + 1e-16);
			}),
		);
		// Values of the function by the OEIS constants: W-1(-1/e) = -1, W-1(-0.1), W-1(-0.2).
		expect(lambertWMinus1(-1 / Math.E)).toBeCloseTo(-1, 7);
		expect(lambertWMinus1(-0.1)).toBeCloseTo(-3.577152063957297, 12);
		expect(lambertWMinus1(-0.2)).toBeCloseTo(-2.542641357773526, 12);
	});

	it("has no value elsewhere", () => {
		for (const x of [0, 0.1, -1, Number.NaN, Number.NEGATIVE_INFINITY]) expect(lambertWMinus1(x)).toBeNaN();
	});
});

describe("drawPlanarLaplace", () => {
	const epsilon = 0.01;
	const count = 40_000;
	const random = seeded(20_260_101);
	const drawn = Array.from({ length: count }, () => drawPlanarLaplace(epsilon, random));

	it("has the mean radius 2 / epsilon", () => {
		const mean = drawn.reduce((sum, { radiusM }) => sum + radiusM, 0) / count;
		// The standard deviation of a radius is sqrt(2) / epsilon; four standard errors.
		expect(Math.abs(mean - 2 / epsilon)).toBeLessThan((4 * Math.SQRT2) / epsilon / Math.sqrt(count));
	});

	it("has the radius' distribution 1 - (1 + epsilon r) e^(-epsilon r)", () => {
		const radii = drawn.map(({ radiusM }) => radiusM).sort((a, b) => a - b);
		const distance = Math.max(...radii.map((r, at) => Math.abs((at + 0.5) / count - (1 - (1 + epsilon * r) * Math.exp(-epsilon * r)))));
		// Kolmogorov and Smirnov: 1.95 / sqrt(n) is passed in 99.9 % of samples, and this one is fixed.
		expect(distance).toBeLessThan(1.95 / Math.sqrt(count));
	});

	it("has uniform angles", () => {
		const counts = new Array<number>(36).fill(0);
		for (const { angleRad } of drawn) {
			const at = Math.floor((angleRad / (2 * Math.PI)) * 36);
			counts[at] = (counts[at] ?? 0) + 1;
		}
		// Chi-square with 35 degrees of freedom is below 66.6 in 99.9 % of samples.
		expect(counts.reduce((sum, each) => sum + (each - count / 36) ** 2 / (count / 36), 0)).toBeLessThan(66.6);
	});

	it("stays finite at the ends of what randomness gives", () => {
		expect(drawPlanarLaplace(epsilon, () => 0)).toStrictEqual({ radiusM: 0, angleRad: 0 });
		const { radiusM } = drawPlanarLaplace(epsilon, () => 1 - 2 ** -53);
		expect(radiusM).toBeGreaterThan(35 / epsilon);
		expect(radiusM).toBeLessThan(41.5 / epsilon);
	});
});
