/**
 * A clock that a test moves by hand. Nothing passes by itself.
 */
import type { Clock } from "../../agent/host/clock.ts";
import { bootMs, utcMs } from "../../shared/units.ts";

export interface HandClock extends Clock {
	/** Moves both clocks and wakes whoever is due. */
	advance(byMs: number): void;
}

export const handClock = (): HandClock => {
	let now = 0;
	const sleepers = new Set<{ readonly dueMs: number; wake(): void }>();
	return {
		nowMs: () => utcMs(1_800_000_000_000 + now),
		bootMs: () => bootMs(now),
		sleep: (delayMs, signal) =>
			new Promise((resolve) => {
				if (signal?.aborted) {
					resolve();
					return;
				}
				const sleeper = {
					dueMs: now + delayMs,
					wake: () => {
						sleepers.delete(sleeper);
						resolve();
					},
				};
				sleepers.add(sleeper);
				signal?.addEventListener("abort", sleeper.wake, { once: true });
			}),
		advance(byMs) {
			now += byMs;
			for (const sleeper of [...sleepers]) if (sleeper.dueMs <= now) sleeper.wake();
		},
	};
};
