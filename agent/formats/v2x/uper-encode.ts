/**
 * From the tree to bits: the counterpart of uper-decode.ts (ITU-T X.691, unaligned variant). Writes the one canonical form: fields that equal
 * their default are left out, numbers and lengths are as short as they can be.
 */
import { KerbError } from "../../../shared/errors.ts";
import { type MessageFields, type MessageValue, unknownField } from "../../../shared/message.ts";
import type {
	Addition,
	ChoiceType,
	EnumType,
	Field,
	IntType,
	ListType,
	MessageType,
	OpenType,
	SeqType,
	SizeRange,
	TextType,
} from "./message-type.ts";
import { alphabetOf, checkNesting, lengthWidth, spanOf, widthOf } from "./uper-bounds.ts";
import { BitWriter } from "./uper-writer.ts";

/** `siblings`: the fields of the sequence around it; only an open type looks at them. */
type Encode = (writer: BitWriter, value: MessageValue, siblings: MessageFields) => void;

/**
 * Writes one value and pads it to whole octets. Fresh.
 *
 * @throws KerbError FORMAT_INVALID when the value does not fit the type (a field unknown to it among them), and for a type that UPER cannot write
 */
export const encodeUper = (type: MessageType, value: MessageValue): Uint8Array => {
	const encode = encoderOf(type);
	const writer = new BitWriter();
	encode(writer, value, noSiblings);
	return writer.finish();
};

const noSiblings: MessageFields = {};
const encoders = new WeakMap<MessageType, Encode>();

const encoderOf = (type: MessageType): Encode => {
	const known = encoders.get(type);
	if (known !== undefined) return known;
	checkNesting(type);
	const encode = compile(type);
	encoders.set(type, encode);
	return encode;
};

const compile = (type: MessageType): Encode => {
	switch (type.kind) {
		case "int":
			return compileInt(type);
		case "enum":
			return compileEnum(type);
		case "bool":
			return (writer, value) => {
				if (typeof value !== "boolean") throw writer.refuse("a boolean");
				writer.bit(value);
			};
		case "null":
			return (writer, value) => {
				if (value !== null) throw writer.refuse("null");
			};
		case "bits":
			return compileBits(type.size);
		case "octets":
			return compileOctets(type.size);
		case "text":
			return compileText(type);
		case "seq":
			return compileSeq(type);
		case "choice":
			return compileChoice(type);
		case "list":
			return compileList(type);
		case "open":
			return compileOpen(type);
		case "real":
			throw new KerbError("FORMAT_INVALID", "schema: real numbers are written in JSON only");
	}
};

/** Clause 13. */
const compileInt = ({ from, to, extensible }: IntType): Encode => {
	const least = from ?? Number.MIN_SAFE_INTEGER;
	const most = to ?? Number.MAX_SAFE_INTEGER;
	const width = from === undefined || to === undefined ? undefined : widthOf(spanOf(from, to));
	return (writer, value) => {
		if (typeof value !== "number" || !Number.isSafeInteger(value)) throw writer.refuse("a whole number");
		const isInside = value >= least && value <= most;
		if (extensible) writer.bit(!isInside);
		else if (!isInside) throw writer.refuse("a number in its range");
		if (from === undefined || !isInside) writer.signed(value);
		else if (width !== undefined) writer.bits(value - from, width);
		else if (Number.isSafeInteger(value - from)) writer.unsigned(value - from);
		else throw writer.refuse("a number of 53 bits");
	};
};

/** Clause 14. */
const compileEnum = ({ names, additions }: EnumType): Encode => {
	const width = widthOf(names.length - 1);
	const numbers = new Map(names.map((name, index) => [name, index]));
	const added = new Map(additions?.map((name, index) => [name, index]));
	return (writer, value) => {
		const number = typeof value === "string" ? numbers.get(value) : undefined;
		if (number !== undefined) {
			if (additions !== undefined) writer.bit(false);
			writer.bits(number, width);
			return;
		}
		const index = typeof value === "string" ? added.get(value) : unknownIndex(value);
		if (additions === undefined || index === undefined) throw writer.refuse("one of the names of the enumeration");
		writer.bit(true);
		writer.small(index);
	};
};

const isFields = (value: MessageValue): value is MessageFields => typeof value === "object" && value !== null && !Array.isArray(value);

const isIndex = (value: MessageValue | undefined): value is number =>
	typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

const unknownIndex = (value: MessageValue): number | undefined => {
	const index = isFields(value) ? value[unknownField] : undefined;
	return isIndex(index) ? index : undefined;
};

type Pieces = (total: number, write: (from: number, to: number) => void) => void;

/** Writes a length where one is written, and what it counts. */
const compileSize = (size: SizeRange): ((writer: BitWriter, total: number, write: Parameters<Pieces>[1]) => void) => {
	const width = lengthWidth(size);
	const { from, to = Number.MAX_SAFE_INTEGER, extensible } = size;
	return (writer, total, write) => {
		const isInside = total >= from && total <= to;
		if (extensible) writer.bit(!isInside);
		else if (!isInside) throw writer.refuse("a size in its range");
		if (width === undefined || !isInside) writer.pieces(total, write);
		else {
			writer.bits(total - from, width);
			write(0, total);
		}
	};
};

/** Clause 16. */
const compileBits = (size: SizeRange): Encode => {
	const sized = compileSize(size);
	return (writer, value) => {
		if (typeof value !== "string" || /[^01]/.test(value)) throw writer.refuse("bits, as digits 0 and 1");
		sized(writer, value.length, (from, to) => {
			for (let at = from; at < to; at += 1) writer.bit(value.charCodeAt(at) === 49);
		});
	};
};

const noHexDigit = /[^0-9a-f]/;

const octetsOf = (writer: BitWriter, value: MessageValue | undefined): Uint8Array => {
	if (typeof value !== "string" || value.length % 2 !== 0 || noHexDigit.test(value))
		throw writer.refuse("octets, in lower-case hexadecimal");
	const octets = new Uint8Array(value.length / 2);
	for (let at = 0; at < octets.length; at += 1) octets[at] = Number.parseInt(value.slice(2 * at, 2 * at + 2), 16);
	return octets;
};

/** Clause 17. */
const compileOctets = (size: SizeRange): Encode => {
	const sized = compileSize(size);
	return (writer, value) => {
		const octets = octetsOf(writer, value);
		sized(writer, octets.length, (from, to) => writer.octets(octets, from, to));
	};
};

/** Clause 30. */
const compileText = (type: TextType): Encode => {
	if (type.charset === "utf8") return compileUtf8(type.size);
	const { width, numbers } = alphabetOf(type, type.charset);
	const sized = compileSize(type.size);
	return (writer, value) => {
		if (typeof value !== "string") throw writer.refuse("text");
		sized(writer, value.length, (from, to) => {
			for (let at = from; at < to; at += 1) {
				const number = numbers[value.charCodeAt(at)];
				if (number === undefined) throw writer.refuse("permitted characters only");
				writer.bits(number, width);
			}
		});
	};
};

const utf8 = new TextEncoder();

const compileUtf8 =
	({ from, to = Number.MAX_SAFE_INTEGER, extensible }: SizeRange): Encode =>
	(writer, value) => {
		if (typeof value !== "string" || !value.isWellFormed()) throw writer.refuse("well-formed text");
		const { length } = [...value];
		if (!extensible && (length < from || length > to)) throw writer.refuse("a size in its range");
		writer.openType(utf8.encode(value));
	};

interface FieldPlan {
	readonly name: string;
	readonly encode: Encode;
	readonly isFlagged: boolean;
	readonly fallback: MessageValue | undefined;
	readonly fallbackText: string | undefined;
}

const planFields = (fields: readonly Field[]): readonly FieldPlan[] =>
	fields.map(({ name, type, optional, fallback }) => ({
		name,
		encode: encoderOf(type),
		isFlagged: optional || fallback !== undefined,
		fallback,
		fallbackText: typeof fallback === "object" && fallback !== null ? JSON.stringify(fallback) : undefined,
	}));

const isFallback = (plan: FieldPlan, value: MessageValue): boolean =>
	plan.fallback !== undefined && (plan.fallbackText === undefined ? value === plan.fallback : JSON.stringify(value) === plan.fallbackText);

/** The value to write, or undefined when it is absent or its default. */
const written = (plan: FieldPlan, value: MessageFields): MessageValue | undefined => {
	const field = value[plan.name];
	return field === undefined || isFallback(plan, field) ? undefined : field;
};

const writeFields = (writer: BitWriter, plans: readonly FieldPlan[], flags: number, value: MessageFields): void => {
	let flag = writer.skip(flags);
	for (const plan of plans) {
		const field = written(plan, value);
		writer.field = plan.name;
		if (plan.isFlagged) {
			if (field !== undefined) writer.setAt(flag);
			flag += 1;
		} else if (field === undefined) throw writer.refuse("a value, as the field is mandatory");
		if (field !== undefined) plan.encode(writer, field, value);
	}
};

const countFlags = (plans: readonly FieldPlan[]): number => plans.filter(({ isFlagged }) => isFlagged).length;

/** Clause 19. */
const compileSeq = ({ fields, additions }: SeqType): Encode => {
	const plans = planFields(fields);
	const flags = countFlags(plans);
	const added = additions === undefined ? undefined : compileAdditions(additions);
	const names = new Set([...fields, ...(additions ?? []).flatMap((addition) => addition.fields)].map(({ name }) => name));
	if (additions !== undefined) names.add(unknownField);
	return (writer, value) => {
		if (!isFields(value)) throw writer.refuse("fields");
		for (const name in value) if (!names.has(name) && value[name] !== undefined) throw writer.refuse("only fields that the type has");
		const isExtended = added?.areThere(value) ?? false;
		if (added !== undefined) writer.bit(isExtended);
		writeFields(writer, plans, flags, value);
		if (isExtended) added?.write(writer, value);
	};
};

interface Additions {
	areThere(value: MessageFields): boolean;
	write(writer: BitWriter, value: MessageFields): void;
}

const compileAdditions = (additions: readonly Addition[]): Additions => {
	const known = additions.map(({ isGroup, fields }) => {
		const plans = planFields(fields);
		return { isGroup, plans, flags: countFlags(plans) };
	});
	const isThere = ({ plans }: { readonly plans: readonly FieldPlan[] }, value: MessageFields): boolean =>
		plans.some((plan) => written(plan, value) !== undefined);
	return {
		areThere: (value) => value[unknownField] !== undefined || known.some((addition) => isThere(addition, value)),
		write(writer, value) {
			const unknown = value[unknownField];
			const [count, rest] = additionCount(writer, unknown, known.length);
			writer.smallLength(count);
			const flagsAt = writer.skip(count);
			for (const [index, addition] of known.entries()) {
				if (!isThere(addition, value)) continue;
				if (index >= count) throw writer.refuse("no more extension additions than its sender knew");
				writer.setAt(flagsAt + index);
				const inner = new BitWriter();
				if (addition.isGroup) writeFields(inner, addition.plans, addition.flags, value);
				else writeAlone(inner, addition.plans[0], value);
				writer.openType(inner.finish());
			}
			for (const [index, hex] of rest.entries()) {
				if (hex === "") continue;
				writer.setAt(flagsAt + known.length + index);
				writer.openType(octetsOf(writer, hex));
			}
		},
	};
};

const writeAlone = (writer: BitWriter, plan: FieldPlan | undefined, value: MessageFields): void => {
	const field = plan === undefined ? undefined : value[plan.name];
	if (plan === undefined || field === undefined) throw writer.refuse("a value");
	writer.field = plan.name;
	plan.encode(writer, field, value);
};

/** How many additions are counted, and those that the type does not know. */
const additionCount = (writer: BitWriter, unknown: MessageValue | undefined, known: number): readonly [number, readonly MessageValue[]] => {
	if (unknown === undefined) return [known, []];
	if (isIndex(unknown) && unknown > 0 && unknown < known) return [unknown, []];
	if (!Array.isArray(unknown) || unknown.length === 0) throw writer.refuse("unknown additions as decoded");
	return [known + unknown.length, unknown];
};

const single = (writer: BitWriter, value: MessageValue): readonly [string, MessageValue] => {
	let found: string | undefined;
	if (isFields(value)) {
		for (const name in value) {
			if (value[name] === undefined) continue;
			if (found !== undefined) throw writer.refuse("one alternative only");
			found = name;
		}
		const inner = found === undefined ? undefined : value[found];
		if (found !== undefined && inner !== undefined) return [found, inner];
	}
	throw writer.refuse("one alternative");
};

const writeOpen = (writer: BitWriter, field: { readonly name: string; readonly encode: Encode }, value: MessageValue): void => {
	const inner = new BitWriter();
	inner.field = field.name;
	field.encode(inner, value, noSiblings);
	writer.openType(inner.finish());
};

/** Clause 23. */
const compileChoice = ({ alternatives, additions }: ChoiceType): Encode => {
	const width = widthOf(alternatives.length - 1);
	const root = new Map(planFields(alternatives).map((plan, index) => [plan.name, { plan, index }]));
	const added = new Map(planFields(additions ?? []).map((plan, index) => [plan.name, { plan, index }]));
	return (writer, value) => {
		const [name, inner] = single(writer, value);
		writer.field = name;
		const known = root.get(name);
		if (additions !== undefined) writer.bit(known === undefined);
		if (known !== undefined) {
			writer.bits(known.index, width);
			known.plan.encode(writer, inner, noSiblings);
			return;
		}
		const addition = added.get(name);
		if (addition !== undefined) {
			writer.small(addition.index);
			writeOpen(writer, addition.plan, inner);
			return;
		}
		const [index, octets] = name === unknownField && Array.isArray(inner) ? inner : [];
		if (additions === undefined || !isIndex(index)) throw writer.refuse("an alternative of the choice");
		writer.small(index);
		writer.openType(octetsOf(writer, octets));
	};
};

/** Clause 20. */
const compileList = ({ size, of }: ListType): Encode => {
	const element = encoderOf(of);
	const sized = compileSize(size);
	return (writer, value) => {
		if (!Array.isArray(value)) throw writer.refuse("a list");
		sized(writer, value.length, (from, to) => {
			for (let at = from; at < to; at += 1) element(writer, value[at], noSiblings);
		});
	};
};

/** Clause 11.2, with the table of an information object class. */
const compileOpen = ({ by, table }: OpenType): Encode => {
	const known = new Map([...table].map(([number, field]) => [number, { name: field.name, encode: encoderOf(field.type) }]));
	return (writer, value, siblings) => {
		const [name, inner] = single(writer, value);
		if (name === unknownField) {
			writer.openType(octetsOf(writer, inner));
			return;
		}
		const number = siblings[by];
		const entry = typeof number === "number" ? known.get(number) : undefined;
		if (entry?.name !== name) throw writer.refuse("the content that its sibling names");
		writeOpen(writer, entry, inner);
	};
};
