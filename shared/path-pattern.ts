/**
 * Patterns over paths, the same in a policy's `paths` and in treatments: a whole path (`Vehicle.Speed`), or a path and `.*` for all that lies
 * below it, one or more segments deep (`Vehicle.Body.*` does not match `Vehicle.Body` itself). Nothing else is a wildcard, and letters count
 * as they are written.
 */
import { KerbError } from "./errors.ts";

const maxPatternLength = 300;
const maxPatterns = 500;

/** A lone `*` is no pattern: who means all paths leaves the patterns out. */
const pattern = /^[^\s.*]+(?:\.[^\s.*]+)*(?:\.\*)?$/;

/** What `isPathPattern` asks for, for messages. */
export const pathPatternRule = `a path such as Vehicle.Speed, or one ending in .* for all below it, of at most ${maxPatternLength} characters`;

/** True for a well-formed pattern. */
export const isPathPattern = (text: string): boolean => text.length <= maxPatternLength && pattern.test(text);

/**
 * Compiles patterns into one test of a path: true when any pattern matches, false for no patterns at all. The time of a test grows with the
 * path's length, not with the number of patterns.
 *
 * @throws KerbError LAW_INVALID when there are more than 500 patterns or one is malformed; `problems` names each by its index.
 */
export const compilePathPatterns = (patterns: readonly string[]): ((path: string) => boolean) => {
	const problems = patterns.flatMap((text, index) => (isPathPattern(text) ? [] : [`paths[${index}]: expected ${pathPatternRule}`]));
	if (patterns.length > maxPatterns) problems.push(`paths: expected at most ${maxPatterns} patterns, got ${patterns.length}`);
	if (problems.length > 0) throw new KerbError("LAW_INVALID", `path patterns: ${problems.join("; ")}`, { problems });

	const whole = new Set(patterns.filter((text) => !text.endsWith(".*")));
	const subtrees = new Set(patterns.filter((text) => text.endsWith(".*")).map((text) => text.slice(0, -2)));
	if (subtrees.size === 0) return (path) => whole.has(path);
	return (path) => {
		if (whole.has(path)) return true;
		// A dot at the very end has no segment after it, so nothing lies below.
		for (let dot = path.indexOf("."); dot !== -1 && dot < path.length - 1; dot = path.indexOf(".", dot + 1)) {
			if (subtrees.has(path.slice(0, dot))) return true;
		}
		return false;
	};
};
