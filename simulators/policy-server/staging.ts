/**
 * What is published while a roll-out is under way: the law in force for everybody, and beside it the new documents for those whom the stage
 * names. Units take the closest document of a kind, so the new ones are bound to cohorts or to single units.
 */
import type { Audience, LawKind, UnitAddress } from "../../shared/law-targets.ts";
import { documentsFor } from "./audience.ts";
import { contentOf, type LawDocument, versionOf } from "./documents.ts";
import { Refused } from "./refused.ts";

export interface Stage {
	/** Only units of these; absent: of all. */
	readonly cohorts?: readonly string[] | undefined;
	/** Above 0 up to 100. */
	readonly percent: number;
}

/** What one target can name (shared/law-targets.ts). */
export const maxNamedUnits = 10_000;

const isFor = (audience: Audience | undefined): "everybody" | "named" => (Object.keys(audience ?? {}).length === 0 ? "everybody" : "named");
const sameDocument = (a: LawDocument | undefined, b: LawDocument | undefined): boolean => a?.sha256 === b?.sha256;

/** Kinds of which anything differs. */
export const changedKinds = (before: readonly LawDocument[], after: readonly LawDocument[]): ReadonlySet<LawKind> => {
	const lines = (documents: readonly LawDocument[], kind: LawKind): string =>
		JSON.stringify(
			documents
				.filter((document) => document.kind === kind)
				.map(({ path, sha256, for: audience }) => [path, sha256, audience ?? {}])
				.sort(),
		);
	const kinds = new Set([...before, ...after].map(({ kind }) => kind));
	return new Set([...kinds].filter((kind) => lines(before, kind) !== lines(after, kind)));
};

const stagedPath = (path: string): string => path.replace("/", "/staged-");
const isStagedPath = (path: string): boolean => path.split("/")[1]?.startsWith("staged-") === true;

/** True when the unit takes a document of the stage out of what is published. */
export const isStaged = (published: readonly LawDocument[], unit: UnitAddress): boolean =>
	[...documentsFor(published, unit).values()].some(({ path }) => isStagedPath(path));

/**
 * The documents to publish for a stage. Stages add up: a unit that has obeyed the new law could not go back to the lower versions of the old.
 *
 * @param stages All stages up to this one.
 * @param chosen Known units of any of them.
 * @throws Refused 409 when more units are chosen than can be named, or the new law takes a kind of document away.
 */
export const stageDocuments = (
	before: readonly LawDocument[],
	after: readonly LawDocument[],
	stages: readonly Stage[],
	chosen: readonly UnitAddress[],
): readonly LawDocument[] => {
	const changed = changedKinds(before, after);
	const gone = [...changed].filter((kind) => !after.some((document) => document.kind === kind));
	if (gone.length > 0)
		throw new Refused(
			409,
			"rollout_removes",
			`a roll-out cannot take a kind of document away by stages (${gone.join(", ")}); release the draft at once`,
		);
	const involved = [...before, ...after].filter(({ kind }) => changed.has(kind));
	const isPlain = involved.every((document) => isFor(document.for) === "everybody");
	// Whole cohorts are named as such, so that units that the server has never heard of belong to them, too.
	const cohorts = isPlain ? [...new Set(stages.flatMap((stage) => (stage.percent === 100 ? (stage.cohorts ?? []) : [])))] : [];
	const takers = new Map<string, { readonly document: LawDocument; readonly units: string[] }>();
	if (cohorts.length > 0) for (const document of after) if (changed.has(document.kind)) takers.set(document.path, { document, units: [] });
	for (const unit of chosen) {
		if (unit.cohorts.some((cohort) => cohorts.includes(cohort))) continue;
		const [old, fresh] = [documentsFor(before, unit), documentsFor(after, unit)];
		for (const [kind, document] of fresh) {
			if (sameDocument(old.get(kind), document)) continue;
			const entry = takers.get(document.path) ?? { document, units: [] };
			entry.units.push(unit.unitId);
			takers.set(document.path, entry);
		}
	}
	const staged = [...takers.values()].map(({ document, units }) => ({ ...document, path: stagedPath(document.path), units }));
	if (staged.some(({ units }) => units.length > maxNamedUnits))
		throw new Refused(409, "stage_too_large", `a stage can name at most ${maxNamedUnits} units one by one; use cohorts with 100 percent`);
	// A unit that has a document of its own would be named twice.
	const named = new Set(staged.flatMap(({ kind, units }) => units.map((unit) => `${kind} ${unit}`)));
	const kept = before.flatMap((document): readonly LawDocument[] => {
		if (document.for?.units === undefined) return [document];
		const units = document.for.units.filter((unit) => !named.has(`${document.kind} ${unit}`));
		if (units.length > 0) return [{ ...document, for: { ...document.for, units } }];
		const { units: _none, ...rest } = document.for;
		return Object.keys(rest).length === 0 ? [] : [{ ...document, for: rest }];
	});
	const bound = staged.map(({ units, ...document }) => ({
		...document,
		for: { ...(cohorts.length === 0 ? {} : { cohorts }), ...(units.length === 0 ? {} : { units }) },
	}));
	return [...kept, ...bound];
};

/**
 * Documents of an earlier law in a form that units take after a later one: those of the kinds that differ get a version above both.
 *
 * @param digest Makes the document anew from its text.
 */
export const asNewest = (
	wanted: readonly LawDocument[],
	others: readonly LawDocument[],
	digest: (document: LawDocument, value: Record<string, unknown>) => LawDocument,
): readonly LawDocument[] => {
	const changed = changedKinds(others, wanted);
	return wanted.map((document) => {
		if (!changed.has(document.kind)) return document;
		const highest = Math.max(0, ...[...wanted, ...others].filter(({ kind }) => kind === document.kind).map(versionOf));
		return highest === 0 ? document : digest(document, { ...contentOf(document), version: highest + 1 });
	});
};
