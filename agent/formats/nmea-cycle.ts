/**
 * Finds where a receiver's reporting cycle ends. NMEA 0183 has no such mark: each cycle is a run of sentences with one time stamp, in an order
 * that only the maker knows.
 *
 * What is learnt (gpsd's way): the type of the last stamped sentence before a new stamp ends a cycle from then on. So the first cycle is
 * reported piece by piece, as every sentence that moves the position or the mode comes in; from the second cycle on there is one report, at the
 * very sentence that ends it. Waiting for the next stamp would be simpler and would lag by a whole cycle: a second, in which a car at motorway
 * speed moves 36 m.
 *
 * Depth sounders add sentences without a stamp after the last stamped one. Once one of those was seen, the cycle has no end that could be
 * learnt, and whatever sentence comes last so far ends it: more reports of one epoch, never fewer.
 */
export class CycleDetector {
	readonly #enders = new Set<string>();
	#lastStamped = "";
	#stamp = 0;
	#continuing = false;
	/** True once an end was learnt; until then every change is worth a report. */
	reliable = false;

	/**
	 * Takes the next sentence. `type` is a known sentence type or empty; `stamp` is its time of day as `hhmmss.sss`, or undefined;
	 * `continues` says that sentences of its type follow the last stamped one.
	 */
	see(type: string, stamp: number | undefined, continues: boolean): { readonly starts: boolean; readonly ends: boolean } {
		this.#continuing ||= continues;
		let starts = false;
		if (stamp !== undefined) {
			starts = Math.abs(stamp - this.#stamp) > 0.01;
			this.#stamp = stamp;
			if (starts && this.#lastStamped !== "" && !this.#enders.has(this.#lastStamped) && !this.#continuing) this.#learn(this.#lastStamped);
		} else if (this.#continuing) {
			this.#enders.delete(this.#lastStamped);
			this.#learn(type);
		}
		const ends = (stamp !== undefined || this.#continuing) && this.#enders.has(type);
		if (stamp !== undefined) this.#lastStamped = type;
		return { starts, ends };
	}

	#learn(type: string): void {
		this.#enders.add(type);
		this.reliable = true;
	}
}
