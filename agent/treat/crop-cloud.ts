/**
 * Keeps the points of a cloud that are inside, or outside, a box or a distance around the sensor; edges are inside. Points that are nowhere go in either case.
 *
 * Objects that the perception found stay with the cloud, since a person whose centre is cropped away may reach into what is kept; but they lose their class.
 * An object without a class counts as a person and leaves in no list.
 */
import * as v from "valibot";
import type { CloudBox } from "../../shared/cloud.ts";
import { type CloudAxes, readAxes } from "../formats/cloud-columns.ts";
import { keepPoints } from "../formats/cloud-select.ts";
import { unclassified } from "./cloud-objects.ts";
import { defineTreatment } from "./treatment.ts";

const maxM = 10_000;
const coordinate = v.pipe(v.number(), v.minValue(-maxM), v.maxValue(maxM));
const corner = v.strictTuple([coordinate, coordinate, coordinate]);

type Keeps = (x: number, y: number, z: number) => boolean;

export default defineTreatment({
	type: "crop-cloud",
	options: v.pipe(
		v.strictObject({
			type: v.literal("crop-cloud"),
			keep: v.picklist(["inside", "outside"]),
			/** From corner to corner, in metres in the cloud's own frame. */
			box: v.optional(
				v.pipe(
					v.strictObject({ minM: corner, maxM: corner }),
					v.check(
						(box) => box.minM.every((value, axis) => value < (box.maxM[axis] ?? value)),
						"expected each of minM below the same of maxM",
					),
				),
			),
			/** From the origin of the cloud's own frame, which is the sensor or the vehicle. */
			radiusM: v.optional(v.pipe(v.number(), v.minValue(0.1, "expected 0.1 to 10000"), v.maxValue(maxM, "expected 0.1 to 10000"))),
		}),
		v.check(({ box, radiusM }) => (box === undefined) !== (radiusM === undefined), "expected one of box and radiusM"),
	),
	appliesTo: ["cloud"],
	outcome: "reduced",
	compile({ keep, box, radiusM }) {
		const isInside = box === undefined ? withinRadius(radiusM ?? 0) : withinBox(box.minM, box.maxM);
		const keeps: Keeps = keep === "inside" ? isInside : (x, y, z) => x - x === 0 && y - y === 0 && z - z === 0 && !isInside(x, y, z);
		return (reading) => {
			if (reading.kind !== "cloud") return undefined;
			const axes = readAxes(reading.cloud);
			if (axes === undefined) return undefined;
			const cloud = keepPoints(reading.cloud, mark(axes, keeps));
			const { objects } = reading;
			const known = objects?.map((object): CloudBox => (keeps(...object.centreM) ? object : { ...object, class: unclassified }));
			return { ...reading, cloud, ...(known === undefined ? undefined : { objects: known }) };
		};
	},
});

const mark = ({ x, y, z }: CloudAxes, keeps: Keeps): Uint8Array => {
	const marks = new Uint8Array(x.length);
	for (let i = 0; i < x.length; i++) {
		marks[i] = keeps(x[i] ?? Number.NaN, y[i] ?? Number.NaN, z[i] ?? Number.NaN) ? 1 : 0;
	}
	return marks;
};

/** Compared squared; no comparison with what is no number holds. */
const withinRadius = (radiusM: number): Keeps => {
	const squared = radiusM * radiusM;
	return (x, y, z) => x * x + y * y + z * z <= squared;
};

type Corner = readonly [number, number, number];

const withinBox =
	([minX, minY, minZ]: Corner, [maxX, maxY, maxZ]: Corner): Keeps =>
	(x, y, z) =>
		x >= minX && x <= maxX && y >= minY && y <= maxY && z >= minZ && z <= maxZ;
