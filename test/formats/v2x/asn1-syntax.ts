/**
 * ASN.1 modules as they are written (X.680, X.681, X.683), without looking anything up: what V2X standards use of them.
 */
import { asn1Tokens, Tokens } from "./asn1-tokens.ts";

/** A number, or the name of one. MIN and MAX are undefined. */
export type Bound = number | string | undefined;

export interface Range {
	readonly from: Bound;
	readonly to: Bound;
}

/** What a constraint says that PER can see; the rest is left out. */
export interface Constraint {
	readonly values?: readonly Range[];
	readonly size?: readonly Range[];
	readonly alphabet?: string;
	readonly extensible?: boolean;
	/** Component after `@` in a table constraint. */
	readonly at?: string;
	readonly set?: string;
}

export interface Named {
	readonly name: string;
	readonly number: Bound | "none";
}

export interface Component {
	readonly name: string;
	readonly type: Syntax;
	readonly optional: boolean;
	/** The words of a DEFAULT. */
	readonly fallback: string | undefined;
}

export interface Parts<T> {
	readonly root: readonly T[];
	/** Undefined: no extension marker. Each entry is one addition, or the group in double brackets. */
	readonly additions: readonly { readonly isGroup: boolean; readonly parts: readonly T[] }[] | undefined;
}

export type Syntax = { readonly constraints: readonly Constraint[] } & (
	| { readonly kind: "builtin"; readonly name: string }
	| { readonly kind: "int"; readonly named: readonly Named[] }
	| { readonly kind: "enum"; readonly parts: Parts<Named> }
	| { readonly kind: "bits" }
	| { readonly kind: "seq"; readonly parts: Parts<Component> }
	| { readonly kind: "choice"; readonly parts: Parts<Component> }
	| { readonly kind: "list"; readonly of: Syntax }
	| { readonly kind: "ref"; readonly name: string; readonly args: readonly string[] }
	| { readonly kind: "class-field"; readonly class: string; readonly field: string }
);

export interface Asn1Class {
	readonly fields: ReadonlyMap<string, Syntax | "type">;
	/** The words of WITH SYNTAX. */
	readonly syntax: readonly string[];
}

export interface Asn1Module {
	readonly name: string;
	readonly types: Map<string, { readonly params: readonly string[]; readonly type: Syntax }>;
	readonly values: Map<string, string>;
	readonly classes: Map<string, Asn1Class>;
	/** The words of each object in a set. */
	readonly sets: Map<string, { readonly class: string; readonly objects: readonly (readonly string[])[] }>;
	/** Name to the module that it comes from. */
	readonly imports: Map<string, string>;
}

const isNumber = (token: string): boolean => /^\d+$/.test(token);

const readBound = (tokens: Tokens): Bound => {
	if (tokens.take("MIN") || tokens.take("MAX")) return undefined;
	if (tokens.take("-")) return -Number(tokens.next());
	const token = tokens.next();
	return isNumber(token) ? Number(token) : token;
};

const readRange = (tokens: Tokens): Range => {
	const from = readBound(tokens);
	return tokens.take("..") ? { from, to: readBound(tokens) } : { from, to: from };
};

const readAlphabet = (tokens: Tokens): string => {
	tokens.expect("FROM", "(");
	let all = "";
	do {
		const first = tokens.next().slice(1, -1);
		if (!tokens.take("..")) all += first;
		else {
			const last = tokens.next().slice(1, -1);
			for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code += 1) all += String.fromCharCode(code);
		}
	} while (tokens.take("|"));
	tokens.expect(")");
	return [...new Set(all)].sort().join("");
};

const readSize = (tokens: Tokens): Constraint => {
	tokens.expect("SIZE");
	const { values, extensible } = readConstraint(tokens);
	return { size: values ?? [], extensible: extensible ?? false };
};

const readElements = (tokens: Tokens): Constraint => {
	if (tokens.peek() === "SIZE" || tokens.peek() === "FROM") {
		let all: Constraint = {};
		do {
			all = { ...all, ...(tokens.peek() === "SIZE" ? readSize(tokens) : { alphabet: readAlphabet(tokens) }) };
		} while (tokens.take("^"));
		return all;
	}
	const values: Range[] = [];
	do values.push(readRange(tokens));
	while (tokens.take("|"));
	return { values };
};

const readTable = (tokens: Tokens): Constraint => {
	const set = tokens.bracket("{", "}")[0] ?? "";
	if (tokens.peek() !== "{") return { set };
	return { set, at: tokens.bracket("{", "}").filter((word) => word !== "@" && word !== ".")[0] ?? "" };
};

const readConstraint = (tokens: Tokens): Constraint => {
	if (tokens.peek(1) === "WITH" || tokens.peek(1) === "CONSTRAINED" || tokens.peek(1) === "CONTAINING") {
		tokens.bracket("(", ")");
		return {};
	}
	tokens.expect("(");
	const constraint = tokens.peek() === "{" ? readTable(tokens) : readElements(tokens);
	let extensible = constraint.extensible ?? false;
	if (tokens.take(",")) {
		tokens.expect("...");
		extensible = true;
		if (tokens.take(",")) readElements(tokens);
	}
	tokens.expect(")");
	return { ...constraint, extensible };
};

const readConstraints = (tokens: Tokens): readonly Constraint[] => {
	const all: Constraint[] = [];
	while (tokens.peek() === "(") all.push(readConstraint(tokens));
	return all;
};

const readNamed = (tokens: Tokens): Named => {
	const name = tokens.next();
	if (!tokens.take("(")) return { name, number: "none" };
	const number = readBound(tokens);
	tokens.expect(")");
	return { name, number };
};

const readNamedList = (tokens: Tokens): readonly Named[] => {
	if (!tokens.take("{")) return [];
	const all: Named[] = [];
	do all.push(readNamed(tokens));
	while (tokens.take(","));
	tokens.expect("}");
	return all;
};

const readParts = <T>(tokens: Tokens, readPart: (tokens: Tokens) => T): Parts<T> => {
	tokens.expect("{");
	const root: T[] = [];
	let additions: { isGroup: boolean; parts: T[] }[] | undefined;
	let isAddition = false;
	while (!tokens.take("}")) {
		if (tokens.take("...")) {
			// A second marker ends the additions; what follows belongs to the root again.
			isAddition = additions === undefined;
			additions ??= [];
		} else if (tokens.take("[[")) {
			if (isNumber(tokens.peek()) && tokens.peek(1) === ":") tokens.expect(tokens.peek(), ":");
			const parts: T[] = [];
			do parts.push(readPart(tokens));
			while (tokens.take(","));
			tokens.expect("]]");
			additions?.push({ isGroup: true, parts });
		} else if (isAddition) additions?.push({ isGroup: false, parts: [readPart(tokens)] });
		else root.push(readPart(tokens));
		if (tokens.peek() !== "}") tokens.expect(",");
	}
	return { root, additions };
};

const readComponent = (tokens: Tokens): Component => {
	const name = tokens.next();
	const type = readType(tokens);
	if (tokens.take("OPTIONAL")) return { name, type, optional: true, fallback: undefined };
	if (!tokens.take("DEFAULT")) return { name, type, optional: false, fallback: undefined };
	const sign = tokens.take("-") ? "-" : "";
	return { name, type, optional: false, fallback: sign + tokens.next() };
};

const strings = ["IA5String", "VisibleString", "PrintableString", "NumericString", "UTF8String"];

const readUnconstrained = (tokens: Tokens): Syntax => {
	const constraints: readonly Constraint[] = [];
	const word = tokens.next();
	if (word === "INTEGER") return { kind: "int", constraints, named: readNamedList(tokens) };
	if (word === "ENUMERATED") return { kind: "enum", constraints, parts: readParts(tokens, readNamed) };
	if (word === "BOOLEAN" || word === "NULL" || strings.includes(word)) return { kind: "builtin", constraints, name: word };
	if (word === "OCTET") {
		tokens.expect("STRING");
		return { kind: "builtin", constraints, name: "OCTET STRING" };
	}
	if (word === "BIT") {
		tokens.expect("STRING");
		readNamedList(tokens);
		return { kind: "bits", constraints };
	}
	if (word === "CHOICE") return { kind: "choice", constraints, parts: readParts(tokens, readComponent) };
	if (word === "SEQUENCE") {
		if (tokens.peek() === "{") return { kind: "seq", constraints, parts: readParts(tokens, readComponent) };
		const size = tokens.peek() === "SIZE" ? [readSize(tokens)] : readConstraints(tokens);
		tokens.expect("OF");
		return { kind: "list", constraints: size, of: readType(tokens) };
	}
	if (!/^[A-Z]/.test(word)) throw new Error(`expected a type but found ${word} ${tokens.peek()} ${tokens.peek(1)}`);
	if (tokens.take(".")) return { kind: "class-field", constraints, class: word, field: tokens.next() };
	const args = tokens.peek() === "{" ? tokens.bracket("{", "}").filter((token) => !"{},".includes(token)) : [];
	return { kind: "ref", constraints, name: word, args };
};

const readType = (tokens: Tokens): Syntax => {
	if (tokens.peek() === "[") throw new Error("explicit tags would order alternatives; no text used here has them");
	const type = readUnconstrained(tokens);
	return { ...type, constraints: [...type.constraints, ...readConstraints(tokens)] };
};

const readClass = (tokens: Tokens): Asn1Class => {
	tokens.expect("CLASS", "{");
	const fields = new Map<string, Syntax | "type">();
	do {
		const name = tokens.next();
		fields.set(name, tokens.peek() === "," || tokens.peek() === "}" ? "type" : readType(tokens));
		tokens.take("UNIQUE");
		tokens.take("OPTIONAL");
	} while (tokens.take(","));
	tokens.expect("}", "WITH", "SYNTAX");
	return { fields, syntax: tokens.bracket("{", "}") };
};

const readObjects = (tokens: Tokens): readonly (readonly string[])[] => {
	const inside = new Tokens(tokens.bracket("{", "}"));
	const objects: (readonly string[])[] = [];
	while (!inside.done) {
		if (inside.peek() === "{") objects.push(inside.bracket("{", "}"));
		else inside.next();
	}
	return objects;
};

const readAssignment = (tokens: Tokens, module: Asn1Module): void => {
	const name = tokens.next();
	if (/^[a-z]/.test(name)) {
		tokens.next();
		tokens.expect("::=");
		const sign = tokens.take("-") ? "-" : "";
		module.values.set(name, sign + tokens.next());
		return;
	}
	const params = tokens.peek() === "{" ? tokens.bracket("{", "}") : [];
	if (tokens.take("::=")) {
		if (tokens.peek() === "CLASS") module.classes.set(name, readClass(tokens));
		else module.types.set(name, { params: paramNames(params), type: readType(tokens) });
		return;
	}
	const className = tokens.next();
	tokens.expect("::=");
	module.sets.set(name, { class: className, objects: readObjects(tokens) });
};

/** `{CLASS : Set, Type}` has the parameters Set and Type. */
const paramNames = (words: readonly string[]): readonly string[] => {
	const names: string[] = [];
	words.forEach((word, index) => {
		if (word !== ":" && word !== "," && words[index + 1] !== ":") names.push(word);
	});
	return names;
};

const readImports = (tokens: Tokens, module: Asn1Module): void => {
	let names: string[] = [];
	while (!tokens.take(";")) {
		const word = tokens.next();
		if (word === "FROM") {
			const from = tokens.next();
			for (const name of names) module.imports.set(name, from);
			names = [];
			if (tokens.peek() === "{") tokens.bracket("{", "}");
			if (tokens.take("WITH")) tokens.next();
		} else if (word !== ",") names.push(word);
	}
};

/** All modules of a text. @throws Error at what this reader does not know. */
export const readAsn1Modules = (text: string): readonly Asn1Module[] => {
	const tokens = new Tokens(asn1Tokens(text));
	const modules: Asn1Module[] = [];
	while (!tokens.done) {
		const module: Asn1Module = {
			name: tokens.next(),
			types: new Map(),
			values: new Map(),
			classes: new Map(),
			sets: new Map(),
			imports: new Map(),
		};
		if (tokens.peek() === "{") tokens.bracket("{", "}");
		tokens.expect("DEFINITIONS", "AUTOMATIC", "TAGS", "::=", "BEGIN");
		if (tokens.take("EXPORTS")) while (tokens.next() !== ";");
		if (tokens.take("IMPORTS")) readImports(tokens, module);
		while (!tokens.take("END")) readAssignment(tokens, module);
		modules.push(module);
	}
	return modules;
};
