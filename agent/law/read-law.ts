/**
 * The law in a repository folder, for whoever only looks at it: taken and verified exactly as a unit does, in a temporary folder, and
 * nothing is remembered.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Law } from "../../shared/law.ts";
import type { UnitAddress } from "../../shared/law-targets.ts";
import type { Primitives } from "../../shared/primitives.ts";
import { removeIfThere, systemDisk } from "../host/disk.ts";
import { openCarrier } from "./carrier.ts";
import { folderReader } from "./folder-reader.ts";

/** A unit that no document names. */
export const anyUnit: UnitAddress = { unitId: "", cohorts: [], hardware: undefined };

export interface ReadLawOptions {
	readonly crypto: Pick<Primitives, "sha256">;
	/** UTC milliseconds that expiry is judged by. */
	readonly nowMs: number;
	/** Whose law; `anyUnit` unless told. */
	readonly unit?: UnitAddress;
}

/** @throws KerbError LAW_* when the folder holds no law, or one that a unit would refuse; `problems` lists every one. */
export const readLaw = async (folder: string, { crypto, nowMs, unit = anyUnit }: ReadLawOptions): Promise<Law> => {
	const store = mkdtempSync(join(tmpdir(), "kerbstone-law-"));
	try {
		const carrier = openCarrier({
			folder: store,
			reader: folderReader(folder),
			disk: systemDisk,
			crypto,
			unit,
			rootSha256: () => undefined,
			floors: () => ({}),
			nowMs: () => nowMs,
			check: () => undefined,
		});
		return (await carrier.update()).law;
	} finally {
		removeIfThere(store);
	}
};
