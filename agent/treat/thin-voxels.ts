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

/** An index of a cube along an axis has 16 bits. */
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
			const data = new Uint8Array(cubes.count * layout.pointStepBytes);
			const view = new DataView(data.buffer);
			for (let i = 0, at = 0; i < cubes.count; i++, at += layout.pointStepBytes) {
				view.setFloat32(at, ((cubes.x[i] ?? 0) - half + 0.5) * voxelM, true);
				view.setFloat32(at + 4, ((cubes.y[i] ?? 0) - half + 0.5) * voxelM, true);
				view.setFloat32(at + 8, ((cubes.z[i] ?? 0) - half + 0.5) * voxelM, true);
			}
			const { objects: _exact, ...rest } = reading;
			return { ...rest, cloud: { ...layout, heightPoints: 1, widthPoints: cubes.count, data } };
		};
	},
});

/** Cubes by their indexes plus `half`, each once, in ascending order of x, then y, then z. */
interface Cubes {
	readonly x: Uint16Array;
	readonly y: Uint16Array;
	readonly z: Uint16Array;
	readonly count: number;
}

/** The cubes that points lie in. */
const cubesOf = (axes: CloudAxes, voxelM: number): Cubes => {
	const points = axes.x.length;
	const [x, y, z] = [new Uint16Array(points), new Uint16Array(points), new Uint16Array(points)];
	const perM = 1 / voxelM;
	let count = 0;
	for (let i = 0; i < points; i++) {
		const ix = Math.floor((axes.x[i] ?? Number.NaN) * perM) + half;
		const iy = Math.floor((axes.y[i] ?? Number.NaN) * perM) + half;
		const iz = Math.floor((axes.z[i] ?? Number.NaN) * perM) + half;
		if (!(ix >= 0 && ix < span && iy >= 0 && iy < span && iz >= 0 && iz < span)) continue;
		// Neighbours in a sweep often lie in one cube.
		if (count > 0 && ix === x[count - 1] && iy === y[count - 1] && iz === z[count - 1]) continue;
		x[count] = ix;
		y[count] = iy;
		z[count] = iz;
		count++;
	}
	const asTaken = new Uint32Array(count);
	for (let i = 0; i < count; i++) asTaken[i] = i;
	const order = sortBy(x, sortBy(y, sortBy(z, asTaken)));
	return unique({ x, y, z, count }, order);
};

/** Sorts by counting, which keeps the order of equals, so that a sort by each axis in turn is a sort by all. */
const sortBy = (column: Uint16Array, order: Uint32Array): Uint32Array => {
	const starts = new Uint32Array(span + 1);
	for (let i = 0; i < order.length; i++) {
		const slot = (column[i] ?? 0) + 1;
		starts[slot] = (starts[slot] ?? 0) + 1;
	}
	for (let slot = 1; slot <= span; slot++) starts[slot] = (starts[slot] ?? 0) + (starts[slot - 1] ?? 0);
	const sorted = new Uint32Array(order.length);
	for (let i = 0; i < order.length; i++) {
		const index = order[i] ?? 0;
		const slot = column[index] ?? 0;
		const at = starts[slot] ?? 0;
		sorted[at] = index;
		starts[slot] = at + 1;
	}
	return sorted;
};

const unique = ({ x, y, z }: Cubes, order: Uint32Array): Cubes => {
	const out = { x: new Uint16Array(order.length), y: new Uint16Array(order.length), z: new Uint16Array(order.length) };
	let count = 0;
	for (let i = 0; i < order.length; i++) {
		const index = order[i] ?? 0;
		const [ix, iy, iz] = [x[index] ?? 0, y[index] ?? 0, z[index] ?? 0];
		if (count > 0 && ix === out.x[count - 1] && iy === out.y[count - 1] && iz === out.z[count - 1]) continue;
		out.x[count] = ix;
		out.y[count] = iy;
		out.z[count] = iz;
		count++;
	}
	return { ...out, count };
};
