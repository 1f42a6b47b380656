/**
 * Facts of the fleet and of its handler that one unit cannot know, such as how many vehicles are served. A fact that is missing counts as
 * above every threshold (regulations G-13); a yes-or-no fact is 1 or 0, and missing means yes.
 */
import * as v from "valibot";

const factId = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"),
	v.maxLength(160),
);

export const FleetSchema = v.strictObject({
	kind: v.literal("fleet"),
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	issuedAt: v.pipe(v.string(), v.isoTimestamp()),
	/**
	 * The year that the facts of `handlerFacts` were counted in, from its 1 January (regulations 1.2). In any other year, and when absent,
	 * those facts count as missing.
	 */
	year: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2_020), v.maxValue(2_200))),
	facts: v.pipe(
		v.record(factId, v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))),
		v.check((facts) => Object.keys(facts).length <= 1_000, "at most 1000 facts"),
	),
});

/** Facts that decide the pathway (regulations 1.2): distinct persons since 1 January, and whether the handler runs critical infrastructure. */
export const handlerFacts = {
	/** 1 when the handler is an operator of critical information infrastructure. */
	isCiio: "handler.ciio",
	/** Distinct persons whose non-sensitive personal information went abroad. */
	persons: "handler.persons",
	/** Distinct persons whose sensitive personal information went abroad. */
	sensitivePersons: "handler.sensitive-persons",
} as const;

/**
 * The fact that says whether data of a category is important also by another rule than its own row: 0 when somebody established that it is
 * not. Exemptions E7 to E9 need it (regulations 1.3, the strict reading).
 */
export const otherwiseImportantFact = (categoryId: string): string => `otherwise-important.${categoryId}`;

export type Fleet = v.InferOutput<typeof FleetSchema>;
