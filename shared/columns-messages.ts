/**
 * V2X messages of one path, form and datum: [path, form, datum, lengths, bytes], the messages one after the other in one byte string.
 */
import type { CborValue } from "./cbor-value.ts";
import { decodeByteRuns, encodeByteRuns } from "./columns-bytes.ts";
import { datumAt, datums, type GroupCodec, refuseColumns, tupleOf } from "./columns-group.ts";
import { packText, unpackText } from "./columns-values.ts";
import { type MessageForm, messageForms } from "./message.ts";
import type { MessageRecord } from "./record.ts";
import { utcMs } from "./units.ts";

export const messageGroups: GroupCodec<MessageRecord> = {
	keyOf: ({ path, form, datum }) => `${form}:${datum}:${path}`,
	encode: (records) => {
		const [first] = records;
		if (first === undefined) throw refuseColumns("at least one message");
		const runs = encodeByteRuns(records.map(({ bytes }) => bytes));
		return [packText(first.path), messageForms.indexOf(first.form), datums.indexOf(first.datum), ...runs];
	},
	decode: (items, times) => {
		const [path, formIndex, datumIndex, lengthItems, joined] = tupleOf([...items], 5);
		const shape = { kind: "message" as const, path: unpackText(path), form: formAt(formIndex), datum: datumAt(datumIndex) };
		const runs = decodeByteRuns(lengthItems, joined, times.length);
		return Array.from(times, (time, at) => ({ ...shape, takenAtMs: utcMs(time), bytes: runs[at] ?? new Uint8Array() }));
	},
};

const formAt = (index: CborValue | undefined): MessageForm => {
	const form = typeof index === "number" ? messageForms[index] : undefined;
	if (form === undefined) throw refuseColumns(`a form of 0 to ${messageForms.length - 1}`);
	return form;
};
