/**
 * Opens SQLite files the one way this agent does it, and names SQLite's result codes (sqlite.org/rescode.html).
 *
 * WAL with synchronous=FULL: a commit is durable when it returns, and readers (the command line) never stop the writer. Page cache 1 MiB,
 * no memory map, a checkpoint every MiB and a log cut back to 4 MiB: the whole agent has 80 MB.
 */
import { chmodSync, closeSync, constants, existsSync, openSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { KerbError } from "../../shared/errors.ts";
import { removeIfThere, systemDisk } from "./disk.ts";

export const pageBytes = 4096;

const busyMs = 2_000;
const pragmas = `
	PRAGMA synchronous = FULL;
	PRAGMA cache_size = -1024;
	PRAGMA mmap_size = 0;
	PRAGMA temp_store = MEMORY;
	PRAGMA cell_size_check = ON;
	PRAGMA wal_autocheckpoint = 256;
	PRAGMA journal_size_limit = 4194304;
`;

/**
 * Opens a database for writing; makes it, with mode 0600, when it is missing. The file never grows beyond `maxFileBytes`: a write that
 * would make it do so fails with SQLite's FULL.
 * @throws SQLite's own errors; see `sqliteCode`.
 */
export const openDatabase = (path: string, maxFileBytes: number): DatabaseSync => {
	makePrivate(path);
	const db = new DatabaseSync(path, { timeout: busyMs });
	try {
		// Only takes effect while the file is empty, and must come before the journal mode, which writes the first page.
		db.exec("PRAGMA auto_vacuum = INCREMENTAL");
		db.prepare("PRAGMA journal_mode = WAL").get();
		db.exec(pragmas);
		db.exec(`PRAGMA max_page_count = ${Math.max(16, Math.ceil(maxFileBytes / pageBytes))}`);
		return db;
	} catch (error) {
		db.close();
		throw error;
	}
};

/**
 * Opens a database for reading, whether an agent has it open or not.
 * @throws KerbError SOURCE_UNAVAILABLE when it is missing or cannot be opened.
 */
export const openDatabaseToRead = (path: string): DatabaseSync => {
	if (!existsSync(path)) throw new KerbError("SOURCE_UNAVAILABLE", `there is no ${path}. Name the data folder of a unit that has run.`);
	try {
		// Nothing is read of the file yet: what is wrong inside it is for the caller to find and name.
		return new DatabaseSync(path, { readOnly: true, timeout: busyMs });
	} catch (cause) {
		throw new KerbError("SOURCE_UNAVAILABLE", `${path} cannot be opened for reading. Check its rights, and that it is a database.`, {
			cause,
		});
	}
};

const makePrivate = (path: string): void => {
	if (existsSync(path)) {
		if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
		return;
	}
	// SQLite would create it with the mask's rights; its log and its index take the rights of the database.
	closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600));
};

/** SQLite's primary result code of an error; undefined when the error is not SQLite's. */
export const sqliteCode = (error: unknown): number | undefined => {
	if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
	return error.errcode & 0xff;
};

/** SQLITE_FULL: no space on the disk, or the file's own bound. */
export const isFull = (error: unknown): boolean => sqliteCode(error) === 13;

/** SQLITE_CORRUPT, SQLITE_NOTADB, or an integer beyond 2^53, which only damage can have put there: the file itself is damaged. */
export const isDamage = (error: unknown): boolean => [11, 26].includes(sqliteCode(error) ?? 0) || error instanceof RangeError;

/**
 * True when a file that was just opened is of no use as it stands: damaged (11, 26), tables missing or other than expected (1, 17), a sector
 * that cannot be read (10), something that is no file in its place (14), or a row that breaks the rules of its table (19, 20).
 */
export const isUselessFile = (error: unknown): boolean => isDamage(error) || [1, 10, 14, 17, 19, 20].includes(sqliteCode(error) ?? 0);

/** Runs `work` in one transaction: all of it durable when this returns, or nothing of it done when this throws what `work` threw. */
export const inTransaction = <T>(db: DatabaseSync, work: () => T): T => {
	db.exec("BEGIN IMMEDIATE");
	try {
		const result = work();
		db.exec("COMMIT");
		return result;
	} catch (error) {
		// SQLite has rolled back by itself after some errors (FULL, IOERR).
		if (db.isTransaction) db.exec("ROLLBACK");
		throw error;
	}
};

/** Bytes of the database and its log on disk now. */
export const databaseFileBytes = (path: string): number =>
	[path, `${path}-wal`].reduce((sum, each) => sum + (statSync(each, { throwIfNoEntry: false })?.size ?? 0), 0);

/**
 * Gives a closed database and its log another name, over whatever had that name. The database goes first: a log without its database is
 * removed by `removeStaleLog`, but a database without its log would be an older state of itself.
 * @throws KerbError STATE_INVALID when the folder cannot be written.
 */
export const setDatabaseAside = (path: string, asidePath: string): void => {
	for (const suffix of ["", "-wal", "-shm"]) removeIfThere(`${asidePath}${suffix}`);
	for (const suffix of ["", "-wal"])
		if (existsSync(`${path}${suffix}`)) systemDisk.renameDurable(`${path}${suffix}`, `${asidePath}${suffix}`);
	removeIfThere(`${path}-shm`);
};

/** Removes the log of a database that is not there: it would be played into the next file of that name. */
export const removeStaleLog = (path: string): void => {
	if (existsSync(path)) return;
	for (const suffix of ["-wal", "-shm"]) removeIfThere(`${path}${suffix}`);
};
