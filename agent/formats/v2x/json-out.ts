/**
 * Bytes of JSON as they are written; one buffer that is used again and again.
 */
import { KerbError } from "../../../shared/errors.ts";
import { maxJsonBytes } from "./json-cursor.ts";
import type { JsonWord } from "./json-node.ts";

/** Longest number in JSON: a sign, 17 digits, a point and an exponent. */
const numberBytes = 32;
/** 7 decimals are what coordinates have; 15 digits are what a double always keeps. */
const decimals = 7;
const scale = 10 ** decimals;
const maxScaled = 1e15;

const encoder = new TextEncoder();

/** One fixed buffer for all messages: the engine then knows its place, which makes every write cheaper. A word writes up to four bytes beyond its end. */
const bytes = new Uint8Array(maxJsonBytes + 8);
const view = new DataView(bytes.buffer);

export class JsonOut {
	pos = 0;

	/** @throws KerbError FORMAT_INVALID when there is no room for so many more bytes */
	room(more: number): void {
		if (this.pos + more > maxJsonBytes) throw new KerbError("FORMAT_INVALID", `message to JSON: it is longer than ${maxJsonBytes} bytes`);
	}

	/** A copy of all that was written. */
	take(): Uint8Array {
		return bytes.slice(0, this.pos);
	}

	/** Overwrites what was written. */
	clear(): void {
		bytes.fill(0, 0, this.pos);
		this.pos = 0;
	}

	byte(value: number): void {
		this.room(1);
		bytes[this.pos++] = value;
	}

	/** ASCII that is known beforehand. */
	ascii(text: string): void {
		const length = text.length;
		this.room(length);
		const pos = this.pos;
		for (let i = 0; i < length; i++) bytes[pos + i] = text.charCodeAt(i);
		this.pos = pos + length;
	}

	/** ASCII as words. */
	word(word: JsonWord): void {
		const { words, length } = word;
		this.room(length + 4);
		let pos = this.pos;
		for (let i = 0; i < words.length; i++) {
			view.setInt32(pos, words[i] as number, true);
			pos += 4;
		}
		view.setInt32(pos, word.tail, true);
		this.pos += length;
	}

	/** A string with its quotes, if it is printable ASCII without a quote or backslash; else false, and nothing is written. */
	plain(text: string): boolean {
		const length = text.length;
		this.room(length + 2);
		let pos = this.pos;
		bytes[pos++] = 0x22;
		for (let i = 0; i < length; i++) {
			const code = text.charCodeAt(i);
			if (code > 0x7e || code < 0x20 || code === 0x22 || code === 0x5c) return false;
			bytes[pos++] = code;
		}
		bytes[pos] = 0x22;
		this.pos = pos + 1;
		return true;
	}

	/** Any well-formed string with its quotes. */
	string(text: string): void {
		if (this.plain(text)) return;
		const encoded = encoder.encode(JSON.stringify(text));
		this.room(encoded.length);
		bytes.set(encoded, this.pos);
		this.pos += encoded.length;
	}

	/** A finite number in the fewest digits that give it again. */
	number(value: number): void {
		this.room(numberBytes);
		const scaled = Math.round(value * scale);
		// The quotient of two exact doubles is rounded once, as a reader of the digits would: equal means that the digits are enough.
		if (scaled > -maxScaled && scaled < maxScaled && scaled / scale === value) this.#decimal(scaled);
		else this.ascii(String(value));
	}

	/** A whole number. */
	integer(value: number): void {
		this.room(numberBytes);
		let rest = value;
		if (rest < 0) {
			bytes[this.pos++] = 0x2d;
			rest = -rest;
		}
		if (rest > 0x7fffffff) {
			this.ascii(String(rest));
			return;
		}
		this.#digits(rest, countDigits(rest));
	}

	#decimal(scaled: number): void {
		let rest = scaled;
		if (rest < 0) {
			bytes[this.pos++] = 0x2d;
			rest = -rest;
		}
		const whole = Math.floor(rest / scale);
		this.integer(whole);
		let fraction = rest - whole * scale;
		if (fraction === 0) return;
		let count = decimals;
		while (fraction % 10 === 0) {
			fraction = (fraction / 10) | 0;
			count--;
		}
		bytes[this.pos++] = 0x2e;
		this.#digits(fraction, count);
	}

	#digits(value: number, count: number): void {
		let rest = value;
		for (let at = this.pos + count - 1; at >= this.pos; at--) {
			const next = (rest / 10) | 0;
			bytes[at] = 0x30 + rest - next * 10;
			rest = next;
		}
		this.pos += count;
	}
}

const countDigits = (value: number): number => {
	if (value < 10) return 1;
	if (value < 100) return 2;
	if (value < 1_000) return 3;
	if (value < 10_000) return 4;
	if (value < 100_000) return 5;
	if (value < 1_000_000) return 6;
	if (value < 10_000_000) return 7;
	if (value < 100_000_000) return 8;
	return value < 1_000_000_000 ? 9 : 10;
};
