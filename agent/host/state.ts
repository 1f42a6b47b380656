/**
 * The small state of the device that must outlive everything else: who it is, how far sequence numbers are reserved, the last time that was
 * known to be good, which law it has seen, and where the ledger's chain stood. One JSON file, kept with lowdb over a durable write.
 *
 *   { "format": "kerbstone-state-1", "sha256": "<of the JSON text of data>", "data": { ... } }
 *
 * The file is replaced as a whole, so a crash leaves the old one or the new one. If it is unreadable all the same (a damaged medium, an
 * edit by hand), it is kept under the name `<file>.damaged` and the agent starts with an empty state: the spool knows the last sequence of
 * each outlet, the ledger knows its own head. Sequence floors never go back here: an update can only raise them, and where the state was
 * lost the spool's own counters, which are never below what was published, take their place.
 */
import { hash } from "node:crypto";
import { LowSync } from "lowdb";
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";
import type { Disk } from "./disk.ts";
import type { Emit } from "./events.ts";

/** The state's file in the data folder. */
export const stateFile = "state.json";

const maxStateBytes = 262_144;
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const key = v.pipe(v.string(), v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/), v.maxLength(60));

export const StateDataSchema = v.strictObject({
	unitId: v.pipe(v.string(), v.minLength(1), v.maxLength(120)),
	/** Per outlet: no sequence number above this was ever handed out. */
	sequenceFloors: v.record(key, count),
	/** UTC milliseconds; 0 when no time was ever known to be good. */
	lastGoodMs: v.pipe(v.number(), v.finite(), v.minValue(0)),
	/** UTC milliseconds that the law's signatures are judged by at least; never beyond the end of a law that was in force. */
	lawTimeMs: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0)), 0),
	/** Per kind of law document: the highest version that was in force. */
	lawVersions: v.record(key, count),
	/** The law in force and since when, UTC milliseconds by the unit's clock then. Without a default, as older states are summed without it. */
	lawSince: v.optional(
		v.strictObject({ hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), atMs: v.pipe(v.number(), v.finite(), v.minValue(0)) }),
	),
	/** SHA-256 of the root of the law that was trusted at first use; null before there was a law. */
	lawRootSha256: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))),
	/** There is a count of quota leases. Without a default, because what older states were checked by has no such field. */
	quotaKept: v.optional(v.literal(true)),
	/** Zones in which collection was stopped by hand; without a default likewise. */
	stoppedZones: v.optional(v.array(v.picklist(["exterior", "cabin"]))),
	/** There is a count of the ground that recipients have been shown; without a default likewise. */
	areaKept: v.optional(v.literal(true)),
	/** The ledger held at least this many entries, and the hash of the last of them. */
	ledgerHead: v.nullable(v.strictObject({ count, hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) })),
});

const FileSchema = v.strictObject({
	format: v.literal("kerbstone-state-1"),
	sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
	data: StateDataSchema,
});

type Writable = v.InferOutput<typeof StateDataSchema>;
type DeepReadonly<T> = { readonly [K in keyof T]: T[K] extends object | null ? Readonly<T[K]> : T[K] };
export type StateData = DeepReadonly<Writable>;

export interface State {
	/** What is known now, including changes that are not on disk yet. Not to be changed by the caller. */
	get(): StateData;
	/**
	 * Merges a change: `sequenceFloors` per outlet, by the higher number; `lawVersions` per kind; the rest replaces. Changes of one turn of the
	 * event loop become one write; resolves when it is durable.
	 * Rejects with KerbError STATE_INVALID when the change is not valid (nothing is merged then) or the write fails.
	 */
	update(change: Partial<StateData>): Promise<void>;
	/** As `update`, durable when it returns. @throws KerbError STATE_INVALID likewise. */
	updateNow(change: Partial<StateData>): void;
	/** True when the file was unreadable and the state began anew. */
	readonly recovered: boolean;
}

/**
 * Opens the state of `unitId`, or begins one. A file of another unit id keeps its floors and takes the new id: numbers may skip, never repeat.
 * Emits `state_recovered` when an unreadable file was put aside.
 * @throws KerbError STATE_INVALID when the folder cannot be written at all.
 */
export const openState = (path: string, disk: Disk, options: { readonly unitId: string; readonly emit?: Emit }): State => {
	disk.removeLeftover(path);
	const { data: found, recovered } = readOrSetAside(path, disk, options.emit);
	const start: Writable = found ?? {
		unitId: options.unitId,
		sequenceFloors: {},
		lastGoodMs: 0,
		lawTimeMs: 0,
		lawVersions: {},
		lawRootSha256: null,
		ledgerHead: null,
	};
	const low = new LowSync<Writable>({ read: () => null, write: (data) => writeState(path, disk, data) }, start);
	if (found?.unitId !== options.unitId) {
		low.data = merge(start, { unitId: options.unitId });
		low.write();
	}

	let pending: Promise<void> | undefined;
	const write = (): void => {
		pending = undefined;
		low.write();
	};
	return {
		get: () => low.data,
		async update(change) {
			low.data = merge(low.data, change);
			pending ??= new Promise<void>((resolve) => setImmediate(resolve)).then(write);
			await pending;
		},
		updateNow(change) {
			low.data = merge(low.data, change);
			low.write();
		},
		recovered,
	};
};

const readOrSetAside = (path: string, disk: Disk, emit: Emit | undefined): { data: Writable | undefined; recovered: boolean } => {
	try {
		return { data: readState(path, disk), recovered: false };
	} catch (error) {
		disk.renameDurable(path, `${path}.damaged`);
		const why = error instanceof KerbError ? error.message : "unreadable";
		emit?.({
			event: "state_recovered",
			detail: `${why} It was kept as ${path}.damaged; floors come from the spool, the head from the ledger.`,
		});
		return { data: undefined, recovered: true };
	}
};

/** What the file says; undefined when there is none. @throws KerbError STATE_INVALID when it is unreadable. */
export const readState = (path: string, disk: Disk): Writable | undefined => {
	const bytes = disk.readFileBounded(path, maxStateBytes);
	if (bytes === undefined) return undefined;
	const parsed = v.safeParse(FileSchema, parseJson(path, bytes));
	if (!parsed.success) throw new KerbError("STATE_INVALID", `${path} does not hold the state of a unit.`);
	const { data, sha256 } = parsed.output;
	if (hash("sha256", JSON.stringify(data)) !== sha256) throw new KerbError("STATE_INVALID", `${path} does not match its own checksum.`);
	return data;
};

const parseJson = (path: string, bytes: Uint8Array): unknown => {
	try {
		return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch (cause) {
		throw new KerbError("STATE_INVALID", `${path} is not JSON.`, { cause });
	}
};

const writeState = (path: string, disk: Disk, data: Writable): void => {
	const file = { format: "kerbstone-state-1", sha256: hash("sha256", JSON.stringify(data)), data };
	disk.writeFileDurable(path, new TextEncoder().encode(`${JSON.stringify(file, undefined, "\t")}\n`), { mode: 0o600 });
};

const merge = (data: StateData, change: Partial<StateData>): Writable => {
	const floors: Record<string, number> = { ...data.sequenceFloors };
	for (const [outletId, floor] of Object.entries(change.sequenceFloors ?? {}))
		floors[outletId] = Math.max(floor, floors[outletId] ?? floor);
	const lawVersions = { ...data.lawVersions, ...change.lawVersions };
	const merged = v.safeParse(StateDataSchema, { ...data, ...change, sequenceFloors: floors, lawVersions });
	if (merged.success) return merged.output;
	const problems = merged.issues.map((issue) => `${v.getDotPath(issue) ?? "state"}: expected ${issue.expected ?? "another value"}`);
	throw new KerbError("STATE_INVALID", `a change of the device state was refused: ${problems.join("; ")}.`, { problems });
};
