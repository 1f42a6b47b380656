/**
 * What trim-trip costs per fix and per signal, and how much of some days it keeps. Prints figures; no test depends on them.
 * Run: node test/bench/trim-trip.bench.ts
 */

import type { Facilities, UnitWay } from "../../agent/treat/treatment.ts";
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
const readings = trips.flatMap((trip) => [...trip.readings]);
const fixes = readings.filter(({ kind }) => kind === "fix");
const kilometres = trips.reduce((sum, { lengthM }) => sum + lengthM, 0) / 1000;
console.log(`${days} days of 7 legs, ${kilometres.toFixed(0)} km, ${fixes.length} fixes at 10 Hz`);

const limits = { stopMs: 120_000, stopSpeedMps: 0.3, minHoldMs: 0, maxHoldMs: 1_800_000, releaseEveryMs: 60_000, maxHeld: 50_000 };

/** Both routes of a fresh unit; gives back the CPU time, what was kept of the fixes, and the most that was held. */
const run = (list: typeof readings, radiusM: number) => {
	const listeners: ((fix: Fix) => void)[] = [];
	const way: UnitWay = { at: () => undefined, listen: (listener) => void listeners.push(listener) };
	const facilities: Facilities = {
		purpose: "bench",
		pseudonymKey: () => new Uint8Array(32).fill(1),
		places: undefined,
		way,
		geo: undefined,
		redactor: undefined,
		onRefusal: () => undefined,
		random: () => 0.5,
	};
	const options = { type: "trim-trip", radiusM, ...limits } as const;
	const [fixStep, signalStep] = [trimTrip.compile(options, facilities), trimTrip.compile(options, facilities)];
	let [kept, held] = [0, 0];
	const start = process.cpuUsage();
	for (const reading of list) {
		if (reading.kind === "fix") {
			for (const listener of listeners) listener(reading);
			kept += fixStep.take(reading).length;
		} else signalStep.take(reading);
		held = Math.max(held, fixStep.held, signalStep.held);
	}
	const { user, system } = process.cpuUsage(start);
	return { us: user + system, kept, held };
};

run(readings, 100);
for (const radiusM of [30, 50, 100, 200]) {
	const [alone, all] = [run(fixes, radiusM), run(readings, radiusM)];
	const perFix = (alone.us / fixes.length).toFixed(2);
	const perSignal = ((all.us - alone.us) / (readings.length - fixes.length)).toFixed(2);
	const kept = ((100 * all.kept) / fixes.length).toFixed(0);
	console.log(
		`radius ${radiusM} m: ${perFix} us per fix, ${perSignal} us per signal, ${kept} % of the fixes kept, ${all.held} held at the most`,
	);
}
