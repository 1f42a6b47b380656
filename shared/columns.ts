/**
 * A batch of records in columns: per signal path (and per shape of fix) one group, in it one column per field. Much smaller than rows, because
 * neighbours in a column are alike. Exact: every record comes back bit for bit and in the same order. A field that is undefined is absent.
 *
 * As deterministic CBOR: [1, count, order, times, groups]
 * - order: see `columns-order.ts`
 * - times: [[count, numbers] ...], the distinct time columns in UTC milliseconds; signals of one CAN message share theirs
 * - group: [kind, index into times, ...], kind 0 signals, 1 fixes, 2 messages, 3 flows, 4 frames, 5 clouds, 6 map features; the rest is in `columns-signals.ts` and its siblings
 */
import { decodeCbor } from "./cbor-decode.ts";
import { encodeCbor } from "./cbor-encode.ts";
import { type CborValue, isCborArray } from "./cbor-value.ts";
import { cloudGroups, frameGroups, mapGroups } from "./columns-files.ts";
import { fixGroups } from "./columns-fixes.ts";
import { flowGroups } from "./columns-flows.ts";
import { refuseColumns, tupleOf } from "./columns-group.ts";
import { messageGroups } from "./columns-messages.ts";
import { decodeNumbers, encodeNumbers } from "./columns-numbers.ts";
import { encodeOrder, restoreOrder } from "./columns-order.ts";
import { signalGroups } from "./columns-signals.ts";
import type { KerbRecord } from "./record.ts";

/** More records than this are refused both ways; it bounds what a small envelope can make its reader allocate. */
export const maxBatchRecords = 65_535;

const formatVersion = 1;

interface Group {
	readonly kind: KerbRecord["kind"];
	/** All of the one kind. */
	readonly records: readonly KerbRecord[];
}

/**
 * The batch of `records`; fresh, the caller's.
 *
 * @throws KerbError ENVELOPE_INVALID for more than `maxBatchRecords`.
 */
export const encodeColumns = (records: readonly KerbRecord[]): Uint8Array => {
	if (records.length > maxBatchRecords) throw refuseColumns(`at most ${maxBatchRecords} records, got ${records.length}`);
	const { groups, groupOf } = sortIntoGroups(records);
	const distinct: Float64Array[] = [];
	const byShape = new Map<string, number[]>();
	const encoded = groups.map((group) => {
		const times = Float64Array.from(group.records, (record) => record.takenAtMs);
		const shape = `${times.length} ${times[0]} ${times.at(-1)}`;
		const alike = byShape.get(shape) ?? [];
		const known = alike.find((at) => sameTimes(distinct[at], times));
		if (known === undefined) byShape.set(shape, [...alike, distinct.push(times) - 1]);
		return encodeGroup(group, known ?? distinct.length - 1);
	});
	const timeColumns = distinct.map((times): CborValue => [times.length, encodeNumbers(times)]);
	const order = encodeOrder(
		groupOf,
		Float64Array.from(records, (record) => record.takenAtMs),
	);
	return encodeCbor([formatVersion, records.length, order, timeColumns, encoded]);
};

/**
 * The records of a batch. Nothing in them refers to `bytes`.
 *
 * @throws KerbError ENVELOPE_INVALID when the bytes are not exactly one such batch.
 */
export const decodeColumns = (bytes: Uint8Array): KerbRecord[] => {
	const [version, count, order, timeItems, groupItems] = tupleOf(readCbor(bytes), 5);
	if (version !== formatVersion) throw refuseColumns(`format version ${formatVersion}`);
	if (typeof count !== "number" || count < 0 || count > maxBatchRecords) throw refuseColumns(`0 to ${maxBatchRecords} records`);
	if (order !== null && !(order instanceof Uint8Array)) throw refuseColumns("an order");
	if (!isCborArray(timeItems) || !isCborArray(groupItems) || groupItems.length > count) throw refuseColumns("time columns and groups");
	const times = decodeTimes(timeItems, count);
	const timesOf = groupItems.map((item) => timesOfGroup(item, times));
	if (timesOf.reduce((sum, column) => sum + column.length, 0) !== count) throw refuseColumns("as many records as declared");
	const groupOf = restoreOrder(order ?? null, timesOf, count);
	const groups = groupItems.map((item, group) => decodeGroup(item, timesOf[group] ?? new Float64Array()));
	const next = new Uint32Array(groups.length);
	return Array.from(groupOf, (group) => {
		const index = next[group] ?? 0;
		next[group] = index + 1;
		const record = groups[group]?.[index];
		if (record === undefined) throw refuseColumns("a record for each place in the order");
		return record;
	});
};

const readCbor = (bytes: Uint8Array): CborValue => {
	try {
		return decodeCbor(bytes, { maxDepth: 8, maxItems: 2_000_000 });
	} catch (cause) {
		throw refuseColumns("one item of deterministic CBOR", cause);
	}
};

const sameTimes = (a: Float64Array | undefined, b: Float64Array): boolean =>
	a?.length === b.length && a.every((time, at) => Object.is(time, b[at]));

/** The records of a kind share a codec; its index is the number of the kind on the wire. */
const codecs = {
	signal: signalGroups,
	fix: fixGroups,
	message: messageGroups,
	flow: flowGroups,
	frame: frameGroups,
	cloud: cloudGroups,
	map: mapGroups,
};
const kinds = ["signal", "fix", "message", "flow", "frame", "cloud", "map"] as const satisfies readonly KerbRecord["kind"][];

const keyOf = (record: KerbRecord): string => {
	switch (record.kind) {
		case "signal":
			return `s${codecs.signal.keyOf(record)}`;
		case "fix":
			return `f${codecs.fix.keyOf(record)}`;
		case "message":
			return `m${codecs.message.keyOf(record)}`;
		case "flow":
			return `w${codecs.flow.keyOf(record)}`;
		case "frame":
			return `p${codecs.frame.keyOf(record)}`;
		case "cloud":
			return `c${codecs.cloud.keyOf(record)}`;
		case "map":
			return `g${codecs.map.keyOf(record)}`;
	}
};

const sortIntoGroups = (records: readonly KerbRecord[]): { groups: readonly Group[]; groupOf: Uint32Array } => {
	const groups: { readonly kind: KerbRecord["kind"]; readonly records: KerbRecord[] }[] = [];
	const indexes = new Map<string, number>();
	const groupOf = new Uint32Array(records.length);
	for (const [at, record] of records.entries()) {
		const key = keyOf(record);
		const index = indexes.get(key) ?? groups.push({ kind: record.kind, records: [] }) - 1;
		indexes.set(key, index);
		groupOf[at] = index;
		groups[index]?.records.push(record);
	}
	return { groups, groupOf };
};

const encodeGroup = ({ kind, records }: Group, timeIndex: number): CborValue => [
	kinds.indexOf(kind),
	timeIndex,
	...encodeRecords(kind, records),
];

const encodeRecords = (kind: KerbRecord["kind"], records: readonly KerbRecord[]): readonly CborValue[] => {
	switch (kind) {
		case "signal":
			return codecs.signal.encode(records.filter((record) => record.kind === "signal"));
		case "fix":
			return codecs.fix.encode(records.filter((record) => record.kind === "fix"));
		case "message":
			return codecs.message.encode(records.filter((record) => record.kind === "message"));
		case "flow":
			return codecs.flow.encode(records.filter((record) => record.kind === "flow"));
		case "frame":
			return codecs.frame.encode(records.filter((record) => record.kind === "frame"));
		case "cloud":
			return codecs.cloud.encode(records.filter((record) => record.kind === "cloud"));
		case "map":
			return codecs.map.encode(records.filter((record) => record.kind === "map"));
	}
};

const decodeGroup = (item: CborValue, times: Float64Array): readonly KerbRecord[] => {
	const [index, , ...rest] = isCborArray(item) ? item : [];
	const kind = typeof index === "number" ? kinds[index] : undefined;
	if (kind === undefined) throw refuseColumns("a group of a known kind");
	return codecs[kind].decode(rest, times);
};

const decodeTimes = (items: readonly CborValue[], count: number): readonly Float64Array[] => {
	let left = count;
	return items.map((item) => {
		const [size, column] = tupleOf(item, 2);
		if (typeof size !== "number" || size < 1 || size > left) throw refuseColumns("time columns of no more records than declared");
		left -= size;
		return decodeNumbers(column, size);
	});
};

const timesOfGroup = (item: CborValue, times: readonly Float64Array[]): Float64Array => {
	const index = isCborArray(item) ? item[1] : undefined;
	const column = typeof index === "number" ? times[index] : undefined;
	if (column === undefined) throw refuseColumns("a group that names its time column");
	return column;
};
