/**
 * The keys of the online roles: DIR/keys/*.json, each a role-keys file that its owner alone may read.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ensurePrivateFolder, readFileBounded, writeFileDurable } from "../../agent/host/disk.ts";
import { KerbError } from "../../shared/errors.ts";
import { parseDocument } from "../../shared/parse-document.ts";
import { type RoleKey, type RoleKeysFile, RoleKeysFileSchema } from "../../shared/role-keys.ts";

/** Reads one role-keys file. @throws KerbError KEY_INVALID when it is none, or others than its owner may read it. */
export const readRoleKeys = (path: string): RoleKeysFile => {
	const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
	if ((mode & 0o077) !== 0) throw new KerbError("KEY_INVALID", `${path}: expected mode 0600; run: chmod 600 ${path}`);
	const bytes = readFileBounded(path, 65_536);
	if (bytes === undefined) throw new KerbError("KEY_INVALID", `${path}: there is no such file`);
	return parseDocument(RoleKeysFileSchema, bytes, path, "KEY_INVALID");
};

/** All keys of the folder. @throws KerbError KEY_INVALID as `readRoleKeys`. */
export const readKeysFolder = (folder: string): RoleKeysFile => ({
	kind: "role-keys",
	keys: readdirSync(folder)
		.filter((name) => name.endsWith(".json"))
		.sort()
		.flatMap((name) => readRoleKeys(join(folder, name)).keys),
});

/** Writes one file per key, `<role>-<n>.json`, with mode 0600. @throws KerbError USAGE when one is there already. */
export const writeKeysFolder = (folder: string, keys: readonly RoleKey[]): void => {
	ensurePrivateFolder(folder);
	const counts = new Map<string, number>();
	for (const key of keys) {
		const serial = (counts.get(key.role) ?? 0) + 1;
		counts.set(key.role, serial);
		const path = join(folder, `${key.role}-${serial}.json`);
		if (statSync(path, { throwIfNoEntry: false }) !== undefined)
			throw new KerbError("USAGE", `${path} is there already and is not written over; choose another folder`);
		const file: RoleKeysFile = { kind: "role-keys", keys: [key] };
		writeFileDurable(path, new TextEncoder().encode(`${JSON.stringify(file, null, "\t")}\n`));
	}
};
