/** The `planView` of an OpenDRIVE road, from the tree of its element to points. */
import type { MessageFields, MessageValue } from "../../shared/message.ts";
import { isFields } from "./map-tree.ts";
import { type Cubic, type Curve, type CurveShape, type Point, sampleCurve } from "./opendrive-curve.ts";

const maxPoints = 50_000;

/** An attribute as a number; NaN when it is none. An empty text is no zero. */
const numberIn = (fields: MessageFields, name: string): number => {
	const value = fields[name];
	return typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
};

/** The elements of a name below an element. */
export const childrenOf = (fields: MessageFields, name: string): readonly MessageFields[] => {
	const value: MessageValue | undefined = fields[name];
	return Array.isArray(value) ? value.filter(isFields) : [];
};

const cubicOf = (fields: MessageFields, suffix: string): Cubic => [
	numberIn(fields, `a${suffix}`),
	numberIn(fields, `b${suffix}`),
	numberIn(fields, `c${suffix}`),
	numberIn(fields, `d${suffix}`),
];

const shapeOf = (geometry: MessageFields): CurveShape | undefined => {
	const only = (name: string): MessageFields | undefined => childrenOf(geometry, name)[0];
	const [arc, spiral, poly3, param] = [only("arc"), only("spiral"), only("poly3"), only("paramPoly3")];
	if (only("line") !== undefined) return { shape: "line" };
	if (arc !== undefined) return { shape: "arc", curvature: numberIn(arc, "curvature") };
	if (spiral !== undefined) return { shape: "spiral", curvStart: numberIn(spiral, "curvStart"), curvEnd: numberIn(spiral, "curvEnd") };
	if (poly3 !== undefined) return { shape: "poly3", v: cubicOf(poly3, "") };
	if (param === undefined) return undefined;
	// Without the attribute the range is 0 to 1 (1.4, "paramPoly3").
	return { shape: "paramPoly3", u: cubicOf(param, "U"), v: cubicOf(param, "V"), isNormalised: param.pRange !== "arcLength" };
};

const curveOf = (geometry: MessageFields): Curve | undefined => {
	const shape = shapeOf(geometry);
	if (shape === undefined) return undefined;
	const [s, x, y, hdg, length] = ["s", "x", "y", "hdg", "length"].map((name) => numberIn(geometry, name)) as [
		number,
		number,
		number,
		number,
		number,
	];
	return { s, x, y, hdg, length, ...shape };
};

/**
 * The reference line of a road: points from its start to its end, one where two curves meet. Undefined when there is none, one of its curves is
 * not valid, or it has more than 50,000 points.
 */
export const referenceLine = (road: MessageFields, stepM: number): readonly Point[] | undefined => {
	const points: Point[] = [];
	for (const geometry of childrenOf(road, "planView").flatMap((view) => childrenOf(view, "geometry"))) {
		const curve = curveOf(geometry);
		// Some writers leave curves of no length between others; they add nothing.
		if (curve?.length === 0) continue;
		const sampled = curve === undefined ? undefined : sampleCurve(curve, stepM);
		if (sampled === undefined || points.length + sampled.length > maxPoints) return undefined;
		points.push(...(points.length === 0 ? sampled : sampled.slice(1)));
	}
	return points.length < 2 ? undefined : points;
};
