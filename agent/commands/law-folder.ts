/**
 * The folder that `law init` makes, as the commands that change it see it: the documents that people edit, the keys, and the repository
 * around them. Everything is checked before anything is written.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { toHex } from "../../shared/bytes.ts";
import { isMissingFile, KerbError } from "../../shared/errors.ts";
import { idleHalts } from "../../shared/halt.ts";
import { type Law, maxDocumentBytes } from "../../shared/law.ts";
import { type Audience, AudienceSchema, lawKinds, roleOfKind } from "../../shared/law-targets.ts";
import { parseDocument } from "../../shared/parse-document.ts";
import type { Primitives } from "../../shared/primitives.ts";
import { type DelegatedRole, type RoleKeysFile, RoleKeysFileSchema } from "../../shared/role-keys.ts";
import { parseMetadata } from "../../shared/tuf-metadata.ts";
import type { RepositoryDocument, RepositoryFile } from "../../shared/tuf-repository.ts";
import { systemClock } from "../host/clock.ts";
import { parseLaw } from "../law/parse-law.ts";
import { compileRegime } from "../regime.ts";

const AddressesSchema = v.record(v.string(), AudienceSchema);
const addressesFile = "for.json";

/**
 * The documents in FOLDER/documents: `<kind>.json` is meant for everybody, `<kind>.<name>.json` for whom `for.json` says
 * (`{ "policy.north.json": { "cohorts": ["north"] } }`).
 *
 * @throws KerbError LAW_MISSING when there is no such folder, LAW_INVALID for a file that is neither.
 */
export const readDocuments = async (folder: string): Promise<readonly RepositoryDocument[]> => {
	const from = join(folder, "documents");
	const names = (await listed(from)) ?? [];
	if (names.length === 0) throw new KerbError("LAW_MISSING", `there are no documents in ${from}; "law init" makes a first law`);
	const addresses: Readonly<Record<string, Audience>> = names.includes(addressesFile)
		? parseDocument(AddressesSchema, await readFile(join(from, addressesFile)), join(from, addressesFile), "LAW_INVALID")
		: {};
	const stray = Object.keys(addresses).find((name) => !names.includes(name));
	if (stray !== undefined) throw new KerbError("LAW_INVALID", `${addressesFile} addresses ${stray}, which is not there`);
	const documents: RepositoryDocument[] = [];
	for (const name of names.filter((each) => each !== addressesFile).sort()) {
		const kind = lawKinds.find((each) => name === `${each}.json` || (name.startsWith(`${each}.`) && name.endsWith(".json")));
		const audience = Object.hasOwn(addresses, name) ? addresses[name] : undefined;
		if (kind === undefined || (name !== `${kind}.json` && audience === undefined)) {
			throw new KerbError(
				"LAW_INVALID",
				`${join(from, name)}: expected KIND.json, or KIND.NAME.json and who it is for in ${addressesFile}; kinds: ${lawKinds.join(", ")}`,
			);
		}
		const bytes = await readFile(join(from, name));
		if (bytes.length > maxDocumentBytes)
			throw new KerbError("LAW_INVALID", `${join(from, name)} has ${bytes.length} bytes; at most ${maxDocumentBytes}`);
		documents.push({ kind, name, bytes, for: audience });
	}
	return documents;
};

/**
 * Checks every law that the documents make: everybody's, and that with each addressed document in its kind's place.
 *
 * @returns everybody's law; its hashes are empty.
 * @throws KerbError LAW_* or TREATMENT_INVALID with every problem.
 */
export const checkDocuments = (documents: readonly RepositoryDocument[], crypto: Primitives): Law => {
	const common = documents.filter((document) => document.for === undefined);
	const laws = [undefined, ...documents.filter((document) => document.for !== undefined)].map((special) => {
		const mine = special === undefined ? common : [...common.filter(({ kind }) => kind !== special.kind), special];
		const law = parseLaw(
			mine.map(({ kind, name, bytes }) => ({ kind, path: name, bytes })),
			{ hash: "", rootHash: "" },
			{},
			crypto,
		);
		const { jurisdiction: home } = law.catalogue;
		compileRegime({ law, overlay: undefined, home, nowMs: systemClock.nowMs(), pseudonymKey: () => new Uint8Array(32) });
		return law;
	});
	const idle = laws.flatMap(({ halt }) =>
		halt === undefined
			? []
			: idleHalts(
					halt,
					laws.flatMap(({ outlets }) => outlets.outlets.map(({ id }) => id)),
					laws.flatMap(({ catalogue }) => catalogue.rows.map(({ id }) => id)),
				),
	);
	if (idle.length > 0) {
		const problems = [...new Set(idle)].map((problem) => `halt: ${problem}`);
		throw new KerbError("LAW_INVALID", problems[0] ?? "", { problems });
	}
	const [everybody] = laws;
	if (everybody === undefined) throw new KerbError("LAW_MISSING", "the law has no documents");
	return everybody;
};

/**
 * Two laws under one version could not be told apart in a label or a report, and a unit would take either for the other.
 *
 * @param previous As `readMetadata` gives it.
 * @throws KerbError LAW_INVALID with every document that differs from the one that is signed and has no higher version.
 */
export const checkVersions = async (
	folder: string,
	documents: readonly RepositoryDocument[],
	previous: ReadonlyMap<string, Uint8Array>,
	crypto: Primitives,
): Promise<void> => {
	const problems: string[] = [];
	for (const { kind, name, bytes } of documents) {
		const signed = signedSha256(previous, roleOfKind[kind], `${kind}/${name}`);
		if (signed === undefined || signed === toHex(crypto.sha256(bytes))) continue;
		const before = versionIn(await readFile(join(folder, "targets", kind, `${signed}.${name}`)));
		if (before === undefined || (versionIn(bytes) ?? 0) > before) continue;
		problems.push(`documents/${name}: it was changed, so its version must be above ${before}, which is signed already`);
	}
	if (problems.length > 0) throw new KerbError("LAW_INVALID", problems[0] ?? "", { problems });
};

/** What the newest metadata of a role says of a target. */
const signedSha256 = (previous: ReadonlyMap<string, Uint8Array>, role: DelegatedRole, target: string): string | undefined => {
	const versions = [...previous.keys()].flatMap((path) => new RegExp(`^metadata/(\\d{1,9})\\.${role}\\.json$`).exec(path)?.[1] ?? []);
	const path = `metadata/${Math.max(0, ...versions.map(Number))}.${role}.json`;
	const bytes = previous.get(path);
	if (bytes === undefined) return undefined;
	const { targets } = v.parse(SignedTargetsSchema, parseMetadata(bytes, path).signed);
	return Object.hasOwn(targets, target) ? targets[target]?.hashes.sha256 : undefined;
};

const SignedTargetsSchema = v.object({
	targets: v.record(v.string(), v.object({ hashes: v.object({ sha256: v.pipe(v.string(), v.hexadecimal()) }) })),
});

const versionIn = (bytes: Uint8Array): number | undefined => {
	const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
	const version: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "version") : undefined;
	return typeof version === "number" ? version : undefined;
};

/** @throws KerbError KEY_INVALID when there is no key file or it is not one. */
export const readRoleKeys = async (keysFolder: string): Promise<RoleKeysFile> => {
	const path = join(keysFolder, "role-keys.json");
	try {
		return parseDocument(RoleKeysFileSchema, await readFile(path), path, "KEY_INVALID");
	} catch (cause) {
		if (!isMissingFile(cause)) throw cause;
		throw new KerbError("KEY_INVALID", `there is no ${path}; "law init" writes one, and --keys names its folder`, { cause });
	}
};

/** What lies under metadata/ and pending/ now. */
export const readMetadata = async (folder: string): Promise<ReadonlyMap<string, Uint8Array>> => {
	const files = new Map<string, Uint8Array>();
	for (const part of ["metadata", "pending"]) {
		for (const name of (await listed(join(folder, part))) ?? []) files.set(`${part}/${name}`, await readFile(join(folder, part, name)));
	}
	return files;
};

/** Writes in order, each whole or not at all; what was pending and is signed now goes. */
export const writeRepository = async (folder: string, files: readonly RepositoryFile[]): Promise<void> => {
	for (const { path, bytes } of files) {
		const target = join(folder, path);
		await mkdir(dirname(target), { recursive: true });
		await writeFile(`${target}.new`, bytes);
		await rename(`${target}.new`, target);
		if (path.startsWith("metadata/")) await rm(join(folder, path.replace(/^metadata\//, "pending/")), { force: true });
	}
};

/** The files in a folder; undefined when there is no such folder. */
const listed = async (folder: string): Promise<readonly string[] | undefined> => {
	try {
		return (await readdir(folder)).filter((name) => name.endsWith(".json"));
	} catch (cause) {
		if (isMissingFile(cause)) return undefined;
		throw cause;
	}
};
