/**
 * Cuts a stream of byte chunks into text lines without ever holding more than one line.
 *
 * A line ends with LF; one CR before it is taken off. A line longer than the bound is skipped whole and counted once, however its bytes were
 * cut into chunks, so that a peer that never sends a line end cannot fill the memory. What comes out does not depend on how the input was cut.
 */

/** latin1 keeps every byte as one character and is the fast one; utf8 replaces malformed sequences by U+FFFD and takes off no byte order mark. */
export type LineEncoding = "latin1" | "utf8";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export class LineSplitter {
	readonly #maxLineBytes: number;
	readonly #encoding: LineEncoding;
	/** The unfinished line; a copy, so that chunks stay the caller's. */
	#pending: Buffer = Buffer.alloc(0);
	#pendingBytes = 0;
	#skipping = false;
	#overlong = 0;

	/** `maxLineBytes` (1 or more) counts the bytes before LF, a CR among them. */
	constructor(maxLineBytes: number, encoding: LineEncoding = "latin1") {
		this.#maxLineBytes = Math.max(1, maxLineBytes);
		this.#encoding = encoding;
	}

	/** How many lines were longer than the bound and skipped, since the beginning. */
	get overlong(): number {
		return this.#overlong;
	}

	/** Takes the next chunk (borrowed for the call) and returns the lines that it finished, without their ends; empty lines are kept. */
	push(chunk: Uint8Array): string[] {
		const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
		const lines: string[] = [];
		let start = 0;
		for (;;) {
			const end = bytes.indexOf(lineFeed, start);
			if (end < 0) break;
			this.#finish(bytes, start, end, lines);
			start = end + 1;
		}
		this.#keep(bytes, start);
		return lines;
	}

	/** Ends the stream: returns the last line if it had no line end, and is ready for another stream. `overlong` counts on. */
	end(): string[] {
		const lines: string[] = [];
		if (this.#pendingBytes > 0) lines.push(this.#text(this.#pending, 0, this.#pendingBytes));
		this.#pendingBytes = 0;
		this.#skipping = false;
		return lines;
	}

	#finish(bytes: Buffer, start: number, end: number, lines: string[]): void {
		if (!this.#skipping && this.#pendingBytes === 0) {
			if (end - start > this.#maxLineBytes) this.#overlong++;
			else lines.push(this.#text(bytes, start, end));
			return;
		}
		this.#keep(bytes.subarray(0, end), start);
		if (!this.#skipping) lines.push(this.#text(this.#pending, 0, this.#pendingBytes));
		this.#pendingBytes = 0;
		this.#skipping = false;
	}

	#keep(bytes: Buffer, start: number): void {
		const added = bytes.length - start;
		if (this.#skipping || added === 0) return;
		const needed = this.#pendingBytes + added;
		if (needed > this.#maxLineBytes) {
			this.#overlong++;
			this.#skipping = true;
			this.#pendingBytes = 0;
			return;
		}
		if (needed > this.#pending.length) {
			const grown = Buffer.alloc(Math.min(this.#maxLineBytes, Math.max(256, needed * 2)));
			this.#pending.copy(grown, 0, 0, this.#pendingBytes);
			this.#pending = grown;
		}
		bytes.copy(this.#pending, this.#pendingBytes, start);
		this.#pendingBytes = needed;
	}

	#text(bytes: Buffer, start: number, end: number): string {
		const last = end > start && bytes[end - 1] === carriageReturn ? end - 1 : end;
		return bytes.toString(this.#encoding, start, last);
	}
}
