/**
 * The ground that positions cover, as cells of a fixed grid, so that the union over any number of passes is a count of cells. Each position
 * covers a disc, each step between two of them the strip between their discs; a cell that is touched counts as a whole, so the area is never
 * counted too small.
 *
 * Limits: maps and clouds that are plane-accurate to 10 m or finer and cover more than 25 km2 without a gap are secret (secrecy scope of 18 June
 * 2020, items 18 and 20; regulations S-07, S-08, X-3). What is continuous is not judged here: the whole of what a recipient got is counted.
 */

/** Of the measure of positions that count at all, in metres. */
export const fineM = 10;
export const warnKm2 = 20;
export const stopKm2 = 25;

const cellM = 25;
/** On both sides of the way: what sensors beside the road can map. Own choice, no legal number was found. */
export const reachM = 50;
/** Two positions further apart were not driven between in one go. */
const longestStepM = 500;

/** One degree of latitude at the equator of WGS 84, the shortest there is. */
const metresPerDegree = 110_574;
const rowDeg = cellM / metresPerDegree;
const rows = Math.ceil(180 / rowDeg);

/** Square kilometres of a number of cells; a cell is nowhere smaller than its nominal size by more than a thousandth. */
export const km2OfCells = (cells: number): number => (cells * cellM * cellM) / 1e6;

/** Cells that a number of square kilometres has room for. */
export const cellsInKm2 = (km2: number): number => Math.floor((km2 * 1e6) / (cellM * cellM));

export interface Position {
	readonly latDeg: number;
	readonly lonDeg: number;
}

/** Columns of a row; fewer towards the poles, so that a cell keeps its size. */
const columnsOf = (row: number): number => {
	const latDeg = (row + 0.5) * rowDeg - 90;
	return Math.max(1, Math.round((360 * metresPerDegree * Math.cos((latDeg * Math.PI) / 180)) / cellM));
};

/** Adds the cells of the disc around a position to `into`, as whole numbers below 2^53. */
const addDisc = ({ latDeg, lonDeg }: Position, into: Set<number>): void => {
	const middle = (latDeg + 90) / rowDeg;
	const reach = reachM / cellM;
	for (let row = Math.max(0, Math.floor(middle - reach)); row <= Math.min(rows - 1, Math.floor(middle + reach)); row++) {
		const columns = columnsOf(row);
		// The chord of the disc in this row, taken where the row comes nearest to the middle.
		const offRows = row > middle ? row - middle : Math.max(0, middle - (row + 1));
		const half = Math.sqrt(Math.max(0, reach * reach - offRows * offRows));
		const column = ((lonDeg + 180) / 360) * columns;
		const last = Math.min(Math.floor(column + half), Math.floor(column - half) + columns - 1);
		for (let at = Math.floor(column - half); at <= last; at++) into.add(row * 2 ** 21 + (((at % columns) + columns) % columns));
	}
};

const metresBetween = (a: Position, b: Position): number => {
	const northM = (a.latDeg - b.latDeg) * metresPerDegree;
	const turn = ((((a.lonDeg - b.lonDeg) % 360) + 540) % 360) - 180;
	const eastM = turn * metresPerDegree * Math.cos((a.latDeg * Math.PI) / 180);
	return Math.hypot(northM, eastM);
};

/**
 * The cells that `to` covers, with the strip from `from` where the step is one that may have been driven. Undefined when `to` is not on the
 * earth: nobody can say what it covers.
 */
export const coveredCells = (to: Position, from: Position | undefined): ReadonlySet<number> | undefined => {
	if (!(Math.abs(to.latDeg) <= 90 && Math.abs(to.lonDeg) <= 180)) return undefined;
	const cells = new Set<number>();
	addDisc(to, cells);
	const lengthM = from === undefined ? 0 : metresBetween(from, to);
	if (from === undefined || !(lengthM <= longestStepM) || lengthM <= cellM) return cells;
	const turn = ((((to.lonDeg - from.lonDeg) % 360) + 540) % 360) - 180;
	for (let walkedM = cellM; walkedM < lengthM; walkedM += cellM) {
		const part = walkedM / lengthM;
		const lonDeg = from.lonDeg + turn * part;
		addDisc({ latDeg: from.latDeg + (to.latDeg - from.latDeg) * part, lonDeg: ((lonDeg + 540) % 360) - 180 }, cells);
	}
	return cells;
};
