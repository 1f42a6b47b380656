/**
 * `law sign`: signs the documents of a law folder again after a person changed one, and checks the whole law the way a unit will.
 */
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isMissingFile, KerbError } from "../../shared/errors.ts";
import { lawRoles } from "../../shared/law.ts";
import { RoleKeysFileSchema, signDocument } from "../../shared/law-signing.ts";
import { parseDocument } from "../../shared/parse-document.ts";
import { systemClock } from "../host/clock.ts";
import { loadPrimitives } from "../host/primitives.ts";
import { readLawFolder } from "../law/read-law-folder.ts";
import { verifyLaw } from "../law/verify-law.ts";
import { compileRegime } from "../regime.ts";
import { type Command, exitCodes, textOption } from "./command.ts";

const help = `Signs every document in FOLDER for which KEYS/role-keys.json has a key, then verifies the folder as a unit would.
The root itself is never signed again: it is what units pin. Raise "version" in a document that you changed: a unit
refuses an older version than one it has obeyed.

Options:
  --keys KEYS   the folder that "law init" wrote the keys to (default: FOLDER-keys)

Exit codes: 0 signed and valid; 3 the law is not valid (every problem is listed).`;

const command: Command = {
	name: "law sign",
	summary: "sign the documents of a law folder after a change",
	usage: "law sign FOLDER [--keys KEYS]",
	help,
	options: { keys: { type: "string" } },
	run: async (args, io) => {
		const folder = args.positionals[0];
		if (folder === undefined || args.positionals.length > 1)
			throw new KerbError("USAGE", `expected one folder\nUsage: kerbstone ${command.usage}`);
		const signed = await signLaw(folder, textOption(args, "keys") ?? `${folder.replace(/\/+$/, "")}-keys`);
		await io.out(`signed ${signed.roles.join(", ")}; law ${signed.hash}, policy "${signed.policyId}" version ${signed.version}`);
		return exitCodes.ok;
	},
};

export default command;

export interface SignedLaw {
	readonly roles: readonly string[];
	readonly hash: string;
	readonly policyId: string;
	readonly version: number;
}

/** @throws KerbError KEY_INVALID for the key file, LAW_* when the result is not a valid law. */
export const signLaw = async (folder: string, keysFolder: string): Promise<SignedLaw> => {
	const crypto = await loadPrimitives();
	const keysPath = join(keysFolder, "role-keys.json");
	const keys = parseDocument(RoleKeysFileSchema, await readKeys(keysPath), keysPath, "KEY_INVALID");
	const { documents } = await readLawFolder(folder);
	const roles = lawRoles.filter((role) => documents[role] !== undefined && keys.keys.some((key) => key.role === role));
	for (const role of roles) {
		const bytes = documents[role]?.bytes ?? new Uint8Array();
		const path = join(folder, `${role}.json.sig`);
		await writeFile(`${path}.new`, `${JSON.stringify(signDocument(role, bytes, keys, crypto), null, "\t")}\n`);
		await rename(`${path}.new`, path);
	}
	const law = verifyLaw(await readLawFolder(folder), { rootSha256: undefined, floors: {} }, crypto);
	const { jurisdiction: home } = law.catalogue;
	compileRegime({ law, overlay: undefined, home, nowMs: systemClock.nowMs(), pseudonymKey: () => new Uint8Array(32) });
	return { roles, hash: law.hash, policyId: law.policy.id, version: law.policy.version };
};

const readKeys = async (path: string): Promise<Uint8Array> => {
	try {
		return await readFile(path);
	} catch (cause) {
		if (!isMissingFile(cause)) throw cause;
		throw new KerbError("KEY_INVALID", `there is no ${path}; "law init" writes one, and --keys names its folder`, { cause });
	}
};
