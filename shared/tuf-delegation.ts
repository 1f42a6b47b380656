/**
 * Which keys a role has: in the root for the four top roles, in `targets` for the roles that it delegates to, and how a change of keys gets
 * there.
 */
import * as v from "valibot";
import type { CanonicalValue } from "./canonical-json.ts";
import { lawKinds, roleOfKind } from "./law-targets.ts";
import { parseValue } from "./parse-document.ts";
import type { Primitives } from "./primitives.ts";
import { keysOf, publicKeyOf, type RoleKeysFile, type SigningRole, type TufKey, thresholdOf } from "./role-keys.ts";
import type { Signers, TufMetadata } from "./tuf-metadata.ts";

export interface Delegation {
	readonly keys: Readonly<Record<string, TufKey>>;
	readonly roles: Readonly<Partial<Record<SigningRole, { readonly keyids: readonly string[]; readonly threshold: number }>>>;
}

/** The roles that a root or a targets role has given keys to. */
export interface KnownSigners {
	/** Nobody, with a threshold of one, for a role that it does not know. */
	of(role: SigningRole): Signers;
}

const KeySchema = v.strictObject({
	keytype: v.literal("ed25519"),
	scheme: v.literal("ed25519"),
	keyval: v.strictObject({ public: v.string() }),
});
const RoleSchema = v.looseObject({ keyids: v.array(v.string()), threshold: v.number() });
const RootSchema = v.looseObject({ keys: v.record(v.string(), KeySchema), roles: v.record(v.string(), RoleSchema) });
const TargetsSchema = v.looseObject({
	delegations: v.looseObject({
		keys: v.record(v.string(), KeySchema),
		roles: v.array(v.looseObject({ name: v.string(), keyids: v.array(v.string()), threshold: v.number() })),
	}),
});

/** @throws KerbError LAW_INVALID when the metadata is not one that this project's own tools have made. */
export const rootSigners = ({ signed }: TufMetadata): KnownSigners => {
	if (signed._type === "root") {
		const { keys, roles } = parseValue(RootSchema, signed, "root.json", "LAW_INVALID");
		return { of: (role) => ({ keys, keyids: roles[role]?.keyids ?? [], threshold: roles[role]?.threshold ?? 1 }) };
	}
	const { keys, roles } = parseValue(TargetsSchema, signed, "targets.json", "LAW_INVALID").delegations;
	return {
		of: (role) => {
			const found = roles.find(({ name }) => name === role);
			return { keys, keyids: found?.keyids ?? [], threshold: found?.threshold ?? 1 };
		},
	};
};

/**
 * The keys of each role from now on: those it had, without the ones that the file marks as retired and with the file's fresh ones in their
 * place. A file that holds only some keys of a role changes nothing for it.
 */
export const delegationOf = (
	names: readonly SigningRole[],
	file: RoleKeysFile,
	before: KnownSigners | undefined,
	crypto: Primitives,
): Delegation => {
	const keys: Record<string, TufKey> = {};
	const roles: Partial<Record<SigningRole, { keyids: string[]; threshold: number }>> = {};
	for (const role of names) {
		const had = before?.of(role);
		const retired = new Set(file.keys.filter((key) => key.role === role && key.retired === true).map(({ keyId }) => keyId));
		const kept = (had?.keyids ?? []).filter((keyId) => !retired.has(keyId));
		const isChange = had === undefined || had.keyids.length === 0 || kept.length < had.keyids.length;
		const fresh = isChange ? keysOf(file, role).filter(({ keyId }) => !kept.includes(keyId)) : [];
		for (const keyId of kept) {
			const key = had?.keys[keyId];
			if (key !== undefined) keys[keyId] = key;
		}
		for (const key of fresh) keys[key.keyId] = publicKeyOf(key, crypto);
		roles[role] = { keyids: [...kept, ...fresh.map(({ keyId }) => keyId)], threshold: thresholdOf(role) };
	}
	return { keys, roles };
};

/** The root's content. */
export const rootPart = ({ keys, roles }: Delegation): { readonly _type: string } & { readonly [key: string]: CanonicalValue } => ({
	_type: "root",
	consistent_snapshot: true,
	keys: { ...keys },
	roles: Object.fromEntries(Object.entries(roles).map(([role, { keyids, threshold }]) => [role, { keyids, threshold }])),
});

/** The `delegations` of the targets role: each delegated role signs its own folders and nobody else does. */
export const delegationsPart = ({ keys, roles }: Delegation): CanonicalValue => ({
	keys: { ...keys },
	roles: Object.entries(roles).map(([name, { keyids, threshold }]) => ({
		name,
		keyids,
		threshold,
		terminating: true,
		paths: lawKinds.filter((kind) => roleOfKind[kind] === name).map((kind) => `${kind}/*`),
	})),
});
