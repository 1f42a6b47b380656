/**
 * How much more or less one part of a law lets out than another: the small algebra that `law-diff.ts` is made of.
 *
 * A finding is wider, narrower, or unsure; unsure counts as both, since what cannot be told must be treated as widening, and since comparing
 * the other way round must give the mirror image. No findings mean that nothing which leaves differs.
 */
export type Direction = "wider" | "narrower" | "unsure";

export interface Finding {
	readonly direction: Direction;
	/** The part that differs, such as `retentionDays`. */
	readonly part: string;
	/** The old value for a person; undefined when something came that was not there. */
	readonly before: string | undefined;
	/** The new value for a person; undefined when something went. */
	readonly after: string | undefined;
}

/** What differs, in words: `retentionDays 30 -> 90`, `collect: braking is gone`. */
export const describeFinding = ({ part, before, after }: Finding): string => {
	if (before === undefined) return `${part}: ${after} is new`;
	return after === undefined ? `${part}: ${before} is gone` : `${part} ${before} -> ${after}`;
};

/** Compares one part, old and new. */
export type Compare = (before: unknown, after: unknown, name: string) => readonly Finding[];

/** Equal as JSON values: the order of keys does not count, that of lists does; a key without a value is no key. */
export const sameJson = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);

/** JSON text with sorted keys, so that equal values have equal texts. Undefined is the empty text. */
export const canonicalJson = (value: unknown): string => {
	const text = JSON.stringify(value, (_key, each: unknown) =>
		isRecord(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
	);
	return text ?? "";
};

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

const maxShown = 60;

const show = (value: unknown): string => {
	if (value === undefined) return "absent";
	const text = typeof value === "string" ? value : canonicalJson(value);
	return text.length > maxShown ? `${text.slice(0, maxShown)}...` : text;
};

const differs = (direction: Direction, part: string, before: unknown, after: unknown): readonly Finding[] => [
	{ direction, part, before: show(before), after: show(after) },
];

/** Changes of it change nothing that leaves. */
export const neutral: Compare = () => [];

/** Nothing is known of its order: any change is unsure. */
export const unsure: Compare = (before, after, name) => (sameJson(before, after) ? [] : differs("unsure", name, before, after));

/** A number that lets more out as it grows; absent and null count as `absent`. */
export const widerAsItGrows =
	(absent: number): Compare =>
	(before, after, name) => {
		const [a, b] = [before ?? absent, after ?? absent];
		if (typeof a !== "number" || typeof b !== "number" || Number.isNaN(a) || Number.isNaN(b)) return unsure(before, after, name);
		return a === b ? [] : differs(b > a ? "wider" : "narrower", name, before, after);
	};

/** A number that lets less out as it grows; absent and null count as `absent`. */
export const narrowerAsItGrows =
	(absent: number): Compare =>
	(before, after, name) =>
		mirror(widerAsItGrows(absent)(before, after, name));

/** An instant (ISO 8601) until which something holds: later is wider. */
export const widerAsLater: Compare = (before, after, name) => {
	const [a, b] = [Date.parse(String(before)), Date.parse(String(after))];
	if (Number.isNaN(a) || Number.isNaN(b)) return unsure(before, after, name);
	return a === b ? [] : differs(b > a ? "wider" : "narrower", name, before, after);
};

/** One of a list of words, from the strictest to the widest; absent counts as `absent`. */
export const ranked =
	(words: readonly string[], absent?: string): Compare =>
	(before, after, name) => {
		const [a, b] = [words.indexOf(String(before ?? absent)), words.indexOf(String(after ?? absent))];
		if (a < 0 || b < 0) return unsure(before, after, name);
		return a === b ? [] : differs(b > a ? "wider" : "narrower", name, before, after);
	};

/** A flag that lets more out when it is true; absent is false. */
export const widerWhenTrue: Compare = (before, after, name) =>
	(before === true) === (after === true) ? [] : differs(after === true ? "wider" : "narrower", name, before === true, after === true);

export const narrowerWhenTrue: Compare = (before, after, name) => mirror(widerWhenTrue(before, after, name));

/** A set of which more entries let more out. Absent is everything. */
export const widerAsSetGrows: Compare = (before, after, name) => {
	if (before === undefined && after === undefined) return [];
	if (before === undefined) return differs("narrower", name, before, after);
	if (after === undefined) return differs("wider", name, before, after);
	return compareSets(listOf(before), listOf(after), name);
};

/** Entries that came let more out, entries that went let less out. Absent is empty. */
export const compareSets = (before: readonly unknown[], after: readonly unknown[], name: string): readonly Finding[] => {
	const [a, b] = [new Set(before.map(canonicalJson)), new Set(after.map(canonicalJson))];
	const came = after.filter((each) => !a.has(canonicalJson(each)));
	const went = before.filter((each) => !b.has(canonicalJson(each)));
	return [...came.map((each) => arrival("wider", name, show(each))), ...went.map((each) => departure("narrower", name, show(each)))];
};

/** Something came. */
export const arrival = (direction: Direction, part: string, after: string): Finding => ({ direction, part, before: undefined, after });

/** Something went. */
export const departure = (direction: Direction, part: string, before: string): Finding => ({ direction, part, before, after: undefined });

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** The same differences with the opposite meaning: for a part of which more means less. */
export const mirror = (findings: readonly Finding[]): readonly Finding[] =>
	findings.map((finding) => ({
		...finding,
		direction: finding.direction === "unsure" ? "unsure" : finding.direction === "wider" ? "narrower" : "wider",
	}));

/** The same findings as from new to old. */
export const reverse = (findings: readonly Finding[]): readonly Finding[] =>
	mirror(findings).map(({ direction, part, before, after }) => ({ direction, part, before: after, after: before }));

/**
 * Compares two objects field by field. A field that the table does not name is unsure when it differs: a law of a newer build must not pass
 * as unchanged here.
 */
export const compareFields = (
	before: Readonly<Record<string, unknown>>,
	after: Readonly<Record<string, unknown>>,
	table: Readonly<Record<string, Compare>>,
	prefix = "",
): readonly Finding[] =>
	[...new Set([...Object.keys(before), ...Object.keys(after)])]
		.sort()
		.flatMap((field) =>
			(Object.hasOwn(table, field) ? (table[field] ?? unsure) : unsure)(before[field], after[field], `${prefix}${field}`),
		);
