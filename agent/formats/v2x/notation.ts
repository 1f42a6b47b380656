/**
 * The schema notation: what the messages of a standard hold, one text per standard, compiled to the tables of message-type.ts.
 *
 * ```
 * # a comment up to the end of the line
 * Name = type marks                                 any order, names of other definitions as types, no recursion
 * int 0..127   int 0..127,...   int 0..   int 5   int
 * real -90..90   real                               JSON only
 * enum a b c   enum a b c ... d e                   in the order of their numbers; additions in the order in which they came
 * bool   null
 * bits 8   bits 0..16   bits 13,...   bits *        octets likewise
 * ia5 1..63   ia5 * of "ABC"                        visible, printable, numeric and utf8 likewise
 * seq { a: type, b?: type, c: type = value, ..., d?: type, [[ e: type, f?: type ]] }
 * choice { a: type, b: type, ..., c: type }         in the order of their tags
 * list 1..32 of type   list 1..32,... of type   list * of type
 * open by field { 0: name: type, 5: name: type }
 * @role  @role*1e-7  !value                         what it means, the factor to its unit, the value for unavailable
 * ```
 *
 * `,...` without a space extends the range before it; after `, ` (or a new line) `...` is the marker of the seq or choice.
 */
import type { MessageValue } from "../../../shared/message.ts";
import {
	type Addition,
	type Field,
	groupRoles,
	leafRoles,
	type MessageType,
	type Role,
	type SizeRange,
	type TextType,
} from "./message-type.ts";
import { isMark, NotationCursor } from "./notation-cursor.ts";
import { type NotationToken, notationError, notationTokens } from "./notation-tokens.ts";
import { fitsType, valueAt } from "./notation-value.ts";

const roles: ReadonlySet<string> = new Set<string>([...leafRoles, ...groupRoles]);
const isRole = (name: string): name is Role => roles.has(name);

const charsets: Readonly<Record<TextType["charset"], RegExp>> = {
	ia5: /^[\0-\x7f]*$/,
	visible: /^[ -~]*$/,
	printable: /^[A-Za-z0-9 '()+,./:=?-]*$/,
	numeric: /^[0-9 ]*$/,
	utf8: /^[\s\S]*$/,
};
const isCharset = (name: string): name is TextType["charset"] => Object.hasOwn(charsets, name);

const keywords: ReadonlySet<string> = new Set([
	...["int", "real", "enum", "bool", "null", "bits", "octets", "seq", "choice", "list", "open"],
	...Object.keys(charsets),
]);

/**
 * Compiles the text of a standard.
 *
 * @param imports definitions of other texts that this one may name
 * @returns every definition of this text by its name; those that name each other share their tables
 * @throws KerbError FORMAT_INVALID with the line of the first mistake: grammar, unknown or repeated names, recursion, a value outside its type
 */
export const compileNotation = (text: string, imports?: ReadonlyMap<string, MessageType>): ReadonlyMap<string, MessageType> => {
	const tokens = notationTokens(text);
	const starts = definitionStarts(tokens);
	const types = new Map<string, MessageType>();
	const open = new Set<string>();
	const resolve = (name: string, line: number): MessageType => {
		const ready = types.get(name);
		if (ready !== undefined) return ready;
		const start = starts.get(name);
		if (start === undefined) {
			const imported = imports?.get(name);
			if (imported === undefined) throw notationError(line, `nothing is called ${name}`);
			return imported;
		}
		if (open.has(name)) throw notationError(line, `${name} contains itself`);
		open.add(name);
		const parser = new Parser(new NotationCursor(tokens, start), resolve);
		const type = parser.markedType();
		parser.endOfDefinition();
		open.delete(name);
		types.set(name, type);
		return type;
	};
	for (const name of starts.keys()) resolve(name, 0);
	return new Map([...starts.keys()].map((name) => [name, resolve(name, 0)]));
};

const opening: ReadonlySet<string> = new Set(["{", "[", "[["]);
const closing: ReadonlySet<string> = new Set(["}", "]", "]]"]);

/** Where the type of each definition begins: behind a name and `=` outside of all brackets. */
const definitionStarts = (tokens: readonly NotationToken[]): ReadonlyMap<string, number> => {
	const starts = new Map<string, number>();
	let depth = 0;
	for (const [index, token] of tokens.entries()) {
		if (token.kind === "mark" && opening.has(token.text)) depth += 1;
		if (token.kind === "mark" && closing.has(token.text)) depth -= 1;
		if (depth !== 0 || token.kind !== "name" || !isMark(tokens[index + 1], "=")) continue;
		if (keywords.has(token.text)) throw notationError(token.line, `${token.text} is a word of the notation and cannot be defined`);
		if (starts.has(token.text)) throw notationError(token.line, `${token.text} is defined twice`);
		starts.set(token.text, index + 2);
	}
	const first = tokens[0];
	if (first !== undefined && first.kind !== "end" && !isMark(tokens[1], "="))
		throw notationError(first.line, "expected a definition: Name = type");
	return starts;
};

class Parser {
	readonly #tokens: NotationCursor;
	readonly #resolve: (name: string, line: number) => MessageType;
	/** How many brackets and list elements enclose the type; 0: the next name may begin another definition. */
	#depth = 0;

	constructor(tokens: NotationCursor, resolve: (name: string, line: number) => MessageType) {
		this.#tokens = tokens;
		this.#resolve = resolve;
	}

	/** A type with its marks. */
	markedType(): MessageType {
		const line = this.#tokens.peek().line;
		let type = this.#type();
		for (;;) {
			if (this.#tokens.take("@")) type = { ...type, ...this.#role(type) };
			else if (this.#tokens.take("!")) type = { ...type, unavailable: this.#valueOf(type, line) };
			else return type;
		}
	}

	endOfDefinition(): void {
		const token = this.#tokens.peek();
		if (token.kind === "end" || this.#tokens.isDefinition()) return;
		throw this.#tokens.unexpected("the end of the definition");
	}

	#type(): MessageType {
		const { line } = this.#tokens.peek();
		const word = this.#tokens.name("a type");
		if (isCharset(word)) return this.#text(word);
		switch (word) {
			case "int":
				return this.#int();
			case "real":
				return { kind: "real", ...this.#bounds(), ...this.#noExtension() };
			case "enum":
				return this.#enum();
			case "bool":
			case "null":
				return { kind: word };
			case "bits":
			case "octets":
				return { kind: word, size: this.#size() };
			case "seq":
				return this.#seq();
			case "choice":
				return this.#choice();
			case "list": {
				const size = this.#size();
				this.#tokens.word("of");
				// Marks behind an element belong to the element; a list is marked by giving the element a name.
				return { kind: "list", size, of: this.#element() };
			}
			case "open":
				return this.#open();
			default:
				return this.#resolve(word, line);
		}
	}

	#int(): MessageType {
		const bounds = this.#bounds();
		const extensible = this.#tokens.takeKind("extensible");
		if (extensible && bounds.from === undefined) throw this.#tokens.unexpected("a range before ,...");
		return { kind: "int", ...bounds, extensible };
	}

	#noExtension(): object {
		if (this.#tokens.peek().kind === "extensible")
			throw this.#tokens.unexpected("no extension here (write ', ...' with a space for the marker of a group)");
		return {};
	}

	/** `a..b`, `a..`, `a` or nothing. */
	#bounds(): { readonly from: number | undefined; readonly to: number | undefined } {
		if (this.#tokens.peek().kind !== "number") return { from: undefined, to: undefined };
		const { line } = this.#tokens.peek();
		const from = this.#tokens.number();
		if (!this.#tokens.take("..")) return { from, to: from };
		if (this.#tokens.peek().kind !== "number") return { from, to: undefined };
		const to = this.#tokens.number();
		if (to < from) throw notationError(line, `the range ${from}..${to} is empty`);
		return { from, to };
	}

	#size(): SizeRange {
		if (this.#tokens.take("*")) return { from: 0, to: undefined, extensible: false };
		const { line } = this.#tokens.peek();
		const { from, to } = this.#bounds();
		if (from === undefined) throw this.#tokens.unexpected("a size: 8, 0..16, 4.. or *");
		if (!Number.isSafeInteger(from) || from < 0 || (to !== undefined && !Number.isSafeInteger(to))) {
			throw notationError(line, "a size is a whole number, 0 or more");
		}
		return { from, to, extensible: this.#tokens.takeKind("extensible") };
	}

	#enum(): MessageType {
		const names: string[] = [];
		let additions: string[] | undefined;
		for (;;) {
			const token = this.#tokens.peek();
			// The name of the next definition is no name of this one.
			if (this.#depth === 0 && this.#tokens.isDefinition()) break;
			if (token.kind === "name" || token.kind === "quoted") {
				this.#tokens.skip();
				if (names.includes(token.text) || additions?.includes(token.text)) throw notationError(token.line, `${token.text} is named twice`);
				(additions ?? names).push(token.text);
			} else if (additions === undefined && this.#tokens.take("...")) additions = [];
			else break;
		}
		if (names.length === 0) throw this.#tokens.unexpected("a name");
		this.#noExtension();
		return { kind: "enum", names, additions };
	}

	#text(charset: TextType["charset"]): MessageType {
		const size = this.#size();
		if (!this.#tokens.takeWord("of")) return { kind: "text", charset, size };
		const token = this.#tokens.peek();
		if (token.kind !== "quoted" || token.text === "") throw this.#tokens.unexpected('the permitted characters in "quotes"');
		this.#tokens.skip();
		if (charset === "utf8" || !charsets[charset].test(token.text))
			throw notationError(token.line, `these characters are not of ${charset}`);
		return { kind: "text", charset, alphabet: [...new Set(token.text)].sort().join(""), size };
	}

	/** `{ item, item }` with an optional comma behind the last. */
	#braces(item: () => void): void {
		this.#tokens.expect("{");
		this.#depth += 1;
		while (!this.#tokens.take("}")) {
			item();
			this.#noExtension();
			if (!this.#tokens.take(",") && !isMark(this.#tokens.peek(), "}")) throw this.#tokens.unexpected("a comma or }");
		}
		this.#depth -= 1;
	}

	#seq(): MessageType {
		const fields: Field[] = [];
		let additions: Addition[] | undefined;
		const seen = new Set<string>();
		this.#braces(() => {
			if (this.#tokens.take("...")) {
				if (additions !== undefined) throw this.#tokens.unexpected("one marker only");
				additions = [];
			} else if (isMark(this.#tokens.peek(), "[[")) {
				if (additions === undefined) throw this.#tokens.unexpected("the marker ... before [[");
				additions.push({ isGroup: true, fields: this.#group(seen) });
			} else if (additions === undefined) fields.push(this.#field(seen, true));
			else additions.push({ isGroup: false, fields: [this.#field(seen, true)] });
		});
		for (const field of [...fields, ...(additions ?? []).flatMap((each) => each.fields)]) this.#checkSibling(field, seen);
		return { kind: "seq", fields, additions };
	}

	#checkSibling(field: Field, seen: ReadonlySet<string>): void {
		if (field.type.kind === "open" && !seen.has(field.type.by)) {
			throw notationError(this.#tokens.peek().line, `${field.name} is decided by ${field.type.by}, which is not beside it`);
		}
	}

	#group(seen: Set<string>): readonly Field[] {
		this.#tokens.expect("[[");
		const fields = [this.#field(seen, true)];
		while (this.#tokens.take(",")) {
			if (isMark(this.#tokens.peek(), "]]")) break;
			fields.push(this.#field(seen, true));
		}
		this.#tokens.expect("]]");
		return fields;
	}

	#choice(): MessageType {
		const alternatives: Field[] = [];
		let additions: Field[] | undefined;
		const seen = new Set<string>();
		this.#braces(() => {
			if (!this.#tokens.take("...")) (additions ?? alternatives).push(this.#field(seen, false));
			else if (additions === undefined) additions = [];
			else throw this.#tokens.unexpected("one marker only");
		});
		if (alternatives.length === 0) throw this.#tokens.unexpected("an alternative");
		return { kind: "choice", alternatives, additions };
	}

	#open(): MessageType {
		this.#tokens.word("by");
		const by = this.#tokens.name("the field that decides");
		const table = new Map<number, Field>();
		const seen = new Set<string>();
		this.#braces(() => {
			const { line } = this.#tokens.peek();
			const number = this.#tokens.number();
			this.#tokens.expect(":");
			if (table.has(number)) throw notationError(line, `${number} is in the table twice`);
			table.set(number, this.#field(seen, false));
		});
		return { kind: "open", by, table };
	}

	#field(seen: Set<string>, mayLack: boolean): Field {
		const { line } = this.#tokens.peek();
		const name = this.#tokens.name("a name");
		if (seen.has(name)) throw notationError(line, `${name} is named twice`);
		seen.add(name);
		const optional = mayLack && this.#tokens.take("?");
		this.#tokens.expect(":");
		const type = this.#element();
		if (!mayLack || !this.#tokens.take("=")) return { name, type, optional };
		if (optional) throw notationError(line, `${name} cannot be optional and have a default`);
		return { name, type, optional, fallback: this.#valueOf(type, line) };
	}

	#element(): MessageType {
		this.#depth += 1;
		const type = this.markedType();
		this.#depth -= 1;
		return type;
	}

	#role(type: MessageType): { readonly role: Role; readonly factor?: number } {
		const { line } = this.#tokens.peek();
		const role = this.#tokens.name("a role");
		if (!isRole(role)) throw notationError(line, `${role} is no role`);
		if (!this.#tokens.take("*")) return { role };
		const factor = this.#tokens.number();
		if (type.kind !== "int" && type.kind !== "real") throw notationError(line, "only a number has a factor");
		if (!(factor > 0)) throw notationError(line, "a factor is more than 0");
		return { role, factor };
	}

	#valueOf(type: MessageType, line: number): MessageValue {
		const value = valueAt(this.#tokens, type.kind);
		if (!fitsType(type, value)) throw notationError(line, "the value is not one of its type");
		return value;
	}
}
