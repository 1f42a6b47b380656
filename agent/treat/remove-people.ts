/**
 * Takes out of a cloud the points of the road users that the perception found: all that lie in their boxes, grown by a margin. Points that are nowhere
 * go, too.
 *
 * Where nobody looked, the cloud is withheld; an empty list says that somebody looked and found nothing.
 */
import * as v from "valibot";
import { unmarkInside } from "../formats/cloud-boxes.ts";
import { readAxes } from "../formats/cloud-columns.ts";
import { keepPoints } from "../formats/cloud-select.ts";
import { areSoundObjects, classList, foldClass, unclassified } from "./cloud-objects.ts";
import { defineTreatment } from "./treatment.ts";

export default defineTreatment({
	type: "remove-people",
	options: v.strictObject({
		type: v.literal("remove-people"),
		/** Added to each box on every side: boxes are fitted to the points that were hit, and people move while a sweep lasts. */
		marginM: v.pipe(v.number(), v.minValue(0.1, "expected 0.1 to 5"), v.maxValue(5, "expected 0.1 to 5")),
		/** Whose points go. Left out: everybody's and everything's that was found. Objects without a class go in either case. */
		classes: v.optional(classList),
	}),
	appliesTo: ["cloud"],
	outcome: "reduced",
	compile({ marginM, classes }) {
		const named = classes === undefined ? undefined : new Set([unclassified, ...classes.map(foldClass)]);
		return (reading) => {
			if (reading.kind !== "cloud" || !areSoundObjects(reading.objects)) return undefined;
			const axes = readAxes(reading.cloud);
			if (axes === undefined) return undefined;
			const { x, y, z } = axes;
			const marks = new Uint8Array(x.length);
			// Nought times a number is nought, unless it is infinite or none.
			for (let i = 0; i < x.length; i++) {
				const sum = (x[i] ?? Number.NaN) * 0 + (y[i] ?? Number.NaN) * 0 + (z[i] ?? Number.NaN) * 0;
				marks[i] = sum === 0 ? 1 : 0;
			}
			const boxes = reading.objects.filter((object) => named === undefined || named.has(foldClass(object.class)));
			unmarkInside(axes, boxes, marginM, marks);
			return { ...reading, cloud: keepPoints(reading.cloud, marks) };
		};
	},
});
