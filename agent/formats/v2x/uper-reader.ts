/**
 * Reads bits from the front of a message: whole numbers, length determinants and small numbers of unaligned packed encoding rules
 * (ITU-T X.691, clause 11). Never reads beyond the message, and reserves nothing for what a hostile length claims.
 */
import { KerbError } from "../../../shared/errors.ts";

/** Longer messages are refused whole: the largest that any V2X stack sends is under 64 KiB. */
export const maxUperBytes = 1_048_576;

/** Elements that take no bits cost nothing to claim, so a message may have this many of them in all. */
const maxEmptyElements = 65_536;

export class BitReader {
	readonly #bytes: Uint8Array;
	/** One past the last bit of what is being read: the message, or the open type within it. */
	#limit: number;
	#at = 0;
	#emptyElements = 0;
	/** After `length`: true when the count was of a fragment and another length follows it. */
	hasMore = false;
	/** Name of the field last begun, for errors. */
	field = "";

	/** Borrows the bytes. @throws KerbError FORMAT_INVALID when there are more than `maxUperBytes` */
	constructor(bytes: Uint8Array) {
		if (bytes.length > maxUperBytes) throw this.refuse(`more than ${maxUperBytes} octets`);
		this.#bytes = bytes;
		this.#limit = bytes.length * 8;
	}

	/** How many bits have been read. */
	get at(): number {
		return this.#at;
	}

	/** @returns KerbError FORMAT_INVALID that says where, and nothing of the content */
	refuse(problem: string): KerbError {
		const where = this.field === "" ? "" : ` in or after field ${this.field}`;
		return new KerbError("FORMAT_INVALID", `UPER message, bit ${this.#at}${where}: ${problem}`);
	}

	/** @throws KerbError FORMAT_INVALID unless that many bits are left */
	need(bits: number): void {
		if (this.#at + bits > this.#limit) throw this.refuse("expected more bits, the message or its part ends");
	}

	/** An unsigned number of 0 to 53 bits. */
	bits(count: number): number {
		if (count === 0) return 0;
		this.need(count);
		const bytes = this.#bytes;
		const at = this.#at;
		this.#at = at + count;
		let index = at >>> 3;
		const have = 8 - (at & 7);
		let value = (bytes[index] ?? 0) & (0xff >>> (8 - have));
		if (count <= have) return value >>> (have - count);
		let left = count - have;
		// By multiplication: shifts end at 32 bits.
		for (; left >= 8; left -= 8) {
			index += 1;
			value = value * 256 + (bytes[index] ?? 0);
		}
		if (left === 0) return value;
		return value * (1 << left) + ((bytes[index + 1] ?? 0) >>> (8 - left));
	}

	isSet(): boolean {
		return this.bits(1) === 1;
	}

	/** Looks at a bit that was skipped. */
	isSetAt(at: number): boolean {
		return (((this.#bytes[at >>> 3] ?? 0) >>> (7 - (at & 7))) & 1) === 1;
	}

	/** Passes over bits and gives the place of the first. */
	skip(count: number): number {
		this.need(count);
		const at = this.#at;
		this.#at = at + count;
		return at;
	}

	/** A number in 0..span of so many bits (clause 11.5). */
	upTo(span: number, width: number): number {
		const value = this.bits(width);
		if (value > span) throw this.refuse("a number, an index or a length is beyond its range");
		return value;
	}

	/** An unconstrained length (clause 11.9.3): up to 16,383, or a fragment of 16 to 64 Ki, in which case `hasMore` is true. */
	length(): number {
		const head = this.bits(8);
		this.hasMore = head >= 0xc0;
		if (head < 0x80) return head;
		if (head < 0xc0) return (head - 0x80) * 256 + this.bits(8);
		const pieces = head - 0xc0;
		if (pieces < 1 || pieces > 4) throw this.refuse("a fragment has 1 to 4 pieces of 16 Ki");
		return pieces * 16_384;
	}

	/** A length that is never fragmented. */
	wholeLength(): number {
		const count = this.length();
		if (this.hasMore) throw this.refuse("a length is too large");
		return count;
	}

	/** A non-negative number with its length in octets before it (clause 11.7), up to 2^53 - 1. */
	unsigned(): number {
		const octets = this.wholeLength();
		if (octets < 1 || octets > 8) throw this.refuse("expected a number of 1 to 8 octets");
		return this.#safe(this.bits(8), octets);
	}

	/** A number in two's complement with its length in octets before it (clause 11.8), within 53 bits. */
	signed(): number {
		const octets = this.wholeLength();
		if (octets < 1 || octets > 8) throw this.refuse("expected a number of 1 to 8 octets");
		const first = this.bits(8);
		return this.#safe(first < 128 ? first : first - 256, octets);
	}

	#safe(first: number, octets: number): number {
		let value = first;
		for (let left = octets - 1; left > 0; left -= 1) value = value * 256 + this.bits(8);
		if (!Number.isSafeInteger(value)) throw this.refuse("a number has more than 53 bits");
		return value;
	}

	/** A normally small number (clause 11.6). */
	small(): number {
		return this.isSet() ? this.unsigned() : this.bits(6);
	}

	/** A normally small length, 1 or more (clause 11.9.3.4). */
	smallLength(): number {
		const count = this.isSet() ? this.wholeLength() : this.bits(6) + 1;
		if (count === 0) throw this.refuse("expected a length of 1 or more");
		return count;
	}

	/** Refuses a list that claims more elements than can follow. */
	needElements(count: number, leastBits: number): void {
		if (leastBits > 0) {
			this.need(count * leastBits);
			return;
		}
		this.#emptyElements += count;
		if (this.#emptyElements > maxEmptyElements) throw this.refuse(`more than ${maxEmptyElements} elements without content`);
	}

	/** Fresh octets. */
	octets(count: number): Uint8Array {
		this.need(count * 8);
		const out = new Uint8Array(count);
		for (let index = 0; index < count; index += 1) out[index] = this.bits(8);
		return out;
	}

	/** The octets of an open type or of fragmented octets, without their lengths; fresh. */
	fragmentedOctets(): Uint8Array {
		const pieces: Uint8Array[] = [];
		let total = 0;
		do {
			const piece = this.octets(this.length());
			pieces.push(piece);
			total += piece.length;
		} while (this.hasMore);
		if (pieces.length === 1) return pieces[0] ?? new Uint8Array(0);
		const all = new Uint8Array(total);
		let at = 0;
		for (const piece of pieces) {
			all.set(piece, at);
			at += piece.length;
		}
		return all;
	}

	/**
	 * Reads an open type (clause 11.2) whose content is known: so many octets, within which `read` must use up all but the padding.
	 */
	openType<T>(read: (reader: BitReader) => T): T {
		const start = this.#at;
		const count = this.length();
		if (this.hasMore) {
			this.#at = start;
			const inner = new BitReader(this.fragmentedOctets());
			inner.#emptyElements = this.#emptyElements;
			inner.field = this.field;
			const value = read(inner);
			inner.#endPart(0);
			this.#emptyElements = inner.#emptyElements;
			return value;
		}
		this.need(count * 8);
		const outerLimit = this.#limit;
		const begin = this.#at;
		this.#limit = begin + count * 8;
		const value = read(this);
		this.#endPart(begin);
		this.#limit = outerLimit;
		return value;
	}

	/** The rest of a part must be padding: under 8 zero bits, or one zero octet where there was nothing to write. */
	#endPart(begin: number): void {
		const rest = this.#limit - this.#at;
		const most = this.#at === begin ? 8 : 7;
		if (rest > most || this.bits(rest) !== 0 || this.#limit === begin) throw this.refuse("a part is longer than its content");
	}
}
