/**
 * Compares the documents that a law may have besides catalogue, policy and outlets. A kind that is not here is unsure whenever it differs.
 */
import type { Law } from "./law.ts";
import { widerAsPathsGrow } from "./rule-strictness.ts";
import {
	arrival,
	type Compare,
	compareFields,
	compareSets,
	departure,
	type Finding,
	isRecord,
	mirror,
	narrowerAsItGrows,
	narrowerWhenTrue,
	neutral,
	sameJson,
	unsure,
	widerAsItGrows,
	widerAsLater,
	widerAsSetGrows,
} from "./strictness.ts";
import { type Thresholds, thresholdValue } from "./thresholds.ts";

const fieldsOf = (document: unknown): Readonly<Record<string, unknown>> => (isRecord(document) ? document : {});

const listIn = (document: unknown, field: string): readonly unknown[] => {
	const list = fieldsOf(document)[field];
	return Array.isArray(list) ? list : [];
};

/** A consent more lets more out. One that changed counts as one that went and one that came. */
const consents: Compare = (before, after) => compareSets(listIn(before, "consents"), listIn(after, "consents"), "consents");

const words = { kind: neutral, version: neutral, issuedAt: neutral } as const;

/** Names that are halted: one fewer is wider, unless a name above it (`cabin` for `cabin.image`) is still there. */
const haltedNames: Compare = (before, after, name) => {
	const lost = (from: unknown, to: unknown): readonly string[] => {
		const kept = Array.isArray(to) ? to.map(String) : [];
		const all = Array.isArray(from) ? from.map(String) : [];
		return all.filter((each) => !kept.some((other) => each === other || each.startsWith(`${other}.`)));
	};
	return [
		...lost(before, after).map((each) => departure("wider", name, each)),
		...lost(after, before).map((each) => arrival("narrower", name, each)),
	];
};

/** No halt document halts nothing. */
const halt: Compare = (before, after) =>
	compareFields(
		fieldsOf(before),
		fieldsOf(after),
		{ ...words, all: narrowerWhenTrue, outlets: haltedNames, categories: haltedNames },
		"halt.",
	);

/** A regulator's notice about a category: missing means that there is none. Every other fact that is missing counts as above every threshold. */
const absentFact = (id: string): number => (id.startsWith("noticed.") ? 0 : Number.POSITIVE_INFINITY);

/** A smaller number lets more out. */
const facts: Compare = (before, after, name) => {
	const [a, b] = [fieldsOf(before), fieldsOf(after)];
	const ids = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
	return ids.flatMap((id) => narrowerAsItGrows(absentFact(id))(a[id], b[id], `${name}.${id}`));
};

const fleet: Compare = (before, after) => compareFields(fieldsOf(before), fieldsOf(after), { ...words, facts, year: unsure }, "fleet.");

const quota: Compare = (before, after, name) => {
	const most = widerAsItGrows(Number.POSITIVE_INFINITY);
	return compareFields(fieldsOf(before), fieldsOf(after), { maxSubjects: most, maxRecords: most, notAfter: widerAsLater }, `${name}.`);
};

const authorisationTable: Readonly<Record<string, Compare>> = {
	notBefore: (before, after, name) => mirror(widerAsLater(before, after, name)),
	notAfter: widerAsLater,
	purposes: widerAsSetGrows,
	categories: widerAsSetGrows,
	fields: widerAsPathsGrow,
	maxSubjects: widerAsItGrows(Number.POSITIVE_INFINITY),
	maxRecords: widerAsItGrows(Number.POSITIVE_INFINITY),
	retentionAbroadDays: widerAsItGrows(Number.POSITIVE_INFINITY),
	quota,
};

const idOf = (record: unknown): string => {
	const { id } = fieldsOf(record);
	return String(id);
};

/** An authorisation more lets more out; of one that both have, every bound field is compared and what is not a bound is unsure. */
const authorisations: Compare = (before, after) => {
	const [a, b] = [before, after].map((document) => new Map(listIn(document, "authorisations").map((each) => [idOf(each), each]))) as [
		Map<string, unknown>,
		Map<string, unknown>,
	];
	return [...new Set([...a.keys(), ...b.keys()])].sort().flatMap((id): readonly Finding[] => {
		if (!a.has(id)) return [arrival("wider", "authorisation", id)];
		if (!b.has(id)) return [departure("narrower", "authorisation", id)];
		return compareFields(fieldsOf(a.get(id)), fieldsOf(b.get(id)), authorisationTable, `authorisation ${id}.`);
	});
};

/** Nobody can tell whether an area more lets more out: a rule may hide it or hold in it alone. Its own text would say where it is. */
const areas: Compare = (before, after, name) => {
	const [a, b] = [before, after].map((list) => new Map((Array.isArray(list) ? list : []).map((each) => [idOf(each), each]))) as [
		Map<string, unknown>,
		Map<string, unknown>,
	];
	return [...new Set([...a.keys(), ...b.keys()])].sort().flatMap((id): readonly Finding[] => {
		if (!a.has(id)) return [arrival("unsure", name, id)];
		if (!b.has(id)) return [departure("unsure", name, id)];
		const part = `${name}.${id}`;
		return sameJson(a.get(id), b.get(id)) ? [] : [{ direction: "unsure", part, before: "one area", after: "another" }];
	});
};

/** Of a secret nothing is shown. */
const secret: Compare = (before, after, name) =>
	sameJson(before, after) ? [] : [{ direction: "unsure", part: name, before: "one secret", after: "another" }];

const places: Compare = (before, after) =>
	compareFields(fieldsOf(before), fieldsOf(after), { ...words, id: neutral, notAfter: widerAsLater, gapSeedHex: secret, areas }, "places.");

/** What numbers come to with the catalogue: one that raises a row lets more out as it grows, and an unknown one always raises. */
export const compareThresholdValues = (
	before: { readonly catalogue: Law["catalogue"]; readonly thresholds?: Thresholds | undefined },
	after: { readonly catalogue: Law["catalogue"]; readonly thresholds?: Thresholds | undefined },
): readonly Finding[] =>
	before.catalogue.rows.flatMap((row) => {
		const other = after.catalogue.rows.find(({ id }) => id === row.id);
		if (other === undefined) return [];
		const ids = [...new Set([...row.thresholds, ...other.thresholds].map(({ id }) => id))].sort();
		return ids.flatMap((id) => {
			const raises = row.raisedByFact?.threshold === id && other.raisedByFact?.threshold === id;
			const compare = raises ? widerAsItGrows(Number.NEGATIVE_INFINITY) : unsure;
			return compare(thresholdValue(row, id, before.thresholds), thresholdValue(other, id, after.thresholds), `${row.id}.${id}`);
		});
	});

/** Thresholds are compared by `compareThresholdValues`, since they mean nothing without the catalogue. */
export const documentTables: Readonly<Record<string, Compare>> = { consents, halt, fleet, authorisations, places, thresholds: neutral };
