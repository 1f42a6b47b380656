/**
 * The keys of a far end: secrets that open envelopes, and public keys of the units that are enrolled. As a JSON file, which `law init`
 * begins and a person adds units to:
 *
 * { "kind": "keys",
 *   "recipients": [{ "name": "...", "x25519Secret": 64 hex digits }],
 *   "units": [{ "id": "unit-1", "ed25519": 64 hex digits }] }
 *
 * A unit may be listed more than once, with each key it ever had.
 */
import * as v from "valibot";
import { fromHex, toHex } from "./bytes.ts";
import { keyIdOf, type Opener } from "./envelope.ts";
import { isKerbError, KerbError } from "./errors.ts";
import { parseDocument } from "./parse-document.ts";
import type { Primitives } from "./primitives.ts";

const hex32 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "32 bytes in lower-case hexadecimal"));

export const KeyRingSchema = v.strictObject({
	kind: v.literal("keys"),
	recipients: v.pipe(v.array(v.strictObject({ name: v.pipe(v.string(), v.maxLength(120)), x25519Secret: hex32 })), v.maxLength(64)),
	units: v.pipe(
		v.array(v.strictObject({ unitId: v.pipe(v.string(), v.minLength(1), v.maxLength(80)), ed25519: hex32 })),
		v.maxLength(1_000_000),
	),
});

export type KeyRing = v.InferOutput<typeof KeyRingSchema>;

const bytesOf = (hex: string): Uint8Array => {
	const bytes = fromHex(hex);
	if (bytes === undefined) throw new KerbError("KEY_INVALID", "a key is 64 hexadecimal digits");
	return bytes;
};

/** What opens envelopes with these keys. Further units can be put into the ring by making a new opener. */
export const openerOf = (ring: KeyRing, p: Pick<Primitives, "sha256">): Opener => {
	const units = new Map<string, Uint8Array>();
	for (const { unitId, ed25519 } of ring.units) {
		const publicKey = bytesOf(ed25519);
		units.set(`${unitId} ${toHex(keyIdOf(publicKey, p))}`, publicKey);
	}
	return {
		recipientSecrets: ring.recipients.map(({ x25519Secret }) => bytesOf(x25519Secret)),
		unitKeys: (unitId, keyId) => units.get(`${unitId} ${keyId}`),
	};
};

/**
 * Reads a keys file.
 *
 * @throws KerbError KEY_INVALID with every problem.
 */
export const parseKeyRing = (bytes: Uint8Array): KeyRing => {
	try {
		return parseDocument(KeyRingSchema, bytes, "the keys file", "KEY_INVALID");
	} catch (error) {
		// Without its cause: the parser's own message quotes the text, which holds secrets.
		if (isKerbError(error)) throw new KerbError(error.code, error.message, { problems: error.problems });
		throw error;
	}
};
