/**
 * Compiles what shall be taken out of the messages of one type into a table of visitors. Parts of the type in which nothing is of interest have no
 * visitor, so a message's untouched parts are shared with the original and cost nothing.
 *
 * Erasing keeps a message fit for its type: an optional field and what an extension added are left out; a mandatory field gets the value by which its
 * standard says that nothing is known, or its default, or, if all within can be unknown, a blank one; failing that, what is around it is erased as
 * well, up to the message as a whole. An element of a list is taken out; a list that falls below its least size is erased itself.
 *
 * What the schema does not know (`unknownField`) is erased wherever it stands: nobody has judged it.
 */
import { type MessageFields, type MessageForm, type MessageValue, unknownField } from "../../../shared/message.ts";
import { blankOf } from "./message-blank.ts";
import { alternativesOf, isFields } from "./message-pairs.ts";
import { compileFieldPaths, type PathState } from "./message-paths.ts";
import type { ChoiceType, Field, GroupRole, ListType, MessageType, OpenType, SeqType } from "./message-type.ts";
import { groupRoles } from "./message-type.ts";

/** Where a value stands in a message, as far as the schema alone tells. */
export interface MessagePlace {
	/** Of the field, the alternative or the open content; of an element the list's name; empty for the message itself. */
	readonly name: string;
	readonly type: MessageType;
	/** Group roles around it, nearest first; its own is not among them. */
	readonly within: readonly GroupRole[];
	/** One of the paths given to `compileLowering` ends here. */
	readonly isNamed: boolean;
	/** False for the fields of a sequence, whose sequence sees them together. */
	readonly isOutermost: boolean;
}

/**
 * Called for a value that is there, after all within it is lowered. Gives back the value to stand in its place, `lowered` itself for no change, or
 * undefined to erase it. It must not change its arguments, and the result must fit the type.
 */
export type LowerValue<A> = (lowered: MessageValue, original: MessageValue, argument: A) => MessageValue | undefined;

/** Erases a value for which it is true, without a look at what is within; keeps any other. */
export interface EraseWhen<A> {
	readonly eraseWhen: (original: MessageValue, argument: A) => boolean;
}

/** `erase-if-possible` erases where that erases nothing around it, and keeps otherwise. Within what is kept, the parts are chosen in turn. */
export type Handling<A> = "keep" | "erase" | "erase-if-possible" | EraseWhen<A> | LowerValue<A>;

/** The same object when nothing was to be lowered, a copy that shares all untouched parts, or undefined when nothing may be left. */
export type LowerFields<A> = (content: MessageFields, argument: A) => MessageFields | undefined;

type Visit<A> = (value: MessageValue, argument: A) => MessageValue | undefined;

interface Entry<A> {
	readonly name: string;
	readonly visit: Visit<A>;
	/** What stands in the place of the erased field. Undefined: it can only be left out, with those named in `along`. */
	readonly blank: MessageValue | undefined;
	/** Fields that go with it (itself among them). Undefined: it cannot be left out, so what is around it goes. */
	readonly along: readonly string[] | undefined;
}

export interface LoweringOptions {
	/** Dotted names, such as `coreData.size`: any place whose own path ends in one of them has `isNamed`. Lists have no step of their own. */
	readonly paths?: readonly string[] | undefined;
	/** JSON is read without what its schema does not know, so that nobody has to look for it. Absent: as in bits. */
	readonly form?: MessageForm | undefined;
}

/**
 * @param choose Called once per place of the type (places that cannot be told apart share a call) while compiling.
 */
export const compileLowering = <A = undefined>(
	type: MessageType,
	choose: (place: MessagePlace) => Handling<A>,
	{ paths = [], form = "uper" }: LoweringOptions = {},
): LowerFields<A> => {
	const visitors = new Map<MessageType, Map<string, Visit<A> | undefined>>();
	const fieldPaths = compileFieldPaths(paths);
	const isInBits = form === "uper";
	const root = visitPlace({ name: "", type, within: [], isNamed: false, isOutermost: true }, fieldPaths.start, undefined);
	return (content, argument) => {
		if (root === undefined) return content;
		const lowered = root(content, argument);
		return lowered !== undefined && isFields(lowered) ? lowered : undefined;
	};

	function visitPlace(place: MessagePlace, state: PathState, canErase: boolean | undefined): Visit<A> | undefined {
		const handling = choose(place);
		if (handling === "erase" || (handling === "erase-if-possible" && canErase === true)) return eraseAll;
		const inner = visitWithin(place, state);
		if (typeof handling === "string") return inner;
		if (typeof handling === "object") {
			const { eraseWhen } = handling;
			return (value, argument) => (eraseWhen(value, argument) ? undefined : inner === undefined ? value : inner(value, argument));
		}
		if (inner === undefined) return (value, argument) => handling(value, value, argument);
		return (value, argument) => {
			const lowered = inner(value, argument);
			return lowered === undefined ? undefined : handling(lowered, value, argument);
		};
	}

	function visitWithin({ name, type: outer, within }: MessagePlace, state: PathState): Visit<A> | undefined {
		const { role } = outer;
		const around = role !== undefined && isGroupRole(role) ? [role, ...within] : within;
		const key = `${state.key} ${around.join(" ")} ${outer.kind === "list" ? name : ""}`;
		let known = visitors.get(outer);
		if (known === undefined) {
			known = new Map();
			visitors.set(outer, known);
		}
		if (known.has(key)) return known.get(key);
		const visit = compileKind(outer, name, around, state);
		known.set(key, visit);
		return visit;
	}

	function compileKind(outer: MessageType, name: string, within: readonly GroupRole[], state: PathState): Visit<A> | undefined {
		switch (outer.kind) {
			case "seq":
				return compileSeq(outer, within, state);
			case "choice":
			case "open":
				return compileAlternatives(outer, within, state);
			case "list":
				return compileList(outer, visitPlace({ name, type: outer.of, within, isNamed: false, isOutermost: true }, state, true));
			case "enum":
				return !isInBits || outer.additions === undefined ? undefined : (value) => (typeof value === "object" ? undefined : value);
			default:
				return undefined;
		}
	}

	/** `canErase` is undefined for what is no field of a sequence. */
	function visitField({ name, type: inner }: Field, within: readonly GroupRole[], state: PathState, canErase: boolean | undefined) {
		const next = fieldPaths.step(state, name);
		return visitPlace({ name, type: inner, within, isNamed: next.ends, isOutermost: canErase === undefined }, next, canErase);
	}

	function compileSeq(outer: SeqType, within: readonly GroupRole[], state: PathState): Visit<A> | undefined {
		const entries: Entry<A>[] = [];
		const add = (field: Field, group: readonly string[] | undefined): void => {
			const blank = field.optional || field.fallback !== undefined ? undefined : blankOf(field.type);
			const along = field.optional || field.fallback !== undefined ? [field.name] : blank === undefined ? group : undefined;
			const visit = visitField(field, within, state, blank !== undefined || along !== undefined);
			if (visit === undefined) return;
			// A mandatory field says that it is unknown rather than that it has its default.
			const unavailable = field.optional ? undefined : field.type.unavailable;
			entries.push({ name: field.name, visit, blank: unavailable ?? blank, along });
		};
		for (const field of outer.fields) add(field, undefined);
		for (const { fields } of outer.additions ?? []) {
			const names = fields.map(({ name }) => name);
			for (const field of fields) add(field, names);
		}
		const mayHaveUnknown = isInBits && outer.additions !== undefined;
		return entries.length === 0 && !mayHaveUnknown ? undefined : seqVisitor(entries, mayHaveUnknown);
	}

	function compileAlternatives(outer: ChoiceType | OpenType, within: readonly GroupRole[], state: PathState): Visit<A> | undefined {
		const table = new Map<string, Visit<A> | undefined>();
		for (const field of alternativesOf(outer)) {
			const visit = visitField(field, within, state, undefined);
			// Two contents of one name cannot be told apart here: neither stays, unless neither is of interest.
			const isTwice = table.has(field.name) && (visit !== undefined || table.get(field.name) !== undefined);
			table.set(field.name, isTwice ? eraseAll : visit);
		}
		const mayHaveUnknown = isInBits && (outer.kind === "open" || outer.additions !== undefined);
		if (!mayHaveUnknown && [...table.values()].every((visit) => visit === undefined)) return undefined;
		return (value, argument) => {
			if (!isFields(value)) return undefined;
			for (const name in value) {
				const visit = table.get(name);
				if (visit === undefined) return table.has(name) ? value : undefined;
				const before = value[name];
				const after = before === undefined ? undefined : visit(before, argument);
				if (after === before) return value;
				return after === undefined ? undefined : { [name]: after };
			}
			return undefined;
		};
	}
};

const eraseAll = (): undefined => undefined;

const groupRoleNames: ReadonlySet<string> = new Set(groupRoles);
const isGroupRole = (role: string): role is GroupRole => groupRoleNames.has(role);

const seqVisitor = <A>(entries: readonly Entry<A>[], mayHaveUnknown: boolean): Visit<A> => {
	return (value, argument) => {
		if (!isFields(value)) return undefined;
		let copy: Record<string, MessageValue> | undefined;
		let gone: string[] | undefined;
		for (let at = 0; at < entries.length; at += 1) {
			const entry = entries[at];
			if (entry === undefined) continue;
			const before = value[entry.name];
			if (before === undefined) continue;
			const after = entry.visit(before, argument) ?? entry.blank;
			if (after === before) continue;
			if (after !== undefined) {
				copy ??= { ...value };
				copy[entry.name] = after;
			} else if (entry.along === undefined) {
				return undefined;
			} else {
				gone ??= [];
				gone.push(...entry.along);
			}
		}
		if (mayHaveUnknown && value[unknownField] !== undefined) {
			gone ??= [];
			gone.push(unknownField);
		}
		return gone === undefined ? (copy ?? value) : without(copy ?? value, gone);
	};
};

const without = (fields: MessageFields, gone: readonly string[]): MessageFields => {
	const rest: Record<string, MessageValue> = {};
	for (const name in fields) {
		const value = fields[name];
		if (value !== undefined && !gone.includes(name)) rest[name] = value;
	}
	return rest;
};

const compileList = <A>({ size }: ListType, visit: Visit<A> | undefined): Visit<A> | undefined => {
	if (visit === undefined) return undefined;
	return (value, argument) => {
		if (!Array.isArray(value)) return undefined;
		let copy: MessageValue[] | undefined;
		for (let at = 0; at < value.length; at += 1) {
			const before: MessageValue = value[at];
			const after = visit(before, argument);
			if (copy === undefined) {
				if (after === before) continue;
				copy = value.slice(0, at);
			}
			if (after !== undefined) copy.push(after);
		}
		return copy === undefined ? value : copy.length < size.from ? undefined : copy;
	};
};
