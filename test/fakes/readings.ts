/** Readings for tests: ordinary objects with one clock and one source. */
import type { Fix, Signal, SignalValue } from "../../shared/reading.ts";
import { bootMs, utcMs } from "../../shared/units.ts";

const sensed = { sourceId: "can0", takenAtMs: utcMs(1_700_000_000_000), bootMs: bootMs(5) };

export const signal = (path: string, value: SignalValue = 1): Signal => ({ kind: "signal", ...sensed, path, value });

export const fix = (extra: Partial<Fix> = {}): Fix => ({
	kind: "fix",
	...sensed,
	latDeg: 10,
	lonDeg: 20,
	datum: "wgs84",
	mode: 2,
	...extra,
});
