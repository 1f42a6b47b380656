/**
 * What a sweep of 120,000 points costs in each treatment and format. Prints figures; no test depends on them.
 * Run: node test/bench/cloud.bench.ts
 */
import * as v from "valibot";
import { packFields } from "../../agent/formats/cloud-layout.ts";
import { decodePcd, encodePcd } from "../../agent/formats/pcd.ts";
import { readPointCloud2, writePointCloud2 } from "../../agent/formats/point-cloud2.ts";
import cropCloud from "../../agent/treat/crop-cloud.ts";
import keepObjects from "../../agent/treat/keep-objects.ts";
import removePeople from "../../agent/treat/remove-people.ts";
import separatePose from "../../agent/treat/separate-pose.ts";
import stripIntensity from "../../agent/treat/strip-intensity.ts";
import thinVoxels from "../../agent/treat/thin-voxels.ts";
import type { Facilities, TreatmentPlugin } from "../../agent/treat/treatment.ts";
import type { PointCloud } from "../../shared/cloud.ts";
import type { Cloud } from "../../shared/reading.ts";
import type { CategoryIndex, Tagged, TagIndex } from "../../shared/tag.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { seededRandom } from "../../simulators/seeded-random.ts";

const points = 120_000;
const lines = 64;
const random = seededRandom(1);

/** A street as a sensor with 64 lines sees it: ground, walls on both sides, and things between them. */
const street = (): PointCloud => {
	const { fields, pointStepBytes } = packFields([
		{ name: "x", type: "float32", count: 1 },
		{ name: "y", type: "float32", count: 1 },
		{ name: "z", type: "float32", count: 1 },
		{ name: "intensity", type: "float32", count: 1 },
		{ name: "ring", type: "uint16", count: 1 },
		{ name: "time", type: "float32", count: 1 },
	]);
	const data = new Uint8Array(points * pointStepBytes);
	const view = new DataView(data.buffer);
	for (let i = 0; i < points; i++) {
		const ring = i % lines;
		const azimuth = (Math.floor(i / lines) / (points / lines)) * 2 * Math.PI;
		const elevation = ((ring / lines) * 27 - 25) * (Math.PI / 180);
		const ground = elevation < 0 ? 1.8 / Math.sin(-elevation) : 120;
		const wall = 12 / Math.max(0.05, Math.abs(Math.sin(azimuth)));
		const range = Math.min(ground, wall, 120) * (random() < 0.1 ? random() : 1) + random() * 0.03;
		const at = i * pointStepBytes;
		view.setFloat32(at, range * Math.cos(elevation) * Math.cos(azimuth), true);
		view.setFloat32(at + 4, range * Math.cos(elevation) * Math.sin(azimuth), true);
		view.setFloat32(at + 8, range * Math.sin(elevation), true);
		view.setFloat32(at + 12, Math.floor(random() * 255), true);
		view.setUint16(at + 16, ring, true);
		view.setFloat32(at + 18, i / points / 10, true);
	}
	return { fields, pointStepBytes, heightPoints: 1, widthPoints: points, data };
};

const cloud = street();
const reading: Tagged<Cloud> = {
	kind: "cloud",
	sourceId: "lidar0",
	takenAtMs: utcMs(0),
	bootMs: bootMs(0),
	path: "Lidar.Front",
	cloud,
	objects: Array.from({ length: 100 }, (_, index) => ({
		class: index % 3 === 0 ? "person" : "car",
		centreM: [(random() - 0.5) * 100, (random() - 0.5) * 24, -1],
		sizeM: index % 3 === 0 ? [0.7, 0.7, 1.8] : [4.5, 1.9, 1.6],
		yawRad: random() * 6,
	})),
	pose: { latDeg: 0, lonDeg: 0 },
	tag: {
		index: 0 as TagIndex,
		category: 0 as CategoryIndex,
		categoryId: "bench",
		level: "important",
		zone: "exterior",
		surveying: true,
		path: "Lidar.Front",
	},
};

const facilities: Facilities = {
	purpose: "bench",
	pseudonymKey: () => new Uint8Array(32).fill(1),
	places: undefined,
	way: undefined,
	geo: undefined,
	redactor: undefined,
	onRefusal: () => undefined,
	random: () => 0.5,
};

const rounds = 60;
const time = (what: string, run: () => string): void => {
	let said = "";
	const costs: number[] = [];
	for (let round = 0; round < rounds; round++) {
		const start = process.cpuUsage();
		said = run();
		const { user, system } = process.cpuUsage(start);
		costs.push((user + system) / 1000);
	}
	costs.sort((a, b) => a - b);
	const median = costs[rounds >> 1] ?? 0;
	console.log(
		`${what.padEnd(44)} ${median.toFixed(2).padStart(7)} ms median, ${(costs[rounds - 3] ?? 0).toFixed(2).padStart(7)} ms p95   ${said}`,
	);
};

const treatment = (plugin: TreatmentPlugin, written: Readonly<Record<string, unknown>>): void => {
	const step = plugin.compile(v.parse(plugin.options, { type: plugin.type, ...written }), facilities);
	if (typeof step !== "function") return;
	time(`${plugin.type} ${JSON.stringify(written)}`, () => {
		const after = step(reading);
		return after?.kind === "cloud" ? `${after.cloud.widthPoints * after.cloud.heightPoints} points left` : "withheld";
	});
};

console.log(`${points} points of ${cloud.pointStepBytes} bytes, ${reading.objects?.length} objects; CPU time per sweep`);
treatment(cropCloud, { keep: "inside", radiusM: 30 });
treatment(cropCloud, { keep: "outside", box: { minM: [-10, -10, -3], maxM: [10, 10, 3] } });
treatment(thinVoxels, { voxelM: 0.05 });
treatment(thinVoxels, { voxelM: 0.2 });
treatment(stripIntensity, { keep: ["ring"] });
treatment(removePeople, { marginM: 0.3 });
treatment(removePeople, { marginM: 0.3, classes: ["person"] });
treatment(keepObjects, { classes: ["car", "person"] });
treatment(separatePose, {});
for (const form of ["binary", "binary_compressed", "ascii"] as const) {
	const bytes = encodePcd(cloud, form);
	time(`write PCD ${form}`, () => `${encodePcd(cloud, form).length} bytes`);
	time(`read PCD ${form}`, () => `${decodePcd(bytes).cloud.widthPoints} points`);
}
const message = { stampSec: 1, stampNanosec: 2, frameId: "lidar", cloud };
const cdr = writePointCloud2(message);
time("write PointCloud2", () => `${writePointCloud2(message).length} bytes`);
time("read PointCloud2", () => `${readPointCloud2(cdr).cloud.widthPoints} points`);
