/** A clock that runs a thousand times as fast, for simulated receivers: each wait is over after a real millisecond, however long it was. */
import type { Clock } from "../../agent/host/clock.ts";
import { bootMs, utcMs } from "../../shared/units.ts";

export const fastClock = (startMs: number): Clock => {
	let elapsedMs = 0;
	return {
		nowMs: () => utcMs(startMs + elapsedMs),
		bootMs: () => bootMs(elapsedMs),
		sleep: (delayMs, signal) => {
			elapsedMs += delayMs;
			return new Promise((resolve) => {
				if (signal?.aborted) resolve();
				else setTimeout(resolve, 1);
			});
		},
	};
};
