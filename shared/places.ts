/**
 * The places that the law names: sensitive areas, areas where something is allowed, and areas that conditions speak of. Positions are in the
 * datum of the document and are never converted to another one; a position in another datum is in no known place.
 *
 * A sensitive area may be given as a set of keyed cell hashes, so that a unit carries no readable list of sensitive sites. What that is worth
 * is said in agent/place/cell-set.ts.
 */
import * as v from "valibot";
import { LinesSchema, PolygonsSchema, PositionSchema } from "./place-positions.ts";

/** sensitive: hidden by whoever is told to hide sensitive areas. allowed and named mean what a rule says by their ids. */
export const areaKinds = ["sensitive", "allowed", "named"] as const;
export type AreaKind = (typeof areaKinds)[number];

/** Metres around a sensitive area that count as inside unless it says otherwise (regulations "geofence.bufferM": no legal number was found). */
export const defaultSensitiveBufferM = 500;

const maxAreas = 20_000;
/** The longest document that a unit takes has fewer. */
const maxHashText = 3_000_000;

const areaId = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"),
	v.maxLength(120),
);

const metres = (from: number, to: number) =>
	v.pipe(v.number(), v.minValue(from, `expected ${from} to ${to} metres`), v.maxValue(to, `expected ${from} to ${to} metres`));

const hex = (bytes: number) =>
	v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `expected ${bytes} bytes in lower-case hexadecimal`));

/** Of one hash in a packed list. */
export const cellHashBytes = 6;

/** Packed hashes are whole, and there is at least one. */
const isPacked = (text: string): boolean => {
	const bytes = (text.length / 4) * 3 - (text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0);
	return bytes > 0 && bytes % cellHashBytes === 0;
};

const shape = v.variant("type", [
	v.strictObject({ type: v.literal("polygons"), polygons: PolygonsSchema }),
	/** All that is at most half of `widthM` from a line; ends are round. */
	v.strictObject({ type: v.literal("corridors"), widthM: metres(0.1, 10_000), lines: LinesSchema }),
	v.strictObject({ type: v.literal("circle"), centre: PositionSchema, radiusM: metres(0, 100_000) }),
	v.strictObject({
		type: v.literal("cells"),
		/** Shortest side of a cell (shared/cell-grid.ts). */
		cellM: metres(500, 100_000),
		saltHex: hex(32),
		/** Base64 of the hashes in ascending order. */
		hashes: v.pipe(
			v.string(),
			v.maxLength(maxHashText),
			v.regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, "expected base64"),
			v.check(isPacked, `expected one or more hashes of ${cellHashBytes} bytes`),
		),
	}),
]);

export const AreaSchema = v.pipe(
	v.strictObject({
		id: areaId,
		kind: v.picklist(areaKinds),
		shape,
		/** Absent: 500 for a sensitive area, else 0. */
		bufferM: v.optional(metres(0, 20_000)),
	}),
	v.check(({ shape: { type }, bufferM }) => type !== "cells" || bufferM === undefined, "cells have no bufferM: it is in the cells already"),
);
export type Area = v.InferOutput<typeof AreaSchema>;

export const PlacesSchema = v.strictObject({
	kind: v.literal("places"),
	id: areaId,
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	issuedAt: v.pipe(v.string(), v.isoTimestamp()),
	/** From here on nobody knows whether a position is in a place, and whatever depends on one is withheld. */
	notAfter: v.pipe(v.string(), v.isoTimestamp()),
	/** Of every position in it. */
	datum: v.picklist(["wgs84", "cgcs2000", "gcj02", "bd09"]),
	/**
	 * What treatments draw the randomness of a gap's border from: made once at random, the same in every version, so that the gaps of many units
	 * and many versions tell no more than those of one. Absent: it is made of the areas and changes with them.
	 */
	gapSeedHex: v.optional(hex(32)),
	areas: v.pipe(
		v.array(AreaSchema),
		v.minLength(1),
		v.maxLength(maxAreas),
		v.check((list) => new Set(list.map(({ id }) => id)).size === list.length, "an id is used twice"),
	),
});
export type Places = v.InferOutput<typeof PlacesSchema>;

/** Metres around the shape that count as inside. */
export const bufferOf = ({ kind, bufferM, shape: { type } }: Area): number =>
	bufferM ?? (kind === "sensitive" && type !== "cells" ? defaultSensitiveBufferM : 0);
