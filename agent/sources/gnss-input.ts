/** Where a receiver's bytes come from: a recording, a serial device, the standard input. Every stream ends with the source's signal. */
import { spawn } from "node:child_process";
import { closeSync, constants, createReadStream, fstatSync, openSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import { createGunzip } from "node:zlib";
import { KerbError } from "../../shared/errors.ts";
import type { SourceContext } from "./source.ts";

/** The chunks of a stream until it ends or the signal aborts; then the stream is destroyed. Its errors are thrown, unless it was aborted. */
export async function* readChunks(stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	const stop = (): void => void stream.destroy();
	signal.addEventListener("abort", stop, { once: true });
	try {
		if (signal.aborted) return;
		for await (const chunk of stream) {
			yield chunk as Uint8Array;
			if (signal.aborted) return;
		}
	} catch (error) {
		if (!signal.aborted) throw error;
	} finally {
		signal.removeEventListener("abort", stop);
		stream.destroy();
	}
}

const firstBytes = async (handle: FileHandle): Promise<Buffer> => {
	const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
	return buffer.subarray(0, bytesRead);
};

/**
 * The bytes of a recording; gzip (RFC 1952) is known by its first two bytes. A gzip stream that breaks off ends the recording there and is
 * counted as `file_truncated`.
 *
 * @throws KerbError SOURCE_UNAVAILABLE before the first byte when the file cannot be read.
 */
export async function* readRecording(path: string, context: SourceContext): AsyncGenerator<Uint8Array> {
	let packed: boolean;
	try {
		const handle = await open(path, "r");
		try {
			if (!(await handle.stat()).isFile())
				throw new KerbError(
					"SOURCE_UNAVAILABLE",
					"expected a regular file of NMEA 0183 sentences; use input.serial for a device or a pipe",
				);
			packed = (await firstBytes(handle)).equals(Buffer.from([0x1f, 0x8b]));
		} finally {
			await handle.close();
		}
	} catch (error) {
		if (error instanceof KerbError) throw error;
		throw new KerbError("SOURCE_UNAVAILABLE", "the NMEA file cannot be read; check input.file and its permissions", { cause: error });
	}
	if (context.signal.aborted) return;
	const file = createReadStream(path);
	if (!packed) return yield* readChunks(file, context.signal);
	const unpacked = createGunzip();
	file.on("error", (error) => unpacked.destroy(error));
	file.pipe(unpacked);
	try {
		yield* readChunks(unpacked, context.signal);
	} catch {
		context.reject("file_truncated");
	} finally {
		file.destroy();
	}
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
