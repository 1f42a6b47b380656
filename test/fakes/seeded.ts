/**
 * Numbers in [0, 1) that are the same for the same seed (xorshift32, two draws for 53 bits): good enough for statistics, and for nothing else.
 */
export const seeded = (seed: number): (() => number) => {
	let state = seed | 0 || 1;
	const next = (): number => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) / 2 ** 32;
	};
	return () => (Math.floor(next() * 2 ** 26) * 2 ** 27 + Math.floor(next() * 2 ** 27)) / 2 ** 53;
};
