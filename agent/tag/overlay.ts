/**
 * The overlay: which signal of a source gives which VSS path its value, and how. Read from one of three shapes, told apart by content:
 *
 * - own JSON: `{ "kind": "overlay", "id": "...", "signals": { "Message.Signal": "Vehicle.Path" | { "path", "math" | "mapping" } | [..] } }`;
 * - a vspec overlay in YAML or JSON, or the JSON tree of vss-tools (`agent/formats/vspec-overlay.ts`).
 *
 * A key `Message.Signal` speaks of that signal; a key `Signal` of that signal of any message for which there is no key of the first kind. One
 * signal may feed several paths, and one path may be fed by several signals.
 */
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";
import { parseValue } from "../../shared/parse-document.ts";
import type { SignalValue } from "../../shared/reading.ts";
import type { OverlayEntry, OverlayValue } from "../formats/overlay-entry.ts";
import { parseVspecYaml, readVspecOverlay, type VspecOverlay } from "../formats/vspec-overlay.ts";
import { compileExpression } from "./expression.ts";

/** Gives the value for the path, or undefined when this value of the signal has none. Never throws, never gives NaN or an infinity. */
export type Transform = (value: SignalValue) => SignalValue | undefined;

export interface OverlayTarget {
	readonly path: string;
	/** Undefined: the value is taken as it is. */
	readonly transform: Transform | undefined;
}

/**
 * The value that a signal has where its value table gives it this label: physical, as the source yields it. `signal` is `Message.Signal`.
 * Undefined when the table has no such label, or several values for it.
 */
export type LabelLookup = (signal: string, label: string) => number | undefined;

export interface Overlay {
	readonly id: string;
	/**
	 * Targets of a source's own path by the key `Message.Signal`; none when there is no such key. Compiled at each call. The `@` that the
	 * decoder puts before a message named like the root of VSS is no part of the key.
	 */
	exactTargets(path: string): readonly OverlayTarget[];
	/** Targets by the key `Signal`, for a path of exactly two parts. */
	looseTargets(path: string): readonly OverlayTarget[];
	/**
	 * What a person should know when this overlay meets these signals (`Message.Signal`): keys that no signal has, labels that no value table
	 * has (such values stay unmapped), paths that several signals feed. Nothing here stops the agent.
	 */
	check(signals: Iterable<string>): readonly string[];
}

const maxOverlayCharacters = 8 * 1024 * 1024;
const maxEntries = 20_000;

const vssPath = /^[A-Za-z_]\w*(?:\.\w+)*$/;
const signalName = /^[^\s.]+(?:\.[^\s.]+)?$/;

const OverlayValueSchema = v.union([v.pipe(v.number(), v.finite()), v.boolean(), v.pipe(v.string(), v.maxLength(300))]);

const TargetSchema = v.union([
	v.string(),
	v.pipe(
		v.strictObject({
			path: v.string(),
			math: v.optional(v.string()),
			mapping: v.optional(
				v.pipe(v.array(v.strictObject({ from: OverlayValueSchema, to: OverlayValueSchema })), v.minLength(1), v.maxLength(2_000)),
			),
		}),
		v.check((target) => target.math === undefined || target.mapping === undefined, "math and mapping exclude each other"),
	),
]);

const OverlayFileSchema = v.strictObject({
	kind: v.literal("overlay"),
	id: v.pipe(v.string(), v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"), v.maxLength(120)),
	title: v.optional(v.pipe(v.string(), v.maxLength(500))),
	signals: v.record(v.string(), v.union([TargetSchema, v.pipe(v.array(TargetSchema), v.minLength(1), v.maxLength(64))])),
});

/**
 * Reads an overlay from the text of a file.
 *
 * @param text At most 8 Mi characters.
 * @param name Names the file for a person; becomes the id of an overlay that has none.
 * @param labels Resolves the labels in mappings; without it a label only matches a source that yields the label itself.
 * @throws KerbError CONFIG_INVALID when it is none of the shapes, or anything in it is wrong; `problems` lists all of it with paths.
 */
export const loadOverlay = async (text: string, name: string, labels?: LabelLookup): Promise<Overlay> => {
	if (text.length > maxOverlayCharacters) {
		throw new KerbError("CONFIG_INVALID", `overlay ${name}: expected at most ${maxOverlayCharacters} characters, got ${text.length}`);
	}
	const { id, entries } = await readEntries(text, name);
	const problems = entries.length > maxEntries ? [`expected at most ${maxEntries} signals, got ${entries.length}`] : checkEntries(entries);
	if (problems.length > 0) throw invalid(name, problems);

	const bySignal = new Map<string, OverlayEntry[]>();
	for (const entry of entries) {
		const list = bySignal.get(entry.signal);
		if (list === undefined) bySignal.set(entry.signal, [entry]);
		else list.push(entry);
	}
	const compile = (key: string, path: string): readonly OverlayTarget[] =>
		(bySignal.get(key) ?? []).map((entry) => ({ path: entry.path, transform: compileTransform(entry, path, labels) }));
	const keyOf = (path: string): string | undefined => {
		if (bySignal.has(plainKey(path))) return plainKey(path);
		const loose = looseKey(path);
		return loose !== undefined && bySignal.has(loose) ? loose : undefined;
	};
	return {
		id,
		exactTargets: (path) => compile(plainKey(path), plainKey(path)),
		looseTargets: (path) => {
			const key = looseKey(path);
			return key === undefined ? [] : compile(key, plainKey(path));
		},
		check: (signals) => checkAgainst(bySignal, [...signals], keyOf, labels),
	};
};

const readEntries = async (text: string, name: string): Promise<{ readonly id: string; readonly entries: readonly OverlayEntry[] }> => {
	const isJson = text.trimStart().startsWith("{");
	if (!isJson) return { id: name, entries: entriesOf(await parseVspecYaml(text), name) };
	let root: unknown;
	try {
		root = JSON.parse(text);
	} catch (cause) {
		throw new KerbError("CONFIG_INVALID", `overlay ${name}: starts like JSON but is not; expected one JSON object`, { cause });
	}
	const isOwn = typeof root === "object" && root !== null && "kind" in root && typeof root.kind === "string";
	if (!isOwn) return { id: name, entries: entriesOf(readVspecOverlay(root), name) };
	const file = parseValue(OverlayFileSchema, root, `overlay ${name}`, "CONFIG_INVALID");
	const entries = Object.entries(file.signals).flatMap(([signal, targets]) =>
		(Array.isArray(targets) ? targets : [targets]).map((target) =>
			typeof target === "string" ? { signal, path: target } : { signal, ...target },
		),
	);
	return { id: file.id, entries };
};

const entriesOf = (overlay: VspecOverlay, name: string): readonly OverlayEntry[] => {
	if (overlay.problems.length > 0) throw invalid(name, overlay.problems);
	if (overlay.entries.length === 0) throw invalid(name, ["no path has dbc2vss: expected at least one signal"]);
	return overlay.entries;
};

const invalid = (name: string, problems: readonly string[]): KerbError =>
	new KerbError(
		"CONFIG_INVALID",
		`overlay ${name} is not valid: ${problems[0]}${problems.length > 1 ? ` (and ${problems.length - 1} more)` : ""}`,
		{
			problems,
		},
	);

const checkEntries = (entries: readonly OverlayEntry[]): readonly string[] => {
	const seen = new Set<string>();
	return entries.flatMap((entry) => {
		const where = `signal "${entry.signal}" to path "${entry.path}"`;
		const found: string[] = [];
		if (!signalName.test(entry.signal) || entry.signal.length > 200) found.push(`${where}: a signal is Message.Signal or Signal`);
		if (!vssPath.test(entry.path) || entry.path.length > 300) found.push(`${where}: a path is words joined by dots, such as Vehicle.Speed`);
		const key = `${entry.signal} ${entry.path}`;
		if (seen.has(key)) found.push(`${where}: is there twice`);
		seen.add(key);
		const from = new Set(entry.mapping?.map((pair) => pair.from));
		if (entry.mapping !== undefined && from.size < entry.mapping.length) found.push(`${where}: a value of the mapping is there twice`);
		if (entry.math !== undefined) {
			try {
				compileExpression(entry.math);
			} catch (error) {
				found.push(`${where}: ${error instanceof KerbError ? error.message : "math cannot be read"}`);
			}
		}
		return found;
	});
};

/** The signal of `Message.Signal`; nothing for a path of any other number of parts. */
const plainKey = (path: string): string => (path.startsWith("@") ? path.slice(1) : path);

const looseKey = (path: string): string | undefined => {
	const dot = path.indexOf(".");
	return dot > 0 && dot === path.lastIndexOf(".") ? path.slice(dot + 1) : undefined;
};

const compileTransform = (entry: OverlayEntry, path: string, labels: LabelLookup | undefined): Transform | undefined => {
	if (entry.mapping !== undefined) return compileMapping(entry.mapping, path, labels);
	if (entry.math === undefined) return undefined;
	const expression = compileExpression(entry.math);
	return (value) => {
		const x = numberOf(value);
		if (x === undefined) return undefined;
		// Adding zero turns a negative zero, which nobody means, into zero.
		const result = expression(x) + 0;
		return Number.isFinite(result) ? result : undefined;
	};
};

/** A value that arithmetic can take without loss. */
const numberOf = (value: SignalValue): number | undefined => {
	if (typeof value === "number") return value;
	if (typeof value === "boolean") return value ? 1 : 0;
	return typeof value === "bigint" && BigInt.asIntN(54, value) === value ? Number(value) : undefined;
};

const compileMapping = (
	mapping: NonNullable<OverlayEntry["mapping"]>,
	path: string,
	labels: LabelLookup | undefined,
): ((value: SignalValue) => SignalValue | undefined) => {
	const table = new Map<SignalValue, OverlayValue>();
	for (const { from, to } of mapping) {
		table.set(from, to);
		const value = typeof from === "string" ? labels?.(path, from) : undefined;
		// A number that the list names itself says more than a label that has come to mean it.
		if (value !== undefined && !mapping.some((pair) => pair.from === value)) table.set(value, to);
	}
	return (value) => table.get(value);
};

const checkAgainst = (
	bySignal: ReadonlyMap<string, readonly OverlayEntry[]>,
	signals: readonly string[],
	keyOf: (path: string) => string | undefined,
	labels: LabelLookup | undefined,
): readonly string[] => {
	const used = new Set<string>();
	const feeders = new Map<string, Set<string>>();
	const unresolved: string[] = [];
	for (const signal of signals) {
		const key = keyOf(signal);
		if (key === undefined) continue;
		used.add(key);
		for (const entry of bySignal.get(key) ?? []) {
			const feeding = feeders.get(entry.path) ?? new Set();
			feeders.set(entry.path, feeding.add(signal));
			for (const { from } of entry.mapping ?? []) {
				if (typeof from === "string" && labels?.(plainKey(signal), from) === undefined)
					unresolved.push(`${signal} to ${entry.path}: no single value has the label "${from}"; it stays unmapped`);
			}
		}
	}
	const unused = [...bySignal.keys()].filter((key) => !used.has(key)).map((key) => `${key}: no signal has this name`);
	const shared = [...feeders]
		.filter(([, feeding]) => feeding.size > 1)
		.map(([path, feeding]) => `${path}: is fed by ${feeding.size} signals: ${[...feeding].slice(0, 8).join(", ")}`);
	return [...unused, ...unresolved, ...shared];
};
