/**
 * Reads the entropy-coded data of a redacted JPEG for the output check, from the bytes as they leave, one symbol at a time; it shares no code with
 * what wrote them.
 */
import { unfit } from "./jpeg-check-header.ts";

const fastBits = 10;

/** A Huffman table for reading: by the next 10 bits, else by the largest code of each length. */
export class CheckedCodes {
	/** Length x 256 + symbol of codes of up to 10 bits, by the next 10 bits; 0 for others. */
	readonly fast = new Uint16Array(1 << fastBits);
	/** By length: the first code beyond those of this length and shorter, as 16 bits from the left. */
	readonly #beyond = new Int32Array(17);
	/** By length: what to add to a code of this length to find its symbol. */
	readonly #offset = new Int32Array(17);
	readonly #symbols: Uint8Array;

	/** 16 counts and the symbols; borrowed. @throws KerbError FORMAT_INVALID for more codes than fit */
	constructor(content: Uint8Array) {
		this.#symbols = content.subarray(16);
		let [code, index] = [0, 0];
		for (let length = 1; length <= 16; length++) {
			const count = content[length - 1] ?? 0;
			this.#offset[length] = index - code;
			for (let each = 0; each < count && length <= fastBits; each++) {
				const from = (code + each) << (fastBits - length);
				this.fast.fill((length << 8) | (this.#symbols[index + each] ?? 0), from, from + (1 << (fastBits - length)));
			}
			code += count;
			index += count;
			if (code > (1 << length) - (count > 0 ? 1 : 0)) throw unfit("a Huffman table has more codes than fit");
			this.#beyond[length] = code << (16 - length);
			code <<= 1;
		}
	}

	/** Takes the next 16 bits; length x 256 + symbol, 0 for no code. */
	slow(bits: number): number {
		for (let length = 1; length <= 16; length++) {
			if (bits < (this.#beyond[length] ?? 0))
				return (length << 8) | (this.#symbols[(bits >> (16 - length)) + (this.#offset[length] ?? 0)] ?? 0);
		}
		return 0;
	}
}

export class CheckedBits {
	readonly #bytes: Uint8Array;
	#at: number;
	/** The lowest `#have` bits are to be read next; of them the lowest `#made` are ones that are not in the file. */
	#bits = 0;
	#have = 0;
	#made = 0;

	constructor(bytes: Uint8Array, at: number) {
		this.#bytes = bytes;
		this.#at = at;
	}

	/** Length x 256 + symbol. @throws KerbError FORMAT_INVALID for no code */
	#symbol(codes: CheckedCodes): number {
		if (this.#have < 16) this.#fill();
		const next = this.#bits >>> (this.#have - 16);
		const found = codes.fast[(next >>> (16 - fastBits)) & ((1 << fastBits) - 1)] || codes.slow(next & 0xffff);
		if (found === 0) throw unfit("its scan has bits that are no code");
		this.#have -= found >> 8;
		return found & 0xff;
	}

	/** The difference that a DC is told by. */
	difference(codes: CheckedCodes): number {
		const size = this.#symbol(codes);
		if (size === 0) return 0;
		if (size > 11) throw unfit("its scan has a DC of more than 11 bits");
		if (this.#have < size) this.#fill();
		this.#have -= size;
		const value = (this.#bits >>> this.#have) & ((1 << size) - 1);
		return value >> (size - 1) === 1 ? value : value - (1 << size) + 1;
	}

	/** Reads the AC coefficients of a block; true when there was none: nothing but the end of the block. */
	isFlat(codes: CheckedCodes): boolean {
		let k = 1;
		while (k < 64) {
			const symbol = this.#symbol(codes);
			const size = symbol & 15;
			if (size === 0) {
				if (symbol === 0) return k === 1;
				if (symbol !== 0xf0) throw unfit("its scan has a run that ends with nothing");
				k += 16;
				continue;
			}
			if (this.#have < size) this.#fill();
			this.#have -= size;
			k += (symbol >> 4) + 1;
		}
		if (k > 64) throw unfit("a block has more than 63 AC coefficients");
		return false;
	}

	/** True when more bits were read than there are up to the next marker. */
	get isBeyond(): boolean {
		return this.#made > this.#have;
	}

	/** Ends a segment: less than a byte may be left, all ones, and then the marker must come. Goes past the marker. @throws KerbError FORMAT_INVALID */
	expectMarker(marker: number): void {
		this.#fill();
		const left = this.#have - this.#made;
		const ones = (1 << left) - 1;
		if (left < 0 || left > 7 || ((this.#bits >>> this.#made) & ones) !== ones)
			throw unfit("a scan or restart interval does not end with its last MCU");
		if (this.#bytes[this.#at] !== 0xff || this.#bytes[this.#at + 1] !== marker)
			throw unfit("a marker in the scan is not the one that must come");
		this.#at += 2;
		this.#bits = 0;
		this.#have = 0;
		this.#made = 0;
	}

	/** Where the next byte is read; right after `expectMarker`. */
	get at(): number {
		return this.#at;
	}

	/** Up to at least 25 bits; past the end of a segment it makes ones up, which `isBeyond` finds. */
	#fill(): void {
		while (this.#have <= 24) {
			const byte = this.#bytes[this.#at] ?? 0xff;
			if (byte !== 0xff) this.#at++;
			else if (this.#bytes[this.#at + 1] === 0) this.#at += 2;
			else this.#made += 8;
			this.#bits = (this.#bits << 8) | byte;
			this.#have += 8;
		}
	}
}
