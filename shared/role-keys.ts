/**
 * The secret keys of the roles that sign law. They belong to whoever signs, never to a unit; people who share a threshold hold one file each.
 */
import * as v from "valibot";
import { fromHex, toHex } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Primitives } from "./primitives.ts";

/** The four roles that every TUF repository has (TUF specification 2.1). */
export const topRoles = ["root", "targets", "snapshot", "timestamp"] as const;
/** The roles that `targets` delegates to: who may write which part of the law. */
export const delegatedRoles = ["catalogue", "policy", "authorisations", "places", "halt"] as const;
export const signingRoles = [...topRoles, ...delegatedRoles] as const;

export type DelegatedRole = (typeof delegatedRoles)[number];
export type SigningRole = (typeof signingRoles)[number];

/** How many different keys must sign for a role: evidence that widens the floor needs two people (architecture, section 6). */
export const thresholdOf = (role: SigningRole): number => (role === "authorisations" ? 2 : 1);

const hex64 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits"));

export const RoleKeySchema = v.strictObject({
	role: v.picklist(signingRoles),
	/** The TUF key id: SHA-256 over the canonical JSON of the public key. */
	keyId: hex64,
	/** Ed25519 seed. */
	seed: hex64,
	/** Replaced by a newer key. A retired root key still signs the root that replaces it, and nothing else. */
	retired: v.optional(v.boolean()),
});

export const RoleKeysFileSchema = v.strictObject({
	kind: v.literal("role-keys"),
	keys: v.pipe(v.array(RoleKeySchema), v.maxLength(100)),
});

export type RoleKey = v.InferOutput<typeof RoleKeySchema>;
export type RoleKeysFile = v.InferOutput<typeof RoleKeysFileSchema>;

/** A public key as TUF metadata writes it. */
export interface TufKey {
	readonly keytype: "ed25519";
	readonly scheme: "ed25519";
	readonly keyval: { readonly public: string };
	readonly [key: string]: string | { readonly public: string };
}

/** The public half of a key. */
export const publicKeyOf = ({ seed }: Pick<RoleKey, "seed">, crypto: Primitives): TufKey => ({
	keytype: "ed25519",
	scheme: "ed25519",
	keyval: { public: toHex(crypto.ed25519Public(seedBytes(seed))) },
});

/** The seed's bytes; the schema has checked the digits. */
export const seedBytes = (seed: string): Uint8Array => fromHex(seed) ?? new Uint8Array();

/** A fresh key for a role. */
export const makeRoleKey = (role: SigningRole, crypto: Primitives): RoleKey => {
	const seed = toHex(crypto.randomBytes(32));
	const keyId = toHex(crypto.sha256(new TextEncoder().encode(canonicalJson(publicKeyOf({ seed }, crypto)))));
	return { role, keyId, seed };
};

/** Fresh keys for all roles, as many for each as its threshold. */
export const makeRoleKeys = (crypto: Primitives): RoleKeysFile => ({
	kind: "role-keys",
	keys: signingRoles.flatMap((role) => Array.from({ length: thresholdOf(role) }, () => makeRoleKey(role, crypto))),
});

/** The file with a fresh key in place of every key of the role; the old ones stay in it, retired, because the next root needs the root's. */
export const rotateRole = (file: RoleKeysFile, role: SigningRole, crypto: Primitives): RoleKeysFile => {
	const fresh = keysOf(file, role).map(() => makeRoleKey(role, crypto));
	const rest = file.keys.map((key) => (key.role === role ? { ...key, retired: true } : key));
	return { kind: "role-keys", keys: [...rest, ...fresh] };
};

/** The keys that sign for a role now. */
export const keysOf = (file: RoleKeysFile, role: SigningRole): readonly RoleKey[] =>
	file.keys.filter((key) => key.role === role && key.retired !== true);
