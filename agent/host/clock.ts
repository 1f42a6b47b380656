/**
 * The box's two clocks, handed to everything that needs time so that a run can be replayed. `Date.now` and `performance.now` appear here
 * and nowhere else.
 *
 * UTC may step by years (a unit without a real-time clock); only the boot clock measures how long something took.
 */
import { type BootMs, bootMs, type UtcMs, utcMs } from "../../shared/units.ts";

export interface Clock {
	nowMs(): UtcMs;
	bootMs(): BootMs;
	/** Resolves after `delayMs` of boot time, or at once with an abort of `signal`. Never rejects. */
	sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** The clocks of this machine. */
export const systemClock: Clock = {
	nowMs: () => utcMs(Date.now()),
	bootMs: () => bootMs(performance.now()),
	sleep: (delayMs, signal) =>
		new Promise((resolve) => {
			if (signal?.aborted) return resolve();
			const done = (): void => {
				clearTimeout(timer);
				signal?.removeEventListener("abort", done);
				resolve();
			};
			const timer = setTimeout(done, delayMs);
			signal?.addEventListener("abort", done, { once: true });
		}),
};
