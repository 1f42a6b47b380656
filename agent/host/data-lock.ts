/**
 * One agent per data folder. The lock is SQLite's on a small database of its own: the kernel lets go of it when the process ends in any way,
 * so no stale lock ever has to be removed by hand.
 */
import { DatabaseSync } from "node:sqlite";
import { KerbError } from "../../shared/errors.ts";

export interface DataLock {
	release(): void;
}

/** @throws KerbError CONFIG_INVALID when another process holds the lock, or when the file cannot be made. */
export const lockDataFolder = (path: string): DataLock => {
	let database: DatabaseSync | undefined;
	try {
		database = new DatabaseSync(path);
		database.exec(
			"PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (by INTEGER); COMMIT",
		);
		const held = database;
		return { release: () => held.close() };
	} catch (cause) {
		database?.close();
		throw new KerbError(
			"CONFIG_INVALID",
			`${path} cannot be locked: another agent uses this data folder, or this user may not write there; stop the other or choose another folder`,
			{
				cause,
			},
		);
	}
};
