import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Curve, type CurveShape, sampleCurve } from "../../agent/formats/opendrive-curve.ts";

const curve = (shape: CurveShape, over: Partial<Curve> = {}): Curve =>
	({ s: 0, x: 10, y: 20, hdg: 0, length: 100, ...over, ...shape }) as Curve;
const endOf = (one: Curve, stepM = 0.5) => sampleCurve(one, stepM)?.at(-1) ?? [Number.NaN, Number.NaN];

describe("sampleCurve", () => {
	it("follows a line in its heading", () => {
		expect(sampleCurve(curve({ shape: "line" }, { hdg: Math.PI / 2 }), 1)).toEqual([
			[10, 20],
			[expect.closeTo(10, 9), expect.closeTo(120, 9)],
		]);
	});

	it("follows an arc on its circle, to the left for a positive curvature", () => {
		const quarter = (curvature: number) => endOf(curve({ shape: "arc", curvature }, { length: (Math.PI / 2) * 50 }));
		expect(quarter(1 / 50)).toEqual([expect.closeTo(60, 9), expect.closeTo(70, 9)]);
		expect(quarter(-1 / 50)).toEqual([expect.closeTo(60, 9), expect.closeTo(-30, 9)]);
		expect(endOf(curve({ shape: "arc", curvature: 0 }))).toEqual([110, 20]);
		expect(endOf(curve({ shape: "arc", curvature: 1e-12 }))[0]).toBeCloseTo(110, 6);
	});

	it("follows a clothoid: Fresnel's integrals", () => {
		// Curvature from 0 to pi over length 1 turns by pi / 2: C(1) and S(1), Abramowitz and Stegun table 7.7.
		const spiral = curve({ shape: "spiral", curvStart: 0, curvEnd: Math.PI }, { x: 0, y: 0, length: 1 });
		expect(endOf(spiral, 0.01)).toEqual([expect.closeTo(0.7798934, 7), expect.closeTo(0.4382591, 7)]);
		expect(endOf(curve({ shape: "spiral", curvStart: 0.02, curvEnd: 0.02 }))[1]).toBeCloseTo(
			endOf(curve({ shape: "arc", curvature: 0.02 }))[1] as number,
			6,
		);
	});

	it("follows a cubic by the way along it, and a parametric one by its range", () => {
		const cubic = curve({ shape: "poly3", v: [0, 1, 0, 0] }, { length: Math.SQRT2 * 100 });
		expect(endOf(cubic)).toEqual([expect.closeTo(110, 6), expect.closeTo(120, 6)]);
		const [u, v] = [
			[0, 100, 0, 0],
			[0, 0, 10, 0],
		] as const;
		expect(endOf(curve({ shape: "paramPoly3", u, v, isNormalised: true }))).toEqual([expect.closeTo(110, 9), expect.closeTo(30, 9)]);
		expect(endOf(curve({ shape: "paramPoly3", u: [0, 1, 0, 0], v: [0, 0, 1e-3, 0], isNormalised: false }))).toEqual([
			expect.closeTo(110, 9),
			expect.closeTo(30, 9),
		]);
	});

	it("refuses what is not finite or too long", () => {
		for (const length of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e7])
			expect(sampleCurve(curve({ shape: "line" }, { length }), 1)).toBeUndefined();
		expect(sampleCurve(curve({ shape: "arc", curvature: Number.NaN }), 1)).toBeUndefined();
		expect(sampleCurve(curve({ shape: "arc", curvature: 1 }, { length: 1e5 }), 1)).toBeUndefined();
		expect(sampleCurve(curve({ shape: "line" }, { x: Number.NaN }), 1)).toBeUndefined();
	});

	it("has no two points of an arc further apart than the step", () => {
		fc.assert(
			fc.property(fc.double({ min: -0.1, max: 0.1, noNaN: true }), fc.double({ min: 0.01, max: 500, noNaN: true }), (curvature, length) => {
				const points = sampleCurve(curve({ shape: "arc", curvature }, { length }), 2) ?? [];
				expect(points.length).toBeGreaterThan(1);
				for (const [at, [x, y]] of points.slice(1).entries()) {
					const [fromX = 0, fromY = 0] = points[at] ?? [];
					expect(Math.hypot(x - fromX, y - fromY)).toBeLessThanOrEqual(2 + 1e-6);
				}
			}),
		);
	});
});
