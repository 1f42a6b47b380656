/**
 * ASN.1 text cut into words: references, numbers, quoted strings, and the signs of X.680 clause 12. Comments are left out.
 */
const words =
	/--(?:(?!--)[^\n\r])*(?:--|(?=[\n\r])|$)|\/\*[\s\S]*?\*\/|"(?:[^"]|"")*"|&?[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*|\d+|::=|\.\.\.|\.\.|\[\[|\]\]|[{}()[\],;:|@.<>^!-]/g;

/** The words in order. @throws Error when something between them is none. */
export const asn1Tokens = (text: string): readonly string[] => {
	const tokens: string[] = [];
	let end = 0;
	for (const match of text.matchAll(words)) {
		const between = text.slice(end, match.index);
		if (between.trim() !== "") throw new Error(`not ASN.1: ${between.trim().slice(0, 40)}`);
		end = match.index + match[0].length;
		if (!match[0].startsWith("--") && !match[0].startsWith("/*")) tokens.push(match[0]);
	}
	return tokens;
};

/** Reads words one after the other. */
export class Tokens {
	#tokens: readonly string[];
	#at = 0;

	constructor(tokens: readonly string[]) {
		this.#tokens = tokens;
	}

	get done(): boolean {
		return this.#at >= this.#tokens.length;
	}

	/** The word `ahead` words further; "" behind the end. */
	peek(ahead = 0): string {
		return this.#tokens[this.#at + ahead] ?? "";
	}

	next(): string {
		const token = this.#tokens[this.#at];
		if (token === undefined) throw new Error("the ASN.1 text ends too early");
		this.#at += 1;
		return token;
	}

	/** Takes the words if they are next. */
	take(...expected: readonly string[]): boolean {
		if (!expected.every((word, index) => this.peek(index) === word)) return false;
		this.#at += expected.length;
		return true;
	}

	expect(...expected: readonly string[]): void {
		for (const word of expected) {
			const token = this.next();
			if (token !== word)
				throw new Error(`expected ${word} but found ${token} before ${this.#tokens.slice(this.#at, this.#at + 8).join(" ")}`);
		}
	}

	/** The words inside the bracket that is next, which is taken with its counterpart. */
	bracket(open: string, close: string): readonly string[] {
		this.expect(open);
		const inside: string[] = [];
		for (let depth = 1; ; ) {
			const token = this.next();
			if (token === open) depth += 1;
			if (token === close) depth -= 1;
			if (depth === 0) return inside;
			inside.push(token);
		}
	}
}
