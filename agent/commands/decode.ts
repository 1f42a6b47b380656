/**
 * `decode`: prints every frame of a CAN recording as one line of JSON, with the values of its signals (frame-writer.ts has the form). For
 * looking at a log; nothing is tagged, decided or treated, so what it prints stays with whoever called it.
 */
import { readFile } from "node:fs/promises";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import { CandumpParser } from "../formats/candump.ts";
import { compileDbc, type DbcDecoder } from "../formats/dbc-decode.ts";
import type { Dbc } from "../formats/dbc-model.ts";
import { parseDbc } from "../formats/dbc-parse.ts";
import { LineSplitter } from "../formats/line-splitter.ts";
import { readFileBytes, readStdin, unpackIfGzip } from "../host/byte-input.ts";
import { type Command, exitCodes, textOption, textOptions } from "./command.ts";
import { FrameWriter } from "./frame-writer.ts";

export interface DecodeArgs {
	/** Path of candump text, gzip or not; `-` is the standard input. */
	readonly can: string;
	readonly dbc: readonly string[];
	/** Takes one line; when it returns a promise, nothing more is read until that is done. */
	readonly out: (line: string) => Promise<void> | undefined | void;
	/** Called when all frames of a piece of input are out; for those who gather lines. */
	readonly flush?: () => Promise<void> | undefined;
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
		await args.flush?.();
	}
	for (const text of signal.aborted ? [] : splitter.end()) await printLine(text);
	await args.flush?.();
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

/** Lines are gathered to about so many characters, or to the end of what has come in so far, before they are written. */
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
		const flush = (): Promise<void> | undefined => {
			if (piece === "") return undefined;
			const full = piece;
			piece = "";
			return io.out(full);
		};
		const out = (line: string): Promise<void> | undefined => {
			piece += piece === "" ? line : `\n${line}`;
			return piece.length < pieceLength ? undefined : flush();
		};
		const result = await runDecode({ can, dbc, out, flush, warn: io.err, signal: io.signal });
		const rejected = Object.entries(result.rejected).map(([code, count]) => `${code} ${count}`);
		io.err(`${result.frames} frames, ${result.decoded} of them with a message${rejected.length > 0 ? `; ${rejected.join(", ")}` : ""}`);
		return exitCodes.ok;
	},
};

export default command;
