/**
 * Protocol Buffers on the wire (protobuf.dev, encoding): fields of a number and one of the types varint (0), eight bytes (1), counted bytes (2), four bytes (5).
 */
import { KerbError } from "../../shared/errors.ts";

const invalid = (what: string): KerbError => new KerbError("FORMAT_INVALID", `Protobuf message: ${what}`);

const wire = { varint: 0, eight: 1, counted: 2, four: 5 } as const;
const maxFields = 100_000;

/** Counted fields have bytes, borrowed; varints a number, which is not exact above 53 bits. */
export interface WireField {
	readonly number: number;
	readonly bytes: Uint8Array | undefined;
	readonly value: number | undefined;
}

/** @throws KerbError FORMAT_INVALID when the message is damaged or has more than 100,000 fields. */
export const readFields = (message: Uint8Array): readonly WireField[] => {
	const fields: WireField[] = [];
	let at = 0;
	const varint = (): number => {
		let value = 0;
		for (let digit = 0; digit < 10; digit++) {
			const byte = message[at++];
			if (byte === undefined) throw invalid("expected more bytes, it is cut off");
			value += (byte & 0x7f) * 2 ** (7 * digit);
			if (byte < 0x80) return value;
		}
		throw invalid("expected a number of up to ten bytes");
	};
	const take = (length: number): Uint8Array => {
		if (length > message.length - at) throw invalid("expected more bytes, it is cut off");
		at += length;
		return message.subarray(at - length, at);
	};
	while (at < message.length) {
		if (fields.length >= maxFields) throw invalid(`expected up to ${maxFields} fields`);
		const key = varint();
		const number = Math.floor(key / 8);
		switch (key % 8) {
			case wire.varint:
				fields.push({ number, bytes: undefined, value: varint() });
				break;
			case wire.counted:
				fields.push({ number, bytes: take(varint()), value: undefined });
				break;
			case wire.eight:
				take(8);
				break;
			case wire.four:
				take(4);
				break;
			default:
				throw invalid("expected fields of known types");
		}
	}
	return fields;
};

export type WireValue = number | string | Uint8Array | readonly (readonly [number, WireValue])[];

/** Numbers are whole, 0 or more; a list is a message in the message. */
export const writeFields = (fields: readonly (readonly [number, WireValue])[]): Uint8Array => {
	const parts: Uint8Array[] = [];
	for (const [number, value] of fields) {
		if (typeof value === "number") {
			parts.push(varintOf(8 * number + wire.varint), varintOf(value));
			continue;
		}
		const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value instanceof Uint8Array ? value : writeFields(value);
		parts.push(varintOf(8 * number + wire.counted), varintOf(bytes.length), bytes);
	}
	return new Uint8Array(Buffer.concat(parts));
};

const varintOf = (value: number): Uint8Array => {
	const bytes: number[] = [];
	let rest = value;
	for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
	return Uint8Array.from([...bytes, rest]);
};
