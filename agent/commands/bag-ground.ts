/**
 * How much ground the positions of one bag show, in memory, by the measure of a unit's own account (`area-book.ts`): what would go beyond the limit stays out.
 */
import type { Shown } from "../area-book.ts";
import { cellsInKm2, coveredCells, fineM, type Position, stopKm2 } from "../place/covered-area.ts";

export interface Ground {
	/** Whether a record that shows so much may still leave; counts it when it may. */
	admits(shown: Shown | undefined): boolean;
}

/** All recipients of the one outlet see the same, so one count is enough. */
export const createGround = (): Ground => {
	const covered = new Set<number>();
	const limit = cellsInKm2(stopKm2);
	let last: Position | undefined;
	const cover = (position: Position, isWay: boolean): boolean => {
		const cells = coveredCells(position, isWay ? last : undefined);
		if (cells === undefined) return false;
		const fresh = [...cells].filter((cell) => !covered.has(cell));
		if (covered.size + fresh.length > limit) return false;
		for (const cell of fresh) covered.add(cell);
		if (isWay) last = position;
		return true;
	};
	return {
		admits: (shown) =>
			shown === undefined || shown.precisionM > fineM || (shown.positions?.every((position) => cover(position, shown.isWay)) ?? false),
	};
};
