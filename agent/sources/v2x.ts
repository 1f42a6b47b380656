/**
 * V2X messages, as the field's stacks hand them on: UPER bytes, or the JSON of the USDOT ODE, Orange its-client and Vanetza-NAP; from recordings,
 * datagrams or a broker nearby.
 *
 * Yields one reading per message, its path the standard's name for it (`V2X.ETSI.CAM`), its content the whole tree that its schema knows. A message
 * is passed on only when writing it again gives the same bytes (for JSON: the same values). `takenAtMs` is when the message was received: in
 * recordings what the line's own stamp or the stack's says where there is one, else the box's clock.
 *
 * Certificates are not checked here (regulations C-04): none of these inputs carries the signed packet of IEEE 1609.2 or TS 103 097, so that whoever
 * may send to the port, or publish at the broker, can have a message read. What is checked is that it is a whole and canonical message of the
 * standard. Where only verified messages may count, the stack in front must verify them and drop the rest.
 *
 * A source is no way out: sockets of datagrams never send, and the client of a broker only subscribes, at brokers on this machine or on private
 * networks.
 *
 * Rejected: `message_invalid` (not of the standard, or not canonical), `message_unknown` (UPER of a kind without a schema), `message_overlong`, `decoder_failed`;
 * `line_invalid`, `line_overlong`, `file_truncated` (recordings); `datagram_shed`, `message_shed` (the pipeline was slow), `datagram_lost` (by the system, whose buffer was full), `rate_exceeded`,
 * `message_retained` (of a time that nobody knows).
 */
import type { Reading } from "../../shared/reading.ts";
import { defineSource, type SourceContext } from "./source.ts";
import { readLines, readRecordedBytes } from "./v2x-lines.ts";
import { readLive } from "./v2x-live.ts";
import { V2xOptions } from "./v2x-options.ts";
import { V2xReader } from "./v2x-reader.ts";

async function* open(options: V2xOptions, context: SourceContext): AsyncGenerator<readonly Reading[]> {
	const { form, family, input, datum, maxPerSec } = options;
	if (context.signal.aborted) return;
	const recorded = "file" in input || "stdin" in input;
	const reader = new V2xReader({ form, family, datum, recorded }, context);
	const what = family === undefined ? `V2X messages as JSON of ${form}` : `V2X messages in UPER of ${family}`;
	if (!("file" in input || "stdin" in input)) {
		yield* readLive({ input, maxPerSec, what }, reader, context);
		return;
	}
	context.note({ event: "source_opened", detail: `${what}, a line each` });
	for await (const chunk of readLines(readRecordedBytes(input, context), form, reader)) {
		yield chunk;
		if (context.signal.aborted) return;
	}
}

export default defineSource({ kind: "v2x", options: V2xOptions, open });
