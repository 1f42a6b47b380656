/**
 * Draws map features more coarsely: heights go, positions go to the centres of a grid's cells, and points that a line can do without to within
 * `toleranceM` are left out. What has no extent after that is left out, too; a feature of which nothing is left is withheld.
 *
 * The grid is what limits how well a position is known; the tolerance alone leaves the points that stay where they were. In the datum `local` the
 * numbers are metres and the grid is one of metres from the origin.
 */
import * as v from "valibot";
import type { MessageValue } from "../../shared/message.ts";
import type { Datum, MapGeometry } from "../../shared/reading.ts";
import type { Position } from "../formats/map-geometry.ts";
import { type Scale, scaleAt, simplifyLine } from "../formats/map-simplify.ts";
import { compileGrid } from "./cell-grid.ts";
import { defineTreatment } from "./treatment.ts";

/** Comparisons for one feature; a map's own lines need far fewer. */
const maxSteps = 20_000_000;

type Place = (position: Position) => Position;

interface Pen {
	readonly place: Place;
	readonly toleranceM: number;
	readonly scaleOf: (first: Position) => Scale;
	readonly budget: { steps: number };
}

const isSame = (a: Position | undefined, b: Position | undefined): boolean => a?.[0] === b?.[0] && a?.[1] === b?.[1];

/** A line on the grid, simplified; undefined when fewer than `least` points are left. */
const drawLine = (
	line: readonly Position[],
	least: number,
	{ place, toleranceM, scaleOf, budget }: Pen,
): readonly Position[] | undefined => {
	const placed = line.map(place).filter((position, at, all) => !isSame(position, all[at - 1]));
	if (placed.length < least) return undefined;
	const drawn = simplifyLine(placed, toleranceM, scaleOf(placed[0] ?? []), budget);
	return drawn === undefined || drawn.length < least ? undefined : drawn;
};

/** A polygon without its outer ring is nothing; holes that close are no loss. */
const drawPolygon = (rings: readonly (readonly Position[])[], pen: Pen): readonly (readonly Position[])[] | undefined => {
	const [outer, ...holes] = rings.map((ring) => drawLine(ring, 4, pen));
	return outer === undefined ? undefined : [outer, ...holes.filter((hole) => hole !== undefined)];
};

const some = <T>(parts: readonly (T | undefined)[]): readonly T[] | undefined => {
	const left = parts.filter((part) => part !== undefined);
	return left.length === 0 ? undefined : left;
};

const distinct = (points: readonly Position[]): readonly Position[] => [...new Map(points.map((point) => [point.join(), point])).values()];

const draw = ({ type, coordinates }: MapGeometry, pen: Pen): MapGeometry | undefined => {
	const lines = coordinates as readonly (readonly Position[])[];
	const drawn: Readonly<Record<MapGeometry["type"], () => MessageValue | undefined>> = {
		Point: () => pen.place(coordinates as Position),
		MultiPoint: () => distinct((coordinates as readonly Position[]).map(pen.place)),
		LineString: () => drawLine(coordinates as readonly Position[], 2, pen),
		MultiLineString: () => some(lines.map((line) => drawLine(line, 2, pen))),
		Polygon: () => drawPolygon(lines, pen),
		MultiPolygon: () => some((coordinates as readonly (readonly (readonly Position[])[])[]).map((polygon) => drawPolygon(polygon, pen))),
	};
	const result = drawn[type]();
	return result === undefined ? undefined : { type, coordinates: result };
};

export default defineTreatment({
	type: "generalise-geometry",
	options: v.strictObject({
		type: v.literal("generalise-geometry"),
		/** How far a line may come to lie from where it was, in metres. */
		toleranceM: v.pipe(v.number(), v.minValue(0, "expected 0 to 10000 metres"), v.maxValue(10_000, "expected 0 to 10000 metres")),
		/** The shortest side of a cell, in metres. Absent: positions stay as they are. */
		gridM: v.optional(v.pipe(v.number(), v.minValue(1, "expected 1 to 100000 metres"), v.maxValue(100_000, "expected 1 to 100000 metres"))),
	}),
	appliesTo: ["map"],
	outcome: "coarsened",
	precisionM: ({ gridM = 0 }) => gridM,
	compile({ toleranceM, gridM }) {
		const toCentre = gridM === undefined ? undefined : compileGrid(gridM);
		const flat: Place = ([x = 0, y = 0]) => [x, y];
		const onEarth: Place = ([lonDeg = 0, latDeg = 0]) => {
			const centre = toCentre?.(latDeg, lonDeg);
			return centre === undefined ? [lonDeg, latDeg] : [centre.lonDeg, centre.latDeg];
		};
		const inMetres: Place = ([x = 0, y = 0]) =>
			gridM === undefined ? [x, y] : [Math.round(x / gridM) * gridM + 0, Math.round(y / gridM) * gridM + 0];
		const placeIn = (datum: Datum): Place => (toCentre === undefined ? flat : datum === "local" ? inMetres : onEarth);
		return (reading) => {
			if (reading.kind !== "map") return undefined;
			const isLocal = reading.datum === "local";
			const place = placeIn(reading.datum);
			const scaleOf = ([, y = 0]: Position): Scale => (isLocal ? { xM: 1, yM: 1 } : scaleAt(y));
			const geometry = draw(reading.geometry, { place, toleranceM, scaleOf, budget: { steps: maxSteps } });
			return geometry === undefined ? undefined : { ...reading, geometry };
		};
	},
});
