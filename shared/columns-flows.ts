/**
 * Flows of one grid and one length of span: [datum, cellM, windowMs, columns], the columns being latDeg, lonDeg, subjects and, where known, the
 * mean speed.
 */

import { isCborArray } from "./cbor-value.ts";
import { datumAt, datums, type GroupCodec, refuseColumns, tupleOf } from "./columns-group.ts";
import { decodeNumbers, encodeNumbers } from "./columns-numbers.ts";
import type { FlowRecord } from "./record.ts";
import { utcMs } from "./units.ts";

export const flowGroups: GroupCodec<FlowRecord> = {
	keyOf: ({ datum, cellM, windowMs, meanSpeedMps }) => `${datum}:${bits(cellM)}:${bits(windowMs)}:${meanSpeedMps === undefined}`,
	encode: (records) => {
		const [first] = records;
		if (first === undefined) throw refuseColumns("at least one flow");
		const column = (value: (record: FlowRecord) => number): ReturnType<typeof encodeNumbers> =>
			encodeNumbers(Float64Array.from(records, value));
		const grid = [column(() => first.cellM), column(() => first.windowMs)];
		const columns = [column(({ latDeg }) => latDeg), column(({ lonDeg }) => lonDeg), column(({ subjects }) => subjects)];
		if (first.meanSpeedMps !== undefined) columns.push(column(({ meanSpeedMps }) => meanSpeedMps ?? 0));
		return [datums.indexOf(first.datum), ...grid, columns];
	},
	decode: (items, times) => {
		const [datumIndex, cellColumn, windowColumn, columnItems] = tupleOf([...items], 4);
		if (!isCborArray(columnItems) || columnItems.length < 3 || columnItems.length > 4)
			throw refuseColumns("three or four columns of a flow");
		const datum = datumAt(datumIndex);
		const [cellM, windowMs, latDeg, lonDeg, subjects, meanSpeedMps] = [cellColumn, windowColumn, ...columnItems].map((column) =>
			decodeNumbers(column, times.length),
		);
		return Array.from(times, (time, at) => ({
			kind: "flow",
			takenAtMs: utcMs(time),
			latDeg: latDeg?.[at] ?? 0,
			lonDeg: lonDeg?.[at] ?? 0,
			datum,
			cellM: cellM?.[at] ?? 0,
			windowMs: windowMs?.[at] ?? 0,
			subjects: subjects?.[at] ?? 0,
			...(meanSpeedMps === undefined ? undefined : { meanSpeedMps: meanSpeedMps[at] ?? 0 }),
		}));
	},
};

/** Tells -0 from 0 and one NaN from none, as the columns do. */
const bits = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));
