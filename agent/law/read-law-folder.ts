/**
 * Reads the files of a law folder, bounded. What they mean and whether they may be believed is `verify-law.ts`'s business.
 */
import { open } from "node:fs/promises";
import { join } from "node:path";
import { isMissingFile, KerbError } from "../../shared/errors.ts";
import { type LawRole, lawRoles, maxDocumentBytes } from "../../shared/law.ts";
import type { LawFiles, SignedFile } from "./verify-law.ts";

/** @throws KerbError LAW_MISSING when the folder or its root.json is not there or cannot be read; LAW_INVALID when a file is too large. */
export const readLawFolder = async (folder: string): Promise<LawFiles> => {
	const root = await readSigned(folder, "root.json");
	if (root === undefined) {
		throw new KerbError(
			"LAW_MISSING",
			`no law in ${folder}: expected root.json and the documents it names; "kerbstone law init ${folder}" makes a first one`,
		);
	}
	const documents: Partial<Record<LawRole, SignedFile>> = {};
	for (const role of lawRoles) {
		const file = await readSigned(folder, `${role}.json`);
		if (file !== undefined) documents[role] = file;
	}
	return { root, documents };
};

const readSigned = async (folder: string, name: string): Promise<SignedFile | undefined> => {
	const bytes = await readBounded(join(folder, name));
	return bytes && { bytes, signatures: await readBounded(join(folder, `${name}.sig`)) };
};

const readBounded = async (path: string): Promise<Uint8Array | undefined> => {
	try {
		await using file = await open(path, "r");
		const { size } = await file.stat();
		if (size > maxDocumentBytes) throw new KerbError("LAW_INVALID", `${path} has ${size} bytes; at most ${maxDocumentBytes} are read`);
		return await file.readFile();
	} catch (cause) {
		if (isMissingFile(cause)) return undefined;
		if (cause instanceof KerbError) throw cause;
		throw new KerbError("LAW_MISSING", `${path} cannot be read; check that it is a file and that this user may read it`, { cause });
	}
};
