/** A small generator of repeatable numbers (mulberry32, T. Ettinger, public domain); not for secrets. */

/** A function that gives numbers in [0, 1); the same seed gives the same numbers. */
export const seededRandom = (seed: number): (() => number) => {
	let state = Math.trunc(seed) | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
};
