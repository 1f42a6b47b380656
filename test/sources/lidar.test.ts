import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodePcd } from "../../agent/formats/pcd.ts";
import lidar from "../../agent/sources/lidar.ts";
import type { Cloud } from "../../shared/reading.ts";
import { bootMs } from "../../shared/units.ts";
import { type PreparedInput, sourceContract } from "../contract/source-contract.ts";
import { dataPath, hasData } from "../data.ts";
import { cloudOf, columnOf } from "../fakes/clouds.ts";
import { type FakeSourceContext, fakeSourceContext } from "../fakes/source-context.ts";

let root = "";
let made = 0;
beforeAll(() => {
	root = mkdtempSync(join(tmpdir(), "kerb-lidar-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const sweep = (x: number, form: "ascii" | "binary" | "binary_compressed" = "binary", points = 3): Uint8Array =>
	encodePcd(
		cloudOf(
			["x", "y", "z"],
			Array.from({ length: points }, () => [x, 2, 3]),
		),
		form,
	);
const withComment = (comment: string, x = 1): Uint8Array => Buffer.concat([Buffer.from(`# ${comment}\n`), sweep(x)]);

const folder = (files: Readonly<Record<string, string | Uint8Array>>): string => {
	const path = join(root, `folder${made++}`);
	mkdirSync(path);
	for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
	return path;
};
const fifo = (): string => {
	const path = join(root, `fifo${made++}`);
	expect(spawnSync("mkfifo", [path]).status).toBe(0);
	return path;
};

const read = async (
	input: unknown,
	context: FakeSourceContext = fakeSourceContext(),
	more: Readonly<Record<string, unknown>> = {},
	enough = Number.POSITIVE_INFINITY,
): Promise<Cloud[]> => {
	const clouds: Cloud[] = [];
	for await (const chunk of lidar.open(v.parse(lidar.options, { type: "lidar", path: "Lidar.Front", input, ...more }), context)) {
		for (const reading of chunk) if (reading.kind === "cloud") clouds.push(reading);
		if (clouds.length >= enough) context.abort();
	}
	return clouds;
};
const firstX = (clouds: readonly Cloud[]): (number | undefined)[] => clouds.map(({ cloud }) => columnOf(cloud, "x")[0]);

/** Holds a pipe open and writes into it; the source is the reader. */
const feed = (pieces: readonly Uint8Array[]): PreparedInput<typeof lidar.options> => {
	const pipe = fifo();
	let closed = false;
	const writing = (async () => {
		const handle = await open(pipe, "r+");
		for (const piece of pieces) await handle.writeFile(piece);
		while (!closed) await new Promise((resolve) => setTimeout(resolve, 5));
		await handle.close();
	})();
	return {
		options: { type: "lidar", path: "Lidar.Front", input: { pipe } },
		close: async () => {
			closed = true;
			await writing;
		},
	};
};

const names = ["1767225600.100000000.pcd", "1767225600.200000000.pcd", "1767225600.300000000.pcd"];

sourceContract({
	name: "lidar",
	plugin: lidar,
	validOptions: () => ({
		options: {
			type: "lidar" as const,
			path: "Lidar.Front",
			input: { folder: folder(Object.fromEntries(names.map((name) => [name, sweep(1)]))) },
		},
	}),
	garbage: () => ({
		options: { type: "lidar" as const, path: "Lidar.Front", input: { folder: folder({ "a.pcd": "no cloud", "b.pcd": sweep(1) }) } },
	}),
	live: () => feed([sweep(1), sweep(2)]),
	expectAtLeast: 3,
});

describe("lidar", () => {
	it("reads a folder in the order of names, in every form, and nothing else in it", async () => {
		const path = folder({ "c.pcd": sweep(3, "ascii"), "a.pcd": sweep(1), "b.PCD": sweep(2, "binary_compressed"), "d.txt": sweep(4) });
		const clouds = await read({ folder: path });
		expect(firstX(clouds)).toEqual([1, 2, 3]);
		expect(clouds[0]).toMatchObject({ kind: "cloud", path: "Lidar.Front" });
		expect(clouds[0]).not.toHaveProperty("objects");
		expect(clouds[0]).not.toHaveProperty("pose");
	});

	it("takes the time of a name, in any of its units", async () => {
		const files = ["1767225600.250", "1767225600500", "sweep_1767225600750000", "1767225601000000000"];
		const clouds = await read({ folder: folder(Object.fromEntries(files.map((name) => [`${name}.pcd`, sweep(1)]))) });
		expect(clouds.map(({ takenAtMs }) => takenAtMs - 1_767_225_600_000).sort((a, b) => a - b)).toEqual([250, 500, 750, 1_000]);
	});

	it("paces files that have no time of their own", async () => {
		const context = fakeSourceContext({ startMs: 1_700_000_000_000 });
		const files = Object.fromEntries(["a", "b", "c"].map((name) => [`${name}.pcd`, sweep(1)]));
		const clouds = await read({ folder: folder(files) }, context, { maxRateHz: 10 });
		expect(context.waitsMs).toEqual([100, 100]);
		expect(clouds.length).toBe(3);
		for (const [index, { takenAtMs }] of clouds.entries()) {
			expect(takenAtMs - 1_700_000_000_000).toBeGreaterThanOrEqual(100 * index);
			expect(takenAtMs - 1_700_000_000_000).toBeLessThan(100 * index + 50);
		}
	});

	it("rejects what was taken too often", async () => {
		const context = fakeSourceContext();
		const files = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${1_767_225_600_000 + index * 50}.pcd`, sweep(index)]));
		const clouds = await read({ folder: folder(files) }, context, { maxRateHz: 10 });
		expect(clouds.length).toBeLessThanOrEqual(11);
		expect(clouds.length).toBeGreaterThanOrEqual(10);
		expect(context.rejected.get("cloud_too_often")).toBe(20 - clouds.length);
	});

	it("lets a sensor be as fast as it may be, though not exact", async () => {
		const files = Array.from({ length: 40 }, (_, index) => [`${1_767_225_600_000 + index * 100 + ((index * 7) % 30)}.pcd`, sweep(index)]);
		expect((await read({ folder: folder(Object.fromEntries(files)) }, fakeSourceContext(), { maxRateHz: 10 })).length).toBe(40);
	});

	it("reads what is said beside a file, or in a comment of it", async () => {
		const objects = [{ class: "person", centreM: [1, 2, 3], sizeM: [1, 1, 2], yawRad: 0.5 }];
		const notes = { takenAtMs: 1_767_225_600_123, objects, pose: { latDeg: 1, lonDeg: 2, headingDeg: 3 } };
		const [beside] = await read({ folder: folder({ "a.pcd": sweep(1), "a.json": JSON.stringify(notes) }) });
		expect(beside).toMatchObject(notes);
		const [inside] = await read({ file: join(folder({ "b.pcd": withComment(`kerbstone ${JSON.stringify(notes)}`) }), "b.pcd") });
		expect(inside).toMatchObject(notes);
		const [nobody] = await read({ folder: folder({ "a.pcd": sweep(1), "a.json": '{ "objects": [] }' }) });
		expect(nobody?.objects).toEqual([]);
	});

	it("rejects a cloud whose notes cannot be read", async () => {
		const context = fakeSourceContext();
		const wrong = [
			"{",
			"[1]",
			'{ "person": 1 }',
			'{ "objects": [{}] }',
			'{ "pose": { "latDeg": 91, "lonDeg": 0 } }',
			" ".repeat(1_100_000),
		];
		const files = Object.fromEntries(
			wrong.flatMap((text, index) => [
				[`${index}.pcd`, sweep(1)],
				[`${index}.json`, text],
			]),
		);
		const inside = {
			"x.pcd": withComment("kerbstone {"),
			"y.pcd": Buffer.concat([Buffer.from("# kerbstone {}\n"), withComment("kerbstone {}")]),
		};
		expect(await read({ folder: folder({ ...files, ...inside }) }, context)).toEqual([]);
		expect(Object.fromEntries(context.rejected)).toEqual({ notes_invalid: wrong.length + 2 });
	});

	it("counts clouds that are broken or too large and reads the others", async () => {
		const context = fakeSourceContext();
		const path = folder({
			"a.pcd": sweep(1).subarray(0, -1),
			"b.pcd": sweep(2, "binary", 11),
			"c.pcd": Buffer.alloc(400_000),
			"d.pcd": "",
			"e.pcd": sweep(5),
		});
		mkdirSync(join(path, "f.pcd"));
		const clouds = await read({ folder: path }, context, { maxPoints: 10 });
		expect(firstX(clouds)).toEqual([5]);
		expect(Object.fromEntries(context.rejected)).toEqual({ cloud_invalid: 2, cloud_too_large: 3 });
	});

	it("says when there is no folder or file", async () => {
		for (const input of [{ folder: join(root, "none") }, { file: join(root, "none.pcd") }, { file: root }]) {
			await expect(read(input)).rejects.toThrow(expect.objectContaining({ code: "SOURCE_UNAVAILABLE" }));
		}
	});

	it("reads what writers put into a pipe one after the other, cut anywhere, and starts anew with each", async () => {
		const pipe = fifo();
		let atMs = 0;
		// A sensor of 10 Hz, as the box's clock sees it.
		const context = {
			...fakeSourceContext(),
			bootMs: () => {
				atMs += 100;
				return bootMs(atMs);
			},
		};
		const got = read({ pipe }, context, {}, 4);
		const write = async (bytes: Uint8Array): Promise<void> => {
			const handle = await open(pipe, "w");
			for (let from = 0; from < bytes.length; from += 100) await handle.writeFile(bytes.subarray(from, from + 100));
			await handle.close();
			await new Promise((resolve) => setTimeout(resolve, 50));
		};
		await write(Buffer.concat([sweep(1), sweep(2, "ascii"), sweep(9).subarray(0, -3)]));
		await write(Buffer.concat([Buffer.from("noise\n"), sweep(3, "binary_compressed"), sweep(4, "ascii").subarray(0, -1)]));
		expect(firstX(await got)).toEqual([1, 2, 3, 4]);
		expect(context.rejected.get("cloud_invalid")).toBe(2);
	});

	it("waits for a pipe that is not there", async () => {
		const context = fakeSourceContext();
		const pipe = join(root, "later");
		const got = read({ pipe }, context, {}, 1);
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
		const handle = await open(pipe, "r+");
		await handle.writeFile(sweep(7));
		expect(firstX(await got)).toEqual([7]);
		await handle.close();
		expect(context.notes.some(({ event }) => event === "source_retried")).toBe(true);
		expect(JSON.stringify(context.notes)).not.toContain("1,2,3");
	});

	it.skipIf(!hasData("lidar"))("reads recorded clouds (needs shared data lidar)", async () => {
		const clouds = await read({ folder: dataPath("lidar") });
		expect(clouds.map(({ cloud }) => cloud.widthPoints * cloud.heightPoints)).toEqual([397, 1_000, 167_198, 1_771, 13_704, 3_283]);
	});

	it("takes no other path, and rates and sizes within bounds", () => {
		const options = { type: "lidar", path: "Radar.Rear.Left", input: { file: "a.pcd" } };
		expect(v.safeParse(lidar.options, options).success).toBe(true);
		for (const wrong of [
			{ path: "Camera.Front" },
			{ path: "Lidar" },
			{ path: "Lidar.*" },
			{ maxPoints: 0 },
			{ maxPoints: 5e6 },
			{ maxRateHz: 0 },
		]) {
			expect(v.safeParse(lidar.options, { ...options, ...wrong }).success, JSON.stringify(wrong)).toBe(false);
		}
	});
});
