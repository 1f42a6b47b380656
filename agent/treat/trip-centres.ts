/**
 * Draws the centre of the disc that hides a place, from a secret of the unit, so that the same place has the same centre on every trip, after
 * every restart and for every recipient: averaging over trips gives nothing.
 *
 * The earth is cut into cells, each with one candidate at a place within it, and with a rank, both by HMAC-SHA-256 (RFC 2104) of the cell.
 * A place takes the candidate of the highest rank within `blurM`. All places that take the same candidate look alike from outside, and they
 * are spread over a disc of `blurM`. Drawing a shift per place instead would let neighbouring places, a parking space today and the next one
 * tomorrow, have shifts of their own whose mean is the street; here neighbours share their candidate unless a border runs between them.
 */
import { createHmac } from "node:crypto";
import { distanceM, metresPerLatDeg, metresPerLonDeg, type Place } from "./trip-geometry.ts";

/** One candidate; places that share it share the object, as long as it is remembered. */
export interface Centre extends Place {
	readonly row: number;
	readonly column: number;
}

interface Candidate extends Centre {
	readonly rank: number;
}

/** Cells around the own one, in each direction, that can hold a candidate within `blurM`. */
const ring = 2;
const maxKept = 4096;
/** More than the columns of any row. */
const columnsBound = 2 ** 22;
const two32 = 2 ** 32;

export class TripCentres {
	readonly #key: Uint8Array;
	readonly #blurM: number;
	readonly #cellM: number;
	readonly #rowDeg: number;
	readonly #kept = new Map<number, Candidate>();
	#near: readonly Candidate[] = [];
	#nearRow = Number.NaN;
	#nearColumn = Number.NaN;

	/**
	 * @param key 32 secret bytes; copied.
	 * @param blurM From 10 to 10000 metres.
	 */
	constructor(key: Uint8Array, blurM: number) {
		this.#key = Uint8Array.from(key);
		this.#blurM = blurM;
		// The diagonal of a cell is shorter than `blurM`, so a place always has the candidate of its own cell.
		this.#cellM = (blurM / Math.SQRT2) * 0.999;
		this.#rowDeg = this.#cellM / metresPerLatDeg;
	}

	/** The centre for a place, within `blurM` of it. The same object for neighbours that share it. */
	of(place: Place): Centre {
		const row = Math.floor((place.latDeg + 90) / this.#rowDeg);
		const column = columnOf(place.lonDeg, this.#columnsOf(row));
		if (row !== this.#nearRow || column !== this.#nearColumn) this.#lookAround(place, row, column);
		for (const candidate of this.#near) if (distanceM(candidate, place) <= this.#blurM) return candidate;
		return this.#candidate(row, column);
	}

	/** The candidates that a place in the cell can take, highest rank first. */
	#lookAround({ lonDeg }: Place, row: number, column: number): void {
		const near: Candidate[] = [];
		for (let nearRow = row - ring; nearRow <= row + ring; nearRow++) {
			const columns = this.#columnsOf(nearRow);
			// Rows differ in how many columns they have, so what is above a column may straddle two.
			const middle = nearRow === row ? column : columnOf(lonDeg, columns);
			const reach = nearRow === row ? ring : ring + 1;
			for (let step = -reach; step <= reach; step++) near.push(this.#candidate(nearRow, (middle + step + columns) % columns));
		}
		this.#near = near.sort((a, b) => b.rank - a.rank);
		this.#nearRow = row;
		this.#nearColumn = column;
	}

	/** No cell is wider than it is high, so the border nearer to the equator decides. */
	#columnsOf(row: number): number {
		const [south, north] = [row * this.#rowDeg - 90, (row + 1) * this.#rowDeg - 90];
		const widestDeg = south <= 0 && north >= 0 ? 0 : Math.min(Math.abs(south), Math.abs(north));
		return Math.ceil((360 * metresPerLonDeg * Math.cos((widestDeg * Math.PI) / 180)) / this.#cellM);
	}

	#candidate(row: number, column: number): Candidate {
		const index = row * columnsBound + column;
		const known = this.#kept.get(index);
		if (known !== undefined) return known;
		if (this.#kept.size >= maxKept) this.#kept.clear();
		const digest = createHmac("sha256", this.#key).update(`kerbstone trip 1 ${this.#blurM} ${row} ${column}`).digest();
		const columns = this.#columnsOf(row);
		const candidate: Candidate = {
			row,
			column,
			latDeg: (row + digest.readUInt32BE(0) / two32) * this.#rowDeg - 90,
			lonDeg: ((column + digest.readUInt32BE(4) / two32) / columns) * 360 - 180,
			rank: digest.readUInt32BE(8) * two32 + digest.readUInt32BE(12),
		};
		this.#kept.set(index, candidate);
		return candidate;
	}
}

/** 180 degrees east belongs to the first column. */
const columnOf = (lonDeg: number, columns: number): number => Math.floor(((lonDeg + 180) / 360) * columns) % columns;
