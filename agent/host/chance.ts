/**
 * Numbers that nobody can foretell, for treatments that add noise: 53 random bits each (the generator's own, or a seed's in a replay).
 */
import type { Primitives } from "../../shared/primitives.ts";

const bytesAtOnce = 4_096;
const bytesEach = 8;

/** A function that gives numbers in [0, 1), every multiple of 2^-53 alike. */
export const chanceFrom = ({ randomBytes }: Pick<Primitives, "randomBytes">): (() => number) => {
	let pool: DataView = new DataView(new ArrayBuffer(0));
	let at = 0;
	return () => {
		if (at >= pool.byteLength) {
			const { buffer, byteOffset, byteLength } = randomBytes(bytesAtOnce);
			pool = new DataView(buffer, byteOffset, byteLength);
			at = 0;
		}
		const high = pool.getUint32(at) >>> 6;
		const low = pool.getUint32(at + 4) >>> 5;
		at += bytesEach;
		return (high * 2 ** 27 + low) / 2 ** 53;
	};
};
