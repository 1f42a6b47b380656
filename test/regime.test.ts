import { describe, expect, it } from "vitest";
import { type Batch, Pipeline } from "../agent/pipeline.ts";
import { compileRegime, type Regime } from "../agent/regime.ts";
import type { CollectRule } from "../shared/collect-rule.ts";
import type { Fleet } from "../shared/fleet.ts";
import type { Reading } from "../shared/reading.ts";
import type { NetworkKind } from "../shared/release-conditions.ts";
import { bootMs, utcMs } from "../shared/units.ts";
import { catalogue, outlet, outlets, policy, row, rule } from "./fakes/law-documents.ts";

const braking: CollectRule = {
	...{ id: "braking", necessity: "a test cannot do without it", paths: ["Vehicle.Speed"], when: "Vehicle.Brake > 0" },
	...{ trigger: "edge", preMs: 0, postMs: 5_000, cooldownMs: 0, maxReadings: 1_000 },
};
const thin = { treatments: [{ type: "thin-rate", everyMs: 10_000 }] };
const newYearMs = Date.parse("2026-12-31T16:00:00Z");

interface Given {
	readonly hash?: string;
	readonly network?: NetworkKind;
	readonly nowMs?: number;
	readonly fleet?: Fleet;
	readonly previous?: Regime;
}
const release = [
	rule("thinned", thin),
	rule("event", { purpose: "events", collect: ["braking"] }),
	rule("wifi", { purpose: "bulk", conditions: { offsetMinutes: 0, networks: ["wifi"] } }),
];
const regimeOf = ({ hash = "a", network, nowMs = Date.parse("2026-06-01T00:00:00Z"), fleet, previous }: Given = {}): Regime =>
	compileRegime({
		law: {
			hash: hash.repeat(64),
			rootHash: "b".repeat(64),
			catalogue: catalogue(row("status", { match: { kinds: [], paths: ["Vehicle\\.(?:Speed|Brake)"] } })),
			policy: policy(release, { collect: [braking], notAfter: "2027-12-31T00:00:00Z" }),
			outlets: outlets(outlet("oem")),
			consents: undefined,
			fleet,
		},
		overlay: undefined,
		home: "CN",
		nowMs,
		pseudonymKey: () => new Uint8Array(32),
		circumstances: { network },
		previous,
	});

const signal = (path: string, value: number, atMs: number): Reading => ({
	...{ kind: "signal", sourceId: "can0", path, value },
	...{ takenAtMs: utcMs(atMs), bootMs: bootMs(atMs) },
});

/** Purposes by which one reading of the speed left. */
const pipelineOf = (regime: Regime) => {
	const batches: Batch[] = [];
	const pipeline = new Pipeline(regime, { maxRecords: 1, maxAgeMs: 1_000, commit: (some) => batches.push(...some) });
	return {
		pipeline,
		left: (...readings: readonly Reading[]) => {
			pipeline.accept(readings, 0);
			pipeline.flush();
			return batches
				.splice(0)
				.map(({ route }) => route.purpose)
				.sort();
		},
	};
};

describe("compileRegime", () => {
	it("goes on with rates and open windows under the same law, and begins anew under another", () => {
		const first = regimeOf();
		const { pipeline, left } = pipelineOf(first);
		expect(left(signal("Vehicle.Brake", 1, 1_000), signal("Vehicle.Speed", 1, 1_001))).toEqual(["events", "fleet-health", "fleet-health"]);
		const same = regimeOf({ network: "wifi", previous: first });
		pipeline.apply(same);
		expect(left(signal("Vehicle.Speed", 2, 2_000))).toEqual(["bulk", "events"]);
		const gone = regimeOf({ network: "cellular", previous: same });
		pipeline.apply(gone);
		expect(left(signal("Vehicle.Speed", 2, 3_000))).toEqual(["events"]);
		pipeline.apply(regimeOf({ hash: "c", previous: gone }));
		expect(left(signal("Vehicle.Speed", 3, 4_000))).toEqual(["fleet-health"]);
	});

	it("makes tags anew when the facts of the fleet have changed under the same law", () => {
		const fleet: Fleet = {
			...{ kind: "fleet", version: 1, issuedAt: "2026-01-01T00:00:00Z", year: 2026 },
			facts: { "handler.persons": 5 },
		};
		const before = regimeOf({ fleet, nowMs: newYearMs - 1 });
		expect(regimeOf({ fleet, nowMs: newYearMs - 1, previous: before }).tagger).toBe(before.tagger);
		const after = regimeOf({ fleet, nowMs: newYearMs, previous: before });
		expect(after.tagger).not.toBe(before.tagger);
		expect(after.collector).not.toBe(before.collector);
	});
});
