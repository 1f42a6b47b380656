/**
 * The COSE working group's examples. What an envelope uses is checked against every example that uses it; the signature, cipher and curve
 * that envelopes do not use (ES256, AES-GCM, P-256, P-521) are handed in from node:crypto, so that structure, headers and key derivation are
 * checked by more examples.
 */
import { spawnSync } from "node:child_process";
import { createDecipheriv, createECDH, createPublicKey, verify } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fromHex } from "../../shared/bytes.ts";
import type { CborMap } from "../../shared/cbor-value.ts";
import { type ContentCipher, chachaCipher, openContent, parseEncrypt, parseEncrypt0 } from "../../shared/cose-encrypt.ts";
import { coseHeader, headerOf } from "../../shared/cose-header.ts";
import { type RecipientSecret, unwrapContentKey, x25519Secret } from "../../shared/cose-recipient.ts";
import { type CoseVerifier, parseSign1, verifySign1 } from "../../shared/cose-sign1.ts";
import { KerbError } from "../../shared/errors.ts";
import { dataPath, hasData } from "../data.ts";
import { primitives as p } from "../seal/sample-envelope.ts";

interface Key {
	readonly kty: string;
	readonly crv?: string;
	readonly k?: string;
	readonly x?: string;
	readonly x_hex?: string;
	readonly y?: string;
	readonly y_hex?: string;
	readonly d?: string;
	readonly d_hex?: string;
}

interface Layer {
	readonly external?: string;
	readonly key?: Key;
	readonly recipients?: readonly { readonly key: Key }[];
	readonly signers?: readonly { readonly key: Key }[];
}

interface Example {
	readonly title: string;
	readonly fail?: boolean;
	readonly input: {
		readonly plaintext?: string;
		readonly plaintext_hex?: string;
		readonly sign0?: Layer;
		readonly sign?: Layer;
		readonly encrypted?: Layer;
		readonly enveloped?: Layer;
	};
	readonly intermediates: { readonly CEK_hex?: string };
	readonly output: { readonly cbor: string };
}

const archive = ["crypto", "cose-wg-Examples.tar.gz"] as const;
const folder = mkdtempSync(join(tmpdir(), "kerbstone-cose-"));
if (hasData(...archive)) spawnSync("tar", ["-xzf", dataPath(...archive), "-C", folder]);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lenient = { deterministic: false, untagged: true };
const load = (name: string): Example => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
const hex = (text: string | undefined): Uint8Array => fromHex(text ?? "") ?? new Uint8Array();
const base64 = (text: string | undefined): Uint8Array => Uint8Array.from(Buffer.from(text ?? "", "base64url"));
const part = (key: Key, name: "x" | "y" | "d"): Uint8Array =>
	key[`${name}_hex`] === undefined ? base64(key[name]) : hex(key[`${name}_hex`]);

const aesGcm = (algorithm: number, keyBytes: number): ContentCipher => ({
	algorithm,
	keyBytes,
	nonceBytes: 12,
	open: (key, nonce, aad, sealed) => {
		const decipher = createDecipheriv(`aes-${keyBytes * 8}-gcm` as "aes-128-gcm", key, nonce);
		decipher.setAAD(aad);
		decipher.setAuthTag(sealed.subarray(-16));
		const opened = decipher.update(sealed.subarray(0, -16));
		try {
			decipher.final();
			return opened;
		} catch {
			return undefined;
		}
	},
});
const ciphers = [chachaCipher(p), aesGcm(1, 16), aesGcm(2, 24), aesGcm(3, 32)];

const verifierOf = (key: Key): CoseVerifier =>
	key.crv === "Ed25519"
		? { algorithm: -8, verify: (bytes, signature) => p.ed25519Verify(part(key, "x"), bytes, signature) }
		: {
				algorithm: -7,
				verify: (bytes, signature) => {
					const [x, y] = [part(key, "x"), part(key, "y")].map((bytes) => Buffer.from(bytes).toString("base64url"));
					if (x === undefined || y === undefined) return false;
					const publicKey = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
					return verify("sha256", bytes, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
				},
			};

const curves = new Map([
	[1, { name: "prime256v1", bytes: 32 }],
	[3, { name: "secp521r1", bytes: 66 }],
]);

const secretOf = (key: Key): RecipientSecret =>
	key.kty === "OKP" ? x25519Secret(part(key, "d"), undefined, p) : { keyId: undefined, agree: (ephemeral) => agreeOnCurve(key, ephemeral) };

const agreeOnCurve = (key: Key, ephemeral: CborMap): Uint8Array | undefined => {
	const curve = curves.get(Number(ephemeral.get(-1)));
	const [x, y] = [ephemeral.get(-2), ephemeral.get(-3)];
	if (curve === undefined || !(x instanceof Uint8Array)) return undefined;
	const ecdh = createECDH(curve.name);
	ecdh.setPrivateKey(part(key, "d"));
	const head = y instanceof Uint8Array ? 4 : y === true ? 3 : 2;
	const point = Buffer.concat([Buffer.of(head), pad(x, curve.bytes), y instanceof Uint8Array ? pad(y, curve.bytes) : Buffer.alloc(0)]);
	return pad(ecdh.computeSecret(point), curve.bytes);
};

const pad = (bytes: Uint8Array, length: number): Buffer => Buffer.concat([Buffer.alloc(Math.max(0, length - bytes.length)), bytes]);

/** The plaintext of an example, or undefined when the message is refused. */
const open = (example: Example): string | undefined => {
	const { sign0, encrypted, enveloped } = example.input;
	const bytes = hex(example.output.cbor);
	const externalAad = hex((sign0 ?? encrypted ?? enveloped)?.external);
	try {
		if (sign0 !== undefined) {
			const message = parseSign1(bytes, lenient);
			return sign0.key !== undefined && verifySign1(message, verifierOf(sign0.key), externalAad) ? text(message.payload) : undefined;
		}
		const message = encrypted === undefined ? parseEncrypt(bytes, lenient) : parseEncrypt0(bytes, lenient);
		const cipher = ciphers.find(({ algorithm }) => algorithm === headerOf(message, coseHeader.algorithm));
		const key = (encrypted ?? enveloped)?.recipients?.[0]?.key;
		if (cipher === undefined || key === undefined) return undefined;
		const recipient = message.recipients[0];
		const direct = recipient === undefined || headerOf(recipient, coseHeader.algorithm) === -6;
		const contentKey = direct ? base64(key.k) : unwrapContentKey(recipient, secretOf(key), cipher, p);
		if (example.intermediates.CEK_hex !== undefined && !example.fail)
			expect(contentKey && Buffer.from(contentKey)).toEqual(Buffer.from(hex(example.intermediates.CEK_hex)));
		return contentKey && text(openContent(message, cipher, contentKey, externalAad));
	} catch (error) {
		if (error instanceof KerbError) return undefined;
		throw error;
	}
};

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);

const numbered = (prefix: string, ...numbers: readonly string[]): string[] => numbers.map((number) => `${prefix}-${number}`);

/** By name: everything in the archive that the COSE layer here can be asked. */
const opened: readonly string[] = [
	"eddsa-examples/eddsa-sig-01",
	"chacha-poly-examples/chacha-poly-01",
	"chacha-poly-examples/chacha-poly-enc-01",
	"X25519-tests/x25519-hkdf-256-direct",
	...numbered("ecdh-direct-examples/p256-hkdf-256", "01", "02"),
	...numbered("ecdh-direct-examples/p521-hkdf-256", "01", "02"),
	...["128", "192", "256"].flatMap((bits) => numbered(`ecdh-wrap-examples/p256-wrap-${bits}`, "01", "02")),
	...["128", "192", "256"].flatMap((bits) => numbered(`ecdh-wrap-examples/p521-wrap-${bits}`, "01", "02")),
	"ecdsa-examples/ecdsa-sig-01",
	...numbered("aes-gcm-examples/aes-gcm", "01", "02", "03"),
	...numbered("aes-gcm-examples/aes-gcm-enc", "01", "02", "03"),
	"sign1-tests/sign-pass-01",
	"sign1-tests/sign-pass-02",
	"sign1-tests/sign-pass-03",
	"encrypted-tests/aes-gcm-01",
	...numbered("encrypted-tests/enc-pass", "01", "02", "03"),
	"enveloped-tests/aes-gcm-01",
	...numbered("enveloped-tests/env-pass", "01", "02", "03"),
	"RFC8152/Appendix_C_2_1",
	"RFC8152/Appendix_C_3_1",
	"CWT/A_3",
];

const refused: readonly string[] = [
	...numbered("sign1-tests/sign-fail", "01", "02", "03", "04", "06", "07"),
	...numbered("encrypted-tests/enc-fail", "01", "02", "03", "04", "06", "07"),
	...numbered("enveloped-tests/env-fail", "01", "02", "03", "04", "06", "07"),
	"aes-gcm-examples/aes-gcm-04",
	"aes-gcm-examples/aes-gcm-enc-04",
];

/** What is not asked, and why; together with the two lists above it is the whole archive. */
const notAsked: readonly (readonly [RegExp, string])[] = [
	[/^(?:mac|mac0)-tests|^hmac-|^cbc-mac-|^(?:hkdf-)|^RFC8152\/Appendix_C_[56]|^CWT\/A_[47]$/, "MACs, symmetric key derivation"],
	[/^ecdh-.*-03$|^countersign1?\/mac/, "MACs as content"],
	[/^aes-ccm-|^RFC8152\/Appendix_C_(?:3_2|4_\d)$|^CWT\/A_[56]$/, "AES-CCM"],
	[/^aes-wrap-|^RFC8152\/Appendix_B$/, "AES key wrap without key agreement"],
	[/-ss-|^RFC8152\/Appendix_C_3_4$/, "static-static key agreement"],
	[/^ecdh-direct-examples\/.*hkdf-512/, "HKDF-SHA-512"],
	[/^sign-tests|^(?:ecdsa-examples\/ecdsa|eddsa-examples\/eddsa)-\d|^RFC8152\/Appendix_C_1/, "COSE_Sign with several signers"],
	[/^ecdsa-examples\/ecdsa-sig-0[234]$/, "ES384, ES512"],
	[/^eddsa-examples\/eddsa-sig-02$/, "Ed448"],
	[/^rsa-|^hashsig|^x509-examples/, "RSA, hash-based signatures, certificates"],
	[/^countersign|^RFC8152\/Appendix_C_3_3$/, "countersignatures"],
	[/-05$/, "partial nonces"],
];

describe.skipIf(!hasData(...archive))("COSE working group examples (needs shared data crypto)", () => {
	it.each(opened)("%s opens to its plaintext", (name) => {
		const example = load(name);
		expect(example.fail).not.toBe(true);
		expect(open(example)).toBe(example.input.plaintext ?? text(hex(example.input.plaintext_hex)));
	});

	it.each(refused)("%s is refused", (name) => {
		expect(load(name).fail).toBe(true);
		expect(open(load(name))).toBeUndefined();
	});

	it("are all asked, or not for a reason that is listed", () => {
		const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap((name) => name.match(/^(.+\/.+)\.json$/)?.[1] ?? []);
		const known = new Set([...opened, ...refused]);
		expect(names.length).toBeGreaterThan(200);
		expect(names.filter((name) => !known.has(name) && !notAsked.some(([pattern]) => pattern.test(name)))).toEqual([]);
		expect([...known].filter((name) => notAsked.some(([pattern]) => pattern.test(name)))).toEqual([]);
	});
});
