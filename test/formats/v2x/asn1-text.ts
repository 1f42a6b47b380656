/**
 * ASN.1 text as the compiled types of this project (agent/formats/v2x/message-type.ts), without roles: what the schemas in the project's own
 * notation are held against. `unavailable` is the number or name that the text itself calls so.
 */
import type { Addition, Field, MessageType, SizeRange } from "../../../agent/formats/v2x/message-type.ts";
import type { MessageValue } from "../../../shared/message.ts";
import {
	type Asn1Module,
	type Bound,
	type Component,
	type Constraint,
	type Named,
	type Range,
	readAsn1Modules,
	type Syntax,
} from "./asn1-syntax.ts";

export interface Asn1Text {
	/** The type of that name in that module. @throws Error when it, or something it needs, is not in the texts. */
	type(module: string, name: string): MessageType;
}

interface Scope {
	readonly module: Asn1Module;
	/** Names of object sets given for the parameters of a type. */
	readonly args: ReadonlyMap<string, { readonly name: string; readonly scope: Scope }>;
}

const charsets = {
	IA5String: "ia5",
	VisibleString: "visible",
	PrintableString: "printable",
	NumericString: "numeric",
	UTF8String: "utf8",
} as const;

/** Reads texts of ASN.1 in any order; they may import from each other. @throws Error at what the reader does not know. */
export const readAsn1 = (texts: readonly string[]): Asn1Text => {
	const modules = new Map(texts.flatMap(readAsn1Modules).map((module) => [module.name, module]));

	const ownerOf = (name: string, module: Asn1Module): Asn1Module => {
		const from = module.imports.get(name);
		if (from === undefined) return module;
		const owner = modules.get(from);
		if (owner === undefined) throw new Error(`${module.name} imports ${name} from ${from}, which is not in the texts`);
		return ownerOf(name, owner);
	};

	const numberOf = (bound: Bound, module: Asn1Module): number | undefined => {
		if (typeof bound !== "string") return bound;
		const value = ownerOf(bound, module).values.get(bound);
		if (value === undefined) throw new Error(`${module.name} has no value ${bound}`);
		return Number(value);
	};

	/** The whole range of a union; from or to undefined: without limit. */
	const hull = (ranges: readonly Range[], module: Asn1Module): { readonly from: number | undefined; readonly to: number | undefined } => {
		const froms = ranges.map(({ from }) => numberOf(from, module) ?? Number.NEGATIVE_INFINITY);
		const tos = ranges.map(({ to }) => numberOf(to, module) ?? Number.POSITIVE_INFINITY);
		const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
		return { from: finite(Math.min(...froms)), to: finite(Math.max(...tos)) };
	};

	const sizeOf = (constraints: readonly Constraint[], module: Asn1Module): SizeRange => {
		const constraint = constraints.findLast(({ size }) => size !== undefined);
		if (constraint?.size === undefined) return { from: 0, to: undefined, extensible: false };
		const { from, to } = hull(constraint.size, module);
		return { from: from ?? 0, to, extensible: constraint.extensible ?? false };
	};

	const fallbackOf = (word: string, type: MessageType, module: Asn1Module): MessageValue => {
		if (word === "TRUE" || word === "FALSE") return word === "TRUE";
		if (type.kind === "enum") return word;
		return numberOf(/^-?\d+$/.test(word) ? Number(word) : word, module) ?? 0;
	};

	const fieldOf = ({ name, type, optional, fallback }: Component, scope: Scope): Field => {
		const built = build(type, scope);
		return fallback === undefined
			? { name, type: built, optional }
			: { name, type: built, optional, fallback: fallbackOf(fallback, built, scope.module) };
	};

	const enumNames = (named: readonly Named[], module: Asn1Module): readonly string[] => {
		const taken = new Set(named.flatMap(({ number }) => (number === "none" ? [] : [numberOf(number, module)])));
		let free = 0;
		const numbered = named.map(({ name, number }) => {
			if (number !== "none") return { name, number: numberOf(number, module) ?? 0 };
			while (taken.has(free)) free += 1;
			taken.add(free);
			return { name, number: free };
		});
		return numbered.sort((a, b) => a.number - b.number).map(({ name }) => name);
	};

	const buildOpen = (setName: string, by: string, field: string, scope: Scope): MessageType => {
		const given = scope.args.get(setName);
		if (given !== undefined) return buildOpen(given.name, by, field, given.scope);
		const owner = ownerOf(setName, scope.module);
		const set = owner.sets.get(setName);
		if (set === undefined) throw new Error(`${owner.name} has no object set ${setName}`);
		const { syntax } = classOf(set.class, owner);
		const table = new Map<number, Field>();
		for (const words of set.objects) {
			const settings = new Map(syntax.map((word, index) => [word, words[index] ?? ""]));
			const name = settings.get(field) ?? "";
			const key = [...settings].find(([word]) => word.startsWith("&") && word !== field)?.[1] ?? "";
			const number = numberOf(/^\d+$/.test(key) ? Number(key) : key, owner) ?? 0;
			table.set(number, { name, type: typeNamed(name, [], { module: owner, args: new Map() }), optional: false });
		}
		return { kind: "open", by, table };
	};

	const classOf = (name: string, module: Asn1Module) => {
		const found = ownerOf(name, module).classes.get(name);
		if (found === undefined) throw new Error(`${module.name} has no class ${name}`);
		return found;
	};

	const typeNamed = (name: string, args: readonly string[], scope: Scope): MessageType => {
		const owner = ownerOf(name, scope.module);
		const definition = owner.types.get(name);
		if (definition === undefined) throw new Error(`${scope.module.name} has no type ${name}`);
		const given = new Map(definition.params.map((param, index) => [param, { name: args[index] ?? "", scope }]));
		return build(definition.type, { module: owner, args: given });
	};

	const build = (syntax: Syntax, scope: Scope): MessageType => {
		const { constraints } = syntax;
		const { module } = scope;
		if (syntax.kind === "ref") return narrow(typeNamed(syntax.name, syntax.args, scope), constraints, module);
		if (syntax.kind === "int") {
			const { number } = syntax.named.find(({ name }) => name === "unavailable") ?? {};
			const unavailable = number === undefined || number === "none" ? {} : { unavailable: numberOf(number, module) };
			return narrow({ kind: "int", from: undefined, to: undefined, extensible: false, ...unavailable }, constraints, module);
		}
		if (syntax.kind === "enum") {
			const { root, additions } = syntax.parts;
			const names = enumNames(root, module);
			const unavailable = names.includes("unavailable") ? { unavailable: "unavailable" } : {};
			return { kind: "enum", names, additions: additions?.flatMap(({ parts }) => parts.map(({ name }) => name)), ...unavailable };
		}
		if (syntax.kind === "bits") return { kind: "bits", size: sizeOf(constraints, module) };
		if (syntax.kind === "list") return { kind: "list", size: sizeOf(constraints, module), of: build(syntax.of, scope) };
		if (syntax.kind === "seq") {
			const additions = syntax.parts.additions?.map(
				({ isGroup, parts }): Addition => ({ isGroup, fields: parts.map((part) => fieldOf(part, scope)) }),
			);
			return { kind: "seq", fields: syntax.parts.root.map((part) => fieldOf(part, scope)), additions };
		}
		if (syntax.kind === "choice") {
			const additions = syntax.parts.additions?.flatMap(({ parts }) => parts.map((part) => fieldOf(part, scope)));
			return { kind: "choice", alternatives: syntax.parts.root.map((part) => fieldOf(part, scope)), additions };
		}
		if (syntax.kind === "class-field") {
			const field = classOf(syntax.class, module).fields.get(syntax.field);
			if (field === undefined) throw new Error(`${syntax.class} has no field ${syntax.field}`);
			if (field !== "type") return build(field, { module: ownerOf(syntax.class, module), args: new Map() });
			const table = constraints.find(({ at }) => at !== undefined);
			if (table?.set === undefined || table.at === undefined) throw new Error(`an open type ${syntax.class} without a table`);
			return buildOpen(table.set, table.at, syntax.field, scope);
		}
		return buildBuiltin(syntax.name, constraints, module);
	};

	const buildBuiltin = (name: string, constraints: readonly Constraint[], module: Asn1Module): MessageType => {
		if (name === "BOOLEAN") return { kind: "bool" };
		if (name === "NULL") return { kind: "null" };
		const size = sizeOf(constraints, module);
		if (name === "OCTET STRING") return { kind: "octets", size };
		const charset = Object.entries(charsets).find(([key]) => key === name)?.[1];
		if (charset === undefined) throw new Error(`no type ${name}`);
		const alphabet = constraints.findLast((constraint) => constraint.alphabet !== undefined)?.alphabet;
		return alphabet === undefined ? { kind: "text", charset, size } : { kind: "text", charset, size, alphabet };
	};

	/** A constraint on a reference: of what PER can see, only ranges and sizes occur. */
	const narrow = (type: MessageType, constraints: readonly Constraint[], module: Asn1Module): MessageType => {
		let narrowed = type;
		for (const constraint of constraints) {
			const extensible = constraint.extensible ?? false;
			if (constraint.values !== undefined && narrowed.kind === "int")
				narrowed = { ...narrowed, ...hull(constraint.values, module), extensible };
			else if (constraint.size !== undefined && "size" in narrowed) narrowed = { ...narrowed, size: sizeOf([constraint], module) };
		}
		return narrowed;
	};

	return {
		type(moduleName, name) {
			const module = modules.get(moduleName);
			if (module === undefined) throw new Error(`no module ${moduleName}`);
			return typeNamed(name, [], { module, args: new Map() });
		},
	};
};
