/**
 * LZF, the packing inside PCD files of the form binary_compressed.
 *
 * A packed stream is a row of two kinds of item, told apart by the first byte `c`:
 *
 * | c | meaning |
 * |---|---|
 * | 0 to 31 | c + 1 literal bytes follow |
 * | 32 to 223 | copy (c >> 5) + 2 bytes from ((c & 31) << 8 \| next byte) + 1 bytes back |
 * | 224 to 255 | as before, with the next byte added to the length before the byte of the distance |
 *
 * A copy may overlap what it makes.
 */
import { KerbError } from "../../shared/errors.ts";

const maxDistance = 8_192;
const maxCopy = 264;
const minCopy = 3;
const maxLiterals = 32;
const hashBits = 14;

const damaged = (what: string): KerbError => new KerbError("FORMAT_INVALID", `LZF: ${what}; the packed data is damaged or cut off`);

/**
 * Unpacks to exactly `size` bytes, which the caller bounds.
 *
 * @throws KerbError FORMAT_INVALID when an item reads or writes outside, or makes more or fewer bytes.
 */
export const unpackLzf = (packed: Uint8Array, size: number): Uint8Array => {
	const out = new Uint8Array(size);
	const end = packed.length;
	let from = 0;
	let to = 0;
	while (from < end) {
		const control = packed[from++] ?? 0;
		if (control < 32) {
			const length = control + 1;
			if (from + length > end) throw damaged("expected literal bytes, got the end");
			if (to + length > size) throw damaged(`expected ${size} bytes, got more`);
			for (let i = 0; i < length; i++) out[to++] = packed[from++] ?? 0;
			continue;
		}
		let length = (control >> 5) + 2;
		if (length === 9) length += packed[from++] ?? 0;
		if (from >= end) throw damaged("expected a distance, got the end");
		let source = to - (((control & 31) << 8) | (packed[from++] ?? 0)) - 1;
		if (source < 0) throw damaged("expected a distance inside what came before");
		if (to + length > size) throw damaged(`expected ${size} bytes, got more`);
		for (let i = 0; i < length; i++) out[to++] = out[source++] ?? 0;
	}
	if (to !== size) throw damaged(`expected ${size} bytes, got ${to}`);
	return out;
};

/** Packs bytes; what cannot be packed grows by a thirty-second at the most. The result is the caller's. */
export const packLzf = (bytes: Uint8Array): Uint8Array => {
	const { length } = bytes;
	const out = new Uint8Array(length + Math.ceil(length / maxLiterals));
	/** Where three bytes with this hash stood last, plus one. */
	const seen = new Int32Array(1 << hashBits);
	let to = 0;
	let literalsFrom = 0;
	const putLiterals = (upTo: number): void => {
		for (let from = literalsFrom; from < upTo; from += maxLiterals) {
			const count = Math.min(maxLiterals, upTo - from);
			out[to++] = count - 1;
			out.set(bytes.subarray(from, from + count), to);
			to += count;
		}
	};
	let at = 0;
	while (at + minCopy <= length) {
		const key = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
		const slot = Math.imul(key, 0x9e37_79b1) >>> (32 - hashBits);
		const candidate = (seen[slot] ?? 0) - 1;
		seen[slot] = at + 1;
		const distance = at - candidate - 1;
		const isMatch =
			candidate >= 0 &&
			distance < maxDistance &&
			bytes[candidate] === bytes[at] &&
			bytes[candidate + 1] === bytes[at + 1] &&
			bytes[candidate + 2] === bytes[at + 2];
		if (!isMatch) {
			at++;
			continue;
		}
		const most = Math.min(maxCopy, length - at);
		let copied = minCopy;
		while (copied < most && bytes[candidate + copied] === bytes[at + copied]) copied++;
		putLiterals(at);
		const code = copied - 2;
		if (code < 7) out[to++] = (code << 5) | (distance >> 8);
		else {
			out[to++] = 0xe0 | (distance >> 8);
			out[to++] = code - 7;
		}
		out[to++] = distance & 0xff;
		at += copied;
		literalsFrom = at;
	}
	putLiterals(length);
	return out.subarray(0, to);
};
