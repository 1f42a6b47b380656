/**
 * Whether a position is in a polygon: exact, edges and corners included, in a time that does not grow with the whole outline.
 *
 * The edges are sorted into bands of latitude; a position looks at those of its band, counts the ones that a ray to the east crosses, and is
 * inside when the number is odd. Only an edge whose box holds the position needs to know its side.
 *
 * point-in-polygon-hao is exact as long as the difference of position and corner has no rounding error, which is not so where the signs
 * differ: near the meridian of Greenwich and the equator one in some thousand positions on an edge comes out wrong. `sideOf` has no such case.
 */
import type { Polygon } from "../../shared/place-positions.ts";
import { sideOf } from "./side-of.ts";

/** Entries in all bands together are at most this many times the edges. */
const maxSpread = 8;
const edgesPerBand = 4;

export interface PolygonTest {
	readonly minX: number;
	readonly minY: number;
	readonly maxX: number;
	readonly maxY: number;
	/** Longitude and latitude in degrees. */
	has(x: number, y: number): boolean;
}

export const compilePolygon = (rings: Polygon): PolygonTest => {
	const edges = edgesOf(rings);
	const count = edges.length / 4;
	let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
	let rise = 0;
	for (let at = 0; at < edges.length; at += 4) {
		const [x, y, toY] = [edges[at] ?? 0, edges[at + 1] ?? 0, edges[at + 3] ?? 0];
		[minX, minY, maxX, maxY] = [Math.min(minX, x), Math.min(minY, y), Math.max(maxX, x), Math.max(maxY, y)];
		rise += Math.abs(toY - y);
	}
	const height = maxY - minY;
	const most = rise > 0 ? ((maxSpread - 2) * count * height) / rise : 1;
	const bands = Math.max(1, Math.floor(Math.min(count / edgesPerBand, most)));
	const scale = height > 0 ? bands / height : 0;
	// Rounding never reverses an order, so an edge's bands are all that a position between its ends can come to.
	const bandOf = (y: number): number => Math.min(bands - 1, Math.floor((y - minY) * scale));
	const { starts, sorted } = sortIntoBands(edges, bands, bandOf);

	return {
		...{ minX, minY, maxX, maxY },
		has: (x, y) => {
			if (!(x >= minX && x <= maxX && y >= minY && y <= maxY)) return false;
			const band = bandOf(y);
			return isEnclosed(sorted, 4 * (starts[band] ?? 0), 4 * (starts[band + 1] ?? 0), x, y);
		},
	};
};

/** Whether edges `from` to `to` (in numbers, four per edge) go around the position or through it. */
export const isEnclosed = (edges: Float64Array, from: number, to: number, x: number, y: number): boolean => {
	let isInside = false;
	for (let at = from; at < to; at += 4) {
		const y1 = edges[at + 1] as number;
		const y2 = edges[at + 3] as number;
		if ((y < y1 && y < y2) || (y > y1 && y > y2)) continue;
		const x1 = edges[at] as number;
		const x2 = edges[at + 2] as number;
		if (x > x1 && x > x2) continue;
		// Each end belongs to the edge above it, so that a ray through a corner counts once.
		const crosses = y1 > y !== y2 > y;
		if (x < x1 && x < x2) {
			if (crosses) isInside = !isInside;
			continue;
		}
		const side = sideOf(x1, y1, x2, y2, x, y);
		if (side === 0) return true;
		if (crosses && side > 0 === y2 > y1) isInside = !isInside;
	}
	return isInside;
};

const edgesOf = (rings: Polygon): Float64Array => {
	const edges = new Float64Array(4 * rings.reduce((sum, ring) => sum + ring.length - 1, 0));
	let at = 0;
	for (const ring of rings) {
		for (let index = 1; index < ring.length; index += 1) {
			const [from, to] = [ring[index - 1], ring[index]];
			if (from === undefined || to === undefined) continue;
			edges[at] = from[0];
			edges[at + 1] = from[1];
			edges[at + 2] = to[0];
			edges[at + 3] = to[1];
			at += 4;
		}
	}
	return edges;
};

/** `sorted` has a copy of an edge for each band that it touches; those of band `b` begin at edge `starts[b]`. */
const sortIntoBands = (edges: Float64Array, bands: number, bandOf: (y: number) => number) => {
	const starts = new Uint32Array(bands + 1);
	const ends = (at: number): readonly [number, number] => {
		const [a, b] = [bandOf(edges[at + 1] ?? 0), bandOf(edges[at + 3] ?? 0)];
		return a < b ? [a, b] : [b, a];
	};
	for (let at = 0; at < edges.length; at += 4) {
		const [from, to] = ends(at);
		for (let band = from; band <= to; band += 1) starts[band + 1] = (starts[band + 1] ?? 0) + 1;
	}
	for (let band = 0; band < bands; band += 1) starts[band + 1] = (starts[band + 1] ?? 0) + (starts[band] ?? 0);
	const sorted = new Float64Array(4 * (starts[bands] ?? 0));
	const next = starts.slice();
	for (let at = 0; at < edges.length; at += 4) {
		const [from, to] = ends(at);
		for (let band = from; band <= to; band += 1) {
			const place = next[band] ?? 0;
			for (let part = 0; part < 4; part += 1) sorted[4 * place + part] = edges[at + part] ?? 0;
			next[band] = place + 1;
		}
	}
	return { starts, sorted };
};
