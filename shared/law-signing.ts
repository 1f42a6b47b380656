/**
 * The file with the secret keys of law roles. It belongs to whoever signs, never to a unit.
 */
import * as v from "valibot";
import { fromHex, toHex } from "./bytes.ts";
import { KerbError } from "./errors.ts";
import { type LawRole, lawRoles, type Root, type Signatures, signedBytes } from "./law.ts";
import type { Primitives } from "./primitives.ts";

export const RoleKeysFileSchema = v.strictObject({
	kind: v.literal("role-keys"),
	keys: v.pipe(
		v.array(
			v.strictObject({
				role: v.picklist(["root", ...lawRoles]),
				keyId: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
				/** Ed25519 seed. */
				seed: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
			}),
		),
		v.maxLength(100),
	),
});

export type RoleKeysFile = v.InferOutput<typeof RoleKeysFileSchema>;

/** One fresh key for the root and for each role. */
export const makeRoleKeys = (crypto: Primitives): RoleKeysFile => ({
	kind: "role-keys",
	keys: (["root", ...lawRoles] as const).map((role) => {
		const seed = crypto.randomBytes(32);
		return { role, keyId: keyIdOf(crypto.ed25519Public(seed), crypto), seed: toHex(seed) };
	}),
});

/** A root that gives each role the keys of the file, with a threshold of one. */
export const rootOf = (file: RoleKeysFile, crypto: Primitives): Root => {
	const roleKeys = (role: LawRole | "root") => ({
		keyIds: file.keys.filter((key) => key.role === role).map(({ keyId }) => keyId),
		threshold: 1,
	});
	return {
		kind: "root",
		version: 1,
		keys: Object.fromEntries(file.keys.map(({ keyId, seed }) => [keyId, { ed25519: toHex(crypto.ed25519Public(keyBytes(seed))) }])),
		roles: {
			root: roleKeys("root"),
			catalogue: roleKeys("catalogue"),
			policy: roleKeys("policy"),
			outlets: roleKeys("outlets"),
			consents: roleKeys("consents"),
		},
	};
};

/**
 * Signs a document's bytes with every key that the file has for the role.
 *
 * @throws KerbError KEY_INVALID when it has none.
 */
export const signDocument = (role: LawRole | "root", document: Uint8Array, file: RoleKeysFile, crypto: Primitives): Signatures => {
	const keys = file.keys.filter((key) => key.role === role);
	if (keys.length === 0)
		throw new KerbError(
			"KEY_INVALID",
			`the key file has no key of role "${role}"; it has: ${[...new Set(file.keys.map((key) => key.role))].join(", ")}`,
		);
	const message = signedBytes(role, document);
	return {
		kind: "signatures",
		signatures: keys.map(({ keyId, seed }) => ({ keyId, ed25519: toHex(crypto.ed25519Sign(keyBytes(seed), message)) })),
	};
};

/** The first 8 bytes of the public key's SHA-256. */
const keyIdOf = (publicKey: Uint8Array, crypto: Primitives): string => toHex(crypto.sha256(publicKey).subarray(0, 8));

/** The schema has checked the digits already. */
const keyBytes = (digits: string): Uint8Array => fromHex(digits) ?? new Uint8Array();
