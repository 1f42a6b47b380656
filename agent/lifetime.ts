/**
 * An agent from its first act to its last: starts control and uploaders, runs the sources, keeps time, and at the end makes durable what was
 * accepted, delivers what is in flight and closes everything.
 */
import { startEntry, stopEntry } from "./agent-entries.ts";
import type { Host } from "./host/host.ts";
import type { Parts } from "./parts.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Regime } from "./regime.ts";
import type { SourceDesk } from "./source-desk.ts";
import type { Uploader } from "./upload/uploader.ts";

export interface LifetimeOptions {
	readonly unitId: string;
	readonly host: Host;
	readonly parts: Parts;
	readonly pipeline: Pipeline;
	readonly desk: SourceDesk;
	/** UTC that never falls behind what was once known to be good. */
	readonly nowMs: () => number;
	readonly compile: () => Regime;
	/** Starts the control server, if there is to be one; `stop` begins the end of the run. */
	readonly startControl: (stop: () => void) => Promise<{ close(): Promise<void> } | undefined>;
	readonly startUploaders: () => readonly Uploader[];
	/** The last moment at which spool and ledger can be asked. */
	readonly beforeClose: () => void;
}

export interface Lifetime {
	/** See `Agent.run`. Rejects with what the pipeline, the spool or the ledger threw, after everything was closed. */
	run(signal: AbortSignal, options?: { readonly untilDone?: boolean }): Promise<void>;
	isStopping(): boolean;
}

const tickMs = 500;
/** A ledger that was cut off after the last remembered head cannot be told from a whole one, so not long; each time is one small write. */
const rememberEveryMs = 10_000;
const drainMs = 5_000;

export const createLifetime = (options: LifetimeOptions): Lifetime => {
	const { host, parts, pipeline, desk, nowMs } = options;
	const { clock, emit } = host;
	const { ledger, state, law } = parts;
	let stopping = false;

	const remember = (): void => state.updateNow({ lastGoodMs: nowMs(), ledgerHead: ledger.head() });

	/** Commits what has waited, renews the regime when its time is over, remembers the time. Ends with the signal. */
	const keepTime = async (signal: AbortSignal): Promise<void> => {
		let rememberedAtMs = clock.bootMs();
		while (!signal.aborted) {
			await clock.sleep(tickMs, signal);
			pipeline.flushDue(clock.bootMs());
			if (nowMs() >= pipeline.regime.validUntilMs) {
				pipeline.apply(options.compile());
				if (pipeline.regime.isStale) emit({ event: "law_expired", policy: law.policy.id });
			}
			if (clock.bootMs() - rememberedAtMs < rememberEveryMs) continue;
			rememberedAtMs = clock.bootMs();
			remember();
		}
	};

	const runSources = async (uploaders: readonly Uploader[], signal: AbortSignal, untilDone: boolean): Promise<void> => {
		const running = desk.run(signal);
		if (!untilDone) {
			await Promise.all([running, aborted(signal)]);
			return;
		}
		await running;
		pipeline.flush();
		await Promise.race([Promise.all(uploaders.map((uploader) => uploader.drained())), aborted(signal)]);
	};

	const end = async (uploaders: readonly Uploader[], reason: string): Promise<void> => {
		try {
			pipeline.flush();
			// What was sealed a moment ago gets its chance; what does not make it waits in the spool.
			const enough = new AbortController();
			await Promise.race([Promise.all(uploaders.map((uploader) => uploader.drained())), clock.sleep(drainMs, enough.signal)]);
			enough.abort();
			await Promise.all(uploaders.map((uploader) => uploader.stop({ drainMs: 1_000 })));
			ledger.append([stopEntry(reason, clock.nowMs())]);
			remember();
			options.beforeClose();
		} finally {
			parts.close();
			emit({ event: "agent_stopped", reason });
		}
	};

	return {
		isStopping: () => stopping,
		run: async (outerSignal, { untilDone = false } = {}) => {
			const ending = new AbortController();
			const signal = AbortSignal.any([outerSignal, ending.signal]);
			let control: { close(): Promise<void> } | undefined;
			let uploaders: readonly Uploader[] = [];
			let fault: { readonly cause: unknown } | undefined;
			const note = (cause: unknown): void => {
				fault ??= { cause };
				ending.abort();
			};
			try {
				control = await options.startControl(() => ending.abort());
				ledger.append([startEntry(options.unitId, law.hash, clock.nowMs())]);
				emit({ event: "agent_started", unitId: options.unitId, lawHash: law.hash });
				if (pipeline.regime.isStale) emit({ event: "law_expired", policy: law.policy.id });
				uploaders = options.startUploaders();
				const timekeeper = keepTime(signal).catch(note);
				await runSources(uploaders, signal, untilDone).catch(note);
				stopping = true;
				ending.abort();
				await timekeeper;
			} catch (cause) {
				note(cause);
			}
			await control?.close();
			await end(uploaders, fault === undefined ? "asked" : "fault").catch(note);
			if (fault !== undefined) throw fault.cause;
		},
	};
};

const aborted = (signal: AbortSignal): Promise<void> =>
	new Promise((resolve) => {
		if (signal.aborted) resolve();
		else signal.addEventListener("abort", () => resolve(), { once: true });
	});
