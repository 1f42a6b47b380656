/**
 * What holds of every cloud that is worked on, whoever made it: fields that lie inside a point, with names that can be written anywhere, and as many bytes
 * as its points take.
 */
import type { CloudField, CloudScalar, PointCloud } from "../../shared/cloud.ts";
import { KerbError } from "../../shared/errors.ts";

export const scalarBytes: Readonly<Record<CloudScalar, number>> = {
	int8: 1,
	uint8: 1,
	int16: 2,
	uint16: 2,
	int32: 4,
	uint32: 4,
	float32: 4,
	float64: 8,
};

/** Eight sensors of 128 lines in one sweep are below it. */
export const maxCloudPoints = 4_000_000;
export const maxCloudBytes = 256 * 1024 * 1024;
export const maxCloudFields = 256;
export const maxPointBytes = 65_536;

/** How PCD names room without meaning; no field of a cloud has this name. */
export const paddingName = "_";

/** Printable ASCII without blanks: a name can end neither a header line nor a word of one. */
export const isFieldName = (name: string): boolean => /^[\x21-\x7e]{1,64}$/.test(name) && name !== paddingName;

export const fieldBytes = ({ type, count }: Pick<CloudField, "type" | "count">): number => scalarBytes[type] * count;

export const pointsOf = ({ heightPoints, widthPoints }: PointCloud): number => heightPoints * widthPoints;

/** Lays fields one after the other with nothing between them. */
export const packFields = (
	fields: readonly Omit<CloudField, "offsetBytes">[],
): { readonly fields: readonly CloudField[]; readonly pointStepBytes: number } => {
	let pointStepBytes = 0;
	const packed = fields.map(({ name, type, count }) => {
		const field = { name, type, count, offsetBytes: pointStepBytes };
		pointStepBytes += fieldBytes(field);
		return field;
	});
	return { fields: packed, pointStepBytes };
};

const isCount = (value: number, max: number): boolean => Number.isSafeInteger(value) && value >= 0 && value <= max;

/** What is wrong with the layout of a cloud; undefined when it is sound. Never names a value of a point. */
export const cloudProblem = (cloud: PointCloud): string | undefined => {
	const { fields, pointStepBytes, heightPoints, widthPoints, data } = cloud;
	if (fields.length < 1 || fields.length > maxCloudFields) return `expected 1 to ${maxCloudFields} fields, got ${fields.length}`;
	if (!isCount(pointStepBytes, maxPointBytes) || pointStepBytes === 0) return `expected points of 1 to ${maxPointBytes} bytes`;
	const names = new Set<string>();
	for (const field of fields) {
		if (!isFieldName(field.name)) return "expected names of fields of 1 to 64 printable ASCII characters";
		if (names.has(field.name)) return "expected each name of a field once";
		names.add(field.name);
		if (!Object.hasOwn(scalarBytes, field.type)) return "expected fields of known types";
		if (!isCount(field.count, maxPointBytes) || field.count === 0) return "expected at least one value per field";
		if (!isCount(field.offsetBytes, maxPointBytes)) return "expected fields that begin inside the point";
		if (field.offsetBytes + fieldBytes(field) > pointStepBytes) return "expected fields that end inside the point";
	}
	if (!isCount(heightPoints, maxCloudPoints) || !isCount(widthPoints, maxCloudPoints)) return `expected up to ${maxCloudPoints} points`;
	const points = heightPoints * widthPoints;
	if (points > maxCloudPoints || points * pointStepBytes > maxCloudBytes) {
		return `expected up to ${maxCloudPoints} points and ${maxCloudBytes} bytes`;
	}
	if (data.length !== points * pointStepBytes) return `expected ${points * pointStepBytes} bytes of points, got ${data.length}`;
	return undefined;
};

/** @throws KerbError FORMAT_INVALID when the layout of a cloud is not sound. */
export const checkCloud = (cloud: PointCloud): void => {
	const problem = cloudProblem(cloud);
	if (problem !== undefined) throw new KerbError("FORMAT_INVALID", `point cloud: ${problem}`);
};
