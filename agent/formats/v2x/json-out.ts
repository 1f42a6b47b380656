/**
 * Bytes of JSON as they are written; one buffer that grows and is used again.
 */
import type { JsonWord } from "./json-node.ts";

const firstBytes = 4_096;
/** Longest number in JSON: a sign, 17 digits, a point and an exponent. */
const numberBytes = 32;
/** 7 decimals are what coordinates have; 15 digits are what a double always keeps. */
const decimals = 7;
const scale = 10 ** decimals;
const maxScaled = 1e15;

/** 1 for ASCII characters that stand in a string as they are. */
const isPlain = Uint8Array.from({ length: 128 }, (_, code) => (code >= 0x20 && code !== 0x22 && code !== 0x5c ? 1 : 0));

const encoder = new TextEncoder();

export class JsonOut {
	bytes = new Uint8Array(firstBytes);
	view = new DataView(this.bytes.buffer);
	pos = 0;

	/** Makes room for so many more bytes. */
	room(more: number): void {
		if (this.pos + more <= this.bytes.length) return;
		const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.pos + more));
		grown.set(this.bytes.subarray(0, this.pos));
		this.bytes = grown;
		this.view = new DataView(grown.buffer);
	}

	/** A copy of all that was written; then nothing is held any more. */
	take(): Uint8Array {
		const taken = this.bytes.slice(0, this.pos);
		this.clear();
		return taken;
	}

	clear(): void {
		this.bytes.fill(0, 0, this.pos);
		this.pos = 0;
	}

	byte(value: number): void {
		if (this.pos >= this.bytes.length) this.room(1);
		this.bytes[this.pos++] = value;
	}

	/** ASCII that is known beforehand. */
	ascii(text: string): void {
		const length = text.length;
		this.room(length);
		const bytes = this.bytes;
		const pos = this.pos;
		for (let i = 0; i < length; i++) bytes[pos + i] = text.charCodeAt(i);
		this.pos = pos + length;
	}

	/** ASCII as words. */
	word(word: JsonWord): void {
		const { words, length } = word;
		this.room(length + 4);
		const view = this.view;
		let pos = this.pos;
		for (let i = 0; i < words.length; i++) {
			view.setInt32(pos, words[i] as number, true);
			pos += 4;
		}
		view.setInt32(pos, word.tail, true);
		this.pos += length;
	}

	/** A string with its quotes. Well-formed text only. */
	string(text: string): void {
		const length = text.length;
		this.room(length + 2);
		const bytes = this.bytes;
		let pos = this.pos;
		bytes[pos++] = 0x22;
		for (let i = 0; i < length; i++) {
			const code = text.charCodeAt(i);
			if (code > 0x7f || isPlain[code] === 0) {
				this.#escaped(text);
				return;
			}
			bytes[pos++] = code;
		}
		bytes[pos++] = 0x22;
		this.pos = pos;
	}

	#escaped(text: string): void {
		const encoded = encoder.encode(JSON.stringify(text));
		this.room(encoded.length);
		this.bytes.set(encoded, this.pos);
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
			this.bytes[this.pos++] = 0x2d;
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
			this.bytes[this.pos++] = 0x2d;
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
		this.bytes[this.pos++] = 0x2e;
		this.#digits(fraction, count);
	}

	#digits(value: number, count: number): void {
		const bytes = this.bytes;
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
