/**
 * The published repository: what it is made of is kept in the store, and DIR/public is written from there. A publication is first durable in
 * the store and then written, targets first and the timestamp last, each file whole or not at all; what a crash interrupts is written at the
 * next start. A client that looks at any moment finds the repository of before or of after.
 */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemDisk } from "../../agent/host/disk.ts";
import { sameBytes, toHex } from "../../shared/bytes.ts";
import { KerbError } from "../../shared/errors.ts";
import type { Primitives } from "../../shared/primitives.ts";
import type { RoleKeysFile, SigningRole } from "../../shared/role-keys.ts";
import { parseMetadata } from "../../shared/tuf-metadata.ts";
import { type LifeDays, type MadeRepository, makeRepository, type RepositoryFile } from "../../shared/tuf-repository.ts";
import type { LawDocument } from "./documents.ts";
import type { Store } from "./store.ts";

/** What is published now. */
export interface Published {
	/** Metadata by path, as text: every root, the newest of each other role. */
	readonly metadata: Readonly<Record<string, string>>;
	readonly documents: readonly LawDocument[];
}

export interface RoleState {
	readonly role: string;
	readonly version: number;
	readonly expires: string;
}

export interface Repository {
	/** undefined before `init`. */
	published(): Published | undefined;
	/** Metadata with pending pieces beside it: what `makeRepository` goes on from. `renew`: roles that are to hold longer. */
	make(
		documents: readonly LawDocument[],
		pending: Readonly<Record<string, string>>,
		keys: RoleKeysFile,
		nowMs: number,
		renew?: readonly SigningRole[],
	): MadeRepository;
	/** Puts new files into the store; call inside a transaction, and `write` after it. */
	keep(documents: readonly LawDocument[], files: readonly RepositoryFile[]): void;
	/** Writes to DIR/public whatever is not there yet. */
	write(): void;
	/** Version and end of each role. */
	roles(): readonly RoleState[];
	snapshotVersion(): number;
	rootSha256(): string;
}

const maxFileBytes = 16 * 1024 * 1024;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytesOf = (content: string): Uint8Array => new TextEncoder().encode(content);

/** The metadata of a role with the highest version, by path. */
export const newestMetadata = (metadata: Readonly<Record<string, string>>, role: SigningRole): string | undefined => {
	if (role === "timestamp") return "metadata/timestamp.json" in metadata ? "metadata/timestamp.json" : undefined;
	const versionOf = (path: string): number => Number(new RegExp(`^metadata/(\\d+)\\.${role}\\.json$`).exec(path)?.[1] ?? 0);
	const newest = Object.keys(metadata).reduce((best, path) => (versionOf(path) > versionOf(best) ? path : best), "");
	return newest === "" ? undefined : newest;
};

/** Every root stays, since a unit goes through all of them; of the others the newest is what the next one is made from. */
const pruned = (metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
	Object.fromEntries(
		Object.entries(metadata).filter(([path]) => {
			const role = /^metadata\/\d+\.([a-z]+)\.json$/.exec(path)?.[1];
			return role === undefined || role === "root" || newestMetadata(metadata, role as SigningRole) === path;
		}),
	);

export const openRepository = (store: Store, folder: string, crypto: Primitives, lifeDays: Partial<LifeDays>): Repository => {
	const state = store.collection<Published>("repository");
	// Every report of a unit asks for it, and a law is long. What a transaction may still take back is not remembered.
	let remembered: Published | undefined;
	const look = (): Published | undefined => {
		const published = remembered ?? state.get("current");
		if (!store.db.isTransaction) remembered = published;
		return published;
	};
	const current = (): Published => {
		const published = look();
		if (published === undefined) throw new KerbError("STATE_INVALID", `the data folder has no repository yet; run "main.ts init" first`);
		return published;
	};
	const metadataOf = (role: SigningRole): { readonly path: string; readonly content: string } => {
		const { metadata } = current();
		const path = newestMetadata(metadata, role) ?? "";
		return { path, content: metadata[path] ?? "" };
	};
	const writeOnce = (path: string, bytes: Uint8Array): void => {
		const full = join(folder, path);
		const there = systemDisk.readFileBounded(full, maxFileBytes);
		if (there !== undefined && sameBytes(there, bytes)) return;
		mkdirSync(dirname(full), { recursive: true, mode: 0o755 });
		systemDisk.writeFileDurable(full, bytes, { mode: 0o644 });
	};
	return {
		published: look,
		make(documents, pending, keys, nowMs, renew = []) {
			const previous = new Map(
				Object.entries({ ...state.get("current")?.metadata, ...pending }).map(([path, each]) => [path, bytesOf(each)]),
			);
			return makeRepository(
				{
					keys,
					documents: documents.map((document) => ({
						kind: document.kind,
						name: document.path.slice(document.path.indexOf("/") + 1),
						bytes: bytesOf(document.text),
						...(document.for === undefined ? {} : { for: document.for }),
					})),
					...(state.get("current") === undefined ? {} : { previous }),
					renew,
					nowMs,
					lifeDays,
				},
				crypto,
			);
		},
		keep(documents, files) {
			const fresh = files.filter(({ path }) => path.startsWith("metadata/") || path === "root.json");
			const metadata = { ...state.get("current")?.metadata, ...Object.fromEntries(fresh.map(({ path, bytes }) => [path, text(bytes)])) };
			remembered = undefined;
			state.put("current", { metadata: pruned(metadata), documents });
		},
		write() {
			const { metadata, documents } = current();
			for (const { path, sha256, text: content } of documents) writeOnce(`targets/${path.replace("/", `/${sha256}.`)}`, bytesOf(content));
			// Roots in order, then the roles, the snapshot, and the timestamp, which makes all of it visible.
			const rank = (path: string): number => {
				if (path.endsWith("timestamp.json")) return 4;
				if (path.endsWith(".snapshot.json")) return 3;
				return path.endsWith("root.json") ? 1 : 2;
			};
			const ordered = Object.keys(metadata).sort((a, b) => rank(a) - rank(b) || a.length - b.length || (a < b ? -1 : 1));
			for (const path of ordered) writeOnce(path, bytesOf(metadata[path] ?? ""));
		},
		roles: () =>
			(["root", "targets", "catalogue", "policy", "authorisations", "places", "halt", "snapshot", "timestamp"] as const).map((role) => {
				const { path, content } = metadataOf(role);
				const { version, expires } = parseMetadata(bytesOf(content), path).signed;
				return { role, version, expires };
			}),
		snapshotVersion: () => {
			const { path, content } = metadataOf("snapshot");
			return parseMetadata(bytesOf(content), path).signed.version;
		},
		rootSha256: () => toHex(crypto.sha256(bytesOf(current().metadata["root.json"] ?? ""))),
	};
};
