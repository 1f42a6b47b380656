/**
 * The words of a condition (condition.ts): numbers, texts, signal paths and signs, each with its place.
 */
import { KerbError } from "./errors.ts";

/** Characters of one condition. */
export const maxConditionLength = 1_000;

const number = /(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/;
/** Quoted with ' or ", without escapes; paths with unusual characters stand between backticks. */
const text = /'([^']*)'|"([^"]*)"/;
const path = /`([^`\s]+)`|([A-Za-z_]\w*(?:\.\w+)*)/;
const sign = /(&&|\|\||[=!<>]=|[<>!+\-*/%(),])/;
const token = new RegExp(`\\s*(?:${number.source}|${text.source}|${path.source}|${sign.source})`, "y");

export type ConditionToken =
	| { readonly kind: "number"; readonly value: number; readonly at: number }
	| { readonly kind: "text"; readonly value: string; readonly at: number }
	/** A path, or a word such as `true` or `abs`; `quoted` is always a path. */
	| { readonly kind: "path"; readonly value: string; readonly quoted: boolean; readonly at: number }
	| { readonly kind: "sign"; readonly value: string; readonly at: number }
	| { readonly kind: "end"; readonly value: ""; readonly at: number };

/** @throws KerbError LAW_INVALID when it is too long, or holds what is no word of the language; the message names the place. */
export const conditionTokens = (condition: string): readonly ConditionToken[] => {
	if (condition.length > maxConditionLength)
		throw new KerbError("LAW_INVALID", `condition: expected at most ${maxConditionLength} characters, got ${condition.length}`);
	const tokens: ConditionToken[] = [];
	const end = condition.trimEnd().length;
	for (let at = 0; at < end; at = token.lastIndex) {
		token.lastIndex = at;
		const found = token.exec(condition);
		if (found === null) throw new KerbError("LAW_INVALID", `condition: nothing known at character ${at + 1}`);
		tokens.push(tokenOf(found, token.lastIndex - found[0].trimStart().length));
	}
	tokens.push({ kind: "end", value: "", at: end });
	return tokens;
};

const tokenOf = ([, digits, single, double, quoted, plain, mark]: RegExpExecArray, at: number): ConditionToken => {
	if (digits !== undefined) return { kind: "number", value: Number(digits), at };
	const words = single ?? double;
	if (words !== undefined) return { kind: "text", value: words, at };
	if (quoted !== undefined) return { kind: "path", value: quoted, quoted: true, at };
	if (plain !== undefined) return { kind: "path", value: plain, quoted: false, at };
	return { kind: "sign", value: mark ?? "", at };
};
