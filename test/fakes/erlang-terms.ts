/**
 * Between Erlang's terms (as the oracle in erlang-asn1.ts prints them) and the tree of shared/message.ts, with a message type as guide.
 */
import type { Field, MessageType, SeqType } from "../../agent/formats/v2x/message-type.ts";
import type { MessageFields, MessageValue } from "../../shared/message.ts";

/** An integer, or a list, or one of: a atom, o octets, b bits, m map, t tuple. */
export type Term =
	| number
	| readonly Term[]
	| { readonly a: string }
	| { readonly o: string }
	| { readonly b: string }
	| { readonly m: { readonly [key: string]: Term } }
	| { readonly t: readonly Term[] };

const wrong = (type: MessageType, term: Term): never => {
	throw new Error(`Erlang's ${JSON.stringify(term)} is not ${type.kind}`);
};

const atomOf = (term: Term | undefined): string | undefined => (typeof term === "object" && "a" in term ? term.a : undefined);

const seqFields = (type: SeqType): readonly Field[] => [...type.fields, ...(type.additions ?? []).flatMap((addition) => addition.fields)];

const hexOf = (term: Term): string | undefined => (typeof term === "object" && "o" in term ? term.o.toLowerCase() : undefined);

const bitsOf = (term: Term): string | undefined => {
	if (typeof term === "object" && "b" in term) return term.b;
	const hex = hexOf(term);
	return hex === undefined ? undefined : [...hex].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
};

const textOf = (term: Term): string | undefined => {
	if (Array.isArray(term)) return (term as readonly number[]).map((code) => String.fromCharCode(code)).join("");
	const hex = hexOf(term);
	return hex === undefined ? undefined : Buffer.from(hex, "hex").toString("utf8");
};

/** The tree for an Erlang term; fields equal to their default are left out. @throws Error when the term does not fit the type */
export const fromTerm = (type: MessageType, term: Term): MessageValue => {
	switch (type.kind) {
		case "int":
			return typeof term === "number" ? term : wrong(type, term);
		case "bool":
			return atomOf(term) === "true";
		case "null":
			return null;
		case "enum":
			return atomOf(term) ?? wrong(type, term);
		case "bits":
			return bitsOf(term) ?? wrong(type, term);
		case "octets":
			return hexOf(term) ?? wrong(type, term);
		case "text":
			return textOf(term) ?? wrong(type, term);
		case "list":
			return Array.isArray(term) ? term.map((each: Term) => fromTerm(type.of, each)) : wrong(type, term);
		case "choice": {
			const [name, inner] = typeof term === "object" && "t" in term ? term.t : [];
			const field = [...type.alternatives, ...(type.additions ?? [])].find((each) => each.name === atomOf(name));
			return field === undefined || inner === undefined ? wrong(type, term) : { [field.name]: fromTerm(field.type, inner) };
		}
		case "seq": {
			if (typeof term !== "object" || !("m" in term)) return wrong(type, term);
			const out: Record<string, MessageValue> = {};
			for (const field of seqFields(type)) {
				const inner = term.m[field.name];
				if (inner === undefined) continue;
				const value = field.type.kind === "open" ? fromOpen(field, out, inner) : fromTerm(field.type, inner);
				if (field.fallback === undefined || JSON.stringify(value) !== JSON.stringify(field.fallback)) out[field.name] = value;
			}
			return out;
		}
		case "open":
		case "real":
			return wrong(type, term);
	}
};

const fromOpen = (field: Field, siblings: MessageFields, term: Term): MessageValue => {
	const known = field.type.kind === "open" ? field.type.table.get(siblings[field.type.by] as number) : undefined;
	return known === undefined ? wrong(field.type, term) : { [known.name]: fromTerm(known.type, term) };
};

const quoted = (name: string): string => `'${name}'`;

/** The Erlang term, as text, for a tree. @throws Error for content that the type does not know */
export const toTerm = (type: MessageType, value: MessageValue): string => {
	switch (type.kind) {
		case "int":
		case "real":
			return String(value);
		case "bool":
			return String(value);
		case "null":
			return "'NULL'";
		case "enum":
			return quoted(String(value));
		case "bits":
			return `<<${[...String(value)].map((bit) => `${bit}:1`).join(",")}>>`;
		case "octets":
			return `<<${[...Buffer.from(String(value), "hex")].join(",")}>>`;
		case "text":
			return type.charset === "utf8"
				? `<<${[...Buffer.from(String(value), "utf8")].join(",")}>>`
				: `[${[...Buffer.from(String(value), "latin1")].join(",")}]`;
		case "list":
			return `[${(value as readonly MessageValue[]).map((each) => toTerm(type.of, each)).join(",")}]`;
		case "choice": {
			const [[name, inner] = ["", null]] = Object.entries(value as MessageFields);
			const field = [...type.alternatives, ...(type.additions ?? [])].find((each) => each.name === name);
			if (field === undefined) throw new Error(`unknown alternative ${name}`);
			return `{${quoted(name)},${toTerm(field.type, inner)}}`;
		}
		case "seq": {
			const fields = value as MessageFields;
			const parts = seqFields(type).flatMap((field) => {
				const inner = fields[field.name];
				return inner === undefined ? [] : [`${quoted(field.name)}=>${toTerm(field.type, inner)}`];
			});
			return `#{${parts.join(",")}}`;
		}
		case "open": {
			const [[name, inner] = ["", null]] = Object.entries(value as MessageFields);
			const field = [...type.table.values()].find((each) => each.name === name);
			if (field === undefined) throw new Error(`unknown content ${name}`);
			return toTerm(field.type, inner);
		}
	}
};
