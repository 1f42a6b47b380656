import { describe, expect, it } from "vitest";
import { encodeCbor } from "../../shared/cbor-encode.ts";
import { type CborMap, CborTag, type CborValue, isCborArray } from "../../shared/cbor-value.ts";
import { chachaCipher, makeEncrypt, openContent, parseEncrypt } from "../../shared/cose-encrypt.ts";
import { readHeaders } from "../../shared/cose-header.ts";
import { type CoseRecipient, parseRecipient, unwrapContentKey, wrapToX25519, x25519Secret } from "../../shared/cose-recipient.ts";
import { makeSign1, parseSign1, verifySign1 } from "../../shared/cose-sign1.ts";
import { primitives as p, secretOf } from "../seal/sample-envelope.ts";

const invalid = expect.objectContaining({ code: "ENVELOPE_INVALID" });
const map = (...entries: readonly (readonly [number, CborValue])[]): CborMap => new Map(entries);
const keyId = new Uint8Array(8);
const content = { algorithm: 24, keyBytes: 32 };

const recipientFor = (secret: number, contentKey: Uint8Array): CoseRecipient =>
	parseRecipient(wrapToX25519(contentKey, p.x25519Public(secretOf(secret)), keyId, p), {});
const unwrap = (recipient: CoseRecipient, secret: number): Uint8Array | undefined =>
	unwrapContentKey(recipient, x25519Secret(secretOf(secret), keyId, p), content, p);

describe("readHeaders", () => {
	it("refuses a parameter that is in both buckets", () => {
		expect(() => readHeaders(encodeCbor(map([1, -8])), map([1, -8]), {})).toThrow(invalid);
		expect(() => readHeaders(encodeCbor(map([1, -8])), map([4, keyId]), {})).not.toThrow();
	});

	it("refuses critical parameters in either bucket", () => {
		expect(() => readHeaders(encodeCbor(map([2, [1]])), map(), {})).toThrow(invalid);
		expect(() => readHeaders(new Uint8Array(), map([2, [1]]), {})).toThrow(invalid);
	});

	it("takes no bytes and an empty map for the same header", () => {
		expect(readHeaders(encodeCbor(map()), map(), {}).protectedBytes).toHaveLength(0);
		for (const item of [null, map(), "x", encodeCbor([])]) expect(() => readHeaders(item, map(), {})).toThrow(invalid);
	});
});

describe("verifySign1", () => {
	const verifier = (algorithm: number) => ({ algorithm, verify: () => true });

	it("holds a message to the verifier's algorithm", () => {
		const message = parseSign1(makeSign1(map([1, -8]), new Uint8Array(3), () => new Uint8Array(64)));
		expect(verifySign1(message, verifier(-8))).toBe(true);
		expect(verifySign1(message, verifier(-7))).toBe(false);
	});

	it("refuses a payload or signature that is not inside", () => {
		const parts: readonly CborValue[] = [encodeCbor(map([1, -8])), map(), new Uint8Array(), new Uint8Array(64)];
		for (const at of [2, 3]) expect(() => parseSign1(encodeCbor(new CborTag(18, parts.with(at, null))))).toThrow(invalid);
		expect(() => parseSign1(encodeCbor(new CborTag(98, parts)))).toThrow(invalid);
		expect(() => parseSign1(encodeCbor(parts))).toThrow(invalid);
		expect(() => parseSign1(encodeCbor(parts), { untagged: true })).not.toThrow();
	});
});

describe("unwrapContentKey", () => {
	it("gives the key to the recipient and to no one else", () => {
		const recipient = recipientFor(5, secretOf(77));
		expect(unwrap(recipient, 5)).toEqual(secretOf(77));
		expect(unwrap(recipient, 6)).toBeUndefined();
	});

	it("refuses a key of another length than the content needs", () => {
		expect(unwrap(recipientFor(5, secretOf(77).slice(0, 16)), 5)).toBeUndefined();
	});

	it("refuses salt and party information, which are not derived with", () => {
		const recipient = recipientFor(5, secretOf(77));
		for (const label of [-20, -21, -22, -23, -24, -25, -26]) {
			const more = new Map(recipient.unprotectedMap).set(label, new Uint8Array(4));
			expect(unwrap({ ...recipient, unprotectedMap: more }, 5)).toBeUndefined();
		}
	});

	it("refuses ephemeral keys of another form, and points of low order", () => {
		const recipient = recipientFor(5, secretOf(77));
		const good = recipient.unprotectedMap.get(-1);
		if (!(good instanceof Map)) throw new Error("no ephemeral key");
		const keys: readonly CborValue[] = [
			new Map(good).set(1, 2),
			new Map(good).set(-1, 5),
			new Map(good).set(-2, new Uint8Array(31)),
			new Map(good).set(-2, new Uint8Array(32)),
			new Map(good).set(-3, true),
			null,
		];
		for (const key of keys)
			expect(unwrap({ ...recipient, unprotectedMap: new Map(recipient.unprotectedMap).set(-1, key) }, 5)).toBeUndefined();
	});

	it("refuses direct agreement that brings a wrapped key, and algorithms that are not there", () => {
		const recipient = recipientFor(5, secretOf(77));
		for (const algorithm of [-25, -26, -27, -6, -5, 0])
			expect(unwrap({ ...recipient, protectedMap: map([1, algorithm]) }, 5)).toBeUndefined();
	});
});

describe("parseEncrypt", () => {
	const wrapped = wrapToX25519(secretOf(77), p.x25519Public(secretOf(5)), keyId, p);
	const bytes = makeEncrypt(Uint8Array.of(1, 2, 3), new Uint8Array(), secretOf(77), [wrapped], p);

	it("opens with its key and its additional data only", () => {
		const message = parseEncrypt(bytes);
		expect(openContent(message, chachaCipher(p), secretOf(77))).toEqual(Uint8Array.of(1, 2, 3));
		expect(openContent(message, chachaCipher(p), secretOf(78))).toBeUndefined();
		expect(openContent(message, chachaCipher(p), secretOf(77), Uint8Array.of(0))).toBeUndefined();
		expect(openContent(message, chachaCipher(p), secretOf(77).slice(1))).toBeUndefined();
	});

	it("refuses recipients of recipients, and none or too many of them", () => {
		const parts = (recipients: CborValue) => encodeCbor(new CborTag(96, [new Uint8Array(), map(), new Uint8Array(16), recipients]));
		expect(() => parseEncrypt(parts([]))).toThrow(invalid);
		expect(() => parseEncrypt(parts(Array.from({ length: 65 }, () => wrapped)))).toThrow(invalid);
		if (!isCborArray(wrapped)) throw new Error("no recipient");
		expect(() => parseEncrypt(parts([[...wrapped, [wrapped]]]))).toThrow(invalid);
		expect(() => parseEncrypt(parts([wrapped.with(2, null)]))).toThrow(invalid);
	});
});
