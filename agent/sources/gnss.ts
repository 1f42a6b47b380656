/**
 * The unit's own position: from gpsd, from a receiver on a serial line, from standard input, or from a recording of NMEA 0183.
 *
 * Yields a fix for every report with a two- or three-dimensional position, once per moment; `takenAtMs` is the receiver's UTC. `accuracyM` is
 * the horizontal error, 95 %: gpsd's `eph`, or for NMEA twice the distance root mean square of GST, or SiRF's estimate, or HDOP times gpsd's
 * figure for a receiver's range error.
 *
 * Rejected: `checksum_invalid`, `checksum_missing`, `sentence_invalid`, `line_overlong`, `byte_skipped` (NMEA); `message_invalid`,
 * `line_overlong` (gpsd); `fix_missing` (a report without a fix), `position_unfit` (disowned by the receiver, or of another time than stated),
 * `time_missing` (in a recording), `file_truncated`.
 */
import { connect } from "node:net";
import * as v from "valibot";
import type { Datum, Fix, Reading } from "../../shared/reading.ts";
import { type GpsdMessage, type GpsdTpv, maxGpsdLineBytes, parseGpsdLine, watchCommand } from "../formats/gpsd.ts";
import { LineSplitter } from "../formats/line-splitter.ts";
import { type NmeaCounts, NmeaReader } from "../formats/nmea.ts";
import type { NmeaEpoch } from "../formats/nmea-epoch.ts";
import { readStream } from "../host/byte-input.ts";
import { type FixMaker, fixMaker } from "./gnss-fix.ts";
import { openSerial, readRecording } from "./gnss-input.ts";
import { defineSource, type SourceContext } from "./source.ts";

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535));
const baud = v.pipe(v.number(), v.integer(), v.minValue(50), v.maxValue(4_000_000));

const GnssOptions = v.strictObject({
	type: v.literal("gnss"),
	input: v.union(
		[
			v.strictObject({
				gpsd: v.strictObject({
					host: v.optional(text, "127.0.0.1"),
					port: v.optional(port, 2947),
					/** One of gpsd's devices, such as /dev/ttyUSB0; all of them when absent. */
					device: v.optional(text),
				}),
			}),
			v.strictObject({ serial: text, baud: v.optional(baud, 9_600) }),
			v.strictObject({ stdin: v.literal(true) }),
			v.strictObject({ file: text }),
		],
		'input must be one of { gpsd: { host, port } }, { serial: "/dev/...", baud }, { stdin: true }, { file: "..." }',
	),
	/** What the receiver's positions are in; receivers sold in China may be set to another than they say. */
	datum: v.optional(v.picklist(["wgs84", "cgcs2000", "gcj02", "bd09", "local", "unknown"] satisfies Datum[]), "wgs84"),
	/** NMEA only: a date before this day is taken for a GPS week rollover and moved ahead by 1,024 weeks. */
	dateFloor: v.optional(v.pipe(v.string(), v.isoDate()), "2017-01-01"),
});
type Options = v.InferOutput<typeof GnssOptions>;

const maxChunk = 4_096;
const maxNotes = 8;
const firstWaitMs = 500;
const longestWaitMs = 30_000;

function* chunksOf(fixes: readonly Fix[]): Generator<readonly Reading[]> {
	for (let at = 0; at < fixes.length; at += maxChunk) yield fixes.slice(at, at + maxChunk);
}

const makeAll = (reports: readonly (NmeaEpoch | GpsdTpv)[], maker: FixMaker): Fix[] =>
	reports.map((report) => maker.make(report)).filter((fix) => fix !== undefined);

/** Passes on what the reader counted since the last time. */
const rejectNew = (now: NmeaCounts, before: NmeaCounts, context: SourceContext): NmeaCounts => {
	const codes = [
		["checksum_invalid", now.checksumInvalid - before.checksumInvalid],
		["checksum_missing", now.checksumMissing - before.checksumMissing],
		["sentence_invalid", now.sentenceInvalid - before.sentenceInvalid],
		["line_overlong", now.lineOverlong - before.lineOverlong],
		["byte_skipped", now.skippedBytes - before.skippedBytes],
	] as const;
	for (const [code, count] of codes) if (count > 0) context.reject(code, count);
	return now;
};

async function* fromNmea(
	bytes: AsyncIterable<Uint8Array>,
	maker: FixMaker,
	options: Options,
	context: SourceContext,
): AsyncGenerator<readonly Reading[]> {
	const reader = new NmeaReader({ dateFloorMs: Date.parse(options.dateFloor) });
	let counts = reader.counts;
	for await (const chunk of bytes) {
		const fixes = makeAll(reader.push(chunk), maker);
		counts = rejectNew(reader.counts, counts, context);
		yield* chunksOf(fixes);
		if (context.signal.aborted) return;
	}
	const fixes = makeAll(reader.end(), maker);
	rejectNew(reader.counts, counts, context);
	yield* chunksOf(fixes);
}

async function* fromGpsd(
	server: { readonly host: string; readonly port: number; readonly device?: string | undefined },
	maker: FixMaker,
	context: SourceContext,
): AsyncGenerator<readonly Reading[]> {
	const socket = connect({ host: server.host, port: server.port, keepAlive: true });
	socket.once("connect", () => socket.write(watchCommand(server.device)));
	const lines = new LineSplitter(maxGpsdLineBytes, "utf8");
	let overlong = 0;
	const say = new GpsdNotes(context);
	for await (const chunk of readStream(socket, context.signal)) {
		const fixes: Fix[] = [];
		for (const line of lines.push(chunk)) {
			const message = line === "" ? undefined : parseGpsdLine(line);
			if (message === undefined) {
				if (line !== "") context.reject("message_invalid");
				continue;
			}
			say.hear(message);
			const fix = message.class === "TPV" ? maker.make(message) : undefined;
			if (fix !== undefined) fixes.push(fix);
		}
		if (lines.overlong > overlong) context.reject("line_overlong", lines.overlong - overlong);
		overlong = lines.overlong;
		yield* chunksOf(fixes);
	}
}

/** What gpsd says of itself, passed on once per connection. */
class GpsdNotes {
	readonly #context: SourceContext;
	readonly #said = new Set<string>();

	constructor(context: SourceContext) {
		this.#context = context;
	}

	hear(message: GpsdMessage): void {
		if (message.class === "VERSION") {
			this.#once("source_opened", `gpsd ${message.release}, protocol ${message.protoMajor}.${message.protoMinor}`);
			if (message.protoMajor !== 3)
				this.#once("source_warned", "gpsd speaks another protocol version than 3; its positions may be read wrongly");
		} else if (message.class === "DEVICES" && message.count === 0) {
			this.#once("source_warned", "gpsd has no receiver yet");
		} else if (message.class === "ERROR") {
			this.#once("source_warned", "gpsd refused the watch command; check input.gpsd.device");
		}
	}

	#once(event: "source_opened" | "source_warned", detail: string): void {
		// A peer that says something new each time is not listened to for ever.
		if (this.#said.has(detail) || this.#said.size >= maxNotes) return;
		this.#said.add(detail);
		this.#context.note({ event, detail });
	}
}

async function* fromSerial(
	path: string,
	options: Options,
	baudRate: number,
	maker: FixMaker,
	context: SourceContext,
): AsyncGenerator<readonly Reading[]> {
	const stream = await openSerial(path, baudRate, context.signal);
	context.note({ event: "source_opened", detail: `NMEA 0183 on a serial line at ${baudRate} baud` });
	yield* fromNmea(readStream(stream, context.signal), maker, options, context);
}

const reason = (error: unknown): string => {
	const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown reason";
	return `the link failed (${code})`;
};

/** Opens a live input again and again, with waits that double up to 30 s and are cut by up to a half, so that a fleet does not knock in step. */
async function* again(openOnce: () => AsyncGenerator<readonly Reading[]>, context: SourceContext): AsyncGenerator<readonly Reading[]> {
	let waitMs = firstWaitMs;
	while (!context.signal.aborted) {
		let detail = "the other end closed the link";
		try {
			for await (const chunk of openOnce()) {
				waitMs = firstWaitMs;
				yield chunk;
			}
		} catch (error) {
			detail = reason(error);
		}
		if (context.signal.aborted) return;
		const jitteredMs = Math.round(waitMs * (1 - context.random() / 2));
		context.note({ event: "source_retried", detail, waitMs: jitteredMs });
		await context.sleep(jitteredMs);
		waitMs = Math.min(longestWaitMs, waitMs * 2);
	}
}

async function* open(options: Options, context: SourceContext): AsyncGenerator<readonly Reading[]> {
	const { input, datum } = options;
	const recorded = "file" in input;
	const maker = fixMaker(context, datum, recorded);
	if (context.signal.aborted) return;
	if ("file" in input) {
		yield* fromNmea(readRecording(input.file, context), maker, options, context);
	} else if ("stdin" in input) {
		context.note({ event: "source_opened", detail: "NMEA 0183 on standard input" });
		yield* fromNmea(readStream(process.stdin, context.signal), maker, options, context);
	} else if ("serial" in input) {
		yield* again(() => fromSerial(input.serial, options, input.baud, maker, context), context);
	} else {
		yield* again(() => fromGpsd(input.gpsd, maker, context), context);
	}
}

export default defineSource({ kind: "gnss", options: GnssOptions, open });
