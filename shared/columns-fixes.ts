/**
 * Fixes of one datum and one set of fields: [datum, mode or null, fields, columns], `fields` being bits in the order of `optionalFields`.
 */
import { datumAt, datums, type GroupCodec, refuseColumns, tupleOf } from "./columns-group.ts";
import { decodeNumbers, encodeNumbers } from "./columns-numbers.ts";
import type { FixRecord } from "./record.ts";
import { utcMs } from "./units.ts";

const requiredFields = ["latDeg", "lonDeg"] as const;
const optionalFields = ["accuracyM", "altitudeM", "speedMps", "courseDeg"] as const;

const fieldsOf = (record: FixRecord): number =>
	optionalFields.reduce((bits, field, at) => (record[field] === undefined ? bits : bits | (1 << at)), 0);

export const fixGroups: GroupCodec<FixRecord> = {
	keyOf: (record) => `${record.datum}:${record.mode}:${fieldsOf(record)}`,
	encode: (records) => {
		const [first] = records;
		if (first === undefined) throw refuseColumns("at least one fix");
		const fields = fieldsOf(first);
		const names = [...requiredFields, ...optionalFields.filter((_, at) => (fields & (1 << at)) !== 0)];
		const columns = names.map((name) => encodeNumbers(Float64Array.from(records, (record) => record[name] ?? 0)));
		return [datums.indexOf(first.datum), first.mode ?? null, fields, columns];
	},
	decode: (items, times) => {
		const [datumIndex, mode, fields, columnItems] = tupleOf([...items], 4);
		const datum = datumAt(datumIndex);
		if (mode !== null && mode !== 2 && mode !== 3) throw refuseColumns("mode 2, 3 or none");
		if (typeof fields !== "number" || fields < 0 || fields >= 1 << optionalFields.length) throw refuseColumns("known fields of a fix");
		const present = optionalFields.filter((_, at) => (fields & (1 << at)) !== 0);
		const [latDeg, lonDeg, ...others] = tupleOf(columnItems, requiredFields.length + present.length).map((column) =>
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
	},
};
