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
	/** True when the file is exactly the target. */
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
		find: (path) => judged(() => updater.getTargetInfo(path)),
		download: (target, file) =>
			judged(async () => {
				await updater.downloadTarget(target, file);
			}),
		holds: async (target, file) => (await updater.findCachedTarget(target, file)) !== undefined,
	};
};

/** The client takes the machine's clock when it is made and has no option for another; it is put right before the first use. */
const setReferenceTime = (updater: Updater, nowMs: number): void => {
	const store: unknown = Reflect.get(updater, "trustedSet");
	const isKnown = typeof store === "object" && store !== null && Reflect.get(store, "referenceTime") instanceof Date;
	if (!isKnown || !Reflect.set(store, "referenceTime", new Date(nowMs))) {
		throw new KerbError("INTERNAL", "this version of tuf-js keeps its reference time elsewhere; law cannot be judged by it");
	}
};
