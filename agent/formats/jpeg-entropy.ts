/**
 * The entropy-coded data of a scan as plain bits: the zero after each 0xFF is taken out, restart markers cut it into segments (T.81, F.1.2.3 and
 * E.1.4). The buffers are kept from frame to frame and grow to the largest.
 */
import { jpegMarkers } from "./jpeg-codes.ts";
import type { JpegFrame } from "./jpeg-frame.ts";

/** A block takes at most 63 x 26 + 27 bits, so whoever looks at its position once per block reads no further than this past the data. */
const slackBytes = 256;

/** Buffers of more bytes than any frame of a camera needs are not kept for the next one. */
export const maxKeptBytes = 8 * 1_024 * 1_024;

/** True when one of the four bytes of a word may be 0xFF; never false when one is. */
export const mayHoldFf = (word: number): boolean => (word & 0x80808080 & ~(word + 0x01010101)) !== 0;

export class EntropyData {
	/** All segments one after another, each on a byte of its own; what follows the last is not part of it. */
	bytes = new Uint8Array(slackBytes);
	view = new DataView(this.bytes.buffer);
	/** How many segments; one when there are no restart markers. */
	segments = 0;
	/** In bits from the start of `bytes`; of as many segments as there are. */
	starts = new Uint32Array(1);
	ends = new Uint32Array(1);
	#used = 0;

	/** Copies the scan of a parsed frame. */
	load(frame: JpegFrame): void {
		const { bytes, scanStart, scanEnd, restartInterval } = frame;
		this.#reserve(scanEnd - scanStart, restartInterval === 0 ? 1 : Math.ceil((frame.mcuColumns * frame.mcuRows) / restartInterval));
		const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const { bytes: target, view } = this;
		let [from, to, segment] = [scanStart, 0, 0];
		this.starts[0] = 0;
		while (from < scanEnd) {
			if (from + 4 <= scanEnd) {
				const word = source.getInt32(from);
				if (!mayHoldFf(word)) {
					view.setInt32(to, word);
					from += 4;
					to += 4;
					continue;
				}
			}
			const byte = bytes[from++] ?? 0;
			if (byte !== 0xff) {
				target[to++] = byte;
				continue;
			}
			while (bytes[from] === 0xff) from++;
			if (bytes[from++] === 0) {
				target[to++] = 0xff;
				continue;
			}
			// A restart marker: the parser has seen that there is nothing else.
			this.ends[segment++] = to * 8;
			this.starts[segment] = to * 8;
		}
		this.ends[segment] = to * 8;
		this.segments = segment + 1;
		this.#used = to;
	}

	/** Overwrites what it holds of the picture. */
	wipe(): void {
		this.bytes.fill(0, 0, this.#used);
		this.#used = 0;
		this.segments = 0;
		if (this.bytes.length > maxKeptBytes) this.#allocate(slackBytes);
	}

	#reserve(bytes: number, segments: number): void {
		if (this.bytes.length < bytes + slackBytes) {
			this.#allocate(Math.ceil(bytes * 1.25) + slackBytes);
		}
		if (this.starts.length < segments) {
			this.starts = new Uint32Array(segments);
			this.ends = new Uint32Array(segments);
		}
	}

	#allocate(bytes: number): void {
		this.bytes = new Uint8Array(bytes);
		this.view = new DataView(this.bytes.buffer);
	}
}

/** The restart marker after the segment of this index. */
export const restartAfter = (segment: number): number => jpegMarkers.rst0 + (segment & 7);
