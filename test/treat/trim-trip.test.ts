import { describe, expect, it } from "vitest";
import trimTrip from "../../agent/treat/trim-trip.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { someTimeMs, taggedFix, taggedSignal } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { apartM, fromEarth, simulateTrip, toEarth, type Waypoint } from "../fakes/trips.ts";
import { keyFrom, openWay, runTrip, someOptions, stepOn, type TripWritten } from "./trip-run.ts";

const { type: _type, ...valid } = someOptions;

treatmentContract({
	plugin: trimTrip,
	valid: [
		valid,
		{ ...valid, radiusM: 10, stopMs: 1_000, stopSpeedMps: 5, maxHoldMs: 10_000, releaseEveryMs: 1_000, maxHeld: 100 },
		{ ...valid, radiusM: 5_000, stopMs: 3_600_000, stopSpeedMps: 0.05, minHoldMs: 86_400_000, maxHoldMs: 604_800_000, maxHeld: 1_000_000 },
	],
	invalid: {
		"no radius": { ...valid, radiusM: undefined },
		"a radius too small": { ...valid, radiusM: 9 },
		"a radius too large": { ...valid, radiusM: 5_001 },
		"no number": { ...valid, radiusM: Number.NaN },
		"a stop of no time": { ...valid, stopMs: 0 },
		"a stop of half a millisecond": { ...valid, stopMs: 1_000.5 },
		"nothing is slow": { ...valid, stopSpeedMps: 0 },
		"everything is slow": { ...valid, stopSpeedMps: 6 },
		"a negative time": { ...valid, minHoldMs: -1 },
		"holds without end": { ...valid, maxHoldMs: Number.POSITIVE_INFINITY },
		"gives up before it may let go": { ...valid, minHoldMs: 1_800_000 },
		"room for nothing": { ...valid, maxHeld: 0 },
		"no times to leave at": { ...valid, releaseEveryMs: 0 },
	},
	idempotent: false,
});

/** Eastwards at 10 m/s, from `fromM`, one fix per second. */
const drive = (fromM: number, seconds: number, startMs = 0, over: Parameters<typeof taggedFix>[0] = {}) =>
	Array.from({ length: seconds }, (_, second) =>
		taggedFix({
			takenAtMs: utcMs(someTimeMs + startMs + second * 1000),
			bootMs: bootMs(startMs + second * 1000),
			...toEarth({ eastM: fromM + second * 10, northM: 0 }),
			speedMps: 10,
			courseDeg: 90,
			...over,
		}),
	);

/** Kilometres of the fixes that left. */
const keptKm = (readings: Parameters<typeof runTrip>[0], over: Partial<TripWritten> = {}): readonly number[] =>
	runTrip(readings, over).fixes.map(({ reading }) => fromEarth(reading).eastM / 1000);

const home: Waypoint = { eastM: 50, northM: 0 };
const work: Waypoint = { eastM: 3_050, northM: 1_800 };
const tripBy = (...between: readonly Waypoint[]) => simulateTrip({ seed: 3, waypoints: [home, ...between, work] });

describe("trim-trip", () => {
	it("lets the middle of a trip go, unchanged and in order, and neither start nor end", () => {
		const trip = tripBy();
		const run = runTrip(trip.readings);
		const fixes = trip.readings.filter(({ kind }) => kind === "fix");
		const kept = run.fixes.map(({ reading }) => reading);
		expect(kept.length).toBeGreaterThan(100);
		expect(kept).toStrictEqual(fixes.filter((fix) => kept.some((one) => one === fix)));
		for (const place of trip.places) for (const fix of kept) expect(apartM(fromEarth(fix), place)).toBeGreaterThan(100);
	});

	it("hides a stop before and after it, but not a wait at a traffic light", () => {
		const middle = { eastM: 1_530, northM: 840 };
		const nearest = (dwellMs: number) => {
			const trip = simulateTrip({ seed: 3, noiseM: 1, waypoints: [home, { ...middle, dwellMs }, work] });
			return Math.min(...runTrip(trip.readings).fixes.map(({ reading }) => apartM(fromEarth(reading), middle)));
		};
		expect(nearest(60_000)).toBeLessThan(20);
		expect(nearest(90_000)).toBeLessThan(20);
		expect(nearest(125_000)).toBeGreaterThan(100);
		expect(nearest(900_000)).toBeGreaterThan(100);
	});

	it("hides the apex of a turnaround without a stop", () => {
		const deadEnd = { eastM: 1_530, northM: 840, turnsBack: true };
		for (const { reading } of runTrip(tripBy(deadEnd).readings).fixes) expect(apartM(fromEarth(reading), deadEnd)).toBeGreaterThan(100);
	});

	it("hides a place again whenever it is passed on the same trip or a later one", () => {
		const [out, past] = [
			drive(0, 300),
			drive(3_000, 300).map((fix, at) => ({ ...fix, ...toEarth({ eastM: 3_000 - at * 10, northM: 200 }) })),
		];
		const later = past.map((fix) => ({ ...fix, takenAtMs: utcMs(fix.takenAtMs + 400_000), bootMs: bootMs(fix.bootMs + 400_000) }));
		const nextDay = drive(-3_000, 600, 86_400_000);
		const kept = runTrip([...out, ...later, ...nextDay]).fixes.map(({ reading }) => fromEarth(reading));
		for (const at of kept) expect(Math.hypot(at.eastM, at.northM)).toBeGreaterThan(100);
		expect(kept.filter(({ eastM, northM }) => eastM > 600 && northM > 100).length).toBeGreaterThan(100);
		expect(kept.filter(({ eastM }) => eastM < -600).length).toBeGreaterThan(100);
	});

	it("lets signals of motion go exactly where the fixes around them go, counters never, and others at once", () => {
		const trip = tripBy({ eastM: 1_530, northM: 840, dwellMs: 300_000 });
		const run = runTrip(trip.readings);
		const released = new Set(run.fixes.map(({ reading }) => reading.takenAtMs));
		const times = trip.readings.filter(({ kind }) => kind === "fix").map(({ takenAtMs }) => takenAtMs);
		const byPath = (path: string) => run.signals.filter(({ reading }) => reading.path === path);
		const speeds = byPath("Vehicle.Speed").map(({ reading }) => reading.takenAtMs);
		expect(speeds).toStrictEqual(times.filter((time, at) => released.has(time) && released.has(times[at + 1] ?? utcMs(0))));
		expect(byPath("Vehicle.AngularVelocity.Yaw")).toHaveLength(speeds.length);
		expect(byPath("Vehicle.TraveledDistance")).toHaveLength(0);
		const temperatures = byPath("Vehicle.Exterior.AirTemperature");
		expect(temperatures).toHaveLength(times.length);
		expect(temperatures.every(({ reading, atMs }) => reading.takenAtMs === atMs)).toBe(true);
	});

	it("hides motion between fixes that are too far apart to vouch for it", () => {
		const sparse = drive(0, 600).filter((_, at) => at % 12 === 0);
		const signals = sparse.map(({ takenAtMs, bootMs: atMs }) =>
			taggedSignal({ takenAtMs: utcMs(takenAtMs + 500), bootMs: bootMs(atMs + 500) }),
		);
		const run = runTrip([...sparse, ...signals].sort((a, b) => a.takenAtMs - b.takenAtMs));
		expect(run.fixes.length).toBeGreaterThan(20);
		expect(run.signals).toHaveLength(0);
	});

	it("lets things go at its times only", () => {
		const { fixes } = runTrip(drive(0, 900), { releaseEveryMs: 60_000 });
		expect(fixes.length).toBeGreaterThan(500);
		for (const { atMs } of fixes) expect(atMs % 60_000).toBe(0);
	});

	it("lets nothing go before minHoldMs nor after maxHoldMs", () => {
		for (const { reading, atMs } of runTrip(drive(0, 900), { minHoldMs: 200_000 }).fixes) {
			expect(atMs - reading.takenAtMs).toBeGreaterThanOrEqual(200_000);
		}
		const slow = drive(0, 3_000).map((fix, at) => ({ ...fix, ...toEarth({ eastM: at, northM: 0 }), speedMps: 1 }));
		expect(runTrip(slow, { maxHoldMs: 1_800_000 }).fixes.length).toBeGreaterThan(500);
		expect(runTrip(slow, { maxHoldMs: 300_000 }).fixes).toStrictEqual([]);
	});

	it("hides a place passed shortly before it was stopped at, when minHoldMs is longer than that", () => {
		const [there, back] = [
			drive(0, 250),
			drive(2_490, 150).map((fix, at) => ({ ...fix, ...toEarth({ eastM: 2_490 - at * 10, northM: 0 }) })),
		];
		const backLater = back.map((fix, at) => ({
			...fix,
			takenAtMs: utcMs(someTimeMs + (250 + at) * 1000),
			bootMs: bootMs((250 + at) * 1000),
		}));
		const parked = drive(0, 300, 400_000).map((fix) => ({ ...fix, ...toEarth({ eastM: 1_000, northM: 0 }), speedMps: 0 }));
		const near = (minHoldMs: number) =>
			keptKm([...there, ...backLater, ...parked, ...drive(1_000, 400, 700_000)], { minHoldMs, releaseEveryMs: 1_000 }).filter(
				(km) => Math.abs(km - 1) < 0.1,
			);
		expect(near(0).length).toBeGreaterThan(0);
		expect(near(600_000)).toStrictEqual([]);
	});

	it("takes a loss of fixes for an end and a start, when it is as long as a stop", () => {
		const tunnel = (lostMs: number) =>
			keptKm([...drive(0, 300), ...drive(3_000, 300, 299_000 + lostMs)]).filter((km) => Math.abs(km - 3) < 0.1);
		expect(tunnel(60_000).length).toBeGreaterThan(10);
		expect(tunnel(121_000)).toStrictEqual([]);
	});

	it("takes a jump for an end and a start, though a fix that jumps is believed", () => {
		expect(keptKm([...drive(0, 300), ...drive(8_000, 300, 300_000)]).filter((km) => Math.abs(km - 8) < 0.1)).toStrictEqual([]);
	});

	it("begins anew when the clock steps back, and gives up what it held", () => {
		const kept = keptKm([...drive(0, 300), ...drive(3_000, 300, 100_000)]);
		expect(kept.filter((km) => Math.abs(km - 3) < 0.1)).toStrictEqual([]);
		expect(kept.some((km) => km > 4)).toBe(true);
		expect(kept.filter((km) => km > 2.6 && km < 3.1)).toStrictEqual([]);
	});

	it("copes with two receivers whose fixes arrive in the wrong order", () => {
		const late = drive(0, 600, 300, { sourceId: "gnss1" }).map((fix) => ({ ...fix, bootMs: bootMs(fix.bootMs + 900) }));
		const both = [...drive(0, 600), ...late].sort((a, b) => a.bootMs - b.bootMs);
		const kept = runTrip(both).fixes;
		expect(new Set(kept.map(({ reading }) => reading.sourceId))).toStrictEqual(new Set(["gnss0", "gnss1"]));
		expect(kept.length).toBeGreaterThan(700);
	});

	it("hides everything while the datum changes to and fro, and what has a local one", () => {
		const mixed = drive(0, 600).map((fix, at) => (at % 2 === 0 ? fix : { ...fix, datum: "gcj02" as const }));
		expect(runTrip(mixed).fixes).toStrictEqual([]);
		expect(runTrip(drive(0, 600, 0, { datum: "local" })).fixes).toStrictEqual([]);
		expect(runTrip(drive(0, 600, 0, { datum: "unknown" })).fixes.length).toBeGreaterThan(100);
	});

	it("withholds a fix that the way has not heard of, and everything where there is no way", () => {
		const way = openWay();
		const [believed, blind] = [stepOn(way), stepOn(undefined)];
		let out = 0;
		for (const [at, fix] of drive(0, 600).entries()) {
			way.hear(fix);
			const spoofed = { ...fix, ...toEarth({ eastM: 9_000 + at * 10, northM: 0 }), sourceId: "spoof" };
			for (const left of [...believed.take(spoofed), ...believed.take(fix)]) {
				expect(left.sourceId).toBe("gnss0");
				out += 1;
			}
			expect(blind.take(fix)).toStrictEqual([]);
			expect(blind.held).toBe(0);
		}
		expect(out).toBeGreaterThan(200);
	});

	it("judges by the way and not by what an earlier treatment has made of a fix", () => {
		const way = openWay();
		const step = stepOn(way);
		const kept: number[] = [];
		for (const [at, fix] of drive(0, 600).entries()) {
			way.hear(fix);
			for (const left of step.take({ ...fix, latDeg: 10, lonDeg: at })) if (left.kind === "fix") kept.push(left.lonDeg);
		}
		expect(kept).toStrictEqual(runTrip(drive(0, 600)).fixes.map(({ reading }) => Math.round(fromEarth(reading).eastM / 10)));
	});

	it("holds no more than maxHeld, and withholds the oldest rather than let them go early", () => {
		const { fixes, mostHeld } = runTrip(drive(0, 900), { maxHeld: 100, releaseEveryMs: 1_000 });
		expect(mostHeld).toBeLessThanOrEqual(100);
		const free = new Set(runTrip(drive(0, 900), { releaseEveryMs: 1_000 }).fixes.map(({ reading }) => reading.takenAtMs));
		for (const { reading } of fixes) expect(free.has(reading.takenAtMs)).toBe(true);
		const standing = drive(0, 2_000).map((fix, at) => ({ ...fix, ...toEarth({ eastM: at * 0.01, northM: 0 }) }));
		expect(runTrip(standing, { maxHeld: 100 }).mostHeld).toBeLessThanOrEqual(100);
	});

	it("gives up signals whose time the way never comes to, by the box's clock", () => {
		const way = openWay();
		const step = stepOn(way, { maxHoldMs: 120_000 });
		for (const fix of drive(0, 60)) way.hear(fix);
		for (const takenAtMs of [someTimeMs + 1e10, someTimeMs + 61_000])
			step.take(taggedSignal({ takenAtMs: utcMs(takenAtMs), bootMs: bootMs(59_000) }));
		expect(step.held).toBe(2);
		expect(step.due(utcMs(someTimeMs), bootMs(400_000))).toStrictEqual([]);
		expect(step.held).toBe(0);
	});

	it("lets go by the box's clock what was left behind before the fixes ended", () => {
		const way = openWay();
		const step = stepOn(way, { releaseEveryMs: 3_600_000, maxHoldMs: 7_200_000 });
		for (const fix of drive(0, 600)) {
			way.hear(fix);
			expect(step.take(fix)).toStrictEqual([]);
		}
		const out = step.due(utcMs(0), bootMs(3_600_000));
		expect(out.length).toBeGreaterThan(300);
		for (const fix of out) if (fix.kind === "fix") expect(fromEarth(fix).eastM).toBeLessThan(5_990 - 350);
	});

	it("forgets what it holds of one source or of all", () => {
		const way = openWay();
		const step = stepOn(way);
		for (const fix of [...drive(0, 100), ...drive(1_000, 100, 100_000, { sourceId: "gnss1" })]) {
			way.hear(fix);
			step.take(fix);
		}
		const { held } = step;
		const one = step.forget("gnss1");
		expect(one).toBeGreaterThan(50);
		expect(step.forget() + one).toBe(held);
		expect(step.held).toBe(0);
	});

	it("knows the places of the trip so far under the next law, too", () => {
		const way = openWay();
		const before = stepOn(way);
		const out = drive(0, 300);
		for (const fix of out) {
			way.hear(fix);
			before.take(fix);
		}
		const after = stepOn(way);
		const kept: number[] = [];
		for (const fix of drive(0, 900, 300_000).map((each, at) => ({ ...each, ...toEarth({ eastM: 3_000 - at * 10, northM: 300 }) }))) {
			way.hear(fix);
			for (const left of after.take(fix)) if (left.kind === "fix") kept.push(Math.hypot(fromEarth(left).eastM, fromEarth(left).northM));
		}
		expect(kept.length).toBeGreaterThan(200);
		expect(Math.min(...kept)).toBeLessThan(2_000);
		for (const apart of kept) expect(apart).toBeGreaterThan(300 - 1);
	});

	it("listens once to a way, however many laws there are, and tells routes with other options apart", () => {
		let listeners = 0;
		const inner = openWay();
		const listen: typeof inner.listen = (listener) => {
			listeners += 1;
			inner.listen(listener);
		};
		const way = { ...inner, listen };
		const steps = Array.from({ length: 50 }, (_, at) => stepOn(way, { radiusM: at % 2 === 0 ? 50 : 200 }));
		expect(listeners).toBe(1);
		const counts = steps.map(() => 0);
		for (const fix of drive(0, 600)) {
			way.hear(fix);
			for (const [at, step] of steps.entries()) counts[at] = (counts[at] ?? 0) + step.take(fix).length;
		}
		expect(new Set(counts).size).toBe(2);
		expect(counts[0]).toBeGreaterThan(counts[1] ?? 0);
	});

	it("hides the same place by the same disc after a restart, and by another on another unit", () => {
		const first = (seed: number) =>
			keptKm(drive(0, 300)).at(0) !== undefined && runTrip(drive(0, 300), {}, seed).fixes[0]?.reading.takenAtMs;
		expect(first(1)).toBe(first(1));
		expect(new Set([1, 2, 3, 4, 5, 6].map(first)).size).toBeGreaterThan(3);
	});

	it("asks for one key whatever the purpose, and refuses one of another length", () => {
		const asked: string[] = [];
		const facilities = testFacilities("one purpose", {
			way: openWay(),
			pseudonymKey: (purpose, epoch) => {
				asked.push(`${purpose} ${epoch}`);
				return keyFrom(1)(purpose, epoch);
			},
		});
		trimTrip.compile(someOptions, facilities);
		trimTrip.compile(someOptions, { ...facilities, purpose: "another" });
		expect(new Set(asked).size).toBe(1);
		expect(() => trimTrip.compile(someOptions, { ...facilities, way: openWay(), pseudonymKey: () => new Uint8Array(16) })).toThrowError(
			expect.objectContaining({ code: "KEY_INVALID" }),
		);
	});
});
