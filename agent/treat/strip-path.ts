/**
 * Takes out of a message where somebody has been and where he is about to go: path histories, traces and predictions. `also` names further groups.
 *
 * A message that its standard does not let be without one of them is withheld.
 */
import * as v from "valibot";
import { compileLowering } from "../formats/v2x/message-lowering.ts";
import { perShape, withContent } from "./message-steps.ts";
import { defineTreatment } from "./treatment.ts";

const further = ["object", "event-position", "map-geometry"] as const;

export default defineTreatment({
	type: "strip-path",
	options: v.strictObject({
		type: v.literal("strip-path"),
		/** Objects that the sender perceives, positions of events, geometry of maps. */
		also: v.optional(
			v.pipe(v.array(v.picklist(further, `expected one of ${further.join(", ")}`)), v.minLength(1), v.maxLength(further.length)),
		),
	}),
	appliesTo: ["message"],
	outcome: "reduced",
	compile({ also = [] }) {
		const gone = new Set<string>(["path-history", "path-prediction", ...also]);
		const lowerings = perShape(({ type, form }) =>
			compileLowering(type, (place) => (place.type.role !== undefined && gone.has(place.type.role) ? "erase" : "keep"), { form }),
		);
		return (reading) => (reading.kind === "message" ? withContent(reading, lowerings(reading)?.(reading.content, undefined)) : undefined);
	},
});
