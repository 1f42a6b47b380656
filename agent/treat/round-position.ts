/**
 * Replaces a position by the centre of its cell in a fixed grid over the earth.
 *
 * Rows of latitude reach from pole to pole; each row is cut into whole columns around the earth, fewer towards the poles, so that a cell is
 * at least `cellM` long on every side; the two rows at the poles are one cell each, whose centre is the pole. All readings of a cell give
 * the same output. What would rebuild the position (speed and course by dead reckoning, altitude and accuracy by matching with a map) goes.
 *
 * In a message every position that is stated outright goes to the centre of its cell, each by itself; one that is not known stays unknown. Offsets, metres,
 * heights, paths, motion and accuracy go. What cannot be without them (an object that is stated in metres from its sender, a lane) goes as a whole, and
 * so does the message.
 *
 * The time of a reading stays as it is: a dense track of cells still tells when a border was crossed. `thin-rate` is the answer to that.
 */
import * as v from "valibot";
import { compileLowering } from "../formats/v2x/message-lowering.ts";
import { movePairs } from "../formats/v2x/message-pair-lowering.ts";
import { isAccuracy, isMotion } from "../formats/v2x/message-roles.ts";
import { compileGrid, isOnEarth } from "./cell-grid.ts";
import { perShape, withContent } from "./message-steps.ts";
import { defineTreatment } from "./treatment.ts";

export default defineTreatment({
	type: "round-position",
	options: v.strictObject({
		type: v.literal("round-position"),
		/** The shortest side of a cell, in metres. */
		cellM: v.pipe(v.number(), v.minValue(10, "expected 10 to 100000 metres"), v.maxValue(100_000, "expected 10 to 100000 metres")),
	}),
	appliesTo: ["fix", "message"],
	outcome: "coarsened",
	precisionM: ({ cellM }) => cellM,
	compile({ cellM }) {
		const toCentre = compileGrid(cellM);
		const lowerings = perShape(({ type, form }) =>
			compileLowering(
				type,
				(place) => {
					const { role } = place.type;
					if (role === "path-history" || role === "path-prediction" || isMotion(place.type)) return "erase";
					return movePairs(place, toCentre) ?? (isAccuracy(place) ? "erase-if-possible" : "keep");
				},
				{ form },
			),
		);
		return (reading) => {
			// Local coordinates are not degrees on the earth, so no grid in metres fits them.
			if ((reading.kind !== "fix" && reading.kind !== "message") || reading.datum === "local") return undefined;
			if (reading.kind === "message") return withContent(reading, lowerings(reading)?.(reading.content, undefined));
			if (!isOnEarth(reading.latDeg, reading.lonDeg)) return undefined;
			const { accuracyM: _accuracyM, altitudeM: _altitudeM, speedMps: _speedMps, courseDeg: _courseDeg, ...rest } = reading;
			// Without its altitude a fix is one of two dimensions.
			return { ...rest, ...toCentre(reading.latDeg, reading.lonDeg), mode: 2 };
		};
	},
});
