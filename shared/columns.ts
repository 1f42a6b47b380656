/**
 * A batch of records in columns: per signal path (and per shape of fix) one group, in it one column per field. Much smaller than rows, because
 * neighbours in a column are alike. Exact: every record comes back bit for bit and in the same order. A field that is undefined is absent.
 *
 * As deterministic CBOR: [1, count, order, times, groups]
 * - order: see `columns-order.ts`
 * - times: [[count, numbers] ...], the distinct time columns in UTC milliseconds; signals of one CAN message share theirs
 * - group: [0, index into times, path, value type, column] for a signal, value type 0 number, 1 text, 2 boolean, 3 whole number beyond 53 bits
 * - group: [1, index into times, datum, mode or null, fields, columns] for a fix, fields being bits in the order of `optionalFields`
 */
import { decodeCbor } from "./cbor-decode.ts";
import { encodeCbor } from "./cbor-encode.ts";
import { type CborValue, isCborArray } from "./cbor-value.ts";
import { decodeNumbers, encodeNumbers } from "./columns-numbers.ts";
import { encodeOrder, restoreOrder } from "./columns-order.ts";
import {
	decodeBigints,
	decodeBooleans,
	decodeStrings,
	encodeBigints,
	encodeBooleans,
	encodeStrings,
	packText,
	unpackText,
} from "./columns-values.ts";
import { KerbError } from "./errors.ts";
import type { Datum, SignalValue } from "./reading.ts";
import type { FixRecord, KerbRecord, SignalRecord } from "./record.ts";
import { utcMs } from "./units.ts";

/** More records than this are refused both ways; it bounds what a small envelope can make its reader allocate. */
export const maxBatchRecords = 65_535;

const formatVersion = 1;
const datums: readonly Datum[] = ["wgs84", "cgcs2000", "gcj02", "bd09", "local", "unknown"];
const valueTypes = ["number", "string", "boolean", "bigint"] as const;
const requiredFields = ["latDeg", "lonDeg"] as const;
const optionalFields = ["accuracyM", "altitudeM", "speedMps", "courseDeg"] as const;

type Group =
	| { readonly kind: "signal"; readonly path: string; readonly type: (typeof valueTypes)[number]; readonly records: SignalRecord[] }
	| {
			readonly kind: "fix";
			readonly datum: Datum;
			readonly mode: 2 | 3 | undefined;
			readonly fields: number;
			readonly records: FixRecord[];
	  };

/**
 * The batch of `records`; fresh, the caller's.
 *
 * @throws KerbError ENVELOPE_INVALID for more than `maxBatchRecords`.
 */
export const encodeColumns = (records: readonly KerbRecord[]): Uint8Array => {
	if (records.length > maxBatchRecords) throw refuse(`at most ${maxBatchRecords} records, got ${records.length}`);
	const { groups, groupOf } = sortIntoGroups(records);
	const distinct: Float64Array[] = [];
	const byShape = new Map<string, number[]>();
	const encoded = groups.map((group) => {
		const members: readonly KerbRecord[] = group.records;
		const times = Float64Array.from(members, (record) => record.takenAtMs);
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
	const [version, count, order, timeItems, groupItems] = tuple(readCbor(bytes), 5);
	if (version !== formatVersion) throw refuse(`format version ${formatVersion}`);
	if (typeof count !== "number" || count < 0 || count > maxBatchRecords) throw refuse(`0 to ${maxBatchRecords} records`);
	if (order !== null && !(order instanceof Uint8Array)) throw refuse("an order");
	if (!isCborArray(timeItems) || !isCborArray(groupItems) || groupItems.length > count) throw refuse("time columns and groups");
	const times = decodeTimes(timeItems, count);
	const timesOf = groupItems.map((item) => timesOfGroup(item, times));
	if (timesOf.reduce((sum, column) => sum + column.length, 0) !== count) throw refuse("as many records as declared");
	const groupOf = restoreOrder(order ?? null, timesOf, count);
	const groups = groupItems.map((item, group) => decodeGroup(item, timesOf[group] ?? new Float64Array()));
	const next = new Uint32Array(groups.length);
	return Array.from(groupOf, (group) => {
		const index = next[group] ?? 0;
		next[group] = index + 1;
		const record = groups[group]?.[index];
		if (record === undefined) throw refuse("a record for each place in the order");
		return record;
	});
};

const refuse = (expected: string, cause?: unknown): KerbError =>
	new KerbError("ENVELOPE_INVALID", `columns: expected ${expected}`, cause === undefined ? {} : { cause });

const readCbor = (bytes: Uint8Array): CborValue => {
	try {
		return decodeCbor(bytes, { maxDepth: 8, maxItems: 2_000_000 });
	} catch (cause) {
		throw refuse("one item of deterministic CBOR", cause);
	}
};

const sameTimes = (a: Float64Array | undefined, b: Float64Array): boolean =>
	a?.length === b.length && a.every((time, at) => Object.is(time, b[at]));

const tuple = (item: CborValue | undefined, length: number): readonly CborValue[] => {
	if (!isCborArray(item) || item.length !== length) throw refuse(`an array of ${length}`);
	return item;
};

const sortIntoGroups = (records: readonly KerbRecord[]): { groups: readonly Group[]; groupOf: Uint32Array } => {
	const groups: Group[] = [];
	const indexes = new Map<string, number>();
	const groupOf = new Uint32Array(records.length);
	for (const [at, record] of records.entries()) {
		const key = keyOf(record);
		let index = indexes.get(key);
		if (index === undefined) {
			index = groups.length;
			indexes.set(key, index);
			groups.push(newGroup(record));
		}
		groupOf[at] = index;
		const group = groups[index];
		if (group?.kind === "signal" && record.kind === "signal") group.records.push(record);
		else if (group?.kind === "fix" && record.kind === "fix") group.records.push(record);
	}
	return { groups, groupOf };
};

const keyOf = (record: KerbRecord): string =>
	record.kind === "signal" ? `s${typeof record.value}:${record.path}` : `f${record.datum}:${record.mode}:${fieldsOf(record)}`;

const newGroup = (record: KerbRecord): Group => {
	if (record.kind === "fix") return { kind: "fix", datum: record.datum, mode: record.mode, fields: fieldsOf(record), records: [] };
	const type = valueTypes.find((name) => name === typeof record.value);
	if (type === undefined) throw refuse("signals that are numbers, text or booleans");
	return { kind: "signal", path: record.path, type, records: [] };
};

const fieldsOf = (record: FixRecord): number =>
	optionalFields.reduce((bits, field, at) => (record[field] === undefined ? bits : bits | (1 << at)), 0);

const encodeGroup = (group: Group, timeIndex: number): CborValue => {
	if (group.kind === "signal") {
		const values = group.records.map((record) => record.value);
		return [0, timeIndex, packText(group.path), valueTypes.indexOf(group.type), encodeValues(values)];
	}
	const names = [...requiredFields, ...optionalFields.filter((_, at) => (group.fields & (1 << at)) !== 0)];
	const columns = names.map((name) => encodeNumbers(Float64Array.from(group.records, (record) => record[name] ?? 0)));
	return [1, timeIndex, datums.indexOf(group.datum), group.mode ?? null, group.fields, columns];
};

const encodeValues = (values: readonly SignalValue[]): CborValue => {
	switch (typeof values[0]) {
		case "number":
			return encodeNumbers(Float64Array.from(values.filter((value) => typeof value === "number")));
		case "string":
			return encodeStrings(values.filter((value) => typeof value === "string"));
		case "boolean":
			return encodeBooleans(values.filter((value) => typeof value === "boolean"));
		default:
			return encodeBigints(values.filter((value) => typeof value === "bigint"));
	}
};

const decodeTimes = (items: readonly CborValue[], count: number): readonly Float64Array[] => {
	let left = count;
	return items.map((item) => {
		const [size, column] = tuple(item, 2);
		if (typeof size !== "number" || size < 1 || size > left) throw refuse("time columns of no more records than declared");
		left -= size;
		return decodeNumbers(column, size);
	});
};

const timesOfGroup = (item: CborValue, times: readonly Float64Array[]): Float64Array => {
	const index = isCborArray(item) ? item[1] : undefined;
	const column = typeof index === "number" ? times[index] : undefined;
	if (column === undefined) throw refuse("a group that names its time column");
	return column;
};

const decodeGroup = (item: CborValue, times: Float64Array): readonly KerbRecord[] =>
	isCborArray(item) && item[0] === 0 ? decodeSignals(tuple(item, 5), times) : decodeFixes(tuple(item, 6), times);

const decodeSignals = (item: readonly CborValue[], times: Float64Array): readonly KerbRecord[] => {
	const path = unpackText(item[2]);
	const values = decodeValues(item[3], item[4], times.length);
	return Array.from(times, (time, at) => ({ kind: "signal", takenAtMs: utcMs(time), path, value: values[at] ?? 0 }));
};

const decodeValues = (type: CborValue | undefined, column: CborValue | undefined, count: number): ArrayLike<SignalValue> => {
	switch (typeof type === "number" ? valueTypes[type] : undefined) {
		case "number":
			return decodeNumbers(column, count);
		case "string":
			return decodeStrings(column, count);
		case "boolean":
			return decodeBooleans(column, count);
		case "bigint":
			return decodeBigints(column, count);
		case undefined:
			throw refuse("a value type of 0 to 3");
	}
};

const decodeFixes = (item: readonly CborValue[], times: Float64Array): readonly KerbRecord[] => {
	const [kind, , datumIndex, mode, fields, columnItems] = item;
	const datum = typeof datumIndex === "number" ? datums[datumIndex] : undefined;
	if (kind !== 1 || datum === undefined) throw refuse("a group of signals or fixes");
	if (mode !== null && mode !== 2 && mode !== 3) throw refuse("mode 2, 3 or none");
	if (typeof fields !== "number" || fields < 0 || fields >= 1 << optionalFields.length) throw refuse("known fields of a fix");
	const present = optionalFields.filter((_, at) => (fields & (1 << at)) !== 0);
	const [latDeg, lonDeg, ...others] = tuple(columnItems, requiredFields.length + present.length).map((column) =>
		decodeNumbers(column, times.length),
	);
	return Array.from(times, (time, at) => ({
		kind: "fix",
		takenAtMs: utcMs(time),
		latDeg: latDeg?.[at] ?? 0,
		lonDeg: lonDeg?.[at] ?? 0,
		datum,
		...(mode === null ? undefined : { mode }),
		...Object.fromEntries(present.map((field, index) => [field, others[index]?.[at] ?? 0])),
	}));
};
