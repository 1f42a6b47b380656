/**
 * Compiles DBC files into tables and decodes CAN payloads with them.
 *
 * Frame to message: the exact id first, then, for 29-bit ids, the J1939 parameter group (SAE J1939-21: bits 8 to 25; where the PDU format is
 * below 240 the byte under it is a destination and does not count). Where several messages fit, the first one counts, in the order of the
 * files given and of their lines.
 *
 * Signals that are not wholly within the bytes that came are left out, never filled up with zeros; so are the signals that depend on such a
 * multiplexer. canmatrix refuses a frame whose length is not the message's; here the signals that are there are read.
 */
import type { Dbc, DbcMessage, DbcProblem, DbcSignal } from "./dbc-model.ts";
import { CompiledSignal } from "./dbc-signal-decode.ts";

/** Called for each signal that is there. The objects are shared; nothing is made per call. */
export type EmitSignal = (signal: CompiledSignal, value: number | bigint) => void;

interface Choice {
	readonly min: number;
	readonly max: number;
	readonly branch: Branch;
}

/** Signals that are there under one condition. */
interface Branch {
	readonly signals: CompiledSignal[];
	readonly switches: Switch[];
}

/** A multiplexer and what hangs on it: single values by look-up, wide ranges one by one. */
interface Switch {
	readonly signal: CompiledSignal;
	readonly values: Map<number, Branch>;
	readonly ranges: Map<string, Choice>;
}

/** Ranges up to this width, and of one signal about as many, become look-ups. */
const maxListedValues = 256;

export class CompiledMessage {
	readonly name: string;
	/**
	 * The first part of its signals' paths: its name, with `@` and its id in hexadecimal when another message has the same name, and with `@`
	 * before it when it is named like the root of VSS.
	 */
	readonly path: string;
	readonly id: number;
	readonly extended: boolean;
	/** All that can be emitted; two of one name are never emitted together unless `hasTwins`. */
	readonly signals: readonly CompiledSignal[];
	/** True when signals that do not exclude each other share a name; the one emitted last counts. */
	readonly hasTwins: boolean;
	readonly #root: Branch;

	constructor(message: DbcMessage, path: string) {
		this.name = message.name;
		this.path = path;
		this.id = message.id;
		this.extended = message.extended;
		const kept = dropRepeated(message.signals);
		this.#root = emptyBranch();
		const compiled = new Map(kept.map((signal) => [signal, new CompiledSignal(signal, path)]));
		this.signals = [...compiled.values()];
		this.hasTwins = new Set(kept.map((signal) => signal.name)).size < kept.length;
		build(this.#root, compiled);
	}

	/** Emits what the payload (borrowed) holds; returns how many signals were left out because the payload ends before them. */
	decode(data: Uint8Array, emit: EmitSignal): number {
		return run(this.#root, data, emit);
	}
}

const run = (branch: Branch, data: Uint8Array, emit: EmitSignal): number => {
	let truncated = 0;
	for (const signal of branch.signals) {
		if (signal.lastByte < data.length) emit(signal, signal.value(data));
		else truncated++;
	}
	for (const { signal, values, ranges } of branch.switches) {
		if (signal.lastByte >= data.length) continue;
		const raw = signal.raw(data);
		const chosen = values.get(raw);
		if (chosen !== undefined) truncated += run(chosen, data, emit);
		for (const choice of ranges.values()) if (raw >= choice.min && raw <= choice.max) truncated += run(choice.branch, data, emit);
	}
	return truncated;
};

/** The same text for signals that are there under the same condition; no two signals share a line. */
const conditionOf = ({ selector }: DbcSignal): string =>
	selector === undefined ? "" : `${selector.multiplexer.line}:${selector.ranges.join(";")}`;

/** Of signals with one name under one condition the last one counts, as canmatrix has it; a multiplexer stays, others depend on it. */
const dropRepeated = (signals: readonly DbcSignal[]): DbcSignal[] => {
	const needed = new Set(signals.map((signal) => signal.selector?.multiplexer));
	const taken = new Set<string>();
	const kept = signals.toReversed().filter((signal) => {
		const key = `${conditionOf(signal)} ${signal.name}`;
		const repeated = taken.has(key);
		taken.add(key);
		return !repeated || needed.has(signal);
	});
	return kept.reverse();
};

const build = (root: Branch, compiled: ReadonlyMap<DbcSignal, CompiledSignal>): void => {
	const switches = new Map<DbcSignal, Switch>();
	for (const { selector } of compiled.keys()) {
		const signal = selector === undefined ? undefined : compiled.get(selector.multiplexer);
		if (selector !== undefined && signal !== undefined && !switches.has(selector.multiplexer)) {
			switches.set(selector.multiplexer, { signal, values: new Map(), ranges: new Map() });
		}
	}
	for (const [signal, ready] of compiled) {
		for (const branch of branchesFor(signal, root, switches)) {
			branch.signals.push(ready);
			const own = switches.get(signal);
			if (own !== undefined) branch.switches.push(own);
		}
	}
};

const emptyBranch = (): Branch => ({ signals: [], switches: [] });

const branchFor = <K>(branches: Map<K, Branch>, key: K): Branch => {
	const known = branches.get(key);
	if (known !== undefined) return known;
	const branch = emptyBranch();
	branches.set(key, branch);
	return branch;
};

const branchesFor = (signal: DbcSignal, root: Branch, switches: ReadonlyMap<DbcSignal, Switch>): Branch[] => {
	if (signal.selector === undefined) return [root];
	const parent = switches.get(signal.selector.multiplexer);
	if (parent === undefined) return [];
	const branches = new Set<Branch>();
	for (const [min, max] of signal.selector.ranges) {
		if (max - min >= maxListedValues || branches.size >= maxListedValues) {
			const key = `${min}-${max}`;
			const choice = parent.ranges.get(key) ?? { min, max, branch: emptyBranch() };
			parent.ranges.set(key, choice);
			branches.add(choice.branch);
		} else for (let value = min; value <= max; value++) branches.add(branchFor(parent.values, value));
	}
	return [...branches];
};

/** The parameter group of a 29-bit id, with the data pages. */
const parameterGroupOf = (id: number): number => {
	const group = (id >> 8) & 0x3ffff;
	return ((group >> 8) & 0xff) < 240 ? group & 0x3ff00 : group;
};

/**
 * A bus has no say in what its signals mean. A message `Vehicle` with a signal `Speed` would have a path that a catalogue knows; no pattern
 * of a catalogue can match one that begins with `@`, so the signal stays unknown until an overlay says what it is.
 */
const vssRoot = /^Vehicle(?:\.|$)/;

export class DbcDecoder {
	readonly #standard = new Map<number, CompiledMessage>();
	readonly #extended = new Map<number, CompiledMessage>();
	readonly #groups = new Map<number, CompiledMessage>();
	/** What only shows when several files are put together. */
	readonly problems: DbcProblem[] = [];

	constructor(dbcs: readonly Dbc[]) {
		const paths = new Set<string>();
		for (const message of dbcs.flatMap((dbc) => dbc.messages)) {
			const byId = message.extended ? this.#extended : this.#standard;
			if (byId.has(message.id)) {
				this.problems.push({ line: message.line, text: "a message repeats the id of a message in a file before; the first one counts" });
				continue;
			}
			const hex = message.id
				.toString(16)
				.toUpperCase()
				.padStart(message.extended ? 8 : 3, "0");
			const name = vssRoot.test(message.name) ? `@${message.name}` : message.name;
			const path = paths.has(name) ? `${name}@${hex}` : name;
			paths.add(path);
			const compiled = new CompiledMessage(message, path);
			byId.set(message.id, compiled);
			if (!message.parameterGroup) continue;
			const group = parameterGroupOf(message.id);
			if (!this.#groups.has(group)) this.#groups.set(group, compiled);
		}
	}

	/** All messages, in order. */
	messages(): CompiledMessage[] {
		return [...this.#standard.values(), ...this.#extended.values()];
	}

	/** The message that frames with this id carry, if any. */
	find(id: number, extended: boolean): CompiledMessage | undefined {
		if (!extended) return this.#standard.get(id);
		return this.#extended.get(id) ?? (this.#groups.size === 0 ? undefined : this.#groups.get(parameterGroupOf(id)));
	}
}

/** Compiles the files, the most important first. */
export const compileDbc = (dbcs: readonly Dbc[]): DbcDecoder => new DbcDecoder(dbcs);
