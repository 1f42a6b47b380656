/**
 * The finite cases of paths: for a set of patterns (`path-pattern.ts`), one path of each class that the patterns can tell apart. Comparing two
 * laws on these compares them on every path there is.
 */
import { compilePathPatterns } from "./path-pattern.ts";

export interface PathClass {
	/** A path of the class. */
	readonly sample: string;
	/** What the class is called for a person: the pattern, or `other paths`. */
	readonly name: string;
}

/** No path that a person writes has this segment. */
const fresh = "\u0001";

/**
 * Each whole path is a class; each subtree's remaining paths are one; all other paths are one. A pattern can tell apart no two paths of a
 * class: it is a whole path or a prefix that ends at a segment, and each of those is among the samples.
 */
export const pathClasses = (patterns: readonly string[]): readonly PathClass[] => [
	{ sample: fresh, name: "other paths" },
	...[...new Set(patterns)].sort().map((name) => ({ sample: name.endsWith(".*") ? `${name.slice(0, -1)}${fresh}` : name, name })),
];

/** How the paths that match `after` compare with those that match `before`; undefined matches every path. */
export const comparePathSets = (
	before: readonly string[] | undefined,
	after: readonly string[] | undefined,
): { readonly came: readonly string[]; readonly went: readonly string[] } => {
	const [inBefore, inAfter] = [before, after].map((patterns) => (patterns === undefined ? () => true : compilePathPatterns(patterns)));
	const differing = pathClasses([...(before ?? []), ...(after ?? [])]).filter(({ sample }) => inBefore?.(sample) !== inAfter?.(sample));
	const namesOf = (inside: boolean) => differing.filter(({ sample }) => inAfter?.(sample) === inside).map(({ name }) => name);
	return { came: namesOf(true), went: namesOf(false) };
};
