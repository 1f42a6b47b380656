/**
 * Huffman tables as the output check reads them; they share no code with what wrote the file.
 */
import { unfit } from "./jpeg-check-header.ts";

/** How many bits the tables look at. */
export const fastBits = 12;

/** Coefficients that the end of a block stands for: more than a block can come to by its coefficients alone. */
export const ends = 128;

const maxAcBits = 10;

/** Which symbol comes next: by the next 12 bits, else by the largest code of each length. */
export class CheckedCodes {
	/** Length x 256 + symbol; 0 for longer codes and none. */
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

	/** Takes the next 16 bits; length x 256 + symbol. @throws KerbError FORMAT_INVALID for no code */
	symbol(bits: number): number {
		return this.fast[bits >>> (16 - fastBits)] || this.#slow(bits);
	}

	#slow(bits: number): number {
		for (let length = 1; length <= 16; length++) {
			if (bits >= (this.#beyond[length] ?? 0)) continue;
			return (length << 8) | (this.#symbols[(bits >> (16 - length)) + (this.#offset[length] ?? 0)] ?? 0);
		}
		throw unfit("its scan has bits that are no code");
	}
}

/** How far AC symbols go: coefficients x 64 + bits of codes and values. */
export class CheckedSteps {
	/** One symbol by the next 12 bits; 0 for longer codes and for what is no AC symbol. */
	readonly one = new Uint16Array(1 << fastBits);
	/** As many symbols as those bits hold whole, up to the end of the block. */
	readonly several = new Uint16Array(1 << fastBits);
	readonly #codes: CheckedCodes;

	constructor(codes: CheckedCodes) {
		this.#codes = codes;
		for (let bits = 0; bits < this.one.length; bits++) this.one[bits] = stepOf(codes.fast[bits] ?? 0);
		for (let bits = 0; bits < this.one.length; bits++) this.several[bits] = chain(this.one, bits);
	}

	/** A step that is not in the tables. Takes the next 16 bits. @throws KerbError FORMAT_INVALID for no AC symbol */
	long(bits: number): number {
		const step = stepOf(this.#codes.symbol(bits));
		if (step === 0) throw unfit("its scan has bits that are no AC symbol");
		return step;
	}
}

/** Takes length x 256 + symbol. */
const stepOf = (found: number): number => {
	const length = found >> 8;
	const symbol = found & 0xff;
	const size = symbol & 15;
	if (symbol === 0) return length === 0 ? 0 : (ends << 6) | length;
	if (size > maxAcBits || (size === 0 && symbol !== 0xf0)) return 0;
	return (((symbol >> 4) + 1) << 6) | (length + size);
};

/** The first step, and what follows it within its bits, added up. */
const chain = (one: Uint16Array, bits: number): number => {
	const first = one[bits] ?? 0;
	let used = first & 63;
	let coefficients = first >> 6;
	while (coefficients > 0 && coefficients < 64 && used < fastBits) {
		const next = one[(bits << used) & (one.length - 1)] ?? 0;
		const fits = next !== 0 && used + (next & 63) <= fastBits && (next >> 6 === ends || coefficients + (next >> 6) < 64);
		if (!fits) break;
		used += next & 63;
		coefficients += next >> 6;
	}
	return (coefficients << 6) | used;
};

/** One table, read for DC by its symbols, for AC by its steps. */
class CheckedTable {
	readonly content: Uint8Array;
	readonly codes: CheckedCodes;
	#steps: CheckedSteps | undefined;

	/** Copies the content; `slice` of a Buffer would not. */
	constructor(content: Uint8Array) {
		this.content = Uint8Array.from(content);
		this.codes = new CheckedCodes(this.content);
	}

	get steps(): CheckedSteps {
		this.#steps ??= new CheckedSteps(this.codes);
		return this.#steps;
	}
}

/** Tables of the last few pictures: a camera uses the same ones in every frame. */
const known: CheckedTable[] = [];
const maxKnown = 8;

/** The table of 16 counts and the symbols (borrowed). @throws KerbError FORMAT_INVALID for more codes than fit */
export const checkedTable = (content: Uint8Array): CheckedTable => {
	const found = known.find((table) => table.content.length === content.length && table.content.every((byte, at) => byte === content[at]));
	if (found !== undefined) return found;
	const table = new CheckedTable(content);
	known.unshift(table);
	known.splice(maxKnown);
	return table;
};
