/**
 * Walks over the bytes of one JSON text (RFC 8259), once and forward. It holds a copy with zeros behind it, so that no loop needs to watch the
 * end: zero ends every token and begins none. What it passes over is checked as strictly as what it reads.
 */
import { KerbError } from "../../../shared/errors.ts";
import type { JsonNames, JsonWord } from "./json-node.ts";

/** Longest message. The longest of the recordings, a map laid out over many lines, has 64 kB. */
export const maxJsonBytes = 256 * 1_024;
/** Objects and arrays within each other. */
export const maxJsonDepth = 32;

/** A comparison of words reads up to seven bytes beyond the last byte that can match. */
const slackBytes = 16;
const quote = 0x22;
const backslash = 0x5c;

/** 1 for bytes at which the run of plain characters in a string ends: controls, the quote, the backslash and all that is not ASCII. */
const endsRun = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 0x20 || byte === quote || byte === backslash || byte > 0x7e ? 1 : 0));

/** 10 to the power of 0 to 15: a double holds them exactly. */
const exactPowers = Float64Array.from({ length: 16 }, (_, exponent) => Number(`1e${exponent}`));

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text and zeros behind it. One fixed buffer for all messages: the engine then knows its place, which makes every look at a byte cheaper. */
const bytes = Buffer.alloc(maxJsonBytes + slackBytes);
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export class JsonCursor {
	pos = 0;
	/** Number of bytes of the text. */
	end = 0;
	/** The text as one character per byte; made when the first string is read. */
	#latin1: string | undefined;
	#hasHigh = false;
	/** True when the last string was printable ASCII without escapes. */
	tokenIsPlain = true;

	/** Begins with a copy of the bytes. @throws KerbError FORMAT_INVALID when there are too many */
	load(input: Uint8Array): void {
		const length = input.length;
		if (length > maxJsonBytes) throw new KerbError("FORMAT_INVALID", `JSON message: expected at most ${maxJsonBytes} bytes, got ${length}`);
		bytes.set(input);
		bytes.fill(0, length, length + slackBytes);
		this.pos = 0;
		this.end = length;
		this.#latin1 = undefined;
		this.#hasHigh = false;
	}

	/** Overwrites what it holds of the message. */
	clear(): void {
		bytes.fill(0, 0, this.end);
		this.end = 0;
		this.#latin1 = undefined;
	}

	/** What does not fit, with its place and never with its content. */
	wrong(expected: string): KerbError {
		return new KerbError("FORMAT_INVALID", `JSON message: expected ${expected} at byte ${Math.min(this.pos, this.end)} of ${this.end}`);
	}

	/** The byte at the position. */
	byte(): number {
		return bytes[this.pos] as number;
	}

	/** Passes over white space; returns the byte after it. */
	space(): number {
		let pos = this.pos;
		let byte = bytes[pos] as number;
		while (byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)) byte = bytes[++pos] as number;
		this.pos = pos;
		return byte;
	}

	/** After the value: only white space may follow, and all bytes must have been UTF-8. */
	finish(): void {
		this.space();
		if (this.pos !== this.end) throw this.wrong("the end of the text");
		if (!this.#hasHigh) return;
		try {
			utf8.decode(bytes.subarray(0, this.end));
		} catch (error) {
			throw new KerbError("FORMAT_INVALID", this.wrong("UTF-8 in all").message, { cause: error });
		}
	}

	/** Takes `true`, `false` or `null`. */
	literal(word: "true" | "false" | "null"): void {
		for (let i = 0; i < word.length; i++) {
			if (bytes[this.pos + i] !== word.charCodeAt(i)) throw this.wrong("true, false or null");
		}
		this.pos += word.length;
	}

	/** True, and past it, when those very bytes stand at the position. */
	take(word: JsonWord): boolean {
		const words = word.words;
		const count = words.length;
		let at = this.pos;
		// No word matches beyond the zeros: a difference is met at the end of the text at the latest.
		for (let i = 0; i < count; i++) {
			if (view.getInt32(at, true) !== words[i]) return false;
			at += 4;
		}
		if ((view.getInt32(at, true) & word.tailMask) !== word.tail) return false;
		this.pos += word.length;
		return true;
	}

	/** The same at the first quote of a string. */
	takeQuoted(word: JsonWord): boolean {
		if (bytes[this.pos] !== quote) return false;
		this.pos++;
		if (this.take(word)) return true;
		this.pos--;
		return false;
	}

	/** Reads a string (at its first quote) as one of the names; -1 for any other. Past its last quote in both cases. */
	name(names: JsonNames): number {
		const start = this.pos + 1;
		const end = this.skipString() - 1;
		if (!this.tokenIsPlain) return names.indexOf(this.#slowText(start, end));
		const length = end - start;
		if (length === 0) return -1;
		const { mask, slots, words } = names;
		const after = this.pos;
		for (let slot = names.slotOf(length, bytes[start] as number, bytes[end - 1] as number); ; slot = (slot + 1) & mask) {
			const index = (slots[slot] as number) - 1;
			if (index < 0) return -1;
			this.pos = start;
			const isFound = this.take(words[index] as JsonWord);
			this.pos = after;
			if (isFound) return index;
		}
	}

	/** Passes over a string (at its first quote); returns the position after its last quote. */
	skipString(): number {
		if (bytes[this.pos] !== quote) throw this.wrong("a string");
		let pos = this.pos + 1;
		this.tokenIsPlain = true;
		for (;;) {
			while (endsRun[bytes[pos] as number] === 0) pos++;
			const byte = bytes[pos] as number;
			if (byte === quote) break;
			if (byte < 0x20) {
				this.pos = pos;
				throw this.wrong("no control character within a string");
			}
			this.tokenIsPlain = false;
			if (byte === backslash) pos = this.#escape(pos);
			else {
				if (byte > 0x7f) this.#hasHigh = true;
				pos++;
			}
		}
		this.pos = pos + 1;
		return pos + 1;
	}

	/** Passes over an escape sequence at its backslash (RFC 8259, section 7); returns the position after it. */
	#escape(at: number): number {
		const letter = bytes[at + 1] as number;
		if (letter !== 0x75) {
			// " \ / b f n r t
			const isShort = letter === 0x22 || letter === 0x5c || letter === 0x2f || letter === 0x62 || letter === 0x66;
			if (isShort || letter === 0x6e || letter === 0x72 || letter === 0x74) return at + 2;
			this.pos = at;
			throw this.wrong("an escape sequence");
		}
		for (let i = 2; i < 6; i++) {
			const digit = (bytes[at + i] as number) | 0x20;
			const isDigit = (digit >= 0x30 && digit <= 0x39 && (bytes[at + i] as number) < 0x3a) || (digit >= 0x61 && digit <= 0x66);
			if (!isDigit) {
				this.pos = at;
				throw this.wrong("four hexadecimal digits after a backslash and u");
			}
		}
		return at + 6;
	}

	/** Reads a string (at its first quote). Ill-formed surrogates are refused: they could not be written again. */
	string(): string {
		const start = this.pos + 1;
		const end = this.skipString() - 1;
		return this.tokenIsPlain ? this.latin1(start, end) : this.#slowText(start, end);
	}

	#slowText(start: number, end: number): string {
		let text: string;
		try {
			const parsed: unknown = JSON.parse(`"${utf8.decode(bytes.subarray(start, end))}"`);
			text = String(parsed);
		} catch (error) {
			throw new KerbError("FORMAT_INVALID", this.wrong("a string of UTF-8").message, { cause: error });
		}
		if (!text.isWellFormed()) throw this.wrong("no lone surrogate in the string that ends");
		return text;
	}

	/** Bytes as text, one character for each. */
	latin1(start: number, end: number): string {
		this.#latin1 ??= bytes.toString("latin1", 0, this.end);
		return this.#latin1.substring(start, end);
	}

	/** Reads a number (RFC 8259, section 6) as the nearest double; -0 is 0. Refused when it is too large for one. */
	number(): number {
		const start = this.pos;
		let pos = start;
		let byte = bytes[pos] as number;
		const isNegative = byte === 0x2d;
		if (isNegative) byte = bytes[++pos] as number;
		const first = pos;
		let mantissa = byte - 0x30;
		if (mantissa >>> 0 > 9) throw this.wrong("a number");
		byte = bytes[++pos] as number;
		while ((byte - 0x30) >>> 0 <= 9) {
			mantissa = mantissa * 10 + (byte - 0x30);
			byte = bytes[++pos] as number;
		}
		let count = pos - first;
		if (count > 1 && bytes[first] === 0x30) throw this.wrong("a number without leading zeros");
		let decimals = 0;
		if (byte === 0x2e) {
			const dot = pos;
			byte = bytes[++pos] as number;
			while ((byte - 0x30) >>> 0 <= 9) {
				mantissa = mantissa * 10 + (byte - 0x30);
				byte = bytes[++pos] as number;
			}
			decimals = pos - dot - 1;
			if (decimals === 0) throw this.wrong("a number with digits after its point");
			count += decimals;
		}
		if ((byte | 0x20) === 0x65) pos = this.#skipExponent(pos + 1);
		this.pos = pos;
		// 15 digits are exact in a double, and so is the power: one division rounds once and gives the nearest double.
		if (count > 15 || decimals > 15 || (byte | 0x20) === 0x65) return this.#slowNumber(start, pos);
		if (decimals !== 0) mantissa /= exactPowers[decimals] as number;
		return isNegative ? 0 - mantissa : mantissa;
	}

	#skipExponent(from: number): number {
		let pos = from;
		if (bytes[pos] === 0x2b || bytes[pos] === 0x2d) pos++;
		if (((bytes[pos] as number) - 0x30) >>> 0 > 9) throw this.wrong("a number with digits in its exponent");
		while (((bytes[pos] as number) - 0x30) >>> 0 <= 9) pos++;
		return pos;
	}

	#slowNumber(start: number, end: number): number {
		const value = Number(this.latin1(start, end));
		if (!Number.isFinite(value)) throw this.wrong("a number that a double can hold");
		return value === 0 ? 0 : value;
	}

	#skipNumber(): void {
		let pos = this.pos;
		if (bytes[pos] === 0x2d) pos++;
		let byte = bytes[pos] as number;
		if (byte === 0x30) byte = bytes[++pos] as number;
		else {
			if ((byte - 0x30) >>> 0 > 9) throw this.wrong("a value");
			while ((byte - 0x30) >>> 0 <= 9) byte = bytes[++pos] as number;
		}
		if (byte === 0x2e) {
			byte = bytes[++pos] as number;
			if ((byte - 0x30) >>> 0 > 9) throw this.wrong("a number with digits after its point");
			while ((byte - 0x30) >>> 0 <= 9) byte = bytes[++pos] as number;
		}
		this.pos = (byte | 0x20) === 0x65 ? this.#skipExponent(pos + 1) : pos;
	}

	/** Passes over any value, `depth` objects and arrays deep. */
	skip(depth: number): void {
		switch (bytes[this.pos]) {
			case quote:
				this.skipString();
				return;
			case 0x7b:
				this.#skipMembers(depth, 0x7d, true);
				return;
			case 0x5b:
				this.#skipMembers(depth, 0x5d, false);
				return;
			case 0x74:
				this.literal("true");
				return;
			case 0x66:
				this.literal("false");
				return;
			case 0x6e:
				this.literal("null");
				return;
			default:
				this.#skipNumber();
		}
	}

	#skipMembers(depth: number, last: number, hasKeys: boolean): void {
		this.deeper(depth);
		if (this.space() === last) {
			this.pos++;
			return;
		}
		for (;;) {
			if (hasKeys) this.key();
			this.skip(depth + 1);
			if (this.more(last)) continue;
			return;
		}
	}

	/** Into an object or array, past its bracket. */
	deeper(depth: number): void {
		if (depth >= maxJsonDepth) throw this.wrong(`at most ${maxJsonDepth} levels of objects and arrays`);
		this.pos++;
	}

	/** Passes over a key of no interest and its colon. */
	key(): void {
		this.skipString();
		this.colon();
	}

	/** Past the colon, to the value. */
	colon(): void {
		if (bytes[this.pos] !== 0x3a && this.space() !== 0x3a) throw this.wrong("a colon");
		if ((bytes[++this.pos] as number) <= 0x20) this.space();
	}

	/** After a member: true, and at the next one, behind a comma; false, and past it, behind the last bracket. */
	more(last: number): boolean {
		let byte = bytes[this.pos] as number;
		if (byte <= 0x20) byte = this.space();
		this.pos++;
		if (byte === 0x2c) {
			if ((bytes[this.pos] as number) <= 0x20) this.space();
			return true;
		}
		if (byte === last) return false;
		this.pos--;
		throw this.wrong("a comma or the closing bracket");
	}
}
