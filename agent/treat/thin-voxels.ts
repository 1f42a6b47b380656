/**
 * Divides space into cubes and gives back the centre of each cube that a point lies in: no original coordinate, no other field, and an order that says nothing
 * of the order of the points. Two clouds that fill the same cubes become the same cloud.
 *
 * Points that are nowhere, or more than 32,767 cubes away along an axis, are left out. Objects are left behind: their exact boxes would undo it, and a box no longer fits
 * points that have moved to a centre, so people are removed before and not after.
 */
import * as v from "valibot";
import { type CloudAxes, readAxes } from "../formats/cloud-columns.ts";
import { packFields } from "../formats/cloud-layout.ts";
import { defineTreatment } from "./treatment.ts";

/** Three numbers of 16 bits make one exact number of 48. */
const half = 32_768;
const span = 2 * half;

const layout = packFields(["x", "y", "z"].map((name) => ({ name, type: "float32", count: 1 })));

export default defineTreatment({
	type: "thin-voxels",
	options: v.strictObject({
		type: v.literal("thin-voxels"),
		/** Side of a cube. */
		voxelM: v.pipe(v.number(), v.minValue(0.05, "expected 0.05 to 100"), v.maxValue(100, "expected 0.05 to 100")),
	}),
	appliesTo: ["cloud"],
	outcome: "coarsened",
	compile({ voxelM }) {
		return (reading) => {
			if (reading.kind !== "cloud") return undefined;
			const axes = readAxes(reading.cloud);
			if (axes === undefined) return undefined;
			const cubes = cubesOf(axes, voxelM);
			const data = new Uint8Array(cubes.length * layout.pointStepBytes);
			const view = new DataView(data.buffer);
			for (let i = 0, at = 0; i < cubes.length; i++, at += layout.pointStepBytes) {
				const key = cubes[i] ?? 0;
				const iz = key % span;
				const rest = (key - iz) / span;
				const iy = rest % span;
				view.setFloat32(at, ((rest - iy) / span - half + 0.5) * voxelM, true);
				view.setFloat32(at + 4, (iy - half + 0.5) * voxelM, true);
				view.setFloat32(at + 8, (iz - half + 0.5) * voxelM, true);
			}
			const { objects: _exact, ...rest } = reading;
			return { ...rest, cloud: { ...layout, heightPoints: 1, widthPoints: cubes.length, data } };
		};
	},
});

/** The cubes that points lie in, each once, in ascending order. */
const cubesOf = ({ x, y, z }: CloudAxes, voxelM: number): Float64Array => {
	const keys = new Float64Array(x.length);
	const perM = 1 / voxelM;
	let count = 0;
	let last = -1;
	for (let i = 0; i < x.length; i++) {
		const ix = Math.floor((x[i] ?? Number.NaN) * perM) + half;
		const iy = Math.floor((y[i] ?? Number.NaN) * perM) + half;
		const iz = Math.floor((z[i] ?? Number.NaN) * perM) + half;
		if (!(ix >= 0 && ix < span && iy >= 0 && iy < span && iz >= 0 && iz < span)) continue;
		const key = (ix * span + iy) * span + iz;
		// Neighbours in a sweep often lie in one cube.
		if (key === last) continue;
		last = key;
		keys[count++] = key;
	}
	const sorted = keys.subarray(0, count).sort();
	let cubes = 0;
	for (let i = 0; i < count; i++) {
		const key = sorted[i] ?? 0;
		if (cubes === 0 || key !== sorted[cubes - 1]) sorted[cubes++] = key;
	}
	return sorted.subarray(0, cubes);
};
