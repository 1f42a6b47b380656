/**
 * Writes a JPEG: whole bytes as they are, and entropy-coded bits with a zero after each 0xFF (T.81, F.1.2.3). The buffer is kept from frame to
 * frame and grows as needed.
 */
import { maxKeptBytes, mayHoldFf } from "./jpeg-entropy.ts";

/** How much is copied before room is made again. */
const maxPieceBytes = 4_096;

export class JpegWriter {
	#bytes = new Uint8Array(0);
	#view = new DataView(this.#bytes.buffer);
	#length = 0;
	/** Bits that do not fill a byte yet: the lowest `#held` ones of it. */
	#partial = 0;
	#held = 0;

	/** Begins a file of about as many bytes. */
	start(bytes = 0): void {
		this.#length = 0;
		this.#reserve(bytes + 4 * maxPieceBytes);
		this.#partial = 0;
		this.#held = 0;
	}

	/** Appends bytes without stuffing; only on a byte boundary. Copies. */
	raw(bytes: ArrayLike<number>): void {
		this.#reserve(bytes.length);
		this.#bytes.set(bytes, this.#length);
		this.#length += bytes.length;
	}

	/** Appends the lowest `count` (0 to 16) bits. */
	bits(value: number, count: number): void {
		this.#reserve(8);
		this.#bits(value, count);
	}

	/** Appends the bits `from` up to `to`, left out, of `source`, which must have 4 readable bytes after `to`. */
	copy(source: DataView, from: number, to: number): void {
		for (let at = from; at < to; at += 8 * maxPieceBytes) {
			// All of it could be 0xFF and take twice the room.
			this.#reserve(2 * maxPieceBytes + 16);
			this.#piece(source, at, Math.min(to, at + 8 * maxPieceBytes));
		}
	}

	/** Fills the last byte with ones, as the end of a scan or of a restart interval wants it. */
	pad(): void {
		if (this.#held > 0) this.bits(0xff, 8 - this.#held);
	}

	/** The file as written since `start`, as bytes of its own. */
	finish(): Uint8Array<ArrayBuffer> {
		return this.#bytes.slice(0, this.#length);
	}

	/** Overwrites what it holds of the picture. */
	wipe(): void {
		this.#bytes.fill(0, 0, this.#length);
		if (this.#bytes.length > maxKeptBytes) this.#allocate(0);
		this.#length = 0;
		this.#partial = 0;
		this.#held = 0;
	}

	#piece(source: DataView, from: number, to: number): void {
		const fill = Math.min((8 - this.#held) & 7, to - from);
		this.#bits(source.getUint32(from >>> 3) >>> (32 - fill - (from & 7)), fill);
		let at = from + fill;
		const shift = at & 7;
		if (this.#held === 0) {
			for (const last = to - 32; at <= last; at += 32) {
				const byte = at >>> 3;
				const word = shift === 0 ? source.getInt32(byte) : (source.getInt32(byte) << shift) | (source.getUint8(byte + 4) >>> (8 - shift));
				if (mayHoldFf(word)) this.#stuffed(word);
				else {
					this.#view.setInt32(this.#length, word);
					this.#length += 4;
				}
			}
		}
		for (; at < to; at += 8) {
			const count = Math.min(8, to - at);
			this.#bits(source.getUint16(at >>> 3) >>> (16 - count - (at & 7)), count);
		}
	}

	#bits(value: number, count: number): void {
		this.#partial = (this.#partial << count) | (value & ((1 << count) - 1));
		this.#held += count;
		while (this.#held >= 8) {
			this.#held -= 8;
			this.#byte((this.#partial >>> this.#held) & 0xff);
		}
		this.#partial &= 0xff;
	}

	#stuffed(word: number): void {
		for (let shift = 24; shift >= 0; shift -= 8) this.#byte((word >>> shift) & 0xff);
	}

	#byte(byte: number): void {
		this.#bytes[this.#length++] = byte;
		if (byte === 0xff) this.#bytes[this.#length++] = 0;
	}

	#reserve(bytes: number): void {
		const needed = this.#length + bytes;
		if (needed <= this.#bytes.length) return;
		const old = this.#bytes;
		this.#allocate(Math.ceil(needed * 1.25));
		this.#bytes.set(old.subarray(0, this.#length));
		old.fill(0, 0, this.#length);
	}

	#allocate(bytes: number): void {
		this.#bytes = new Uint8Array(bytes);
		this.#view = new DataView(this.#bytes.buffer);
	}
}
