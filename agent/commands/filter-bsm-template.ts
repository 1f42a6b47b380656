/**
 * A skeleton and what is left of it after all that erases the same of every message: one regular expression that recognises the messages of that make
 * and picks out what matters of them, and a row of pieces that makes what may leave of what it picked.
 */
import type { MessageFields, MessageValue } from "../../shared/message.ts";
import { type ChoiceType, type Field, type GroupRole, groupRoles, type MessageType, type Role } from "../formats/v2x/message-type.ts";
import { type CountedList, fieldsOf, isWithin, literally, valuePattern } from "./filter-bsm-pattern.ts";
import { isMark, type Skeleton, type Unit } from "./filter-bsm-skeleton.ts";

/** A value that treatments look at: where it stands in the tree. */
export interface LiveLeaf {
	readonly holder: Record<string, MessageValue>;
	readonly name: string;
	/** From the root of the tree. */
	readonly path: readonly (string | number)[];
	readonly type: MessageType;
	/** Group roles around it, nearest first. */
	readonly within: readonly GroupRole[];
	readonly group: number;
}

/** Of what may leave: text, a group of the expression as it is, a number written anew, or a leaf that a treatment has replaced. */
export type Piece = string | number | { readonly real: number } | { readonly replaced: LiveLeaf };

export interface Template {
	readonly pattern: RegExp;
	/** Groups whose elements are to be counted. */
	readonly counted: readonly (CountedList & { readonly group: number })[];
	readonly live: readonly LiveLeaf[];
	/** Group of the time of reception; 0: the message does not say. */
	readonly stampGroup: number;
	/** What treatments are to see of the content: the live leaves alone, set anew for each message. */
	readonly content: MessageFields;
	readonly pieces: readonly Piece[];
}

const isFields = (value: MessageValue | undefined): value is MessageFields =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Undefined when what is left needs more than pieces: live values in lists whose length is not known, lists that were changed in part.
 *
 * @param dialect Name of the alternative of the message's type that the text is.
 * @param left What the treatments left of the skeleton's tree, under that name.
 * @param replaces Whether ids are replaced later.
 */
export const makeTemplate = (
	{ units }: Skeleton,
	type: ChoiceType,
	dialect: string,
	left: MessageFields,
	lives: Lives,
	replaces: boolean,
): Template | undefined => {
	const root = type.alternatives.find(({ name }) => name === dialect)?.type;
	if (root === undefined) return undefined;
	const writer = new TemplateWriter(units, lives, replaces);
	return writer.write(root, left[dialect], { path: [dialect], within: [] }) ? writer.finish() : undefined;
};

/** Whether a later treatment looks at values of the role within groups, nearest first. */
export type Lives = (role: Role, within: readonly GroupRole[]) => boolean;

/** What is to be written: text, or a unit of the skeleton. */
type Out = { readonly text: string } | { readonly unit: number; readonly live: OpenLeaf | undefined };
type OpenLeaf = Pick<LiveLeaf, "name" | "path" | "type" | "within">;

/** Where a value stands in the tree, and the group roles around it, nearest first. */
interface Around {
	readonly path: readonly (string | number)[];
	readonly within: readonly GroupRole[];
}

const groupRoleNames: ReadonlySet<string> = new Set(groupRoles);
const isGroup = (role: Role | undefined): role is GroupRole => role !== undefined && groupRoleNames.has(role);

class TemplateWriter {
	readonly #units: readonly Unit[];
	readonly #isLive: (type: MessageType, within: readonly GroupRole[]) => boolean;
	readonly #replaces: boolean;
	readonly #outs: Out[] = [];
	readonly #byMark = new Map<MessageValue, number>();
	/** Units that are within a run. */
	readonly #used = new Set<number>();

	constructor(units: readonly Unit[], lives: Lives, replaces: boolean) {
		this.#units = units;
		this.#isLive = ({ role }, within) => role !== undefined && lives(role, within);
		this.#replaces = replaces;
		for (const [index, unit] of units.entries()) {
			if (unit.kind === "leaf") this.#byMark.set(unit.mark, index);
			else if (unit.kind === "list") this.#byMark.set(unit.sample, index);
		}
	}

	/** Adds what the value is written as; false when that cannot be told. */
	write(type: MessageType, value: MessageValue | undefined, around: Around): boolean {
		if (value === undefined) return false;
		const unit = this.#byMark.get(value);
		if (unit !== undefined) return this.#unit(type, unit, around);
		const { role } = type;
		const place = isGroup(role) ? { ...around, within: [role, ...around.within] } : around;
		switch (type.kind) {
			case "seq":
				return isFields(value) && this.#seq(fieldsOf(type), value, place);
			case "choice":
			case "open":
				return isFields(value) && this.#seq(alternativesOf(type, value), value, place);
			case "list":
				return Array.isArray(value) && this.#list(type.of, value, place);
			default:
				return !isMark(value) && this.#constant(type, value);
		}
	}

	#unit(type: MessageType, unit: number, { path, within }: Around): boolean {
		if (type.kind === "list") {
			// A real in a list would be copied as it is written, and a live value would not be looked at.
			if (someType(type, (inner) => inner.kind === "real" || this.#isLive(inner, within))) return false;
			this.#outs.push({ unit, live: undefined });
			return true;
		}
		const name = path.at(-1);
		if (!this.#isLive(type, within)) this.#outs.push({ unit, live: undefined });
		else if (typeof name !== "string") return false;
		else this.#outs.push({ unit, live: { name, path, type, within } });
		return true;
	}

	#seq(fields: readonly Field[], value: MessageFields, { path, within }: Around): boolean {
		this.#text("{");
		let isFirst = true;
		for (const { name, type } of fields) {
			const inner = value[name];
			if (inner === undefined) continue;
			if (!isFirst) this.#text(",");
			isFirst = false;
			this.#text(`"${name}":`);
			if (!this.write(type, inner, { path: [...path, name], within })) return false;
		}
		this.#text("}");
		return true;
	}

	#list(type: MessageType, values: readonly MessageValue[], { path, within }: Around): boolean {
		this.#text("[");
		for (const [index, value] of values.entries()) {
			if (index > 0) this.#text(",");
			if (!this.write(type, value, { path: [...path, index], within })) return false;
		}
		this.#text("]");
		return true;
	}

	/** A value that an erasing treatment has put in, or that all messages of the skeleton share. */
	#constant(type: MessageType, value: MessageValue): boolean {
		switch (type.kind) {
			case "int":
			case "bool":
			case "null":
				this.#text(String(value));
				return true;
			case "enum":
				this.#text(`"${value}"`);
				return true;
			case "octets":
				this.#text(`"${String(value).toUpperCase()}"`);
				return true;
			case "bits":
				return typeof value === "string" && !type.size.extensible && type.size.from === type.size.to && this.#bits(value);
			default:
				return false;
		}
	}

	#bits(bits: string): true {
		const octets = bits.match(/.{1,8}/g) ?? [];
		const hex = octets.map((octet) => Number.parseInt(octet.padEnd(8, "0"), 2).toString(16).padStart(2, "0"));
		this.#text(`"${hex.join("").toUpperCase()}"`);
		return true;
	}

	#text(text: string): void {
		this.#outs.push({ text });
	}

	/** The expression over all units, and the pieces over its groups. */
	finish(): Template {
		const runs = this.#runs();
		const pieces: Piece[] = [];
		const starts = new Set(runs.flatMap((run) => ("from" in run && run.leaf === undefined ? [run.from] : [])));
		const ends = new Set(runs.flatMap((run) => ("from" in run && run.leaf === undefined ? [run.to] : [])));
		const liveUnits = new Map(
			this.#outs.flatMap((out) => ("unit" in out && out.live !== undefined ? [[out.unit, out.live] as const] : [])),
		);
		const alone = new Set(runs.flatMap((run) => ("from" in run && run.leaf !== undefined ? [run.from] : [])));
		const stamp = this.#stamp();

		let source = "";
		let groups = 0;
		const runGroups = new Map<number, number>();
		const leafGroups = new Map<number, number>();
		const counted: (CountedList & { group: number })[] = [];
		for (const [index, unit] of this.#units.entries()) {
			if (starts.has(index)) {
				runGroups.set(index, ++groups);
				source += "(";
			}
			if (unit.kind === "leaf" && (liveUnits.has(index) || alone.has(index) || index === stamp)) {
				leafGroups.set(index, ++groups);
				source += `(${patternOf(unit, [])})`;
			} else {
				const lists: CountedList[] = [];
				source += patternOf(unit, lists);
				for (const list of lists) counted.push({ ...list, group: ++groups });
			}
			if (ends.has(index)) source += ")";
		}

		const content: Record<string, MessageValue> = {};
		const live = new Map(
			[...liveUnits].map(([index, leaf]) => [index, { ...leaf, holder: holderIn(content, leaf.path), group: leafGroups.get(index) ?? 0 }]),
		);
		for (const run of runs) {
			if ("text" in run) pieces.push(run.text);
			else if (run.leaf === undefined) pieces.push(runGroups.get(run.from) ?? 0);
			else {
				const leaf = live.get(run.from);
				if (leaf !== undefined && this.#isReplaced(leaf.type)) pieces.push({ replaced: leaf });
				else pieces.push({ real: leafGroups.get(run.from) ?? 0 });
			}
		}
		return {
			pattern: new RegExp(`^${source}$`),
			counted,
			live: [...live.values()],
			stampGroup: stamp === undefined ? 0 : (leafGroups.get(stamp) ?? 0),
			content,
			pieces,
		};
	}

	/** The time by which pseudonyms change. */
	#stamp(): number | undefined {
		const at = (path: string): number => this.#units.findIndex((unit) => unit.kind === "leaf" && unit.path === path);
		const stamps = [at(".metadata.odeReceivedAt"), at(".metadata.receivedAt")].filter((index) => index >= 0);
		return stamps[0];
	}

	#isReplaced({ role }: MessageType): boolean {
		return this.#replaces && (role === "id" || role === "object-id");
	}

	/** Parts of the text that are copied as they are, from unit to unit; leaves that are written anew; and text that is put in between. */
	#runs(): readonly ({ readonly text: string } | { readonly from: number; readonly to: number; readonly leaf: true | undefined })[] {
		const runs: ({ text: string } | { from: number; to: number; leaf: true | undefined })[] = [];
		const outs = this.#outs;
		for (let at = 0; at < outs.length; ) {
			const out = outs[at];
			if (out === undefined) break;
			if ("text" in out) {
				const last = runs.at(-1);
				if (last !== undefined && "text" in last) last.text += out.text;
				else runs.push({ text: out.text });
				at++;
				continue;
			}
			const isAnew = this.#isAnew(out.unit);
			this.#used.add(out.unit);
			const run = { from: out.unit, to: out.unit, leaf: isAnew ? (true as const) : undefined };
			runs.push(run);
			at++;
			if (isAnew) continue;
			for (let next = outs[at]; next !== undefined && this.#follows(next, run.to + 1); next = outs[at]) {
				run.to++;
				this.#used.add(run.to);
				at++;
			}
			this.#extendBack(runs, run);
		}
		return runs;
	}

	#isAnew(index: number): boolean {
		const unit = this.#units[index];
		return unit?.kind === "leaf" && (unit.type.kind === "real" || this.#isReplaced(unit.type));
	}

	#follows(out: Out, index: number): boolean {
		const unit = this.#units[index];
		if (this.#used.has(index)) return false;
		if ("unit" in out) return out.unit === index && !this.#isAnew(index);
		return unit?.kind === "text" && unit.text === out.text;
	}

	/** The text before a run may be the same in both. */
	#extendBack(
		runs: ({ text: string } | { from: number; to: number; leaf: true | undefined })[],
		run: { from: number; to: number; leaf: true | undefined },
	): void {
		const before = runs.at(-2);
		if (before === undefined || !("text" in before)) return;
		for (let index = run.from - 1; index >= 0 && !this.#used.has(index); index--) {
			const unit = this.#units[index];
			if (unit?.kind !== "text" || !before.text.endsWith(unit.text)) return;
			before.text = before.text.slice(0, -unit.text.length);
			run.from = index;
			this.#used.add(index);
			if (before.text === "") {
				runs.splice(-2, 1);
				return;
			}
		}
	}
}

/** The object that a path ends in, made with all that leads to it. */
const holderIn = (content: Record<string, MessageValue>, path: readonly (string | number)[]): Record<string, MessageValue> => {
	let holder: Record<string, MessageValue> | MessageValue[] = content;
	for (const [at, step] of path.slice(0, -1).entries()) {
		const made: Record<string, MessageValue> | MessageValue[] = typeof path[at + 1] === "number" ? [] : {};
		if (Array.isArray(holder)) {
			// Elements have their places, whatever is in them.
			while (holder.length <= Number(step)) holder.push({});
			holder = holder[Number(step)] as Record<string, MessageValue>;
		} else {
			holder[step] ??= made;
			holder = holder[step] as Record<string, MessageValue> | MessageValue[];
		}
	}
	return holder as Record<string, MessageValue>;
};

const alternativesOf = (type: MessageType, value: MessageFields): readonly Field[] => {
	if (type.kind === "choice") return [...type.alternatives, ...(type.additions ?? [])];
	const [name] = Object.keys(value);
	return type.kind === "open" ? [...type.table.values()].filter((field) => field.name === name).slice(0, 1) : [];
};

const patternOf = (unit: Unit, counted: CountedList[]): string => {
	switch (unit.kind) {
		case "text":
			return literally(unit.text);
		case "free":
			return unit.pattern;
		case "leaf":
			return unit.pattern;
		case "list":
			return valuePattern(unit.type, counted) ?? "(?!)";
	}
};

const someType = (type: MessageType, is: (type: MessageType) => boolean): boolean => {
	if (is(type)) return true;
	switch (type.kind) {
		case "seq":
			return fieldsOf(type).some((field) => someType(field.type, is));
		case "list":
			return someType(type.of, is);
		case "choice":
			return [...type.alternatives, ...(type.additions ?? [])].some((field) => someType(field.type, is));
		case "open":
			return [...type.table.values()].some((field) => someType(field.type, is));
		default:
			return false;
	}
};

/** No list of the message has more elements than its type allows. */
export const listsFit = ({ counted }: Template, found: RegExpExecArray): boolean => {
	for (const list of counted) if (!isWithin(found[list.group] ?? "", list)) return false;
	return true;
};
