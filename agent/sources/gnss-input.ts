/** Where a receiver's bytes come from: a recording or a serial device. Every stream ends with the source's signal. */
import { spawn } from "node:child_process";
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { stat } from "node:fs/promises";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import { KerbError } from "../../shared/errors.ts";
import { readFileBytes } from "../host/byte-input.ts";
import type { SourceContext } from "./source.ts";

/**
 * The bytes of a recording, gzip or not. A gzip stream that breaks off gives what can be unpacked and is counted as `file_truncated`.
 *
 * @throws KerbError SOURCE_UNAVAILABLE before the first byte when it is no regular file or cannot be read.
 */
export async function* readRecording(path: string, context: SourceContext): AsyncGenerator<Uint8Array> {
	// What cannot even be looked at is explained by the reader.
	const found = await stat(path).catch(() => undefined);
	if (found?.isFile() === false) {
		throw new KerbError("SOURCE_UNAVAILABLE", "expected a regular file of NMEA 0183 sentences; use input.serial for a device or a pipe");
	}
	yield* readFileBytes(path, context.signal, () => context.reject("file_truncated"));
}

/** Sets a terminal device to raw bytes at the given speed with stty (coreutils), which knows every speed the driver knows. */
const setLine = (path: string, baud: number, signal: AbortSignal): Promise<void> =>
	new Promise((resolve, reject) => {
		const stty = spawn("stty", ["-F", path, String(baud), "raw", "-echo", "clocal", "-crtscts"], { stdio: "ignore", signal });
		stty.once("error", reject);
		stty.once("close", (code) => {
			if (code === 0) resolve();
			else reject(new KerbError("SOURCE_UNAVAILABLE", `stty ended with ${code} for the serial device; check input.baud`));
		});
	});

/**
 * Opens a serial device (or a FIFO, or a pseudo terminal) for reading only. Nothing is ever written to it.
 *
 * @throws KerbError SOURCE_UNAVAILABLE or a system error when it is not there or not a device.
 */
export const openSerial = async (path: string, baud: number, signal: AbortSignal): Promise<Readable> => {
	const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	try {
		if (isatty(fd)) {
			await setLine(path, baud, signal);
			return new ReadStream(fd);
		}
		if (fstatSync(fd).isFIFO()) return new Socket({ fd, readable: true, writable: false });
		throw new KerbError("SOURCE_UNAVAILABLE", "input.serial is neither a terminal device nor a pipe; use input.file for a recording");
	} catch (error) {
		closeSync(fd);
		throw error;
	}
};
