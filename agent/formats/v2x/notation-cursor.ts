/**
 * Walks over the tokens of a schema.
 */
import { type NotationToken, notationError } from "./notation-tokens.ts";

/** True for the mark with that text. */
export const isMark = (token: NotationToken | undefined, text: string): boolean => token?.kind === "mark" && token.text === text;

export class NotationCursor {
	readonly #tokens: readonly NotationToken[];
	#at: number;

	constructor(tokens: readonly NotationToken[], at: number) {
		this.#tokens = tokens;
		this.#at = at;
	}

	skip(): void {
		this.#at += 1;
	}

	/** True before `Name =`. */
	isDefinition(): boolean {
		return this.peek().kind === "name" && isMark(this.#tokens[this.#at + 1], "=");
	}

	peek(): NotationToken {
		return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] ?? { kind: "end", text: "the end of the text", line: 0 };
	}

	take(mark: string): boolean {
		const taken = isMark(this.peek(), mark);
		if (taken) this.#at += 1;
		return taken;
	}

	takeKind(kind: NotationToken["kind"]): boolean {
		const taken = this.peek().kind === kind;
		if (taken) this.#at += 1;
		return taken;
	}

	takeWord(word: string): boolean {
		const token = this.peek();
		const taken = token.kind === "name" && token.text === word;
		if (taken) this.#at += 1;
		return taken;
	}

	word(word: string): void {
		if (!this.takeWord(word)) throw this.unexpected(word);
	}

	expect(mark: string): void {
		if (!this.take(mark)) throw this.unexpected(mark);
	}

	name(what: string): string {
		const token = this.peek();
		if (token.kind !== "name" && token.kind !== "quoted") throw this.unexpected(what);
		this.#at += 1;
		return token.text;
	}

	number(): number {
		const token = this.peek();
		if (token.kind !== "number") throw this.unexpected("a number");
		this.#at += 1;
		return Number(token.text);
	}

	unexpected(expected: string): Error {
		const token = this.peek();
		return notationError(token.line, `expected ${expected}, got ${token.text}`);
	}
}
