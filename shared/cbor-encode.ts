/**
 * Writes CBOR in the core deterministic encoding of RFC 8949 section 4.2.1: shortest integers and lengths, definite lengths, map keys in the
 * bytewise order of their encodings. The same value gives the same bytes whatever order a map was filled in, so they can be signed.
 */
import { type CborKey, CborTag, type CborValue, isCborArray, isCborMap } from "./cbor-value.ts";
import { KerbError } from "./errors.ts";

const maxDepth = 16;
const largest = 0xffff_ffff_ffff_ffffn;
const utf8 = new TextEncoder();

/**
 * The bytes of `value`; fresh, the caller's. Integers are -2^64 to 2^64-1.
 *
 * @throws KerbError FORMAT_INVALID for a number that is no safe integer, an integer out of range, text with a lone surrogate, or more than 16
 * levels of nesting.
 */
export const encodeCbor = (value: CborValue): Uint8Array => {
	const writer = new Writer();
	writeValue(writer, value, 0);
	return writer.take();
};

const writeValue = (writer: Writer, value: CborValue, depth: number): void => {
	if (depth > maxDepth) throw refuse(`nesting of at most ${maxDepth} levels`, "more");
	if (typeof value === "number" || typeof value === "bigint") writeInteger(writer, value);
	else if (typeof value === "string") writeText(writer, value);
	else if (value === null) writer.byte(0xf6);
	else if (typeof value === "boolean") writer.byte(value ? 0xf5 : 0xf4);
	else if (value instanceof Uint8Array) {
		writer.head(2, value.length);
		writer.bytes(value);
	} else if (value instanceof CborTag) {
		if (!Number.isSafeInteger(value.tag) || value.tag < 0) throw refuse("a tag of 0 to 2^53-1", "another number");
		writer.head(6, value.tag);
		writeValue(writer, value.value, depth + 1);
	} else if (isCborMap(value)) writeMap(writer, value, depth);
	else if (isCborArray(value)) {
		writer.head(4, value.length);
		for (const item of value) writeValue(writer, item, depth + 1);
	} else throw refuse("a value of the CBOR subset", typeof value);
};

const writeInteger = (writer: Writer, value: number | bigint): void => {
	if (typeof value === "number") {
		if (!Number.isSafeInteger(value)) throw refuse("a safe integer", "another number");
		if (value >= 0) writer.head(0, value);
		else writer.head(1, -1 - value);
		return;
	}
	const magnitude = value >= 0n ? value : -1n - value;
	if (magnitude > largest) throw refuse("an integer of -2^64 to 2^64-1", "a larger one");
	writer.head(value >= 0n ? 0 : 1, magnitude);
};

const writeText = (writer: Writer, text: string): void => {
	if (!text.isWellFormed()) throw refuse("well-formed text", "a lone surrogate");
	const bytes = utf8.encode(text);
	writer.head(3, bytes.length);
	writer.bytes(bytes);
};

const writeMap = (writer: Writer, map: ReadonlyMap<CborKey, CborValue>, depth: number): void => {
	const entries = [...map].map(([key, value]) => ({ key: encodeCbor(key), value }));
	entries.sort((a, b) => compareBytes(a.key, b.key));
	writer.head(5, entries.length);
	for (const { key, value } of entries) {
		writer.bytes(key);
		writeValue(writer, value, depth + 1);
	}
};

/** Bytewise lexicographic order. */
export const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
	const shared = Math.min(a.length, b.length);
	for (let at = 0; at < shared; at++) {
		const difference = (a[at] ?? 0) - (b[at] ?? 0);
		if (difference !== 0) return difference;
	}
	return a.length - b.length;
};

const refuse = (expected: string, came: string): KerbError => new KerbError("FORMAT_INVALID", `CBOR: expected ${expected}, got ${came}`);

class Writer {
	#buffer = new Uint8Array(256);
	#view = new DataView(this.#buffer.buffer);
	#length = 0;

	byte(value: number): void {
		this.#reserve(1);
		this.#buffer[this.#length++] = value;
	}

	bytes(value: Uint8Array): void {
		this.#reserve(value.length);
		this.#buffer.set(value, this.#length);
		this.#length += value.length;
	}

	/** A head: major type and argument, in its shortest form. */
	head(major: number, argument: number | bigint): void {
		this.#reserve(9);
		const at = this.#length;
		const first = major << 5;
		if (argument < 24) {
			this.#buffer[at] = first | Number(argument);
			this.#length += 1;
		} else if (argument <= 0xff) {
			this.#buffer[at] = first | 24;
			this.#buffer[at + 1] = Number(argument);
			this.#length += 2;
		} else if (argument <= 0xffff) {
			this.#buffer[at] = first | 25;
			this.#view.setUint16(at + 1, Number(argument));
			this.#length += 3;
		} else if (argument <= 0xffff_ffff) {
			this.#buffer[at] = first | 26;
			this.#view.setUint32(at + 1, Number(argument));
			this.#length += 5;
		} else {
			this.#buffer[at] = first | 27;
			this.#view.setBigUint64(at + 1, BigInt(argument));
			this.#length += 9;
		}
	}

	/** The bytes written, as a copy of their own; what was written is overwritten here, since it may have been plaintext. */
	take(): Uint8Array {
		const taken = this.#buffer.slice(0, this.#length);
		this.#buffer.fill(0, 0, this.#length);
		return taken;
	}

	#reserve(count: number): void {
		const needed = this.#length + count;
		if (needed <= this.#buffer.length) return;
		const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
		grown.set(this.#buffer);
		this.#buffer.fill(0);
		this.#buffer = grown;
		this.#view = new DataView(grown.buffer);
	}
}
