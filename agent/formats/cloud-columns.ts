/**
 * Fields of a cloud as columns of numbers, so that a loop over points touches typed arrays alone.
 */
import type { CloudField, CloudScalar, PointCloud } from "../../shared/cloud.ts";
import { cloudProblem, pointsOf } from "./cloud-layout.ts";

export interface CloudAxes {
	readonly x: Float64Array;
	readonly y: Float64Array;
	readonly z: Float64Array;
}

/** One value of every point: the first of the field. The cloud must be sound (`cloudProblem`). */
export const readColumn = (cloud: PointCloud, { type, offsetBytes }: Pick<CloudField, "type" | "offsetBytes">): Float64Array => {
	const { data, pointStepBytes } = cloud;
	const points = pointsOf(cloud);
	const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
	const column = new Float64Array(points);
	// The commonest type has a loop of its own, which the engine compiles to plain loads.
	if (type === "float32") {
		for (let i = 0, at = offsetBytes; i < points; i++, at += pointStepBytes) column[i] = view.getFloat32(at, true);
		return column;
	}
	const read = scalarReaders[type];
	for (let i = 0, at = offsetBytes; i < points; i++, at += pointStepBytes) column[i] = read(view, at);
	return column;
};

export const scalarReaders: Readonly<Record<CloudScalar, (view: DataView, at: number) => number>> = {
	int8: (view, at) => view.getInt8(at),
	uint8: (view, at) => view.getUint8(at),
	int16: (view, at) => view.getInt16(at, true),
	uint16: (view, at) => view.getUint16(at, true),
	int32: (view, at) => view.getInt32(at, true),
	uint32: (view, at) => view.getUint32(at, true),
	float32: (view, at) => view.getFloat32(at, true),
	float64: (view, at) => view.getFloat64(at, true),
};

/**
 * Where the points are, in metres in the cloud's own frame; some may not be finite. Undefined when the cloud is not sound, or when it does not say so in
 * one floating-point field per axis: then nobody can tell where a point is, and what depends on it must withhold the cloud.
 */
export const readAxes = (cloud: PointCloud): CloudAxes | undefined => {
	if (cloudProblem(cloud) !== undefined) return undefined;
	const [x, y, z] = ["x", "y", "z"].map((name) => cloud.fields.find((field) => field.name === name && isPosition(field)));
	if (x === undefined || y === undefined || z === undefined) return undefined;
	return { x: readColumn(cloud, x), y: readColumn(cloud, y), z: readColumn(cloud, z) };
};

/** Integers have no unit that both formats agree on. */
const isPosition = ({ type, count }: CloudField): boolean => count === 1 && (type === "float32" || type === "float64");
