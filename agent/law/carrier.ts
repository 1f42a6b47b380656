/**
 * Carries the law to a unit: fetches what is new in a repository into a generation of its own, verifies it with the TUF client, takes the
 * documents meant for this unit, has them checked, and puts them in force by one rename. On any failure the last good law stays.
 */
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sameBytes, toHex } from "../../shared/bytes.ts";
import { isKerbError, KerbError } from "../../shared/errors.ts";
import type { Law } from "../../shared/law.ts";
import { lawKinds, roleOfKind, type UnitAddress } from "../../shared/law-targets.ts";
import type { Primitives } from "../../shared/primitives.ts";
import { delegatedRoles } from "../../shared/role-keys.ts";
import type { Disk } from "../host/disk.ts";
import { openGenerations } from "./generations.ts";
import type { LawReader } from "./law-reader.ts";
import { chosenOf, loadGeneration, type TakenLaw, targetPath } from "./load-generation.ts";
import type { VersionFloors } from "./parse-law.ts";
import { keepSeenRoot, useSeenRoot } from "./seen-root.ts";
import { stagedSnapshot } from "./staged-snapshot.ts";
import { openTufUpdater, type TufUpdater } from "./tuf-updater.ts";

export interface CarrierOptions {
	/** Where the unit keeps its law; made when it is not there. */
	readonly folder: string;
	readonly reader: LawReader;
	readonly disk: Disk;
	readonly crypto: Pick<Primitives, "sha256">;
	readonly unit: UnitAddress;
	/** SHA-256 of the first root, in hexadecimal; undefined: the repository's own is believed at first use. */
	readonly rootSha256: () => string | undefined;
	readonly floors: () => VersionFloors;
	/** UTC milliseconds that expiry is judged by; never less than what was once known to be good. */
	readonly nowMs: () => number;
	/** Throws a KerbError when this build cannot obey the law as a whole. */
	readonly check: (law: Law) => void;
}

export interface Carrier {
	/**
	 * The last good law, from disk alone; undefined when there is none. A generation that was damaged is passed over for the one before it.
	 */
	stored(): TakenLaw | undefined;
	/**
	 * Looks whether the repository has something newer. Resolves with the law then in force, which may be the one from before.
	 * Calls that overlap share one look.
	 *
	 * Rejects with KerbError LAW_*, TREATMENT_INVALID or STATE_INVALID when what the repository has was refused or cannot be had.
	 */
	update(): Promise<TakenLaw>;
	/** The version of the snapshot that the last look could believe, also when it then refused the law; undefined before there was one. */
	snapshotVersion(): number | undefined;
}

/** Nothing is ever asked of this host: paths below it are handed to the reader. */
const base = "http://law.invalid";
const maxRootBytes = 512_000;

/** @throws KerbError STATE_INVALID when the folder cannot be made. */
export const openCarrier = (options: CarrierOptions): Carrier => {
	const { reader, disk, crypto, unit } = options;
	const generations = openGenerations(options.folder, disk);
	let running: Promise<TakenLaw> | undefined;
	let snapshotVersion: number | undefined;

	const load = (folder: string, rootSha256: string | undefined): TakenLaw =>
		loadGeneration({ folder, disk, crypto, unit, rootSha256, floors: options.floors() });

	/** The generation in force, if it is whole and this root's; it need not be meant for the unit any more. */
	const best = (): { readonly folder: string; readonly taken: TakenLaw } | undefined => {
		for (const folder of generations.list()) {
			try {
				return { folder, taken: load(folder, options.rootSha256()) };
			} catch (error) {
				if (!isKerbError(error)) throw error;
			}
		}
		return undefined;
	};

	/** Begins a generation with the repository's first root; returns its hash. */
	const provision = async (staged: string): Promise<string> => {
		const pinned = options.rootSha256();
		const bytes = await reader.read("root.json", maxRootBytes);
		if (bytes === undefined) {
			throw new KerbError(
				"LAW_MISSING",
				`no law in ${reader.name}: expected root.json, metadata/ and targets/; "kerbstone law init" makes them`,
			);
		}
		const hash = toHex(crypto.sha256(bytes));
		if (pinned !== undefined && pinned !== hash) {
			throw new KerbError(
				"LAW_SIGNATURE",
				`root.json in ${reader.name} has SHA-256 ${hash}, but this unit trusts ${pinned}; the law belongs to another root`,
			);
		}
		writeFileSync(join(staged, "first-root.json"), bytes, { mode: 0o600 });
		writeFileSync(join(staged, "metadata", "root.json"), bytes, { mode: 0o600 });
		return hash;
	};

	const look = async (): Promise<TakenLaw> => {
		const known = best();
		const staged = generations.stage(known?.folder);
		let isCommitted = false;
		let rootHash: string | undefined;
		try {
			rootHash = known?.taken.law.rootHash ?? (await provision(staged));
			useSeenRoot(options.folder, rootHash, staged, disk);
			const updater = openTufUpdater({
				metadataDir: join(staged, "metadata"),
				metadataUrl: `${base}/metadata`,
				targetUrl: `${base}/targets`,
				scratchFile: join(staged, "download"),
				get: (url, maxBytes) => reader.read(decodeURIComponent(new URL(url).pathname.slice(1)), maxBytes),
				nowMs: options.nowMs(),
			});
			await updater.refresh();
			// The client loads a role when it is asked for a target that the role may sign.
			for (const role of delegatedRoles) await updater.find(`${lawKinds.find((kind) => roleOfKind[kind] === role)}/any`);
			if (known !== undefined && isSame(known.folder, staged)) return known.taken;
			await takeTargets(updater, staged, known?.folder);
			const taken = load(staged, options.rootSha256());
			options.check(taken.law);
			generations.commit(staged);
			isCommitted = true;
			return taken;
		} finally {
			snapshotVersion = stagedSnapshot(staged, disk) ?? snapshotVersion;
			if (rootHash !== undefined) keepSeenRoot(options.folder, rootHash, staged, disk);
			if (!isCommitted) generations.discard(staged);
		}
	};

	const takeTargets = async (updater: TufUpdater, staged: string, from: string | undefined): Promise<void> => {
		for (const target of chosenOf({ folder: staged, disk, unit }).chosen) {
			const info = await updater.find(target.path);
			if (info === undefined || info.hashes.sha256 !== target.sha256 || info.length !== target.length) {
				throw new KerbError("LAW_INVALID", `${target.path} is signed for by more than one role, and not alike`);
			}
			const path = targetPath(staged, target);
			const kept = from === undefined ? undefined : targetPath(from, target);
			if (kept !== undefined && existsSync(kept) && (await updater.holds(info, kept))) copyFileSync(kept, path);
			else await updater.download(info, path);
		}
	};

	return {
		stored: () => best()?.taken,
		snapshotVersion: () => snapshotVersion,
		update: () => {
			running ??= look().finally(() => {
				running = undefined;
			});
			return running;
		},
	};
};

/** True when two generations have the same metadata, byte for byte. */
const isSame = (a: string, b: string): boolean => {
	const [left, right] = [a, b].map((folder) => readdirSync(join(folder, "metadata")).sort());
	return (
		left !== undefined &&
		right !== undefined &&
		left.join() === right.join() &&
		left.every((name) => sameBytes(readFileSync(join(a, "metadata", name)), readFileSync(join(b, "metadata", name))))
	);
};
