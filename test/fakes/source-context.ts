/**
 * A source's context for tests: made-up clocks that only go forward, waits that last a few real milliseconds whatever was asked, a fixed
 * sequence of random numbers, and a book of everything the source said.
 */
import type { SourceContext, SourceNote } from "../../agent/sources/source.ts";
import { bootMs, utcMs } from "../../shared/units.ts";

export interface FakeSourceContext extends SourceContext {
	/** How often each code was rejected. */
	readonly rejected: ReadonlyMap<string, number>;
	readonly notes: readonly SourceNote[];
	/** Every wait that was asked for, in milliseconds. */
	readonly waitsMs: readonly number[];
	/** Waits that are not over. */
	readonly sleeping: () => number;
	/** All rejections together. */
	readonly rejectedTotal: () => number;
	abort(): void;
}

export interface FakeSourceOptions {
	readonly sourceId?: string;
	/** UTC of the first look at the clock; each look adds one millisecond, each wait its length. */
	readonly startMs?: number;
	/** The longest real wait behind a made-up one. */
	readonly realWaitMs?: number;
	readonly settled?: () => Promise<void>;
}

export const fakeSourceContext = (options: FakeSourceOptions = {}): FakeSourceContext => {
	const controller = new AbortController();
	const rejected = new Map<string, number>();
	const notes: SourceNote[] = [];
	const waitsMs: number[] = [];
	let elapsedMs = 0;
	let sleeping = 0;
	let drawn = 0;
	const startMs = options.startMs ?? 1_700_000_000_000;
	return {
		sourceId: options.sourceId ?? "source0",
		signal: controller.signal,
		rejected,
		notes,
		waitsMs,
		sleeping: () => sleeping,
		rejectedTotal: () => [...rejected.values()].reduce((sum, count) => sum + count, 0),
		abort: () => controller.abort(),
		nowMs: () => utcMs(startMs + elapsedMs++),
		bootMs: () => bootMs(1_000 + elapsedMs++),
		random: () => (drawn++ % 10) / 10,
		reject: (code, count = 1) => void rejected.set(code, (rejected.get(code) ?? 0) + count),
		note: (event) => void notes.push(event),
		settled: options.settled ?? (() => Promise.resolve()),
		sleep: (delayMs) => {
			waitsMs.push(delayMs);
			elapsedMs += Math.max(0, delayMs);
			if (controller.signal.aborted) return Promise.resolve();
			sleeping++;
			return new Promise((resolve) => {
				const done = (): void => {
					sleeping--;
					clearTimeout(timer);
					controller.signal.removeEventListener("abort", done);
					resolve();
				};
				const timer = setTimeout(done, Math.min(delayMs, options.realWaitMs ?? 5));
				controller.signal.addEventListener("abort", done, { once: true });
			});
		},
	};
};
