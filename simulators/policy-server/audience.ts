/**
 * Which documents a unit takes: per kind the one that names it most closely (`shared/law-targets.ts`).
 */
import { type LawKind, specificityOf, type UnitAddress } from "../../shared/law-targets.ts";
import type { LawDocument } from "./documents.ts";

/** By kind. Two that are equally close: the first; `documentProblems` refuses such a law. */
export const documentsFor = (documents: readonly LawDocument[], unit: UnitAddress): ReadonlyMap<LawKind, LawDocument> => {
	const taken = new Map<LawKind, { readonly document: LawDocument; readonly closeness: number }>();
	for (const document of documents) {
		const closeness = specificityOf(document.for, unit);
		if (closeness === undefined || closeness <= (taken.get(document.kind)?.closeness ?? -1)) continue;
		taken.set(document.kind, { document, closeness });
	}
	return new Map([...taken].map(([kind, { document }]) => [kind, document]));
};

/** More kinds of unit than this are not told apart. */
export const maxAudiences = 400;

/**
 * One address for every way in which a unit can be named by the documents, beginning with a unit that nothing names; undefined when there
 * are more than `maxAudiences`.
 *
 * @param known Units that are known, so that a document for one of them meets the cohorts and the hardware that it has.
 */
export const audiencesOf = (
	documents: readonly LawDocument[],
	known: (unitId: string) => UnitAddress | undefined,
): readonly UnitAddress[] | undefined => {
	const named = (list: "units" | "cohorts" | "hardware"): readonly string[] => [
		...new Set(documents.flatMap((document) => document.for?.[list] ?? [])),
	];
	const [units, cohorts, hardware] = [named("units"), named("cohorts"), named("hardware")];
	if (units.length > maxAudiences || (cohorts.length + 1) * (hardware.length + 1) + units.length > maxAudiences) return undefined;
	const crossed = [undefined, ...cohorts].flatMap((cohort) =>
		[undefined, ...hardware].map((kind) => ({ unitId: "", cohorts: cohort === undefined ? [] : [cohort], hardware: kind })),
	);
	return [...crossed, ...units.map((unitId) => known(unitId) ?? { unitId, cohorts: [], hardware: undefined })];
};
