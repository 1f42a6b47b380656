/**
 * Reads the entropy-coded data of a redacted JPEG for the output check, from the bytes as they leave; it shares no code with what wrote
 * them.
 */
import { type CheckedCodes, type CheckedSteps, ends, fastBits } from "./jpeg-check-codes.ts";
import { unfit } from "./jpeg-check-header.ts";

const maxDcBits = 11;

/** More than the bytes of a block: 63 x 26 + 27 bits. */
const slackBytes = 256;

/** More than any frame of a camera needs is not kept for the next one. */
const maxKeptBytes = 8 * 1_024 * 1_024;

/** Holds one segment at a time: kept from picture to picture, so that a check leaves no garbage behind. */
let plain = new Uint8Array(slackBytes);
let view = new DataView(plain.buffer);

export class CheckedBits {
	readonly #bytes: Uint8Array;
	/** Where the next segment or marker is. */
	at: number;
	/** In the DC of the block just read. */
	difference = 0;
	#bit = 0;
	#end = 0;

	constructor(bytes: Uint8Array, at: number) {
		this.#bytes = bytes;
		this.at = at;
		if (plain.length < bytes.length + slackBytes || plain.length > Math.max(maxKeptBytes, 2 * bytes.length)) {
			plain = new Uint8Array(Math.ceil(bytes.length * 1.25) + slackBytes);
			view = new DataView(plain.buffer);
		}
	}

	/** Takes the stuffing out of all up to the next marker. */
	openSegment(): void {
		const bytes = this.#bytes;
		let [at, to] = [this.at, 0];
		for (let byte = bytes[at]; byte !== undefined; byte = bytes[at]) {
			if (byte === 0xff && bytes[at + 1] !== 0) break;
			plain[to++] = byte;
			at += byte === 0xff ? 2 : 1;
		}
		this.at = at;
		this.#bit = 0;
		this.#end = to * 8;
	}

	/**
	 * Reads a block: the difference that its DC is told by goes to `difference`; true when it has no AC coefficient, nothing but the end of the block.
	 * @throws KerbError FORMAT_INVALID
	 */
	isFlat(dc: CheckedCodes, ac: CheckedSteps): boolean {
		const found = dc.symbol((view.getInt32(this.#bit >> 3) << (this.#bit & 7)) >>> 16);
		const size = found & 0xff;
		if (size > maxDcBits) throw unfit("its scan has a DC of more than 11 bits");
		let bit = this.#bit + (found >> 8);
		const value = ((view.getInt32(bit >> 3) << (bit & 7)) >>> 16) >> (16 - size);
		this.difference = size === 0 || value >> (size - 1) === 1 ? value : value - (1 << size) + 1;
		bit += size;
		const { several } = ac;
		let [k, entry] = [1, 0];
		while (k < 64) {
			const next = view.getInt32(bit >> 3) << (bit & 7);
			entry = several[next >>> (32 - fastBits)] || ac.long(next >>> 16);
			bit += entry & 63;
			k += entry >> 6;
		}
		if (k > 64 && (k <= ends || k >= ends + 64)) {
			// The last step went past the end of the block: again, symbol by symbol.
			bit -= entry & 63;
			k -= entry >> 6;
			while (k < 64) {
				const next = view.getInt32(bit >> 3) << (bit & 7);
				entry = ac.one[next >>> (32 - fastBits)] || ac.long(next >>> 16);
				bit += entry & 63;
				k += entry >> 6;
			}
		}
		if (bit > this.#end) throw unfit("its scan has fewer MCUs than the picture");
		this.#bit = bit;
		if (k !== 64 && k < ends) throw unfit("a block has more than 63 AC coefficients");
		return k === 1 + ends;
	}

	/** Less than a byte may be left of the segment, all ones, and then the marker must come. Goes past the marker. @throws KerbError FORMAT_INVALID */
	expectMarker(marker: number): void {
		const left = this.#end - this.#bit;
		const ones = (1 << left) - 1;
		if (left > 7 || this.#next16() >> (16 - left) !== ones) throw unfit("a scan or restart interval does not end with its last MCU");
		if (this.#bytes[this.at] !== 0xff || this.#bytes[this.at + 1] !== marker)
			throw unfit("a marker in the scan is not the one that must come");
		this.at += 2;
	}

	#next16(): number {
		return (view.getInt32(this.#bit >> 3) << (this.#bit & 7)) >>> 16;
	}
}
