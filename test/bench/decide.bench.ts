/** Applying a law of 500 rules, and one decision on the hot path. Run: node test/bench/decide.bench.ts */
import { compileRegime } from "../../agent/regime.ts";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { CatalogueSchema } from "../../shared/catalogue.ts";
import { parseValue } from "../../shared/parse-document.ts";
import type { Tagged } from "../../shared/tag.ts";
import { outlet, outlets, policy, rule } from "../fakes/law-documents.ts";
import { signal } from "../fakes/readings.ts";

const catalogue = parseValue(CatalogueSchema, shippedCatalogues.cn, "cn", "LAW_INVALID");
const ids = ["telemetry.vehicle-status", "telemetry.battery", "telemetry.environment", "telemetry.fault-code"];
const rules = Array.from({ length: 500 }, (_, index) =>
	rule(`rule-${index}`, {
		outlet: `outlet-${index % 4}`,
		purpose: `purpose-${index % 25}`,
		categories: [ids[index % ids.length] ?? "telemetry.battery"],
		paths: ["Vehicle.Speed", `Vehicle.Signal${index}.*`],
		treatments: [{ type: "thin-rate", everyMs: 1_000 }],
	}),
);
const law = {
	hash: "a".repeat(64),
	rootHash: "b".repeat(64),
	catalogue,
	policy: policy(rules),
	outlets: outlets(...[0, 1, 2, 3].map((index) => outlet(`outlet-${index}`))),
	consents: undefined,
};
const compile = () =>
	compileRegime({ law, overlay: undefined, home: "CN", nowMs: Date.parse("2026-06-01T00:00:00Z"), pseudonymKey: () => new Uint8Array(32) });

const times = Array.from({ length: 30 }, () => {
	const start = performance.now();
	compile();
	return performance.now() - start;
});
const sorted = [...times].sort((a, b) => a - b);
console.log(
	`apply a law of 500 rules: first, cold ${times[0]?.toFixed(1)} ms; median ${sorted[15]?.toFixed(1)} ms; slowest ${sorted[29]?.toFixed(1)} ms`,
);

const regime = compile();
const tagged: Tagged[] = [];
for (const path of ["Vehicle.Speed", "Vehicle.CurrentLocation.Latitude", "Vehicle.Nothing.Known", "Vehicle.Exterior.AirTemperature"])
	regime.tagger.tag(signal(path, 1), tagged);
const firstStart = performance.now();
for (const { tag } of tagged) regime.plan.decisionFor(tag);
console.log(`first decisions of ${tagged.length} tags: ${(performance.now() - firstStart).toFixed(2)} ms`);
const rounds = 20_000_000;
let routes = 0;
const start = performance.now();
for (let round = 0; round < rounds; round += 1) {
	const reading = tagged[round & 3];
	if (reading !== undefined) routes += regime.plan.decisionFor(reading.tag).routes.length;
}
console.log(`a decision: ${(((performance.now() - start) * 1e6) / rounds).toFixed(1)} ns (${routes} routes)`);
