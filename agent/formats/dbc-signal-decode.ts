/**
 * One signal of a DBC, ready to be read from payloads.
 */
import { type BitField, bitField, bitFields, readBits } from "./dbc-bits.ts";
import type { DbcSignal } from "./dbc-model.ts";

const scratch = new DataView(new ArrayBuffer(8));

/** Whole numbers of more bits are not exact in a double. */
const exactBits = 53;

export class CompiledSignal {
	readonly name: string;
	/** `Message.Signal`. */
	readonly path: string;
	readonly unit: string;
	readonly labels: ReadonlyMap<number, string>;
	/** The payload must be longer than this. */
	readonly lastByte: number;
	readonly #signal: DbcSignal;
	/** Set for integers of up to 53 bits, the usual case. */
	readonly #field: BitField | undefined;
	/** Otherwise the parts, the highest first. */
	readonly #fields: readonly BitField[];
	readonly #factor: number;
	readonly #offset: number;
	/** Half of the range of a signed one: what is not below it is negative. */
	readonly #signLimit: number;
	readonly #range: number;

	constructor(signal: DbcSignal, messagePath: string) {
		this.name = signal.name;
		this.path = `${messagePath}.${signal.name}`;
		this.unit = signal.unit;
		this.labels = signal.labels;
		this.#signal = signal;
		const small = signal.coding === "integer" && signal.length <= exactBits;
		this.#field = small ? bitField(signal.startBit, signal.length, signal.littleEndian) : undefined;
		this.#fields = small ? [] : bitFields(signal.startBit, signal.length, signal.littleEndian);
		this.lastByte = this.#field?.lastByte ?? Math.max(...this.#fields.map((field) => field.lastByte));
		this.#factor = signal.factor;
		this.#offset = signal.offset;
		this.#range = 2 ** signal.length;
		this.#signLimit = signal.signed ? this.#range / 2 : Number.POSITIVE_INFINITY;
	}

	/** The raw value as a number: exact up to 53 bits, the nearest double above. What multiplexing is decided by. */
	raw(data: Uint8Array): number {
		const field = this.#field;
		if (field !== undefined) {
			const value = readBits(field, data);
			return value >= this.#signLimit ? value - this.#range : value;
		}
		return this.#signal.coding === "integer" ? Number(this.#wide(data)) : this.#float(data);
	}

	/**
	 * The physical value: raw * factor + offset in doubles, in this order. A signal of more than 53 bits whose factor and offset are integers
	 * is computed exactly and is a bigint where the result is not a safe integer. A float may be NaN or infinite.
	 */
	value(data: Uint8Array): number | bigint {
		const field = this.#field;
		if (field !== undefined) {
			const value = readBits(field, data);
			return (value >= this.#signLimit ? value - this.#range : value) * this.#factor + this.#offset;
		}
		if (this.#signal.coding !== "integer") return this.#float(data) * this.#factor + this.#offset;
		const raw = this.#wide(data);
		const scale = this.#signal.exactScale;
		if (scale === undefined) return Number(raw) * this.#factor + this.#offset;
		const exact = raw * scale.factor + scale.offset;
		const near = Number(exact);
		return Number.isSafeInteger(near) ? near : exact;
	}

	#wide(data: Uint8Array): bigint {
		let value = 0n;
		for (const field of this.#fields) value = (value << 32n) | BigInt(readBits(field, data));
		return this.#signal.signed ? BigInt.asIntN(this.#signal.length, value) : value;
	}

	#float(data: Uint8Array): number {
		let at = 0;
		for (const field of this.#fields) {
			scratch.setUint32(at, readBits(field, data));
			at += 4;
		}
		return at === 4 ? scratch.getFloat32(0) : scratch.getFloat64(0);
	}
}
