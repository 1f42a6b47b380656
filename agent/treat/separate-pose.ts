/**
 * Takes away where the sensor was, so that geometry and position never leave together (regulations S-01, X-4: with it a cloud is surveying data).
 *
 * A position can also hide in the cloud: in fields that nobody knows, which go, and in points that are so far from the origin that they must be on a map, which
 * withhold the cloud. So do objects that far away.
 */
import * as v from "valibot";
import type { CloudBox } from "../../shared/cloud.ts";
import { readAxes } from "../formats/cloud-columns.ts";
import { harmlessFields, maxListedCount, positionFields, surfaceFields } from "../formats/cloud-fields.ts";
import { keepFields } from "../formats/cloud-select.ts";
import { defineTreatment } from "./treatment.ts";

const known = new Set<string>([...positionFields, ...harmlessFields, ...surfaceFields]);

export default defineTreatment({
	type: "separate-pose",
	options: v.strictObject({
		type: v.literal("separate-pose"),
		/** Farther from the origin along any axis no point of the sensor can be. */
		maxRangeM: v.optional(v.pipe(v.number(), v.minValue(1, "expected 1 to 2000"), v.maxValue(2_000, "expected 1 to 2000")), 500),
	}),
	appliesTo: ["cloud"],
	outcome: "reduced",
	compile({ maxRangeM }) {
		return (reading) => {
			if (reading.kind !== "cloud") return undefined;
			const axes = readAxes(reading.cloud);
			if (axes === undefined) return undefined;
			for (const column of [axes.x, axes.y, axes.z]) if (!isWithin(column, maxRangeM)) return undefined;
			if (reading.objects?.some(({ centreM }: CloudBox) => !isWithin(centreM, maxRangeM)) === true) return undefined;
			const cloud = keepFields(reading.cloud, ({ name, count }) => known.has(name) && count <= maxListedCount);
			const { pose, ...rest } = reading;
			return pose === undefined && cloud === reading.cloud ? reading : { ...rest, cloud };
		};
	},
});

/** Points that are no number are a sensor's word for no answer. */
const isWithin = (values: ArrayLike<number>, maxRangeM: number): boolean => {
	for (let i = 0; i < values.length; i++) if (Math.abs(values[i] ?? Number.NaN) > maxRangeM) return false;
	return true;
};
