/**
 * Runs trim-trip as the pipeline does: the unit's way hears of each fix, then each route takes what is its own. Notes when what left.
 */

import type { Facilities, UnitWay } from "../../agent/treat/treatment.ts";
import trimTrip from "../../agent/treat/trim-trip.ts";
import type { Fix, Signal } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import type { StreamStep } from "../../shared/verdict.ts";
import { testFacilities } from "../contract/treatment-contract.ts";

export const someOptions = {
	type: "trim-trip",
	radiusM: 100,
	stopMs: 120_000,
	stopSpeedMps: 0.3,
	minHoldMs: 0,
	maxHoldMs: 1_800_000,
	releaseEveryMs: 60_000,
	maxHeld: 50_000,
} as const;

export type TripWritten = { readonly [K in keyof typeof someOptions]: (typeof someOptions)[K] extends string ? "trim-trip" : number };

export interface Leaving<T = Fix | Signal> {
	readonly reading: Tagged & T;
	/** The time of the reading that brought it out: what an observer of the uplink sees. */
	readonly atMs: number;
}

/** A way that believes everything. */
export const openWay = (): UnitWay & { hear(fix: Fix): void } => {
	const listeners: ((fix: Fix) => void)[] = [];
	return {
		at: () => undefined,
		listen: (listener) => void listeners.push(listener),
		hear: (fix) => {
			for (const listener of listeners) listener(fix);
		},
	};
};

export const keyFrom = (seed: number): Facilities["pseudonymKey"] => {
	return (purpose, epoch) => {
		const key = new Uint8Array(32);
		new TextEncoder().encodeInto(`${seed} ${epoch} ${purpose}`, key);
		return key;
	};
};

export const stepOn = (way: UnitWay | undefined, over: Partial<TripWritten> = {}, seed = 1): StreamStep =>
	trimTrip.compile({ ...someOptions, ...over }, testFacilities("any", { way, pseudonymKey: keyFrom(seed) }));

/** The pipeline's timer, and how long a unit stays awake without readings. */
const timerMs = 5_000;
const awakeMs = 300_000;

export interface TripRun {
	readonly fixes: readonly Leaving<Fix>[];
	readonly signals: readonly Leaving<Signal>[];
	/** The most that either route held at any time. */
	readonly mostHeld: number;
}

/** One route of fixes and one of signals. */
export const runTrip = (readings: Iterable<Tagged<Fix | Signal>>, over: Partial<TripWritten> = {}, seed = 1): TripRun => {
	const way = openWay();
	const [fixStep, signalStep] = [stepOn(way, over, seed), stepOn(way, over, seed)];
	const fixes: Leaving<Fix>[] = [];
	const signals: Leaving<Signal>[] = [];
	let mostHeld = 0;
	let before: Tagged | undefined;
	const note = (out: Tagged, atMs: number): void => {
		if (out.kind === "fix") fixes.push({ reading: out, atMs });
		else if (out.kind === "signal") signals.push({ reading: out, atMs });
	};
	for (const reading of readings) {
		for (let idleMs = timerMs; before !== undefined && idleMs < Math.min(awakeMs, reading.bootMs - before.bootMs); idleMs += timerMs) {
			const [now, boot] = [utcMs(before.takenAtMs + idleMs), bootMs(before.bootMs + idleMs)];
			for (const step of [fixStep, signalStep]) for (const out of step.due(now, boot)) note(out, now);
		}
		before = reading;
		if (reading.kind === "fix") way.hear(reading);
		for (const out of (reading.kind === "fix" ? fixStep : signalStep).take(reading)) note(out, reading.takenAtMs);
		mostHeld = Math.max(mostHeld, fixStep.held, signalStep.held);
	}
	return { fixes, signals, mostHeld };
};
