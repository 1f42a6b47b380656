import { describe, expect, it } from "vitest";
import { seal } from "../../agent/seal/seal.ts";
import { toHex } from "../../shared/bytes.ts";
import { decodeCbor } from "../../shared/cbor-decode.ts";
import { encodeCbor } from "../../shared/cbor-encode.ts";
import { CborTag, type CborValue, isCborArray } from "../../shared/cbor-value.ts";
import { encodeColumns } from "../../shared/columns.ts";
import { makeEncrypt } from "../../shared/cose-encrypt.ts";
import { coseAlgorithm, coseHeader } from "../../shared/cose-header.ts";
import { wrapToX25519 } from "../../shared/cose-recipient.ts";
import { makeSign1, parseSign1 } from "../../shared/cose-sign1.ts";
import {
	keyIdOf,
	labelAad,
	labelHeader,
	maxBatchBytes,
	maxEnvelopeBytes,
	openEnvelope,
	readLabel,
	verifyEnvelope,
} from "../../shared/envelope.ts";
import { isKerbError } from "../../shared/errors.ts";
import { encodeLabel, type Label } from "../../shared/label.ts";
import { cleanSpeeds, draft, identity, openerOf, primitives as p, recipientOf, secretOf, target } from "../seal/sample-envelope.ts";

const records = cleanSpeeds(3);
const sealed = seal(draft, records, target, identity, p);

const codeOf = (work: () => unknown): string => {
	try {
		work();
	} catch (error) {
		if (isKerbError(error)) return error.code;
		throw error;
	}
	return "none";
};

/** Signs another payload or label with the unit's own key: what a faulty or taken-over unit could send. */
const signAgain = (change: {
	label?: Partial<Label>;
	payload?: (item: readonly CborValue[]) => CborValue;
	header?: readonly (readonly [number, CborValue])[];
}): Uint8Array => {
	const message = parseSign1(sealed.bytes);
	const inner = decodeCbor(message.payload);
	if (!(inner instanceof CborTag) || !isCborArray(inner.value)) throw new Error("no COSE_Encrypt");
	const payload = change.payload === undefined ? message.payload : encodeCbor(new CborTag(96, change.payload(inner.value)));
	const label = { ...sealed.label, checksum: toHex(p.sha256(payload)), ...change.label };
	return sign(label, payload, change.header);
};

const sign = (label: Label, payload: Uint8Array, extra: readonly (readonly [number, CborValue])[] = []): Uint8Array => {
	const header = new Map<number, CborValue>([
		[coseHeader.algorithm, coseAlgorithm.edDsa],
		[coseHeader.keyId, keyIdOf(identity.publicKey, p)],
		[labelHeader, encodeLabel(label)],
		...extra,
	]);
	return makeSign1(header, payload, (bytes) => identity.sign(bytes));
};

/** Seals any payload under any label, as a unit could that is not this program. */
const sealAnyhow = (lie: Partial<Label>, payload: Uint8Array): Uint8Array => {
	const label = { ...sealed.label, ...lie };
	const truthful = { ...label, scale: { ...label.scale, payloadBytes: payload.length } };
	const publicKey = p.x25519Public(secretOf(10));
	const recipients = [wrapToX25519(secretOf(50), publicKey, keyIdOf(publicKey, p), p)];
	const encrypted = makeEncrypt(payload, labelAad(encodeLabel(truthful)), secretOf(50), recipients, p);
	return sign({ ...truthful, checksum: toHex(p.sha256(encrypted)) }, encrypted);
};

describe("openEnvelope", () => {
	it("gives back the records and the label to each recipient and the inspector", () => {
		for (const secret of [10, 11, 12]) {
			const opened = openEnvelope(sealed.bytes, openerOf(secret), p);
			expect(opened.records).toEqual(records);
			expect(opened.label).toEqual(sealed.label);
			expect(opened.keyId).toBe(identity.keyId);
		}
	});

	it("opens with any one of several secrets, and with none but those it was sealed to", () => {
		expect(openEnvelope(sealed.bytes, openerOf(13, 14, 11), p).records).toHaveLength(3);
		expect(codeOf(() => openEnvelope(sealed.bytes, openerOf(13, 14), p))).toBe("ENVELOPE_NO_KEY");
		expect(codeOf(() => openEnvelope(sealed.bytes, openerOf(), p))).toBe("ENVELOPE_NO_KEY");
		expect(codeOf(() => openEnvelope(sealed.bytes, openerOf(1), p))).toBe("ENVELOPE_NO_KEY");
	});

	it("refuses every envelope with one bit flipped, with one clear code", () => {
		const allowed = new Set(["ENVELOPE_SIGNATURE", "ENVELOPE_DECRYPT", "ENVELOPE_NO_KEY", "ENVELOPE_INVALID"]);
		const seen = new Map<string, number>();
		for (let bit = 0; bit < sealed.bytes.length * 8; bit++) {
			const flipped = sealed.bytes.slice();
			flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			const code = codeOf(() => openEnvelope(flipped, openerOf(10), p));
			expect(allowed, `bit ${bit}`).toContain(code);
			seen.set(code, (seen.get(code) ?? 0) + 1);
		}
		expect(seen.get("ENVELOPE_SIGNATURE")).toBeGreaterThan(3_000);
	});

	it("refuses every beginning of an envelope and bytes after it", () => {
		for (let length = 0; length < sealed.bytes.length; length++) {
			expect(codeOf(() => openEnvelope(sealed.bytes.subarray(0, length), openerOf(10), p))).toBe("ENVELOPE_INVALID");
		}
		expect(codeOf(() => openEnvelope(new Uint8Array([...sealed.bytes, 0]), openerOf(10), p))).toBe("ENVELOPE_INVALID");
	});

	it("refuses a unit whose key is not known, and another key in its place", () => {
		const unknown = { ...openerOf(10), unitKeys: () => undefined };
		const other = { ...openerOf(10), unitKeys: () => p.ed25519Public(secretOf(9)) };
		expect(codeOf(() => openEnvelope(sealed.bytes, unknown, p))).toBe("ENVELOPE_SIGNATURE");
		expect(codeOf(() => openEnvelope(sealed.bytes, other, p))).toBe("ENVELOPE_SIGNATURE");
	});

	it("refuses more bytes than an envelope may have before it reads them", () => {
		expect(codeOf(() => openEnvelope(new Uint8Array(maxEnvelopeBytes + 1), openerOf(10), p))).toBe("ENVELOPE_INVALID");
	});

	it("refuses a label on another ciphertext even when the unit signs the pair", () => {
		expect(codeOf(() => openEnvelope(signAgain({}), openerOf(10), p))).toBe("none");
		expect(codeOf(() => openEnvelope(signAgain({ label: { level: "personal" } }), openerOf(10), p))).toBe("ENVELOPE_DECRYPT");
		expect(codeOf(() => openEnvelope(signAgain({ label: { purpose: "advertising" } }), openerOf(10), p))).toBe("ENVELOPE_DECRYPT");
		expect(codeOf(() => openEnvelope(signAgain({ label: { sequence: 2 } }), openerOf(10), p))).toBe("ENVELOPE_DECRYPT");
	});

	it("refuses a checksum that is not of the encrypted part", () => {
		expect(codeOf(() => verifyEnvelope(signAgain({ label: { checksum: "00".repeat(32) } }), openerOf().unitKeys, p))).toBe(
			"ENVELOPE_INVALID",
		);
	});

	it("refuses other algorithms, added headers and a payload length that the label does not say, signed by the unit itself", () => {
		const changes: readonly ((item: readonly CborValue[]) => CborValue)[] = [
			([, ...rest]) => [encodeCbor(new Map([[1, 3]])), ...rest],
			([, ...rest]) => [
				encodeCbor(
					new Map([
						[1, 24],
						[3, 0],
					]),
				),
				...rest,
			],
			([header, , ...rest]) => [header ?? null, new Map(), ...rest],
			([header, other, ciphertext, recipients]) => [
				header ?? null,
				other ?? null,
				Buffer.concat([ciphertext as Uint8Array, Buffer.of(0)]),
				recipients ?? null,
			],
			([header, other, ciphertext]) => [header ?? null, other ?? null, ciphertext ?? null, []],
			([header, other, ciphertext, recipients]) => [
				header ?? null,
				other ?? null,
				ciphertext ?? null,
				Array.from({ length: 18 }, () => (recipients as readonly CborValue[])[0] ?? null),
			],
		];
		for (const payload of changes) expect(codeOf(() => openEnvelope(signAgain({ payload }), openerOf(10), p))).toBe("ENVELOPE_INVALID");
	});

	it("refuses a recipient that was moved from another envelope", () => {
		const other = seal({ ...draft, sequence: 2 }, records, target, identity, p);
		const item = decodeCbor(parseSign1(other.bytes).payload);
		if (!(item instanceof CborTag) || !isCborArray(item.value)) throw new Error("no COSE_Encrypt");
		const recipients = item.value[3] ?? null;
		const mixed = signAgain({ payload: ([header, iv, ciphertext]) => [header ?? null, iv ?? null, ciphertext ?? null, recipients] });
		expect(codeOf(() => openEnvelope(mixed, openerOf(10), p))).toBe("ENVELOPE_DECRYPT");
	});

	it("refuses headers that are not needed, the unsigned one included", () => {
		const extra = signAgain({ header: [[3, 0]] });
		expect(codeOf(() => openEnvelope(extra, openerOf(10), p))).toBe("ENVELOPE_INVALID");
		const { protectedBytes, payload, signature } = parseSign1(sealed.bytes);
		const withUnsigned = (map: ReadonlyMap<number, CborValue>) => encodeCbor(new CborTag(18, [protectedBytes, map, payload, signature]));
		expect(codeOf(() => openEnvelope(withUnsigned(new Map()), openerOf(10), p))).toBe("none");
		expect(codeOf(() => openEnvelope(withUnsigned(new Map([[5, 0]])), openerOf(10), p))).toBe("ENVELOPE_INVALID");
	});

	it("refuses a label that does not tell the truth of its records, from the unit itself", () => {
		const batch = encodeColumns(records);
		expect(codeOf(() => openEnvelope(sealAnyhow({}, p.compress(batch)), openerOf(10), p))).toBe("none");
		const { scale, capturedFromMs, capturedToMs } = sealed.label;
		const lies: readonly Partial<Label>[] = [
			{ scale: { ...scale, records: 2 } },
			{ scale: { ...scale, records: 4 } },
			{ capturedFromMs: capturedFromMs - 1 },
			{ capturedToMs: capturedToMs + 1 },
			{ datum: "wgs84" },
		];
		for (const lie of lies)
			expect(codeOf(() => openEnvelope(sealAnyhow(lie, p.compress(batch)), openerOf(10), p))).toBe("ENVELOPE_INVALID");
	});

	it("refuses payloads that are no zstd, swell too far, or hold no columns, from the unit itself", () => {
		const payloads = [
			new Uint8Array(),
			encodeColumns(records),
			p.compress(new Uint8Array(maxBatchBytes + 1)),
			p.compress(new Uint8Array(100)),
		];
		for (const payload of payloads) expect(codeOf(() => openEnvelope(sealAnyhow({}, payload), openerOf(10), p))).toBe("ENVELOPE_INVALID");
	});

	it("never shows a value in an error", () => {
		const private_ = seal(draft, cleanSpeeds(1), { ...target, recipients: [recipientOf("x", 20)] }, identity, p);
		for (let at = 0; at < private_.bytes.length; at += 7) {
			const broken = private_.bytes.slice();
			broken[at] = (broken[at] ?? 0) ^ 0x55;
			try {
				openEnvelope(broken, openerOf(20), p);
			} catch (error) {
				expect(String(error)).not.toMatch(/Vehicle\.Speed/);
			}
		}
	});
});

describe("verifyEnvelope", () => {
	it("needs no key to open, and tells that it verified", () => {
		expect(verifyEnvelope(sealed.bytes, openerOf().unitKeys, p)).toEqual({ label: sealed.label, keyId: identity.keyId, verified: true });
	});
});

describe("readLabel", () => {
	it("needs no key at all, and tells that nothing was verified", () => {
		const forged = sealed.bytes.slice();
		forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
		expect(readLabel(forged)).toEqual({ label: sealed.label, keyId: identity.keyId, verified: false });
		expect(codeOf(() => verifyEnvelope(forged, openerOf().unitKeys, p))).toBe("ENVELOPE_SIGNATURE");
	});
});
