/**
 * Reads the metadata that a unit has stored, as one chain from root to the delegated roles, and lists what those roles sign. Expiry is not
 * judged: stored metadata was current when it was taken, and a unit obeys its last good law for as long as the policy says. Everything else
 * is checked again, so that bytes which rotted or were half written are found out.
 *
 * Beyond TUF two things are required, because the floor rests on them: a delegated role may not be signed by fewer keys than the law
 * demands, and one key under two ids does not count as two.
 */
import { type Key, type Metadata, MetadataKind, Metadata as TufMetadata } from "@tufjs/models";
import { KerbError } from "../../shared/errors.ts";
import { type DelegatedRole, delegatedRoles, thresholdOf } from "../../shared/role-keys.ts";
import { tufRefusal } from "./tuf-refusal.ts";

/** One entry of a delegated role that the role may make. */
export interface SignedTarget {
	readonly role: DelegatedRole;
	/** Such as `policy/fleet.json`. */
	readonly path: string;
	readonly length: number;
	readonly sha256: string;
	/** As signed, not checked. */
	readonly custom: unknown;
}

export interface StoredMetadata {
	readonly targets: readonly SignedTarget[];
	/** UTC milliseconds at which the timestamp ends. */
	readonly timestampEndsMs: number;
}

/** The bytes of a piece of metadata by its role; undefined when it is not there. */
export type StoredFile = (role: string) => Uint8Array | undefined;

/** @throws KerbError LAW_MISSING, LAW_SIGNATURE, LAW_ROLLBACK or LAW_INVALID when the files are not one whole chain. */
export const readStoredMetadata = (file: StoredFile): StoredMetadata => {
	try {
		return readChain(file);
	} catch (error) {
		throw tufRefusal(error, undefined);
	}
};

const readChain = (file: StoredFile): StoredMetadata => {
	const root = TufMetadata.fromJSON(MetadataKind.Root, json(file, "root").value);
	root.verifyDelegate("root", root);
	const timestamp = TufMetadata.fromJSON(MetadataKind.Timestamp, json(file, "timestamp").value);
	root.verifyDelegate("timestamp", timestamp);
	const snapshotFile = json(file, "snapshot");
	timestamp.signed.snapshotMeta.verify(snapshotFile.bytes);
	const snapshot = TufMetadata.fromJSON(MetadataKind.Snapshot, snapshotFile.value);
	root.verifyDelegate("snapshot", snapshot);
	checkVersion("snapshot", snapshot.signed.version, timestamp.signed.snapshotMeta.version);

	const targetsOf = (role: string, delegator: Pick<Metadata<never>, "verifyDelegate">) => {
		const stored = json(file, role);
		const meta = snapshot.signed.meta[`${role}.json`];
		if (meta === undefined) throw new KerbError("LAW_INVALID", `the law's snapshot does not name ${role}.json`);
		meta.verify(stored.bytes);
		const metadata = TufMetadata.fromJSON(MetadataKind.Targets, stored.value);
		delegator.verifyDelegate(role, metadata);
		checkVersion(role, metadata.signed.version, meta.version);
		return metadata;
	};
	const top = targetsOf("targets", root);
	const delegations = top.signed.delegations;
	if (delegations?.roles === undefined) throw new KerbError("LAW_INVALID", "targets.json names no roles that may sign law");
	const targets: SignedTarget[] = [];
	for (const role of delegatedRoles) {
		const delegation = delegations.roles[role];
		if (delegation === undefined) continue;
		checkKeys(role, delegation.keyIDs, delegation.threshold, delegations.keys);
		for (const target of Object.values(targetsOf(role, top).signed.targets)) {
			// What another role is asked first for is not this one's to say.
			const [first] = [...delegations.rolesForTarget(target.path)];
			if (first?.role !== role) continue;
			const { sha256 } = target.hashes;
			if (sha256 === undefined) throw new KerbError("LAW_INVALID", `${role}.json gives no SHA-256 for a target`);
			targets.push({ role, path: target.path, length: target.length, sha256, custom: target.custom });
		}
	}
	return { targets, timestampEndsMs: Date.parse(timestamp.signed.expires) };
};

const checkVersion = (role: string, version: number, expected: number): void => {
	if (version === expected) return;
	throw new KerbError("LAW_ROLLBACK", `${role}.json has version ${version}, but version ${expected} belongs to the rest of the law`);
};

const checkKeys = (role: DelegatedRole, keyIds: readonly string[], threshold: number, keys: Readonly<Record<string, Key>>): void => {
	if (threshold < thresholdOf(role)) {
		throw new KerbError("LAW_SIGNATURE", `role "${role}" must be signed by ${thresholdOf(role)} keys; the law asks for ${threshold}`);
	}
	const values = keyIds.map((id) => keys[id]?.keyVal.public);
	if (new Set(values).size < values.length) throw new KerbError("LAW_SIGNATURE", `role "${role}" has one key twice`);
};

const json = (file: StoredFile, role: string) => {
	const bytes = file(role);
	if (bytes === undefined) throw new KerbError("LAW_MISSING", `the law's ${role}.json is not there`);
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return { bytes: buffer, value: JSON.parse(buffer.toString("utf8")) };
};
