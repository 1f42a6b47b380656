/**
 * The geofence that jpo-cvdp makes of a map: around each edge a rectangle as wide as the road and longer by the extension at both ends, on a
 * sphere of 6,378,137 m; straight sides between its corners in degrees; sides belong to it. All of it within the bounds of the settings.
 */
import type { Position, Ring } from "../../shared/place-positions.ts";
import type { CvdpBounds } from "./cvdp-properties.ts";
import type { CvdpCircle, CvdpEdge, CvdpGrid, CvdpShapes } from "./cvdp-shapes.ts";

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
	for (const edge of edges) add(rectangleOf(edge, extensionM));
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
const rectangleOf = (edge: CvdpEdge, extensionM: number): Ring => {
	const [north, east] = courseOf(edge);
	const half = reachOf(edge.widthM / 2);
	const extension = reachOf(extensionM);
	const back = project(edge.fromLonDeg, edge.fromLatDeg, -north, -east, extension);
	const front = project(edge.toLonDeg, edge.toLatDeg, north, east, extension);
	const first = project(back[0], back[1], east, -north, half);
	return [
		first,
		project(front[0], front[1], east, -north, half),
		project(front[0], front[1], -east, north, half),
		project(back[0], back[1], -east, north, half),
		first,
	];
};

/** The initial course of the great circle, as the cosine and the sine of its angle from north. */
const courseOf = ({ fromLatDeg, fromLonDeg, toLatDeg, toLonDeg }: CvdpEdge): readonly [north: number, east: number] => {
	const from = fromLatDeg / degrees;
	const to = toLatDeg / degrees;
	const turn = (toLonDeg - fromLonDeg) / degrees;
	const cosTo = Math.cos(to);
	const east = Math.sin(turn) * cosTo;
	const north = Math.cos(from) * Math.sin(to) - Math.sin(from) * cosTo * Math.cos(turn);
	const length = Math.hypot(north, east);
	return length > 0 ? [north / length, east / length] : [1, 0];
};

/** A distance on the sphere, as the sine and the cosine of its angle. */
interface Reach {
	readonly sin: number;
	readonly cos: number;
}

const reachOf = (distanceM: number): Reach => ({ sin: Math.sin(distanceM / earthRadiusM), cos: Math.cos(distanceM / earthRadiusM) });

/** Where one comes to along a great circle. */
const project = (lonDeg: number, latDeg: number, north: number, east: number, reach: Reach): Position => {
	if (reach.sin === 0) return [lonDeg, latDeg];
	const sinFrom = Math.sin(latDeg / degrees);
	const cosFrom = Math.cos(latDeg / degrees);
	const sinTo = sinFrom * reach.cos + cosFrom * reach.sin * north;
	const turn = Math.atan2(east * reach.sin * cosFrom, reach.cos - sinFrom * sinTo);
	return [((lonDeg + turn * degrees + 540) % 360) - 180, Math.asin(sinTo) * degrees];
};

const crossesMeridian = (ring: Ring): boolean => {
	let [west, east] = [180, -180];
	for (const [lonDeg] of ring) {
		if (lonDeg < west) west = lonDeg;
		if (lonDeg > east) east = lonDeg;
	}
	return east - west > 180;
};

const holds = ({ southDeg, westDeg, northDeg, eastDeg }: CvdpBounds, { latDeg, lonDeg, radiusM }: CvdpCircle): boolean => {
	const reach = reachOf(radiusM);
	const north = project(lonDeg, latDeg, 1, 0, reach)[1];
	const south = project(lonDeg, latDeg, -1, 0, reach)[1];
	const east = project(lonDeg, latDeg, 0, 1, reach)[0];
	const west = project(lonDeg, latDeg, 0, -1, reach)[0];
	return south >= southDeg && north <= northDeg && west >= westDeg && east <= eastDeg && west <= east;
};

/** The part of a convex ring within the bounds; fewer than four positions when there is none. */
const clip = (ring: Ring, { southDeg, westDeg, northDeg, eastDeg }: CvdpBounds): Ring => {
	const isWithin = ring.every(([lon, lat]) => lat >= southDeg && lat <= northDeg && lon >= westDeg && lon <= eastDeg);
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
