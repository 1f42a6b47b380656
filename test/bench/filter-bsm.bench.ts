/**
 * Messages per CPU second through `filter-bsm`, in one process: 20,000 basic safety messages of 2.7 kB through a geofence of 34,000 road segments, a filter of
 * speeds, replacement of ids and redaction of fields. Reading, writing and the report are in it. Run: node test/bench/filter-bsm.bench.ts
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlockWriter, fileSink } from "../../agent/commands/filter-bsm-blocks.ts";
import { FastRoad } from "../../agent/commands/filter-bsm-fast.ts";
import { readPlaces } from "../../agent/commands/filter-bsm-files.ts";
import { Judge } from "../../agent/commands/filter-bsm-judge.ts";
import { readBlocks } from "../../agent/commands/filter-bsm-lines.ts";
import { runFilter } from "../../agent/commands/filter-bsm-run.ts";
import { summaryOf } from "../../agent/commands/filter-bsm-tally.ts";
import { cvdpTreatments } from "../../agent/formats/cvdp-treatments.ts";
import { systemClock } from "../../agent/host/clock.ts";
import { compilePlaces } from "../../agent/place/compile-places.ts";
import { dataPath, hasData } from "../data.ts";
import { odeBsm } from "../fakes/ode-bsm.ts";

const messages = 20_000;
const rounds = 5;

const cpuMs = (since?: NodeJS.CpuUsage): number => {
	const { user, system } = process.cpuUsage(since);
	return (user + system) / 1_000;
};

/** A road of 34,000 segments of 30 m to and fro, a kilometre further north each time. */
const madeUpMap = (): string => {
	const points = Array.from({ length: 34_001 }, (_, index) => {
		const row = Math.floor(index / 500);
		const column = row % 2 === 0 ? index % 500 : 499 - (index % 500);
		return `${index};${(39 + row * 0.009).toFixed(7)};${(-105 + column * 0.00035).toFixed(7)}`;
	});
	const edges = points.slice(1).map((point, index) => `edge,${index},${points[index]}:${point},way_type=motorway:way_id=1`);
	return ["type,id,geography,attributes", ...edges].join("\n");
};

const folder = mkdtempSync(join(tmpdir(), "filter-bsm-bench-"));
const map = join(folder, "roads.edges");
writeFileSync(map, madeUpMap());

const geofence = { mapFile: undefined, extensionM: 10, bounds: { southDeg: 37, westDeg: -109, northDeg: 42, eastDeg: -102 } };
const fields = [
	"coreData.angle",
	"coreData.transmission",
	"coreData.brakes.wheelBrakes",
	"coreData.brakes.traction",
	"coreData.brakes.abs",
];
const { treatments } = cvdpTreatments(
	{ velocity: { minMps: 2.235, maxMps: 35.763 }, ids: "all", redactsSize: true, redactsFields: true, redactsPartII: false, geofence },
	[
		...fields,
		"partII.partII-Value.VehicleSafetyExtensions.events",
		"partII.partII-Value.VehicleSafetyExtensions.lights",
		"partII.partII-Value.SupplementalVehicleExtensions.doNotUse1.solarRadiation",
		"partII.partII-Value.SupplementalVehicleExtensions.status.statusDetails",
	].map((path) => `payload.data.value.BasicSafetyMessage.${path}`),
);

/** Three of four on the road and fast enough; a hundred vehicles, ten messages a second each. */
const madeUp = (index: number): string => {
	const row = index % 60;
	return odeBsm({
		lat: Math.round((39 + row * 0.009 + (index % 8 === 0 ? 0.002 : 0)) * 1e7),
		long: Math.round((-105 + ((index * 7) % 498) * 0.00035) * 1e7),
		speed: index % 8 === 4 ? 20 : 400 + (index % 900),
		id: ((index % 100) * 40_503_931).toString(16).toUpperCase().padStart(8, "0"),
		count: index,
		crumbs: 4,
		receivedAt: new Date(1_755_000_000_000 + index).toISOString(),
	});
};

/** Real messages, moved about. */
const realLines = (path: string): readonly string[] =>
	readFileSync(dataPath(path), "utf8")
		.split("\n")
		.filter((line) => line.trim() !== "");

const measure = async (name: string, isFast: boolean, lineOf: (index: number) => string): Promise<void> => {
	const input = join(folder, "in");
	writeFileSync(input, Array.from({ length: messages }, (_, index) => `${lineOf(index)}\n`).join(""));
	const before = cpuMs();
	const { places } = readPlaces(map, geofence, systemClock.nowMs());
	const index = compilePlaces(places, { nowMs: () => systemClock.nowMs() });
	index.test({ kinds: ["allowed"] })?.at(39, -105, "wgs84");
	const loadMs = cpuMs() - before;
	const perSecond: number[] = [];
	let kept = "";
	for (let round = 0; round < rounds; round++) {
		const nowMs = systemClock.nowMs();
		const made = { treatments, purpose: "research", places: index, nowMs };
		const judge = new Judge(made);
		const fast = isFast ? new FastRoad(judge, made) : undefined;
		for (const name of ["out", "report"]) rmSync(join(folder, name), { force: true });
		const start = process.cpuUsage();
		const out = new BlockWriter(fileSink(join(folder, "out")));
		const report = new BlockWriter(fileSink(join(folder, "report")));
		await runFilter({ blocks: readBlocks(input, new AbortController().signal), judge, fast, out, report });
		perSecond.push((messages * 1_000) / cpuMs(start));
		const summary = summaryOf(judge.fates);
		kept = `${summary.kept} kept, ${summary.suppressed} suppressed, ${summary.invalid} invalid`;
	}
	const size = (path: string): string => `${Math.round(statSync(join(folder, path)).size / messages)} B`;
	const figures = perSecond.map((each) => `${(each / 1_000).toFixed(1)}`).join(", ");
	console.log(
		`${name} (${size("in")} in, ${size("out")} out per message; ${kept}): ${figures} thousand messages per CPU second; map loaded in ${loadMs.toFixed(0)} ms`,
	);
};

await measure("made up", true, madeUp);
await measure("made up, the long way", false, madeUp);
if (hasData("v2x/jpo-cvdp")) {
	const newer = realLines("v2x/jpo-cvdp/test-case.all.good.json");
	const older = realLines("v2x/j2735-ode/bsmTx.json");
	const at = (index: number): readonly [lat: string, lon: string] => [
		(39 + (index % 60) * 0.009).toFixed(7),
		(-105 + ((index * 7) % 498) * 0.00035).toFixed(7),
	];
	await measure("real, schema version 9", true, (index) => {
		const [lat, lon] = at(index);
		return (newer[index % newer.length] ?? "")
			.replace(/"lat":-?\d+,"long":-?\d+,"elev"/, `"lat":${lat.replace(".", "")},"long":${lon.replace(".", "")},"elev"`)
			.replace(/"secMark":\d+/, `"secMark":${index % 60_000}`);
	});
	await measure("real, schema version 6", true, (index) => {
		const [lat, lon] = at(index);
		return (older[index % older.length] ?? "")
			.replace(/"position":\{"latitude":[\d.]+,"longitude":[-\d.]+/, `"position":{"latitude":${lat},"longitude":${lon}`)
			.replace(/"speed":[\d.]+,"heading"/, `"speed":${(5 + (index % 200) / 10).toFixed(2)},"heading"`);
	});
}
rmSync(folder, { recursive: true });
