/**
 * An agent from its first act to its last: starts control and uploaders, runs the sources, keeps time, and at the end makes durable what was
 * accepted, delivers what is in flight and closes everything.
 */
import { startEntry, stopEntry } from "./agent-entries.ts";
import type { Host } from "./host/host.ts";
import type { LawWatch } from "./law-watch.ts";
import type { Parts } from "./parts.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Redaction } from "./redaction.ts";
import type { RegimeSwitch } from "./regime-switch.ts";
import type { SourceDesk } from "./source-desk.ts";
import type { UploaderDesk } from "./uploader-desk.ts";

export interface LifetimeOptions {
	readonly unitId: string;
	readonly host: Host;
	readonly parts: Parts;
	readonly pipeline: Pipeline;
	readonly desk: SourceDesk;
	/** UTC that never falls behind what was once known to be good. */
	readonly nowMs: () => number;
	/** Compiles the law anew when its regime is over. */
	readonly renew: () => void;
	/** Takes back what has waited too long. */
	readonly expire: () => void;
	/** Holds the regime against what waits. */
	readonly regimes: Pick<RegimeSwitch, "review">;
	/** Ends consents whose time is over. */
	readonly reviewConsents: () => void;
	/** Starts the control server, if there is to be one; `stop` begins the end of the run. */
	readonly startControl: (stop: () => void) => Promise<{ close(): Promise<void> } | undefined>;
	readonly uploaders: Pick<UploaderDesk, "drained" | "stop">;
	readonly startUploaders: () => void;
	/** Looks for newer law while the agent runs. */
	readonly lawWatch: Pick<LawWatch, "run">;
	/** The last moment at which spool and ledger can be asked. */
	readonly beforeClose: () => void;
	readonly redaction: Pick<Redaction, "close">;
}

export interface Lifetime {
	/** See `Agent.run`. Rejects with what the pipeline, the spool or the ledger threw, after everything was closed. */
	run(signal: AbortSignal, options?: { readonly untilDone?: boolean }): Promise<void>;
	isStopping(): boolean;
	/** Runs what may leave the agent unable to account for something if it throws: the agent then ends, with that as its fault. Rethrows. */
	guard<T>(work: () => T): T;
}

const settleMs = 30_000;
const settleStepMs = 10;
const tickMs = 500;
/** A ledger that was cut off after the last remembered head cannot be told from a whole one, so not long; each time is one small write. */
const rememberEveryMs = 10_000;
const drainMs = 5_000;
const expireEveryMs = 60_000;

export const createLifetime = (options: LifetimeOptions): Lifetime => {
	const { host, parts, pipeline, desk, nowMs, uploaders } = options;
	const { clock, emit } = host;
	const { ledger, state, lawSource } = parts;
	const policyId = (): string => pipeline.regime.law.policy.id;
	let stopping = false;

	const ending = new AbortController();
	let fault: { readonly cause: unknown } | undefined;
	const note = (cause: unknown): void => {
		fault ??= { cause };
		ending.abort();
	};

	const remember = (): void => state.updateNow({ ...lawSource.goodTime(nowMs()), ledgerHead: ledger.head() });

	/** Commits what has waited, renews the regime when its time is over, remembers the time. Ends with the signal. */
	const keepTime = async (signal: AbortSignal): Promise<void> => {
		let rememberedAtMs = clock.bootMs();
		let expiredAtMs = clock.bootMs();
		while (!signal.aborted) {
			await clock.sleep(tickMs, signal);
			pipeline.flushDue(nowMs(), clock.bootMs());
			options.reviewConsents();
			options.renew();
			if (clock.bootMs() - expiredAtMs >= expireEveryMs) {
				expiredAtMs = clock.bootMs();
				options.expire();
			}
			if (clock.bootMs() - rememberedAtMs < rememberEveryMs) continue;
			rememberedAtMs = clock.bootMs();
			remember();
		}
	};

	/** A recording has ended; what a worker still has in hand of it comes back first. */
	const settle = async (signal: AbortSignal): Promise<void> => {
		for (let waitedMs = 0; pipeline.isSettling && waitedMs < settleMs && !signal.aborted; waitedMs += settleStepMs) {
			await clock.sleep(settleStepMs, signal);
			pipeline.flushDue(nowMs(), clock.bootMs());
		}
	};

	const runSources = async (signal: AbortSignal, untilDone: boolean): Promise<void> => {
		const running = desk.run(signal);
		if (!untilDone) {
			await Promise.all([running, aborted(signal)]);
			return;
		}
		await running;
		await settle(signal);
		pipeline.close();
		await Promise.race([uploaders.drained(), aborted(signal)]);
	};

	const end = async (reason: string): Promise<void> => {
		try {
			pipeline.close();
			// What was sealed a moment ago gets its chance; what does not make it waits in the spool.
			const enough = new AbortController();
			await Promise.race([uploaders.drained(), clock.sleep(drainMs, enough.signal)]);
			enough.abort();
			await uploaders.stop({ drainMs: 1_000 });
			ledger.append([stopEntry(reason, clock.nowMs())]);
			remember();
			options.beforeClose();
			await options.redaction.close();
		} finally {
			parts.close();
			emit({ event: "agent_stopped", reason });
		}
	};

	return {
		isStopping: () => stopping,
		guard(work) {
			try {
				return work();
			} catch (cause) {
				note(cause);
				throw cause;
			}
		},
		run: async (outerSignal, { untilDone = false } = {}) => {
			const signal = AbortSignal.any([outerSignal, ending.signal]);
			let control: { close(): Promise<void> } | undefined;
			try {
				control = await options.startControl(() => ending.abort());
				ledger.append([startEntry(options.unitId, lawSource.current().law.hash, parts.overlaySha256, clock.nowMs())]);
				emit({ event: "agent_started", unitId: options.unitId, lawHash: lawSource.current().law.hash });
				if (pipeline.regime.isStale) emit({ event: "law_expired", policy: policyId() });
				options.regimes.review();
				options.expire();
				options.startUploaders();
				const timekeeper = Promise.all([keepTime(signal), options.lawWatch.run(signal)]).catch(note);
				await runSources(signal, untilDone).catch(note);
				stopping = true;
				ending.abort();
				await timekeeper;
			} catch (cause) {
				note(cause);
			}
			await control?.close();
			await end(fault === undefined ? "asked" : "fault").catch(note);
			if (fault !== undefined) throw fault.cause;
		},
	};
};

const aborted = (signal: AbortSignal): Promise<void> =>
	new Promise((resolve) => {
		if (signal.aborted) resolve();
		else signal.addEventListener("abort", () => resolve(), { once: true });
	});
