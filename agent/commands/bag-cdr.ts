/**
 * CDR as ROS 2 writes it (OMG DDS-XTypes 7.4.3.4, XCDR version 1): four bytes that tell the order of bytes, then values, each at a multiple of its size counted
 * from behind those four.
 *
 *   0  0   1  1: little-endian, 0: big-endian   2  options, ignored   4  values
 *
 * A text is its length with the closing zero, its bytes and the zero; a sequence is its length and its values.
 */
import { KerbError } from "../../shared/errors.ts";

const headBytes = 4;

const invalid = (what: string): KerbError => new KerbError("FORMAT_INVALID", `CDR message: ${what}`);

/** Reads values in order. Every method throws KerbError FORMAT_INVALID at the end of the bytes. */
export class CdrReader {
	readonly #bytes: Uint8Array;
	readonly #view: DataView;
	readonly #isLittle: boolean;
	#at = headBytes;

	/** @throws KerbError FORMAT_INVALID for a head of another version. */
	constructor(bytes: Uint8Array) {
		if (bytes.length < headBytes || bytes[0] !== 0 || (bytes[1] ?? 2) > 1) throw invalid("expected plain CDR, big- or little-endian");
		this.#bytes = bytes;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		this.#isLittle = bytes[1] === 1;
	}

	uint8(): number {
		return this.#view.getUint8(this.#take(1));
	}

	int8(): number {
		return this.#view.getInt8(this.#take(1));
	}

	uint16(): number {
		return this.#view.getUint16(this.#take(2), this.#isLittle);
	}

	int32(): number {
		return this.#view.getInt32(this.#take(4), this.#isLittle);
	}

	uint32(): number {
		return this.#view.getUint32(this.#take(4), this.#isLittle);
	}

	float64(): number {
		return this.#view.getFloat64(this.#take(8), this.#isLittle);
	}

	/** Passes over a text. */
	skipText(): void {
		this.#room(this.uint32());
	}

	/** A sequence of bytes, borrowed. */
	byteSequence(): Uint8Array {
		const length = this.uint32();
		const at = this.#room(length);
		return this.#bytes.subarray(at, at + length);
	}

	/** A message may be padded to four bytes; more than that is of another type. */
	end(): void {
		if (this.#bytes.length - this.#at >= 4) throw invalid("expected the end, got more bytes");
	}

	#take(size: number): number {
		this.#at += -(this.#at - headBytes) & (size - 1);
		return this.#room(size);
	}

	#room(length: number): number {
		const at = this.#at;
		if (length > this.#bytes.length - at) throw invalid("expected more bytes, the message is cut off");
		this.#at = at + length;
		return at;
	}
}

/** Writes values in order, little-endian. */
export class CdrWriter {
	#bytes: Uint8Array;
	#view: DataView;
	#at = headBytes;

	/** @param expected Bytes that the message will have, about. */
	constructor(expected: number) {
		this.#bytes = new Uint8Array(Math.max(64, expected));
		this.#view = new DataView(this.#bytes.buffer);
		this.#bytes[1] = 1;
	}

	uint8(value: number): void {
		this.#view.setUint8(this.#take(1), value);
	}

	int8(value: number): void {
		this.#view.setInt8(this.#take(1), value);
	}

	uint16(value: number): void {
		this.#view.setUint16(this.#take(2), value, true);
	}

	int32(value: number): void {
		this.#view.setInt32(this.#take(4), value, true);
	}

	uint32(value: number): void {
		this.#view.setUint32(this.#take(4), value, true);
	}

	float64(value: number): void {
		this.#view.setFloat64(this.#take(8), value, true);
	}

	text(value: string): void {
		const bytes = new TextEncoder().encode(value);
		this.uint32(bytes.length + 1);
		this.#bytes.set(bytes, this.#room(bytes.length + 1));
	}

	byteSequence(value: Uint8Array): void {
		this.uint32(value.length);
		this.#bytes.set(value, this.#room(value.length));
	}

	/** A view of what was written. */
	bytes(): Uint8Array {
		return this.#bytes.subarray(0, this.#at);
	}

	#take(size: number): number {
		this.#room(-(this.#at - headBytes) & (size - 1));
		return this.#room(size);
	}

	#room(length: number): number {
		const at = this.#at;
		if (at + length > this.#bytes.length) {
			const larger = new Uint8Array(2 * (at + length));
			larger.set(this.#bytes);
			this.#bytes = larger;
			this.#view = new DataView(larger.buffer);
		}
		this.#at = at + length;
		return at;
	}
}
