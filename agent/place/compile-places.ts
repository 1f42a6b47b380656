/**
 * The places of the law as an index that answers where a position is, and never where an area is.
 */
import { createHash } from "node:crypto";
import { fromHex } from "../../shared/bytes.ts";
import type { AreaChoice, AreaTest, PlaceAnswer, PlaceIndex } from "../../shared/place-index.ts";
import type { Places } from "../../shared/places.ts";
import { type AreaSet, compileAreaSet } from "./area-set.ts";
import { maxExtraM } from "./metres.ts";

export interface CompilePlacesInput {
	/** UTC; what the list's term is held against at every question. */
	nowMs(): number;
}

/**
 * Choices of the same areas share one set of boxes, which is built when the first of them is asked for.
 *
 * `extraM` of a question is 0 to 20,000 metres; anything else is answered `unknown`.
 */
export const compilePlaces = (places: Places, { nowMs }: CompilePlacesInput): PlaceIndex => {
	const { areas, datum: listDatum } = places;
	const notAfterMs = Date.parse(places.notAfter);
	const sets = new Map<string, AreaSet>();
	const setOf = (indexes: readonly number[]): AreaSet => {
		const key = indexes.join(" ");
		const known = sets.get(key);
		if (known !== undefined) return known;
		const made = compileAreaSet(indexes.flatMap((index) => areas[index] ?? []));
		sets.set(key, made);
		return made;
	};
	const testOf = (set: AreaSet): AreaTest => ({
		at: (latDeg, lonDeg, datum, extraM = 0): PlaceAnswer => {
			if (datum !== listDatum || !(nowMs() < notAfterMs)) return "unknown";
			if (!(Math.abs(latDeg) <= 90 && Math.abs(lonDeg) <= 180 && extraM >= 0 && extraM <= maxExtraM)) return "unknown";
			return set.covers(latDeg, lonDeg, extraM) ? "inside" : "outside";
		},
	});
	let gapKey: Uint8Array | undefined;
	return {
		areaIds: areas.map(({ id }) => id),
		notAfterMs,
		test: (choice) => {
			const indexes = resolve(places, choice);
			return indexes === undefined ? undefined : testOf(setOf(indexes));
		},
		get gapKey() {
			gapKey ??= (places.gapSeedHex === undefined ? undefined : fromHex(places.gapSeedHex)) ?? digestOf(areas);
			return gapKey;
		},
	};
};

const digestOf = (areas: Places["areas"]): Uint8Array => Uint8Array.from(createHash("sha256").update(JSON.stringify(areas)).digest());

/** Indexes of the chosen areas, ascending; undefined when nothing is chosen, or an id or a kind names no area. */
const resolve = ({ areas }: Places, { ids = [], kinds = [] }: AreaChoice): readonly number[] | undefined => {
	const byId = new Map(areas.map(({ id }, index) => [id, index]));
	if (!ids.every((id) => byId.has(id)) || !kinds.every((kind) => areas.some((area) => area.kind === kind))) return undefined;
	const chosen = [...areas.entries()].flatMap(([index, { id, kind }]) => (ids.includes(id) || kinds.includes(kind) ? [index] : []));
	return chosen.length === 0 ? undefined : chosen;
};
