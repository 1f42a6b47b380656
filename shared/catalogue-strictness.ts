/**
 * Compares two rows of catalogues: what the floor lets out, and what can raise it.
 */
import type { CatalogueRow, Floor, Requirement } from "./catalogue.ts";
import {
	arrival,
	type Compare,
	canonicalJson,
	compareFields,
	compareSets,
	departure,
	type Finding,
	mirror,
	narrowerAsItGrows,
	narrowerWhenTrue,
	neutral,
	ranked,
	sameJson,
	unsure,
	widerAsItGrows,
	widerAsSetGrows,
	widerWhenTrue,
} from "./strictness.ts";
import { levels } from "./tag.ts";

/** The higher the level, the narrower. */
const levelOrder = ranked([...levels].reverse());

/** A minimum is stricter than none; two are compared when they are of one option. */
const compareMinimum: Compare = (before, after, name) => {
	if (before === undefined || after === undefined) return widerAsSetGrows(before, after, name);
	return compareFields(Object(before), Object(after), { value: narrowerAsItGrows(0) }, `${name}.`);
};

/** Exceptions: each lets more out, and no list is none. */
const widerAsListed: Compare = (before, after, name) =>
	compareSets(Array.isArray(before) ? before : [], Array.isArray(after) ? after : [], name);

const requirementTables: Readonly<Record<string, Readonly<Record<string, Compare>>>> = {
	treatment: { anyOf: widerAsSetGrows, minimum: compareMinimum },
	destination: { noneOf: (before, after, name) => mirror(widerAsSetGrows(before, after, name)) },
	purpose: { anyOf: widerAsSetGrows },
	"map-review": { except: widerAsListed },
	"geo-processing": { except: widerAsListed },
	retention: { maxDays: widerAsItGrows(Number.POSITIVE_INFINITY) },
};

const describeNeed = (need: Requirement): string => canonicalJson(need);

/** Requirements that are gone let more out, new ones less. Two of one kind are compared with each other when there is but one on each side. */
const compareRequirements = (before: readonly Requirement[], after: readonly Requirement[], name: string): readonly Finding[] => {
	const went = before.filter((need) => !after.some((other) => sameJson(need, other)));
	const came = after.filter((need) => !before.some((other) => sameJson(need, other)));
	const kinds = [...new Set([...went, ...came].map(({ need }) => need))].sort();
	return kinds.flatMap((kind) => {
		const [gone, fresh] = [went, came].map((list) => list.filter(({ need }) => need === kind)) as [Requirement[], Requirement[]];
		const [only, other] = [gone[0], fresh[0]];
		if (only !== undefined && other !== undefined && gone.length === 1 && fresh.length === 1)
			return compareFields(only, other, { ...requirementTables[kind], need: neutral }, `${name}.${kind}.`);
		return [
			...gone.map((need) => departure("wider", name, describeNeed(need))),
			...fresh.map((need) => arrival("narrower", name, describeNeed(need))),
		];
	});
};

const compareFloors: Compare = (before, after, name) => {
	const [a, b] = [before, after] as [Floor, Floor];
	// What a floor asks for counts only where it lets anything out at all.
	const asks = (floor: Floor): readonly Requirement[] => (floor.effect === "upload" ? floor.requires : []);
	const both = a.effect === "upload" && b.effect === "upload";
	return [
		...ranked(["drop", "vault", "upload"])(a.effect, b.effect, `${name}.effect`),
		...(both ? compareRequirements(asks(a), asks(b), `${name}.requires`) : []),
		...compareFields(a, b, { effect: neutral, requires: neutral, text: neutral, otherwise: ranked(["drop", "vault"]) }, `${name}.`),
	];
};

/** Thresholds of a row: a number that raises a row lets more out as it grows, and a number that was not found (null) always raises. */
const compareThresholds =
	(raising: readonly (string | undefined)[]): Compare =>
	(before, after, name) => {
		const [a, b] = [before, after] as [CatalogueRow["thresholds"], CatalogueRow["thresholds"]];
		return [...new Set([...a, ...b].map(({ id }) => id))].sort().flatMap((id): readonly Finding[] => {
			const [was, is] = [a, b].map((list) => list.find((each) => each.id === id));
			if (was === undefined || is === undefined)
				return [{ direction: "unsure", part: `${name}.${id}`, before: was && "there", after: is && "there" }];
			const value = raising.includes(id) ? widerAsItGrows(Number.NEGATIVE_INFINITY) : unsure;
			return compareFields(was, is, { value, id: neutral, source: neutral, certainty: neutral }, `${name}.${id}.`);
		});
	};

/** A row that can rise has risen always, unless a fact says when: so naming a fact lets more out. A row that cannot rise has no use for one. */
const compareRaising =
	(canRise: boolean): Compare =>
	(before, after, name) =>
		!canRise
			? []
			: before === undefined || after === undefined
				? mirror(widerAsSetGrows(before, after, name))
				: unsure(before, after, name);

const compareRise: Compare = (before, after, name) => {
	if (before === undefined && after !== undefined) return [arrival("narrower", name, String(after))];
	if (before !== undefined && after === undefined) return [departure("wider", name, String(before))];
	return before === undefined ? [] : levelOrder(before, after, name);
};

/** Findings on one row that both catalogues have. Which readings it maps is compared by the caller, since that is a matter of all rows. */
export const compareCatalogueRows = (before: CatalogueRow, after: CatalogueRow): readonly Finding[] =>
	compareFields(before, after, {
		id: neutral,
		title: neutral,
		condition: neutral,
		citations: neutral,
		match: neutral,
		level: levelOrder,
		canRiseTo: compareRise,
		raisedByFact: compareRaising(before.canRiseTo !== undefined && after.canRiseTo !== undefined),
		zone: unsure,
		surveying: narrowerWhenTrue,
		statutory: widerWhenTrue,
		home: compareFloors,
		abroad: compareFloors,
		thresholds: compareThresholds([before.raisedByFact?.threshold, after.raisedByFact?.threshold]),
	});
