/**
 * Many polygons side by side. Those of few edges, of which a road map may have tens of thousands, lie in two arrays, and neighbours in the list
 * that are neighbours on the ground share a box; the others are compiled each for itself.
 */
import type { Polygon } from "../../shared/place-positions.ts";
import { compilePolygon, isEnclosed, type PolygonTest } from "./polygon-test.ts";

/** Looking at so many edges takes no longer than finding the right ones. */
const fewEdges = 32;
/** Small polygons that share a box. */
const groupLength = 6;
/** A shared box is no longer, all sides taken together, than so many times its polygons' own. */
const maxGrowth = 1.25;

export interface PolygonTable {
	/** Items: a group of small polygons, or one that is not small. */
	readonly count: number;
	/** Adds the box of each item, in their order. */
	addBoxes(boxes: { add(minX: number, minY: number, maxX: number, maxY: number): number }): void;
	/** Whether any polygon of the item has the position; longitude and latitude in degrees. */
	has(item: number, x: number, y: number): boolean;
}

export const compilePolygons = (polygons: readonly Polygon[]): PolygonTable => {
	const small: Polygon[] = [];
	const large: PolygonTest[] = [];
	for (const rings of polygons) {
		if (edgesIn(rings) > fewEdges) large.push(compilePolygon(rings));
		else small.push(rings);
	}
	const { edges, starts } = pack(small);
	const { groups, boxes: groupBoxes } = groupUp(edges, starts);
	const groupCount = groups.length - 1;

	return {
		count: groupCount + large.length,
		addBoxes: (boxes) => {
			for (let at = 0; at < groupBoxes.length; at += 4)
				boxes.add(groupBoxes[at] as number, groupBoxes[at + 1] as number, groupBoxes[at + 2] as number, groupBoxes[at + 3] as number);
			for (const { minX, minY, maxX, maxY } of large) boxes.add(minX, minY, maxX, maxY);
		},
		has: (item, x, y) => {
			if (item >= groupCount) return large[item - groupCount]?.has(x, y) === true;
			const end = groups[item + 1] as number;
			for (let polygon = groups[item] as number; polygon < end; polygon += 1) {
				if (isEnclosed(edges, starts[polygon] as number, starts[polygon + 1] as number, x, y)) return true;
			}
			return false;
		},
	};
};

const edgesIn = (rings: Polygon): number => {
	let sum = 0;
	for (const ring of rings) sum += ring.length - 1;
	return sum;
};

/** Polygon `p` has the numbers `starts[p]` to `starts[p + 1]` of `edges`, four per edge. */
const pack = (polygons: readonly Polygon[]) => {
	let total = 0;
	for (const rings of polygons) total += edgesIn(rings);
	const edges = new Float64Array(4 * total);
	const starts = new Uint32Array(polygons.length + 1);
	let at = 0;
	for (let index = 0; index < polygons.length; index += 1) {
		starts[index] = at;
		for (const ring of polygons[index] ?? []) at = addRing(edges, at, ring);
	}
	starts[polygons.length] = at;
	return { edges, starts };
};

const addRing = (edges: Float64Array, from: number, ring: Polygon[number]): number => {
	let at = from;
	for (let index = 1; index < ring.length; index += 1) {
		const start = ring[index - 1];
		const end = ring[index];
		if (start === undefined || end === undefined) continue;
		edges[at] = start[0];
		edges[at + 1] = start[1];
		edges[at + 2] = end[0];
		edges[at + 3] = end[1];
		at += 4;
	}
	return at;
};

/** Group `g` has the polygons `groups[g]` to `groups[g + 1]`, and the four numbers of a box in `boxes`. */
const groupUp = (edges: Float64Array, starts: Uint32Array) => {
	const groups: number[] = [];
	const boxes: number[] = [];
	let inGroup = groupLength;
	let ownLength = 0;
	for (let polygon = 0; polygon + 1 < starts.length; polygon += 1) {
		let minX = Number.POSITIVE_INFINITY;
		let minY = Number.POSITIVE_INFINITY;
		let maxX = Number.NEGATIVE_INFINITY;
		let maxY = Number.NEGATIVE_INFINITY;
		// Each corner of a closed ring is the beginning of an edge.
		for (let at = starts[polygon] as number; at < (starts[polygon + 1] as number); at += 4) {
			const x = edges[at] as number;
			const y = edges[at + 1] as number;
			if (x < minX) minX = x;
			if (x > maxX) maxX = x;
			if (y < minY) minY = y;
			if (y > maxY) maxY = y;
		}
		const length = maxX - minX + maxY - minY;
		const box = boxes.length - 4;
		if (inGroup < groupLength) {
			const toX = Math.max(maxX, boxes[box + 2] as number);
			const toY = Math.max(maxY, boxes[box + 3] as number);
			const fromX = Math.min(minX, boxes[box] as number);
			const fromY = Math.min(minY, boxes[box + 1] as number);
			if (toX - fromX + toY - fromY <= maxGrowth * (ownLength + length)) {
				boxes[box] = fromX;
				boxes[box + 1] = fromY;
				boxes[box + 2] = toX;
				boxes[box + 3] = toY;
				inGroup += 1;
				ownLength += length;
				continue;
			}
		}
		groups.push(polygon);
		boxes.push(minX, minY, maxX, maxY);
		inGroup = 1;
		ownLength = length;
	}
	groups.push(starts.length - 1);
	return { groups: Uint32Array.from(groups), boxes };
};
