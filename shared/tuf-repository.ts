/**
 * A TUF repository of law, made or taken one version further: documents, keys and what there was before go in, files come out. Pure; whoever
 * wants the files on a disk or a web server writes them, in the order in which they come, so that a unit that looks in between finds the old
 * repository or the new one.
 *
 *   targets/<kind>/<sha256>.<name>     the documents
 *   metadata/<n>.root.json             which keys the roles have; each signed by the keys of the one before it too
 *   metadata/<n>.<role>.json           targets (who signs what), and the documents of each delegated role
 *   metadata/<n>.snapshot.json         which versions belong together
 *   metadata/timestamp.json            the newest snapshot; short-lived
 *   root.json                          the first root, which units are provisioned with
 *   pending/<n>.<role>.json            metadata that lacks signatures, all of them or some; not for units
 */
import { toHex } from "./bytes.ts";
import { type CanonicalValue, canonicalJson } from "./canonical-json.ts";
import { KerbError } from "./errors.ts";
import { type Audience, type LawKind, roleOfKind } from "./law-targets.ts";
import type { Primitives } from "./primitives.ts";
import { type DelegatedRole, delegatedRoles, keysOf, type RoleKeysFile, type SigningRole, thresholdOf, topRoles } from "./role-keys.ts";
import { type Delegation, delegationOf, delegationsPart, rootPart, rootSigners } from "./tuf-delegation.ts";
import {
	countSigners,
	encodeMetadata,
	parseMetadata,
	type SignedPart,
	type Signers,
	specVersion,
	type TufMetadata,
	withSignatures,
} from "./tuf-metadata.ts";

export interface RepositoryFile {
	readonly path: string;
	readonly bytes: Uint8Array;
}

export interface RepositoryDocument {
	readonly kind: LawKind;
	/** The file's name, such as `cn.json`. */
	readonly name: string;
	readonly bytes: Uint8Array;
	/** For whom it is meant; absent: for everybody. */
	readonly for?: Audience | undefined;
}

/** For how long a signature holds, in days. */
export interface LifeDays {
	readonly root: number;
	/** Of `targets` and the delegated roles. */
	readonly roles: number;
	readonly snapshot: number;
	readonly timestamp: number;
}

export const defaultLifeDays: LifeDays = { root: 365, roles: 90, snapshot: 14, timestamp: 7 };

export interface RepositoryInput {
	readonly keys: RoleKeysFile;
	/** All documents of the law, not only changed ones. */
	readonly documents: readonly RepositoryDocument[];
	/** What lies under metadata/ and pending/ now, by path; absent: a new repository. */
	readonly previous?: ReadonlyMap<string, Uint8Array>;
	/** Roles that get a new version although nothing of theirs changed, to hold longer: whoever has their keys must sign it. */
	readonly renew?: readonly SigningRole[];
	/** UTC milliseconds. */
	readonly nowMs: number;
	readonly lifeDays?: Partial<LifeDays>;
}

/** A role whose metadata waits for more signatures. */
export interface MissingSignatures {
	readonly role: SigningRole;
	readonly have: number;
	readonly need: number;
}

export interface MadeRepository {
	/** New and changed files, in the order in which they are to be written. */
	readonly files: readonly RepositoryFile[];
	/** Not empty: nothing of it can be seen by units yet; the same call with the other keys goes on from there. */
	readonly missing: readonly MissingSignatures[];
}

const dayMs = 86_400_000;

/**
 * The next state of a repository. A role gets a new version when its documents or keys changed or half of its life is over; snapshot and
 * timestamp get one every time. Keys that the file has for a role replace those that it marks as retired, and no others.
 *
 * @throws KerbError LAW_INVALID when a previous file is not TUF metadata or two documents have one place; KEY_INVALID when a new repository is
 * asked for without keys of every role.
 */
export const makeRepository = (input: RepositoryInput, crypto: Primitives): MadeRepository => {
	const { keys, nowMs, documents } = input;
	const previous = input.previous ?? new Map<string, Uint8Array>();
	const life = { ...defaultLifeDays, ...input.lifeDays };
	const missing: MissingSignatures[] = [];
	const metadata: RepositoryFile[] = [];
	const pending: RepositoryFile[] = [];

	const oldRoot = newestOf(previous, "metadata", "root");
	const oldTargets = newestOf(previous, "metadata", "targets");
	if (oldRoot === undefined) {
		const lacking = [...topRoles, ...delegatedRoles].filter((role) => keysOf(keys, role).length < thresholdOf(role));
		if (lacking.length > 0) throw new KerbError("KEY_INVALID", `a new repository needs keys of every role; missing: ${lacking.join(", ")}`);
	}

	/** Makes the next version of a role when it needs one; undefined when it lacks signatures. */
	const next = (
		role: SigningRole,
		content: Content,
		signers: readonly Signers[],
		lifeDays: number,
		always = input.renew?.includes(role) === true,
	): TufMetadata | undefined => {
		const old = newestOf(previous, "metadata", role);
		const fresh = (Date.parse(old?.signed.expires ?? "") - nowMs) * 2 > lifeDays * dayMs;
		const isSame = old !== undefined && sameContent(old.signed, content) && isComplete(old, signers.slice(-1), crypto);
		const own = keys.keys.filter(({ role: of, keyId }) => of === role && signers.some(({ keyids }) => keyids.includes(keyId)));
		if (old !== undefined && isSame && !always && (fresh || own.length === 0)) return old;
		const version = (old?.signed.version ?? 0) + 1;
		const begun = newestOf(previous, "pending", role);
		const signed: SignedPart =
			begun?.signed.version === version && sameContent(begun.signed, content)
				? begun.signed
				: { ...content, spec_version: specVersion, version, expires: isoAt(nowMs + lifeDays * dayMs) };
		const made = withSignatures({ signatures: begun?.signed === signed ? begun.signatures : [], signed }, own, crypto);
		if (isComplete(made, signers, crypto)) {
			metadata.push({ path: pathOf("metadata", role, version), bytes: encodeMetadata(made) });
			return made;
		}
		// A longer life can wait for whoever holds the other keys; a change cannot.
		if (isSame && !always) {
			if (made.signatures.length > 0) pending.push({ path: pathOf("pending", role, version), bytes: encodeMetadata(made) });
			return old;
		}
		const worst = signers.find((each) => !isComplete(made, [each], crypto));
		missing.push({ role, have: worst === undefined ? 0 : countSigners(made, worst, crypto), need: worst?.threshold ?? 1 });
		pending.push({ path: pathOf("pending", role, version), bytes: encodeMetadata(made) });
		return undefined;
	};

	const before = oldRoot && rootSigners(oldRoot);
	const roots = delegationOf(topRoles, keys, before, crypto);
	const root = next(
		"root",
		rootPart(roots),
		before === undefined ? [signersOf(roots, "root")] : [before.of("root"), signersOf(roots, "root")],
		life.root,
	);
	const delegation = delegationOf(delegatedRoles, keys, oldTargets && rootSigners(oldTargets), crypto);
	const roles = new Map<string, TufMetadata | undefined>([
		[
			"targets",
			next(
				"targets",
				{ _type: "targets", targets: {}, delegations: delegationsPart(delegation) },
				[signersOf(roots, "targets")],
				life.roles,
			),
		],
	]);
	for (const role of delegatedRoles) {
		const targets = targetsOf(role, documents, crypto);
		roles.set(role, next(role, { _type: "targets", targets }, [signersOf(delegation, role)], life.roles));
	}
	const files = [...documents.map((document) => targetFile(document, crypto)), ...pending];
	if (root === undefined || missing.length > 0) return { files: [...files, ...metadata.filter(({ path }) => !isRoot(path))], missing };

	const meta: Record<string, CanonicalValue> = {};
	for (const [role, each] of roles) if (each !== undefined) meta[`${role}.json`] = describe(each, previous, metadata, role, crypto);
	const snapshot = next("snapshot", { _type: "snapshot", meta }, [signersOf(roots, "snapshot")], life.snapshot, true);
	if (snapshot !== undefined) {
		const described = { "snapshot.json": describe(snapshot, previous, metadata, "snapshot", crypto) };
		next("timestamp", { _type: "timestamp", meta: described }, [signersOf(roots, "timestamp")], life.timestamp, true);
	}
	const first = oldRoot === undefined ? metadata.filter(({ path }) => isRoot(path)).map(({ bytes }) => ({ path: "root.json", bytes })) : [];
	// Without a timestamp nobody sees the rest; a root is seen at once, so it goes with the whole or not at all.
	const whole = missing.length === 0 ? metadata : metadata.filter(({ path }) => !isRoot(path));
	return { files: [...documents.map((document) => targetFile(document, crypto)), ...first, ...whole, ...pending], missing };
};

type Content = { readonly _type: string } & { readonly [key: string]: CanonicalValue };

const isRoot = (path: string): boolean => path.endsWith(".root.json");
const signersOf = ({ keys, roles }: Delegation, role: SigningRole): Signers => ({
	keys,
	keyids: roles[role]?.keyids ?? [],
	threshold: roles[role]?.threshold ?? thresholdOf(role),
});

const isComplete = (metadata: TufMetadata, signers: readonly Signers[], crypto: Primitives): boolean =>
	signers.every((each) => countSigners(metadata, each, crypto) >= each.threshold);

const sameContent = (signed: SignedPart, content: Content): boolean => {
	const { spec_version: _spec, version: _version, expires: _expires, ...rest } = signed;
	return canonicalJson(rest) === canonicalJson(content);
};

const pathOf = (folder: "metadata" | "pending", role: SigningRole, version: number): string =>
	role === "timestamp" ? `${folder}/timestamp.json` : `${folder}/${version}.${role}.json`;

/** The piece of metadata of a role with the highest version. */
const newestOf = (files: ReadonlyMap<string, Uint8Array>, folder: string, role: SigningRole): TufMetadata | undefined => {
	const pattern = new RegExp(`^${folder}/(?:(\\d{1,9})\\.)?${role}\\.json$`);
	let newest: { readonly version: number; readonly path: string; readonly bytes: Uint8Array } | undefined;
	for (const [path, bytes] of files) {
		const match = pattern.exec(path);
		if (match === null || (match[1] === undefined) !== (role === "timestamp")) continue;
		const version = Number(match[1] ?? 0);
		if (newest === undefined || version > newest.version) newest = { version, path, bytes };
	}
	return newest && parseMetadata(newest.bytes, newest.path);
};

const describe = (
	{ signed }: TufMetadata,
	previous: ReadonlyMap<string, Uint8Array>,
	made: readonly RepositoryFile[],
	role: string,
	crypto: Primitives,
): CanonicalValue => {
	const path = `metadata/${signed.version}.${role}.json`;
	const bytes = made.find((file) => file.path === path)?.bytes ?? previous.get(path);
	if (bytes === undefined) throw new KerbError("LAW_MISSING", `the repository has no ${path}`);
	return { version: signed.version, length: bytes.length, hashes: { sha256: toHex(crypto.sha256(bytes)) } };
};

const targetsOf = (
	role: DelegatedRole,
	documents: readonly RepositoryDocument[],
	crypto: Primitives,
): { [path: string]: CanonicalValue } => {
	const targets: { [path: string]: CanonicalValue } = {};
	for (const { kind, name, bytes, for: audience } of documents) {
		if (roleOfKind[kind] !== role) continue;
		if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)) throw new KerbError("LAW_INVALID", `a document of kind ${kind} needs a plain file name`);
		const path = `${kind}/${name}`;
		if (path in targets) throw new KerbError("LAW_INVALID", `two documents are named ${path}`);
		const custom = { kerbstone: { kind, ...(audience === undefined ? undefined : { for: { ...audience } }) } };
		targets[path] = { length: bytes.length, hashes: { sha256: toHex(crypto.sha256(bytes)) }, custom };
	}
	return targets;
};

const targetFile = ({ kind, name, bytes }: RepositoryDocument, crypto: Primitives): RepositoryFile => ({
	path: `targets/${kind}/${toHex(crypto.sha256(bytes))}.${name}`,
	bytes,
});

const isoAt = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
