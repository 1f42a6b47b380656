/** Readings per second through the tagger: known paths, mapped by an overlay, and unknown ones. Run: node test/bench/tag.bench.ts */
import { loadOverlay } from "../../agent/tag/overlay.ts";
import { compileTagger } from "../../agent/tag/tagger.ts";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { CatalogueSchema } from "../../shared/catalogue.ts";
import { parseValue } from "../../shared/parse-document.ts";
import type { Tagged } from "../../shared/tag.ts";
import { signal } from "../fakes/readings.ts";

const cn = parseValue(CatalogueSchema, shippedCatalogues.cn, "cn", "LAW_INVALID");
const signals = { "M.A": "Vehicle.Speed", "M.B": { path: "Vehicle.Chassis.SteeringWheel.Angle", math: "round(x * 0.5)" } };
const overlay = await loadOverlay(JSON.stringify({ kind: "overlay", id: "bench", signals }), "bench");

const readingsPerRound = 10_000;
const seconds = 1.5;

const measure = (name: string, paths: readonly string[]): void => {
	const tagger = compileTagger(cn, overlay);
	const readings = Array.from({ length: readingsPerRound }, (_, index) => signal(paths[index % paths.length] ?? "", index));
	const out: Tagged[] = [];
	let rounds = 0;
	const start = performance.now();
	for (; performance.now() - start < seconds * 1_000; rounds += 1) {
		out.length = 0;
		for (const reading of readings) tagger.tag(reading, out);
	}
	const perSecond = (rounds * readingsPerRound * 1_000) / (performance.now() - start);
	console.log(`${name}: ${(perSecond / 1e6).toFixed(1)} million readings/s`);
};

measure("VSS paths", ["Vehicle.Speed", "Vehicle.Acceleration.Lateral", "Vehicle.Powertrain.CombustionEngine.Speed"]);
measure("overlay, as it is", ["M.A"]);
measure("overlay, with arithmetic", ["M.B"]);
measure("unmapped", ["M.X", "M.Y", "M.Z"]);
measure(
	"3,000 unmapped",
	Array.from({ length: 3_000 }, (_, index) => `M.S${index}`),
);
