/**
 * Any tree that a compiled type allows, as the codecs write it: for property tests of codecs and treatments.
 */
import fc from "fast-check";
import type {
	Addition,
	ChoiceType,
	Field,
	IntType,
	ListType,
	MessageType,
	OpenType,
	SeqType,
	SizeRange,
	TextType,
} from "../../agent/formats/v2x/message-type.ts";
import { type MessageFields, type MessageValue, unknownField } from "../../shared/message.ts";

type Values = fc.Arbitrary<MessageValue>;

export interface OfTypeOptions {
	/** Elements, characters, octets or bits beyond the least number that a size must have. */
	readonly maxMore?: number;
	/** Values outside the root of what is extensible, and extension additions. */
	readonly extensions?: boolean;
	/** Content of open types that no table knows; without it whatever needs such content is left out. */
	readonly unknowns?: boolean;
}

interface Settings {
	readonly maxMore: number;
	readonly extensions: boolean;
	readonly unknowns: boolean;
}

const range = (from: number, to: number): string =>
	Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index)).join("");

const alphabets: Readonly<Record<Exclude<TextType["charset"], "utf8">, string>> = {
	ia5: range(0, 127),
	visible: range(32, 126),
	printable: ` '()+,-./0123456789:=?${range(65, 90)}${range(97, 122)}`,
	numeric: " 0123456789",
};

const hex = (octets: readonly number[]): string => octets.map((octet) => octet.toString(16).padStart(2, "0")).join("");

const lengths = ({ from, to, extensible }: SizeRange, { maxMore, extensions }: Settings) => {
	const root = fc.integer({ min: from, max: Math.min(to ?? Number.MAX_SAFE_INTEGER, from + maxMore) });
	if (!extensible || !extensions || to === undefined) return root;
	return fc.oneof({ weight: 6, arbitrary: root }, { weight: 1, arbitrary: fc.integer({ min: to + 1, max: to + 3 }) });
};

const repeated = <T>(of: fc.Arbitrary<T>, size: SizeRange, settings: Settings): fc.Arbitrary<T[]> =>
	lengths(size, settings).chain((length) => fc.array(of, { minLength: length, maxLength: length, size: "max" }));

const ints = ({ from, to, extensible }: IntType, { extensions }: Settings): fc.Arbitrary<number> => {
	const root = fc.integer({ min: from ?? -(2 ** 40), max: to ?? Math.max(2 ** 40, (from ?? 0) + 1) });
	if (!extensible || !extensions) return root;
	const outside = [
		...(to === undefined ? [] : [fc.integer({ min: to + 1, max: to + 70_000 })]),
		...(from === undefined ? [] : [fc.integer({ min: from - 70_000, max: from - 1 })]),
	];
	return outside.length === 0 ? root : fc.oneof({ weight: 6, arbitrary: root }, ...outside.map((arbitrary) => ({ weight: 1, arbitrary })));
};

const texts = ({ charset, alphabet, size }: TextType, settings: Settings): fc.Arbitrary<string> => {
	const unit = charset === "utf8" && alphabet === undefined ? fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) : undefined;
	const letters = alphabet ?? alphabets[charset === "utf8" ? "visible" : charset];
	return repeated(unit ?? fc.constantFrom(...letters), size, settings).map((units) => units.join(""));
};

/** A field that may be absent, or undefined where no content can be made for it. */
type Part = fc.Arbitrary<MessageFields>;

const isSame = (one: MessageValue, other: MessageValue | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);

const present = (field: Field, values: Values): Part =>
	values.map((value): MessageFields => (isSame(value, field.fallback) ? {} : { [field.name]: value }));

const parts = (field: Field, settings: Settings): Part | undefined => {
	const values = valuesOf(field.type, settings);
	if (!field.optional && field.fallback === undefined) return values === undefined ? undefined : present(field, values);
	const absent = fc.constant<MessageFields>({});
	return values === undefined ? absent : fc.oneof(absent, present(field, values));
};

const joined = (all: readonly (Part | undefined)[]): Part | undefined => {
	const known = all.filter((part) => part !== undefined);
	return known.length < all.length ? undefined : fc.tuple(...known).map((each) => Object.assign({}, ...each) as MessageFields);
};

const additionParts = ({ fields }: Addition, settings: Settings): Part => {
	const part = joined(fields.map((field) => parts(field, settings)));
	const absent = fc.constant<MessageFields>({});
	return part === undefined ? absent : fc.oneof({ weight: 2, arbitrary: absent }, { weight: 1, arbitrary: part });
};

/** The deciding sibling and its open type are made together, the sibling anew. */
const openParts = (open: Field & { readonly type: OpenType }, sibling: Field, settings: Settings): Part | undefined => {
	const known = [...open.type.table].flatMap(([number, entry]) => {
		const values = valuesOf(entry.type, settings);
		return values === undefined
			? []
			: [values.map((value): MessageFields => ({ [sibling.name]: number, [open.name]: { [entry.name]: value } }))];
	});
	if (!settings.unknowns) return known.length === 0 ? undefined : fc.oneof(...known);
	const numbers = sibling.type.kind === "int" ? ints(sibling.type, settings) : fc.constant(0);
	const unknown = fc
		.tuple(
			numbers.filter((number) => !open.type.table.has(number)),
			fc.array(fc.nat(255), { minLength: 1, maxLength: 9 }),
		)
		.map(([number, octets]): MessageFields => ({ [sibling.name]: number, [open.name]: { [unknownField]: hex(octets) } }));
	return fc.oneof(...known, unknown);
};

const isOpen = (field: Field): field is Field & { readonly type: OpenType } => field.type.kind === "open";

const ordered = (names: readonly string[], fields: MessageFields): MessageFields =>
	Object.fromEntries(names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])));

const seqs = (type: SeqType, settings: Settings): Values | undefined => {
	const opens = type.fields.filter(isOpen);
	const deciding = new Map(opens.map((open) => [open.type.by, open]));
	const root = type.fields
		.filter((field) => !isOpen(field))
		.map((field) => {
			const open = deciding.get(field.name);
			return open === undefined ? parts(field, settings) : openParts(open, field, settings);
		});
	const additions = settings.extensions ? (type.additions ?? []).map((addition) => additionParts(addition, settings)) : [];
	const names = [...type.fields, ...(type.additions ?? []).flatMap(({ fields }) => fields)].map(({ name }) => name);
	return joined([...root, ...additions])?.map((fields) => ordered(names, fields));
};

const choices = (type: ChoiceType, settings: Settings): Values | undefined => {
	const all = [...type.alternatives, ...(settings.extensions ? (type.additions ?? []) : [])];
	const known = all.flatMap((field) => {
		const values = valuesOf(field.type, settings);
		return values === undefined ? [] : [values.map((value): MessageValue => ({ [field.name]: value }))];
	});
	return known.length === 0 ? undefined : fc.oneof(...known);
};

const lists = (type: ListType, settings: Settings): Values | undefined => {
	const of = valuesOf(type.of, settings);
	if (of === undefined) return type.size.from === 0 ? fc.constant([]) : undefined;
	return repeated(of, type.size, settings);
};

const plain = (type: MessageType, settings: Settings): Values | undefined => {
	switch (type.kind) {
		case "int":
			return ints(type, settings);
		case "real":
			return fc.double({ min: type.from ?? -1e9, max: type.to ?? 1e9, noNaN: true });
		case "enum":
			return fc.constantFrom(...type.names, ...(settings.extensions ? (type.additions ?? []) : []));
		case "bool":
			return fc.boolean();
		case "null":
			return fc.constant(null);
		case "bits":
			return repeated(fc.constantFrom("0", "1"), type.size, settings).map((bits) => bits.join(""));
		case "octets":
			return repeated(fc.nat(255), type.size, settings).map(hex);
		case "text":
			return texts(type, settings);
		case "seq":
			return seqs(type, settings);
		case "choice":
			return choices(type, settings);
		case "list":
			return lists(type, settings);
		case "open":
			return undefined;
		default:
			return type satisfies never;
	}
};

const valuesOf = (type: MessageType, settings: Settings): Values | undefined => {
	const values = plain(type, settings);
	const { unavailable } = type;
	if (values === undefined || unavailable === undefined) return values;
	return fc.oneof({ weight: 9, arbitrary: values }, { weight: 1, arbitrary: fc.constant(unavailable) });
};

/**
 * Trees of a SEQUENCE, with every optional part now and then there. Where a standard has a value for "unavailable", a tenth have it.
 *
 * @throws Error when the type needs content that nothing knows (an empty open type) and `unknowns` is not asked for.
 */
export const anyOfType = (
	type: SeqType,
	{ maxMore = 3, extensions = false, unknowns = false }: OfTypeOptions = {},
): fc.Arbitrary<MessageFields> => {
	const values = valuesOf(type, { maxMore, extensions, unknowns });
	if (values === undefined) throw new Error("the type cannot be filled without content that no table knows");
	return values as fc.Arbitrary<MessageFields>;
};
