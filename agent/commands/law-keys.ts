/**
 * `law keys`: lists, makes and replaces the secret keys of the roles that sign law.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { KerbError } from "../../shared/errors.ts";
import {
	makeRoleKey,
	publicKeyOf,
	type RoleKeysFile,
	rotateRole,
	type SigningRole,
	signingRoles,
	thresholdOf,
} from "../../shared/role-keys.ts";
import { ensurePrivateFolder, systemDisk } from "../host/disk.ts";
import { loadPrimitives } from "../host/primitives.ts";
import { type Command, exitCodes, textOptions } from "./command.ts";
import { readRoleKeys } from "./law-folder.ts";

const help = `Lists the keys in KEYS/role-keys.json: role, key id, public key. Nothing secret is printed.

Options:
  --make ROLE     adds one fresh key for a role to KEYS, which is made when it is not there; may be given more than once. Two
                  people who share a role's threshold make one each, in folders of their own.
  --rotate ROLE   replaces the keys of a role: the old ones stay in the file, marked as retired, and sign nothing but the root
                  that replaces them. The next "kerbstone law sign" makes it so for units; keys of root, targets, snapshot and
                  timestamp need the root's key for that, those of other roles the key of targets.

Roles: ${signingRoles.join(", ")}`;

const command: Command = {
	name: "law keys",
	summary: "list, make and replace the keys that sign law",
	usage: "law keys KEYS [--make ROLE]... [--rotate ROLE]...",
	help,
	options: { make: { type: "string", multiple: true }, rotate: { type: "string", multiple: true } },
	run: async (args, io) => {
		const folder = args.positionals[0];
		if (folder === undefined || args.positionals.length > 1)
			throw new KerbError("USAGE", `expected one folder\nUsage: kerbstone ${command.usage}`);
		const makes = textOptions(args, "make").map(roleOf);
		const rotates = textOptions(args, "rotate").map(roleOf);
		const crypto = await loadPrimitives();
		const isNew = makes.length > 0 && !existsSync(join(folder, "role-keys.json"));
		let file: RoleKeysFile = isNew ? { kind: "role-keys", keys: [] } : await readRoleKeys(folder);
		for (const role of makes) file = { ...file, keys: [...file.keys, makeRoleKey(role, crypto)] };
		for (const role of rotates) {
			if (!file.keys.some((key) => key.role === role && key.retired !== true)) {
				throw new KerbError("KEY_INVALID", `${folder} has no key of role "${role}" to replace`);
			}
			file = rotateRole(file, role, crypto);
		}
		if (makes.length + rotates.length > 0) {
			ensurePrivateFolder(folder);
			const bytes = new TextEncoder().encode(`${JSON.stringify(file, null, "\t")}\n`);
			systemDisk.writeFileDurable(join(folder, "role-keys.json"), bytes, { mode: 0o600 });
		}
		for (const key of file.keys) {
			const needed = thresholdOf(key.role) > 1 ? ` (${thresholdOf(key.role)} must sign)` : "";
			const state = key.retired === true ? " retired" : needed;
			await io.out(`${key.role.padEnd(15)} ${key.keyId} ${publicKeyOf(key, crypto).keyval.public}${state}`);
		}
		return exitCodes.ok;
	},
};

export default command;

const roleOf = (text: string): SigningRole => {
	const role = signingRoles.find((each) => each === text);
	if (role === undefined) throw new KerbError("USAGE", `there is no role "${text}"; roles: ${signingRoles.join(", ")}`);
	return role;
};
