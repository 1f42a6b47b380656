/**
 * `decode`: prints every frame of a CAN recording as one line of JSON, with the values of its signals. For looking at a log; nothing is
 * tagged, decided or treated, so what it prints stays with whoever called it.
 *
 *     {"t":1533226488.230575,"bus":"can0","id":37,"message":"STEER_ANGLE_SENSOR","signals":{"STEER_ANGLE":-1.5, ...}}
 *
 * `t` is the number that the line has in its stamp, in seconds, or null. `id` is without flags; `"extended":true` marks one of 29 bits.
 * `message` is null for an id that no DBC has. Frames without a payload to decode carry `"remote":true` or `"error":true`. Of two signals with
 * one name the last one counts. A number that no double holds is printed in full; NaN and infinities, which JSON does not have, are strings.
 */
import { readFile } from "node:fs/promises";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import { CandumpParser, type CanFrame } from "../formats/candump.ts";
import { type CompiledMessage, compileDbc, type DbcDecoder } from "../formats/dbc-decode.ts";
import type { Dbc } from "../formats/dbc-model.ts";
import { parseDbc } from "../formats/dbc-parse.ts";
import type { CompiledSignal } from "../formats/dbc-signal-decode.ts";
import { LineSplitter } from "../formats/line-splitter.ts";
import { readFileBytes, readStdin, unpackIfGzip } from "../host/byte-input.ts";
import { type Command, exitCodes, textOption, textOptions } from "./command.ts";

export interface DecodeArgs {
	/** Path of candump text, gzip or not; `-` is the standard input. */
	readonly can: string;
	readonly dbc: readonly string[];
	/** Takes one line; when it returns a promise, nothing more is read until that is done. */
	readonly out: (line: string) => Promise<void> | undefined | void;
	/** Takes one line about oddities of a DBC file. */
	readonly warn: (line: string) => void;
	/** Ends early, without an error. */
	readonly signal?: AbortSignal;
}

export interface DecodeResult {
	/** Frames printed. */
	readonly frames: number;
	/** Frames of which a message was found. */
	readonly decoded: number;
	/** What could not be read or named, by the codes of the `can` source. */
	readonly rejected: Record<string, number>;
}

const maxLineBytes = 1_024;
const maxWarnings = 20;

const jsonNumber = (value: number | bigint): string => (typeof value === "bigint" || Number.isFinite(value) ? String(value) : `"${value}"`);

/** Writes frames as JSON; names are quoted once. */
class FrameWriter {
	readonly #names = new Map<CompiledSignal, string>();
	readonly #messages = new Map<CompiledMessage, string>();
	readonly #buses = new Map<string, string>();
	#signals = "";
	readonly #twins = new Map<string, string>();
	truncated = 0;

	line(frame: CanFrame, message: CompiledMessage | undefined): string {
		const head = `{"t":${frame.tSec ?? "null"},"bus":${this.#bus(frame.bus)},"id":${frame.id}${frame.extended ? ',"extended":true' : ""}`;
		const kind = frame.remote ? ',"remote":true' : frame.error ? ',"error":true' : "";
		return `${head}${kind},"message":${this.#message(message)},"signals":{${frame.remote ? "" : this.#values(frame, message)}}}`;
	}

	#bus(bus: string): string {
		const known = this.#buses.get(bus);
		if (known !== undefined) return known;
		// A hostile log may name a new bus on every line.
		if (this.#buses.size > 256) this.#buses.clear();
		const text = JSON.stringify(bus);
		this.#buses.set(bus, text);
		return text;
	}

	#message(message: CompiledMessage | undefined): string {
		if (message === undefined) return "null";
		const text = this.#messages.get(message) ?? JSON.stringify(message.name);
		this.#messages.set(message, text);
		return text;
	}

	#name(signal: CompiledSignal): string {
		const text = this.#names.get(signal) ?? JSON.stringify(signal.name);
		this.#names.set(signal, text);
		return text;
	}

	readonly #append = (signal: CompiledSignal, value: number | bigint): void => {
		this.#signals += `${this.#signals === "" ? "" : ","}${this.#name(signal)}:${jsonNumber(value)}`;
	};

	readonly #keepLast = (signal: CompiledSignal, value: number | bigint): void => {
		this.#twins.set(this.#name(signal), jsonNumber(value));
	};

	#values(frame: CanFrame, message: CompiledMessage | undefined): string {
		if (message === undefined) return "";
		this.#signals = "";
		if (!message.hasTwins) {
			this.truncated += message.decode(frame.data, this.#append);
			return this.#signals;
		}
		this.#twins.clear();
		this.truncated += message.decode(frame.data, this.#keepLast);
		return [...this.#twins].map(([name, value]) => `${name}:${value}`).join(",");
	}
}

const openDecoder = async ({ dbc: files, warn }: DecodeArgs): Promise<DbcDecoder> => {
	const dbcs: Dbc[] = [];
	for (const file of files) {
		let dbc: Dbc;
		try {
			dbc = parseDbc(await readFile(file));
		} catch (error) {
			if (isKerbError(error)) throw new KerbError(error.code, `${file}: ${error.message}`, { cause: error });
			throw new KerbError("SOURCE_UNAVAILABLE", `the DBC file ${file} cannot be read: check the path and its permissions`, {
				cause: error,
			});
		}
		for (const { line, text } of dbc.problems.slice(0, maxWarnings)) warn(`${file}:${line}: ${text}`);
		const more = dbc.problems.length + dbc.problemsLeftOut - maxWarnings;
		if (more > 0) warn(`${file}: ${more} more problems of this kind`);
		dbcs.push(dbc);
	}
	const decoder = compileDbc(dbcs);
	for (const { text } of decoder.problems.slice(0, maxWarnings)) warn(text);
	return decoder;
};

/**
 * Reads the recording and prints one line per frame.
 *
 * @throws KerbError SOURCE_UNAVAILABLE when a file cannot be read, FORMAT_INVALID when nothing in a DBC file can be read as DBC.
 */
export const runDecode = async (args: DecodeArgs): Promise<DecodeResult> => {
	const decoder = await openDecoder(args);
	const rejected: Record<string, number> = {};
	const reject = (code: string, count: number): void => {
		if (count > 0) rejected[code] = (rejected[code] ?? 0) + count;
	};
	const onCorrupt = (): void => reject("gzip_corrupt", 1);
	const signal = args.signal ?? new AbortController().signal;
	const chunks = args.can === "-" ? unpackIfGzip(readStdin(signal), onCorrupt) : readFileBytes(args.can, signal, onCorrupt);
	const parser = new CandumpParser();
	const writer = new FrameWriter();
	const splitter = new LineSplitter(maxLineBytes);
	let frames = 0;
	let decoded = 0;
	const printLine = (text: string): Promise<void> | void => {
		const what = parser.parse(text);
		if (what === "invalid") reject("line_invalid", 1);
		if (what !== "frame") return;
		const { frame } = parser;
		const message = frame.error ? undefined : decoder.find(frame.id, frame.extended);
		frames++;
		if (frame.error) reject("frame_error", 1);
		else if (frame.remote) reject("frame_remote", 1);
		else if (message === undefined) reject("frame_unmapped", 1);
		else decoded++;
		return args.out(writer.line(frame, message));
	};
	for await (const chunk of chunks) {
		for (const text of splitter.push(chunk)) {
			const pending = printLine(text);
			if (pending !== undefined) await pending;
			if (signal.aborted) break;
		}
	}
	for (const text of signal.aborted ? [] : splitter.end()) await printLine(text);
	reject("line_overlong", splitter.overlong);
	reject("signal_truncated", writer.truncated);
	return { frames, decoded, rejected };
};

const help = `Prints every frame as one line of JSON with the values of its signals, for looking at a log:

  {"t":1533226488.230575,"bus":"can0","id":37,"message":"STEER_ANGLE_SENSOR","signals":{"STEER_ANGLE":-1.5}}

"message" is null for an id that no DBC has. Nothing is tagged or treated here: what is printed is for you alone.
Oddities of the DBC files and counts of what could not be read go to standard error.

Options:
  --can FILE    candump text in any of its three shapes, gzipped or not; - is standard input
  --dbc FILE    a DBC file; may be given more than once

Example:
  candump -L can0 | kerbstone decode --can - --dbc car.dbc

Exit codes: 0 done, whatever the recording holds; 1 nothing in a DBC file could be read; 4 a file is not there.`;

/** Lines are gathered to about so many characters before they are written. */
const pieceLength = 65_536;

const command: Command = {
	name: "decode",
	summary: "decode a CAN recording with DBC files",
	usage: "decode --can FILE --dbc FILE...",
	help,
	options: { can: { type: "string" }, dbc: { type: "string", multiple: true } },
	run: async (args, io) => {
		const can = textOption(args, "can");
		const dbc = textOptions(args, "dbc");
		if (can === undefined || dbc.length === 0)
			throw new KerbError("USAGE", `--can and --dbc are needed\nUsage: kerbstone ${command.usage}`);
		let piece = "";
		const out = (line: string): Promise<void> | undefined => {
			piece += piece === "" ? line : `\n${line}`;
			if (piece.length < pieceLength) return undefined;
			const full = piece;
			piece = "";
			return io.out(full);
		};
		const result = await runDecode({ can, dbc, out, warn: io.err, signal: io.signal });
		if (piece !== "") await io.out(piece);
		const rejected = Object.entries(result.rejected).map(([code, count]) => `${code} ${count}`);
		io.err(`${result.frames} frames, ${result.decoded} of them with a message${rejected.length > 0 ? `; ${rejected.join(", ")}` : ""}`);
		return exitCodes.ok;
	},
};

export default command;
