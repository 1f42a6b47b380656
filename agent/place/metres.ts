/**
 * Metres per degree on the ellipsoid of WGS 84, by the usual series in multiples of the latitude (right to 0.02 m in a degree). The other
 * datums lie on ellipsoids that differ by less than three parts in 100,000.
 */

const radPerDeg = Math.PI / 180;

/** The least there is: at the equator. */
export const leastMetresPerLatDeg = 110_574;

export const metresPerLatDeg = (latDeg: number): number => {
	const phi = latDeg * radPerDeg;
	return 111_132.954 - 559.822 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi);
};

export const metresPerLonDeg = (latDeg: number): number => {
	const phi = latDeg * radPerDeg;
	return 111_412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi) + 0.118 * Math.cos(5 * phi);
};

/** How many metres a degree of longitude gets longer per degree further north; right to one percent. */
export const growthPerLatDeg = (latDeg: number): number => -111_412.84 * radPerDeg * Math.sin(latDeg * radPerDeg);

/** Widening that anybody may ask for. Boxes leave room for it. */
export const maxExtraM = 20_000;
const roomDeg = maxExtraM / leastMetresPerLatDeg;

/** Degrees of longitude that are at least `reachM` long at this latitude and on the way to it from anywhere within reach; 360 at the poles. */
export const lonReachDeg = (reachM: number, latDeg: number): number => {
	const polewardDeg = Math.abs(latDeg) + reachM / leastMetresPerLatDeg + roomDeg;
	return polewardDeg > 89.5 ? 360 : Math.min(360, reachM / (111_300 * Math.cos(polewardDeg * radPerDeg)));
};

/** Metres between two positions that are less than a few hundred kilometres apart (0.1 % at 100 km up to 60 degrees). */
export const distanceM = (latA: number, lonA: number, latB: number, lonB: number): number => {
	const midDeg = (latA + latB) / 2;
	const turn = Math.abs(lonA - lonB) % 360;
	return Math.hypot((latA - latB) * metresPerLatDeg(midDeg), (turn > 180 ? 360 - turn : turn) * metresPerLonDeg(midDeg));
};
