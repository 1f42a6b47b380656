/**
 * The file with a unit's secrets. Made once, whole or not at all: temporary file, fsync, link, fsync of the folder. A link, unlike a rename,
 * never replaces a file that is already there, so two agents that start at once end with the same keys.
 *
 * JSON: { "kind": "unit-keys", "version": 1, "ed25519Seed": 64 hex digits, "pseudonymRoot": 64 hex digits }
 */
import { type FileHandle, link, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { fromHex, toHex } from "../../shared/bytes.ts";
import { isExistingFile, isMissingFile, KerbError } from "../../shared/errors.ts";

export interface KeyMaterial {
	readonly ed25519Seed: Uint8Array;
	/** What pseudonyms are derived from; erasing it makes every pseudonym of the unit unlinkable for good. */
	readonly pseudonymRoot: Uint8Array;
}

const maxBytes = 4_096;
const secretHex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const KeyFileSchema = v.strictObject({
	kind: v.literal("unit-keys"),
	version: v.literal(1),
	ed25519Seed: secretHex,
	pseudonymRoot: secretHex,
});

/**
 * The keys in the file at `path`, made with `random` when there is no file. The folder must exist.
 *
 * @throws KerbError KEY_INVALID when the file is not a key file, is cut short, or can be read or written by others than its owner; also when
 * it can be neither read nor made.
 */
export const openKeyFile = async (path: string, random: (count: number) => Uint8Array): Promise<KeyMaterial> => {
	try {
		const present = await readKeyFile(path);
		if (present !== undefined) return present;
		await makeKeyFile(path, { ed25519Seed: random(32), pseudonymRoot: random(32) }, toHex(random(8)));
		const made = await readKeyFile(path);
		if (made !== undefined) return made;
	} catch (cause) {
		if (cause instanceof KerbError) throw cause;
		throw new KerbError("KEY_INVALID", `key file ${path}: it can be neither read nor made; check the folder, its owner and its space`, {
			cause,
		});
	}
	throw new KerbError("KEY_INVALID", `key file ${path}: it vanished while it was made; nothing else may write to its folder`);
};

/** The keys; undefined when there is no file. */
const readKeyFile = async (path: string): Promise<KeyMaterial | undefined> => {
	let file: FileHandle;
	try {
		file = await open(path, "r");
	} catch (cause) {
		if (isMissingFile(cause)) return undefined;
		throw cause;
	}
	try {
		const { mode, size } = await file.stat();
		if ((mode & 0o077) !== 0) {
			const is = (mode & 0o777).toString(8).padStart(4, "0");
			throw new KerbError(
				"KEY_INVALID",
				`key file ${path}: expected mode 0600, got ${is}; run: chmod 600 ${path} (and consider its keys known)`,
			);
		}
		const bytes = new Uint8Array(Math.min(size, maxBytes));
		const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
		if (size > maxBytes || bytesRead !== size) throw unusable(path, undefined);
		const keys = parse(path, bytes);
		bytes.fill(0);
		return keys;
	} finally {
		await file.close();
	}
};

const parse = (path: string, bytes: Uint8Array): KeyMaterial => {
	let content: unknown;
	try {
		content = JSON.parse(new TextDecoder().decode(bytes));
	} catch {
		// Without its cause: the message of JSON.parse quotes the text, which is a secret.
		throw unusable(path, undefined);
	}
	const parsed = v.safeParse(KeyFileSchema, content);
	const ed25519Seed = parsed.success ? fromHex(parsed.output.ed25519Seed) : undefined;
	const pseudonymRoot = parsed.success ? fromHex(parsed.output.pseudonymRoot) : undefined;
	if (ed25519Seed === undefined || pseudonymRoot === undefined) throw unusable(path, undefined);
	return { ed25519Seed, pseudonymRoot };
};

const unusable = (path: string, cause: unknown): KerbError =>
	new KerbError(
		"KEY_INVALID",
		`key file ${path}: expected a whole unit-keys file of version 1; restore it from a copy, or move it away to start with new keys (collectors must then be told the new public key)`,
		cause === undefined ? {} : { cause },
	);

const makeKeyFile = async (path: string, keys: KeyMaterial, token: string): Promise<void> => {
	const folder = dirname(path);
	const temporary = join(folder, `.${basename(path)}.${token}.new`);
	const content = { kind: "unit-keys", version: 1, ed25519Seed: toHex(keys.ed25519Seed), pseudonymRoot: toHex(keys.pseudonymRoot) };
	const file = await open(temporary, "wx", 0o600);
	try {
		// The mode given to open is lessened by the umask, never raised; chmod makes it exact.
		await file.chmod(0o600);
		await file.writeFile(`${JSON.stringify(content)}\n`);
		await file.sync();
	} finally {
		await file.close();
	}
	await place(temporary, path);
	await removeLeftovers(path);
	await syncFolder(folder);
	keys.ed25519Seed.fill(0);
	keys.pseudonymRoot.fill(0);
};

/** Gives the temporary file its name, unless another agent was faster: then its keys are the keys. */
const place = async (temporary: string, path: string): Promise<void> => {
	try {
		await link(temporary, path);
	} catch (cause) {
		if (isExistingFile(cause)) return;
		// Another agent has cleaned up after placing its own file.
		if (isMissingFile(cause) && (await exists(path))) return;
		if (isMissingFile(cause) || (await exists(path))) throw cause;
		// File systems without links (FAT) get a rename.
		await rename(temporary, path);
	}
};

/** Removes temporary files, one's own and those that a power cut has left: once the key file is there, none of them can become it. */
const removeLeftovers = async (path: string): Promise<void> => {
	const [start, end] = [`.${basename(path)}.`, ".new"];
	for (const name of await readdir(dirname(path))) {
		if (!name.startsWith(start) || !name.endsWith(end)) continue;
		await unlink(join(dirname(path), name)).catch((cause: unknown) => {
			if (!isMissingFile(cause)) throw cause;
		});
	}
};

const exists = async (path: string): Promise<boolean> => {
	try {
		await stat(path);
		return true;
	} catch {
		return false;
	}
};

const syncFolder = async (folder: string): Promise<void> => {
	const handle = await open(folder, "r");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
};
