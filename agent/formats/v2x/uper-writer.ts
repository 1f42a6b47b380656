/**
 * Writes bits: the counterpart of uper-reader.ts (ITU-T X.691, clause 11, unaligned, in the shortest forms).
 */
import { KerbError } from "../../../shared/errors.ts";
import { maxUperBytes } from "./uper-reader.ts";

const fragment = 16_384;

export class BitWriter {
	#bytes = new Uint8Array(256);
	#at = 0;
	/** Name of the field last begun, for errors. */
	field = "";

	/** How many bits have been written. */
	get at(): number {
		return this.#at;
	}

	/** @returns KerbError FORMAT_INVALID that names the field, and nothing of the content */
	refuse(expected: string): KerbError {
		const where = this.field === "" ? "the message" : `in or after field ${this.field}`;
		return new KerbError("FORMAT_INVALID", `UPER encoding, ${where}: expected ${expected}`);
	}

	/** The lowest 0 to 53 bits of a number that is not negative. */
	bits(value: number, count: number): void {
		if (count > 30) {
			this.bits(Math.floor(value / 0x100_0000), count - 24);
			this.bits(value % 0x100_0000, 24);
			return;
		}
		this.#reserve(count);
		const bytes = this.#bytes;
		for (let left = count; left > 0; ) {
			const free = 8 - (this.#at & 7);
			const take = Math.min(free, left);
			left -= take;
			const index = this.#at >>> 3;
			bytes[index] = (bytes[index] ?? 0) | (((value >>> left) & ((1 << take) - 1)) << (free - take));
			this.#at += take;
		}
	}

	bit(isSet: boolean): void {
		this.bits(isSet ? 1 : 0, 1);
	}

	/** Writes zero bits, any number, and gives the place of the first. */
	skip(count: number): number {
		this.#reserve(count);
		const at = this.#at;
		this.#at = at + count;
		return at;
	}

	/** Sets a bit that was skipped. */
	setAt(at: number): void {
		const index = at >>> 3;
		this.#bytes[index] = (this.#bytes[index] ?? 0) | (0x80 >>> (at & 7));
	}

	/** An unconstrained length up to 16,383. */
	#length(count: number): void {
		if (count < 0x80) this.bits(count, 8);
		else this.bits(0x8000 + count, 16);
	}

	/** Unconstrained lengths (clause 11.9.3) with what they count after each: from 16 Ki on in fragments. */
	pieces(total: number, write: (from: number, to: number) => void): void {
		let from = 0;
		while (total - from >= fragment) {
			const count = Math.min(4, Math.floor((total - from) / fragment));
			this.bits(0xc0 + count, 8);
			write(from, from + count * fragment);
			from += count * fragment;
		}
		this.#length(total - from);
		write(from, total);
	}

	/** A non-negative number with its length in octets before it (clause 11.7). */
	unsigned(value: number): void {
		let octets = 1;
		while (octets < 7 && value >= 2 ** (8 * octets)) octets += 1;
		this.#length(octets);
		this.#number(value, octets);
	}

	/** A number in two's complement with its length in octets before it (clause 11.8). */
	signed(value: number): void {
		let octets = 1;
		while (octets < 7 && (value >= 2 ** (8 * octets - 1) || value < -(2 ** (8 * octets - 1)))) octets += 1;
		this.#length(octets);
		this.#number(value, octets);
	}

	#number(value: number, octets: number): void {
		for (let shift = octets - 1; shift >= 0; shift -= 1) this.bits(Math.floor(value / 256 ** shift) & 0xff, 8);
	}

	/** A normally small number (clause 11.6). */
	small(value: number): void {
		this.bit(value > 63);
		if (value > 63) this.unsigned(value);
		else this.bits(value, 6);
	}

	/** A normally small length, 1 to 16,383 (clause 11.9.3.4). */
	smallLength(count: number): void {
		if (count < 1 || count >= fragment) throw this.refuse("1 to 16,383 extension additions");
		this.bit(count > 64);
		if (count > 64) this.#length(count);
		else this.bits(count - 1, 6);
	}

	/** An open type (clause 11.2): octets with their length before them. */
	openType(octets: Uint8Array): void {
		this.pieces(octets.length, (from, to) => this.octets(octets, from, to));
	}

	octets(octets: Uint8Array, from: number, to: number): void {
		this.#reserve((to - from) * 8);
		for (let index = from; index < to; index += 1) this.bits(octets[index] ?? 0, 8);
	}

	/** What was written, padded with zero bits to whole octets; one zero octet when nothing was (clause 11.1). Fresh. */
	finish(): Uint8Array {
		return this.#bytes.slice(0, Math.max(1, (this.#at + 7) >>> 3));
	}

	#reserve(count: number): void {
		const need = (this.#at + count + 7) >>> 3;
		if (need <= this.#bytes.length) return;
		if (need > maxUperBytes) throw this.refuse(`at most ${maxUperBytes} octets`);
		const bytes = new Uint8Array(Math.max(need, this.#bytes.length * 2));
		bytes.set(this.#bytes);
		this.#bytes = bytes;
	}
}
