/**
 * How often one may ask: a bucket per name that fills with time. Bounded: when there are too many names, the fullest buckets are forgotten,
 * which gives nobody more than a full one.
 */
export interface Rates {
	/** True when `name` may ask once more now. `bootMs`: milliseconds since the box booted. */
	take(name: string, bootMs: number): boolean;
}

const maxNames = 10_000;

/** @param perSecond How fast a bucket fills. @param most How many may be asked at once. */
export const createRates = (perSecond: number, most: number): Rates => {
	const buckets = new Map<string, { left: number; atMs: number }>();
	const leftOf = (name: string, bootMs: number): number => {
		const bucket = buckets.get(name);
		return bucket === undefined ? most : Math.min(most, bucket.left + ((bootMs - bucket.atMs) / 1_000) * perSecond);
	};
	const forget = (bootMs: number): void => {
		if (buckets.size < maxNames) return;
		for (const name of [...buckets.keys()]) if (leftOf(name, bootMs) >= most) buckets.delete(name);
		// All are in use: the oldest goes.
		const [oldest] = buckets.keys();
		if (buckets.size >= maxNames && oldest !== undefined) buckets.delete(oldest);
	};
	return {
		take(name, bootMs) {
			const left = leftOf(name, bootMs);
			if (left < 1) return false;
			forget(bootMs);
			buckets.delete(name);
			buckets.set(name, { left: left - 1, atMs: bootMs });
			return true;
		},
	};
};
