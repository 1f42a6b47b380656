/**
 * Records that are files in a format of their own, each with a text beside it: frames [4], clouds [5] and map features [6], as
 * columns beside their path.
 */
import type { CborValue } from "./cbor-value.ts";
import { decodeByteRuns, encodeByteRuns } from "./columns-bytes.ts";
import { datumAt, datums, type GroupCodec, refuseColumns, tupleOf } from "./columns-group.ts";
import { decodeStrings, encodeStrings, packText, unpackText } from "./columns-values.ts";
import type { CloudRecord, FrameRecord, MapRecord } from "./record.ts";
import { utcMs } from "./units.ts";

export const frameGroups: GroupCodec<FrameRecord> = {
	keyOf: ({ path }) => path,
	encode: (records) => [
		pathOf(records),
		...encodeByteRuns(records.map(({ jpeg }) => jpeg)),
		encodeStrings(records.map(({ redaction }) => redaction)),
		encodeStrings(records.map(({ pose }) => pose)),
	],
	decode: (items, times) => {
		const [path, lengths, bytes, redactions, poses] = tupleOf([...items], 5);
		const shape = { kind: "frame" as const, path: unpackText(path) };
		const jpegs = decodeByteRuns(lengths, bytes, times.length);
		const accounts = decodeStrings(redactions, times.length);
		const places = decodeStrings(poses, times.length);
		return Array.from(times, (time, at) => ({
			...shape,
			takenAtMs: utcMs(time),
			jpeg: jpegs[at] ?? new Uint8Array(),
			redaction: accounts[at] ?? "",
			pose: places[at] ?? "",
		}));
	},
};

export const cloudGroups: GroupCodec<CloudRecord> = {
	keyOf: ({ path }) => path,
	encode: (records) => [pathOf(records), ...encodeByteRuns(records.map(({ pcd }) => pcd)), encodeStrings(records.map(({ pose }) => pose))],
	decode: (items, times) => {
		const [path, lengths, bytes, poses] = tupleOf([...items], 4);
		const shape = { kind: "cloud" as const, path: unpackText(path) };
		const pcds = decodeByteRuns(lengths, bytes, times.length);
		const places = decodeStrings(poses, times.length);
		return Array.from(times, (time, at) => ({
			...shape,
			takenAtMs: utcMs(time),
			pcd: pcds[at] ?? new Uint8Array(),
			pose: places[at] ?? "",
		}));
	},
};

export const mapGroups: GroupCodec<MapRecord> = {
	keyOf: ({ path, datum }) => `${datum}:${path}`,
	encode: (records) => [
		pathOf(records),
		datums.indexOf(records[0]?.datum ?? "unknown"),
		encodeStrings(records.map(({ feature }) => feature)),
	],
	decode: (items, times) => {
		const [path, datumIndex, features] = tupleOf([...items], 3);
		const shape = { kind: "map" as const, path: unpackText(path), datum: datumAt(datumIndex) };
		const texts = decodeStrings(features, times.length);
		return Array.from(times, (time, at) => ({ ...shape, takenAtMs: utcMs(time), feature: texts[at] ?? "" }));
	},
};

const pathOf = (records: readonly { readonly path: string }[]): CborValue => {
	const [first] = records;
	if (first === undefined) throw refuseColumns("at least one record");
	return packText(first.path);
};
