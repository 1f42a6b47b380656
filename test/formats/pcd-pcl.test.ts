/**
 * Files that the Point Cloud Library wrote, and files that it reads.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodePcd, encodePcd } from "../../agent/formats/pcd.ts";
import { type PcdForm, pcdForms } from "../../agent/formats/pcd-header.ts";
import type { PointCloud } from "../../shared/cloud.ts";
import { dataPath, hasData } from "../data.ts";
import { cloudOf, columnOf } from "../fakes/clouds.ts";
import { hasProgram } from "../peers.ts";

const converter = "pcl_convert_pcd_ascii_binary";
let folder = "";
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "kerb-pcd-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What PCL makes of a file, in another form. */
const convert = (bytes: Uint8Array, form: PcdForm): Uint8Array => {
	const [from, to] = [join(folder, "from.pcd"), join(folder, "to.pcd")];
	writeFileSync(from, bytes);
	const { status, stderr, stdout } = spawnSync(converter, [from, to, String(pcdForms.indexOf(form)), "17"], { encoding: "utf8" });
	expect(status, `${stdout}${stderr}`).toBe(0);
	return readFileSync(to);
};

const expectSame = (a: PointCloud, b: PointCloud, isText: boolean): void => {
	expect({ ...a, data: undefined }).toStrictEqual({ ...b, data: undefined });
	if (!isText) expect(Buffer.from(a.data).equals(b.data)).toBe(true);
	else for (const { name } of a.fields) expect(columnOf(a, name)).toStrictEqual(columnOf(b, name));
};

const recorded = ["bun0", "colored_cloud", "cturtle", "lamppost", "milk", "sac_plane_test"];
const ready = hasProgram(converter) && hasData("lidar");

describe("decodePcd and PCL", () => {
	for (const name of recorded) {
		it.skipIf(!ready)(
			`read the same of ${name} in every form (needs shared data lidar and pcl_convert_pcd_ascii_binary)`,
			() => {
				const bytes = readFileSync(dataPath("lidar", `${name}.pcd`));
				const { cloud } = decodePcd(bytes);
				expect(cloud.widthPoints * cloud.heightPoints).toBeGreaterThan(300);
				for (const form of pcdForms) expectSame(decodePcd(convert(bytes, form)).cloud, cloud, form === "ascii");
			},
			60_000,
		);
	}
});

const made: Readonly<Record<string, PointCloud>> = {
	"every type": cloudOf(
		["x", "y", "z", "a:int8", "b:uint8", "c:int16", "d:uint16", "e:int32", "f:uint32", "g:float64"],
		Array.from({ length: 500 }, (_, i) => [i / 7, -i / 3, Math.sqrt(i), -(i % 128), i % 256, -i, i, -i * 1e6, i * 8e6, i / 11]),
	),
	"points that are nowhere, in rows": {
		...cloudOf(
			["x", "y", "z", "intensity"],
			Array.from({ length: 600 }, (_, i) => (i % 5 === 0 ? [Number.NaN, Number.NaN, Number.NaN, 0] : [i, i * 0.1, -i * 1e-3, i % 255])),
		),
		heightPoints: 20,
		widthPoints: 30,
	},
	"one point": cloudOf(["x", "y", "z"], [[1, 2, 3]]),
	"what does not pack": cloudOf(
		["x", "y", "z"],
		Array.from({ length: 2_000 }, (_, i) => [Math.sin(i * i), Math.cos(i * i * i), Math.sin(i) * 100]),
	),
};

describe("PCL and encodePcd", () => {
	for (const [name, cloud] of Object.entries(made)) {
		it.skipIf(!hasProgram(converter))(
			`write what the other reads: ${name} (needs pcl_convert_pcd_ascii_binary)`,
			() => {
				for (const ours of pcdForms) {
					for (const theirs of pcdForms) {
						const back = decodePcd(convert(encodePcd(cloud, ours), theirs)).cloud;
						expectSame(back, cloud, ours === "ascii" || theirs === "ascii");
					}
				}
			},
			60_000,
		);
	}

	for (const name of recorded) {
		it.skipIf(!ready)(
			`write what the other reads: ${name} (needs shared data lidar and pcl_convert_pcd_ascii_binary)`,
			() => {
				const { cloud } = decodePcd(readFileSync(dataPath("lidar", `${name}.pcd`)));
				for (const form of ["binary", "binary_compressed"] as const) {
					expectSame(decodePcd(convert(encodePcd(cloud, form), "binary")).cloud, cloud, false);
				}
			},
			60_000,
		);
	}
});
