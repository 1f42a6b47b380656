/**
 * Cuts a stream of PCD files, one after the other, into files. Each header says where its file ends; what is no header is passed over to the next that begins
 * with the usual comment.
 */
import { pcdBodyBytes } from "./pcd.ts";
import { findPcdHeaderEnd, type PcdHeader, parsePcdHeader } from "./pcd-header.ts";

/** How every writer begins a file. */
const signature = Buffer.from("# .PCD");

const isBlank = (byte: number): boolean => byte <= 0x20;

export class PcdSplitter {
	readonly #maxPoints: number;
	readonly #maxBytes: number;
	/** Holds the bytes that no file was made of yet; `#pending` is the part in use. */
	#store: Buffer = Buffer.alloc(0);
	#pending: Buffer = this.#store;
	#header: PcdHeader | undefined;
	/** Bytes of the open file that are still to be passed over, since it is not wanted; infinite while nobody knows how many. */
	#toSkip = 0;
	/** Of the points of the open file as text: where the scan stands, lines seen, and whether the line that is open has a word. */
	#scan = { at: 0, lines: 0, hasWord: false };
	/** True while a start is looked for and what is passed over is counted already. */
	#isLost = false;
	#broken = 0;
	#tooLarge = 0;

	/** Files of more points, or of more bytes, are passed over and counted. */
	constructor(maxPoints: number, maxBytes: number) {
		this.#maxPoints = maxPoints;
		this.#maxBytes = maxBytes;
	}

	/** How often there was something that is no PCD file, or the end of one was missing. */
	get broken(): number {
		return this.#broken;
	}

	get tooLarge(): number {
		return this.#tooLarge;
	}

	/** Takes a chunk (borrowed) and gives back the files that are complete; each is a copy. */
	push(chunk: Uint8Array): Uint8Array[] {
		this.#append(chunk);
		const files: Uint8Array[] = [];
		while (this.#pending.length > 0 || this.#header !== undefined) if (!this.#step(files)) break;
		return files;
	}

	/** The writer is gone: gives back a file of lines whose last one has no end, counts any other that is open, and starts anew. */
	end(): Uint8Array | undefined {
		const header = this.#header;
		const isText = header?.form === "ascii" && this.#toSkip === 0;
		const last = isText && this.#pending.length > 0 ? this.push(Buffer.from("\n"))[0] : undefined;
		const isOpen = this.#header !== undefined || this.#toSkip > 0 || this.#pending.some((byte) => !isBlank(byte));
		if (isOpen && !this.#isLost) this.#broken++;
		this.#pending = Buffer.alloc(0);
		this.#header = undefined;
		this.#toSkip = 0;
		this.#isLost = false;
		return last;
	}

	/** Moves what is pending to the front only when there is no room behind it, into twice the room when there is too little. */
	#append(chunk: Uint8Array): void {
		const used = this.#pending.length;
		const from = this.#pending.byteOffset - this.#store.byteOffset;
		if (from + used + chunk.length > this.#store.length) {
			const needed = 2 * (used + chunk.length);
			const room = needed > this.#store.length || needed < this.#store.length / 8 ? Buffer.allocUnsafeSlow(needed) : this.#store;
			this.#pending.copy(room);
			room.set(chunk, used);
			this.#store = room;
			this.#pending = room.subarray(0, used + chunk.length);
			return;
		}
		this.#store.set(chunk, from + used);
		this.#pending = this.#store.subarray(from, from + used + chunk.length);
	}

	/** Takes one step: passes something over, reads a header, or adds a file. False when it needs more bytes. */
	#step(files: Uint8Array[]): boolean {
		if (this.#toSkip > 0) {
			const skipped = Math.min(this.#toSkip, this.#pending.length);
			this.#toSkip -= skipped;
			this.#drop(skipped);
			return true;
		}
		if (this.#header !== undefined) return this.#body(this.#header, files);
		let start = 0;
		while (start < this.#pending.length && isBlank(this.#pending[start] ?? 0)) start++;
		this.#drop(start);
		return (!this.#isLost || this.#seek()) && this.#readHeader();
	}

	/** Looks for the next start; keeps what may be the beginning of one. */
	#seek(): boolean {
		const at = this.#pending.indexOf(signature);
		this.#drop(at < 0 ? Math.max(0, this.#pending.length - signature.length + 1) : at);
		if (at >= 0) this.#isLost = false;
		return at >= 0;
	}

	#lose(): true {
		if (!this.#isLost) this.#broken++;
		this.#isLost = true;
		this.#header = undefined;
		this.#drop(1);
		return true;
	}

	/** True when there was one, or something that is none. */
	#readHeader(): boolean {
		if (this.#pending.length === 0) return false;
		try {
			if (!this.#mayBeHeader()) return this.#lose();
			if (findPcdHeaderEnd(this.#pending) === undefined) return false;
			const header = parsePcdHeader(this.#pending);
			const bodyBytes = pcdBodyBytes(header, this.#pending.subarray(header.bytes));
			if (bodyBytes === undefined && header.form === "binary_compressed") return false;
			const isTooLarge =
				header.widthPoints * header.heightPoints > this.#maxPoints ||
				(bodyBytes !== undefined && header.bytes + bodyBytes > this.#maxBytes);
			this.#scan = { at: header.bytes, lines: 0, hasWord: false };
			if (isTooLarge) this.#passOver(header, bodyBytes);
			else this.#header = header;
			return true;
		} catch {
			return this.#lose();
		}
	}

	/** Text is passed over by looking for the next start. */
	#passOver(header: PcdHeader, bodyBytes: number | undefined): void {
		this.#tooLarge++;
		this.#header = undefined;
		if (bodyBytes === undefined) this.#isLost = true;
		else this.#toSkip = bodyBytes;
		this.#drop(header.bytes);
	}

	/** Text, and no byte that a header cannot have, so that a wrong stream is known at once. */
	#mayBeHeader(): boolean {
		const first = this.#pending[0] ?? 0;
		// `#`, or a keyword in capital letters.
		return first === 0x23 || (first >= 0x41 && first <= 0x5a);
	}

	#body(header: PcdHeader, files: Uint8Array[]): boolean {
		const bodyBytes = header.form === "ascii" ? this.#textBytes(header) : pcdBodyBytes(header, this.#pending.subarray(header.bytes));
		const total = header.bytes + (bodyBytes ?? 0);
		if (bodyBytes === undefined && this.#pending.length > this.#maxBytes) {
			this.#passOver(header, undefined);
			return true;
		}
		if (bodyBytes === undefined || this.#pending.length < total) return false;
		files.push(new Uint8Array(this.#pending.subarray(0, total)));
		this.#header = undefined;
		this.#drop(total);
		return true;
	}

	/** Counts lines that are not empty; each byte is looked at once. */
	#textBytes(header: PcdHeader): number | undefined {
		const points = header.widthPoints * header.heightPoints;
		const at = this.#scan;
		const bytes = this.#pending;
		while (at.lines < points && at.at < bytes.length) {
			const byte = bytes[at.at++] ?? 0;
			if (byte === 0x0a) {
				if (at.hasWord) at.lines++;
				at.hasWord = false;
			} else if (!isBlank(byte)) at.hasWord = true;
		}
		return at.lines === points ? at.at - header.bytes : undefined;
	}

	#drop(bytes: number): void {
		if (bytes > 0) this.#pending = this.#pending.subarray(bytes);
	}
}
