import { describe, expect, it } from "vitest";
import { type Batch, Pipeline } from "../agent/pipeline.ts";
import { compileRegime, type Regime } from "../agent/regime.ts";
import type { TallyLine } from "../agent/tally.ts";
import type { Law } from "../shared/law.ts";
import type { ReleaseRule } from "../shared/policy.ts";
import type { Reading, Signal } from "../shared/reading.ts";
import { bootMs, utcMs } from "../shared/units.ts";
import { catalogue, keepFloor, outlet, outlets, policy, row, rule } from "./fakes/law-documents.ts";

const rows = [
	row("status", { match: { kinds: [], paths: ["Vehicle\\.Speed"] } }),
	row("inside", { level: "important", home: keepFloor, match: { kinds: [], paths: ["Vehicle\\.Secret"] } }),
];

const regimeOf = (release: readonly ReleaseRule[], hash = "a".repeat(64)): Regime => {
	const law: Law = {
		hash,
		rootHash: "b".repeat(64),
		catalogue: catalogue(...rows),
		policy: policy(release),
		outlets: outlets(outlet("oem")),
		consents: undefined,
	};
	return compileRegime({
		law,
		overlay: undefined,
		home: "CN",
		nowMs: Date.parse("2026-06-01T00:00:00Z"),
		pseudonymKey: () => new Uint8Array(32),
	});
};

const signal = (path: string, value: Signal["value"], atMs = 0): Reading => ({
	kind: "signal",
	sourceId: "can0",
	takenAtMs: utcMs(atMs),
	bootMs: bootMs(atMs),
	path,
	value,
});

const pipelineOf = (regime: Regime, maxRecords = 10) => {
	const batches: Batch[] = [];
	const lines: TallyLine[] = [];
	const pipeline = new Pipeline(regime, {
		maxRecords,
		maxAgeMs: 1_000,
		commit: (some, counted) => {
			batches.push(...some);
			lines.push(...counted);
		},
	});
	return { pipeline, batches, lines };
};

describe("Pipeline", () => {
	it("commits nothing but counts when no rule asks", () => {
		const { pipeline, batches, lines } = pipelineOf(regimeOf([]));
		pipeline.accept([signal("Vehicle.Speed", 1), signal("Vehicle.Secret", 2), signal("CAN.Unmapped", 3)], 0);
		pipeline.flush();
		expect(batches).toEqual([]);
		expect(lines.map(({ categoryId, effect, reason, count }) => [categoryId, effect, reason, count])).toEqual(
			expect.arrayContaining([
				["status", "vault", "not-requested", 1],
				["inside", "vault", "floor-vault", 1],
				["unknown", "vault", "unknown-category", 1],
			]),
		);
	});

	it("gathers what is released and commits a full batch at once, in order", () => {
		const { pipeline, batches } = pipelineOf(regimeOf([rule("a")]), 3);
		pipeline.accept(
			[1, 2, 3, 4].map((value) => signal("Vehicle.Speed", value, value)),
			0,
		);
		expect(batches.map(({ records }) => records.map((record) => (record.kind === "signal" ? record.value : undefined)))).toEqual([
			[1, 2, 3],
		]);
		pipeline.flush();
		expect(batches[1]?.records).toHaveLength(1);
		expect(batches[1]?.sourceIds).toEqual(new Set(["can0"]));
	});

	it("commits a batch that has waited long enough, and not before", () => {
		const { pipeline, batches } = pipelineOf(regimeOf([rule("a")]));
		pipeline.accept([signal("Vehicle.Speed", 1)], 100);
		pipeline.flushDue(0, 1_099);
		expect(batches).toHaveLength(0);
		pipeline.flushDue(0, 1_100);
		expect(batches).toHaveLength(1);
	});

	it("accounts for every reading exactly once", () => {
		const { pipeline, lines } = pipelineOf(regimeOf([rule("a", { treatments: [{ type: "thin-rate", everyMs: 1_000 }] })]), 2);
		for (let at = 0; at < 500; at++) pipeline.accept([signal("Vehicle.Speed", at, at * 10), signal("CAN.X", at, at * 10)], at);
		pipeline.flush();
		expect(lines.reduce((sum, { count }) => sum + count, 0)).toBe(1_000);
		const released = lines.filter(({ effect }) => effect === "upload").reduce((sum, { count }) => sum + count, 0);
		expect(released).toBe(5);
	});

	it("seals what the old law released under the old law, and judges what comes later by the new one", () => {
		const { pipeline, batches } = pipelineOf(regimeOf([rule("a")]));
		pipeline.accept([signal("Vehicle.Speed", 1)], 0);
		pipeline.apply(regimeOf([], "c".repeat(64)));
		pipeline.accept([signal("Vehicle.Speed", 2)], 1);
		pipeline.flush();
		expect(batches).toHaveLength(1);
		expect(batches[0]?.regime.law.hash).toBe("a".repeat(64));
		expect(batches[0]?.records).toHaveLength(1);
	});

	it("keeps two routes of one category apart", () => {
		const rules = [rule("a"), rule("b", { purpose: "research", treatments: [{ type: "round-number", stepBy: 10 }] })];
		const { pipeline, batches } = pipelineOf(regimeOf(rules));
		pipeline.accept([signal("Vehicle.Speed", 12)], 0);
		pipeline.flush();
		const values = batches.map(({ route, records }) => [route.ruleId, records[0]?.kind === "signal" ? records[0].value : undefined]);
		expect(values).toEqual([
			["a", 12],
			["b", 10],
		]);
	});
});
