/**
 * Distances of a trip, on a plane that is laid anew at each pair of positions.
 *
 * A degree counts as its shortest length on WGS 84, so no distance is ever overstated: what lies within a radius is found to be, and who is
 * told to be farther away than some distance is. The error is below 1.1 % for distances that a trip is judged by.
 */

export interface Place {
	/** -90 to 90. */
	readonly latDeg: number;
	/** -180 to 180. */
	readonly lonDeg: number;
}

/** Degree of latitude at the equator of WGS 84, the shortest there is. */
export const metresPerLatDeg = 110_574;
/** Degree of longitude at the equator. */
export const metresPerLonDeg = 111_320;
/** Nearer to a pole a plane is no picture of the earth, and no road leads there. */
export const farthestLatDeg = 85;

const radians = Math.PI / 180;

/** False for what is no number, not on the earth, or too near to a pole. */
export const isPlace = ({ latDeg, lonDeg }: Place): boolean => Math.abs(latDeg) <= farthestLatDeg && Math.abs(lonDeg) <= 180;

/** From -180 to 180: the shorter way around the earth. */
const turnOf = (deg: number): number => (deg > 180 ? deg - 360 : deg < -180 ? deg + 360 : deg);

/** Metres to the east of `from`. */
export const eastM = (from: Place, to: Place): number =>
	turnOf(to.lonDeg - from.lonDeg) * metresPerLonDeg * Math.cos((from.latDeg + to.latDeg) * 0.5 * radians);

/** Metres to the north of `from`. */
export const northM = (from: Place, to: Place): number => (to.latDeg - from.latDeg) * metresPerLatDeg;

/** Metres between two places; never more than there are. */
export const distanceM = (a: Place, b: Place): number => {
	const east = eastM(a, b);
	const north = northM(a, b);
	return Math.sqrt(east * east + north * north);
};

/** Metres from `place` to the nearest point of the straight line between two others. */
export const distanceToLineM = (place: Place, from: Place, to: Place): number => {
	const [fromEast, fromNorth] = [eastM(place, from), northM(place, from)];
	const [toEast, toNorth] = [eastM(place, to), northM(place, to)];
	const [alongEast, alongNorth] = [toEast - fromEast, toNorth - fromNorth];
	const lengthSquared = alongEast * alongEast + alongNorth * alongNorth;
	const share = lengthSquared === 0 ? 0 : Math.max(0, Math.min(1, -(fromEast * alongEast + fromNorth * alongNorth) / lengthSquared));
	return Math.hypot(fromEast + share * alongEast, fromNorth + share * alongNorth);
};

/** The place at `share` (0 to 1) of the way between two others. */
export const between = (from: Place, to: Place, share: number): Place => ({
	latDeg: from.latDeg + (to.latDeg - from.latDeg) * share,
	lonDeg: turnOf(from.lonDeg + turnOf(to.lonDeg - from.lonDeg) * share),
});
