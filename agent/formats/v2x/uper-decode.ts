/**
 * From bits to the tree (ITU-T X.691, unaligned variant), by the tables of message-type.ts. A type is compiled once to functions that call each
 * other; as types do not contain themselves, so is the depth of calls bounded.
 *
 * What the type does not know is kept so that it can be written again bit for bit:
 *
 * - an enumeration's unknown addition: `{ "?": its index among the additions }`;
 * - a choice's: `{ "?": [its index among the additions, its octets] }`;
 * - an open type without an entry in its table: `{ "?": its octets }`;
 * - a sequence's: the field `?`, a list with the octets (or "", when absent) of each addition beyond those that are known; or, if the sender knew
 *   fewer than the type has, the number that it knew.
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
import { alphabetOf, checkNesting, leastBits, lengthWidth, spanOf, widthOf } from "./uper-bounds.ts";
import { BitReader } from "./uper-reader.ts";

/** `siblings`: fields of the sequence around it that were read before it; only an open type looks at them. */
type Decode = (reader: BitReader, siblings: MessageFields) => MessageValue;

/**
 * Reads one value from the front of the bytes. What follows it is the caller's to judge. The bytes are borrowed, the value is fresh.
 *
 * @throws KerbError FORMAT_INVALID for bytes that are no such value, and for a type that UPER cannot write
 */
export const decodeUper = (type: MessageType, bytes: Uint8Array): { readonly value: MessageValue; readonly bitsRead: number } => {
	const decode = decoderOf(type);
	const reader = new BitReader(bytes);
	const value = decode(reader, noSiblings);
	return { value, bitsRead: reader.at };
};

const noSiblings: MessageFields = {};
const decoders = new WeakMap<MessageType, Decode>();

const decoderOf = (type: MessageType): Decode => {
	const known = decoders.get(type);
	if (known !== undefined) return known;
	checkNesting(type);
	const decode = compile(type);
	decoders.set(type, decode);
	return decode;
};

const compile = (type: MessageType): Decode => {
	switch (type.kind) {
		case "int":
			return compileInt(type);
		case "enum":
			return compileEnum(type);
		case "bool":
			return (reader) => reader.isSet();
		case "null":
			return () => null;
		case "bits":
			return compileSized(type.size, 1, takeBits);
		case "octets":
			return compileSized(type.size, 8, takeOctets);
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
const compileInt = ({ from, to, extensible }: IntType): Decode => {
	if (from === undefined) return (reader) => reader.signed();
	const unextended = compileBoundInt(from, to);
	return extensible ? (reader) => (reader.isSet() ? reader.signed() : unextended(reader)) : unextended;
};

const compileBoundInt = (from: number, to: number | undefined): ((reader: BitReader) => number) => {
	if (to === undefined) {
		return (reader) => {
			const value = from + reader.unsigned();
			if (!Number.isSafeInteger(value)) throw reader.refuse("a number has more than 53 bits");
			return value;
		};
	}
	const span = spanOf(from, to);
	const width = widthOf(span);
	return (reader) => from + reader.upTo(span, width);
};

/** Clause 14. */
const compileEnum = ({ names, additions }: EnumType): Decode => {
	const span = names.length - 1;
	const width = widthOf(span);
	return (reader) => {
		if (additions === undefined || !reader.isSet()) return names[reader.upTo(span, width)] ?? "";
		const index = reader.small();
		return additions[index] ?? { [unknownField]: index };
	};
};

/** Clauses 16, 17 and 30: pieces of text that are put together. */
const compileSized = (size: SizeRange, unit: number, take: (reader: BitReader, count: number) => string): Decode => {
	const width = lengthWidth(size);
	const { from, to = Number.MAX_SAFE_INTEGER, extensible } = size;
	return (reader) => {
		const isExtended = extensible && reader.isSet();
		if (width !== undefined && !isExtended) {
			const count = from + reader.upTo(to - from, width);
			reader.need(count * unit);
			return take(reader, count);
		}
		let value = "";
		let total = 0;
		let hasMore = true;
		while (hasMore) {
			const count = reader.length();
			hasMore = reader.hasMore;
			reader.need(count * unit);
			value += take(reader, count);
			total += count;
		}
		if (!isExtended && (total < from || total > to)) throw reader.refuse("a size is out of its range");
		return value;
	};
};

const takeBits = (reader: BitReader, count: number): string => {
	let bits = "";
	for (let left = count; left > 0; left -= 32) {
		const piece = Math.min(left, 32);
		bits += reader.bits(piece).toString(2).padStart(piece, "0");
	}
	return bits;
};

const hexOctets = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));

const takeOctets = (reader: BitReader, count: number): string => {
	let hex = "";
	for (let left = count; left > 0; left -= 1) hex += hexOctets[reader.bits(8)];
	return hex;
};

const hexOf = (octets: Uint8Array): string => {
	let hex = "";
	for (const octet of octets) hex += hexOctets[octet];
	return hex;
};

const compileText = (type: TextType): Decode => {
	if (type.charset === "utf8") return compileUtf8(type.size);
	const { width, characters } = alphabetOf(type, type.charset);
	return compileSized(type.size, width, (reader, count) => {
		// One letter alone takes no bits, so nothing bounds how often it may be claimed.
		if (width === 0) reader.needElements(count, 0);
		let text = "";
		for (let left = count; left > 0; left -= 1) {
			const character = characters[reader.bits(width)];
			if (character === undefined) throw reader.refuse("a character is not one of those permitted");
			text += character;
		}
		return text;
	});
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Clause 30.6: no size is visible in the bits; it is a bound all the same. */
const compileUtf8 =
	({ from, to = Number.MAX_SAFE_INTEGER, extensible }: SizeRange): Decode =>
	(reader) => {
		const octets = reader.fragmentedOctets();
		let text: string;
		try {
			text = utf8.decode(octets);
		} catch {
			throw reader.refuse("text is not UTF-8");
		}
		if (!extensible && (from > 0 || octets.length > to)) {
			const { length } = [...text];
			if (length < from || length > to) throw reader.refuse("a size is out of its range");
		}
		return text;
	};

interface FieldPlan {
	readonly name: string;
	readonly decode: Decode;
	/** Its place in the bitmap of optional fields, or -1 when it is always there. */
	readonly flag: number;
	readonly fallback: MessageValue | undefined;
	readonly fallbackText: string | undefined;
}

const planFields = (fields: readonly Field[], areThere = false): { readonly plans: readonly FieldPlan[]; readonly flags: number } => {
	let flags = 0;
	const plans = fields.map(({ name, type, optional, fallback }) => {
		const flag = !areThere && (optional || fallback !== undefined) ? flags : -1;
		if (flag >= 0) flags += 1;
		const fallbackText = typeof fallback === "object" && fallback !== null ? JSON.stringify(fallback) : undefined;
		return { name, decode: decoderOf(type), flag, fallback, fallbackText };
	});
	return { plans, flags };
};

const isFallback = (plan: FieldPlan, value: MessageValue): boolean =>
	plan.fallbackText === undefined ? value === plan.fallback : JSON.stringify(value) === plan.fallbackText;

const readFields = (reader: BitReader, plans: readonly FieldPlan[], flags: number, out: Record<string, MessageValue>): void => {
	const flagsAt = reader.skip(flags);
	for (let index = 0; index < plans.length; index += 1) {
		const plan = plans[index];
		if (plan === undefined || (plan.flag >= 0 && !reader.isSetAt(flagsAt + plan.flag))) continue;
		reader.field = plan.name;
		const value = plan.decode(reader, out);
		if (plan.fallback === undefined || !isFallback(plan, value)) out[plan.name] = value;
	}
};

/** Clause 19. */
const compileSeq = ({ fields, additions }: SeqType): Decode => {
	const { plans, flags } = planFields(fields);
	const readAdditions = additions === undefined ? undefined : compileAdditions(additions);
	return (reader) => {
		const out: Record<string, MessageValue> = {};
		const isExtended = readAdditions !== undefined && reader.isSet();
		readFields(reader, plans, flags, out);
		if (isExtended) readAdditions(reader, out);
		return out;
	};
};

/** Clauses 19.7 to 19.9. */
const compileAdditions = (additions: readonly Addition[]): ((reader: BitReader, out: Record<string, MessageValue>) => void) => {
	// Outside of a group a field is there because its bit in the bitmap of additions says so.
	const known = additions.map(({ isGroup, fields }) => planFields(fields, !isGroup));
	return (reader, out) => {
		const count = reader.smallLength();
		const flagsAt = reader.skip(count);
		const unknown: string[] = [];
		for (let index = 0; index < count; index += 1) {
			const isPresent = reader.isSetAt(flagsAt + index);
			const addition = known[index];
			if (addition === undefined) unknown.push(isPresent ? hexOf(reader.fragmentedOctets()) : "");
			else if (isPresent) reader.openType((inner) => readFields(inner, addition.plans, addition.flags, out));
		}
		if (unknown.length > 0) out[unknownField] = unknown;
		else if (count < known.length) out[unknownField] = count;
	};
};

/** Clause 23. */
const compileChoice = ({ alternatives, additions }: ChoiceType): Decode => {
	const root = planFields(alternatives).plans;
	const added = additions === undefined ? undefined : planFields(additions).plans;
	const span = root.length - 1;
	const width = widthOf(span);
	return (reader) => {
		if (added !== undefined && reader.isSet()) {
			const index = reader.small();
			const plan = added[index];
			if (plan === undefined) return { [unknownField]: [index, hexOf(reader.fragmentedOctets())] };
			reader.field = plan.name;
			return { [plan.name]: reader.openType((inner) => plan.decode(inner, noSiblings)) };
		}
		const plan = root[reader.upTo(span, width)];
		if (plan === undefined) throw reader.refuse("an alternative is unknown");
		reader.field = plan.name;
		return { [plan.name]: plan.decode(reader, noSiblings) };
	};
};

/** Clause 20. */
const compileList = ({ size, of }: ListType): Decode => {
	const element = decoderOf(of);
	const elementBits = leastBits(of);
	const width = lengthWidth(size);
	const { from, to = Number.MAX_SAFE_INTEGER, extensible } = size;
	const take = (reader: BitReader, count: number, out: MessageValue[]): void => {
		reader.needElements(count, elementBits);
		for (let left = count; left > 0; left -= 1) out.push(element(reader, noSiblings));
	};
	return (reader) => {
		const out: MessageValue[] = [];
		const isExtended = extensible && reader.isSet();
		if (width !== undefined && !isExtended) {
			take(reader, from + reader.upTo(to - from, width), out);
			return out;
		}
		let hasMore = true;
		while (hasMore) {
			const count = reader.length();
			hasMore = reader.hasMore;
			take(reader, count, out);
		}
		if (!isExtended && (out.length < from || out.length > to)) throw reader.refuse("a size is out of its range");
		return out;
	};
};

/** Clause 11.2, with the table of an information object class. */
const compileOpen = ({ by, table }: OpenType): Decode => {
	const known = new Map([...table].map(([number, field]) => [number, { name: field.name, decode: decoderOf(field.type) }]));
	return (reader, siblings) => {
		const number = siblings[by];
		const entry = typeof number === "number" ? known.get(number) : undefined;
		if (entry === undefined) return { [unknownField]: hexOf(reader.fragmentedOctets()) };
		reader.field = entry.name;
		return { [entry.name]: reader.openType((inner) => entry.decode(inner, noSiblings)) };
	};
};
