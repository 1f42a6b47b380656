/**
 * Lists of positions as GeoJSON writes them (RFC 7946): `[longitude, latitude]` in degrees. Checked by hand, since a road map has tens of
 * thousands and every start of a unit reads them.
 *
 * Edges are straight in longitude and latitude. Longitudes may run on past 180 degrees, so that what crosses the antimeridian is written in
 * one piece (`179, 181`); cut in two, as RFC 7946 section 3.1.9 has it, it means the same. An edge of more than half a turn is refused: it
 * was meant to go the other way round. Only the edge along a pole may be longer.
 */
import * as v from "valibot";
import { issuePath } from "./issue-path.ts";

/** Longitude and latitude in degrees. */
export type Position = readonly [lonDeg: number, latDeg: number];
/** Open: two positions or more. */
export type Line = readonly Position[];
/** Closed: the last position is the first; four positions or more. */
export type Ring = readonly Position[];
/** The outline, then holes. A position that an odd number of rings encloses is inside. */
export type Polygon = readonly Ring[];

const maxPositions = 400_000;
const maxRingsPerPolygon = 10_000;

interface Problem {
	readonly at: readonly (string | number)[];
	readonly message: string;
}

const positionRule = "expected [longitude, latitude] in degrees: -360 to 360 and -90 to 90";

const isPosition = (value: unknown): value is Position =>
	Array.isArray(value) && value.length === 2 && isWithin(value[0], 360) && isWithin(value[1], 90);

const isWithin = (value: unknown, most: number): boolean => typeof value === "number" && Math.abs(value) <= most;

/** The first problem of a list of positions; `left` counts how many more a document may have. */
const lineProblem = (line: unknown, least: number, left: { positions: number }): Problem | undefined => {
	if (!Array.isArray(line) || line.length < least) return { at: [], message: `expected a list of at least ${least} positions` };
	left.positions -= line.length;
	if (left.positions < 0) return { at: [], message: `expected at most ${maxPositions} positions in one area` };
	let before: Position | undefined;
	// Plain loops over indexes: this is most of what a unit does with a road map at its start, before anything is compiled.
	for (let index = 0; index < line.length; index += 1) {
		const position: unknown = line[index];
		if (!isPosition(position)) return { at: [index], message: positionRule };
		if (before !== undefined && Math.abs(position[0] - before[0]) > 180 && !isAlongPole(before, position)) {
			return { at: [index], message: "expected the shorter way round: write 181 instead of -179 where a line crosses the antimeridian" };
		}
		before = position;
	}
	return undefined;
};

const isAlongPole = (from: Position, to: Position): boolean => Math.abs(to[1]) === 90 && from[1] === to[1];

const isClosed = (ring: Ring): boolean => {
	const [first, last] = [ring[0], ring.at(-1)];
	return first !== undefined && last !== undefined && first[0] === last[0] && first[1] === last[1];
};

const polygonProblem = (polygon: unknown, left: { positions: number }): Problem | undefined => {
	if (!Array.isArray(polygon) || polygon.length < 1 || polygon.length > maxRingsPerPolygon)
		return { at: [], message: `expected a polygon: a list of 1 to ${maxRingsPerPolygon} rings, the outline first` };
	for (const [index, ring] of polygon.entries()) {
		const problem =
			lineProblem(ring, 4, left) ??
			(isClosed(ring) ? undefined : { at: [], message: "expected a closed ring: the last position is the first" });
		if (problem !== undefined) return { ...problem, at: [index, ...problem.at] };
	}
	return undefined;
};

/** A schema over a list whose items `problemOf` looks at, one after the other until the first problem. */
const checkedList = <T>(
	base: v.GenericSchema<readonly T[]>,
	problemOf: (item: unknown, left: { positions: number }) => Problem | undefined,
) =>
	v.pipe(
		base,
		v.rawCheck(({ dataset, addIssue }) => {
			if (!dataset.typed) return;
			const left = { positions: maxPositions };
			for (let index = 0; index < dataset.value.length; index += 1) {
				const problem = problemOf(dataset.value[index], left);
				if (problem === undefined) continue;
				const path = issuePath(dataset.value, [index, ...problem.at]);
				addIssue({ message: problem.message, ...(path === undefined ? {} : { path }) });
				return;
			}
		}),
	);

const isList = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

/** What the two schemas below are made of; a JSON Schema for editors is written for these by hand. */
export const anyLines = v.custom<readonly Line[]>(isList, "expected a list of lines, each a list of positions");
export const anyPolygons = v.custom<readonly Polygon[]>(isList, "expected a list of polygons, each a list of rings");

export const LinesSchema = checkedList(anyLines, (line, left) => lineProblem(line, 2, left));
export const PolygonsSchema = checkedList(anyPolygons, polygonProblem);

export const PositionSchema = v.custom<Position>(isPosition, positionRule);
