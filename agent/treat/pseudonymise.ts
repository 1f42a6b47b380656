/**
 * Replaces a value by a keyed pseudonym: HMAC-SHA-256 (RFC 2104) cut to its first 128 bits, in hexadecimal.
 *
 * The key belongs to the unit, the purpose and the epoch, a span of `rotateDays` days of UTC. Equal values have equal pseudonyms within one
 * purpose and epoch, and across them nothing can be linked. A number has the pseudonym of its decimal text. Booleans are withheld: with two
 * values there is nothing that a pseudonym could hide.
 */
import { createHmac } from "node:crypto";
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";
import type { SignalValue } from "../../shared/reading.ts";
import { defineTreatment } from "./treatment.ts";

const dayMs = 86_400_000;
const keyBytes = 32;
const pseudonymHexDigits = 32;
/** A clock that steps to and fro meets a few epochs; more are asked for again. */
const maxKeptKeys = 4;

export default defineTreatment({
	type: "pseudonymise",
	options: v.strictObject({
		type: v.literal("pseudonymise"),
		rotateDays: v.pipe(v.number(), v.integer(), v.minValue(1, "expected 1 to 365 days"), v.maxValue(365, "expected 1 to 365 days")),
	}),
	appliesTo: ["signal"],
	outcome: "pseudonymised",
	compile({ rotateDays }, facilities) {
		const keys = new Map<number, Uint8Array>();
		const keyOf = (epoch: number): Uint8Array => {
			const known = keys.get(epoch);
			if (known !== undefined) return known;
			// A copy, since the owner may overwrite its own.
			const key = Uint8Array.from(facilities.pseudonymKey(facilities.purpose, epoch));
			if (key.length !== keyBytes) throw new KerbError("KEY_INVALID", `a pseudonym key must have ${keyBytes} bytes, got ${key.length}`);
			const [oldest] = keys.keys();
			if (keys.size >= maxKeptKeys && oldest !== undefined) keys.delete(oldest);
			keys.set(epoch, key);
			return key;
		};
		// Two rules that rotate differently number their epochs differently; the rotation keeps equal numbers apart.
		const prefix = `kerbstone pseudonym 1 ${rotateDays}\n`;

		return (reading) => {
			if (reading.kind !== "signal" || !Number.isFinite(reading.takenAtMs)) return undefined;
			const text = canonicalText(reading.value);
			if (text === undefined) return undefined;
			const key = keyOf(Math.floor(reading.takenAtMs / (rotateDays * dayMs)));
			const value = createHmac("sha256", key).update(prefix).update(text, "utf8").digest("hex").slice(0, pseudonymHexDigits);
			return { ...reading, value };
		};
	},
});

const canonicalText = (value: SignalValue): string | undefined => {
	switch (typeof value) {
		case "string":
			return value;
		case "bigint":
			return value.toString();
		case "number":
			return Number.isFinite(value) ? String(value) : undefined;
		default:
			return undefined;
	}
};
