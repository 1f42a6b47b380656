/**
 * In which of the named areas the unit is: what conditions of release rules ask for.
 */
import type { PlaceIndex, UnitWhere } from "../../shared/place-index.ts";

/** By area: true inside, false outside. What is not known is not in it. */
export type PlaceStates = ReadonlyMap<string, boolean>;

export interface PlaceWatch {
	/** The same map as before as long as nothing changed, so that who depends on it can tell by identity. */
	states(nowMs: number): PlaceStates;
}

const nowhere: PlaceStates = new Map();

/** Watches these areas; ids that the list does not have are never known. Asks one question per area and call. */
export const watchPlaces = (index: PlaceIndex, areaIds: Iterable<string>, way: UnitWhere): PlaceWatch => {
	const tests = [...new Set(areaIds)].flatMap((id) => {
		const test = index.areaIds.includes(id) ? index.test({ ids: [id] }) : undefined;
		return test === undefined ? [] : [{ id, test }];
	});
	let before = nowhere;
	return {
		states: (nowMs) => {
			const where = way.at(nowMs);
			if (where === undefined) {
				before = nowhere;
				return before;
			}
			const now = new Map<string, boolean>();
			for (const { id, test } of tests) {
				const answer = test.at(where.latDeg, where.lonDeg, where.datum);
				if (answer !== "unknown") now.set(id, answer === "inside");
			}
			if (now.size !== before.size || [...now].some(([id, isInside]) => before.get(id) !== isInside))
				before = now.size === 0 ? nowhere : now;
			return before;
		},
	};
};
