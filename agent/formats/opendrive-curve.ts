/**
 * Reference lines of OpenDRIVE (ASAM OpenDRIVE 1.4 to 1.8, "road geometry"): lines, arcs, spirals (clothoids), cubic polynomials and parametric
 * cubic polynomials, sampled. x is east, y north, in metres; headings are anticlockwise from east, in radians.
 */

/** One `geometry` element with its one shape. */
export interface CurveStart {
	/** Metres along the road's reference line where it begins. */
	readonly s: number;
	readonly x: number;
	readonly y: number;
	readonly hdg: number;
	/** Metres. */
	readonly length: number;
}

export type CurveShape =
	| { readonly shape: "line" }
	/** Curvature in 1 / m, positive to the left. */
	| { readonly shape: "arc"; readonly curvature: number }
	| { readonly shape: "spiral"; readonly curvStart: number; readonly curvEnd: number }
	| { readonly shape: "poly3"; readonly v: Cubic }
	| { readonly shape: "paramPoly3"; readonly u: Cubic; readonly v: Cubic; readonly isNormalised: boolean };

/** a + b p + c p^2 + d p^3. */
export type Cubic = readonly [number, number, number, number];
export type Curve = CurveStart & CurveShape;
export type Point = readonly [x: number, y: number];

const at = ([a, b, c, d]: Cubic, p: number): number => a + p * (b + p * (c + p * d));
const slopeAt = ([, b, c, d]: Cubic, p: number): number => b + p * (2 * c + p * 3 * d);

/** Points in the curve's own frame (u along the heading at its start, v to the left), at `parts` equal steps from 0 to its length. */
const localPoints = (curve: Curve, parts: number): readonly Point[] => {
	const step = curve.length / parts;
	const steps = Array.from({ length: parts + 1 }, (_, index) => index * step);
	switch (curve.shape) {
		case "line":
			return steps.map((s) => [s, 0]);
		case "arc":
			return steps.map((s) => turned(curve.curvature, s));
		case "spiral":
			return integrate(curve, step, parts);
		case "poly3":
			return alongCubic(curve.v, step, parts);
		case "paramPoly3":
			return steps.map((s) => {
				const p = curve.isNormalised ? s / curve.length : s;
				return [at(curve.u, p), at(curve.v, p)];
			});
	}
};

/** On a circle; for hardly any curvature by its series, where the quotient loses its digits. */
const turned = (curvature: number, s: number): Point => {
	const angle = curvature * s;
	if (Math.abs(angle) < 1e-6) return [s, (angle * s) / 2];
	return [Math.sin(angle) / curvature, (1 - Math.cos(angle)) / curvature];
};

/** Simpson's rule over the heading, which is a parabola of s. */
const integrate = ({ length, curvStart, curvEnd }: CurveStart & { curvStart: number; curvEnd: number }, step: number, parts: number) => {
	const growth = (curvEnd - curvStart) / length;
	const headingAt = (s: number): number => s * (curvStart + (growth * s) / 2);
	const points: Point[] = [[0, 0]];
	let [u, v] = [0, 0];
	for (let part = 0; part < parts; part++) {
		const from = part * step;
		const [a, b, c] = [headingAt(from), headingAt(from + step / 2), headingAt(from + step)];
		u += (step / 6) * (Math.cos(a) + 4 * Math.cos(b) + Math.cos(c));
		v += (step / 6) * (Math.sin(a) + 4 * Math.sin(b) + Math.sin(c));
		points.push([u, v]);
	}
	return points;
};

/** v is a cubic of u; u grows so that the way along the curve is the length (midpoint rule). */
const alongCubic = (cubic: Cubic, step: number, parts: number): readonly Point[] => {
	const points: Point[] = [[0, at(cubic, 0)]];
	let u = 0;
	for (let part = 0; part < parts; part++) {
		const middle = u + step / 2 / Math.hypot(1, slopeAt(cubic, u));
		u += step / Math.hypot(1, slopeAt(cubic, middle));
		points.push([u, at(cubic, u)]);
	}
	return points;
};

const maxParts = 20_000;

/**
 * Points on the curve from its start to its end, at most `stepM` apart (lines: the ends alone). Undefined when a number of it is not finite, its
 * length is not above 0 and below 1000 km, or it would have more than 20,000 points.
 */
export const sampleCurve = (curve: Curve, stepM: number): readonly Point[] | undefined => {
	const { length, x, y, hdg } = curve;
	if (!(length > 0 && length < 1e6)) return undefined;
	const parts = curve.shape === "line" ? 1 : Math.ceil(length / stepM);
	if (parts > maxParts) return undefined;
	const [cos, sin] = [Math.cos(hdg), Math.sin(hdg)];
	const points = localPoints(curve, parts).map(([u, v]): Point => [x + u * cos - v * sin, y + u * sin + v * cos]);
	return points.every(([px, py]) => Number.isFinite(px) && Number.isFinite(py)) ? points : undefined;
};
