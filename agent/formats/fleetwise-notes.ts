/**
 * What an import from AWS IoT FleetWise could not carry over, or only nearly: one line each, with the place. Nothing is dropped in silence.
 */

export interface FleetwiseNote {
	/** File and field, such as `brake.json: signalsToCollect[3].maxSampleCount`. */
	readonly path: string;
	/** lost: has no counterpart. changed: has one that does not mean quite the same. */
	readonly kind: "lost" | "changed";
	readonly reason: string;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

const maxNotes = 10_000;

export class FleetwiseNotes {
	readonly #notes: FleetwiseNote[] = [];
	#leftOut = 0;

	lost(path: string, reason: string): void {
		this.#add({ path, kind: "lost", reason });
	}

	changed(path: string, reason: string): void {
		this.#add({ path, kind: "changed", reason });
	}

	/** Lists every field of `object` that is neither in `read` nor, with its reason, in `known`. Null and undefined say nothing. */
	rest(object: JsonObject, path: string, read: readonly string[], known: Readonly<Record<string, string>> = {}): void {
		for (const [key, value] of Object.entries(object)) {
			if (read.includes(key) || value === null || value === undefined) continue;
			const reason = Object.hasOwn(known, key) ? known[key] : undefined;
			this.lost(`${path}${key}`, reason ?? "this field is not known to the import");
		}
	}

	get all(): readonly FleetwiseNote[] {
		if (this.#leftOut === 0) return this.#notes;
		return [...this.#notes, { path: "(all files)", kind: "lost", reason: `${this.#leftOut} more notes of this kind were left out` }];
	}

	#add(note: FleetwiseNote): void {
		if (this.#notes.length < maxNotes) this.#notes.push(note);
		else this.#leftOut += 1;
	}
}

/** The number when it is a finite one from `least` up; otherwise undefined, and noted when something else was there. */
export const numberAt = (object: JsonObject, key: string, path: string, notes: FleetwiseNotes, least = 0): number | undefined => {
	const value = object[key];
	if (value === undefined || value === null) return undefined;
	if (typeof value === "number" && Number.isFinite(value) && value >= least) return value;
	notes.lost(`${path}${key}`, `expected a number of at least ${least}`);
	return undefined;
};
