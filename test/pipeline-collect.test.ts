import { describe, expect, it } from "vitest";
import { type Batch, Pipeline } from "../agent/pipeline.ts";
import { compileRegime, type Regime } from "../agent/regime.ts";
import type { TallyLine } from "../agent/tally.ts";
import type { CollectRule } from "../shared/collect-rule.ts";
import type { Reading } from "../shared/reading.ts";
import { bootMs, utcMs } from "../shared/units.ts";
import { catalogue, keepFloor, outlet, outlets, policy, row, rule } from "./fakes/law-documents.ts";

const rows = [
	row("status", { match: { kinds: [], paths: ["Vehicle\\.Speed"] } }),
	row("inside", { level: "important", home: keepFloor, match: { kinds: [], paths: ["Vehicle\\.Brake"] } }),
];

const braking: CollectRule = {
	...{ id: "braking", necessity: "a test cannot do without it", paths: ["Vehicle.Speed"], when: "Vehicle.Brake > 0" },
	...{ trigger: "edge", preMs: 3_000, postMs: 2_000, cooldownMs: 0, maxReadings: 1_000 },
};

const regimeOf = (hash: string, release = [rule("a", { collect: ["braking"] })]): Regime =>
	compileRegime({
		law: {
			hash: hash.repeat(64),
			rootHash: "b".repeat(64),
			catalogue: catalogue(...rows),
			policy: policy(release, { collect: [braking] }),
			outlets: outlets(outlet("oem")),
			consents: undefined,
		},
		overlay: undefined,
		home: "CN",
		nowMs: Date.parse("2026-06-01T00:00:00Z"),
		pseudonymKey: () => new Uint8Array(32),
	});

const signal = (path: string, value: number, atMs: number): Reading => ({
	...{ kind: "signal", sourceId: "can0", path, value },
	...{ takenAtMs: utcMs(atMs), bootMs: bootMs(atMs) },
});

const pipelineOf = (regime: Regime) => {
	const batches: Batch[] = [];
	const lines: TallyLine[] = [];
	const pipeline = new Pipeline(regime, {
		maxRecords: 1_000,
		maxAgeMs: 1_000,
		commit: (some, counted) => {
			batches.push(...some);
			lines.push(...counted);
		},
	});
	const drive = (fromSecond: number, untilSecond: number, brakeAt?: number): void => {
		for (let second = fromSecond; second < untilSecond; second++) {
			pipeline.accept(
				[signal("Vehicle.Brake", second === brakeAt ? 1 : 0, second * 1_000), signal("Vehicle.Speed", second, second * 1_000)],
				second,
			);
		}
	};
	const times = (): readonly number[] => batches.flatMap(({ records }) => records.map(({ takenAtMs }) => takenAtMs / 1_000));
	const counted = (reason: string): number => lines.filter((line) => line.reason === reason).reduce((sum, { count }) => sum + count, 0);
	return { pipeline, batches, drive, times, counted, lines };
};

describe("Pipeline with collect rules", () => {
	it("lets out what lies around an event, though the signal of the event stays inside, and accounts for every reading once", () => {
		const { pipeline, drive, times, counted, lines } = pipelineOf(regimeOf("a"));
		drive(0, 30, 10);
		pipeline.flush();
		expect(times()).toEqual([7, 8, 9, 10, 11, 12]);
		expect(counted("released")).toBe(6);
		expect(counted("not-collected")).toBe(24);
		expect(counted("floor-vault")).toBe(30);
		expect(lines.reduce((sum, { count }) => sum + count, 0)).toBe(60);
	});

	it("lets out all by a rule that names no collect rule", () => {
		const { pipeline, drive, times } = pipelineOf(regimeOf("a", [rule("a", { collect: ["braking"] }), rule("b", { purpose: "research" })]));
		drive(0, 3);
		pipeline.flush();
		expect(times()).toEqual([0, 1, 2]);
	});

	it("forgets and counts what waits for an event when it is flushed", () => {
		const { pipeline, drive, times, counted } = pipelineOf(regimeOf("a"));
		drive(0, 10);
		pipeline.flush();
		expect(counted("not-collected")).toBe(10);
		drive(10, 12, 10);
		pipeline.flush();
		expect(times()).toEqual([10, 11]);
	});

	it("settles one source without taking the past of another from an event", () => {
		const { pipeline, drive, times, counted } = pipelineOf(regimeOf("a"));
		drive(0, 10);
		pipeline.accept([{ ...signal("Vehicle.Speed", 1, 9_000), sourceId: "pushed" }], 9);
		pipeline.flush("pushed");
		// The pushed one, and six that are older than any event to come reaches.
		expect(counted("not-collected")).toBe(1 + 6);
		drive(10, 11, 10);
		pipeline.flush();
		expect(counted("not-collected")).toBe(1 + 7);
		expect(times()).toEqual([7, 8, 9, 10]);
	});

	it("carries no reading, value or window of the old law over into the new one", () => {
		const { pipeline, batches, drive, times, counted } = pipelineOf(regimeOf("a"));
		drive(0, 11, 10);
		pipeline.apply(regimeOf("c"));
		drive(11, 20);
		pipeline.flush();
		expect(times()).toEqual([7, 8, 9, 10]);
		expect(batches.map(({ regime }) => regime.law.hash.slice(0, 1))).toEqual(["a"]);
		expect(counted("released") + counted("not-collected")).toBe(20);
	});

	it("does not hold up what is committed on a timer", () => {
		const { pipeline, drive, counted } = pipelineOf(regimeOf("a"));
		drive(0, 3);
		pipeline.flushDue(0, 10_000);
		expect(counted("not-collected")).toBe(0);
		drive(3, 4, 3);
		pipeline.flushDue(0, 20_000);
		expect(counted("released")).toBe(4);
	});
});
