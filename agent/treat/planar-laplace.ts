/**
 * Noise in the plane for geo-indistinguishability: M. E. Andrés, N. E. Bordenabe, K. Chatzikokolakis, C. Palamidessi, "Geo-Indistinguishability:
 * Differential Privacy for Location-Based Systems", ACM CCS 2013. The density at distance d is proportional to e^(-epsilon d); two places d metres apart
 * give any one output with probabilities whose ratio is at most e^(epsilon d).
 */

export interface Displacement {
	/** Metres, 0 or more. */
	readonly radiusM: number;
	/** 0 to 2 pi. */
	readonly angleRad: number;
}

/**
 * Draws by polar coordinates (theorem 4.3 and section 4.1 there): the angle is uniform, and the radius has the distribution 1 - (1 + epsilon r) e^(-epsilon r),
 * turned round with the branch W-1 of Lambert's function. The mean radius is 2 / epsilon metres.
 *
 * `random` gives 53 bits in [0, 1), so no radius is above 41 / epsilon: the part of the distribution that is cut off has a probability below 2^-52.
 */
export const drawPlanarLaplace = (epsilonPerM: number, random: () => number): Displacement => {
	const angleRad = random() * 2 * Math.PI;
	const share = random();
	// At the branch point itself the radius is zero.
	const radiusM = share === 0 ? 0 : Math.max(0, -(lambertWMinus1((share - 1) / Math.E) + 1) / epsilonPerM);
	return { radiusM, angleRad };
};

const maxSteps = 64;

/**
 * The lower real branch of Lambert's W: the w of -1 and less with w e^w = x, for x from -1/e to below 0. Halley's method (R. M. Corless et al., "On the
 * Lambert W function", 1996) from a series about the branch point, or from logarithms near 0. NaN outside.
 */
export const lambertWMinus1 = (x: number): number => {
	if (!(x >= -1 / Math.E && x < 0)) return Number.NaN;
	const root = Math.sqrt(Math.max(0, 2 * (1 + Math.E * x)));
	const log = Math.log(-x);
	let w = x < -0.25 ? -1 - root - (root * root) / 3 - (11 / 72) * root ** 3 : log - Math.log(-log);
	for (let step = 0; step < maxSteps; step += 1) {
		const power = Math.exp(w);
		const error = w * power - x;
		const slope = power * (w + 1);
		const next = w - error / (slope - ((w + 2) * error) / (2 * w + 2));
		if (!Number.isFinite(next) || Math.abs(next - w) <= 1e-14 * Math.abs(w)) break;
		w = next;
	}
	return Math.min(-1, w);
};
