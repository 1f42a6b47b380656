/**
 * Runs one source: opens it, hands its chunks to the pipeline, counts what it could not read, and keeps a failure inside the source: another
 * source goes on.
 */
import { isKerbError } from "../shared/errors.ts";
import type { Reading } from "../shared/reading.ts";
import type { SourceStatus } from "../shared/status.ts";
import type { BootMs } from "../shared/units.ts";
import type { Clock } from "./host/clock.ts";
import type { Emit } from "./host/events.ts";
import type { Inlet } from "./host/inlet.ts";
import type { SourceContext } from "./sources/source.ts";

/** A source with its options parsed, ready to be opened. */
export interface ReadySource {
	readonly id: string;
	readonly kind: string;
	open(context: SourceContext): AsyncIterable<readonly Reading[]>;
}

/** What is known of a source; the runner keeps it up to date, others read it. */
export interface SourceAccount {
	state: SourceStatus["state"];
	/** What it said last of itself. */
	detail?: string;
	readings: number;
	/** Boot time of the last chunk. */
	lastReadingAtMs?: BootMs;
	readonly rejected: Record<string, number>;
}

export interface SourceRunOptions {
	readonly clock: Clock;
	readonly emit: Emit;
	readonly random: () => number;
	readonly signal: AbortSignal;
	readonly inlet?: Inlet;
	/** Takes a chunk; what it throws is not the source's fault and ends the run. */
	readonly accept: (chunk: readonly Reading[]) => void;
	/** Makes all accepted readings of a source durable, or accounts for them. */
	readonly flush: (sourceId: string) => void;
	/** Resolves when there is room for more: a recording is read no faster than the spool drains. Live sources are never held. */
	readonly room: (signal: AbortSignal) => Promise<void>;
}

/**
 * Resolves when the source has ended or failed or the signal aborted; `account` says which.
 * Rejects with what `accept`, `flush` or `room` threw.
 */
export const runSource = async (source: ReadySource, account: SourceAccount, options: SourceRunOptions): Promise<void> => {
	const { emit, signal } = options;
	const unreported = new Map<string, number>();
	const reportRejects = (): void => {
		for (const [code, count] of unreported) emit({ event: "input_rejected", source: source.id, code, count });
		unreported.clear();
	};
	// A fault of the pipeline must end the agent, unlike one of the source; it is remembered here because a source may catch what it is told.
	let fault: { readonly cause: unknown } | undefined;
	const guarded = (work: () => void): void => {
		try {
			work();
		} catch (cause) {
			fault ??= { cause };
			throw cause;
		}
	};
	const context: SourceContext = {
		sourceId: source.id,
		signal,
		nowMs: () => options.clock.nowMs(),
		bootMs: () => options.clock.bootMs(),
		sleep: (delayMs) => options.clock.sleep(delayMs, signal),
		random: options.random,
		reject: (code, count = 1) => {
			account.rejected[code] = (account.rejected[code] ?? 0) + count;
			unreported.set(code, (unreported.get(code) ?? 0) + count);
		},
		note: (note) => {
			account.detail = note.detail;
			if (note.event === "source_opened") account.state = "open";
			if (note.event === "source_retried") account.state = "waiting";
			emit({ ...note, source: source.id });
		},
		settled: () => new Promise((resolve) => resolve(guarded(() => options.flush(source.id)))),
		...(options.inlet === undefined ? undefined : { inlet: options.inlet }),
	};
	account.state = "opening";
	let reportedAtMs = options.clock.bootMs();
	try {
		for await (const chunk of source.open(context)) {
			account.state = "open";
			account.readings += chunk.length;
			account.lastReadingAtMs = options.clock.bootMs();
			guarded(() => options.accept(chunk));
			if (options.clock.bootMs() - reportedAtMs > 10_000) {
				reportRejects();
				reportedAtMs = options.clock.bootMs();
			}
			await options.room(signal);
			if (signal.aborted || fault !== undefined) break;
		}
		account.state = "ended";
	} catch (error) {
		account.state = "failed";
		// A message of ours holds no sensed value; anybody else's might.
		const detail = isKerbError(error) ? error.message : "a defect in the source";
		account.detail = detail;
		if (fault === undefined) emit({ event: "source_failed", source: source.id, detail });
	}
	reportRejects();
	if (fault !== undefined) throw fault.cause;
	if (account.state === "ended") emit({ event: "source_ended", source: source.id });
};
