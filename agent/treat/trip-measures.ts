/**
 * All lengths that follow from the configured radius, in one place, since each is safe only together with the others.
 *
 * A place that must not be found (an end, a stop, a turnaround) is hidden by a disc of `discM` around a centre up to `blurM` away from it,
 * so that everything within `radiusM` of the place is in the disc, and so that the disc tells no more than that the place is one of all those
 * within `blurM` of its centre. A disc that exists serves for places somewhat farther out: positions scatter, and a second disc for the same
 * place would say where the two overlap.
 */
export interface TripMeasures {
	/** Nothing within this distance of a hidden place leaves. */
	readonly radiusM: number;
	/** How far a disc's centre may be from the place that it is drawn for. */
	readonly blurM: number;
	/** How far off the position of a place may be, and how much farther than `blurM` from a disc's centre its next position may then be. */
	readonly slackM: number;
	/** A disc that exists hides places up to this far from its centre, their errors included. */
	readonly serveM: number;
	/** Radius of a disc. */
	readonly discM: number;
	/** A position farther than this from the centre that stands for where the unit is now has been left behind, by `discM` at the least. */
	readonly farM: number;
	/** Staying within this distance is standing. */
	readonly stayM: number;
	/** Distance of the points by which a turnaround is recognised. */
	readonly strideM: number;
	/** Who comes back this near to where it went, the other way, has turned around. */
	readonly roadM: number;
	/** A way out and back that is longer than this is no turnaround. */
	readonly loopM: number;
}

/** Receivers that stand still wander by about this. */
const wanderM = 10;
/** A dual carriageway with what is between its lanes. */
const roadWidthM = 40;
const shortestStrideM = 5;

/** @param slowM What a unit that stands may move by in the time that makes it a stop. */
export const tripMeasures = (radiusM: number, slowM: number): TripMeasures => {
	const blurM = 3 * radiusM;
	const slackM = Math.max(wanderM, radiusM / 8);
	const serveM = blurM + 2 * slackM;
	const discM = radiusM + serveM;
	const strideM = Math.max(shortestStrideM, radiusM / 25);
	return {
		radiusM,
		blurM,
		slackM,
		serveM,
		discM,
		farM: discM + blurM,
		// One disc hides all positions of a stop.
		stayM: Math.min(slackM, Math.max(wanderM, slowM)),
		strideM,
		roadM: Math.max(roadWidthM, radiusM),
		// The apex is at most half of it away when the way back is recognised, so what is within `radiusM` of it is not left behind yet.
		loopM: 2 * (discM - radiusM),
	};
};
