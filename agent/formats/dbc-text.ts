/**
 * Turns the bytes of a DBC file into statements.
 *
 * BO_, SG_ and the header sections end with their line; all others end with `;` and may go over several lines, as comments do. Real files miss
 * semicolons and closing quotes, so a line that can only be the start of another statement ends the one before it.
 */

export interface DbcStatement {
	/** Such as `BO_`; empty for text that belongs to nothing. */
	readonly keyword: string;
	/** What follows the keyword, without the final `;`. */
	readonly text: string;
	/** Of its first character, from 1. */
	readonly line: number;
}

export type ReportDbcProblem = (line: number, text: string) => void;

const lineStatements = new Set(["BO_", "SG_", "BU_", "BS_", "VERSION", "NS_"]);

const closedStatements = new Set(
	(
		"VAL_TABLE_ BO_TX_BU_ EV_ EV_DATA_ ENVVAR_DATA_ SGTYPE_ SGTYPE_VAL_ CM_ BA_DEF_ BA_DEF_SGTYPE_ BA_SGTYPE_ SIG_TYPE_REF_ SIG_GROUP_ " +
		"SIG_VALTYPE_ SIGTYPE_VALTYPE_ BA_DEF_DEF_ BA_ VAL_ CAT_DEF_ CAT_ FILTER BA_DEF_REL_ BA_REL_ BA_DEF_DEF_REL_ BU_SG_REL_ BU_EV_REL_ " +
		"BU_BO_REL_ SG_MUL_VAL_"
	).split(" "),
);

/** Inside an open string only a line like these is taken for a new statement; prose may well begin with a keyword. */
const surelyStatement =
	/^\s*(?:BO_\s+\d+\s+[^\s:]+\s*:|SG_\s[^|"]{1,300}\|\s*\d+\s*@|CM_\s+(?:(?:BO_|SG_|BU_|EV_)\s|")|BA_(?:DEF_|DEF_DEF_|REL_|DEF_REL_|DEF_DEF_REL_)?\s+(?:"|BO_|SG_|BU_|EV_)|VAL_\s+\S+\s+(?:\S+\s+)?-?\d+\s+"|VAL_TABLE_\s+\S+\s+-?\d+\s+"|(?:SIG_GROUP_|SIG_VALTYPE_|SG_MUL_VAL_|BO_TX_BU_)\s+\d)/;

const firstWord = /^\s*([A-Za-z][A-Za-z0-9_]*)(?=[\s:"]|$)/;

/** UTF-8 when the bytes are valid UTF-8, windows-1252 otherwise: the two that tools write; the format itself names none. */
export const decodeDbcText = (bytes: Uint8Array): string => {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		return new TextDecoder("windows-1252").decode(bytes);
	}
};

const keywordOf = (line: string): string | undefined => {
	const word = firstWord.exec(line)?.[1];
	if (word === undefined) return undefined;
	return lineStatements.has(word) || closedStatements.has(word) || /^[A-Z][A-Z0-9_]*_$/.test(word) ? word : undefined;
};

/** Where the closed statement ends in `line` from `from` on, or the state at the end of the line. */
interface Scan {
	/** Index of the final `;`, or -1. */
	readonly end: number;
	readonly inString: boolean;
}

const scanPlain = (line: string, from: number, inString: boolean): Scan => {
	for (let i = from; i < line.length; i++) {
		const char = line.charAt(i);
		if (char === "\\" && inString) i++;
		else if (char === '"') inString = !inString;
		else if (char === "/" && !inString && line.charAt(i + 1) === "/") break;
		else if (char === ";" && !inString) return { end: i, inString: false };
	}
	return { end: -1, inString };
};

/** In a comment only a quote before the final `;` closes: people write quotes inside quotes. */
const scanComment = (line: string, from: number, inString: boolean): Scan => {
	for (let i = from; i < line.length; i++) {
		const char = line.charAt(i);
		if (!inString) {
			if (char === '"') inString = true;
			else if (char === ";") return { end: i, inString: false };
		} else if (char === "\\") i++;
		else if (char === '"') {
			let next = i + 1;
			while (line.charAt(next) === " " || line.charAt(next) === "\t") next++;
			if (next >= line.length) return { end: -1, inString: false };
			if (line.charAt(next) !== ";") continue;
			const after = line.slice(next + 1, next + 40);
			if (/^\s*(?:$|\/\/)/.test(after) || keywordOf(after) !== undefined) return { end: next, inString: false };
		}
	}
	return { end: -1, inString };
};

/** Takes a `//` remark off a line; some tools write them. */
const withoutRemark = (line: string): string => {
	let inString = false;
	for (let i = 0; i < line.length; i++) {
		const char = line.charAt(i);
		if (char === '"') inString = !inString;
		else if (char === "/" && !inString && line.charAt(i + 1) === "/") return line.slice(0, i);
	}
	return line;
};

/** Cuts the text of a file into statements; every oddity is reported. Work and memory are linear in the text. */
export function* dbcStatements(text: string, report: ReportDbcProblem): Generator<DbcStatement> {
	const lines = text.split(/\r\n|\n|\r/);
	let inNames = false;
	/** Lines that may be read a second time: a bound on what many unclosed strings can cost. */
	let rereads = lines.length;
	for (let i = 0; i < lines.length; i++) {
		const line = lines[i] ?? "";
		if (/^\s*(?:$|\/\/)/.test(line)) continue;
		const keyword = keywordOf(line);
		const body = keyword === undefined ? line : line.slice(line.indexOf(keyword) + keyword.length);
		if (inNames && /^\s*[A-Za-z_]+\s*$/.test(line)) continue;
		inNames = keyword === "NS_";
		if (keyword === undefined) {
			yield { keyword: "", text: line, line: i + 1 };
			continue;
		}
		if (lineStatements.has(keyword)) {
			const next = keyword === "BO_" ? body.search(/\sSG_\s/) : -1;
			yield { keyword, text: next < 0 ? withoutRemark(body) : body.slice(0, next), line: i + 1 };
			if (next >= 0) lines[i--] = body.slice(next);
			continue;
		}
		const scan = keyword === "CM_" ? scanComment : scanPlain;
		const parts: string[] = [];
		let part = body;
		let state = scan(part, 0, false);
		let last = i;
		while (state.end < 0) {
			const next = lines[last + 1];
			if (next === undefined || (state.inString ? surelyStatement.test(next) : keywordOf(next) !== undefined)) break;
			parts.push(state.inString ? part : withoutRemark(part));
			part = next;
			last++;
			state = scan(part, 0, state.inString);
		}
		if (state.end < 0) {
			report(i + 1, state.inString ? `${keyword} has a string that is not closed` : `${keyword} does not end with ';'`);
			// What an open string swallowed up to the end of the file may be anything: only the first line is the statement's for sure.
			if (state.inString && parts.length > 0 && rereads > parts.length) {
				rereads -= parts.length;
				yield { keyword, text: parts[0] ?? "", line: i + 1 };
				continue;
			}
		}
		parts.push(state.end < 0 ? part : part.slice(0, state.end));
		yield { keyword, text: parts.join("\n"), line: i + 1 };
		const left = state.end < 0 ? "" : part.slice(state.end + 1);
		if (left.trim() === "") i = last;
		else {
			lines[last] = left;
			i = last - 1;
		}
	}
}
