/**
 * Makes the border of a gap say little of the border of the area behind it.
 *
 * The ground is cut into cells of a quarter of `mostM`. A cell is hidden as a whole or not at all: when its centre is within a drawn distance of
 * an area (and its buffer). So what the gaps show is a set of cells; no arc around a corner, whose radius would be the distance, is ever seen.
 * The distance is the same at every pass. It is drawn by HMAC from the list's own key, which all units share: passes, days, units and outlets
 * together show no other cells than one unit does, so there is nothing to average. Three quarters of what is drawn hold for a region of eight
 * times `mostM`, so that the mean over the cells around an area is off by as much as the region's draw; one quarter is the cell's own.
 *
 * A rule with another `mostM` draws anew; two rules with different ones show two borders of one area.
 */
import { createHmac } from "node:crypto";
import { type CellGrid, columnOfCell, createCellGrid, rowOfCell } from "../../shared/cell-grid.ts";
import type { AreaTest } from "../../shared/place-index.ts";
import type { Datum } from "../../shared/reading.ts";

/** True when a position on the earth may be shown. Positions in areas are for the caller to withhold. */
export type GapBorder = (latDeg: number, lonDeg: number, datum: Datum, withinM: number) => boolean;

/** Of a cell's shortest side: from its centre to its furthest corner, outside of the polar caps. */
const halfDiagonal = 0.75;
const cellPart = 0.25;
const regionShare = 0.75;
const maxKnownCells = 32_768;

/** @param mostM The furthest from an area and its buffer that anything is hidden; above zero. */
export const compileGapBorder = (test: AreaTest, mostM: number, key: () => Uint8Array): GapBorder => {
	const cells = createCellGrid(Math.max(1, mostM * cellPart));
	const regions = createCellGrid(mostM * 8);
	const halfM = cells.cellM * halfDiagonal;
	const leastDrawnM = Math.max(0, mostM - 2 * halfM);
	const draw = (grid: CellGrid, cell: number): number => {
		const name = `kerbstone gap 1 ${mostM} ${grid.cellM} ${rowOfCell(cell)} ${columnOfCell(cell)}`;
		return createHmac("sha256", key()).update(name).digest().readUIntBE(0, 6) / 2 ** 48;
	};
	/** Distances of cells from their own region's and cell's draw; answers would go stale with the list. */
	const drawn = new Map<number, number>();
	const reachOf = (cell: number, latDeg: number, lonDeg: number): number => {
		const known = drawn.get(cell);
		if (known !== undefined) return known;
		const share = regionShare * draw(regions, regions.cellOf(latDeg, lonDeg)) + (1 - regionShare) * draw(cells, cell);
		const reachM = halfM + leastDrawnM * share;
		if (drawn.size >= maxKnownCells) drawn.clear();
		drawn.set(cell, reachM);
		return reachM;
	};
	return (latDeg, lonDeg, datum, withinM) => {
		const cell = cells.cellOf(latDeg, lonDeg);
		const row = rowOfCell(cell);
		const [centreLat, centreLon] = [cells.latOf(row), cells.lonOf(row, columnOfCell(cell))];
		return test.at(centreLat, centreLon, datum, withinM + reachOf(cell, centreLat, centreLon)) === "outside";
	};
};
