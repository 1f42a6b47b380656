/**
 * Conditions of AWS IoT FleetWise (its "logical expressions", language version 1) into conditions of a collect rule:
 *
 *     $variable.`Vehicle.Speed` > 80 && custom_function('abs', $variable.`Vehicle.X`) >= 3
 *     `Vehicle.Speed` > 80 && abs(`Vehicle.X`) >= 3
 *
 * Operators, numbers, texts and parentheses mean the same in both. Of functions only abs, min and max have a counterpart.
 */
import { compileCondition, conditionProblem } from "../../shared/condition.ts";

export type TranslatedExpression = { readonly when: string; readonly paths: readonly string[] } | { readonly problem: string };

/** The longest that FleetWise takes. */
const maxLength = 2_048;
const functions = ["abs", "min", "max"];
const token =
	/\s*(?:\$variable\.(?:`([^`\s]{1,300})`|([A-Za-z_]\w*(?:\.\w+)*))|custom_function\(\s*(?:'([^']*)'|"([^"]*)")\s*,|([A-Za-z_]\w*)|('[^']*'|"[^"]*"|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+|&&|\|\||[=!<>]=|[<>!+\-*/%(),]))/y;

/** Never throws; says what stands in the way. */
export const translateExpression = (expression: string): TranslatedExpression => {
	if (expression.length > maxLength) return { problem: `expected at most ${maxLength} characters` };
	const words: string[] = [];
	const end = expression.trimEnd().length;
	for (let at = 0; at < end; at = token.lastIndex) {
		token.lastIndex = at;
		const found = token.exec(expression);
		if (found === null) return { problem: `nothing known at character ${at + 1}` };
		const [, quoted, plain, single, double, word, other] = found;
		const path = quoted ?? plain;
		const name = single ?? double;
		if (path !== undefined) words.push(isPlain(path) ? path : `\`${path}\``);
		else if (name !== undefined) {
			if (!functions.includes(name)) return { problem: `the function "${name}" has no counterpart; there are ${functions.join(", ")}` };
			words.push(`${name}(`);
		} else if (word === "true" || word === "false" || (word !== undefined && functions.includes(word))) words.push(word);
		else if (word !== undefined) return { problem: `"${word}" has no counterpart` };
		else words.push(other ?? "");
	}
	const when = words.reduce((text, word) => (isTight(text, word) ? `${text}${word}` : `${text} ${word}`), "").trimStart();
	const problem = conditionProblem(when);
	return problem === undefined ? { when, paths: compileCondition(when).paths } : { problem };
};

/** No space between a parenthesis and what is in it, a function and its parenthesis, or before a comma. */
const isTight = (text: string, word: string): boolean =>
	text.endsWith("(") || text.endsWith("!") || word === ")" || word === "," || (word === "(" && /\b(?:abs|min|max)$/.test(text));

/** Needs no quotes: reads as a path of its own. */
const isPlain = (path: string): boolean => /^[A-Za-z_]\w*(?:\.\w+)+$/.test(path);
