/**
 * Geometries of map features: checked copies, and a walk over their positions (RFC 7946 section 3.1).
 *
 * A position has two or three numbers: longitude and latitude in degrees, or metres east and north of the origin where the datum is `local`,
 * then metres of height. More numbers are refused: nobody says what they mean. Rings are closed and have four positions or more; their
 * winding is not checked, as readers should not refuse it (section 3.1.6).
 */
import type { MessageValue } from "../../shared/message.ts";
import type { Datum, MapGeometry } from "../../shared/reading.ts";
import { type MapRefusal, mapLimits } from "./map-limits.ts";
import { isFields } from "./map-tree.ts";

/** Two numbers, or three with a height. */
export type Position = readonly number[];

/** How deep positions lie: 0 a position, 1 a line, 2 a list of lines ... */
const depths = { Point: 0, LineString: 1, Polygon: 2, MultiPoint: 1, MultiLineString: 2, MultiPolygon: 3 } as const satisfies Record<
	MapGeometry["type"],
	number
>;

const isType = (type: unknown): type is MapGeometry["type"] => typeof type === "string" && Object.hasOwn(depths, type);

const maxParts = 10_000;

interface Budget {
	positions: number;
	parts: number;
}

const isWithin = (value: unknown, most: number): value is number => typeof value === "number" && value >= -most && value <= most;

const copyPosition = (value: unknown, datum: Datum, budget: Budget): number[] | undefined => {
	if (!Array.isArray(value) || value.length < 2 || value.length > 3) return undefined;
	budget.positions -= 1;
	const [x, y, height]: readonly unknown[] = value;
	const [mostX, mostY] = datum === "local" ? [mapLimits.localM, mapLimits.localM] : [180, 90];
	if (!isWithin(x, mostX) || !isWithin(y, mostY)) return undefined;
	if (value.length === 2) return [x, y];
	return isWithin(height, mapLimits.heightM) ? [x, y, height] : undefined;
};

const copyList = <T>(value: unknown, least: number, budget: Budget, copyOne: (item: unknown) => T | undefined): T[] | undefined => {
	if (!Array.isArray(value) || value.length < least) return undefined;
	budget.parts -= 1;
	const items: T[] = [];
	for (const item of value) {
		if (budget.positions <= 0 || budget.parts < 0) return undefined;
		const copy = copyOne(item);
		if (copy === undefined) return undefined;
		items.push(copy);
	}
	return items;
};

const isClosed = (ring: readonly Position[]): boolean => {
	const [first, last] = [ring[0] ?? [], ring.at(-1) ?? []];
	return first.length === last.length && first.every((number, at) => number === last[at]);
};

const copyCoordinates = (type: MapGeometry["type"], value: unknown, datum: Datum, budget: Budget): MessageValue | undefined => {
	const position = (item: unknown): number[] | undefined => copyPosition(item, datum, budget);
	const line = (item: unknown, least: number): number[][] | undefined => copyList(item, least, budget, position);
	const ring = (item: unknown): number[][] | undefined => {
		const copy = line(item, 4);
		return copy !== undefined && isClosed(copy) ? copy : undefined;
	};
	const polygon = (item: unknown): number[][][] | undefined => copyList(item, 1, budget, ring);
	switch (type) {
		case "Point":
			return position(value);
		case "MultiPoint":
			return line(value, 1);
		case "LineString":
			return line(value, 2);
		case "MultiLineString":
			return copyList(value, 1, budget, (item) => line(item, 2));
		case "Polygon":
			return polygon(value);
		case "MultiPolygon":
			return copyList(value, 1, budget, polygon);
	}
};

/** A checked copy of a geometry that shares nothing with it, or why it is none. Never throws. */
export const copyGeometry = (value: unknown, datum: Datum): MapGeometry | MapRefusal => {
	if (value === null || value === undefined) return "geometry_missing";
	if (!isFields(value) || !isType(value.type)) return "geometry_invalid";
	const budget = { positions: mapLimits.positions, parts: maxParts };
	const coordinates = copyCoordinates(value.type, value.coordinates, datum, budget);
	if (coordinates !== undefined) return { type: value.type, coordinates };
	return budget.positions <= 0 || budget.parts < 0 ? "geometry_too_large" : "geometry_invalid";
};

/** Calls `visit` for each position of a checked geometry, in order. */
export const forEachPosition = ({ type, coordinates }: MapGeometry, visit: (position: Position) => void): void => {
	const walk = (value: MessageValue, depth: number): void => {
		if (depth === 0) visit(value as Position);
		else for (const item of value as readonly MessageValue[]) walk(item, depth - 1);
	};
	walk(coordinates, depths[type]);
};

/** The geometry with each position replaced. */
export const mapPositions = ({ type, coordinates }: MapGeometry, change: (position: Position) => Position): MapGeometry => {
	const walk = (value: MessageValue, depth: number): MessageValue =>
		depth === 0 ? change(value as Position) : (value as readonly MessageValue[]).map((item) => walk(item, depth - 1));
	return { type, coordinates: walk(coordinates, depths[type]) };
};
