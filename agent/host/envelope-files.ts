/**
 * Envelopes as files: `*.cose`, each one envelope.
 */
import { open, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { maxEnvelopeBytes } from "../../shared/envelope.ts";
import { isMissingFile, KerbError } from "../../shared/errors.ts";

export interface EnvelopeFile {
	readonly path: string;
	/** The folder that it is in. */
	readonly folder: string;
}

/** Folders below an input: a collector keeps `<unit>/<outlet>/<sequence>.cose`. */
const maxDepth = 4;
const maxFiles = 1_000_000;

/**
 * The files named, and those ending in `.cose` inside the folders named, by name. Symbolic links inside folders are not followed.
 *
 * @throws KerbError SOURCE_UNAVAILABLE when an input is not there or there are more than a million files.
 */
export const findEnvelopes = async (inputs: readonly string[]): Promise<readonly EnvelopeFile[]> => {
	const files: EnvelopeFile[] = [];
	for (const input of inputs) {
		try {
			if ((await stat(input)).isDirectory()) await walk(input, maxDepth, files);
			else files.push({ path: input, folder: dirname(input) });
		} catch (cause) {
			if (cause instanceof KerbError) throw cause;
			throw new KerbError("SOURCE_UNAVAILABLE", `${input}: it ${isMissingFile(cause) ? "is not there" : "cannot be read"}`, { cause });
		}
	}
	return files;
};

const walk = async (folder: string, depth: number, files: EnvelopeFile[]): Promise<void> => {
	const entries = await readdir(folder, { withFileTypes: true });
	for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
		const path = join(folder, entry.name);
		if (entry.isDirectory() && depth > 0) await walk(path, depth - 1, files);
		if (entry.isFile() && entry.name.endsWith(".cose")) files.push({ path, folder });
		if (files.length > maxFiles)
			throw new KerbError("SOURCE_UNAVAILABLE", `${folder}: more than ${maxFiles} envelopes; name fewer folders`);
	}
};

/**
 * The bytes of one file; never more than an envelope may have.
 *
 * @throws KerbError ENVELOPE_INVALID when the file is larger; SOURCE_UNAVAILABLE when it cannot be read.
 */
export const readEnvelope = async (path: string): Promise<Uint8Array> => {
	try {
		await using file = await open(path, "r");
		const { size } = await file.stat();
		if (size > maxEnvelopeBytes)
			throw new KerbError("ENVELOPE_INVALID", `envelope: expected at most ${maxEnvelopeBytes} bytes, got ${size}`);
		const bytes = new Uint8Array(size);
		const { bytesRead } = await file.read(bytes, 0, size, 0);
		return bytes.subarray(0, bytesRead);
	} catch (cause) {
		if (cause instanceof KerbError) throw cause;
		throw new KerbError("SOURCE_UNAVAILABLE", "the file cannot be read", { cause });
	}
};
