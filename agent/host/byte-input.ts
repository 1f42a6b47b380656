/**
 * Bytes from files, the standard input, named pipes and child processes, as chunks until the input ends or the signal aborts. Whoever stops
 * early leaves no file, socket or child behind.
 */
import { spawn } from "node:child_process";
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { Socket } from "node:net";
import type { Readable, TransformOptions } from "node:stream";
import { createGunzip, type ZlibOptions } from "node:zlib";
import { isMissingFile, KerbError } from "../../shared/errors.ts";

const fileChunkBytes = 16 * 1024;
/** What is handed on of a packed input at a time. Small, since all that is made of it lives until the next one is asked for. */
const unpackedChunkBytes = 32 * 1024;

/** The chunks of a stream; its own error is thrown unless the signal aborted first. */
export async function* readStream(stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	const stop = (): void => void stream.destroy();
	signal.addEventListener("abort", stop, { once: true });
	// An error between two reads, or after the consumer left, must not bring the process down.
	stream.on("error", () => undefined);
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

/** Yields the same buffer again and again: what is to outlive the next read must be copied. */
async function* readPlain(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	const handle = await open(path, "r");
	const own = Buffer.allocUnsafeSlow(fileChunkBytes);
	try {
		while (!signal.aborted) {
			const { bytesRead } = await handle.read(own, 0, fileChunkBytes);
			if (bytesRead === 0) return;
			yield own.subarray(0, bytesRead);
		}
	} finally {
		await handle.close();
	}
}

/**
 * Unpacks by hand instead of by pipe, so that what came before a break is handed on, and so that nothing is unpacked before it is asked for:
 * deflate can make a thousand times as much of its input. Calls `onCorrupt` once at a break and ends there.
 */
async function* unpack(packed: AsyncIterable<Uint8Array>, onCorrupt: () => void): AsyncGenerator<Uint8Array> {
	const options: ZlibOptions & TransformOptions = { chunkSize: unpackedChunkBytes, readableHighWaterMark: unpackedChunkBytes };
	const gunzip = createGunzip(options);
	const state = { wantsMore: false, ended: false, broken: false };
	let wake = (): void => undefined;
	const note = (change: Partial<typeof state>): void => {
		Object.assign(state, change);
		wake();
	};
	gunzip.on("readable", () => wake());
	gunzip.on("end", () => note({ ended: true }));
	gunzip.on("error", () => note({ broken: true }));
	const ready = async function* (): AsyncGenerator<Uint8Array> {
		for (;;) {
			const chunk: Uint8Array | null = gunzip.read();
			if (chunk !== null) yield chunk;
			else if (state.wantsMore || state.ended || state.broken) return;
			else {
				await new Promise<void>((resolve) => {
					wake = resolve;
				});
			}
		}
	};
	try {
		for await (const chunk of packed) {
			state.wantsMore = false;
			gunzip.write(chunk, () => note({ wantsMore: true }));
			yield* ready();
			if (state.ended || state.broken) break;
		}
		state.wantsMore = false;
		if (!state.ended && !state.broken) gunzip.end();
		yield* ready();
		if (state.broken) onCorrupt();
	} finally {
		gunzip.destroy();
	}
}

/** What `packed` yields, with the chunk that was taken to look at first. */
async function* startingWith(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
	try {
		yield first;
		yield* rest;
	} finally {
		await rest.return(undefined);
	}
}

const unavailable = (path: string, error: unknown): KerbError =>
	new KerbError(
		"SOURCE_UNAVAILABLE",
		isMissingFile(error)
			? `expected a file at ${path}, there is none: check the path`
			: `${path} cannot be read: check that it is a file and may be read`,
		{ cause: error },
	);

/**
 * The bytes of a chunked input; gzip (RFC 1952) is known by its first two bytes and unpacked. A gzip stream that is broken or cut off gives
 * what can be unpacked and calls `onCorrupt` once.
 */
export async function* unpackIfGzip(chunks: AsyncGenerator<Uint8Array>, onCorrupt: () => void): AsyncGenerator<Uint8Array> {
	let head: Uint8Array = new Uint8Array(0);
	for (;;) {
		const { value, done } = await chunks.next();
		if (done) break;
		head = Buffer.concat([head, value]);
		if (head.length > 1) break;
	}
	const all = startingWith(head, chunks);
	yield* head[0] === 0x1f && head[1] === 0x8b ? unpack(all, onCorrupt) : all;
}

/**
 * The bytes of a file, gzip or not; a chunk is borrowed until the next is asked for. Calls `onCorrupt` as `unpackIfGzip` does, but not for an end that the signal made.
 *
 * @throws KerbError SOURCE_UNAVAILABLE when the file cannot be read.
 */
export async function* readFileBytes(path: string, signal: AbortSignal, onCorrupt: () => void): AsyncGenerator<Uint8Array> {
	const guarded = async function* (): AsyncGenerator<Uint8Array> {
		try {
			yield* readPlain(path, signal);
		} catch (error) {
			throw unavailable(path, error);
		}
	};
	yield* unpackIfGzip(guarded(), () => {
		if (!signal.aborted) onCorrupt();
	});
}

/** The standard input of this process; it can be read once. */
export const readStdin = (signal: AbortSignal): AsyncGenerator<Uint8Array> => readStream(process.stdin, signal);

const openPipe = (path: string): number => {
	// Without O_NONBLOCK the open itself would wait for a writer, where no signal can end it.
	const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	if (fstatSync(fd).isFIFO()) return fd;
	closeSync(fd);
	throw new KerbError("SOURCE_UNAVAILABLE", `expected a named pipe at ${path}: make one with mkfifo, or name it as a file`);
};

/**
 * The bytes of a named pipe for as long as the signal allows. An empty chunk stands where the last writer closed: the next one starts anew.
 * The pipe is opened again before the old end is closed, so that a writer that comes in between finds a reader and loses nothing.
 *
 * @throws KerbError SOURCE_UNAVAILABLE when there is something else at the path; a system error when there is nothing.
 */
export async function* readPipe(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	let next = openPipe(path);
	try {
		while (!signal.aborted && next >= 0) {
			const socket = new Socket({ fd: next, readable: true, writable: false });
			next = -1;
			socket.once("end", () => {
				if (!signal.aborted) next = reopen(path);
			});
			yield* readStream(socket, signal);
			yield new Uint8Array(0);
		}
	} finally {
		if (next >= 0) closeSync(next);
	}
}

const reopen = (path: string): number => {
	try {
		return openPipe(path);
	} catch {
		// Removed or replaced; the caller opens it anew and says what is wrong.
		return -1;
	}
};

/**
 * Runs a program without a shell and yields what it writes to its standard output. The child is ended with the signal or when the consumer
 * stops.
 *
 * @throws KerbError SOURCE_UNAVAILABLE when it cannot be started or has ended; the first line that it wrote to standard error is the cause.
 */
export async function* readChild(program: string, args: readonly string[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
	const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
	let complaint = "";
	child.stderr.on("data", (chunk: Buffer) => {
		if (complaint.length < 300) complaint += chunk.toString("utf8", 0, 300);
	});
	const closed = new Promise<Error | undefined>((resolve) => {
		child.once("error", resolve);
		child.once("close", (code, by) => resolve(new Error(`ended with ${code ?? by}: ${complaint.split("\n")[0]}`)));
	});
	try {
		yield* readStream(child.stdout, signal);
		if (signal.aborted) return;
		throw new KerbError("SOURCE_UNAVAILABLE", `${program} does not run: see that it is installed and its interface exists`, {
			cause: await closed,
		});
	} finally {
		child.kill();
		child.stderr.destroy();
		const hard = setTimeout(() => child.kill("SIGKILL"), 500);
		await closed;
		clearTimeout(hard);
	}
}
