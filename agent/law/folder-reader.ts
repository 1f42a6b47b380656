/**
 * Law from a folder on disk: a repository that `law init` made, a memory stick, or what another program fetches.
 */
import { open } from "node:fs/promises";
import { join, normalize } from "node:path";
import { isMissingFile, KerbError } from "../../shared/errors.ts";
import type { LawReader } from "./law-reader.ts";

/** @param folder Holds `root.json`, `metadata/` and `targets/`. */
export const folderReader = (folder: string): LawReader => ({
	name: folder,
	async read(path, maxBytes) {
		if (normalize(path) !== path || path.startsWith("/") || path.startsWith("..")) {
			throw new KerbError("LAW_INVALID", "the law names a file outside its own folder");
		}
		try {
			await using file = await open(join(folder, path), "r");
			const { size } = await file.stat();
			if (size > maxBytes) throw new KerbError("LAW_INVALID", `${path} in ${folder} has ${size} bytes; at most ${maxBytes} are read`);
			return await file.readFile();
		} catch (cause) {
			if (isMissingFile(cause)) return undefined;
			if (cause instanceof KerbError) throw cause;
			throw new KerbError(
				"LAW_UNAVAILABLE",
				`${path} in ${folder} cannot be read; check that it is a file and that this user may read it`,
				{
					cause,
				},
			);
		}
	},
});
