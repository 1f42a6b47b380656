/**
 * `law sign`: takes a law folder one version further after a person changed a document, or its signatures grew old.
 */

import { KerbError } from "../../shared/errors.ts";
import { lifeDaysOf } from "../../shared/make-law.ts";
import type { MissingSignatures } from "../../shared/tuf-repository.ts";
import { makeRepository } from "../../shared/tuf-repository.ts";
import { systemClock } from "../host/clock.ts";
import { loadPrimitives } from "../host/primitives.ts";
import { readLaw } from "../law/read-law.ts";
import { type Command, exitCodes, textOption } from "./command.ts";
import { checkDocuments, checkVersions, readDocuments, readMetadata, readRoleKeys, writeRepository } from "./law-folder.ts";

const help = `Checks the documents in FOLDER/documents, then signs what has changed with the keys in KEYS/role-keys.json and makes the next
version of the repository's metadata. Raise "version" in a document that you changed: one that differs under the same version is not
signed, and a unit refuses an older version than one it has obeyed. Where a role needs more signatures than KEYS can give (authorisations need two people's), what is signed so far waits in
FOLDER/pending, units see nothing of it, and the next person runs the same command with their own keys.

FOLDER/documents/KIND.json is for everybody; KIND.NAME.json is for whom FOLDER/documents/for.json says:
  { "policy.north.json": { "units": [...], "cohorts": ["north"], "hardware": [...] } }

Units see nothing of it before "kerbstone law publish". Look at it first:
  kerbstone law check FOLDER             does it hold?
  kerbstone law diff PUBLISHED FOLDER    what does it change?

Options:
  --keys KEYS   the folder that "law init" wrote the keys to (default: FOLDER-keys)
  --days N      for how long the signatures hold, 7 to 366 (default: 30)

Exit codes: 0 signed and valid; 1 signed, and more signatures are needed; 3 the law is not valid (every problem is listed).`;

const command: Command = {
	name: "law sign",
	summary: "sign the documents of a law folder after a change",
	usage: "law sign FOLDER [--keys KEYS] [--days N]",
	help,
	options: { keys: { type: "string" }, days: { type: "string" } },
	run: async (args, io) => {
		const folder = args.positionals[0];
		if (folder === undefined || args.positionals.length > 1)
			throw new KerbError("USAGE", `expected one folder\nUsage: kerbstone ${command.usage}`);
		const days = Number(textOption(args, "days") ?? "30");
		if (!Number.isInteger(days) || days < 7 || days > 366) throw new KerbError("USAGE", "--days: expected a whole number from 7 to 366");
		const signed = await signLaw(folder, textOption(args, "keys") ?? `${folder.replace(/\/+$/, "")}-keys`, days);
		for (const { role, have, need } of signed.missing)
			await io.out(`${role}: ${have} of ${need} signatures; the next person signs with their keys`);
		if (signed.missing.length > 0) return exitCodes.failed;
		await io.out(`signed; law ${signed.hash}, policy "${signed.policyId}" version ${signed.version}`);
		return exitCodes.ok;
	},
};

export default command;

export interface SignedLaw {
	/** Not empty: units see nothing new yet. */
	readonly missing: readonly MissingSignatures[];
	/** Of the law that everybody gets; empty while signatures are missing. */
	readonly hash: string;
	readonly policyId: string;
	readonly version: number;
}

/** @throws KerbError KEY_INVALID for the key file, LAW_* or TREATMENT_INVALID when the documents are not a valid law; nothing is written then. */
export const signLaw = async (folder: string, keysFolder: string, days = 30): Promise<SignedLaw> => {
	const crypto = await loadPrimitives();
	const nowMs = systemClock.nowMs();
	const documents = await readDocuments(folder);
	const { policy } = checkDocuments(documents, crypto);
	const keys = await readRoleKeys(keysFolder);
	const previous = await readMetadata(folder);
	await checkVersions(folder, documents, previous, crypto);
	const made = makeRepository({ keys, documents, previous, nowMs, lifeDays: lifeDaysOf(days) }, crypto);
	await writeRepository(folder, made.files);
	const hash = made.missing.length > 0 ? "" : (await readLaw(folder, { crypto, nowMs })).hash;
	return { missing: made.missing, hash, policyId: policy.id, version: policy.version };
};
