/**
 * A generation's folder as a law: the stored chain, the targets meant for this unit, and their bytes, all checked again.
 */
import { join } from "node:path";
import { toHex } from "../../shared/bytes.ts";
import { KerbError } from "../../shared/errors.ts";
import { type Law, maxDocumentBytes } from "../../shared/law.ts";
import type { UnitAddress } from "../../shared/law-targets.ts";
import type { Primitives } from "../../shared/primitives.ts";
import type { Disk } from "../host/disk.ts";
import { type ChosenTarget, chooseTargets, lawHash } from "./choose-targets.ts";
import { parseLaw, type VersionFloors } from "./parse-law.ts";
import { readStoredMetadata } from "./stored-metadata.ts";

export interface TakenLaw {
	readonly law: Law;
	/** UTC milliseconds at which the repository's timestamp ends: until then a clock that reads less is plausible. */
	readonly timestampEndsMs: number;
}

export interface LoadInput {
	readonly folder: string;
	readonly disk: Disk;
	readonly crypto: Pick<Primitives, "sha256">;
	readonly unit: UnitAddress;
	readonly rootSha256: string | undefined;
	readonly floors: VersionFloors;
}

const maxMetadataBytes = 5_000_000;

/** The targets of a generation that are meant for the unit. @throws as `loadGeneration`. */
export const chosenOf = ({ folder, disk, unit }: Pick<LoadInput, "folder" | "disk" | "unit">) => {
	const { targets, timestampEndsMs } = readStoredMetadata((role) =>
		disk.readFileBounded(join(folder, "metadata", `${role}.json`), maxMetadataBytes),
	);
	return { chosen: chooseTargets(targets, unit), timestampEndsMs };
};

/** Where a target of a generation lies. */
export const targetPath = (folder: string, { sha256 }: Pick<ChosenTarget, "sha256">): string => {
	if (!/^[0-9a-f]{64}$/.test(sha256)) throw new KerbError("LAW_INVALID", "a target's SHA-256 is not 64 hexadecimal digits");
	return join(folder, "targets", sha256);
};

/** @throws KerbError LAW_* when the generation is not whole, not this root's, not for this unit or older than what was obeyed. */
export const loadGeneration = (input: LoadInput): TakenLaw => {
	const { folder, disk, crypto } = input;
	const firstRoot = disk.readFileBounded(join(folder, "first-root.json"), maxMetadataBytes);
	if (firstRoot === undefined || firstRoot.length === 0)
		throw new KerbError("LAW_MISSING", "the root that the stored law began with is gone");
	const rootHash = toHex(crypto.sha256(firstRoot));
	if (input.rootSha256 !== undefined && input.rootSha256 !== rootHash) {
		throw new KerbError("LAW_SIGNATURE", "the stored law began with another root than the one this unit trusts");
	}
	const { chosen, timestampEndsMs } = chosenOf(input);
	const documents = chosen.map((target) => {
		const bytes = disk.readFileBounded(targetPath(folder, target), maxDocumentBytes);
		if (bytes === undefined) throw new KerbError("LAW_MISSING", `${target.path} is not stored`);
		if (bytes.length !== target.length || toHex(crypto.sha256(bytes)) !== target.sha256) {
			throw new KerbError("LAW_SIGNATURE", `${target.path} is not stored as it was signed`);
		}
		return { kind: target.kind, path: target.path, bytes };
	});
	return { law: parseLaw(documents, { hash: lawHash(chosen, crypto), rootHash }, input.floors, crypto), timestampEndsMs };
};
