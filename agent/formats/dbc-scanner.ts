/**
 * Reads one DBC statement from left to right: words, single marks and quoted strings. Nothing throws; what is not there is undefined.
 */

const marks = new Set([":", "|", "@", "(", ")", "[", "]", ",", ";", '"']);

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0;

export class DbcScanner {
	readonly #text: string;
	#at = 0;

	constructor(text: string) {
		this.#text = text;
	}

	#skipSpace(): void {
		while (this.#at < this.#text.length && isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
	}

	/** True when only white space is left. */
	atEnd(): boolean {
		this.#skipSpace();
		return this.#at >= this.#text.length;
	}

	/** The next run of characters that are neither white space nor one of `: | @ ( ) [ ] , ; "`. */
	word(): string | undefined {
		this.#skipSpace();
		const start = this.#at;
		while (this.#at < this.#text.length && !isSpace(this.#text.charCodeAt(this.#at)) && !marks.has(this.#text.charAt(this.#at))) this.#at++;
		return this.#at > start ? this.#text.slice(start, this.#at) : undefined;
	}

	/** Takes the mark if it comes next. */
	mark(mark: string): boolean {
		this.#skipSpace();
		if (this.#text.charAt(this.#at) !== mark) return false;
		this.#at++;
		return true;
	}

	/** A whole number without a sign, at most 15 digits. */
	count(): number | undefined {
		const word = this.word();
		return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : undefined;
	}

	/** A string in double quotes; `\"` stands for a quote. One that is not closed ends with the text. */
	quoted(): string | undefined {
		this.#skipSpace();
		if (this.#text.charAt(this.#at) !== '"') return undefined;
		let value = "";
		let start = ++this.#at;
		for (; this.#at < this.#text.length; this.#at++) {
			const char = this.#text.charAt(this.#at);
			if (char === "\\" && this.#text.charAt(this.#at + 1) === '"') {
				value += this.#text.slice(start, this.#at);
				start = ++this.#at;
			} else if (char === '"') break;
		}
		value += this.#text.slice(start, this.#at);
		this.#at++;
		return value;
	}

	/** What was not read yet. */
	rest(): string {
		return this.#text.slice(this.#at);
	}
}
