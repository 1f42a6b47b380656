/**
 * Cuts a byte stream into the items of a CBOR sequence (RFC 8742) and decodes each, without ever holding more than one item.
 *
 * A scanner walks over the heads (RFC 8949, section 3) to find where an item ends before anything is decoded, so a length that a hostile peer
 * claims costs nothing: memory grows only with bytes that really came, up to the bound, and a longer item is skipped whole and counted once.
 * Tags (and with them cbor-x's records, shared structures and packed values) and byte sequences that are no CBOR never reach the decoder.
 */
import { Decoder } from "cbor-x";

/** `item_overlong`: more bytes than the bound. `item_invalid`: well-formed, but tagged or not decodable. `cbor_invalid`: no CBOR from here on. */
export type CborRefusal = "item_overlong" | "item_invalid" | "cbor_invalid";
export type CborItem = { readonly value: unknown } | { readonly refused: CborRefusal };

export interface CborSequenceOptions {
	/** The longest item in bytes. */
	readonly maxItemBytes?: number;
	/** How deep arrays, maps and tags may be nested. */
	readonly maxDepth?: number;
}

/** One open array, map, tag or string of unknown length. */
interface Level {
	/** Items still to come; not used when `endless`. */
	left: number;
	readonly endless: boolean;
	/** The major type of which all parts must be (strings of unknown length), or -1. */
	readonly only: number;
	/** Items seen: a map of unknown length must not end between key and value. */
	seen: number;
	readonly pairs: boolean;
}

const overlong: CborItem = { refused: "item_overlong" };
const invalid: CborItem = { refused: "item_invalid" };
const broken: CborItem = { refused: "cbor_invalid" };

const decoder = new Decoder({ useRecords: false, mapsAsObjects: true, tagUint8Array: false, copyBuffers: true });

export class CborSequence {
	readonly #maxItemBytes: number;
	readonly #maxDepth: number;
	readonly #levels: Level[] = [];
	/** Where the scanner is: payload bytes to pass over, argument bytes to come, or (both 0) a first byte. */
	#payloadLeft = 0;
	#argumentLeft = 0;
	#argument = 0;
	#major = 0;
	#tagged = false;
	/** Bytes of the unfinished item, copied so that chunks stay the caller's. */
	#pending = new Uint8Array(0);
	#pendingBytes = 0;
	#skipping = false;
	#begun = false;
	#broken = false;

	constructor(options: CborSequenceOptions = {}) {
		this.#maxItemBytes = Math.max(1, options.maxItemBytes ?? 1_048_576);
		this.#maxDepth = Math.max(1, options.maxDepth ?? 16);
	}

	/**
	 * Takes the next chunk (borrowed for the call) and returns the items that it finished. Never throws. After `cbor_invalid` nothing more comes:
	 * where the next item begins cannot be known. Values own their bytes.
	 */
	push(chunk: Uint8Array): CborItem[] {
		const items: CborItem[] = [];
		let start = 0;
		let at = 0;
		while (at < chunk.length && !this.#broken) {
			let complete: boolean;
			if (this.#payloadLeft > 0) {
				const passed = Math.min(this.#payloadLeft, chunk.length - at);
				at += passed;
				this.#payloadLeft -= passed;
				complete = this.#payloadLeft === 0 && this.#close();
			} else complete = this.#byte(chunk[at++] ?? 0);
			if (complete) {
				items.push(this.#finish(chunk, start, at));
				start = at;
			}
		}
		if (this.#broken) {
			if (this.#begun) items.push(broken);
			this.#reset();
		} else this.#keep(chunk, start, at);
		return items;
	}

	/** Ends the stream. True when it ended inside an item. */
	end(): boolean {
		const cut = this.#begun && !this.#broken;
		this.#reset();
		return cut;
	}

	/** One byte of a head. True when it completed an item of the sequence. */
	#byte(byte: number): boolean {
		if (this.#argumentLeft > 0) {
			this.#argument = this.#argument * 256 + byte;
			return --this.#argumentLeft === 0 && this.#head(this.#major, this.#argument);
		}
		this.#begun = true;
		const major = byte >> 5;
		const info = byte & 0x1f;
		const within = this.#levels.at(-1);
		if (within !== undefined && within.only >= 0 && byte !== 0xff && (major !== within.only || info === 31)) return this.#fail();
		if (info < 24) return this.#head(major, info);
		if (info < 28) {
			this.#major = major;
			this.#argument = 0;
			this.#argumentLeft = 1 << (info - 24);
			return false;
		}
		if (info < 31) return this.#fail();
		if (byte === 0xff) return this.#endless();
		if (major < 2 || major > 5) return this.#fail();
		return this.#open({ left: 0, endless: true, only: major < 4 ? major : -1, seen: 0, pairs: major === 5 });
	}

	#head(major: number, argument: number): boolean {
		if (major >= 2 && major <= 5 && argument > Number.MAX_SAFE_INTEGER / 2) return this.#fail();
		if (major === 6) {
			this.#tagged = true;
			return this.#open({ left: 1, endless: false, only: -1, seen: 0, pairs: false });
		}
		if (major === 2 || major === 3) this.#payloadLeft = argument;
		const items = major === 4 ? argument : major === 5 ? 2 * argument : 0;
		if (items > 0) return this.#open({ left: items, endless: false, only: -1, seen: 0, pairs: false });
		return this.#payloadLeft === 0 && this.#close();
	}

	#open(level: Level): boolean {
		if (this.#levels.length >= this.#maxDepth) return this.#fail();
		this.#levels.push(level);
		return false;
	}

	/** The break that ends something of unknown length. */
	#endless(): boolean {
		const level = this.#levels.at(-1);
		if (level === undefined || !level.endless || (level.pairs && level.seen % 2 === 1)) return this.#fail();
		this.#levels.pop();
		return this.#close();
	}

	/** An item is over, and with it all the levels that it was the last part of. True when none is left open. */
	#close(): boolean {
		for (;;) {
			const level = this.#levels.at(-1);
			if (level === undefined) return true;
			level.seen++;
			if (level.endless || --level.left > 0) return false;
			this.#levels.pop();
		}
	}

	#fail(): false {
		this.#broken = true;
		return false;
	}

	#finish(chunk: Uint8Array, start: number, end: number): CborItem {
		let bytes = new Uint8Array(chunk.buffer, chunk.byteOffset + start, end - start);
		if (this.#pendingBytes > 0 || this.#skipping || bytes.length > this.#maxItemBytes) {
			this.#keep(chunk, start, end);
			bytes = this.#pending.subarray(0, this.#pendingBytes);
		}
		const refused = this.#skipping ? overlong : this.#tagged ? invalid : undefined;
		this.#reset();
		if (refused !== undefined) return refused;
		try {
			return { value: decoder.decode(bytes) };
		} catch {
			return invalid;
		}
	}

	#keep(chunk: Uint8Array, start: number, end: number): void {
		const needed = this.#pendingBytes + end - start;
		if (this.#skipping || needed === this.#pendingBytes) return;
		if (needed > this.#maxItemBytes) {
			this.#skipping = true;
			this.#pendingBytes = 0;
			return;
		}
		if (needed > this.#pending.length) {
			const grown = new Uint8Array(Math.min(this.#maxItemBytes, Math.max(256, needed * 2)));
			grown.set(this.#pending.subarray(0, this.#pendingBytes));
			this.#pending = grown;
		}
		this.#pending.set(chunk.subarray(start, end), this.#pendingBytes);
		this.#pendingBytes = needed;
	}

	#reset(): void {
		this.#pendingBytes = 0;
		this.#skipping = false;
		this.#tagged = false;
		this.#begun = false;
	}
}
