/**
 * Which files of a repository a unit can still ask for: those that its newest timestamp leads to, and every root, since a unit that was away
 * follows the roots one by one.
 */
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";
import { delegatedRoles } from "../../shared/role-keys.ts";
import { parseMetadata } from "../../shared/tuf-metadata.ts";
import type { LawReader } from "./law-reader.ts";

export interface RepositoryFiles {
	/** Path and bytes, in the order in which they are to be published: a unit that looks in between finds the old law or the new one. */
	readonly files: ReadonlyMap<string, Uint8Array>;
	readonly snapshotVersion: number;
}

const version = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const MetaSchema = v.record(v.string(), v.object({ version }));
const TargetsSchema = v.record(v.string(), v.object({ hashes: v.object({ sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) }) }));
/** As many rotations of the root as a unit follows. */
const maxRoots = 256;

/** @throws KerbError LAW_MISSING when a file is not there, LAW_INVALID when one is not what it should be or longer than `maxBytes`. */
export const repositoryFiles = async (reader: LawReader, maxBytes: number): Promise<RepositoryFiles> => {
	const read = async (path: string): Promise<Uint8Array> => {
		const bytes = await reader.read(path, maxBytes);
		if (bytes === undefined) throw new KerbError("LAW_MISSING", `${path} is missing in ${reader.name}; run "kerbstone law sign" again`);
		return bytes;
	};
	const timestamp = await read("metadata/timestamp.json");
	const snapshotVersion = metaOf(timestamp, "timestamp")["snapshot.json"]?.version ?? 0;
	const snapshotPath = `metadata/${snapshotVersion}.snapshot.json`;
	const snapshot = await read(snapshotPath);

	const targets = new Map<string, Uint8Array>();
	const roles = new Map<string, Uint8Array>();
	const named = metaOf(snapshot, "snapshot");
	for (const role of ["targets", ...delegatedRoles]) {
		const path = `metadata/${named[`${role}.json`]?.version ?? 0}.${role}.json`;
		const bytes = await read(path);
		roles.set(path, bytes);
		for (const [target, { hashes }] of Object.entries(checked(TargetsSchema, parseMetadata(bytes, path).signed.targets, path))) {
			const slash = target.lastIndexOf("/") + 1;
			const file = `targets/${target.slice(0, slash)}${hashes.sha256}.${target.slice(slash)}`;
			targets.set(file, await read(file));
		}
	}
	const roots = new Map<string, Uint8Array>();
	for (let n = 1; n <= maxRoots; n += 1) {
		const bytes = await reader.read(`metadata/${n}.root.json`, maxBytes);
		if (bytes === undefined) break;
		roots.set(`metadata/${n}.root.json`, bytes);
	}
	return {
		snapshotVersion,
		files: new Map([
			...targets,
			["root.json", await read("root.json")],
			...roles,
			[snapshotPath, snapshot],
			...roots,
			["metadata/timestamp.json", timestamp],
		]),
	};
};

const metaOf = (bytes: Uint8Array, role: string): v.InferOutput<typeof MetaSchema> =>
	checked(MetaSchema, parseMetadata(bytes, `${role}.json`).signed.meta, role);

const checked = <S extends v.GenericSchema>(schema: S, value: unknown, what: string): v.InferOutput<S> => {
	const parsed = v.safeParse(schema, value);
	if (parsed.success) return parsed.output;
	throw new KerbError("LAW_INVALID", `${what} is no metadata of its kind: it does not say what belongs to it`);
};
