/**
 * Small files that must never be seen half written: a temporary file beside the target, fsync, rename, fsync of the folder. After a crash or
 * a power cut at any point the reader finds the old content or the new, whole.
 *
 * The temporary file has a fixed name, so one process writes a given file; what a crash left of it is removed by the next write and by
 * `removeLeftover`. Everything is synchronous: the files are below a megabyte, and what depends on a file (a sequence number that may be
 * handed out) can then not run ahead of it.
 */
import {
	closeSync,
	constants,
	existsSync,
	fstatSync,
	fsyncSync,
	mkdirSync,
	openSync,
	readSync,
	renameSync,
	rmSync,
	unlinkSync,
	writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { isExistingFile, isMissingFile, KerbError } from "../../shared/errors.ts";

/** The calls a durable write is made of, so that a test can cut the power between any two. All throw the system's own errors. */
export interface DiskCalls {
	/** Opens a file for writing that must not exist yet, never through a link; returns a handle. */
	create(path: string, mode: number): number;
	/** Writes all of `bytes`. */
	write(handle: number, bytes: Uint8Array): void;
	sync(handle: number): void;
	close(handle: number): void;
	rename(from: string, to: string): void;
	/** Removes a file; throws when it is not there. */
	remove(path: string): void;
	/** Removes a file or a folder with all in it; does nothing when it is not there. */
	removeAll(path: string): void;
	/** Makes the names in a folder durable. */
	syncFolder(path: string): void;
	/** The first `maxBytes` bytes of a regular file, fewer when it is shorter. */
	read(path: string, maxBytes: number): Uint8Array;
}

export interface Disk {
	/**
	 * Replaces the content of `path`; durable when it returns. `mode` is 0o600 unless told; `bytes` are borrowed for the call.
	 * @throws KerbError STATE_INVALID when the system refuses; the old content is then still there, unless the message says that only the
	 * last step failed.
	 */
	writeFileDurable(path: string, bytes: Uint8Array, options?: { readonly mode?: number }): void;
	/**
	 * The whole content, owned by the caller; undefined when there is no such file.
	 * @throws KerbError STATE_INVALID when it is longer than `maxBytes`, not a regular file or not readable.
	 */
	readFileBounded(path: string, maxBytes: number): Uint8Array | undefined;
	/**
	 * Gives a file another name in the same folder, durably, in place of whatever had that name: for putting damaged files aside.
	 * @throws KerbError STATE_INVALID when the system refuses.
	 */
	renameDurable(from: string, to: string): void;
	/** Removes what a crash left of a write of `path`. Never throws. */
	removeLeftover(path: string): void;
}

/** The name of the temporary file of `path`. */
export const leftoverOf = (path: string): string => `${path}.new`;

/** The algorithm over the given calls. */
export const createDisk = (calls: DiskCalls): Disk => {
	const createFresh = (path: string, mode: number): number => {
		try {
			return calls.create(path, mode);
		} catch (error) {
			if (!isExistingFile(error)) throw error;
			calls.remove(path);
			return calls.create(path, mode);
		}
	};
	const writeSynced = (path: string, bytes: Uint8Array, mode: number): void => {
		const handle = createFresh(path, mode);
		try {
			calls.write(handle, bytes);
			calls.sync(handle);
		} finally {
			calls.close(handle);
		}
	};
	const removeLeftover = (path: string): void => {
		try {
			calls.remove(leftoverOf(path));
		} catch {
			// Not there, or not removable now: the next write removes it, and nobody reads it.
		}
	};
	return {
		writeFileDurable(path, bytes, options = {}) {
			try {
				writeSynced(leftoverOf(path), bytes, options.mode ?? 0o600);
				calls.rename(leftoverOf(path), path);
			} catch (cause) {
				removeLeftover(path);
				throw new KerbError("STATE_INVALID", `${path} could not be written; its old content is untouched. Check space and rights.`, {
					cause,
				});
			}
			try {
				calls.syncFolder(dirname(path));
			} catch (cause) {
				throw new KerbError("STATE_INVALID", `${path} was written, but its folder could not be made durable. Check the disk.`, { cause });
			}
		},
		readFileBounded(path, maxBytes) {
			let bytes: Uint8Array;
			try {
				bytes = calls.read(path, maxBytes + 1);
			} catch (cause) {
				if (isMissingFile(cause)) return undefined;
				throw new KerbError("STATE_INVALID", `${path} cannot be read as a regular file. Check its kind and rights.`, { cause });
			}
			if (bytes.length > maxBytes) throw new KerbError("STATE_INVALID", `${path} is longer than ${maxBytes} bytes.`);
			return bytes;
		},
		renameDurable(from, to) {
			try {
				// A folder that stands in the way of a file, or the other way round, cannot be renamed over.
				calls.removeAll(to);
				calls.rename(from, to);
				calls.syncFolder(dirname(to));
			} catch (cause) {
				throw new KerbError("STATE_INVALID", `${from} could not be renamed to ${to}. Check the rights of the folder.`, { cause });
			}
		},
		removeLeftover,
	};
};

/** Removes a file or folder if it is there. Never used on anything but set-aside copies and leftovers. */
export const removeIfThere = (path: string): void => rmSync(path, { force: true, recursive: true });

const systemCalls: DiskCalls = {
	create: (path, mode) => openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode),
	write(handle, bytes) {
		let written = 0;
		while (written < bytes.length) written += writeSync(handle, bytes, written);
	},
	sync: fsyncSync,
	close: closeSync,
	rename: renameSync,
	remove: unlinkSync,
	removeAll: removeIfThere,
	syncFolder(path) {
		const handle = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
		try {
			fsyncSync(handle);
		} finally {
			closeSync(handle);
		}
	},
	read(path, maxBytes) {
		// Non-blocking, because opening a named pipe would otherwise wait for a writer for ever.
		const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
		try {
			const { size } = fstatSync(handle);
			if (!fstatSync(handle).isFile()) throw new KerbError("STATE_INVALID", `${path} is not a regular file.`);
			const bytes = new Uint8Array(Math.min(size, maxBytes));
			let at = 0;
			while (at < bytes.length) {
				const count = readSync(handle, bytes, at, bytes.length - at, at);
				if (count === 0) break;
				at += count;
			}
			return bytes.subarray(0, at);
		} finally {
			closeSync(handle);
		}
	},
};

/** The disk of this machine. */
export const systemDisk: Disk = createDisk(systemCalls);

/** `systemDisk.writeFileDurable`, for code that needs no other disk. */
export const writeFileDurable: Disk["writeFileDurable"] = systemDisk.writeFileDurable;

/** `systemDisk.readFileBounded`, for code that needs no other disk. */
export const readFileBounded: Disk["readFileBounded"] = systemDisk.readFileBounded;

/**
 * Makes a folder that only its owner can enter, with the folders above it where they are missing. One that exists is left as it is: it may
 * be shared for a reason, and each file in it is private by its own mode.
 * @throws KerbError STATE_INVALID when it cannot be made.
 */
export const ensurePrivateFolder = (path: string): void => {
	if (existsSync(path)) return;
	try {
		mkdirSync(path, { recursive: true, mode: 0o700 });
	} catch (cause) {
		throw new KerbError("STATE_INVALID", `the folder ${path} could not be made. Check the rights of the folder above it.`, { cause });
	}
};
