/**
 * Overlays of the VSS world: a vspec overlay as the KUKSA CAN provider takes it (YAML, one key per path), and the JSON tree that vss-tools
 * makes of a whole specification (`children`). Only what a signal gives to a path is read; `vss2dbc` goes the other way and is passed over.
 *
 *     Vehicle.Speed:                        { "Vehicle": { "children": { "Speed": {
 *       datatype: float                         "datatype": "float",
 *       dbc2vss:                                "dbc2vss": {
 *         signal: DI_uiSpeed                      "signal": "DI_uiSpeed",
 *         transform:                              "transform": { "math": "x*2" } } } } } }
 *           math: "x*2"
 *
 * The older key `dbc` means the same as `dbc2vss`. `interval_ms` and `on_change` are checked and passed over: how often a value leaves is the
 * policy's to say.
 */
import * as v from "valibot";
import type { OverlayEntry } from "./overlay-entry.ts";

export interface VspecOverlay {
	readonly entries: readonly OverlayEntry[];
	/** What is wrong, with the path; a file with problems must not be used. */
	readonly problems: readonly string[];
}

const maxDepth = 32;
const maxNodes = 50_000;

const OverlayValueSchema = v.union([v.pipe(v.number(), v.finite()), v.boolean(), v.pipe(v.string(), v.maxLength(300))]);

/** The body of `dbc2vss`; a transform is either an expression or a list, not both. */
const FeedSchema = v.strictObject({
	signal: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
	interval_ms: v.optional(v.pipe(v.number(), v.minValue(0))),
	on_change: v.optional(v.boolean()),
	transform: v.optional(
		v.union([
			v.strictObject({ math: v.pipe(v.string(), v.maxLength(300)) }),
			v.strictObject({
				mapping: v.pipe(v.array(v.strictObject({ from: OverlayValueSchema, to: OverlayValueSchema })), v.minLength(1), v.maxLength(2_000)),
			}),
		]),
	),
});

/**
 * Reads either shape from a value that YAML or JSON gave. Never throws: problems are returned.
 *
 * @param root The parsed document.
 */
export const readVspecOverlay = (root: unknown): VspecOverlay => {
	const entries: OverlayEntry[] = [];
	const problems: string[] = [];
	let nodes = 0;

	const visit = (node: unknown, path: string, depth: number): void => {
		nodes += 1;
		if (nodes === maxNodes) problems.push(`${path}: expected at most ${maxNodes} nodes in the whole file`);
		if (nodes >= maxNodes) return;
		if (!isRecord(node)) {
			// A path without a body says nothing of it, as in an overlay that only lists names.
			if (node !== null) problems.push(`${path}: expected an object`);
			return;
		}
		readFeed(node, path);
		const children = own(node, "children");
		if (children === undefined) return;
		if (!isRecord(children)) problems.push(`${path}.children: expected an object`);
		else if (depth >= maxDepth) problems.push(`${path}: expected at most ${maxDepth} levels`);
		else for (const [name, child] of Object.entries(children)) visit(child, `${path}.${name}`, depth + 1);
	};

	const readFeed = (node: Readonly<Record<string, unknown>>, path: string): void => {
		for (const key of Object.keys(node)) {
			// Attributes of other tools are none of our business, but a misspelt one of ours must not pass in silence.
			if (/^dbc/i.test(key) && key !== "dbc" && key !== "dbc2vss") problems.push(`${path}.${key}: expected dbc2vss or dbc`);
		}
		const keys = ["dbc2vss", "dbc"].filter((key) => own(node, key) !== undefined);
		const [key] = keys;
		if (key === undefined) return;
		if (keys.length > 1) {
			problems.push(`${path}: expected dbc2vss or dbc, not both`);
			return;
		}
		const parsed = v.safeParse(FeedSchema, own(node, key));
		if (parsed.success) entries.push({ path, signal: parsed.output.signal, ...parsed.output.transform });
		else for (const issue of parsed.issues) problems.push(`${path}.${key}${dotted(v.getDotPath(issue))}: expected ${describeIssue(issue)}`);
	};

	if (!isRecord(root)) return { entries, problems: ["(whole document): expected an object with VSS paths as keys"] };
	for (const [path, node] of Object.entries(root)) visit(node, path, 0);
	return { entries, problems };
};

/**
 * Parses YAML text (1.2 core schema: no dates, no custom types, no merge keys, at most 64 uses of aliases, each key once per object) and reads the
 * overlay in it. Never throws for bad text: problems are returned.
 *
 * The YAML library is loaded with the first YAML file, so that a unit without one does not pay for it.
 */
export const parseVspecYaml = async (text: string): Promise<VspecOverlay> => {
	const { isMap, isScalar, parseDocument, visit } = await import("yaml");
	const document = parseDocument(text, {
		schema: "core",
		version: "1.2",
		uniqueKeys: false,
		strict: true,
		prettyErrors: false,
		logLevel: "error",
	});
	const broken = [...document.errors, ...document.warnings];
	if (broken.length > 0) {
		return { entries: [], problems: broken.slice(0, 100).map((error) => `line ${lineAt(text, error.pos[0])}: not YAML (${error.code})`) };
	}
	// The library's own search for a key that is there twice takes the square of their number.
	const twice: string[] = [];
	visit(document, (_key, node) => {
		if (!isMap(node)) return;
		const seen = new Set<unknown>();
		for (const { key } of node.items) {
			if (!isScalar(key)) continue;
			if (seen.has(key.value)) twice.push(`line ${lineAt(text, key.range?.[0] ?? 0)}: a key is there twice`);
			seen.add(key.value);
		}
	});
	if (twice.length > 0) return { entries: [], problems: twice.slice(0, 100) };
	try {
		return readVspecOverlay(document.toJS({ maxAliasCount: 64 }));
	} catch {
		return { entries: [], problems: ["(whole document): expected YAML with at most 64 uses of aliases"] };
	}
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

const own = (node: Readonly<Record<string, unknown>>, key: string): unknown => (Object.hasOwn(node, key) ? node[key] : undefined);

const dotted = (path: string | null): string => (path === null ? "" : `.${path}`);

const describeIssue = (issue: v.BaseIssue<unknown>): string =>
	issue.type === "strict_object" && issue.expected === "never" ? "no such key" : (issue.expected ?? "something else");

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;
