/**
 * The keys under which ids become pseudonyms, one per epoch.
 */
import { createCipheriv, createHmac } from "node:crypto";
import { KerbError } from "../../shared/errors.ts";
import type { Facilities } from "./treatment.ts";

const keyBytes = 32;
/** A clock that steps to and fro meets a few epochs; more are asked for again. */
const maxKeptKeys = 4;
/** Vehicles and objects that a roadside unit meets in an epoch; more are computed again. */
const maxKeptPseudonyms = 65_536;

export class IdKeys {
	readonly #facilities: Facilities;
	readonly #rotateMs: number;
	readonly #kept = new Map<number, IdKey>();

	constructor(facilities: Facilities, rotateMs: number) {
		this.#facilities = facilities;
		this.#rotateMs = rotateMs;
	}

	/** @throws KerbError KEY_INVALID when the unit's key has not 32 bytes; what the facility throws */
	at(takenAtMs: number): IdKey {
		const epoch = Math.floor(takenAtMs / this.#rotateMs);
		const known = this.#kept.get(epoch);
		if (known !== undefined) return known;
		const secret = this.#facilities.pseudonymKey(this.#facilities.purpose, epoch);
		if (secret.length !== keyBytes) throw new KerbError("KEY_INVALID", `a pseudonym key must have ${keyBytes} bytes, got ${secret.length}`);
		// Two rules that rotate differently number their epochs differently; the rotation keeps equal numbers apart.
		const key = new IdKey(createHmac("sha256", secret).update(`kerbstone id 1 ${this.#rotateMs}`).digest());
		const [oldest] = this.#kept.keys();
		if (this.#kept.size >= maxKeptKeys && oldest !== undefined) this.#kept.delete(oldest);
		this.#kept.set(epoch, key);
		return key;
	}
}

export class IdKey {
	readonly #secret: Uint8Array;
	readonly #pseudonyms = new Map<string, string | number>();
	readonly #orders = new Map<number, Uint32Array>();

	constructor(secret: Uint8Array) {
		this.#secret = secret;
	}

	/** 32 bytes that nobody without the key can tell from random ones, the same for the same text (HMAC-SHA-256, RFC 2104). */
	bytes(text: string): Buffer {
		return createHmac("sha256", this.#secret).update(text, "utf8").digest();
	}

	/** Computed once and kept for a while. */
	once<T extends string | number>(text: string, make: () => T): string | number {
		const known = this.#pseudonyms.get(text);
		if (known !== undefined) return known;
		const made = make();
		const [oldest] = this.#pseudonyms.keys();
		if (this.#pseudonyms.size >= maxKeptPseudonyms && oldest !== undefined) this.#pseudonyms.delete(oldest);
		this.#pseudonyms.set(text, made);
		return made;
	}

	/**
	 * The numbers from 0 to `count - 1` in an order of the key's own, by Fisher and Yates; draws come from ChaCha20 (RFC 8439) under a key derived for
	 * that count, 48 bits each, which leaves a bias below 2^-32.
	 */
	order(count: number): Uint32Array {
		const known = this.#orders.get(count);
		if (known !== undefined) return known;
		const order = Uint32Array.from({ length: count }, (_, at) => at);
		const draws = createCipheriv("chacha20", this.bytes(`order ${count}`), Buffer.alloc(16)).update(Buffer.alloc(6 * count));
		for (let at = count - 1; at > 0; at -= 1) {
			const other = draws.readUIntBE(6 * at, 6) % (at + 1);
			const swapped = order[at] ?? 0;
			order[at] = order[other] ?? 0;
			order[other] = swapped;
		}
		this.#orders.set(count, order);
		return order;
	}
}
