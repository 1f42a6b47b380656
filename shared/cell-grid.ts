/**
 * A fixed grid of cells over the earth, for cell sets and for decisions that are made per cell. Rows of latitude reach from pole to pole; each
 * row is cut into whole columns around the earth, fewer towards the poles, so that a cell is at least `cellM` long on every side.
 */

/** One degree of latitude at the equator of WGS 84, the shortest there is; a degree of longitude at the equator is longer. */
const metresPerDegree = 110_574;

/** More than the columns of any row that a grid of 1 m has. */
const columnsPerRow = 2 ** 26;

export interface CellGrid {
	readonly cellM: number;
	readonly rows: number;
	/** Degrees. */
	readonly rowDeg: number;
	/** At least 1. */
	columnsOf(row: number): number;
	rowOf(latDeg: number): number;
	/** Longitudes from -540 to 540; what is past 180 goes on at the other side. */
	columnOf(row: number, lonDeg: number): number;
	/** One number per cell. Positions must be on the earth. */
	cellOf(latDeg: number, lonDeg: number): number;
	latOf(row: number): number;
	lonOf(row: number, column: number): number;
}

/** The number of a cell, and back. */
export const cellNumber = (row: number, column: number): number => row * columnsPerRow + column;
export const rowOfCell = (cell: number): number => Math.floor(cell / columnsPerRow);
export const columnOfCell = (cell: number): number => cell % columnsPerRow;

/** @param cellM 1 metre or more. */
export const createCellGrid = (cellM: number): CellGrid => {
	const rows = Math.max(1, Math.floor((180 * metresPerDegree) / cellM));
	const rowDeg = 180 / rows;
	const columnsOf = (row: number): number => {
		// The border of the row that is nearer to its pole is the shorter one.
		const polewardDeg = Math.max(Math.abs(row * rowDeg - 90), Math.abs((row + 1) * rowDeg - 90));
		return Math.max(1, Math.floor((360 * metresPerDegree * Math.cos((polewardDeg * Math.PI) / 180)) / cellM));
	};
	const rowOf = (latDeg: number): number => Math.min(rows - 1, Math.max(0, Math.floor((latDeg + 90) / rowDeg)));
	const columnOf = (row: number, lonDeg: number): number => {
		const columns = columnsOf(row);
		const column = Math.floor(((lonDeg + 180) / 360) * columns) % columns;
		return column < 0 ? column + columns : column;
	};
	return {
		...{ cellM, rows, rowDeg, columnsOf, rowOf, columnOf },
		cellOf: (latDeg, lonDeg) => {
			const row = rowOf(latDeg);
			return cellNumber(row, columnOf(row, lonDeg));
		},
		latOf: (row) => (row + 0.5) * rowDeg - 90,
		lonOf: (row, column) => ((column + 0.5) / columnsOf(row)) * 360 - 180,
	};
};
