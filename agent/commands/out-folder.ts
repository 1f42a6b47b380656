/**
 * The folder that a replay writes envelopes to. All envelopes in it are of one unit, whose public key lies beside them: with two units in
 * one folder the older one's envelopes could not be verified any more, and might be taken for the newer one's.
 */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { KerbError } from "../../shared/errors.ts";
import type { Disk } from "../host/disk.ts";
import { unitFileName } from "../parts.ts";

const maxUnitBytes = 4_096;

/**
 * Makes the folder if it is not there and copies the unit's unit.json from its data folder into it, never through a link.
 *
 * @throws KerbError USAGE when it holds envelopes of another unit or of another key of this one; SOURCE_UNAVAILABLE when it can be neither
 * made nor read; STATE_INVALID when it cannot be written to.
 */
export const openOutFolder = (folder: string, dataDir: string, disk: Disk): void => {
	let names: readonly string[];
	try {
		mkdirSync(folder, { recursive: true });
		names = readdirSync(folder);
	} catch (cause) {
		throw new KerbError("SOURCE_UNAVAILABLE", `${folder} is no folder that envelopes can be written to: check the path and its rights`, {
			cause,
		});
	}
	const path = join(folder, unitFileName);
	const bytes = disk.readFileBounded(join(dataDir, unitFileName), maxUnitBytes) ?? new Uint8Array();
	const isSame = existsSync(path) && Buffer.compare(disk.readFileBounded(path, maxUnitBytes) ?? new Uint8Array(), bytes) === 0;
	if (!isSame && names.some((name) => name.endsWith(".cose"))) {
		throw new KerbError(
			"USAGE",
			`${folder} holds envelopes of another unit or of an earlier replay; choose an empty folder, or give each replay the same --unit and --state`,
		);
	}
	disk.writeFileDurable(path, bytes, { mode: 0o644 });
};
