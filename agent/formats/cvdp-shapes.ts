/**
 * The map files of jpo-cvdp (`.edges`, `.quad`): after a line of titles one shape per line, `type,id,geography[,attributes]`. Facts from its
 * docs/configuration.md and its own files:
 *
 * - `edge`: two points `id;latitude;longitude` joined by `:`; attributes `key=value` joined by `:`, of which `way_type` gives the width;
 * - `circle`: `latitude:longitude:radius in metres`;
 * - `grid`: a rectangle `south:west:north:east`.
 *
 * As jpo-cvdp does, a line that cannot be read is skipped: what is not in the map is not released.
 */
import { KerbError } from "../../shared/errors.ts";
import { cvdpWayWidthM } from "./cvdp-way-types.ts";

export interface CvdpEdge {
	readonly fromLatDeg: number;
	readonly fromLonDeg: number;
	readonly toLatDeg: number;
	readonly toLonDeg: number;
	readonly widthM: number;
}

export interface CvdpCircle {
	readonly latDeg: number;
	readonly lonDeg: number;
	readonly radiusM: number;
}

export interface CvdpGrid {
	readonly southDeg: number;
	readonly westDeg: number;
	readonly northDeg: number;
	readonly eastDeg: number;
}

export interface CvdpShapes {
	readonly edges: readonly CvdpEdge[];
	readonly circles: readonly CvdpCircle[];
	readonly grids: readonly CvdpGrid[];
	/** Lines that could not be read. */
	readonly invalidLines: number;
	/** Edges of a way type that never is part of a geofence. */
	readonly excludedEdges: number;
}

const maxTextLength = 200_000_000;
const maxShapes = 2_000_000;
const maxRadiusM = 1_000_000;

/**
 * @param what Names the file for a person.
 * @throws KerbError FORMAT_INVALID when it holds no shape at all, or too much.
 */
export const parseCvdpShapes = (text: string, what: string): CvdpShapes => {
	if (text.length > maxTextLength)
		throw new KerbError("FORMAT_INVALID", `${what}: expected at most ${maxTextLength} characters, got ${text.length}`);
	const edges: CvdpEdge[] = [];
	const circles: CvdpCircle[] = [];
	const grids: CvdpGrid[] = [];
	let invalidLines = 0;
	let excludedEdges = 0;
	/** Roads of one type follow each other. */
	let lastType = "";
	let lastWidthM = cvdpWayWidthM("");
	let start = text.indexOf("\n") + 1;
	while (start > 0 && start < text.length) {
		const newline = text.indexOf("\n", start);
		const end = newline < 0 ? text.length : newline;
		const line = text.slice(start, end);
		start = end + 1;
		if (line.trim() === "") continue;
		const afterKind = line.indexOf(",");
		const beforeGeography = line.indexOf(",", afterKind + 1) + 1;
		const comma = line.indexOf(",", beforeGeography);
		const afterGeography = comma < 0 ? line.length : comma;
		const isComplete = 0 <= afterKind && afterKind < beforeGeography && !line.includes(",", afterGeography + 1);
		const reader = isComplete ? shapeReaders.get(line.slice(0, afterKind).trim()) : undefined;
		const shape = reader?.(line.slice(beforeGeography, afterGeography));
		if (shape === undefined) invalidLines++;
		else if ("radiusM" in shape) circles.push(shape);
		else if ("southDeg" in shape) grids.push(shape);
		else {
			const type = wayTypeOf(line.slice(afterGeography + 1));
			if (type !== lastType) {
				lastType = type;
				lastWidthM = cvdpWayWidthM(type);
			}
			if (lastWidthM === undefined) excludedEdges++;
			else edges.push({ ...shape, widthM: lastWidthM });
		}
		if (edges.length + circles.length + grids.length > maxShapes)
			throw new KerbError("FORMAT_INVALID", `${what}: expected at most ${maxShapes} shapes`);
	}
	if (edges.length + circles.length + grids.length === 0)
		throw new KerbError(
			"FORMAT_INVALID",
			`${what}: expected a map of jpo-cvdp with a line of titles (type,id,geography,attributes) and one shape per line; there is no shape in it`,
		);
	return { edges, circles, grids, invalidLines, excludedEdges };
};

type Ends = Omit<CvdpEdge, "widthM">;

/** A map has tens of thousands of edges, so their text is not cut into lists first. */
const edgeOf = (geography: string): Ends | undefined => {
	const colon = geography.indexOf(":");
	const fromLat = geography.indexOf(";") + 1;
	const fromLon = geography.indexOf(";", fromLat) + 1;
	const toLat = geography.indexOf(";", colon) + 1;
	const toLon = geography.indexOf(";", toLat) + 1;
	const hasParts = 0 < fromLat && fromLat < fromLon && fromLon < colon && colon < toLat && toLat < toLon;
	if (!hasParts || geography.includes(";", toLon) || geography.includes(":", toLat)) return undefined;
	const ends = {
		fromLatDeg: latitudeOf(geography.slice(fromLat, fromLon - 1)),
		fromLonDeg: longitudeOf(geography.slice(fromLon, colon)),
		toLatDeg: latitudeOf(geography.slice(toLat, toLon - 1)),
		toLonDeg: longitudeOf(geography.slice(toLon)),
	};
	return Number.isNaN(ends.fromLatDeg + ends.fromLonDeg + ends.toLatDeg + ends.toLonDeg) ? undefined : ends;
};

const circleOf = (geography: string): CvdpCircle | undefined => {
	const [lat, lon, radius, more] = geography.split(":");
	const circle = { latDeg: latitudeOf(lat), lonDeg: longitudeOf(lon), radiusM: numberOf(radius) };
	const isOne = more === undefined && circle.radiusM >= 0 && circle.radiusM <= maxRadiusM;
	return isOne && !Number.isNaN(circle.latDeg + circle.lonDeg) ? circle : undefined;
};

const gridOf = (geography: string): CvdpGrid | undefined => {
	const [south, west, north, east, more] = geography.split(":");
	const grid = {
		southDeg: latitudeOf(south),
		westDeg: longitudeOf(west),
		northDeg: latitudeOf(north),
		eastDeg: longitudeOf(east),
	};
	return more === undefined && grid.southDeg < grid.northDeg && grid.westDeg < grid.eastDeg ? grid : undefined;
};

const shapeReaders: ReadonlyMap<string, (geography: string) => Ends | CvdpCircle | CvdpGrid | undefined> = new Map<
	string,
	(geography: string) => Ends | CvdpCircle | CvdpGrid | undefined
>([
	["edge", edgeOf],
	["circle", circleOf],
	["grid", gridOf],
]);

const wayTypeOf = (attributes: string): string => /(?:^|:)\s*way_type\s*=\s*([^:=]*)/i.exec(attributes)?.[1]?.trim() ?? "";

/** NaN for what is no number, and for nothing. */
const numberOf = (text: string | undefined): number => (text === undefined || text.trim() === "" ? Number.NaN : Number(text));

/** The range of jpo-cvdp, in degrees; NaN outside. */
const latitudeOf = (text: string | undefined): number => {
	const deg = numberOf(text);
	return deg >= -84 && deg <= 80 ? deg : Number.NaN;
};

const longitudeOf = (text: string | undefined): number => {
	const deg = numberOf(text);
	return deg > -180 && deg < 180 ? deg : Number.NaN;
};
