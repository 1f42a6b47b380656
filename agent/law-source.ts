/**
 * The configuration's law as a carrier: where the repository is, who this unit is to it, what it has obeyed before, and the law that it
 * starts with.
 */
import { join } from "node:path";
import { isKerbError, KerbError } from "../shared/errors.ts";
import type { Law } from "../shared/law.ts";
import type { Config } from "./config.ts";
import type { Host } from "./host/host.ts";
import type { State } from "./host/state.ts";
import { type Carrier, openCarrier } from "./law/carrier.ts";
import { folderReader } from "./law/folder-reader.ts";
import { httpReader } from "./law/http-reader.ts";
import type { LawReader } from "./law/law-reader.ts";
import type { TakenLaw } from "./law/load-generation.ts";
import { lawVersions } from "./law/parse-law.ts";

export interface LawSource {
	/** The law in force; changes with `take`. */
	current(): TakenLaw;
	/** Looks for a newer law; resolves with the law then on disk. Rejects with a KerbError when what there is was refused. */
	look(): Promise<TakenLaw>;
	/** The version of the newest snapshot that `look` could believe, whether its law was taken or not; undefined before the first look. */
	snapshotVersion(): number | undefined;
	/** Puts a law in force that `look` gave, and remembers its versions. */
	take(taken: TakenLaw): void;
	/**
	 * The clock's time as far as it may be remembered as known to be good: never beyond the end of what is in force, so that a clock that is
	 * years ahead cannot make every later law look expired.
	 */
	goodTime(nowMs: number): { readonly lastGoodMs: number; readonly lawTimeMs: number };
}

export interface LawSourceOptions {
	readonly config: Config;
	readonly host: Host;
	readonly state: State;
	/** Throws a KerbError when this build cannot obey the law. */
	readonly check: (law: Law) => void;
	/** For a configuration that names a broker. */
	readonly reader?: LawReader | undefined;
	/** Looks at a folder before anything starts, also when there is a good law on disk: for what ends before a later look would come. */
	readonly looksFirst: boolean;
}

/**
 * Opens the law that a unit starts with: the last good one on disk, so that a unit starts at once, with a link or without. Whoever runs it
 * looks for a newer one as soon as it is ready. Only where there is none on disk, or `looksFirst` asks for it, is a look taken now.
 *
 * @throws KerbError LAW_* or TREATMENT_INVALID when there is no law that the unit can obey.
 */
export const openLawSource = async (options: LawSourceOptions): Promise<LawSource> => {
	const { config, host, state, check } = options;
	const carrier: Carrier = openCarrier({
		folder: join(config.dataDir, "law"),
		reader: readerOf(options),
		disk: host.disk,
		crypto: host.primitives,
		unit: { unitId: config.unit.id, cohorts: config.law.cohorts, hardware: config.law.hardware },
		rootSha256: () => config.law.rootSha256 ?? state.get().lawRootSha256 ?? undefined,
		floors: () => state.get().lawVersions,
		nowMs: () => Math.max(host.clock.nowMs(), state.get().lawTimeMs),
		check,
	});
	let current: TakenLaw;
	const take = (taken: TakenLaw): void => {
		const { hash, rootHash } = taken.law;
		const { lawSince } = state.get();
		state.updateNow({
			lawRootSha256: rootHash,
			lawVersions: lawVersions(taken.law),
			lawSince: lawSince?.hash === hash ? lawSince : { hash, atMs: Math.max(0, host.clock.nowMs()) },
		});
		current = taken;
	};
	take(await first(carrier, options));
	return {
		current: () => current,
		look: () => carrier.update(),
		snapshotVersion: () => carrier.snapshotVersion(),
		take,
		goodTime: (nowMs) => {
			const { lastGoodMs, lawTimeMs } = state.get();
			return {
				lastGoodMs: Math.max(lastGoodMs, Math.min(nowMs, Date.parse(current.law.policy.notAfter))),
				lawTimeMs: Math.max(lawTimeMs, Math.min(nowMs, current.timestampEndsMs)),
			};
		},
	};
};

const first = async (carrier: Carrier, { config, host, check, looksFirst }: LawSourceOptions): Promise<TakenLaw> => {
	const stored = carrier.stored();
	if (stored !== undefined) {
		try {
			check(stored.law);
			if (!looksFirst || config.law.folder === undefined) return stored;
		} catch (error) {
			// A build that does not understand the law it finds may understand the next one; otherwise it must not start.
			if (!isKerbError(error)) throw error;
			return await carrier.update();
		}
	}
	try {
		return await carrier.update();
	} catch (error) {
		if (stored === undefined || !isKerbError(error)) throw error;
		host.emit({ event: "law_refused", code: error.code, detail: error.message });
		return stored;
	}
};

const readerOf = ({ config: { law }, reader }: LawSourceOptions): LawReader => {
	if (law.folder !== undefined) return folderReader(law.folder);
	if (law.url !== undefined) return httpReader(law.url, { caFile: law.caFile });
	if (reader !== undefined) return reader;
	throw new KerbError("CONFIG_INVALID", "law: expected one of a folder, a url and mqtt");
};
