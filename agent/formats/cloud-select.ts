/**
 * Copies of clouds with fewer points or fewer fields.
 */
import type { PointCloud } from "../../shared/cloud.ts";
import { fieldBytes, packFields, pointsOf } from "./cloud-layout.ts";

/**
 * Copies `bytes` bytes of each of `points` points from one layout into another. Reads and writes inside the arrays only when the caller has checked that
 * every point lies in them.
 */
export const copyField = (
	from: { readonly data: Uint8Array; readonly offset: number; readonly step: number },
	to: { readonly data: Uint8Array; readonly offset: number; readonly step: number },
	bytes: number,
	points: number,
): void => {
	const source = from.data;
	const target = to.data;
	for (let i = 0, a = from.offset, b = to.offset; i < points; i++, a += from.step, b += to.step) {
		for (let k = 0; k < bytes; k++) target[b + k] = source[a + k] ?? 0;
	}
};

/**
 * The points whose mark is not 0, in their order, as a cloud without rows: where a point stood in a grid would tell where the missing ones were. The same
 * object when every point is kept and there are no rows.
 */
export const keepPoints = (cloud: PointCloud, marks: Uint8Array): PointCloud => {
	const points = pointsOf(cloud);
	const step = cloud.pointStepBytes;
	let kept = 0;
	for (let i = 0; i < points; i++) if (marks[i] !== 0) kept++;
	if (kept === points && cloud.heightPoints === 1) return cloud;
	const { data } = cloud;
	const out = new Uint8Array(kept * step);
	if (step % 4 === 0 && data.byteOffset % 4 === 0) {
		const words = step / 4;
		copyMarked(new Uint32Array(data.buffer, data.byteOffset, points * words), new Uint32Array(out.buffer), words, marks, points);
	} else {
		copyMarked(data, out, step, marks, points);
	}
	return { ...cloud, heightPoints: 1, widthPoints: kept, data: out };
};

/** Whole words are moved as they are: no byte is looked at, so the machine's order of bytes does not matter. */
const copyMarked = (
	from: Uint8Array | Uint32Array,
	to: Uint8Array | Uint32Array,
	step: number,
	marks: Uint8Array,
	points: number,
): void => {
	let at = 0;
	for (let i = 0; i < points; i++) {
		if (marks[i] === 0) continue;
		for (let k = 0, source = i * step; k < step; k++) to[at++] = from[source + k] ?? 0;
	}
};

/**
 * The fields that `isKept` names, closed up: what lay between fields is left behind. The same object when every field is kept and nothing lies between
 * them. The cloud must be sound; at least one field must be kept.
 */
export const keepFields = (cloud: PointCloud, isKept: (field: PointCloud["fields"][number]) => boolean): PointCloud => {
	const kept = cloud.fields.filter(isKept);
	const { fields, pointStepBytes } = packFields(kept);
	const isSame =
		fields.length === cloud.fields.length &&
		pointStepBytes === cloud.pointStepBytes &&
		fields.every(({ offsetBytes }, index) => offsetBytes === kept[index]?.offsetBytes);
	if (isSame) return cloud;
	const points = pointsOf(cloud);
	const data = new Uint8Array(points * pointStepBytes);
	for (const [index, field] of kept.entries()) {
		const from = { data: cloud.data, offset: field.offsetBytes, step: cloud.pointStepBytes };
		copyField(from, { data, offset: fields[index]?.offsetBytes ?? 0, step: pointStepBytes }, fieldBytes(field), points);
	}
	return { ...cloud, fields, pointStepBytes, data };
};
