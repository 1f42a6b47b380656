/**
 * A set of coarse cells, each known by a keyed hash alone: the first 48 bits of HMAC-SHA-256 (RFC 2104) under the list's salt of the cell's
 * size, row and column. A position is inside when its cell's hash is in the list.
 *
 * What this is worth. The salt travels with the list, so whoever holds the list can hash every cell of a country: ten million of 1 km, in less
 * than a minute. A slow hash would make that some hours of a rented machine, once, while each unit would pay for every new cell, on the word
 * of whoever sends it a message; so the hash is fast, and it keeps sites from being read, searched for or shown by accident, no more. What
 * protects a list that got into wrong hands is that its cells are coarse and that most of them are decoys: `cellsOf` adds blocks of the same
 * shapes elsewhere, and nothing in the list tells a site from a decoy. Then one in (decoys + 1) is real, and who looks at a map of the land
 * may rule some out. Lists with a fresh salt or fresh decoys each time would give the sites away as what they have in common: the maker draws
 * both from one secret, and keeps it.
 */
import { createHmac } from "node:crypto";
import { fromHex } from "../../shared/bytes.ts";
import { cellNumber, createCellGrid } from "../../shared/cell-grid.ts";
import { type Area, cellHashBytes } from "../../shared/places.ts";
import { leastMetresPerLatDeg, lonReachDeg } from "./metres.ts";

export interface CellSet {
	/** Cells that touch the square of `extraM` around the position count; `extraM` at most 20 km. */
	has(latDeg: number, lonDeg: number, extraM: number): boolean;
}

type CellsShape = Extract<Area["shape"], { type: "cells" }>;

/** Answers that are kept; a vehicle, or a crossing, is in few cells. */
const maxKnownCells = 16_384;

/** The hash of one cell as a whole number of 48 bits. */
export const hashCell = (salt: Uint8Array, cellM: number, row: number, column: number): number =>
	createHmac("sha256", salt).update(`kerbstone cell 1 ${cellM} ${row} ${column}`).digest().readUIntBE(0, cellHashBytes);

/** Ascending hashes as the list has them. */
export const packHashes = (hashes: Iterable<number>): string => {
	const sorted = [...new Set(hashes)].sort((a, b) => a - b);
	const bytes = Buffer.alloc(sorted.length * cellHashBytes);
	for (const [index, hash] of sorted.entries()) bytes.writeUIntBE(hash, index * cellHashBytes, cellHashBytes);
	return bytes.toString("base64");
};

export const compileCells = ({ cellM, saltHex, hashes }: CellsShape): CellSet => {
	const salt = fromHex(saltHex) ?? new Uint8Array();
	const grid = createCellGrid(cellM);
	const bytes = Buffer.from(hashes, "base64");
	// Sorted here once more: an unsorted list must not hide a cell.
	const sorted = Float64Array.from({ length: bytes.length / cellHashBytes }, (_, index) =>
		bytes.readUIntBE(index * cellHashBytes, cellHashBytes),
	).sort();
	const known = new Map<number, boolean>();
	const hasCell = (row: number, column: number): boolean => {
		const cell = cellNumber(row, column);
		const answer = known.get(cell);
		if (answer !== undefined) return answer;
		const found = isAmong(sorted, hashCell(salt, cellM, row, column));
		if (known.size >= maxKnownCells) known.clear();
		known.set(cell, found);
		return found;
	};
	return {
		has: (latDeg, lonDeg, extraM) => {
			const row = grid.rowOf(latDeg);
			if (extraM === 0) return hasCell(row, grid.columnOf(row, lonDeg));
			const padDeg = extraM / leastMetresPerLatDeg;
			const padLonDeg = Math.min(180, lonReachDeg(extraM, latDeg));
			const lastRow = grid.rowOf(latDeg + padDeg);
			for (let each = grid.rowOf(latDeg - padDeg); each <= lastRow; each += 1) {
				const columns = grid.columnsOf(each);
				const first = grid.columnOf(each, lonDeg - padLonDeg);
				const beyond = padLonDeg >= 180 ? columns - 1 : (grid.columnOf(each, lonDeg + padLonDeg) - first + columns) % columns;
				for (let step = 0; step <= beyond; step += 1) if (hasCell(each, (first + step) % columns)) return true;
			}
			return false;
		},
	};
};

const isAmong = (sorted: Float64Array, wanted: number): boolean => {
	let [from, to] = [0, sorted.length];
	while (from < to) {
		const middle = (from + to) >> 1;
		if ((sorted[middle] ?? 0) < wanted) from = middle + 1;
		else to = middle;
	}
	return sorted[from] === wanted;
};
