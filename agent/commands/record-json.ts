/**
 * A record of an envelope as one line of JSON, for a person or a program that reads it.
 */
import { toHex } from "../../shared/bytes.ts";
import type { KerbRecord, MessageRecord } from "../../shared/record.ts";

/**
 * Whole numbers beyond 53 bits as digits, numbers that JSON does not have as null. A message in a form of JSON is an object under `message`; one in
 * bits, or whose bytes are not the JSON that its form promises, is hexadecimal under `bytes`.
 */
export const recordJson = (record: KerbRecord): string => {
	if (record.kind !== "message") return flatJson(record);
	const { bytes, ...rest } = record;
	const message = messageJson(record);
	const body = message === undefined ? `"bytes":"${toHex(bytes)}"` : `"message":${message}`;
	return `${flatJson(rest).slice(0, -1)},${body}}`;
};

/** Read and written anew: whoever sealed it may have put in line ends, which would begin another line here. */
const messageJson = ({ form, bytes }: MessageRecord): string | undefined => {
	if (form === "uper") return undefined;
	try {
		return JSON.stringify(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
	} catch {
		return undefined;
	}
};

const flatJson = (record: object): string =>
	`{${Object.entries(record)
		.map(([name, value]) => `${JSON.stringify(name)}:${typeof value === "bigint" ? value.toString() : JSON.stringify(value)}`)
		.join(",")}}`;
