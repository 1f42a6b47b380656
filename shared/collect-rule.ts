/**
 * A collect rule: which readings are worth keeping at hand, how often, and around which events. It lowers what a release rule that names it
 * may take; it never lets anything out by itself.
 */
import * as v from "valibot";
import { conditionProblem } from "./condition.ts";
import { maxConditionLength } from "./condition-tokens.ts";
import { isPathPattern, pathPatternRule } from "./path-pattern.ts";

const id = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"),
	v.maxLength(120),
);
const wholeMs = (from: number, to: number) => {
	const range = `expected whole milliseconds from ${from} to ${to}`;
	return v.pipe(v.number(), v.integer(range), v.minValue(from, range), v.maxValue(to, range));
};

const condition = v.pipe(
	v.string(),
	v.minLength(1),
	v.maxLength(maxConditionLength),
	v.rawCheck(({ dataset, addIssue }) => {
		const problem = dataset.typed ? conditionProblem(dataset.value) : undefined;
		if (problem !== undefined) addIssue({ message: problem });
	}),
);

export const maxPreMs = 60_000;
export const maxPostMs = 600_000;
/** Readings that one rule may hold or let through for one event. */
export const maxCollectReadings = 100_000;

export const CollectRuleSchema = v.pipe(
	v.strictObject({
		id,
		/** Why the purpose cannot do without the data (regulations P-03). */
		necessity: v.pipe(v.string(), v.minLength(10), v.maxLength(500)),
		/** The paths that it is about (path-pattern.ts); together with `categories` both must hold. */
		paths: v.optional(v.pipe(v.array(v.pipe(v.string(), v.check(isPathPattern, pathPatternRule))), v.minLength(1), v.maxLength(500))),
		categories: v.optional(v.pipe(v.array(id), v.minLength(1), v.maxLength(100))),
		/** At most one reading per source and path in so long a time. */
		everyMs: v.optional(wholeMs(1, 86_400_000)),
		/** A condition over signals (condition.ts); absent: always. */
		when: v.optional(condition),
		/** `edge`: an event is the condition becoming true. `level`: every reading that finds it true is one. */
		trigger: v.optional(v.picklist(["edge", "level"]), "edge"),
		/** Readings so much older than an event go with it. */
		preMs: v.optional(wholeMs(0, maxPreMs), 0),
		/** Readings so much younger than an event go with it. */
		postMs: v.optional(wholeMs(0, maxPostMs), 0),
		/** After an event no other counts for so long. */
		cooldownMs: v.optional(wholeMs(0, 86_400_000), 0),
		/** Readings held for an event yet to come, and those that go with one event: each at the most so many. */
		maxReadings: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxCollectReadings)), 10_000),
	}),
	v.check((rule) => rule.paths !== undefined || rule.categories !== undefined, "a collect rule names paths, categories or both"),
	v.check(
		(rule) => rule.when !== undefined || (rule.preMs === 0 && rule.postMs === 0 && rule.cooldownMs === 0 && rule.trigger === "edge"),
		"trigger, preMs, postMs and cooldownMs are about events, so they need `when`",
	),
);

export type CollectRule = v.InferOutput<typeof CollectRuleSchema>;
