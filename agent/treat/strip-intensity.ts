/**
 * Leaves of each point its place, and the fields that `keep` names of those known to be harmless. How strongly and in which colour surfaces answer goes: plates
 * and signs can be read of it. So does every field that nobody knows, and what lies between fields.
 */
import * as v from "valibot";
import { readAxes } from "../formats/cloud-columns.ts";
import { harmlessFields, maxListedCount, positionFields } from "../formats/cloud-fields.ts";
import { keepFields } from "../formats/cloud-select.ts";
import { defineTreatment } from "./treatment.ts";

export default defineTreatment({
	type: "strip-intensity",
	options: v.strictObject({
		type: v.literal("strip-intensity"),
		keep: v.optional(
			v.pipe(
				v.array(v.picklist(harmlessFields, `expected one of ${harmlessFields.join(", ")}`)),
				v.minLength(1),
				v.maxLength(harmlessFields.length),
			),
		),
	}),
	appliesTo: ["cloud"],
	outcome: "reduced",
	compile({ keep = [] }) {
		const kept = new Set<string>([...positionFields, ...keep]);
		return (reading) => {
			if (reading.kind !== "cloud" || readAxes(reading.cloud) === undefined) return undefined;
			const cloud = keepFields(reading.cloud, ({ name, count }) => kept.has(name) && count <= maxListedCount);
			return cloud === reading.cloud ? reading : { ...reading, cloud };
		};
	},
});
