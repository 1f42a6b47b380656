/**
 * The kill switch (regulations G-30): signed, so that only a signed document opens again what it closed. It wins over everything, statutory
 * flows included.
 */
import * as v from "valibot";

const id = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"),
	v.maxLength(120),
);

export const HaltSchema = v.strictObject({
	kind: v.literal("halt"),
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	issuedAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
	/** Nothing leaves at all. */
	all: v.boolean(),
	/** Nothing leaves by these outlets. */
	outlets: v.pipe(v.array(id), v.maxLength(32)),
	/** Nothing of these categories leaves, nor of any that lies below: `cabin` halts `cabin.image` too. */
	categories: v.pipe(v.array(id), v.maxLength(1_000)),
});

export type Halt = v.InferOutput<typeof HaltSchema>;

/** True when nothing of the category may leave by the outlet. No halt document halts nothing. */
export const isHalted = (halt: Halt | undefined, outletId: string, categoryId: string): boolean =>
	halt !== undefined &&
	(halt.all ||
		halt.outlets.includes(outletId) ||
		halt.categories.some((halted) => categoryId === halted || categoryId.startsWith(`${halted}.`)));

/**
 * The names in a halt that close nothing: a slip in a kill switch must be found before somebody relies on it.
 *
 * @param outletIds Of every outlet that any unit may have.
 * @param categoryIds Of every row of its catalogues.
 */
export const idleHalts = (halt: Halt, outletIds: Iterable<string>, categoryIds: Iterable<string>): readonly string[] => {
	const [outlets, categories] = [new Set(outletIds), [...categoryIds]];
	return [
		...halt.outlets.filter((name) => !outlets.has(name)).map((name) => `there is no outlet "${name}" to halt`),
		...halt.categories
			.filter((name) => !categories.some((each) => each === name || each.startsWith(`${name}.`)))
			.map((name) => `there is no category "${name}", and none below it, to halt`),
	];
};
