/**
 * A fixed grid over the earth.
 *
 * Rows of latitude reach from pole to pole; each row is cut into whole columns around the earth, fewer towards the poles, so that a cell is
 * at least `cellM` long on every side; the two rows at the poles are one cell each, whose centre is the pole.
 */

/** One degree of latitude at the equator of WGS 84, the shortest there is; a degree of longitude at the equator is longer. */
const metresPerDegree = 110_574;

export interface CellCentre {
	readonly latDeg: number;
	readonly lonDeg: number;
}

/** False for NaN and infinities, too. */
export const isOnEarth = (latDeg: number, lonDeg: number): boolean => Math.abs(latDeg) <= 90 && Math.abs(lonDeg) <= 180;

/** The centre of the cell around a position on the earth, by the shortest side of a cell in metres. */
export const compileGrid = (cellM: number): ((latDeg: number, lonDeg: number) => CellCentre) => {
	const rows = Math.floor((180 * metresPerDegree) / cellM);
	const rowDeg = 180 / rows;
	// Centres are printed with as many decimals as move them by a hundredth of a cell at the most.
	const tidy = 10 ** (7 - Math.floor(Math.log10(cellM)));
	const print = (deg: number): number => Math.round(deg * tidy) / tidy + 0;

	return (latDeg, lonDeg) => {
		// 90 degrees north belongs to the last row, 180 degrees east to the first column.
		const row = Math.min(rows - 1, Math.floor((latDeg + 90) / rowDeg));
		if (row === 0) return { latDeg: -90, lonDeg: 0 };
		if (row === rows - 1) return { latDeg: 90, lonDeg: 0 };
		// The border of the row that is nearer to its pole is the shorter one; it depends on the row alone.
		const polewardDeg = Math.max(Math.abs(row * rowDeg - 90), Math.abs((row + 1) * rowDeg - 90));
		const columns = Math.floor((360 * metresPerDegree * Math.cos((polewardDeg * Math.PI) / 180)) / cellM);
		const column = Math.floor(((lonDeg + 180) / 360) * columns) % columns;
		return { latDeg: print((row + 0.5) * rowDeg - 90), lonDeg: print(((column + 0.5) / columns) * 360 - 180) };
	};
};
