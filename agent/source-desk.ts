/**
 * Runs all sources of an agent at once and knows how each of them is.
 */
import type { Reading } from "../shared/reading.ts";
import type { SourceStatus } from "../shared/status.ts";
import type { BootMs } from "../shared/units.ts";
import type { Host } from "./host/host.ts";
import type { Inlet } from "./host/inlet.ts";
import { type ReadySource, runSource, type SourceAccount } from "./run-source.ts";

export interface SourceDeskOptions {
	readonly host: Host;
	readonly inlets: ReadonlyMap<string, Inlet>;
	readonly accept: (chunk: readonly Reading[]) => void;
	readonly flush: (sourceId: string) => void;
	readonly room: (signal: AbortSignal) => Promise<void>;
}

export interface SourceDesk {
	/** Resolves when every source has ended or failed, or the signal aborted. Rejects with what the pipeline threw. */
	run(signal: AbortSignal): Promise<void>;
	/** Of every configured source, in the order of the configuration. */
	status(): readonly SourceStatus[];
	/** Readings that were yielded so far by all sources. */
	readings(): number;
}

/** Makes the desk; nothing is opened before `run`. */
export const createSourceDesk = (sources: readonly ReadySource[], options: SourceDeskOptions): SourceDesk => {
	const { host } = options;
	const accounts = sources.map((source) => ({ source, account: newAccount() }));
	return {
		run: async (signal) => {
			const failed = new AbortController();
			const either = AbortSignal.any([signal, failed.signal]);
			const runs = accounts.map(({ source, account }) => {
				const inlet = options.inlets.get(source.id);
				return runSource(source, account, {
					clock: host.clock,
					emit: host.emit,
					random: host.random,
					signal: either,
					accept: options.accept,
					flush: options.flush,
					room: options.room,
					...(inlet === undefined ? undefined : { inlet }),
				});
			});
			const results = await Promise.allSettled(runs.map((run) => run.catch(abortOthers(failed))));
			for (const result of results) if (result.status === "rejected") throw result.reason;
		},
		status: () => accounts.map(({ source, account }) => statusOf(source, account, host.clock.bootMs())),
		readings: () => accounts.reduce((sum, { account }) => sum + account.readings, 0),
	};
};

const abortOthers = (failed: AbortController) => (error: unknown) => {
	failed.abort();
	throw error;
};

const newAccount = (): SourceAccount => ({ state: "opening", readings: 0, rejected: {} });

const statusOf = ({ id, kind }: ReadySource, account: SourceAccount, nowMs: BootMs): SourceStatus => ({
	id,
	type: kind,
	state: account.state,
	...(account.detail === undefined ? undefined : { detail: account.detail.slice(0, 500) }),
	readings: account.readings,
	rejected: { ...account.rejected },
	...(account.lastReadingAtMs === undefined ? undefined : { lastReadingAgeMs: nowMs - account.lastReadingAtMs }),
});
