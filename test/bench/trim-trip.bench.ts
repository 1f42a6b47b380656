/**
 * What trim-trip costs per fix and per signal, and how much of a day it keeps. Prints figures; sets no goal that a test depends on.
 * Run: node test/bench/trim-trip.bench.ts
 */

import type { UnitWay } from "../../agent/treat/treatment.ts";
import trimTrip from "../../agent/treat/trim-trip.ts";
import type { Fix } from "../../shared/reading.ts";
import { seededRandom } from "../../simulators/seeded-random.ts";
import { simulateTrip, somewhere } from "../fakes/trips.ts";

const random = seededRandom(1);
const days = 10;
const trips = Array.from({ length: days }, (_, day) => {
	const waypoints = Array.from({ length: 8 }, () => ({ ...somewhere(random, 4_000), dwellMs: random() < 0.5 ? 600_000 : 0 }));
	return simulateTrip({ seed: day + 1, startMs: day * 86_400_000, fixEveryMs: 100, signalEveryMs: 100, waypoints });
});
const readings = trips.flatMap(({ readings: each }) => [...each]);
const fixes = readings.filter(({ kind }) => kind === "fix");
const kilometres = trips.reduce((sum, { lengthM }) => sum + lengthM, 0) / 1000;
console.log(`${days} days, ${kilometres.toFixed(0)} km, ${fixes.length} fixes at 10 Hz`);

for (const radiusM of [50, 100, 200, 500]) {
	const listeners: ((fix: Fix) => void)[] = [];
	const way: UnitWay = { at: () => undefined, listen: (listener) => void listeners.push(listener) };
	const options = {
		type: "trim-trip",
		radiusM,
		stopMs: 120_000,
		stopSpeedMps: 0.3,
		minHoldMs: 0,
		maxHoldMs: 1_800_000,
		releaseEveryMs: 60_000,
		maxHeld: 50_000,
	} as const;
	const facilities = { purpose: "bench", places: undefined, way, random: () => 0.5, pseudonymKey: () => new Uint8Array(32).fill(1) };
	const [fixStep, signalStep] = [trimTrip.compile(options, facilities), trimTrip.compile(options, facilities)];
	let [kept, most] = [0, 0];
	const measure = (work: () => void): number => {
		const start = process.cpuUsage();
		work();
		return process.cpuUsage(start).user + process.cpuUsage(start).system;
	};
	const fixUs = measure(() => {
		for (const reading of fixes) {
			if (reading.kind !== "fix") continue;
			for (const listener of listeners) listener(reading);
			kept += fixStep.take(reading).length;
			most = Math.max(most, fixStep.held);
		}
	});
	// Signals alone, on a fresh way, so that the fixes' cost is not counted twice: all of them wait until they are too many.
	const signals = readings.filter(({ kind }) => kind === "signal");
	const signalUs = measure(() => {
		for (const reading of signals) signalStep.take(reading);
	});
	const [perFix, perSignal] = [fixUs / fixes.length, signalUs / signals.length];
	console.log(
		`radius ${radiusM} m: ${perFix.toFixed(2)} us per fix, ${perSignal.toFixed(2)} us per signal, ${((100 * kept) / fixes.length).toFixed(0)} % of fixes kept, ${most} held at the most`,
	);
}
