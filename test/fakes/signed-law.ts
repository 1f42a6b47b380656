/**
 * Law folders in memory for tests: real keys and real signatures by node:crypto, so that the product's own signing is not its own judge.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import type { LawCrypto, LawFiles, SignedFile } from "../../agent/law/verify-law.ts";
import { type LawRole, lawRoles, signedBytes } from "../../shared/law.ts";

/** A key pair from one repeated byte, so that tests are the same at every run. */
export const testKey = (byte: number) => {
	const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, byte)]);
	const secret = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
	const publicKey = createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32);
	const ed25519 = publicKey.toString("hex");
	return { secret, ed25519, keyId: createHash("sha256").update(publicKey).digest("hex").slice(0, 16) };
};

export type TestKey = ReturnType<typeof testKey>;

export const testCrypto: LawCrypto = {
	sha256: (bytes) => createHash("sha256").update(bytes).digest(),
	ed25519Verify: (publicKey, message, signature) => {
		const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), publicKey]);
		return verify(null, message, createPublicKey({ key: spki, format: "der", type: "spki" }), signature);
	},
};

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Signs bytes for a role with each of the keys. */
export const signFor = (role: LawRole | "root", bytes: Uint8Array, keys: readonly TestKey[]): SignedFile => ({
	bytes,
	signatures: bytesOf({
		kind: "signatures",
		signatures: keys.map(({ keyId, secret }) => ({ keyId, ed25519: sign(null, signedBytes(role, bytes), secret).toString("hex") })),
	}),
});

export const roleKeys: Readonly<Record<LawRole | "root", TestKey>> = {
	root: testKey(1),
	catalogue: testKey(2),
	policy: testKey(3),
	outlets: testKey(4),
	consents: testKey(5),
};

/** A root with one key a role; `extra` changes what a test is about. */
export const rootDocument = (extra: (root: Record<string, unknown>) => void = () => {}): Uint8Array => {
	const root: Record<string, unknown> = {
		kind: "root",
		version: 1,
		keys: Object.fromEntries(Object.values(roleKeys).map(({ keyId, ed25519 }) => [keyId, { ed25519 }])),
		roles: Object.fromEntries(Object.entries(roleKeys).map(([role, { keyId }]) => [role, { keyIds: [keyId], threshold: 1 }])),
	};
	extra(root);
	return bytesOf(root);
};

/** Signs each document with its role's key. */
export const signedLaw = (documents: Partial<Record<LawRole, unknown>>, root: Uint8Array = rootDocument()): LawFiles => ({
	root: signFor("root", root, [roleKeys.root]),
	documents: Object.fromEntries(
		lawRoles.flatMap((role) => (documents[role] === undefined ? [] : [[role, signFor(role, bytesOf(documents[role]), [roleKeys[role]])]])),
	),
});
