/**
 * Makes a data folder: keys of every role, those of online roles in it and the others elsewhere, and a first repository, new and empty or
 * taken over from a folder that `kerbstone law init` has made.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ensurePrivateFolder, readFileBounded } from "../../agent/host/disk.ts";
import { loadPrimitives } from "../../agent/host/primitives.ts";
import { KerbError } from "../../shared/errors.ts";
import { TargetCustomSchema } from "../../shared/law-targets.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { delegatedRoles, makeRoleKeys, type RoleKeysFile, type SigningRole, signingRoles } from "../../shared/role-keys.ts";
import { parseMetadata } from "../../shared/tuf-metadata.ts";
import { defaultLifeDays, type LifeDays } from "../../shared/tuf-repository.ts";
import { type DocumentInput, DocumentInputSchema, documentOf, type LawDocument } from "./documents.ts";
import type { LawInForce } from "./office.ts";
import { newestMetadata, openRepository, type Published } from "./repository.ts";
import { readKeysFolder, readRoleKeys, writeKeysFolder } from "./role-folder.ts";
import { storePath } from "./server.ts";
import { openStore } from "./store.ts";

export interface InitOptions {
	readonly dataDir: string;
	/** Where the keys of offline roles go; to be taken to another machine. */
	readonly offlineKeysDir: string;
	/** Besides snapshot and timestamp, which always are. */
	readonly online: readonly SigningRole[];
	/** A repository to take over, with the keys that made it: a role-keys file or a folder of them. */
	readonly from?: { readonly folder: string; readonly keys: string };
	readonly lifeDays?: Partial<LifeDays>;
	/** UTC milliseconds. */
	readonly nowMs: number;
}

export interface InitResult {
	/** What units pin. */
	readonly rootSha256: string;
	readonly online: readonly string[];
	readonly offline: readonly string[];
}

const maxFileBytes = 16 * 1024 * 1024;

/**
 * @throws KerbError USAGE when the folder is in use already or a role is none; LAW_INVALID or KEY_INVALID when what is taken over does not hold.
 */
export const initData = async (options: InitOptions): Promise<InitResult> => {
	const { dataDir, nowMs } = options;
	const unknown = options.online.filter((role) => !signingRoles.includes(role));
	if (unknown.length > 0 || options.online.includes("root") || options.online.includes("targets"))
		throw new KerbError("USAGE", `online: expected some of ${delegatedRoles.join(", ")}; root and targets stay offline`);
	if (existsSync(storePath(dataDir))) throw new KerbError("USAGE", `${dataDir} is a data folder already and is not written over`);
	const crypto = await loadPrimitives();
	const { from } = options;
	const all: RoleKeysFile =
		from === undefined ? makeRoleKeys(crypto) : existsSync(join(from.keys, ".")) ? readAll(from.keys) : readRoleKeys(from.keys);
	const onlineRoles = new Set<SigningRole>(["snapshot", "timestamp", ...options.online]);
	const [online, offline] = [true, false].map((wanted) => all.keys.filter(({ role }) => onlineRoles.has(role) === wanted)) as [
		RoleKeysFile["keys"],
		RoleKeysFile["keys"],
	];

	ensurePrivateFolder(dataDir);
	// The keys first: a repository whose keys could not be kept is one that nobody can change.
	writeKeysFolder(join(dataDir, "keys"), online);
	if (from === undefined) writeKeysFolder(options.offlineKeysDir, offline);
	const store = openStore(storePath(dataDir), crypto);
	try {
		const lifeDays = { ...defaultLifeDays, ...options.lifeDays };
		const repository = openRepository(store, join(dataDir, "public"), crypto, lifeDays);
		const taken = from === undefined ? undefined : readRepository(from.folder, crypto);
		store.together(() => {
			if (taken !== undefined) {
				store.collection<Published>("repository").put("current", taken);
				store.collection<LawInForce>("law").put("current", { documents: taken.documents, release: undefined, sinceMs: nowMs });
			} else repository.keep([], repository.make([], {}, all, nowMs).files);
			store.audit({ at: new Date(nowMs).toISOString(), who: "console", act: "init", target: repository.rootSha256(), result: "ok" });
		});
		repository.write();
		const names = (keys: RoleKeysFile["keys"]): readonly string[] => [...new Set(keys.map(({ role }) => role))];
		return { rootSha256: repository.rootSha256(), online: names(online), offline: names(offline) };
	} finally {
		store.close();
	}
};

/** Every role-keys file of a folder; recipients' keys and other files are passed over. */
const readAll = (folder: string): RoleKeysFile => {
	const single = join(folder, "role-keys.json");
	return existsSync(single) ? readRoleKeys(single) : readKeysFolder(folder);
};

/** The newest metadata and all documents of a repository folder. */
const readRepository = (folder: string, crypto: Parameters<typeof documentOf>[1]): Published => {
	const read = (path: string): string => {
		const bytes = readFileBounded(join(folder, path), maxFileBytes);
		if (bytes === undefined)
			throw new KerbError("LAW_MISSING", `${join(folder, path)} is not there; expected a folder that "law init" has made`);
		return new TextDecoder().decode(bytes);
	};
	const names = readdirSync(join(folder, "metadata")).filter((name) => /^(?:timestamp|\d{1,9}\.[a-z]+)\.json$/.test(name));
	const metadata = Object.fromEntries([...names.map((name) => `metadata/${name}`), "root.json"].map((path) => [path, read(path)]));
	const documents = delegatedRoles.flatMap((role): readonly LawDocument[] => {
		const path = newestMetadata(metadata, role);
		if (path === undefined) return [];
		const { targets } = parseMetadata(new TextEncoder().encode(metadata[path] ?? ""), path).signed;
		return Object.entries(isObject(targets) ? targets : {}).map(([place, target]) => {
			const { sha256, custom } = partsOf(target);
			const { kind, for: audience } = parseValue(TargetCustomSchema, custom, place, "LAW_INVALID");
			const text = readFileSync(join(folder, "targets", place.replace("/", `/${sha256}.`)), "utf8");
			const input: DocumentInput = parseValue(
				DocumentInputSchema,
				{ path: place, document: JSON.parse(text), ...(audience === undefined ? {} : { for: audience }) },
				place,
				"LAW_INVALID",
			);
			// The bytes that were signed stay, whatever their white space.
			return { ...documentOf(input, crypto), kind, text, sha256 };
		});
	});
	return { metadata, documents };
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const partsOf = (target: unknown): { readonly sha256: string; readonly custom: unknown } => {
	const hashes = isObject(target) ? target.hashes : undefined;
	const custom = isObject(target) && isObject(target.custom) ? target.custom.kerbstone : undefined;
	return { sha256: isObject(hashes) ? String(hashes.sha256) : "", custom };
};
