/**
 * Signals from a CAN bus: text as candump writes it, decoded with DBC files.
 *
 * Yields one signal per decoded value; its path is `Message.Signal` (`Message@ID.Signal` for a message whose name another one has). `takenAtMs`
 * is the line's own stamp where it is one of UTC, else the box's clock when it was read.
 *
 * Rejected: `line_invalid`, `line_overlong`; `frame_unmapped` (no message has its id), `frame_remote`, `frame_error`; `signal_truncated` (the
 * frame ends before the signal); `gzip_corrupt`.
 */
import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import type { Reading, Signal } from "../../shared/reading.ts";
import { type BootMs, type UtcMs, utcMs } from "../../shared/units.ts";
import { CandumpParser, type CanFrame } from "../formats/candump.ts";
import { compileDbc, type DbcDecoder, type EmitSignal } from "../formats/dbc-decode.ts";
import type { Dbc } from "../formats/dbc-model.ts";
import { parseDbc } from "../formats/dbc-parse.ts";
import { LineSplitter } from "../formats/line-splitter.ts";
import { readChild, readFileBytes, readPipe, readStdin, unpackIfGzip } from "../host/byte-input.ts";
import { defineSource, type SourceContext } from "./source.ts";

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));

const CanOptions = v.strictObject({
	type: v.literal("can"),
	/** Paths of DBC files; where two define one id, the first counts. */
	dbc: v.pipe(v.array(path), v.minLength(1), v.maxLength(64)),
	input: v.union(
		[
			/** A recording, gzip or not; ends with the file. */
			v.strictObject({ file: path }),
			/** Recorded or live text on the standard input; ends with it. */
			v.strictObject({ stdin: v.literal(true) }),
			/** A named pipe that others write to; goes on when they come and go. */
			v.strictObject({ pipe: path }),
			/** Runs `candump -L BUS` (can-utils) and starts it anew when it ends. */
			v.strictObject({
				spawn: v.strictObject({
					bus: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/, "a bus is an interface name such as can0, or any")),
					program: v.optional(path, "candump"),
				}),
			}),
		],
		'input must be one of { file: "..." }, { stdin: true }, { pipe: "..." }, { spawn: { bus: "can0" } }',
	),
});
type Options = v.InferOutput<typeof CanOptions>;

/** Few, so that a chunk is garbage before the engine takes it for something that stays. */
const maxChunk = 512;
const maxLineBytes = 1_024;
const maxNotedProblems = 20;
const firstWaitMs = 500;
const longestWaitMs = 30_000;

/** Turns bytes of candump text into signals; counts the rest. */
class CanReader {
	readonly #context: SourceContext;
	readonly #decoder: DbcDecoder;
	readonly #parser = new CandumpParser();
	readonly #lines = new LineSplitter(maxLineBytes);
	#readings: Signal[] = [];
	#takenAtMs: UtcMs = utcMs(0);
	#bootMs: BootMs;
	readonly #emit: EmitSignal;
	readonly #rejected = new Map<string, number>();

	constructor(decoder: DbcDecoder, context: SourceContext) {
		this.#decoder = decoder;
		this.#context = context;
		this.#bootMs = context.bootMs();
		this.#emit = ({ path }, value) => {
			this.#readings.push({ kind: "signal", sourceId: context.sourceId, takenAtMs: this.#takenAtMs, bootMs: this.#bootMs, path, value });
		};
	}

	/** Takes a chunk (borrowed); an empty one ends the line that is open. */
	*read(chunk: Uint8Array): Generator<readonly Reading[]> {
		const overlong = this.#lines.overlong;
		const lines = chunk.length === 0 ? this.#lines.end() : this.#lines.push(chunk);
		this.#count("line_overlong", this.#lines.overlong - overlong);
		const nowMs = this.#context.nowMs();
		this.#bootMs = this.#context.bootMs();
		for (const line of lines) {
			const what = this.#parser.parse(line);
			if (what === "frame") this.#frame(this.#parser.frame, nowMs);
			else if (what === "invalid") this.#count("line_invalid", 1);
			while (this.#readings.length >= maxChunk) {
				const rest = this.#readings.splice(maxChunk);
				yield this.#readings;
				this.#readings = rest;
			}
		}
		this.#report();
		if (this.#readings.length > 0) {
			const readings = this.#readings;
			this.#readings = [];
			yield readings;
		}
	}

	#frame(frame: CanFrame, nowMs: UtcMs): void {
		const message = frame.error || frame.remote ? undefined : this.#decoder.find(frame.id, frame.extended);
		if (message === undefined) {
			this.#count(frame.error ? "frame_error" : frame.remote ? "frame_remote" : "frame_unmapped", 1);
			return;
		}
		this.#takenAtMs = frame.tMs === undefined ? nowMs : utcMs(frame.tMs);
		this.#count("signal_truncated", message.decode(frame.data, this.#emit));
	}

	/** Counts are reported once per chunk of bytes: most frames of a bus may be unmapped. */
	#count(code: string, count: number): void {
		if (count > 0) this.#rejected.set(code, (this.#rejected.get(code) ?? 0) + count);
	}

	#report(): void {
		for (const [code, count] of this.#rejected) this.#context.reject(code, count);
		this.#rejected.clear();
	}
}

const readDbc = async (file: string, context: SourceContext): Promise<Dbc> => {
	let bytes: Uint8Array;
	try {
		bytes = await readFile(file);
	} catch (error) {
		throw new KerbError("SOURCE_UNAVAILABLE", `the DBC file ${file} cannot be read: check the path and its permissions`, { cause: error });
	}
	let dbc: Dbc;
	try {
		dbc = parseDbc(bytes);
	} catch (error) {
		if (isKerbError(error)) throw new KerbError(error.code, `${file}: ${error.message}`, { cause: error });
		throw error;
	}
	for (const { line, text } of dbc.problems.slice(0, maxNotedProblems)) {
		context.note({ event: "source_warned", detail: `${file}:${line}: ${text}` });
	}
	const more = dbc.problems.length + dbc.problemsLeftOut - maxNotedProblems;
	if (more > 0) context.note({ event: "source_warned", detail: `${file}: ${more} more problems of this kind` });
	return dbc;
};

const openDecoder = async (files: readonly string[], context: SourceContext): Promise<DbcDecoder> => {
	const dbcs: Dbc[] = [];
	for (const file of files) dbcs.push(await readDbc(file, context));
	const decoder = compileDbc(dbcs);
	if (decoder.problems.length > 0) {
		const detail = `${decoder.problems.length} messages have the id of a message in a DBC file before theirs; the first file counts`;
		context.note({ event: "source_warned", detail });
	}
	return decoder;
};

/** Opens a live input again and again; waits longer from failure to failure, and starts over once bytes came. */
async function* live(open: () => AsyncGenerator<Uint8Array>, name: string, context: SourceContext): AsyncGenerator<Uint8Array> {
	let waitMs = firstWaitMs;
	while (!context.signal.aborted) {
		try {
			for await (const chunk of open()) {
				waitMs = firstWaitMs;
				yield chunk;
			}
		} catch (error) {
			if (context.signal.aborted) return;
			const pausedMs = Math.round(waitMs * (0.5 + context.random() / 2));
			context.note({ event: "source_retried", detail: `${name}: ${error instanceof Error ? error.message : "failed"}`, waitMs: pausedMs });
			yield new Uint8Array(0);
			await context.sleep(pausedMs);
			waitMs = Math.min(waitMs * 2, longestWaitMs);
		}
	}
}

const openInput = (input: Options["input"], context: SourceContext): AsyncGenerator<Uint8Array> => {
	const { signal } = context;
	const onCorrupt = (): void => context.reject("gzip_corrupt");
	if ("file" in input) return readFileBytes(input.file, signal, onCorrupt);
	if ("stdin" in input) return unpackIfGzip(readStdin(signal), onCorrupt);
	if ("pipe" in input) return live(() => readPipe(input.pipe, signal), "named pipe", context);
	const { bus, program } = input.spawn;
	return live(() => readChild(program, ["-L", bus], signal), `candump ${bus}`, context);
};

async function* open(options: Options, context: SourceContext): AsyncGenerator<readonly Reading[]> {
	const decoder = await openDecoder(options.dbc, context);
	if (context.signal.aborted) return;
	const reader = new CanReader(decoder, context);
	context.note({
		event: "source_opened",
		detail: `candump text, ${decoder.messages().length} messages in ${options.dbc.length} DBC files`,
	});
	for await (const chunk of openInput(options.input, context)) {
		for (const readings of reader.read(chunk)) {
			yield readings;
			if (context.signal.aborted) return;
		}
	}
	yield* reader.read(new Uint8Array(0));
}

export default defineSource({ kind: "can", options: CanOptions, open });
