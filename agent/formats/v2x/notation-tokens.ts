/**
 * Cuts the text of the schema notation into tokens that know their line.
 */
import { KerbError } from "../../../shared/errors.ts";

export interface NotationToken {
	/** `extensible` is `,...` without a space: it belongs to the range before it, while `...` is the marker of a group of its own. */
	readonly kind: "name" | "number" | "quoted" | "mark" | "extensible" | "end";
	readonly text: string;
	readonly line: number;
}

const pattern =
	/(?<blank>[ \t\r]+|#[^\n]*)|(?<newline>\n)|(?<number>-?\d+(?:\.\d+)?(?:e-?\d+)?(?![\w-]))|(?<name>[A-Za-z0-9_][\w-]*)|"(?<quoted>[^"\n]*)"|(?<extensible>,\.\.\.)|(?<mark>\.\.\.|\.\.|\[\[|\]\]|[={}[\]:,?@!*])/y;

/** An error in a schema. @returns KerbError FORMAT_INVALID that names the line, counted from 1 */
export const notationError = (line: number, problem: string): KerbError =>
	new KerbError("FORMAT_INVALID", `schema notation, line ${line}: ${problem}`);

/** The tokens in order; the last is `end`. @throws KerbError FORMAT_INVALID for a character that the notation does not have */
export const notationTokens = (text: string): readonly NotationToken[] => {
	const tokens: NotationToken[] = [];
	let line = 1;
	for (pattern.lastIndex = 0; pattern.lastIndex < text.length; ) {
		const at = pattern.lastIndex;
		const groups = pattern.exec(text)?.groups;
		if (groups === undefined) throw notationError(line, `expected a name, a number or a mark, got ${JSON.stringify(text[at])}`);
		if (groups.newline !== undefined) line += 1;
		for (const kind of ["number", "name", "quoted", "extensible", "mark"] as const) {
			const found = groups[kind];
			if (found !== undefined) tokens.push({ kind, text: found, line });
		}
	}
	tokens.push({ kind: "end", text: "the end of the text", line });
	return tokens;
};
