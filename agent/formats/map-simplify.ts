/**
 * Lines with fewer points: Ramer, Douglas and Peucker's. Each point that is left out lies within the tolerance of the line that stays.
 */
import type { Position } from "./map-geometry.ts";

/** Metres per unit of a position's two numbers. */
export interface Scale {
	readonly xM: number;
	readonly yM: number;
}

const metresPerDegree = 111_320;

/** For degrees around a latitude. */
export const scaleAt = (latDeg: number): Scale => ({
	xM: metresPerDegree * Math.max(0.01, Math.cos((latDeg * Math.PI) / 180)),
	yM: metresPerDegree,
});

const distanceM = (point: Position, from: Position, to: Position, { xM, yM }: Scale): number => {
	const [px, py] = [((point[0] ?? 0) - (from[0] ?? 0)) * xM, ((point[1] ?? 0) - (from[1] ?? 0)) * yM];
	const [dx, dy] = [((to[0] ?? 0) - (from[0] ?? 0)) * xM, ((to[1] ?? 0) - (from[1] ?? 0)) * yM];
	const square = dx * dx + dy * dy;
	const along = square === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / square));
	return Math.hypot(px - along * dx, py - along * dy);
};

/**
 * The points of a line that stay, first and last among them. `budget.steps` is what all lines of a feature may cost together; undefined when it is
 * used up, which takes a line made for that.
 */
export const simplifyLine = <T extends Position>(
	line: readonly T[],
	toleranceM: number,
	scale: Scale,
	budget: { steps: number },
): readonly T[] | undefined => {
	const stays = new Uint8Array(line.length);
	stays[0] = 1;
	stays[line.length - 1] = 1;
	const spans: [number, number][] = [[0, line.length - 1]];
	for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
		const [from, to] = span;
		budget.steps -= to - from;
		if (budget.steps < 0) return undefined;
		let [farthest, mostM] = [-1, toleranceM];
		for (let at = from + 1; at < to; at++) {
			const offM = distanceM(line[at] as T, line[from] as T, line[to] as T, scale);
			if (offM > mostM) [farthest, mostM] = [at, offM];
		}
		if (farthest === -1) continue;
		stays[farthest] = 1;
		spans.push([from, farthest], [farthest, to]);
	}
	return line.filter((_, at) => stays[at] === 1);
};
