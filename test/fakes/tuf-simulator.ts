/**
 * A TUF repository that a test may publish rightly or wrongly, and the answers of its web server. What is published stays as it was signed;
 * what a test changes in `signed` is seen by clients when the role is published again.
 */
import { createHash } from "node:crypto";
import { canonical, makeTufKey, type TufKey } from "./tuf-keys.ts";

export interface Signed {
	_type: string;
	spec_version: string;
	version: number;
	expires: string;
	[name: string]: unknown;
}
export interface Meta {
	version: number;
	length?: number;
	hashes?: Record<string, string>;
}
interface RoleKeys {
	keyids: string[];
	threshold: number;
	[name: string]: unknown;
}
export type Delegation = RoleKeys & { name: string; terminating: boolean; paths?: string[]; path_hash_prefixes?: string[] };
interface Delegations {
	keys: Record<string, unknown>;
	roles?: Delegation[];
	succinct_roles?: RoleKeys & { bit_length: number; name_prefix: string };
}
export interface RootSigned extends Signed {
	consistent_snapshot: boolean;
	keys: Record<string, unknown>;
	roles: Record<string, RoleKeys>;
}
export interface TargetsSigned extends Signed {
	targets: Record<string, { length: number; hashes: Record<string, string> }>;
	delegations?: Delegations;
}
export interface Envelope {
	signatures: { keyid: string; sig: string }[];
	signed: Signed;
}

const day = 86_400_000;
/** The time so many days from now, as metadata has it. */
export const inDays = (days: number): string => new Date(Date.now() + days * day).toISOString().replace(/\.\d+/, "");
export const hashOf = (bytes: Uint8Array, name = "sha256"): string => createHash(name).update(bytes).digest("hex");
const text = new TextEncoder();

/** Keys are slow to make and may be shared by repositories: each repository takes them from the start. */
const keyStore: TufKey[] = [];

export interface TufSimulator {
	readonly root: RootSigned;
	readonly timestamp: Signed & { meta: { "snapshot.json": Meta } };
	readonly snapshot: Signed & { meta: Record<string, Meta> };
	readonly targets: TargetsSigned;
	/** What will be signed next, by role. */
	readonly signed: Map<string, Signed>;
	/** The bytes of every version, by role. */
	readonly published: Map<string, Uint8Array[]>;
	/** Who signs, by role and key id. */
	readonly signers: Map<string, Map<string, TufKey>>;
	readonly artifacts: Map<string, Uint8Array>;
	/** Whether timestamp and snapshot carry length and hash of what they name. */
	withHashes: boolean;
	/** What clients asked for: role (as in the URL) and version, or nothing where the URL has none. */
	readonly asked: [string, number | undefined][];
	readonly askedTargets: string[];
	newKey(): TufKey;
	/** Whatever is a targets role. */
	targetsOf(role: string): TargetsSigned;
	/** The keys of a top role, as root has them. */
	rootRole(role: string): RoleKeys;
	addSigner(role: string, key: TufKey): void;
	/** One more key that may sign the role, and does. */
	addKey(role: string, key?: TufKey, delegator?: string): TufKey;
	/** The role's keys are gone; as many new ones as it needs take their place. */
	rotateKeys(role: string): void;
	/** Signs the role with the keys that sign for it; changes nothing. */
	seal(role: string): Envelope;
	/** One version further for each role that was published before, in the given order, named by the role above it. */
	publish(...roles: readonly string[]): void;
	publishAll(): void;
	/** Forgets what was published of the role and starts over at version 1 with the next publication. */
	restart(role: string): void;
	/** The newest published bytes of a role, changed by the test as JSON. */
	bend(role: string, change: (envelope: Envelope) => void): void;
	newest(role: string): Uint8Array;
	addTarget(role: string, path: string, content: string, hashes?: readonly string[]): void;
	/** The last delegation of the delegator, with one key; the role itself is made when it is new. */
	addDelegation(delegator: string, name: string, over?: Partial<Delegation & Pick<Signed, "expires">>): void;
	/** The delegator spreads its targets over 2^bits roles, all with one key. Returns their names. */
	addBins(delegator: string, bits: number): readonly string[];
	/** The answer for a path below the repository, not decoded; "broken" where the suite's server falls over. */
	fetch(path: string): Uint8Array | "missing" | "broken";
}

export const makeTufSimulator = (): TufSimulator => {
	const head = (type: string): Signed => ({ _type: type, spec_version: "1.0.31", version: 1, expires: inDays(30) });
	const root: RootSigned = { ...head("root"), consistent_snapshot: true, keys: {}, roles: {} };
	const timestamp = { ...head("timestamp"), meta: { "snapshot.json": { version: 1 } as Meta } };
	const snapshot = { ...head("snapshot"), meta: {} as Record<string, Meta> };
	const targets: TargetsSigned = { ...head("targets"), targets: {} };
	const signed = new Map<string, Signed>(Object.entries({ root, timestamp, snapshot, targets }));
	const published = new Map<string, Uint8Array[]>();
	const signers = new Map<string, Map<string, TufKey>>();
	const artifacts = new Map<string, Uint8Array>();
	let keysTaken = 0;

	const repository: TufSimulator = {
		...{ root, timestamp, snapshot, targets, signed, published, signers, artifacts },
		withHashes: false,
		asked: [],
		askedTargets: [],

		newKey(): TufKey {
			const key = keyStore[keysTaken] ?? makeTufKey();
			keyStore[keysTaken++] = key;
			return key;
		},
		targetsOf(role: string): TargetsSigned {
			const found = signed.get(role);
			if (found?._type !== "targets") throw new Error(`a test asked for the targets of ${role}`);
			return found as TargetsSigned;
		},
		rootRole(role) {
			root.roles[role] ??= { keyids: [], threshold: 1 };
			return root.roles[role];
		},
		addSigner(role: string, key: TufKey): void {
			signers.set(role, (signers.get(role) ?? new Map()).set(key.keyid, key));
		},
		addKey(role: string, key = repository.newKey(), delegator = "root"): TufKey {
			if (delegator === "root") {
				root.keys[key.keyid] = key.json;
				repository.rootRole(role).keyids.push(key.keyid);
			} else {
				const { delegations } = repository.targetsOf(delegator);
				if (delegations === undefined) throw new Error(`a test let ${delegator} delegate nothing`);
				delegations.keys[key.keyid] = key.json;
				delegations.roles?.find(({ name }) => name === role)?.keyids.push(key.keyid);
			}
			repository.addSigner(role, key);
			return key;
		},
		rotateKeys(role: string): void {
			repository.rootRole(role).keyids = [];
			signers.delete(role);
			for (let left = repository.rootRole(role).threshold; left > 0; left--) repository.addKey(role);
		},
		seal(role: string): Envelope {
			const part = signed.get(role);
			if (part === undefined) throw new Error(`a test published an unknown role ${role}`);
			const bytes = text.encode(canonical(part));
			const keys = [...(signers.get(role)?.values() ?? [])];
			return { signatures: keys.map((key) => ({ keyid: key.keyid, sig: key.sign(bytes) })), signed: part };
		},
		publish(...roles: readonly string[]): void {
			for (const role of roles) {
				const before = published.get(role);
				const part = signed.get(role);
				if (part === undefined) throw new Error(`a test published an unknown role ${role}`);
				if (before !== undefined) part.version++;
				const bytes = text.encode(JSON.stringify(repository.seal(role), undefined, 1));
				published.set(role, [...(before ?? []), bytes]);
				const meta: Meta = { version: part.version };
				if (repository.withHashes) Object.assign(meta, { length: bytes.length, hashes: { sha256: hashOf(bytes) } });
				if (role === "snapshot") timestamp.meta["snapshot.json"] = meta;
				else if (role !== "root" && role !== "timestamp") snapshot.meta[`${role}.json`] = meta;
			}
		},
		publishAll: (): void => repository.publish("root", "targets", "snapshot", "timestamp"),
		restart(role: string): void {
			published.delete(role);
			const part = signed.get(role);
			if (part !== undefined) part.version = 1;
		},
		bend(role: string, change: (envelope: Envelope) => void): void {
			const list = published.get(role) ?? [];
			const envelope = JSON.parse(new TextDecoder().decode(list.pop())) as Envelope;
			change(envelope);
			list.push(text.encode(JSON.stringify(envelope)));
		},
		newest: (role: string): Uint8Array => published.get(role)?.at(-1) ?? new Uint8Array(),

		addTarget(role: string, path: string, content: string, hashes: readonly string[] = ["sha256"]): void {
			const bytes = text.encode(content);
			const named = Object.fromEntries(hashes.map((name) => [name, hashOf(bytes, name)]));
			repository.targetsOf(role).targets[path] = { length: bytes.length, hashes: named };
			artifacts.set(path, bytes);
		},
		addDelegation(delegator: string, name: string, over: Partial<Delegation & Pick<Signed, "expires">> = {}): void {
			const { expires, ...more } = over;
			const by = repository.targetsOf(delegator);
			by.delegations ??= { keys: {}, roles: [] };
			const matching = more.path_hash_prefixes === undefined ? { paths: ["*"] } : {};
			by.delegations.roles?.push({ ...{ name, keyids: [], threshold: 1, terminating: false }, ...matching, ...more });
			repository.addKey(name, repository.newKey(), delegator);
			if (!signed.has(name)) {
				const made: TargetsSigned = { ...head("targets"), targets: {}, ...(expires === undefined ? {} : { expires }) };
				signed.set(name, made);
			}
		},
		addBins(delegator: string, bits: number): readonly string[] {
			const key = repository.newKey();
			const bins = { keyids: [key.keyid], threshold: 1, bit_length: bits, name_prefix: "bin" };
			repository.targetsOf(delegator).delegations = { keys: { [key.keyid]: key.json }, succinct_roles: bins };
			const digits = (2 ** bits - 1).toString(16).length;
			const names = Array.from({ length: 2 ** bits }, (_, each) => `bin-${each.toString(16).padStart(digits, "0")}`);
			for (const name of names) {
				signed.set(name, { ...head("targets"), targets: {} });
				repository.addSigner(name, key);
			}
			return names;
		},

		fetch(path: string): Uint8Array | "missing" | "broken" {
			const metadata = /^metadata\/(.*)\.json$/s.exec(path)?.[1];
			if (metadata !== undefined) {
				const [, number, rest] = /^(\d+)\.(.*)$/s.exec(metadata) ?? [];
				const isVersioned = rest === "root" || (root.consistent_snapshot && metadata !== "timestamp");
				if (isVersioned && (number === undefined || rest === undefined)) return "missing";
				const [role, version] = isVersioned ? [rest ?? "", Number(number)] : [metadata, undefined];
				repository.asked.push([role, version]);
				const list = published.get(decodeURIComponent(role));
				if (list === undefined) return "broken";
				return list.at(version === undefined ? -1 : version - 1) ?? "missing";
			}
			const target = /^targets\/(.*)$/s.exec(path)?.[1];
			if (target === undefined) return "missing";
			repository.askedTargets.push(target);
			if (!root.consistent_snapshot) return artifacts.get(target) ?? "missing";
			const [, folder = "", hash, name = ""] = /^(.*\/)?([^./]*)\.([^/]*)$/s.exec(target) ?? [];
			const hashes = [...signed.values()].flatMap((part) =>
				Object.values((part as Partial<TargetsSigned>).targets?.[`${folder}${name}`]?.hashes ?? {}),
			);
			return hashes.includes(hash ?? "") ? (artifacts.get(`${folder}${name}`) ?? "missing") : "missing";
		},
	};
	for (const role of ["root", "timestamp", "snapshot", "targets"]) repository.addKey(role);
	repository.publish("targets", "snapshot", "timestamp", "root");
	return repository;
};
