/**
 * The patterns over VSS paths that a catalogue may hold. A catalogue decides what may leave, so its patterns are a small language that names
 * paths one by one and cannot run away:
 *
 * - letters, digits and `_` stand for themselves, `\.` for the dot between segments;
 * - `(a|b)` for either;
 * - `.*` for anything, once per pattern at the most, never next to nothing: a catch-all would map paths that nobody has classified.
 *
 * Without repeated groups the time of a match grows linearly with the path.
 */
const token = /\.\*|\\\.|[A-Za-z0-9_]+|[()|]/y;

/** What `cataloguePatternProblem` asks for, for messages. */
export const cataloguePatternRule =
	"expected letters, digits, _, \\. and (a|b) with at most one .* between fixed parts, such as Vehicle\\.Body\\.(Hood|Trunk)\\.IsOpen";

/** True when the text is in the language above. */
export const isCataloguePattern = (text: string): boolean => {
	let stars = 0;
	let depth = 0;
	let end = 0;
	for (token.lastIndex = 0; token.lastIndex < text.length; end = token.lastIndex) {
		const found = token.exec(text)?.[0];
		if (found === undefined) return false;
		if (found === ".*") stars += 1;
		if (found === "(") depth += 1;
		if (found === ")") depth -= 1;
		if (depth < 0 || (found === "|" && depth === 0)) return false;
	}
	if (depth !== 0 || end === 0) return false;
	// An empty alternative or group, or a star at either end or alone below the root, would match more than what is written.
	if (/\(\)|\(\||\|\)|\|\|/.test(text)) return false;
	return stars === 0 || (stars === 1 && /^[A-Za-z0-9_]+\\\..*\.\*(?:\\\.)?[A-Za-z0-9_(]/.test(text));
};

/**
 * Compiles patterns into one test of a whole path. No patterns match nothing.
 *
 * @throws SyntaxError never for patterns that passed `isCataloguePattern`.
 */
export const compileCataloguePatterns = (patterns: readonly string[]): ((path: string) => boolean) => {
	const tests = patterns.map(compilePattern);
	return (path) => tests.some((test) => test(path));
};

/** Tests the fixed text at the start first: most paths fail there, and engines compile a regular expression when it is first used. */
const compilePattern = (pattern: string): ((path: string) => boolean) => {
	const start = (/^(?:[A-Za-z0-9_]|\\\.)*/.exec(pattern)?.[0] ?? "").replaceAll("\\.", ".");
	const whole = new RegExp(`^(?:${pattern})$`);
	return (path) => path.startsWith(start) && whole.test(path);
};
