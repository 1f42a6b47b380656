/**
 * Which numbers of a sequence make a position together: latitude and longitude, or the two parts of an offset. They stand side by side, or each in a
 * sequence of its own (`xDistance { value, confidence }`); the smallest sequence around both is said to hold the position.
 */
import type { MessageFields, MessageValue } from "../../../shared/message.ts";
import type { ChoiceType, Field, MessageType, OpenType, SeqType } from "./message-type.ts";

const families = {
	degrees: ["lat", "lon"],
	offset: ["dlat", "dlon"],
	metres: ["dx", "dy"],
} as const;
type Family = keyof typeof families;
type PairRole = (typeof families)[Family][number];

const familyOf = new Map<string, Family>();
for (const family of ["degrees", "offset", "metres"] as const) for (const role of families[family]) familyOf.set(role, family);

/** One number, by the names that lead to it. */
export interface PairLeaf {
	readonly role: PairRole;
	readonly names: readonly string[];
	readonly type: MessageType;
	/** What it says in such a sequence, times its factor. NaN: unavailable, or no number. Undefined: it is not there. */
	readonly read: (holder: MessageFields) => number | undefined;
}

export interface Pair {
	readonly by: Family;
	/** Towards north, or ahead. */
	readonly first: PairLeaf;
	/** Towards east, or to the side. */
	readonly second: PairLeaf;
}

/** Fields of the root, then those that were added. */
export const allFields = (type: SeqType): readonly Field[] => [
	...type.fields,
	...(type.additions ?? []).flatMap((addition): readonly Field[] => addition.fields),
];

/** Whichever of them a choice or an open type holds. */
export const alternativesOf = (type: ChoiceType | OpenType): readonly Field[] =>
	type.kind === "open" ? [...type.table.values()] : [...type.alternatives, ...(type.additions ?? [])];

export const isFields = (value: MessageValue): value is MessageFields =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** The role of a value that is one half of a position. */
export const pairRoleOf = ({ role }: MessageType): PairRole | undefined =>
	role !== undefined && familyOf.has(role) ? (role as PairRole) : undefined;

/** What a sequence holds itself, and the halves in it that found no other half: those may find one further out. */
export interface Held {
	readonly pairs: readonly Pair[];
	readonly halves: readonly PairLeaf[];
}

const heldBy = new WeakMap<SeqType, Held>();

export const pairsOf = (type: SeqType): Held => {
	const known = heldBy.get(type);
	if (known !== undefined) return known;
	const held = findPairs(type);
	heldBy.set(type, held);
	return held;
};

const findPairs = (type: SeqType): Held => {
	const leaves: PairLeaf[] = [];
	for (const { name, type: inner } of allFields(type)) {
		const role = pairRoleOf(inner);
		if (role !== undefined) leaves.push(leafAt(role, [name], inner));
		else if (inner.kind === "seq")
			for (const half of pairsOf(inner).halves) leaves.push(leafAt(half.role, [name, ...half.names], half.type));
	}
	const pairs: Pair[] = [];
	const halves: PairLeaf[] = [];
	for (const by of ["degrees", "offset", "metres"] as const) {
		const [firsts, seconds] = families[by].map((role) => leaves.filter((leaf) => leaf.role === role));
		if (firsts === undefined || seconds === undefined) continue;
		// Where one is missing, nobody can say which of the others it belongs to.
		const isEven = firsts.length === seconds.length;
		if (!isEven) halves.push(...firsts, ...seconds);
		else for (const [at, first] of firsts.entries()) pairs.push({ by, first, second: seconds[at] ?? first });
	}
	return { pairs, halves };
};

const leafAt = (role: PairRole, names: readonly string[], type: MessageType): PairLeaf => ({
	role,
	names,
	type,
	read: compileRead(names, type),
});

const compileRead = ([name = "", ...within]: readonly string[], type: MessageType): PairLeaf["read"] => {
	if (within.length > 0) {
		const inner = compileRead(within, type);
		return (holder) => {
			const value = holder[name];
			return value !== undefined && isFields(value) ? inner(value) : undefined;
		};
	}
	const { unavailable, factor = 1 } = type;
	return (holder) => {
		const value = holder[name];
		if (typeof value === "number") return value === unavailable ? Number.NaN : value * factor;
		return value === undefined ? undefined : numberOf(type, value);
	};
};

/** In the unit of the role. NaN: unavailable, or no number. */
export const numberOf = (type: MessageType, value: MessageValue): number => {
	if (value === type.unavailable) return Number.NaN;
	// Some stacks write numbers as text.
	const number = typeof value === "number" ? value : typeof value === "string" && numeric.test(value) ? Number(value) : Number.NaN;
	return number * (type.factor ?? 1);
};

const numeric = /^-?\d{1,15}(\.\d{1,15})?$/;

/** The value that says `inRole` (degrees, metres) in the type's own unit and range. Undefined: no value of the type does. */
export const writtenValue = (type: MessageType, inRole: number): MessageValue | undefined => {
	const value = inRole / (type.factor ?? 1);
	if (!Number.isFinite(value)) return undefined;
	if (type.kind === "text") return String(value);
	if (type.kind !== "int" && type.kind !== "real") return undefined;
	// A negative zero would tell the sign of what was rounded away.
	const number = (type.kind === "int" ? Math.round(value) : value) + 0;
	return number < (type.from ?? number) || number > (type.to ?? number) ? undefined : number;
};

/** A copy of the sequence in which the leaf has this value. */
export const writeLeaf = (holder: MessageFields, { names }: Pick<PairLeaf, "names">, value: MessageValue, at = 0): MessageFields => {
	const name = names[at];
	if (name === undefined) return holder;
	const inner = holder[name];
	return {
		...holder,
		[name]: at + 1 < names.length && inner !== undefined && isFields(inner) ? writeLeaf(inner, { names }, value, at + 1) : value,
	};
};
