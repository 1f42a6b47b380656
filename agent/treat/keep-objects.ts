/**
 * Gives back, instead of the points, a list of what the perception found: a row per object of the classes named, with its centre, its size, its direction and
 * the place of its class in the list. No point that was sensed is in it.
 *
 * Where nobody looked, the cloud is withheld; an empty list says that somebody looked and found none of these.
 */
import * as v from "valibot";
import type { CloudBox, PointCloud } from "../../shared/cloud.ts";
import { packFields } from "../formats/cloud-layout.ts";
import { areSoundObjects, classList, foldClass } from "./cloud-objects.ts";
import { defineTreatment } from "./treatment.ts";

const numbers = ["x", "y", "z", "length", "width", "height", "yaw"] as const;
const layout = packFields([
	...numbers.map((name) => ({ name, type: "float32", count: 1 }) as const),
	{ name: "class", type: "uint8", count: 1 } as const,
]);

export default defineTreatment({
	type: "keep-objects",
	options: v.strictObject({
		type: v.literal("keep-objects"),
		/** In this order: the first is 0. Objects of other classes are left out. */
		classes: classList,
	}),
	appliesTo: ["cloud"],
	outcome: "reduced",
	compile({ classes }) {
		const indexes = new Map(classes.map((name, index) => [foldClass(name), index]));
		return (reading) => {
			if (reading.kind !== "cloud" || !areSoundObjects(reading.objects)) return undefined;
			const objects = reading.objects.filter((object) => indexes.has(foldClass(object.class)));
			return { ...reading, objects, cloud: listOf(objects, indexes) };
		};
	},
});

const listOf = (objects: readonly CloudBox[], indexes: ReadonlyMap<string, number>): PointCloud => {
	const data = new Uint8Array(objects.length * layout.pointStepBytes);
	const view = new DataView(data.buffer);
	for (const [row, object] of objects.entries()) {
		const at = row * layout.pointStepBytes;
		for (const [index, value] of [...object.centreM, ...object.sizeM, object.yawRad].entries())
			view.setFloat32(at + index * 4, value, true);
		view.setUint8(at + numbers.length * 4, indexes.get(foldClass(object.class)) ?? 0);
	}
	return { ...layout, heightPoints: 1, widthPoints: objects.length, data };
};
