/**
 * Makes the cell set of sites that nobody is to read off a unit: the cells that touch a site and its buffer, blocks of the same shapes elsewhere
 * as decoys, and one keyed hash for each. What that is worth is said in cell-set.ts.
 *
 * Salt and decoys are drawn from the maker's secret and the sites' ids, so that the next version of a list has the same ones: what two lists have
 * in common tells nothing then. A site that is moved or given another shape keeps its decoys' places.
 */
import { createHmac } from "node:crypto";
import { toHex } from "../../shared/bytes.ts";
import { type CellGrid, cellNumber, columnOfCell, createCellGrid, rowOfCell } from "../../shared/cell-grid.ts";
import { KerbError } from "../../shared/errors.ts";
import type { Polygon, Position } from "../../shared/place-positions.ts";
import type { Area } from "../../shared/places.ts";
import { type AreaSet, compileAreaSet } from "./area-set.ts";
import { hashCell, packHashes } from "./cell-set.ts";
import { leastMetresPerLatDeg, lonReachDeg } from "./metres.ts";
import type { Site } from "./read-sites.ts";

export interface CellsInput {
	readonly sites: readonly Site[];
	/** Shortest side of a cell: 500 to 100,000 metres. */
	readonly cellM: number;
	/** Metres around a site that are inside, too. */
	readonly bufferM: number;
	/** Blocks elsewhere for each site. */
	readonly decoys: number;
	/** Where decoys may be; undefined: anywhere in the box around all sites. */
	readonly land: readonly Polygon[] | undefined;
	/** 32 bytes that stay with the maker. */
	readonly secret: Uint8Array;
}

type CellsShape = Extract<Area["shape"], { type: "cells" }>;

const maxCellsPerSite = 250_000;
/** Packed, they come to less than the longest text that a document takes. */
const maxCells = 370_000;
const maxTries = 10_000;
/** Of a cell's shortest side: from its centre to its furthest corner, outside of the polar caps. */
const halfDiagonal = 0.75;

/**
 * @throws KerbError LAW_INVALID when there would be too many cells, or no room for decoys on the land.
 */
export const cellsOf = ({ sites, cellM, bufferM, decoys, land, secret }: CellsInput): CellsShape => {
	const grid = createCellGrid(cellM);
	const draw = (name: string): Buffer => createHmac("sha256", secret).update(`kerbstone cells 1 ${name}`).digest();
	const region = land ?? sites.flatMap(({ polygons }) => polygons);
	const box = boxOf(region);
	const onLand = land === undefined ? undefined : areaSetOf(land, 0);
	const cells = new Set<number>();
	for (const { id, polygons } of sites) {
		const block = cellsAround(grid, polygons, bufferM);
		for (const cell of block) cells.add(cell);
		const base = Math.min(...block.map(rowOfCell));
		for (let index = 0; index < decoys; index += 1) {
			const [lonDeg, latDeg] = placeDecoy(box, onLand, (attempt) => draw(`decoy ${index} ${attempt} ${id}`));
			for (const cell of moved(grid, block, base, lonDeg, latDeg)) cells.add(cell);
		}
		if (cells.size > maxCells) {
			throw new KerbError("LAW_INVALID", `more than ${maxCells} cells come of these sites; take larger cells, fewer decoys or more lists`);
		}
	}
	const salt = Uint8Array.from(draw("salt"));
	const hashes = [...cells].map((cell) => hashCell(salt, cellM, rowOfCell(cell), columnOfCell(cell)));
	return { type: "cells", cellM, saltHex: toHex(salt), hashes: packHashes(hashes) };
};

const areaSetOf = (polygons: readonly Polygon[], bufferM: number): AreaSet =>
	compileAreaSet([{ id: "site", kind: "named", shape: { type: "polygons", polygons }, bufferM }]);

/** Every cell that touches the polygons and their buffer, and some that come near. */
const cellsAround = (grid: CellGrid, polygons: readonly Polygon[], bufferM: number): readonly number[] => {
	const reachM = bufferM + halfDiagonal * grid.cellM;
	const near = areaSetOf(polygons, reachM);
	const { minX, minY, maxX, maxY } = boxOf(polygons);
	const padY = reachM / leastMetresPerLatDeg;
	const padX = lonReachDeg(reachM, Math.max(Math.abs(minY), Math.abs(maxY)));
	const cells = new Set<number>();
	let looked = 0;
	for (let row = grid.rowOf(minY - padY); row <= grid.rowOf(maxY + padY); row += 1) {
		const columns = grid.columnsOf(row);
		const first = Math.floor(((minX - padX + 180) / 360) * columns);
		const last = Math.min(first + columns - 1, Math.floor(((maxX + padX + 180) / 360) * columns));
		looked += last - first + 1;
		if (looked > 4 * maxCellsPerSite || cells.size > maxCellsPerSite)
			throw new KerbError("LAW_INVALID", `a site has more than ${maxCellsPerSite} cells; take larger cells`);
		for (let at = first; at <= last; at += 1) {
			const column = ((at % columns) + columns) % columns;
			if (near.covers(grid.latOf(row), grid.lonOf(row, column), 0)) cells.add(cellNumber(row, column));
		}
	}
	return [...cells];
};

interface Box {
	readonly minX: number;
	readonly minY: number;
	readonly maxX: number;
	readonly maxY: number;
}

const boxOf = (polygons: readonly Polygon[]): Box => {
	let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
	for (const [outline] of polygons) {
		for (const [x, y] of outline ?? [])
			[minX, minY, maxX, maxY] = [Math.min(minX, x), Math.min(minY, y), Math.max(maxX, x), Math.max(maxY, y)];
	}
	return { minX, minY, maxX, maxY };
};

/** Evenly over the box's ground, and on the land. */
const placeDecoy = ({ minX, minY, maxX, maxY }: Box, land: AreaSet | undefined, draw: (attempt: number) => Buffer): Position => {
	const rad = Math.PI / 180;
	const [south, north] = [Math.sin(minY * rad), Math.sin(maxY * rad)];
	for (let attempt = 0; attempt < maxTries; attempt += 1) {
		const bytes = draw(attempt);
		const [a, b] = [bytes.readUIntBE(0, 6) / 2 ** 48, bytes.readUIntBE(6, 6) / 2 ** 48];
		const latDeg = Math.asin(south + a * (north - south)) / rad;
		const lonDeg = onEarth(minX + b * (maxX - minX));
		if (land === undefined || land.covers(latDeg, lonDeg, 0)) return [lonDeg, latDeg];
	}
	throw new KerbError("LAW_INVALID", `no room for a decoy was found on the land in ${maxTries} tries`);
};

const onEarth = (lonDeg: number): number => ((((lonDeg + 180) % 360) + 360) % 360) - 180;

/** The block as it lies, its first row at the position. */
const moved = (grid: CellGrid, block: readonly number[], baseRow: number, lonDeg: number, latDeg: number): readonly number[] => {
	const first = block.find((cell) => rowOfCell(cell) === baseRow) ?? 0;
	const baseLon = grid.lonOf(baseRow, columnOfCell(first));
	const target = Math.min(grid.rowOf(latDeg), grid.rows - 1);
	return block.flatMap((cell) => {
		const row = rowOfCell(cell);
		const newRow = target + row - baseRow;
		if (newRow >= grid.rows) return [];
		// Columns beside the block's first one, so that its form stays whatever the width of a degree is there.
		const [columns, newColumns] = [grid.columnsOf(row), grid.columnsOf(newRow)];
		const across = Math.round(((grid.lonOf(row, columnOfCell(cell)) - baseLon) / 360) * columns);
		const wrapped = across > columns / 2 ? across - columns : across < -columns / 2 ? across + columns : across;
		const column = grid.columnOf(newRow, lonDeg) + wrapped;
		return [cellNumber(newRow, ((column % newColumns) + newColumns) % newColumns)];
	});
};
