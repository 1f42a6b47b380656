/**
 * Cuts out of map features what lies in areas that the law names (regulations S-13): points go, lines lose every stretch between two of their points
 * that comes near, and a polygon goes as a whole when its surroundings reach one, since its outline would show the hole.
 *
 * It goes by the feature's own geometry, not by where the unit was. What cannot be told (no list, one past its term, another datum, metres in place of
 * degrees) is withheld. As with `suppress-area` the border of the gap is drawn at random once and for all, up to `randomExtraM` beyond an area and
 * its buffer. It belongs before `generalise-geometry`, which makes stretches longer.
 *
 * What other features say of one that was cut (a predecessor, a member) stays; `strip-map-attributes` with `use: "public"` takes that away.
 */
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";
import type { MessageValue } from "../../shared/message.ts";
import { areaKinds } from "../../shared/places.ts";
import type { Datum, MapGeometry } from "../../shared/reading.ts";
import type { Position } from "../formats/map-geometry.ts";
import { scaleAt } from "../formats/map-simplify.ts";
import { compileGapBorder } from "./gap-border.ts";
import { defineTreatment, type Facilities } from "./treatment.ts";

const defaultExtraM = 500;
/** Of a disc that is asked about at once; a longer stretch is asked about in halves. */
const mostRadiusM = 5_000;
/** A stretch this short that is not known to be outside is inside. */
const leastStretchM = 20;
/** Questions about one feature; one that takes more is withheld. */
const maxQuestions = 200_000;

const areaId = v.pipe(v.string(), v.minLength(1), v.maxLength(120));

const options = v.pipe(
	v.strictObject({
		type: v.literal("cut-map-areas"),
		/** Areas by id. */
		areas: v.optional(v.pipe(v.array(areaId), v.minLength(1), v.maxLength(1_000))),
		/** All areas of these kinds. */
		kinds: v.optional(v.pipe(v.array(v.picklist(areaKinds)), v.minLength(1), v.maxLength(areaKinds.length))),
		/** How far from an area at most the gap may begin and end; 500 unless told. */
		randomExtraM: v.optional(
			v.pipe(v.number(), v.minValue(0, "expected 0 to 5000 metres"), v.maxValue(5_000, "expected 0 to 5000 metres")),
		),
	}),
	v.check(({ areas, kinds }) => areas !== undefined || kinds !== undefined, "expected areas, kinds or both"),
);

/** Whether all within `radiusM` of a position is known to be outside. */
type IsOutside = (latDeg: number, lonDeg: number, radiusM: number) => boolean;

const compileOutside = (
	{ areas: ids, kinds, randomExtraM = defaultExtraM }: v.InferOutput<typeof options>,
	{ places, pseudonymKey }: Facilities,
): ((datum: Datum) => IsOutside) => {
	if (places === undefined) return () => () => false;
	const test = places.test({ ids, kinds });
	if (test === undefined) {
		throw new KerbError(
			"TREATMENT_INVALID",
			`the law's places have no such areas: expected ids of areas in it, and kinds that it has an area of; got ${[...(ids ?? []), ...(kinds ?? [])].join(", ")}`,
		);
	}
	let key: Uint8Array | undefined;
	const border =
		randomExtraM === 0
			? () => true
			: compileGapBorder(test, randomExtraM, () => {
					key ??= Uint8Array.from(places.gapKey ?? pseudonymKey("suppress-area", 0));
					return key;
				});
	return (datum) => (latDeg, lonDeg, radiusM) =>
		datum !== "local" &&
		Math.abs(latDeg) <= 90 &&
		Math.abs(lonDeg) <= 180 &&
		test.at(latDeg, lonDeg, datum, radiusM) === "outside" &&
		border(latDeg, lonDeg, datum, radiusM);
};

/** Asks about points, stretches and surroundings of one feature, so often at the most. */
class Scout {
	readonly #isOutside: IsOutside;
	#left = maxQuestions;

	constructor(isOutside: IsOutside) {
		this.#isOutside = isOutside;
	}

	/** It had to give up: nothing that it said before is worth anything. */
	get isSpent(): boolean {
		return this.#left <= 0;
	}

	isFree([lonDeg = 0, latDeg = 0]: Position, radiusM = 0): boolean {
		this.#left -= 1;
		return this.#left > 0 && this.#isOutside(latDeg, lonDeg, radiusM);
	}

	/** A disc around the middle of a stretch covers it; where the disc says nothing, each half has its own. */
	isFreeBetween(from: Position, to: Position): boolean {
		const [[fromLon = 0, fromLat = 0], [toLon = 0, toLat = 0]] = [from, to];
		const middle: Position = [(fromLon + toLon) / 2, (fromLat + toLat) / 2];
		// The longer degree of both ends, and one part in a hundred for the ellipsoid.
		const xM = Math.max(scaleAt(fromLat).xM, scaleAt(toLat).xM);
		const lengthM = 1.01 * Math.hypot((toLon - fromLon) * xM, (toLat - fromLat) * scaleAt(0).yM);
		if (lengthM <= 2 * mostRadiusM && this.isFree(middle, lengthM / 2)) return true;
		if (lengthM <= leastStretchM || this.isSpent) return false;
		return this.isFreeBetween(from, middle) && this.isFreeBetween(middle, to);
	}
}

/** The runs of a line between its gaps. */
const cutLine = (line: readonly Position[], scout: Scout): readonly (readonly Position[])[] => {
	const runs: Position[][] = [];
	let run: Position[] = [];
	for (const [at, to] of line.slice(1).entries()) {
		const from = line[at] ?? to;
		if (scout.isFreeBetween(from, to)) {
			if (run.length === 0) run.push(from);
			run.push(to);
			continue;
		}
		if (run.length > 0) runs.push(run);
		run = [];
	}
	return run.length > 0 ? [...runs, run] : runs;
};

/** Whether the box around a ring is free, as far as it can be asked about: a grid of discs that cover it. */
const isRingFree = (ring: readonly Position[], scout: Scout): boolean => {
	let [west, south, east, north] = [180, 90, -180, -90];
	for (const [lonDeg = 0, latDeg = 0] of ring) {
		[west, east] = [Math.min(west, lonDeg), Math.max(east, lonDeg)];
		[south, north] = [Math.min(south, latDeg), Math.max(north, latDeg)];
	}
	const xM = 1.01 * Math.max(scaleAt(south).xM, scaleAt(north).xM, south < 0 && north > 0 ? scaleAt(0).xM : 0);
	const yM = 1.01 * scaleAt(0).yM;
	const discM = mostRadiusM * Math.SQRT2;
	const [columns, rows] = [Math.ceil(((east - west) * xM) / discM) || 1, Math.ceil(((north - south) * yM) / discM) || 1];
	const [widthDeg, heightDeg] = [(east - west) / columns, (north - south) / rows];
	const radiusM = Math.hypot(widthDeg * xM, heightDeg * yM) / 2;
	for (let cell = 0; cell < columns * rows; cell++) {
		const [column, row] = [cell % columns, Math.floor(cell / columns)];
		if (!scout.isFree([west + (column + 0.5) * widthDeg, south + (row + 0.5) * heightDeg], radiusM)) return false;
	}
	return true;
};

const linesOf = (runs: readonly (readonly Position[])[]): MapGeometry | undefined => {
	const [only] = runs;
	if (only === undefined) return undefined;
	return runs.length === 1 ? { type: "LineString", coordinates: only } : { type: "MultiLineString", coordinates: runs };
};

const some = (type: MapGeometry["type"], parts: readonly MessageValue[]): MapGeometry | undefined =>
	parts.length === 0 ? undefined : { type, coordinates: parts };

/** What is left of a geometry; undefined when nothing is. Holes lie within the outer ring and need no question of their own. */
const cut = (geometry: MapGeometry, scout: Scout): MapGeometry | undefined => {
	const { type, coordinates } = geometry;
	const lines = coordinates as readonly (readonly Position[])[];
	switch (type) {
		case "Point":
			return scout.isFree(coordinates as Position) ? geometry : undefined;
		case "MultiPoint":
			return some(
				type,
				(coordinates as readonly Position[]).filter((point) => scout.isFree(point)),
			);
		case "LineString":
			return linesOf(cutLine(coordinates as readonly Position[], scout));
		case "MultiLineString":
			return some(
				type,
				lines.flatMap((line) => cutLine(line, scout)),
			);
		case "Polygon":
			return isRingFree(lines[0] ?? [], scout) ? geometry : undefined;
		case "MultiPolygon":
			return some(
				type,
				(coordinates as readonly (typeof lines)[]).filter((polygon) => isRingFree(polygon[0] ?? [], scout)),
			);
	}
};

export default defineTreatment({
	type: "cut-map-areas",
	options,
	appliesTo: ["map"],
	outcome: "reduced",
	compile(written, facilities) {
		const outsideIn = compileOutside(written, facilities);
		return (reading) => {
			if (reading.kind !== "map") return undefined;
			const scout = new Scout(outsideIn(reading.datum));
			const geometry = cut(reading.geometry, scout);
			return geometry === undefined || scout.isSpent ? undefined : { ...reading, geometry };
		};
	},
});
