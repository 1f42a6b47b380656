/**
 * V2X messages of one path, form and datum: [path, form, datum, lengths, bytes], the messages one after the other in one byte string.
 */
import type { CborValue } from "./cbor-value.ts";
import { datumAt, datums, type GroupCodec, refuseColumns, tupleOf } from "./columns-group.ts";
import { decodeIntegers, encodeIntegers } from "./columns-integers.ts";
import { packText, unpackText } from "./columns-values.ts";
import { type MessageForm, messageForms } from "./message.ts";
import type { MessageRecord } from "./record.ts";
import { utcMs } from "./units.ts";

export const messageGroups: GroupCodec<MessageRecord> = {
	keyOf: ({ path, form, datum }) => `${form}:${datum}:${path}`,
	encode: (records) => {
		const [first] = records;
		if (first === undefined) throw refuseColumns("at least one message");
		const lengths = Float64Array.from(records, ({ bytes }) => bytes.length);
		const joined = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
		let at = 0;
		for (const { bytes } of records) {
			joined.set(bytes, at);
			at += bytes.length;
		}
		return [packText(first.path), messageForms.indexOf(first.form), datums.indexOf(first.datum), encodeIntegers(lengths).cbor, joined];
	},
	decode: (items, times) => {
		const [path, formIndex, datumIndex, lengthItems, joined] = tupleOf([...items], 5);
		const shape = { kind: "message" as const, path: unpackText(path), form: formAt(formIndex), datum: datumAt(datumIndex) };
		if (!(joined instanceof Uint8Array)) throw refuseColumns("the bytes of messages");
		const lengths = decodeIntegers(lengthItems, times.length);
		let at = 0;
		const records = Array.from(times, (time, index): MessageRecord => {
			const length = lengths[index] ?? -1;
			if (!(length >= 0 && at + length <= joined.length)) throw refuseColumns("messages that fit into their bytes");
			at += length;
			return { ...shape, takenAtMs: utcMs(time), bytes: joined.slice(at - length, at) };
		});
		if (at !== joined.length) throw refuseColumns("no bytes beside those of the messages");
		return records;
	},
};

const formAt = (index: CborValue | undefined): MessageForm => {
	const form = typeof index === "number" ? messageForms[index] : undefined;
	if (form === undefined) throw refuseColumns(`a form of 0 to ${messageForms.length - 1}`);
	return form;
};
