import fc from "fast-check";
import { describe, expect, it } from "vitest";
import aggregateFlow from "../../agent/treat/aggregate-flow.ts";
import { createFlowCells } from "../../agent/treat/flow-cells.ts";
import type { MessageFields } from "../../shared/message.ts";
import type { Flow } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import type { StreamStep } from "../../shared/verdict.ts";
import { taggedFix } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { taggedMessage } from "../fakes/any-message.ts";
import { bsmContent } from "../fakes/bsm-content.ts";
import { seeded } from "../fakes/seeded.ts";

const quarterMs = 900_000;
const startMs = Date.UTC(2026, 0, 1, 12);
const options = { cellM: 200, windowMs: quarterMs, delayMs: quarterMs, k: 10, meanSpeed: true };
const stepFor = (over: Partial<typeof options> = {}): StreamStep =>
	aggregateFlow.compile({ type: "aggregate-flow", ...options, ...over }, testFacilities("p", { random: seeded(3) }));

const idOf = (vehicle: number): string => vehicle.toString(16).padStart(8, "0");
const bsm = (vehicle: number, ms: number, over: MessageFields = {}, sourceId = "v2x0"): Tagged =>
	taggedMessage("V2X.J2735.BSM", bsmContent({ id: idOf(vehicle), ...over }), {
		...{ takenAtMs: utcMs(startMs + ms), bootMs: bootMs(ms), sourceId },
	});
const objectOf = (objectID: number, x: number, speed = 100): MessageFields => ({
	...{ objectID, timeOfMeasurement: 0, objectConfidence: 0, objectRefPoint: "mid-mid" },
	...{ xDistance: { value: x, confidence: 1 }, yDistance: { value: 0, confidence: 1 } },
	...{ xSpeed: { value: speed, confidence: 1 }, ySpeed: { value: 100, confidence: 1 } },
});
const cpm = (stationID: number, objects: readonly MessageFields[]): Tagged =>
	taggedMessage(
		"V2X.ETSI.CPM",
		{
			header: { protocolVersion: 1, messageID: 14, stationID },
			cpm: {
				generationDeltaTime: 0,
				cpmParameters: {
					managementContainer: {
						stationType: 15,
						referencePosition: {
							...{ latitude: 397_801_842, longitude: -1_049_407_226 },
							positionConfidenceEllipse: { semiMajorConfidence: 4095, semiMinorConfidence: 4095, semiMajorOrientation: 3601 },
							altitude: { altitudeValue: 800_001, altitudeConfidence: "unavailable" },
						},
					},
					perceivedObjectContainer: objects,
					numberOfPerceivedObjects: objects.length,
				},
			},
		},
		{ takenAtMs: utcMs(startMs), bootMs: bootMs(0) },
	);
const takeAll = (step: StreamStep, readings: readonly Tagged[]): readonly Tagged[] => readings.flatMap((reading) => step.take(reading));
const dueAt = (step: StreamStep, ms: number, boot = ms): readonly Flow[] =>
	step.due(utcMs(startMs + ms), bootMs(boot)).flatMap((made) => (made.kind === "flow" ? [made] : []));
const vehicles = (count: number, ms = 0): readonly Tagged[] => Array.from({ length: count }, (_, at) => bsm(at, ms + at));

treatmentContract({
	plugin: aggregateFlow,
	valid: [options, { cellM: 50 }, { cellM: 100_000, windowMs: 86_400_000, delayMs: 86_400_000, k: 100_000 }],
	invalid: {
		"no cell": {},
		"a cell too small": { cellM: 49 },
		"a window below a quarter of an hour": { cellM: 200, windowMs: 899_999 },
		"a delay below a quarter of an hour": { cellM: 200, delayMs: 899_999 },
		"a group below ten": { cellM: 200, k: 9 },
		"half a road user": { cellM: 200, k: 10.5 },
		text: { cellM: "200" },
	},
	idempotent: false,
});

describe("aggregate-flow", () => {
	it("makes one count of what passed a cell, when its span has been over for the delay", () => {
		const step = stepFor();
		expect(takeAll(step, [...vehicles(12), ...vehicles(12, 1000)])).toStrictEqual([]);
		expect(step.held).toBe(0);
		expect(dueAt(step, 2 * quarterMs - 1)).toStrictEqual([]);
		const [flow, ...others] = dueAt(step, 2 * quarterMs);
		expect(others).toStrictEqual([]);
		expect(flow).toStrictEqual({
			...{ kind: "flow", sourceId: "v2x0", takenAtMs: startMs, bootMs: 1011, datum: "wgs84", cellM: 200, windowMs: quarterMs },
			...{ subjects: 12, meanSpeedMps: 17.4, tag: expect.anything(), latDeg: expect.any(Number), lonDeg: expect.any(Number) },
		});
		expect(Math.abs((flow?.latDeg ?? 0) - 39.7801842)).toBeLessThan(0.001);
		expect(dueAt(step, 3 * quarterMs)).toStrictEqual([]);
	});

	it("for all streams never tells of fewer than k, or of more than there were", () => {
		const passage = fc.record({
			vehicle: fc.integer({ min: 0, max: 30 }),
			ms: fc.integer({ min: 0, max: quarterMs - 1 }),
			north: fc.integer({ min: 0, max: 3 }),
		});
		fc.assert(
			fc.property(fc.array(passage, { maxLength: 150 }), (passages) => {
				const step = stepFor();
				for (const { vehicle, ms, north } of passages) step.take(bsm(vehicle, ms, { lat: 397_801_842 + north * 50_000 }));
				for (const { subjects, latDeg } of dueAt(step, 3 * quarterMs)) {
					const there = passages.filter(({ north }) => Math.abs(39.7801842 + north * 0.005 - latDeg) < 0.002);
					expect(subjects).toBeGreaterThanOrEqual(10);
					expect(subjects).toBe(new Set(there.map(({ vehicle }) => vehicle)).size);
				}
			}),
			{ numRuns: 30 },
		);
	});

	it("leaves out a cell with nine, and a mean speed of nine", () => {
		const nine = stepFor();
		takeAll(nine, vehicles(9));
		expect(dueAt(nine, 2 * quarterMs)).toStrictEqual([]);
		const slow = stepFor();
		takeAll(slow, [...vehicles(9), bsm(9, 9, { speed: 8191 })]);
		const [flow] = dueAt(slow, 2 * quarterMs);
		expect(flow).toMatchObject({ subjects: 10 });
		expect(flow).not.toHaveProperty("meanSpeedMps");
	});

	it("does not count positions that are not known", () => {
		const step = stepFor();
		takeAll(step, [...vehicles(9), bsm(9, 9, { lat: 900_000_001 }), bsm(10, 10, { long: 1_800_000_001 })]);
		expect(dueAt(step, 2 * quarterMs)).toStrictEqual([]);
	});

	it("counts a road user once however often, and by however many, it is told of", () => {
		// Nine objects, seen by three stations that number them alike and otherwise; a tenth that one of them sees.
		const seen = (step: StreamStep): StreamStep => {
			for (const [station, from] of [
				[1, 0],
				[2, 0],
				[3, 100],
			] as const)
				step.take(
					cpm(
						station,
						Array.from({ length: 9 }, (_, at) => objectOf(from + at, 10 * at)),
					),
				);
			return step;
		};
		expect(dueAt(seen(stepFor()), 2 * quarterMs)).toStrictEqual([]);
		const step = seen(stepFor());
		step.take(cpm(3, [objectOf(109, 5, 300)]));
		const parts = [...Array.from({ length: 9 }, () => Math.hypot(1, 1)), Math.hypot(3, 1)];
		const meanSpeedMps = Math.round((parts.reduce((sum, each) => sum + each, 0) / 10) * 10) / 10;
		expect(dueAt(step, 2 * quarterMs)).toMatchObject([{ subjects: 10, meanSpeedMps }]);
	});

	it("counts an object that is known by its distance where the whole disc is in one cell", () => {
		const count = (metres: number): number => {
			const step = stepFor();
			step.take(
				cpm(
					1,
					Array.from({ length: 20 }, (_, at) => objectOf(at, metres * 100)),
				),
			);
			return dueAt(step, 2 * quarterMs).length;
		};
		expect([count(1), count(300)]).toStrictEqual([1, 0]);
	});

	it("takes the unit's own fixes for one road user", () => {
		const step = stepFor();
		for (let at = 0; at < 100; at += 1) step.take(taggedFix({ takenAtMs: utcMs(startMs + at), bootMs: bootMs(at) }));
		expect(dueAt(step, 2 * quarterMs)).toStrictEqual([]);
	});

	it("tells of a recording as its own time passes, and of its end when it has been quiet for a minute", () => {
		const step = stepFor();
		takeAll(step, vehicles(10));
		takeAll(step, vehicles(10, quarterMs));
		expect(takeAll(step, [bsm(1, 2 * quarterMs)])).toMatchObject([{ kind: "flow", takenAtMs: startMs, subjects: 10 }]);
		const yearMs = 365 * 86_400_000;
		expect(dueAt(step, yearMs, quarterMs + 59_000)).toStrictEqual([]);
		expect(dueAt(step, yearMs, 4 * quarterMs)).toMatchObject([{ takenAtMs: startMs + quarterMs, subjects: 10 }]);
	});

	it("does not count what comes late, and goes on after the clock was put back", () => {
		const step = stepFor();
		takeAll(step, vehicles(10));
		expect(dueAt(step, 2 * quarterMs)).toHaveLength(1);
		takeAll(step, vehicles(20));
		expect(dueAt(step, 2 * quarterMs, 10 * quarterMs)).toStrictEqual([]);
		const monthMs = 30 * 86_400_000;
		takeAll(step, vehicles(11, -monthMs));
		expect(dueAt(step, 3 * quarterMs, 10 * quarterMs)).toMatchObject([{ takenAtMs: startMs - monthMs, subjects: 11 }]);
	});

	it("keeps sources and datums apart, and forgets a source", () => {
		const step = stepFor();
		const from = (sourceId: string) => Array.from({ length: 10 }, (_, at) => bsm(at, at, {}, sourceId));
		takeAll(step, [...from("a").slice(0, 5), ...from("b").slice(5)]);
		expect(dueAt(step, 2 * quarterMs)).toStrictEqual([]);
		const other = stepFor();
		takeAll(other, [...from("a"), ...from("b")]);
		expect(other.forget("a")).toBe(0);
		expect(dueAt(other, 2 * quarterMs)).toMatchObject([{ sourceId: "b" }]);
	});

	it("holds no more spans than it may have to tell of", () => {
		const step = stepFor();
		for (let span = 10; span > 0; span -= 1) takeAll(step, vehicles(10, span * quarterMs));
		expect(dueAt(step, 20 * quarterMs, 20 * quarterMs).length).toBeLessThanOrEqual(3);
	});
});

describe("createFlowCells", () => {
	it("counts too few rather than too many when it is full", () => {
		const cells = createFlowCells({ maxCells: 2, maxPassages: 15 });
		for (let who = 0; who < 100; who += 1) for (const cell of ["a", "b", "c"]) cells.add(cell, who, undefined, undefined);
		const counts = cells.counts(1);
		expect(counts.map(([name]) => name)).toStrictEqual(["a", "b"]);
		expect(counts.reduce((sum, [, { subjects }]) => sum + subjects, 0)).toBe(15);
	});

	it("adds nobody to what a sender perceives who may be among it", () => {
		const cells = createFlowCells({ maxCells: 10, maxPassages: 100 });
		for (let object = 0; object < 5; object += 1) cells.add("a", 1, object, undefined);
		for (let sender = 2; sender < 6; sender += 1) cells.add("a", sender, undefined, undefined);
		expect(cells.counts(1)).toMatchObject([["a", { subjects: 5 }]]);
	});

	it("counts a sender with what it perceives", () => {
		const cells = createFlowCells({ maxCells: 10, maxPassages: 100 });
		cells.add("a", 1, undefined, 10);
		for (let object = 0; object < 5; object += 1) cells.add("a", 1, object, 20);
		expect(cells.counts(1)).toStrictEqual([["a", { subjects: 6, meanSpeedMps: 18.3 }]]);
	});
});
