/**
 * The lines of a large input, as ranges of bytes: read in large blocks, cut with `indexOf`, never made into text here.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { isMissingFile, KerbError } from "../../shared/errors.ts";
import { readFileBytes, readStdin, unpackIfGzip } from "../host/byte-input.ts";

const blockBytes = 1_048_576;

/** More than the largest message of the standards in any of its JSON forms. */
export const maxLineBytes = 262_144;

/** Takes one line without its end; the bytes are borrowed for the call. */
export type TakeLine = (bytes: Buffer, start: number, end: number) => void;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const noBytes = Buffer.alloc(0);

/**
 * Cuts blocks into lines. A line ends with LF; one CR before it is taken off. A line longer than `maxLineBytes` is not kept: `onOverlong` is called once
 * in its place.
 */
export class LineCutter {
	readonly #take: TakeLine;
	readonly #onOverlong: () => void;
	/** The unfinished line; a copy. */
	#rest: Buffer = noBytes;
	#isSkipping = false;

	constructor(take: TakeLine, onOverlong: () => void) {
		this.#take = take;
		this.#onOverlong = onOverlong;
	}

	/** Takes the next block, borrowed for the call. */
	push(block: Uint8Array): void {
		const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
		let start = this.#finishRest(bytes);
		for (;;) {
			const end = bytes.indexOf(lineFeed, start);
			if (end < 0) break;
			this.#hand(bytes, start, end);
			start = end + 1;
		}
		if (start < bytes.length && !this.#isSkipping) this.#keep(bytes.subarray(start));
	}

	/** The last line, if it had no end. */
	end(): void {
		const rest = this.#rest;
		this.#rest = noBytes;
		if (rest.length > 0) this.#hand(rest, 0, rest.length);
		this.#isSkipping = false;
	}

	/** Where the first line begins that has nothing to do with what was left over. */
	#finishRest(bytes: Buffer): number {
		if (this.#rest.length === 0 && !this.#isSkipping) return 0;
		const end = bytes.indexOf(lineFeed);
		if (end < 0) {
			if (!this.#isSkipping) this.#keep(bytes);
			return bytes.length;
		}
		if (!this.#isSkipping) {
			const line = Buffer.concat([this.#rest, bytes.subarray(0, end)]);
			this.#hand(line, 0, line.length);
		}
		this.#rest = noBytes;
		this.#isSkipping = false;
		return end + 1;
	}

	#keep(bytes: Buffer): void {
		if (this.#rest.length + bytes.length <= maxLineBytes) {
			this.#rest = Buffer.concat([this.#rest, bytes]);
			return;
		}
		this.#rest = noBytes;
		this.#isSkipping = true;
		this.#onOverlong();
	}

	#hand(bytes: Buffer, start: number, end: number): void {
		const last = end > start && bytes[end - 1] === carriageReturn ? end - 1 : end;
		if (last - start > maxLineBytes) this.#onOverlong();
		else this.#take(bytes, start, last);
	}
}

/**
 * The blocks of a file or, for `-`, of the standard input; gzip is unpacked. A block is borrowed until the next one is asked for. Between blocks
 * signals are heard.
 *
 * @throws KerbError SOURCE_UNAVAILABLE when it cannot be read; FORMAT_INVALID when it is gzip and broken.
 */
export async function* readBlocks(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	let isCorrupt = false;
	const onCorrupt = (): void => {
		isCorrupt = true;
	};
	if (path === "-") yield* unpackIfGzip(readStdin(signal), onCorrupt);
	else if (isGzip(path)) yield* readFileBytes(path, signal, onCorrupt);
	else yield* readPlain(path, signal);
	if (isCorrupt)
		throw new KerbError("FORMAT_INVALID", `${path === "-" ? "the standard input" : path}: the gzip stream is broken or cut off`);
}

async function* readPlain(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	const file = openInput(path);
	const block = Buffer.allocUnsafeSlow(blockBytes);
	try {
		while (!signal.aborted) {
			const count = readSync(file, block, 0, blockBytes, null);
			if (count === 0) return;
			yield block.subarray(0, count);
			await new Promise((resolve) => setImmediate(resolve));
		}
	} catch (cause) {
		throw new KerbError("SOURCE_UNAVAILABLE", `${path} cannot be read: check that it is a file and may be read`, { cause });
	} finally {
		closeSync(file);
	}
}

const isGzip = (path: string): boolean => {
	const file = openInput(path);
	try {
		const head = Buffer.alloc(2);
		return readSync(file, head, 0, 2, 0) === 2 && head[0] === 0x1f && head[1] === 0x8b;
	} catch {
		// A pipe has no positions, a folder no bytes; reading it says what is wrong.
		return false;
	} finally {
		closeSync(file);
	}
};

/** @throws KerbError SOURCE_UNAVAILABLE when there is nothing to read at the path. */
export const checkInput = (path: string): void => {
	if (path !== "-") closeSync(openInput(path));
};

const openInput = (path: string): number => {
	try {
		return openSync(path, "r");
	} catch (cause) {
		const why = isMissingFile(cause) ? "is not there: check the path" : "cannot be read: check that it is a file and may be read";
		throw new KerbError("SOURCE_UNAVAILABLE", `${path} ${why}`, { cause });
	}
};
