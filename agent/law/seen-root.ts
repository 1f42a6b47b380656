/**
 * The newest root that a unit has verified, kept even when the rest of an update failed: keys that were taken back must stay so for a unit
 * that heard of it once (TUF specification 5.3.8). One file for each first root.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Metadata, MetadataKind } from "@tufjs/models";
import { sameBytes } from "../../shared/bytes.ts";
import type { Disk } from "../host/disk.ts";

const maxRootBytes = 512_000;
const fileOf = (store: string, firstRootSha256: string): string => join(store, `root-${firstRootSha256.slice(0, 16)}.json`);

/** Puts the newest root seen in place of an older one in a staged generation. A damaged one is passed over. */
export const useSeenRoot = (store: string, firstRootSha256: string, staged: string, disk: Disk): void => {
	const path = join(staged, "metadata", "root.json");
	try {
		const seen = disk.readFileBounded(fileOf(store, firstRootSha256), maxRootBytes);
		if (seen !== undefined && versionOf(seen) > versionOf(readFileSync(path))) writeFileSync(path, seen, { mode: 0o600 });
	} catch {
		// What cannot be read as a root says nothing; the chain is followed again from the one that can.
	}
};

/** Keeps the root of a staged generation, which the TUF client has verified. */
export const keepSeenRoot = (store: string, firstRootSha256: string, staged: string, disk: Disk): void => {
	const root = disk.readFileBounded(join(staged, "metadata", "root.json"), maxRootBytes);
	const path = fileOf(store, firstRootSha256);
	const seen = disk.readFileBounded(path, maxRootBytes);
	if (root !== undefined && (seen === undefined || !sameBytes(root, seen))) disk.writeFileDurable(path, root);
};

/** Throws when the bytes are not a root that its own keys signed. */
const versionOf = (bytes: Uint8Array): number => {
	const root = Metadata.fromJSON(MetadataKind.Root, JSON.parse(new TextDecoder().decode(bytes)));
	root.verifyDelegate("root", root);
	return root.signed.version;
};
