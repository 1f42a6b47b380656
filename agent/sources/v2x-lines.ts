/**
 * Recordings of messages: a line each. JSON forms are NDJSON; UPER is hexadecimal, with the milliseconds of its reception and a space before it
 * where they are known.
 */
import { stat } from "node:fs/promises";
import { KerbError } from "../../shared/errors.ts";
import type { MessageForm } from "../../shared/message.ts";
import type { V2xMessage } from "../../shared/reading.ts";
import { LineSplitter } from "../formats/line-splitter.ts";
import { readFileBytes, readStdin, unpackIfGzip } from "../host/byte-input.ts";
import type { SourceContext } from "./source.ts";
import { maxMessageBytes, type V2xReader } from "./v2x-reader.ts";

const maxChunk = 512;

const stamp = /^\d{1,15}$/;
const longestHexLine = 16 + 2 * maxMessageBytes;

/**
 * The bytes of a recording, gzip or not. A gzip stream that breaks off gives what can be unpacked and is counted as `file_truncated`.
 *
 * @throws KerbError SOURCE_UNAVAILABLE before the first byte when it is no regular file or cannot be read.
 */
export async function* readRecordedBytes(
	input: { readonly file: string } | { readonly stdin: true },
	context: SourceContext,
): AsyncGenerator<Uint8Array> {
	const onCorrupt = (): void => context.reject("file_truncated");
	if ("stdin" in input) {
		yield* unpackIfGzip(readStdin(context.signal), onCorrupt);
		return;
	}
	// What cannot even be looked at is explained by the reader. Opening a pipe would wait for a writer, and no signal could end that.
	const found = await stat(input.file).catch(() => undefined);
	if (found?.isFile() === false) {
		throw new KerbError("SOURCE_UNAVAILABLE", "expected a regular file with one V2X message a line; use input.stdin for a pipe");
	}
	yield* readFileBytes(input.file, context.signal, onCorrupt);
}

const isBlank = (line: string): boolean => !/\S/.test(line);

/** Reads messages out of lines; what is not read is counted by the reader. */
export async function* readLines(
	chunks: AsyncIterable<Uint8Array>,
	form: MessageForm,
	reader: V2xReader,
): AsyncGenerator<readonly V2xMessage[]> {
	const isHex = form === "uper";
	// A CR at the end of a line counts as part of it.
	const lines = new LineSplitter((isHex ? longestHexLine : maxMessageBytes) + 1, "latin1");
	const take = (line: string): V2xMessage | undefined => {
		if (!isHex) return reader.read(Buffer.from(line, "latin1"));
		const space = line.indexOf(" ");
		const stated = line.slice(0, Math.max(0, space));
		const hex = line.slice(space + 1);
		// Octets end where the first pair of characters is no hexadecimal.
		const octets = Buffer.from(hex, "hex");
		const isWhole = octets.length * 2 === hex.length && hex !== "";
		if (!isWhole || (space >= 0 && !stamp.test(stated))) return reader.count("line_invalid");
		return reader.read(octets, space < 0 ? undefined : Number(stated));
	};
	const takeAll = function* (text: readonly string[]): Generator<readonly V2xMessage[]> {
		let messages: V2xMessage[] = [];
		reader.look();
		for (const line of text) {
			const message = isBlank(line) ? undefined : take(line);
			if (message === undefined) continue;
			messages.push(message);
			if (messages.length < maxChunk) continue;
			yield messages;
			messages = [];
		}
		reader.report();
		if (messages.length > 0) yield messages;
	};
	let overlong = 0;
	for await (const chunk of chunks) {
		const text = lines.push(chunk);
		reader.count("line_overlong", lines.overlong - overlong);
		overlong = lines.overlong;
		yield* takeAll(text);
	}
	yield* takeAll(lines.end());
}
