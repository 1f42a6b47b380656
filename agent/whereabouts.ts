/**
 * Where the unit is, for the conditions of rules that hold in some places only: its fixes in, the states of the named areas out. A chunk is cut at every fix,
 * so that what comes after a border was crossed is judged by where the unit is then.
 */
import type { PlaceIndex } from "../shared/place-index.ts";
import type { Policy } from "../shared/policy.ts";
import type { Reading } from "../shared/reading.ts";
import { type PlaceStates, type PlaceWatch, watchPlaces } from "./place/place-watch.ts";
import { createUnitWay, type ObservedWay } from "./place/unit-way.ts";

export interface Whereabouts {
	readonly way: ObservedWay;
	/** Areas that are named by any rule's conditions, under this law. */
	follow(policy: Policy, places: PlaceIndex | undefined): void;
	/** The same map as long as nothing changed. */
	states(nowMs: number): PlaceStates;
	/**
	 * Hears of the fixes of a chunk and gives it back in pieces: before each piece `moved` is called, when rules ask for places at all.
	 */
	pieces(chunk: readonly Reading[], moved: (fixMs: number) => void): Iterable<readonly Reading[]>;
}

const nowhere: PlaceStates = new Map();

export const createWhereabouts = (): Whereabouts => {
	const way = createUnitWay();
	let watch: PlaceWatch | undefined;
	return {
		way,
		follow: (policy, places) => {
			const named = policy.release.flatMap(({ conditions }) => [
				...(conditions?.places?.inside ?? []),
				...(conditions?.places?.outside ?? []),
			]);
			watch = places === undefined || named.length === 0 ? undefined : watchPlaces(places, named, way);
		},
		states: (nowMs) => watch?.states(nowMs) ?? nowhere,
		*pieces(chunk, moved) {
			let start = 0;
			for (const [at, reading] of chunk.entries()) {
				if (reading.kind !== "fix") continue;
				if (watch !== undefined && at > start) yield chunk.slice(start, at);
				way.observe(reading);
				if (watch === undefined) continue;
				start = at;
				moved(reading.takenAtMs);
			}
			if (start < chunk.length) yield start === 0 ? chunk : chunk.slice(start);
		},
	};
};
