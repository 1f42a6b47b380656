/**
 * Withholds what comes from areas that the law names, or lets through only what comes from them (regulations S-13, P-01).
 *
 * - A fix goes by its own position, and only while the unit's way can be believed: not after a jump, a lost fix or a change of datum.
 * - Signals of motion and place, and whatever is sensed of the exterior, go by where the unit was at their time; other signals pass.
 * - A message goes by its sender's own position as a whole; other positions in it are erased one by one (agent/formats/v2x).
 * - A flow count goes when its cell touches an area.
 *
 * What is not known (no list, one past its term, another datum, no position) is withheld. With `keep: "outside"` the border of the gap is drawn
 * at random once and for all, up to `randomExtraM` beyond an area and its buffer (gap-border.ts).
 */
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";
import type { AreaTest } from "../../shared/place-index.ts";
import { areaKinds } from "../../shared/places.ts";
import type { Datum } from "../../shared/reading.ts";
import type { Step } from "../../shared/verdict.ts";
import { erasePositions } from "../formats/v2x/message-position-erase.ts";
import type { MessagePosition } from "../formats/v2x/message-positions.ts";
import type { MessageType } from "../formats/v2x/message-type.ts";
import { compileGapBorder } from "./gap-border.ts";
import { perShape, type TaggedMessage, withContent } from "./message-steps.ts";
import { isMotionPath } from "./motion-paths.ts";
import { defineTreatment, type Facilities } from "./treatment.ts";

const defaultExtraM = 500;

const areaId = v.pipe(v.string(), v.minLength(1), v.maxLength(120));
const extra = v.pipe(v.number(), v.minValue(0, "expected 0 to 5000 metres"), v.maxValue(5_000, "expected 0 to 5000 metres"));

const options = v.pipe(
	v.strictObject({
		type: v.literal("suppress-area"),
		/** Areas by id. */
		areas: v.optional(v.pipe(v.array(areaId), v.minLength(1), v.maxLength(1_000))),
		/** All areas of these kinds. */
		kinds: v.optional(v.pipe(v.array(v.picklist(areaKinds)), v.minLength(1), v.maxLength(areaKinds.length))),
		/** outside: what is in the areas is withheld. inside: only what is in them is let through. */
		keep: v.picklist(["outside", "inside"]),
		/** How far from an area at most the gap may begin and end; 500 unless told. */
		randomExtraM: v.optional(extra),
	}),
	v.check(({ areas, kinds }) => areas !== undefined || kinds !== undefined, "expected areas, kinds or both"),
	v.check(({ keep, randomExtraM }) => keep === "outside" || randomExtraM === undefined, 'randomExtraM goes with keep "outside" only'),
);

/** Whether something may be shown that is within `withinM` of the position. */
type MayShow = (latDeg: number, lonDeg: number, datum: Datum, withinM: number) => boolean;

export default defineTreatment({
	type: "suppress-area",
	options,
	appliesTo: ["signal", "fix", "message", "flow"],
	// A flow cell is never wholly in a road or a small area, so it is never known to be inside.
	kindsOf: ({ keep }) => (keep === "outside" ? ["signal", "fix", "message", "flow"] : ["signal", "fix", "message"]),
	outcome: "reduced",
	compile(written, facilities): Step {
		const mayShow = compileMayShow(written, facilities);
		const lowerMessage = compileMessages(mayShow);
		const { way } = facilities;
		return (reading) => {
			switch (reading.kind) {
				case "signal": {
					if (!isMotionPath(reading.path) && reading.tag.zone !== "exterior") return reading;
					const where = way?.at(reading.takenAtMs);
					return where !== undefined && mayShow(where.latDeg, where.lonDeg, where.datum, 0) ? reading : undefined;
				}
				case "fix":
					if (way !== undefined && way.at(reading.takenAtMs) === undefined) return undefined;
					return mayShow(reading.latDeg, reading.lonDeg, reading.datum, 0) ? reading : undefined;
				case "message":
					return lowerMessage(reading);
				case "flow":
					if (written.keep === "inside") return undefined;
					return mayShow(reading.latDeg, reading.lonDeg, reading.datum, reading.cellM * flowReach) ? reading : undefined;
				default:
					return undefined;
			}
		};
	},
});

/** Of the shortest side of a cell: from its centre to its furthest corner, outside of the polar caps. */
const flowReach = 0.75;

const compileMayShow = (
	{ areas: ids, kinds, keep, randomExtraM = defaultExtraM }: v.InferOutput<typeof options>,
	{ places, pseudonymKey }: Facilities,
): MayShow => {
	if (places === undefined) return () => false;
	const test = places.test({ ids, kinds });
	if (test === undefined) {
		throw new KerbError(
			"TREATMENT_INVALID",
			`the law's places have no such areas: expected ids of areas in it, and kinds that it has an area of; got ${[...(ids ?? []), ...(kinds ?? [])].join(", ")}`,
		);
	}
	// Of what is only known to be near a place, nobody can say that it is inside.
	if (keep === "inside") return (latDeg, lonDeg, datum, withinM) => withinM === 0 && test.at(latDeg, lonDeg, datum) === "inside";
	const isOutside = (latDeg: number, lonDeg: number, datum: Datum, withinM: number): boolean =>
		test.at(latDeg, lonDeg, datum, withinM) === "outside";
	if (randomExtraM === 0) return isOutside;
	const isBeyondBorder = withBorder(test, randomExtraM, () => places.gapKey ?? pseudonymKey("suppress-area", 0));
	return (latDeg, lonDeg, datum, withinM) => isOutside(latDeg, lonDeg, datum, withinM) && isBeyondBorder(latDeg, lonDeg, datum, withinM);
};

const withBorder = (test: AreaTest, mostM: number, keyOf: () => Uint8Array): MayShow => {
	let key: Uint8Array | undefined;
	return compileGapBorder(test, mostM, () => {
		key ??= Uint8Array.from(keyOf());
		return key;
	});
};

const compileMessages = (mayShow: MayShow) => {
	const shapes = perShape((shape) => ({ shape, statesOwn: statesOwnPosition(shape.type) }));
	return (reading: TaggedMessage): TaggedMessage | undefined => {
		const known = shapes(reading);
		if (known === undefined) return undefined;
		const { datum } = reading;
		let [hasOwn, ownGoes] = [false, false];
		const content = erasePositions(known.shape, reading.content, ({ isKnown, isOwn, latDeg, lonDeg, radiusM }: MessagePosition) => {
			const goes = !isKnown || !mayShow(latDeg, lonDeg, datum, radiusM);
			if (isOwn) [hasOwn, ownGoes] = [true, ownGoes || goes];
			return goes;
		});
		// Where its sender was must be known as soon as its standard lets it be said.
		if (ownGoes || (known.statesOwn && !hasOwn)) return undefined;
		return withContent(reading, content);
	};
};

/** Whether messages of the type can state their sender's own position. */
const statesOwnPosition = (root: MessageType): boolean => {
	const seen = new Set<MessageType>();
	const search = (type: MessageType): boolean => {
		if (type.role === "own-position") return true;
		if (seen.has(type)) return false;
		seen.add(type);
		switch (type.kind) {
			case "seq":
				return [...type.fields, ...(type.additions ?? []).flatMap(({ fields }) => fields)].some((field) => search(field.type));
			case "choice":
				return [...type.alternatives, ...(type.additions ?? [])].some((field) => search(field.type));
			case "list":
				return search(type.of);
			case "open":
				return [...type.table.values()].some((field) => search(field.type));
			default:
				return false;
		}
	};
	return search(root);
};
