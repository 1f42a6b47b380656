/**
 * The difference between two laws, sorted into what lets more out (widening), what lets less out (narrowing) and what changes nothing that
 * leaves (neutral). A widening change needs two people (regulations G-11); a narrowing one passes with one.
 *
 * Laws are compared by what they mean. Where that cannot be told, the change is on both lists and marked: it counts as widening, and the
 * comparison the other way round is the mirror image. Not compared are the keys of the root: who may sign is a matter of the carrier.
 */

import type { Authorisations } from "./authorisation.ts";
import type { Catalogue } from "./catalogue.ts";
import { compareCatalogueRows } from "./catalogue-strictness.ts";
import type { Consents } from "./consent.ts";
import { compareThresholdValues, documentTables } from "./document-strictness.ts";
import type { Fleet } from "./fleet.ts";
import type { Halt } from "./halt.ts";
import type { Notices } from "./notice.ts";
import type { Outlet } from "./outlet.ts";
import type { Places } from "./places.ts";
import { compareRanges } from "./range-strictness.ts";
import { compareReleases, type ReleaseLaw } from "./release-diff.ts";
import {
	arrival,
	type Compare,
	compareFields,
	departure,
	describeFinding,
	type Finding,
	isRecord,
	neutral,
	sameJson,
	unsure,
	widerAsItGrows,
	widerAsLater,
	widerAsSetGrows,
	widerWhenTrue,
} from "./strictness.ts";
import type { Thresholds } from "./thresholds.ts";

export type ChangeDirection = "widening" | "narrowing" | "neutral";

export interface Change {
	readonly direction: ChangeDirection;
	/** The kind of document that it is in. */
	readonly document: string;
	readonly category?: string;
	readonly outlet?: string;
	readonly purpose?: string;
	/** Classes of paths; absent for all. */
	readonly paths?: readonly string[];
	/** What must hold besides the law before anything leaves, such as consent; empty when nothing. */
	readonly context: readonly string[];
	/** Nobody can tell: it is on both lists and counts as widening. */
	readonly unsure: boolean;
	/** What differs, in words. */
	readonly text: string;
}

export interface ChangeClasses {
	readonly widening: readonly Change[];
	readonly narrowing: readonly Change[];
	readonly neutral: readonly Change[];
}

/** A law without its hashes: what drafts have, too. Every other document of a law takes part by its name. */
export interface ComparableLaw extends ReleaseLaw {
	readonly consents?: Consents | undefined;
	readonly notices?: Notices | undefined;
	readonly fleet?: Fleet | undefined;
	readonly thresholds?: Thresholds | undefined;
	readonly authorisations?: Authorisations | undefined;
	readonly halt?: Halt | undefined;
	readonly places?: Places | undefined;
}

/** What a change is about. */
type Place = Pick<Change, "document" | "category" | "outlet" | "purpose" | "paths">;

/** Pure and total: equal laws give three empty lists, and whatever this build does not know is widening. */
export const classifyChange = (before: ComparableLaw, after: ComparableLaw): ChangeClasses => {
	const changes = [
		...comparePolicies(before, after),
		...compareCatalogues(before.catalogue, after.catalogue),
		...compareOutletLists(before.outlets.outlets, after.outlets.outlets),
		...compareOthers(before, after),
	];
	const of = (direction: ChangeDirection) => changes.filter((change) => change.direction === direction);
	const [widening, narrowing] = [of("widening"), of("narrowing")];
	return { widening, narrowing, neutral: [...of("neutral"), ...wordsOnly(before, after, [...widening, ...narrowing])] };
};

const changesOf = (place: Place, findings: readonly Finding[], context: readonly string[] = []): readonly Change[] =>
	findings.flatMap((finding) => {
		const change = { ...place, context, unsure: finding.direction === "unsure", text: describeFinding(finding) };
		return [
			...(finding.direction === "narrower" ? [] : [{ ...change, direction: "widening" } as const]),
			...(finding.direction === "wider" ? [] : [{ ...change, direction: "narrowing" } as const]),
		];
	});

const comparePolicies = (before: ComparableLaw, after: ComparableLaw): readonly Change[] => {
	const compareStale: Compare = (a, b) =>
		compareStaleness(
			a,
			b,
			[...before.catalogue.rows, ...after.catalogue.rows].map(({ id }) => id),
		);
	// How long the unit itself keeps data: no number is no bound of its own, so a longer time is wider.
	const days = widerAsItGrows(Number.POSITIVE_INFINITY);
	const retention: Compare = (a, b, name) => compareFields(Object(a ?? {}), Object(b ?? {}), { spoolDays: days }, `${name}.`);
	const fields = compareFields(before.policy, after.policy, {
		kind: neutral,
		id: neutral,
		version: neutral,
		issuedAt: neutral,
		catalogue: neutral,
		// Release rules with the collect rules that they name are compared by what leaves.
		release: neutral,
		collect: neutral,
		notAfter: widerAsLater,
		handler: (a, b, name) => compareFields(Object(a), Object(b), { name: neutral }, `${name}.`),
		stale: compareStale,
		retention,
	});
	const releases = compareReleases(before, after).flatMap(({ category, outlet, purpose, paths, context, finding }) =>
		changesOf({ document: "policy", category, outlet, purpose, ...(paths.length === 0 ? {} : { paths }) }, [finding], context),
	);
	return [...releases, ...changesOf({ document: "policy" }, fields)];
};

const staleRanks = ["drop", "vault", "continue"];

/** What a stale law means, per category: absent is drop. */
const compareStaleness = (before: unknown, after: unknown, categories: readonly string[]): readonly Finding[] => {
	const effectIn = (stale: unknown, category: string | undefined): number => {
		const { default: otherwise = "drop", categories = {} } = isRecord(stale) ? stale : {};
		const own = isRecord(categories) && category !== undefined ? categories[category] : undefined;
		return staleRanks.indexOf(String(own ?? otherwise));
	};
	return [undefined, ...new Set(categories)].flatMap((category): readonly Finding[] => {
		const [a, b] = [effectIn(before, category), effectIn(after, category)];
		if (a === b || (category !== undefined && a === effectIn(before, undefined) && b === effectIn(after, undefined))) return [];
		const part = `stale.${category ?? "default"}`;
		return [{ direction: b > a ? "wider" : "narrower", part, before: staleRanks[a], after: staleRanks[b] }];
	});
};

const compareCatalogues = (before: Catalogue, after: Catalogue): readonly Change[] => {
	const ids = [...new Set([...before.rows, ...after.rows].map(({ id }) => id))];
	const mapping = changedMappings(before, after);
	const rows = ids.flatMap((id) => {
		const place = { document: "catalogue", category: id };
		const [a, b] = [before, after].map(({ rows: list }) => list.find((row) => row.id === id));
		// Without its row data is unknown and stays inside, unless another row maps it; that is told by the mapping.
		if (a === undefined) return changesOf(place, [arrival("wider", "row", id)]);
		if (b === undefined) return changesOf(place, [departure("narrower", "row", id)]);
		return changesOf(place, compareCatalogueRows(a, b));
	});
	const jurisdiction = unsure(before.jurisdiction, after.jurisdiction, "jurisdiction");
	const known = new Set(["kind", "id", "version", "title", "issuedAt", "jurisdiction", "rows"]);
	const table = Object.fromEntries([...known].map((field) => [field, neutral]));
	return [
		...rows,
		...mapping.flatMap((category) =>
			changesOf({ document: "catalogue", category }, [
				{ direction: "unsure", part: "match", before: "other readings", after: "other readings" },
			]),
		),
		...changesOf({ document: "catalogue" }, [...jurisdiction, ...compareFields(before, after, table)]),
	];
};

/**
 * Categories whose readings may be others than before. The first row that matches wins, so patterns, kinds and the order of rows with
 * patterns count; whether two patterns overlap is not told here.
 */
const changedMappings = (before: Catalogue, after: Catalogue): readonly string[] => {
	const inBoth = (id: string) => [before, after].every(({ rows }) => rows.some((row) => row.id === id));
	const mapping = ({ rows }: Catalogue) => rows.filter(({ id, match }) => inBoth(id) && match.kinds.length + match.paths.length > 0);
	const [a, b] = [mapping(before), mapping(after)];
	const order = (rows: Catalogue["rows"]) => rows.filter(({ match }) => match.paths.length > 0).map(({ id }) => id);
	const moved = order(a).filter((id, index) => order(b)[index] !== id);
	const changed = [...a, ...b].filter(({ id }) => !sameJson(matchOf(before, id), matchOf(after, id))).map(({ id }) => id);
	// A row with patterns that came or went takes readings from, or leaves them to, the rows after it.
	const shadows = [before, after].flatMap(({ rows }) => {
		const first = rows.findIndex(({ id, match }) => !inBoth(id) && match.paths.length > 0);
		return first === -1
			? []
			: rows
					.slice(first + 1)
					.filter(({ id, match }) => inBoth(id) && match.paths.length > 0)
					.map(({ id }) => id);
	});
	return [...new Set([...moved, ...changed, ...shadows])].sort();
};

const matchOf = ({ rows }: Catalogue, id: string) => rows.find((row) => row.id === id)?.match;

const outletTable: Readonly<Record<string, Compare>> = {
	id: neutral,
	mqttVersion: neutral,
	maxInFlight: neutral,
	addressRanges: compareRanges,
	recipients: widerAsSetGrows,
	qualifiedSurveying: widerWhenTrue,
};

const compareOutletLists = (before: readonly Outlet[], after: readonly Outlet[]): readonly Change[] =>
	[...new Set([...before, ...after].map(({ id }) => id))].sort().flatMap((id) => {
		const place = { document: "outlets", outlet: id };
		const [a, b] = [before, after].map((list) => list.find((outlet) => outlet.id === id));
		if (a === undefined) return changesOf(place, [arrival("wider", "outlet", id)]);
		if (b === undefined) return changesOf(place, [departure("narrower", "outlet", id)]);
		return changesOf(place, compareFields(a, b, outletTable));
	});

const comparedElsewhere = new Set(["hash", "rootHash", "catalogue", "policy", "outlets"]);

/** Documents that a law may have besides: each kind by its table, and one of an unknown kind is unsure when it differs. */
const compareOthers = (before: ComparableLaw, after: ComparableLaw): readonly Change[] => {
	const [a, b] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
	const thresholds = compareThresholdValues(before, after);
	const others = [...new Set([...a.keys(), ...b.keys()])]
		.filter((name) => !comparedElsewhere.has(name))
		.sort()
		.flatMap((name) => changesOf({ document: name }, (documentTables[name] ?? unsure)(a.get(name), b.get(name), name)));
	return [...changesOf({ document: "thresholds" }, thresholds), ...others];
};

/** Documents and rules that differ, and of which no finding says more than that: words, names, order. */
const wordsOnly = (before: ComparableLaw, after: ComparableLaw, found: readonly Change[]): readonly Change[] => {
	const neutralChange = (place: Place, text: string): Change => ({ ...place, direction: "neutral", context: [], unsure: false, text });
	const rules = [before, after].map(({ policy }) => new Map(policy.release.map((rule) => [rule.id, rule]))) as [
		Map<string, unknown>,
		Map<string, unknown>,
	];
	const [a, b] = rules;
	const aboutRules = [...new Set([...a.keys(), ...b.keys()])]
		.filter((id) => !sameJson(a.get(id), b.get(id)))
		.filter((id) => !found.some(({ document, category, text }) => document === "policy" && category !== undefined && text.includes(id)))
		.map((id) => {
			const what = !a.has(id) ? "is new" : b.has(id) ? "is written differently" : "is gone";
			return neutralChange({ document: "policy" }, `rule ${id} ${what}; see above for what that changes, if anything`);
		});
	const names = ["catalogue", "policy", "outlets"] as const;
	const documents = names
		.filter((name) => !sameJson(before[name], after[name]))
		.filter((name) => !found.some(({ document }) => document === name))
		.map((name) => neutralChange({ document: name }, "differs in words, order or version only"));
	return [...aboutRules, ...documents];
};
