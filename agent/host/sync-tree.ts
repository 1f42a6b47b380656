/**
 * Makes a folder with everything in it durable: what is in the files first, then their names. For files that others have written.
 */
import { closeSync, fsyncSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { KerbError } from "../../shared/errors.ts";

/** @throws KerbError STATE_INVALID when the system refuses. */
export const syncTree = (folder: string): void => {
	try {
		syncFolder(folder);
	} catch (cause) {
		throw new KerbError("STATE_INVALID", `${folder} could not be made durable. Check the disk.`, { cause });
	}
};

const syncFolder = (folder: string): void => {
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory()) syncFolder(path);
		else if (entry.isFile()) syncPath(path);
	}
	syncPath(folder);
};

const syncPath = (path: string): void => {
	const handle = openSync(path, "r");
	try {
		fsyncSync(handle);
	} finally {
		closeSync(handle);
	}
};
