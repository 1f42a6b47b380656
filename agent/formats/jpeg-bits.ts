/**
 * Writes a JPEG: whole bytes as they are, and entropy-coded bits with a zero after each 0xFF (T.81, F.1.2.3). The buffer is kept from frame to
 * frame and grows as needed.
 */
import { mayHoldFf } from "./jpeg-entropy.ts";

export class JpegWriter {
	#bytes = new Uint8Array(4_096);
	#view = new DataView(this.#bytes.buffer);
	#length = 0;
	/** Bits that do not fill a byte yet: the lowest `#held` ones of it. */
	#partial = 0;
	#held = 0;

	start(): void {
		this.#length = 0;
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
		// All of it could be 0xFF and take twice the room.
		this.#reserve(((to - from) >> 2) + 16);
		let at = from;
		const fill = Math.min((8 - this.#held) & 7, to - at);
		this.#bits(source.getUint32(at >>> 3) >>> (32 - fill - (at & 7)), fill);
		at += fill;
		if (this.#held === 0) {
			const shift = at & 7;
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
		this.start();
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
		const grown = new Uint8Array(Math.ceil(needed * 1.5));
		grown.set(this.#bytes);
		this.#bytes.fill(0);
		this.#bytes = grown;
		this.#view = new DataView(grown.buffer);
	}
}
