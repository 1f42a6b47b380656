/**
 * Signals of one path and one type of value: [path, value type, column]; value type 0 number, 1 text, 2 boolean, 3 whole number beyond 53 bits.
 */
import type { CborValue } from "./cbor-value.ts";
import { type GroupCodec, refuseColumns } from "./columns-group.ts";
import { decodeNumbers, encodeNumbers } from "./columns-numbers.ts";
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
import type { SignalValue } from "./reading.ts";
import type { SignalRecord } from "./record.ts";
import { utcMs } from "./units.ts";

const valueTypes = ["number", "string", "boolean", "bigint"] as const;

export const signalGroups: GroupCodec<SignalRecord> = {
	keyOf: ({ value, path }) => `${typeof value}:${path}`,
	encode: (records) => {
		const [first] = records;
		const type = valueTypes.find((name) => name === typeof first?.value);
		if (first === undefined || type === undefined) throw refuseColumns("signals that are numbers, text or booleans");
		return [packText(first.path), valueTypes.indexOf(type), encodeValues(records.map((record) => record.value))];
	},
	decode: (items, times) => {
		if (items.length !== 3) throw refuseColumns("a path, a value type and a column");
		const path = unpackText(items[0]);
		const values = decodeValues(items[1], items[2], times.length);
		return Array.from(times, (time, at) => ({ kind: "signal", takenAtMs: utcMs(time), path, value: values[at] ?? 0 }));
	},
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
			throw refuseColumns("a value type of 0 to 3");
	}
};
