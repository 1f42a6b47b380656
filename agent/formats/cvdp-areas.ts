/**
 * The geofence that jpo-cvdp makes of a map: around each edge a rectangle as wide as the road and longer by the extension at both ends, on a
 * sphere of 6,378,137 m; straight sides between its corners in degrees; sides belong to it. All of it within the bounds of the settings.
 */
import type { Position, Ring } from "../../shared/place-positions.ts";
import type { CvdpBounds } from "./cvdp-properties.ts";
import { type CvdpCircle, type CvdpGrid, type CvdpShapes, edgeLength } from "./cvdp-shapes.ts";

const earthRadiusM = 6_378_137;
const degrees = 180 / Math.PI;

export interface CvdpAreas {
	/** Convex and closed, clockwise as seen with north up. */
	readonly rings: readonly Ring[];
	/** A circle that the bounds cut is left out. */
	readonly circles: readonly CvdpCircle[];
	/** Shapes that lie outside the bounds, or across the 180th meridian. */
	readonly outside: number;
}

/** What may be kept. */
export const cvdpAreas = (
	{ edges, circles, grids }: CvdpShapes,
	geofence: { readonly extensionM: number; readonly bounds: CvdpBounds | undefined },
): CvdpAreas => {
	const { extensionM, bounds } = geofence;
	const rings: Ring[] = [];
	let outside = 0;
	const add = (ring: Ring): void => {
		const kept = crossesMeridian(ring) ? [] : bounds === undefined ? ring : clip(ring, bounds);
		if (kept.length < 4) outside++;
		else rings.push(kept);
	};
	for (let at = 0; at < edges.length; at += edgeLength) add(rectangleOf(edges, at, extensionM));
	for (const grid of grids) add(ringOf(grid));
	const inside = circles.filter((circle) => bounds === undefined || holds(bounds, circle));
	return { rings, circles: inside, outside: outside + circles.length - inside.length };
};

const ringOf = ({ southDeg, westDeg, northDeg, eastDeg }: CvdpGrid): Ring => [
	[westDeg, southDeg],
	[westDeg, northDeg],
	[eastDeg, northDeg],
	[eastDeg, southDeg],
	[westDeg, southDeg],
];

/** The four corners, and the first again. An edge without length points north. */
const rectangleOf = (edges: Float64Array, at: number, extensionM: number): Ring => {
	const number = (index: number): number => edges[at + index] as number;
	const [fromLat, fromLon, toLat, toLon, halfM] = [number(0), number(1), number(2), number(3), number(4) / 2];
	const cosTo = Math.cos(toLat / degrees);
	const turn = (toLon - fromLon) / degrees;
	const cosFrom = Math.cos(fromLat / degrees);
	// The initial course of the great circle, as the cosine and the sine of its angle from north.
	const eastward = Math.sin(turn) * cosTo;
	const northward = cosFrom * Math.sin(toLat / degrees) - Math.sin(fromLat / degrees) * cosTo * Math.cos(turn);
	const length = Math.sqrt(northward * northward + eastward * eastward);
	const north = length > 0 ? northward / length : 1;
	const east = length > 0 ? eastward / length : 0;
	const back = project(fromLon, fromLat, -north, -east, extensionM);
	const front = project(toLon, toLat, north, east, extensionM);
	const first = project(back[0], back[1], east, -north, halfM);
	return [
		first,
		project(front[0], front[1], east, -north, halfM),
		project(front[0], front[1], -east, north, halfM),
		project(back[0], back[1], -east, north, halfM),
		first,
	];
};

/** Below this the series that follows is exact to the thousandth of a millimetre, up to the latitudes that maps may have. */
const shortM = 100;

/** Where one comes to along a great circle. */
const project = (lonDeg: number, latDeg: number, north: number, east: number, distanceM: number): Position => {
	if (distanceM === 0) return [lonDeg, latDeg];
	const lat = latDeg / degrees;
	const angle = distanceM / earthRadiusM;
	if (distanceM > shortM) {
		const sinTo = Math.sin(lat) * Math.cos(angle) + Math.cos(lat) * Math.sin(angle) * north;
		const turn = Math.atan2(east * Math.sin(angle) * Math.cos(lat), Math.cos(angle) - Math.sin(lat) * sinTo);
		return [wrap(lonDeg + turn * degrees), Math.asin(sinTo) * degrees];
	}
	const cos = Math.cos(lat);
	const tan = Math.sqrt(1 - cos * cos) / (lat < 0 ? -cos : cos);
	const turn = (angle * east * (1 + angle * north * tan)) / cos;
	return [wrap(lonDeg + turn * degrees), latDeg + angle * (north - 0.5 * angle * east * east * tan) * degrees];
};

const wrap = (lonDeg: number): number => (lonDeg >= -180 && lonDeg < 180 ? lonDeg : ((lonDeg + 540) % 360) - 180);

/** Longer than half a turn from west to east; counted by index, for there are many. */
const crossesMeridian = (ring: Ring): boolean => {
	let west = 180;
	let east = -180;
	for (let at = 1; at < ring.length; at++) {
		const lonDeg = ring[at]?.[0] ?? 0;
		if (lonDeg < west) west = lonDeg;
		if (lonDeg > east) east = lonDeg;
	}
	return east - west > 180;
};

const holds = ({ southDeg, westDeg, northDeg, eastDeg }: CvdpBounds, { latDeg, lonDeg, radiusM }: CvdpCircle): boolean => {
	const north = project(lonDeg, latDeg, 1, 0, radiusM)[1];
	const south = project(lonDeg, latDeg, -1, 0, radiusM)[1];
	const east = project(lonDeg, latDeg, 0, 1, radiusM)[0];
	const west = project(lonDeg, latDeg, 0, -1, radiusM)[0];
	return south >= southDeg && north <= northDeg && west >= westDeg && east <= eastDeg && west <= east;
};

/** The part of a convex ring within the bounds; fewer than four positions when there is none. */
const clip = (ring: Ring, { southDeg, westDeg, northDeg, eastDeg }: CvdpBounds): Ring => {
	let isWithin = true;
	for (let at = 1; at < ring.length; at++) {
		const [lon, lat] = ring[at] as Position;
		isWithin &&= lat >= southDeg && lat <= northDeg && lon >= westDeg && lon <= eastDeg;
	}
	if (isWithin) return ring;
	let kept: readonly Position[] = ring.slice(1);
	kept = cut(kept, 1, 1, southDeg);
	kept = cut(kept, 1, -1, -northDeg);
	kept = cut(kept, 0, 1, westDeg);
	kept = cut(kept, 0, -1, -eastDeg);
	return kept[0] === undefined ? [] : [...kept, kept[0]];
};

/** Keeps where `sign * coordinate >= least`. */
const cut = (corners: readonly Position[], axis: 0 | 1, sign: 1 | -1, least: number): readonly Position[] => {
	const kept: Position[] = [];
	for (const [index, corner] of corners.entries()) {
		const before = corners.at(index - 1) ?? corner;
		const here = sign * corner[axis] - least;
		const there = sign * before[axis] - least;
		if (here < 0 !== there < 0) {
			const part = there / (there - here);
			const other = axis === 0 ? before[1] + part * (corner[1] - before[1]) : before[0] + part * (corner[0] - before[0]);
			kept.push(axis === 0 ? [sign * least, other] : [other, sign * least]);
		}
		if (here >= 0) kept.push(corner);
	}
	return kept;
};
