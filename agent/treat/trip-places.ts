/**
 * The discs around all places of the trips so far that must not be found. A place hidden once stays hidden: whoever passes it later, on this
 * trip or another, is hidden within the same disc. Bounded: the disc that was of no use for the longest time is forgotten.
 */
import type { Centre, TripCentres } from "./trip-centres.ts";
import { distanceM, distanceToLineM, type Place } from "./trip-geometry.ts";
import type { TripMeasures } from "./trip-measures.ts";

/** More than a unit stops at in a day of deliveries. */
const maxPlaces = 256;

export class TripPlaces {
	readonly #centres: TripCentres;
	readonly #measures: TripMeasures;
	/** Of least recent use first. */
	readonly #discs: Centre[] = [];

	constructor(centres: TripCentres, measures: TripMeasures) {
		this.#centres = centres;
		this.#measures = measures;
	}

	get size(): number {
		return this.#discs.length;
	}

	/**
	 * Hides a place. Gives back the centre of the disc that is new, or undefined when one that exists hides it already.
	 *
	 * @param errorM How far off the place may be; at most the measures' slack.
	 */
	hide(place: Place, errorM = 0): Centre | undefined {
		const { serveM } = this.#measures;
		const at = this.#discs.findLastIndex((disc) => distanceM(disc, place) + errorM <= serveM);
		if (at >= 0) {
			this.#use(at);
			return undefined;
		}
		const centre = this.#centres.of(place);
		this.#discs.push(centre);
		if (this.#discs.length > maxPlaces) this.#discs.shift();
		return centre;
	}

	/** Whether the position is in a disc. */
	hides(place: Place): boolean {
		const at = this.#discs.findLastIndex((disc) => this.covers(disc, place));
		if (at >= 0) this.#use(at);
		return at >= 0;
	}

	/** Whether the straight way from one position to the next touches a disc. */
	crosses(from: Place, to: Place): boolean {
		return this.#discs.some((disc) => distanceToLineM(disc, from, to) <= this.#measures.discM);
	}

	covers(disc: Centre, place: Place): boolean {
		return distanceM(disc, place) <= this.#measures.discM;
	}

	clear(): void {
		this.#discs.length = 0;
	}

	#use(at: number): void {
		if (at === this.#discs.length - 1) return;
		this.#discs.push(...this.#discs.splice(at, 1));
	}
}
