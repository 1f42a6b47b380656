/**
 * How long to wait before trying again: exponential with jitter, so that a fleet which lost its broker at one moment does not come back
 * at one moment.
 */

export interface BackoffBounds {
	/** The shortest wait. */
	readonly minMs: number;
	/** The longest. */
	readonly maxMs: number;
}

export const defaultBackoff: BackoffBounds = { minMs: 1_000, maxMs: 300_000 };

/**
 * The wait before attempt number `attempt` (1 is the first after a failure): anything between `minMs` and a ceiling that doubles with every
 * attempt up to `maxMs`. `random` is in [0, 1).
 */
export const backoffMs = (attempt: number, random: number, { minMs, maxMs }: BackoffBounds = defaultBackoff): number => {
	const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(Math.max(attempt, 1), 40));
	return Math.round(minMs + random * Math.max(0, ceiling - minMs));
};
