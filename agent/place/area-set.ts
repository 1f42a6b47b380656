/**
 * A set of areas made ready to be asked where a position is: boxes in a flatbush, polygons by `compilePolygons`, and distances to edges, lines
 * and centres for buffers, corridors and circles.
 *
 * Distances are taken on the plane that touches the ellipsoid at the position, with the length of a degree of longitude between the two ends:
 * within 0.05 % of the geodesic for reaches up to 20 km and latitudes up to 70 degrees, within 1 % to 84. Edges are straight in longitude and
 * latitude. A question allocates nothing but flatbush's own short stack.
 */
import Flatbush from "flatbush";
import type { Line, Polygon } from "../../shared/place-positions.ts";
import { type Area, bufferOf } from "../../shared/places.ts";
import { type CellSet, compileCells } from "./cell-set.ts";
import { distanceM, growthPerLatDeg, leastMetresPerLatDeg, lonReachDeg, metresPerLatDeg, metresPerLonDeg } from "./metres.ts";
import { compilePolygons, type PolygonTable } from "./polygon-table.ts";

/** Segments that follow one another and share a box. */
const chainLength = 8;

export interface AreaSet {
	/** Whether any of the areas has the position, or has it within its buffer and `extraM`. Positions must be on the earth. */
	covers(latDeg: number, lonDeg: number, extraM: number): boolean;
}

interface Circle {
	readonly lonDeg: number;
	readonly latDeg: number;
	readonly reachM: number;
}

interface Reach {
	readonly line: Line;
	readonly reachM: number;
}

export const compileAreaSet = (areas: readonly Area[]): AreaSet => {
	const polygons: Polygon[] = [];
	const circles: Circle[] = [];
	const cellSets: CellSet[] = [];
	const lines: Reach[] = [];
	/** Without a buffer: nothing is near their outlines until somebody asks for more, so these are left out until then. */
	const bare: (readonly Polygon[])[] = [];
	for (const area of areas) {
		const { shape } = area;
		const bufferM = bufferOf(area);
		if (shape.type === "polygons") {
			for (const rings of shape.polygons) polygons.push(rings);
			if (bufferM === 0) bare.push(shape.polygons);
			else for (const outline of outlinesOf(shape.polygons, bufferM)) lines.push(outline);
		} else if (shape.type === "corridors") {
			for (const line of shape.lines) lines.push({ line, reachM: shape.widthM / 2 + bufferM });
		} else if (shape.type === "circle") {
			circles.push({ lonDeg: shape.centre[0], latDeg: shape.centre[1], reachM: shape.radiusM + bufferM });
		} else {
			cellSets.push(compileCells(shape));
		}
	}
	const outlines = compilePolygons(polygons);
	const covers = boxedTest(outlines, circles, chainsOf(lines));
	let widened = bare.length === 0 ? covers : undefined;
	const coversMore: Covers = (latDeg, lonDeg, extraM) => {
		widened ??= boxedTest(outlines, circles, chainsOf([...lines, ...bare.flatMap((each) => outlinesOf(each, 0))]));
		return widened(latDeg, lonDeg, extraM);
	};
	const covered: Covers = (latDeg, lonDeg, extraM) => (extraM === 0 ? covers : coversMore)(latDeg, lonDeg, extraM);
	if (cellSets.length === 0) return { covers: covered };
	return {
		covers: (latDeg, lonDeg, extraM) => covered(latDeg, lonDeg, extraM) || cellSets.some((set) => set.has(latDeg, lonDeg, extraM)),
	};
};

const outlinesOf = (polygons: readonly Polygon[], reachM: number): readonly Reach[] =>
	polygons.flatMap((rings) => rings.map((line) => ({ line, reachM })));

interface Chains {
	/** x1, y1, x2, y2 of each segment. */
	readonly segments: Float64Array;
	/** Chain `c` has segments `starts[c]` to `starts[c + 1]`. */
	readonly starts: Uint32Array;
	readonly reachM: Float64Array;
	readonly count: number;
}

/** Segments in their order; a chain ends where the next segment does not begin at its end, reaches elsewhere, or would make it too long. */
const chainsOf = (lines: readonly Reach[]): Chains => {
	const total = lines.reduce((sum, { line }) => sum + line.length - 1, 0);
	const segments = new Float64Array(4 * total);
	const starts = new Uint32Array(total + 1);
	const reaches = new Float64Array(total);
	let count = 0;
	let segment = 0;
	let inChain = 0;
	let endX = Number.NaN;
	let endY = Number.NaN;
	for (const { line, reachM } of lines) {
		let from = line[0];
		for (let index = 1; index < line.length; index += 1) {
			const to = line[index];
			if (from === undefined || to === undefined) continue;
			const at = 4 * segment;
			segments[at] = from[0];
			segments[at + 1] = from[1];
			segments[at + 2] = to[0];
			segments[at + 3] = to[1];
			if (inChain === 0 || inChain === chainLength || from[0] !== endX || from[1] !== endY || reaches[count - 1] !== reachM) {
				starts[count] = segment;
				reaches[count] = reachM;
				count += 1;
				inChain = 0;
			}
			endX = to[0];
			endY = to[1];
			inChain += 1;
			segment += 1;
			from = to;
		}
	}
	starts[count] = segment;
	return { segments, starts, reachM: reaches, count };
};

type Covers = (latDeg: number, lonDeg: number, extraM: number) => boolean;

/** Items of the flatbush: polygons, then circles, then chains. */
const boxedTest = (polygons: PolygonTable, circles: readonly Circle[], chains: Chains): Covers => {
	const { segments, starts, reachM, count } = chains;
	const firstChain = polygons.count + circles.length;
	if (firstChain + count === 0) return () => false;
	const boxes = new Flatbush(firstChain + count, 8);
	polygons.addBoxes(boxes);
	for (const { lonDeg, latDeg, reachM: reach } of circles) addBox(boxes, lonDeg, latDeg, lonDeg, latDeg, reach);
	for (let chain = 0; chain < count; chain += 1) {
		addChain(boxes, segments, starts[chain] as number, starts[chain + 1] as number, reachM[chain] as number);
	}
	boxes.finish();

	// The question that is being asked: here, so that the one function below serves all of them.
	let x = 0;
	let y = 0;
	let extra = 0;
	let perLon = 0;
	let perLat = 0;
	let growth = 0;
	const isNear = (index: number): boolean => {
		if (index < polygons.count) return polygons.has(index, x, y);
		if (index < firstChain) {
			const circle = circles[index - polygons.count];
			return circle !== undefined && distanceM(y, x, circle.latDeg, circle.lonDeg) <= circle.reachM + extra;
		}
		const chain = index - firstChain;
		const reach = (reachM[chain] as number) + extra;
		if (reach === 0) return false;
		if (perLat === 0) {
			perLat = metresPerLatDeg(y);
			perLon = metresPerLonDeg(y);
			growth = growthPerLatDeg(y) / 2;
		}
		const end = 4 * (starts[chain + 1] as number);
		for (let at = 4 * (starts[chain] as number); at < end; at += 4) if (reaches(at, reach * reach)) return true;
		return false;
	};
	const reaches = (at: number, squareM: number): boolean => {
		const fromX = (segments[at] as number) - x;
		const fromY = (segments[at + 1] as number) - y;
		const alongX = (segments[at + 2] as number) - x - fromX;
		const alongY = (segments[at + 3] as number) - y - fromY;
		const dx = alongX * perLon;
		const dy = alongY * perLat;
		const square = dx * dx + dy * dy;
		const part = square === 0 ? 0 : -(fromX * perLon * dx + fromY * perLat * dy) / square;
		const t = part > 0 ? (part < 1 ? part : 1) : 0;
		const nearY = fromY + t * alongY;
		const awayX = (fromX + t * alongX) * (perLon + growth * nearY);
		const awayY = nearY * perLat;
		return awayX * awayX + awayY * awayY <= squareM;
	};
	const asksAt = (lonDeg: number, padX: number, padY: number): boolean => {
		x = lonDeg;
		return boxes.collides(lonDeg - padX, y - padY, lonDeg + padX, y + padY, isNear);
	};

	return (latDeg, lonDeg, extraM) => {
		y = latDeg;
		extra = extraM;
		perLat = 0;
		const padY = extraM === 0 ? 0 : extraM / leastMetresPerLatDeg;
		const padX = extraM === 0 ? 0 : lonReachDeg(extraM, latDeg);
		if (asksAt(lonDeg, padX, padY)) return true;
		// What is written past 180 degrees, or reaches past it, meets the position one turn on.
		if (lonDeg + 360 - padX <= boxes.maxX && asksAt(lonDeg + 360, padX, padY)) return true;
		return lonDeg - 360 + padX >= boxes.minX && asksAt(lonDeg - 360, padX, padY);
	};
};

const addChain = (boxes: Flatbush, segments: Float64Array, from: number, to: number, reachM: number): void => {
	let minX = Number.POSITIVE_INFINITY;
	let minY = Number.POSITIVE_INFINITY;
	let maxX = Number.NEGATIVE_INFINITY;
	let maxY = Number.NEGATIVE_INFINITY;
	for (let at = 4 * from; at < 4 * to; at += 2) {
		const x = segments[at] as number;
		const y = segments[at + 1] as number;
		if (x < minX) minX = x;
		if (x > maxX) maxX = x;
		if (y < minY) minY = y;
		if (y > maxY) maxY = y;
	}
	addBox(boxes, minX, minY, maxX, maxY, reachM);
};

const addBox = (boxes: Flatbush, minX: number, minY: number, maxX: number, maxY: number, reachM: number): void => {
	const padY = reachM / leastMetresPerLatDeg;
	const padX = reachM === 0 ? 0 : lonReachDeg(reachM, Math.max(Math.abs(minY), Math.abs(maxY)));
	boxes.add(minX - padX, minY - padY, maxX + padX, maxY + padY);
};
