/**
 * Compares what two release rules let through: treatments, retention, conditions, and the collect rules they name. What they release, where
 * to and for what is compared by `law-diff.ts`.
 */
import type { CollectRule } from "./collect-rule.ts";
import { comparePathSets } from "./path-classes.ts";
import type { ReleaseRule } from "./policy.ts";
import type { ReleaseConditions } from "./release-conditions.ts";
import {
	arrival,
	type Compare,
	compareFields,
	compareSets,
	departure,
	type Finding,
	mirror,
	narrowerAsItGrows,
	neutral,
	ranked,
	reverse,
	unsure,
	widerAsItGrows,
	widerAsSetGrows,
} from "./strictness.ts";

/** Patterns of paths: more paths are wider, no list is every path. */
export const widerAsPathsGrow: Compare = (before, after, name) => {
	const { came, went } = comparePathSets(patternsOf(before), patternsOf(after));
	return [...came.map((path) => arrival("wider", name, path)), ...went.map((path) => departure("narrower", name, path))];
};

const patternsOf = (value: unknown): readonly string[] | undefined => (Array.isArray(value) ? value.map(String) : undefined);

/** What is named is taken away, and without a list everything of that kind is: so the more are named, the narrower, and no list is narrowest. */
const narrowerAsNamed =
	(compare: Compare): Compare =>
	(before, after, name) =>
		mirror(compare(before, after, name));

/** Each entry keeps something, and no list is none. */
const widerAsListed: Compare = (before, after, name) =>
	compareSets(Array.isArray(before) ? before : [], Array.isArray(after) ? after : [], name);

/** Per treatment which option makes it stricter. An option or treatment that is not here is unsure whenever it differs. */
const treatmentTables: Readonly<Record<string, Readonly<Record<string, Compare>>>> = {
	"thin-rate": { everyMs: narrowerAsItGrows(0) },
	"round-number": { stepBy: narrowerAsItGrows(0) },
	"round-position": { cellM: narrowerAsItGrows(0) },
	"generalise-geometry": { toleranceM: narrowerAsItGrows(0), gridM: narrowerAsItGrows(0) },
	"strip-map-attributes": { use: ranked(["public", "home"]), allow: widerAsListed },
	pseudonymise: { rotateDays: widerAsItGrows(Number.POSITIVE_INFINITY) },
	"drop-field": { fields: narrowerAsNamed(widerAsSetGrows), paths: narrowerAsNamed(widerAsPathsGrow) },
};

type Treatment = ReleaseRule["treatments"][number];

const compareTreatment = (before: Treatment, after: Treatment): readonly Finding[] =>
	compareFields(before, after, { ...treatmentTables[before.type], type: neutral }, `${before.type}.`);

/** One more treatment is narrower, one fewer wider; in another order nobody can tell. */
export const compareTreatments = (before: readonly Treatment[], after: readonly Treatment[]): readonly Finding[] => {
	if (before.length > after.length) return reverse(compareTreatments(after, before));
	const findings: Finding[] = [];
	let next = 0;
	for (const treatment of after) {
		const match = before[next];
		if (match?.type === treatment.type) {
			findings.push(...compareTreatment(match, treatment));
			next += 1;
		} else findings.push(arrival("narrower", "treatment", treatment.type));
	}
	if (next === before.length) return findings;
	const types = (list: readonly Treatment[]) => list.map(({ type }) => type).join(", ") || "none";
	return [{ direction: "unsure", part: "treatments", before: types(before), after: types(after) }];
};

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** The minutes of the day that spans cover: from `from` up to, not including, `to`, past midnight when `to` is earlier. */
const coveredMinutes = (hours: NonNullable<ReleaseConditions["hours"]>): ReadonlySet<number> => {
	const covered = new Set<number>();
	for (const { from, to } of hours) {
		for (let minute = minutesOf(from); minute !== minutesOf(to); minute = (minute + 1) % 1_440) covered.add(minute);
	}
	return covered;
};

const compareHours: Compare = (before, after, name) => {
	const [a, b] = [before, after].map((hours) =>
		hours === undefined ? undefined : coveredMinutes(hours as NonNullable<ReleaseConditions["hours"]>),
	);
	const everyMinute = new Set(Array.from({ length: 1_440 }, (_, minute) => minute));
	const [had, has] = [a ?? everyMinute, b ?? everyMinute];
	const came = [...has].filter((minute) => !had.has(minute)).length;
	const went = [...had].filter((minute) => !has.has(minute)).length;
	return [
		...(came === 0 ? [] : [arrival("wider", name, `${came} minutes of the day`)]),
		...(went === 0 ? [] : [departure("narrower", name, `${went} minutes of the day`)]),
	];
};

/** `any` is every known network; no list holds also where the network is not known. */
const compareNetworks: Compare = (before, after, name) => {
	const expand = (value: unknown): unknown => (Array.isArray(value) && value.includes("any") ? ["ethernet", "wifi", "cellular"] : value);
	return widerAsSetGrows(expand(before), expand(after), name);
};

/** Inside: more places are wider. Outside: whether more are wider hangs on how the places lie, so only its presence is compared. */
const comparePlaces: Compare = (before, after, name) => {
	if (before === undefined || after === undefined) return widerAsSetGrows(before, after, name);
	const outside: Compare = (a, b, what) => (a === undefined || b === undefined ? widerAsSetGrows(a, b, what) : unsure(a, b, what));
	return compareFields(Object(before), Object(after), { inside: widerAsSetGrows, outside }, `${name}.`);
};

const compareConditions: Compare = (before, after, name) => {
	if (before === undefined && after === undefined) return [];
	if (before === undefined) return [arrival("narrower", name, Object.keys(Object(after)).join(", "))];
	if (after === undefined) return [departure("wider", name, Object.keys(Object(before)).join(", "))];
	const table = { offsetMinutes: unsure, hours: compareHours, days: widerAsSetGrows, networks: compareNetworks, places: comparePlaces };
	return compareFields(Object(before), Object(after), table, `${name}.`);
};

/** A condition on signals only lowers, so having none is the widest; two conditions cannot be told apart. */
const compareWhen: Compare = (before, after, name) =>
	before === undefined || after === undefined ? widerAsSetGrows(before, after, name) : unsure(before, after, name);

const collectTable: Readonly<Record<string, Compare>> = {
	id: neutral,
	necessity: neutral,
	paths: widerAsPathsGrow,
	categories: widerAsSetGrows,
	everyMs: narrowerAsItGrows(0),
	when: compareWhen,
	trigger: unsure,
	preMs: widerAsItGrows(0),
	postMs: widerAsItGrows(0),
	cooldownMs: narrowerAsItGrows(0),
	maxReadings: widerAsItGrows(10_000),
};

const namesOf = (rules: readonly CollectRule[] | undefined): string => rules?.map(({ id }) => id).join(", ") ?? "";

/** Readings pass when any of the collect rules lets them: a rule more is wider; naming none at all is widest. */
const compareCollect = (before: readonly CollectRule[] | undefined, after: readonly CollectRule[] | undefined): readonly Finding[] => {
	if (before === undefined && after === undefined) return [];
	if (before === undefined) return [arrival("narrower", "collect", namesOf(after))];
	if (after === undefined) return [departure("wider", "collect", namesOf(before))];
	const kept = before.flatMap((rule) => {
		const same = after.find(({ id }) => id === rule.id);
		return same === undefined ? [] : [compareFields(rule, same, collectTable, `collect ${rule.id}.`)];
	});
	return [
		...compareSets(
			before.map(({ id }) => id),
			after.map(({ id }) => id),
			"collect",
		),
		...kept.flat(),
	];
};

/** A release rule with the collect rules that it names. */
export interface ResolvedRule {
	readonly rule: ReleaseRule;
	readonly collect: readonly CollectRule[] | undefined;
}

/** Evidence that is there may be what a floor asks for; whether another number is worth as much nobody can tell. */
const compareEvidencePart: Compare = (before, after, name) => {
	if (before === undefined && after === undefined) return [];
	if (before === undefined) return [arrival("wider", name, "named")];
	return after === undefined ? [departure("narrower", name, "named")] : unsure(before, after, name);
};

const compareEvidence: Compare = (before, after, name) =>
	compareFields(
		Object(before ?? {}),
		Object(after ?? {}),
		{ mapReviewNo: compareEvidencePart, geoProcessing: compareEvidencePart },
		`${name}.`,
	);

/** What `after` lets through of a reading that both rules name, compared with `before`. */
export const compareRules = (before: ResolvedRule, after: ResolvedRule): readonly Finding[] => [
	...compareTreatments(before.rule.treatments, after.rule.treatments),
	...compareCollect(before.collect, after.collect),
	...compareFields(before.rule, after.rule, {
		// Where and what it releases is compared elsewhere; the rest is words.
		id: neutral,
		outlet: neutral,
		purpose: neutral,
		necessity: neutral,
		categories: neutral,
		paths: neutral,
		treatments: neutral,
		collect: neutral,
		retentionDays: widerAsItGrows(Number.POSITIVE_INFINITY),
		conditions: compareConditions,
		evidence: compareEvidence,
	}),
];
