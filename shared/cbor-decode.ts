/**
 * Reads CBOR from an attacker: strict, bounded, and never more work or memory than the bytes themselves warrant.
 *
 * Refused: anything outside the subset of `cbor-value.ts`, integers and lengths that are not in their shortest form, map keys that come
 * twice, lengths that go past the end, bytes after the item, nesting or item counts above the limits.
 */
import { compareBytes } from "./cbor-encode.ts";
import { type CborKey, CborTag, type CborValue } from "./cbor-value.ts";
import { KerbError } from "./errors.ts";

export interface CborLimits {
	/** Levels of arrays, maps and tags; 8 unless told. */
	readonly maxDepth?: number;
	/** Items of all levels together; 100,000 unless told. */
	readonly maxItems?: number;
	/** Map keys must come in bytewise order (RFC 8949 4.2.1), so that only one encoding of a value is read; true unless told. */
	readonly sortedMaps?: boolean;
}

/**
 * The one item that `bytes` hold. Byte strings in it are views into `bytes`: they are borrowed. Integers beyond 2^53-1 come as bigint.
 *
 * @throws KerbError FORMAT_INVALID when the bytes are anything else; the message names the offset, never the content.
 */
export const decodeCbor = (bytes: Uint8Array, limits: CborLimits = {}): CborValue => {
	const reader = new Reader(bytes, limits);
	const value = reader.item(0);
	reader.end();
	return value;
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

class Reader {
	readonly #bytes: Uint8Array;
	readonly #view: DataView;
	readonly #maxDepth: number;
	readonly #sortedMaps: boolean;
	#itemsLeft: number;
	#at = 0;

	constructor(bytes: Uint8Array, limits: CborLimits) {
		this.#bytes = bytes;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		this.#maxDepth = limits.maxDepth ?? 8;
		this.#itemsLeft = limits.maxItems ?? 100_000;
		this.#sortedMaps = limits.sortedMaps ?? true;
	}

	item(depth: number): CborValue {
		if (depth > this.#maxDepth) throw this.#refuse(`at most ${this.#maxDepth} levels`);
		if (--this.#itemsLeft < 0) throw this.#refuse("fewer items");
		const first = this.#byte();
		const major = first >> 5;
		if (major === 7) return this.#simple(first);
		const argument = this.#argument(first & 31);
		switch (major) {
			case 0:
				return argument;
			case 1:
				return typeof argument === "number" && argument < Number.MAX_SAFE_INTEGER ? -1 - argument : -1n - BigInt(argument);
			case 2:
				return this.#span(argument);
			case 3:
				return this.#text(argument);
			case 4:
				return this.#array(argument, depth);
			case 5:
				return this.#map(argument, depth);
			default:
				if (typeof argument !== "number") throw this.#refuse("a tag below 2^53");
				return new CborTag(argument, this.item(depth + 1));
		}
	}

	end(): void {
		if (this.#at !== this.#bytes.length) throw this.#refuse("the end of the bytes");
	}

	#array(count: number | bigint, depth: number): CborValue[] {
		const length = this.#count(count, 1);
		const items: CborValue[] = [];
		for (let at = 0; at < length; at++) items.push(this.item(depth + 1));
		return items;
	}

	#map(count: number | bigint, depth: number): Map<CborKey, CborValue> {
		const length = this.#count(count, 2);
		const map = new Map<CborKey, CborValue>();
		let previous: Uint8Array | undefined;
		for (let at = 0; at < length; at++) {
			const start = this.#at;
			const key = this.item(depth + 1);
			if (typeof key !== "number" && typeof key !== "bigint" && typeof key !== "string")
				throw this.#refuse("an integer or text as map key");
			if (map.has(key)) throw this.#refuse("map keys that come once");
			const encoded = this.#bytes.subarray(start, this.#at);
			if (this.#sortedMaps && previous !== undefined && compareBytes(previous, encoded) >= 0)
				throw this.#refuse("map keys in bytewise order");
			previous = encoded;
			map.set(key, this.item(depth + 1));
		}
		return map;
	}

	#text(length: number | bigint): string {
		try {
			return utf8.decode(this.#span(length));
		} catch (cause) {
			if (cause instanceof KerbError) throw cause;
			throw this.#refuse("UTF-8 text", cause);
		}
	}

	#simple(first: number): CborValue {
		if (first === 0xf4) return false;
		if (first === 0xf5) return true;
		if (first === 0xf6) return null;
		throw this.#refuse("no simple value but false, true and null, and no floating point");
	}

	#argument(info: number): number | bigint {
		if (info < 24) return info;
		if (info > 27) throw this.#refuse("a definite length");
		const width = 1 << (info - 24);
		if (this.#bytes.length - this.#at < width) throw this.#refuse("more bytes");
		const at = this.#at;
		this.#at += width;
		if (width === 1) return this.#shortest(this.#view.getUint8(at), 24);
		if (width === 2) return this.#shortest(this.#view.getUint16(at), 0x100);
		if (width === 4) return this.#shortest(this.#view.getUint32(at), 0x1_0000);
		const wide = this.#view.getBigUint64(at);
		if (wide < 0x1_0000_0000n) throw this.#refuse("the shortest form");
		return wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
	}

	#shortest(value: number, least: number): number {
		if (value < least) throw this.#refuse("the shortest form");
		return value;
	}

	/** Checks a declared count against what the remaining bytes could hold, before anything is allocated for it. */
	#count(count: number | bigint, itemsEach: number): number {
		if (typeof count !== "number" || count * itemsEach > this.#bytes.length - this.#at)
			throw this.#refuse("a count that the bytes can hold");
		return count;
	}

	#span(length: number | bigint): Uint8Array {
		if (typeof length !== "number" || length > this.#bytes.length - this.#at) throw this.#refuse("a length that the bytes can hold");
		const start = this.#at;
		this.#at += length;
		return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
	}

	#byte(): number {
		const byte = this.#bytes[this.#at];
		if (byte === undefined) throw this.#refuse("more bytes");
		this.#at += 1;
		return byte;
	}

	#refuse(expected: string, cause?: unknown): KerbError {
		return new KerbError("FORMAT_INVALID", `CBOR: expected ${expected} at byte ${this.#at}`, cause === undefined ? {} : { cause });
	}
}
