/**
 * What the law's places say of a position. Made from the document of kind `places` (shared/places.ts) by the place stage; treatments and
 * decisions see this alone. It never gives away where an area is.
 */
import type { Datum } from "./reading.ts";

/** unknown: no such area, another datum than the list's, not on earth, or the list is past its term. What is unknown holds for nothing. */
export type PlaceAnswer = "inside" | "outside" | "unknown";

/** Named areas: by id, or all of a kind (`sensitive`). */
export interface AreaChoice {
	readonly ids?: readonly string[] | undefined;
	readonly kinds?: readonly string[] | undefined;
}

/** A choice made ready: resolved once per law, asked per position. */
export interface AreaTest {
	/**
	 * Whether the position is inside any of the chosen areas, on an edge (which counts as inside), or within the area's own buffer and `extraM`
	 * metres more.
	 */
	at(latDeg: number, lonDeg: number, datum: Datum, extraM?: number): PlaceAnswer;
}

export interface PlaceIndex {
	readonly areaIds: readonly string[];
	/** UTC milliseconds after which every answer is `unknown`. */
	readonly notAfterMs: number;
	/**
	 * 32 secret bytes of the list, the same for every unit that has it: who hides areas draws the randomness of a gap's border from it, so that
	 * the gaps of a whole fleet tell no more than those of one unit.
	 */
	readonly gapKey?: Uint8Array | undefined;
	/** Undefined when an id or a kind names no area. */
	test(choice: AreaChoice): AreaTest | undefined;
}

/** Where the unit is, as far as its own fixes can be believed; one for all routes, fed by the pipeline before anything is decided. */
export interface UnitWhere {
	/** Undefined: no fix yet, the last one is too old, or the position jumped as no vehicle can. */
	at(nowMs: number): { readonly latDeg: number; readonly lonDeg: number; readonly datum: Datum } | undefined;
}
