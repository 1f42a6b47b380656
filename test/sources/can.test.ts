import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import can from "../../agent/sources/can.ts";
import type { Reading, Signal } from "../../shared/reading.ts";
import { type PreparedInput, sourceContract } from "../contract/source-contract.ts";
import { dataPath, hasData } from "../data.ts";
import { type FakeSourceContext, fakeSourceContext } from "../fakes/source-context.ts";

const dbcText = [
	'VERSION ""',
	"BO_ 256 Motor: 8 A",
	' SG_ Speed : 0|16@1+ (0.1,0) [0|0] "rpm" A',
	' SG_ Torque : 23|16@0- (1,0) [0|0] "Nm" A',
	"BO_ 257 Big: 8 A",
	' SG_ Counter : 0|64@1+ (1,0) [0|0] "" A',
	"",
].join("\n");

let folder = "";
let fifos = 0;
const file = (name: string, content: string | Uint8Array): string => {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
};
const fifo = (): string => {
	const path = join(folder, `fifo${fifos++}`);
	expect(spawnSync("mkfifo", [path]).status).toBe(0);
	return path;
};
const options = (input: unknown, dbc: readonly string[] = [join(folder, "a.dbc")]): v.InferOutput<typeof can.options> =>
	v.parse(can.options, { type: "can", dbc, input });

const logLine = (index: number): string =>
	`(1533226488.${String(100_000 + index)}) can0 100#${index.toString(16).padStart(4, "0").slice(2)}00FFFE`;
const log = (count: number): string => `${Array.from({ length: count }, (_, index) => logLine(index)).join("\n")}\n`;

const read = async (
	input: unknown,
	context: FakeSourceContext,
	enough = Number.POSITIVE_INFINITY,
	dbc?: readonly string[],
): Promise<Signal[]> => {
	const signals: Signal[] = [];
	for await (const chunk of can.open(options(input, dbc), context)) {
		signals.push(...chunk.filter((reading: Reading): reading is Signal => reading.kind === "signal"));
		if (signals.length >= enough) context.abort();
	}
	return signals;
};

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "kerb-can-"));
	file("a.dbc", dbcText);
});
afterAll(() => rmSync(folder, { recursive: true }));

const prepared = (input: v.InferInput<typeof can.options>["input"]): PreparedInput<typeof can.options> => ({
	options: { type: "can", dbc: [join(folder, "a.dbc")], input },
});
const child = (body: string): PreparedInput<typeof can.options> => prepared({ spawn: { bus: "can0", program: script(body) } });

sourceContract({
	name: "can from a file",
	plugin: can,
	validOptions: () => prepared({ file: file("good.log", log(6_000)) }),
	garbage: () => prepared({ file: file("bad.log", Buffer.from(`\xff\0garbage\n${"x".repeat(5_000)}\n${log(3)}`)) }),
	live: () => prepared({ pipe: fifo() }),
	expectAtLeast: 12_000,
});

sourceContract({
	name: "can from a child process",
	plugin: can,
	validOptions: () => child(`cat ${file("child.log", log(50))}`),
	garbage: () => child("echo garbage"),
	live: () => child("trap '' TERM; while true; do sleep 0.05; done"),
	expectAtLeast: 100,
});

let scripts = 0;
function script(body: string): string {
	const path = file(`candump${scripts++}`, `#!/bin/sh\n${body}\n`);
	chmodSync(path, 0o755);
	return path;
}

describe("can", () => {
	it("yields one signal per value with the time of the line", async () => {
		const context = fakeSourceContext({ sourceId: "can0" });
		const path = file("values.log", "(1533226488.230547) can0 100#E803FFFE00000000\n(1533226488.230548) can0 101#FFFFFFFFFFFFFFFF\n");
		const signals = await read({ file: path }, context);
		expect(signals.map(({ bootMs: _boot, ...rest }) => rest)).toEqual([
			{ kind: "signal", sourceId: "can0", takenAtMs: 1533226488230.547, path: "Motor.Speed", value: 100 },
			{ kind: "signal", sourceId: "can0", takenAtMs: 1533226488230.547, path: "Motor.Torque", value: -2 },
			{ kind: "signal", sourceId: "can0", takenAtMs: 1533226488230.548, path: "Big.Counter", value: 18446744073709551615n },
		]);
		expect(context.rejectedTotal()).toBe(0);
	});

	it("counts what it cannot use, each under its code", async () => {
		const context = fakeSourceContext();
		const lines = [
			"(1.0) can0 7FF#00",
			"(1.0) can0 100#R",
			"(1.0) can0 20000004#0000000000000000",
			"(1.0) can0 100#E803",
			"what",
			"y".repeat(3_000),
			"# remark",
		];
		const signals = await read({ file: file("mixed.log", `${lines.join("\n")}\n`) }, context);
		expect(signals.map((signal) => signal.path)).toEqual(["Motor.Speed"]);
		expect(Object.fromEntries(context.rejected)).toEqual({
			frame_unmapped: 1,
			frame_remote: 1,
			frame_error: 1,
			signal_truncated: 1,
			line_invalid: 1,
			line_overlong: 1,
		});
	});

	it("uses the box's clock where a line has no stamp of UTC", async () => {
		const context = fakeSourceContext({ startMs: 1_800_000_000_000 });
		const [signal] = await read({ file: file("now.log", "  can0  100   [2]  E8 03\n") }, context);
		expect(signal?.takenAtMs).toBeGreaterThanOrEqual(1_800_000_000_000);
	});

	it("unpacks gzip, and reads a broken one up to the break", async () => {
		const packed = gzipSync(log(5_000));
		const whole = fakeSourceContext();
		expect((await read({ file: file("whole.gz", packed) }, whole)).length).toBe(10_000);
		expect(whole.rejectedTotal()).toBe(0);
		const cut = fakeSourceContext();
		const signals = await read({ file: file("cut.gz", packed.subarray(0, packed.length / 2)) }, cut);
		expect(signals.length).toBeGreaterThan(1_000);
		expect(cut.rejected.get("gzip_corrupt")).toBe(1);
		const flipped = Buffer.from(packed);
		flipped.fill(0xff, 200, 260);
		const broken = fakeSourceContext();
		await read({ file: file("flipped.gz", flipped) }, broken);
		expect(broken.rejected.get("gzip_corrupt")).toBe(1);
	});

	it("refuses files that are not there or not DBC", async () => {
		const context = fakeSourceContext();
		await expect(read({ file: join(folder, "none.log") }, context)).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
		await expect(read({ file: folder }, context)).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
		const log1 = file("one.log", log(1));
		const opened = (dbc: string): Promise<Signal[]> => read({ file: log1 }, context, undefined, [dbc]);
		await expect(opened(join(folder, "none.dbc"))).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
		await expect(opened(log1)).rejects.toMatchObject({ code: "FORMAT_INVALID" });
	});

	it("notes the oddities of its DBC files, a bounded number of them", async () => {
		const context = fakeSourceContext();
		const dirty = file("dirty.dbc", `${dbcText}${"stray\n".repeat(50)}`);
		await read({ file: file("one.log", log(1)) }, context, undefined, [dirty, join(folder, "a.dbc")]);
		const warned = context.notes.filter((note) => note.event === "source_warned").map((note) => note.detail);
		expect(warned.length).toBe(22);
		expect(warned[0]).toBe(`${dirty}:7: text that belongs to no section`);
		expect(warned[20]).toContain("30 more");
		expect(warned[21]).toContain("2 messages");
	});

	it("goes on with a named pipe when writers come and go, and loses nothing", async () => {
		const context = fakeSourceContext();
		const path = fifo();
		const reading = read({ pipe: path }, context, 3 * 40 + 2);
		for (let round = 0; round < 3; round++) {
			const writer = await open(path, "w");
			await writer.write(log(20));
			await writer.close();
		}
		const last = await open(path, "w");
		// A line without an end is ended by its writer's leaving.
		await last.write(logLine(1));
		await last.close();
		expect((await reading).length).toBe(122);
		expect(context.rejectedTotal()).toBe(0);
	});

	it("waits for a named pipe that is not there yet", async () => {
		const context = fakeSourceContext();
		const path = join(folder, "later");
		const reading = read({ pipe: path }, context, 2);
		while (context.waitsMs.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
		expect(spawnSync("mkfifo", [path]).status).toBe(0);
		const writer = await open(path, "w");
		await writer.write(log(1));
		await writer.close();
		expect((await reading).length).toBe(2);
		expect(context.notes.some((note) => note.event === "source_retried")).toBe(true);
	});

	it("starts candump anew when it ends, with growing waits", async () => {
		const context = fakeSourceContext();
		const args = join(folder, "args");
		const program = script(`echo "$@" >> ${args}; echo "(1533226488.100000) can0 100#E803FFFE"; echo "no such interface" >&2; exit 1`);
		await read({ spawn: { bus: "any", program } }, context, 8);
		expect((await readFile(args, "utf8")).trim().split("\n")).toEqual(Array(4).fill("-L any"));
		expect(context.waitsMs.length).toBeGreaterThanOrEqual(3);
	});

	it("keeps trying when candump is not installed, less and less often", async () => {
		const context = fakeSourceContext({ realWaitMs: 1 });
		const reading = read({ spawn: { bus: "can0", program: join(folder, "nowhere") } }, context);
		while (context.waitsMs.length < 12) await new Promise((resolve) => setTimeout(resolve, 5));
		context.abort();
		await reading;
		expect(context.waitsMs[0]).toBeLessThanOrEqual(500);
		expect(Math.max(...context.waitsMs)).toBeGreaterThan(10_000);
		expect(Math.max(...context.waitsMs)).toBeLessThanOrEqual(30_000);
	});

	it("refuses a bus name that could be an option or a path", () => {
		for (const bus of ["-l", "", "can0 can1", "../x", "can0;x", "x".repeat(20)]) {
			expect(v.safeParse(can.options, { type: "can", dbc: ["a"], input: { spawn: { bus } } }).success, bus).toBe(false);
		}
		expect(v.safeParse(can.options, { type: "can", dbc: [], input: { stdin: true } }).success).toBe(false);
	});

	it.skipIf(!hasData("can/comma2k19_rav4_seg40_candump.log.gz"))("reads a real drive whole (needs shared data can)", async () => {
		const context = fakeSourceContext();
		let signals = 0;
		const dbc = [dataPath("can/toyota_2017.dbc")];
		for await (const chunk of can.open(options({ file: dataPath("can/comma2k19_rav4_seg40_candump.log.gz") }, dbc), context))
			signals += chunk.length;
		expect(Object.fromEntries(context.rejected)).toEqual({ frame_unmapped: 65_303, signal_truncated: 2_320 });
		expect(signals).toBeGreaterThan(100_000);
	});
});
