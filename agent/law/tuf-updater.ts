/**
 * The TUF client (tuf-js) with this project's clock, fetcher and bounds. It writes straight over the files in its metadata folder, so it is
 * only ever given a folder that nobody else relies on.
 */
import { Updater } from "tuf-js";
import { KerbError } from "../../shared/errors.ts";
import { createTufFetcher, type Get } from "./tuf-fetcher.ts";
import { tufRefusal } from "./tuf-refusal.ts";

export interface TufUpdaterOptions {
	/** Holds root.json at least, which is believed. */
	readonly metadataDir: string;
	readonly metadataUrl: string;
	readonly targetUrl: string;
	/** A file in a folder that exists, where a download may lie for a moment. */
	readonly scratchFile: string;
	readonly get: Get;
	/** UTC milliseconds that expiry is judged by, for all of one update (TUF specification 5.1). */
	readonly nowMs: number;
}

/** A target as the metadata describes it. */
export type TargetInfo = NonNullable<Awaited<ReturnType<Updater["getTargetInfo"]>>>;

export interface TufUpdater {
	/** Brings root, timestamp, snapshot and targets up to date. */
	refresh(): Promise<void>;
	/** The target, found through the delegations; undefined when no role that may name it does. */
	find(path: string): Promise<TargetInfo | undefined>;
	/** Fetches and verifies a target into a file. */
	download(target: TargetInfo, file: string): Promise<void>;
	/** True when the file is exactly the target. Rejects, as `download` does, a target whose hashes prove nothing. */
	holds(target: TargetInfo, file: string): Promise<boolean>;
}

/** All methods reject with KerbError LAW_* that names the reason. @throws KerbError LAW_INVALID when the root in the folder is not one. */
export const openTufUpdater = (options: TufUpdaterOptions): TufUpdater => {
	let failure: unknown;
	const fetcher = createTufFetcher(options.get, options.scratchFile, (error) => {
		failure = error;
	});
	const judged = async <T>(work: () => Promise<T>): Promise<T> => {
		failure = undefined;
		try {
			return await work();
		} catch (error) {
			throw tufRefusal(error, failure);
		}
	};
	let updater: Updater;
	try {
		updater = new Updater({
			metadataDir: options.metadataDir,
			metadataBaseUrl: options.metadataUrl,
			targetBaseUrl: options.targetUrl,
			fetcher,
			config: { maxRootRotations: 256, maxDelegations: 32 },
		});
	} catch (error) {
		throw tufRefusal(error, undefined);
	}
	setReferenceTime(updater, options.nowMs);
	return {
		refresh: () => judged(() => updater.refresh()),
		find: (path) =>
			judged(async () => {
				const found = await updater.getTargetInfo(path);
				// The client looks names up in plain objects, which know names such as "constructor" that nobody signed.
				return found !== undefined && Object.hasOwn(found, "path") && found.path === path ? found : undefined;
			}),
		download: (target, file) =>
			judged(async () => {
				checkHashes(target);
				await updater.downloadTarget(target, file);
			}),
		holds: async (target, file) => {
			checkHashes(target);
			return (await updater.findCachedTarget(target, file)) !== undefined;
		},
	};
};

const strongHashes: ReadonlySet<string> = new Set(["sha256", "sha384", "sha512"]);

/**
 * The client takes a target without hashes on its length alone, and one with a weak hash on that; at a hash that it does not know it
 * leaves the file open, which ends the process when the file is gone by the time it is read.
 */
const checkHashes = (target: TargetInfo): void => {
	const names = Object.keys(target.hashes);
	if (names.length > 0 && names.every((name) => strongHashes.has(name))) return;
	const signed =
		names.length > 0
			? `the hashes ${names
					.join(", ")
					.replaceAll(/[^\x20-\x7e]/g, " ")
					.slice(0, 100)}`
			: "no hash";
	throw new KerbError("LAW_INVALID", `the law's metadata signs a target with ${signed}: expected ${[...strongHashes].join(", ")} only`);
};

/** The client takes the machine's clock when it is made and has no option for another; it is put right before the first use. */
const setReferenceTime = (updater: Updater, nowMs: number): void => {
	const store: unknown = Reflect.get(updater, "trustedSet");
	const isKnown = typeof store === "object" && store !== null && Reflect.get(store, "referenceTime") instanceof Date;
	if (!isKnown || !Reflect.set(store, "referenceTime", new Date(nowMs))) {
		throw new KerbError("INTERNAL", "this version of tuf-js keeps its reference time elsewhere; law cannot be judged by it");
	}
};
