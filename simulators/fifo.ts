/**
 * Writes lines into a named pipe without ever waiting for who reads it: as on a real bus, what nobody takes is lost, and counted.
 */
import { execFile } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { lstat, unlink } from "node:fs/promises";
import { promisify } from "node:util";
import { isMissingFile, KerbError } from "../shared/errors.ts";

export interface Fifo {
	/** Writes as much of the lines as the pipe takes, whole lines only, and returns how many were lost. */
	write(lines: readonly string[]): number;
	/** Closes the pipe, and takes it away if it was made here. */
	close(): Promise<void>;
}

/** Linux writes so much in one piece or not at all (PIPE_BUF). */
const maxPieceBytes = 4_096;

/** No reader, a reader that left, a full pipe. */
const lossCodes: ReadonlySet<unknown> = new Set(["ENXIO", "EPIPE", "EAGAIN"]);
const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

/** True when it was made here, false when it was there. */
const makeFifo = async (path: string): Promise<boolean> => {
	try {
		if (!(await lstat(path)).isFIFO()) {
			throw new KerbError("USAGE", `${path} is there already and is no named pipe; choose another path for the simulated bus`);
		}
		return false;
	} catch (error) {
		if (!isMissingFile(error)) throw error;
	}
	try {
		await promisify(execFile)("mkfifo", ["-m", "600", path]);
	} catch (cause) {
		throw new KerbError("SOURCE_UNAVAILABLE", `a named pipe cannot be made at ${path}; check its folder and that mkfifo is installed`, {
			cause,
		});
	}
	return true;
};

/** Groups lines into pieces that are written whole. */
function* pieces(lines: readonly string[]): Generator<{ readonly text: string; readonly lines: number }> {
	let text = "";
	let count = 0;
	for (const line of lines) {
		if (text.length + line.length + 1 > maxPieceBytes) {
			yield { text, lines: count };
			text = "";
			count = 0;
		}
		text += `${line}\n`;
		count++;
	}
	if (count > 0) yield { text, lines: count };
}

/**
 * A pipe at `path`, made (mode 0600) if it is not there. Lines are ASCII and shorter than 4,096 characters.
 *
 * @throws KerbError USAGE when something else is at the path; SOURCE_UNAVAILABLE when the pipe cannot be made.
 */
export const openFifo = async (path: string): Promise<Fifo> => {
	const made = await makeFifo(path);
	let descriptor: number | undefined;
	const drop = (): void => {
		if (descriptor !== undefined) closeSync(descriptor);
		descriptor = undefined;
	};
	const send = (text: string): boolean => {
		try {
			// Without a reader this fails at once instead of waiting for one.
			descriptor ??= openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
			writeSync(descriptor, text);
			return true;
		} catch (error) {
			const code = codeOf(error);
			// The next reader may be on another pipe of the same name.
			if (code === "EPIPE") drop();
			if (lossCodes.has(code) || isMissingFile(error)) return false;
			throw error;
		}
	};
	return {
		write: (lines) => {
			let lost = 0;
			for (const piece of pieces(lines)) if (!send(piece.text)) lost += piece.lines;
			return lost;
		},
		close: async () => {
			drop();
			if (!made) return;
			try {
				await unlink(path);
			} catch (error) {
				if (!isMissingFile(error)) throw error;
			}
		},
	};
};
