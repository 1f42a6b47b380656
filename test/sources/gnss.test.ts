import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as v from "valibot";
import { afterAll, describe, expect, it } from "vitest";
import gnss from "../../agent/sources/gnss.ts";
import { isKerbError } from "../../shared/errors.ts";
import type { Fix } from "../../shared/reading.ts";
import { circleRoute, gpsdTpv, nmeaCycle, routeAt, startGnssReceiver } from "../../simulators/gnss-receiver.ts";
import { type PreparedInput, sourceContract } from "../contract/source-contract.ts";
import { dataPath, hasData, repoPath } from "../data.ts";
import { fastClock } from "../fakes/fast-clock.ts";
import { type FakeSourceContext, fakeSourceContext } from "../fakes/source-context.ts";
import { hasProgram, hasPython, python } from "../peers.ts";

const folder = mkdtempSync(join(tmpdir(), "kerb-gnss-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const startMs = Date.UTC(2026, 2, 1, 23, 59, 30);
const route = circleRoute({ latDeg: 31.2, lonDeg: 121.5 }, 300, 12);
const pointAt = (second: number) => routeAt(route, second * 1_000);
const drive = (seconds: number): string =>
	Array.from({ length: seconds }, (_, second) => nmeaCycle(pointAt(second), startMs + second * 1_000)).join("");
const lost = nmeaCycle(undefined, startMs);

type Options = v.InferInput<typeof gnss.options>;
type Input = Options["input"];

const read = async (input: Input, context: FakeSourceContext, enough = Number.POSITIVE_INFINITY): Promise<Fix[]> => {
	const fixes: Fix[] = [];
	for await (const chunk of gnss.open(v.parse(gnss.options, { type: "gnss", input }), context)) {
		for (const reading of chunk) if (reading.kind === "fix") fixes.push(reading);
		if (fixes.length >= enough) context.abort();
	}
	return fixes;
};

let files = 0;
const file = (content: string | Uint8Array): string => {
	const path = join(folder, `log-${files++}`);
	writeFileSync(path, content);
	return path;
};

interface GpsdServer extends PreparedInput<typeof gnss.options> {
	readonly heard: string[];
	readonly port: number;
}

/** A server that answers the first command of each connection with lines, and then ends the connection or keeps it open. */
const gpsdSaying = async (linesOf: readonly string[] | ((connection: number) => readonly string[]), ends = false): Promise<GpsdServer> => {
	const sockets = new Set<Socket>();
	const heard: string[] = [];
	let connections = 0;
	const server = createServer((socket) => {
		const lines = typeof linesOf === "function" ? linesOf(connections++) : linesOf;
		sockets.add(socket);
		socket.on("error", () => socket.destroy());
		socket.on("close", () => sockets.delete(socket));
		socket.on("data", (bytes) => heard.push(bytes.toString()));
		socket.once("data", () => {
			socket.write(lines.map((line) => `${line}\r\n`).join(""));
			if (ends) socket.end();
		});
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	const port = typeof address === "object" && address !== null ? address.port : 0;
	return {
		options: { type: "gnss", input: { gpsd: { port } } },
		heard,
		port,
		close: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
};

const tpvs = (count: number): string[] => [
	'{"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,"proto_minor":14}',
	...Array.from({ length: count }, (_, second) => gpsdTpv(pointAt(second), startMs + second * 1_000, "/dev/ttyS0")),
];

/** A FIFO with a writer behind it. */
const fifo = async (content: string | Uint8Array): Promise<PreparedInput<typeof gnss.options>> => {
	const path = join(folder, `fifo-${files++}`);
	execFileSync("mkfifo", [path]);
	// Open for both, so that opening waits for nobody and no end of file comes while the source reads.
	const handle = await open(path, "r+");
	await handle.write(Buffer.from(content));
	return { options: { type: "gnss", input: { serial: path, baud: 4_800 } }, close: () => handle.close() };
};

const fileInput = (content: string | Uint8Array) => ({ options: { type: "gnss" as const, input: { file: file(content) } } });

sourceContract({
	name: "gnss from a file",
	plugin: gnss,
	validOptions: () => fileInput(drive(60)),
	garbage: () => fileInput(`${drive(2).replace("GPRMC", "GPRMD")}\u0000\u0001$GPRMC,garbage*00\r\n`),
	expectAtLeast: 60,
});

sourceContract({
	name: "gnss from gpsd",
	plugin: gnss,
	validOptions: () => gpsdSaying(tpvs(60)),
	garbage: () => gpsdSaying(["{", "not json", '{"class":"TPV","mode":3,"lat":1e400,"lon":0}', "x".repeat(100_000)]),
	expectAtLeast: 60,
});

sourceContract({
	name: "gnss from a serial line",
	plugin: gnss,
	validOptions: () => fifo(drive(60)),
	garbage: () => fifo("\u0000$GPGGA,broken*00\r\n"),
	expectAtLeast: 60,
});

describe("gnss from a file", () => {
	it("yields one fix a second with the receiver's time, place, speed and error", async () => {
		const context = fakeSourceContext({ sourceId: "gnss0" });
		const fixes = await read({ file: file(drive(60)) }, context);
		expect([...new Set(fixes.map((fix) => fix.takenAtMs))]).toEqual(Array.from({ length: 60 }, (_, second) => startMs + second * 1_000));
		const { atMs: _at, altMslM, ...point } = pointAt(42);
		expect(fixes.filter((fix) => fix.takenAtMs === startMs + 42_000)).toEqual([
			{
				kind: "fix",
				sourceId: "gnss0",
				takenAtMs: startMs + 42_000,
				bootMs: expect.any(Number),
				datum: "wgs84",
				mode: 3,
				altitudeM: altMslM,
				accuracyM: expect.closeTo(17.1, 9),
				latDeg: expect.closeTo(point.latDeg, 8),
				lonDeg: expect.closeTo(point.lonDeg, 8),
				speedMps: expect.closeTo(point.speedMps, 3),
				courseDeg: expect.closeTo(point.courseDeg, 2),
			},
		]);
	});

	it.skipIf(!hasData("gnss", "comma2k19_ublox.csv"))(
		"keeps up with ten fixes a second of a real drive (needs shared data gnss)",
		async () => {
			const rows = readFileSync(dataPath("gnss", "comma2k19_ublox.csv"), "utf8").trim().split("\n").slice(1);
			const drive10Hz = rows.map((row) => {
				const [, latDeg = 0, lonDeg = 0, speedMps = 0, atMs = 0, altMslM = 0, bearing = 0] = row.split(",").map(Number);
				return { latDeg, lonDeg, speedMps, atMs, altMslM, courseDeg: (bearing + 360) % 360 };
			});
			const fixes = await read({ file: file(drive10Hz.map((point) => nmeaCycle(point, point.atMs)).join("")) }, fakeSourceContext());
			const byTime = new Map(fixes.map((fix) => [Math.round(fix.takenAtMs), fix]));
			const wrong = drive10Hz.filter((point) => {
				const fix = byTime.get(point.atMs);
				return fix === undefined || Math.abs(fix.latDeg - point.latDeg) > 1e-8 || Math.abs(fix.lonDeg - point.lonDeg) > 1e-8;
			});
			expect(drive10Hz.length).toBeGreaterThan(500);
			expect(wrong).toEqual([]);
		},
	);

	it("reads gzip by its first bytes and counts one that breaks off", async () => {
		const plain = await read({ file: file(drive(60)) }, fakeSourceContext());
		const packed = gzipSync(drive(60));
		expect(await read({ file: file(packed) }, fakeSourceContext())).toEqual(plain);
		const context = fakeSourceContext();
		expect((await read({ file: file(packed.subarray(0, packed.length - 200)) }, context)).length).toBeLessThan(plain.length);
		expect(context.rejected.get("file_truncated")).toBe(1);
	});

	it("throws SOURCE_UNAVAILABLE before the first chunk when there is no such file, without its path in the message", async () => {
		const missing = join(folder, "nowhere.log");
		for (const path of [missing, folder]) {
			const error: unknown = await read({ file: path }, fakeSourceContext()).catch((reason: unknown) => reason);
			expect(isKerbError(error, "SOURCE_UNAVAILABLE")).toBe(true);
		}
	});

	it("counts every reason apart", async () => {
		const context = fakeSourceContext();
		const good = drive(3).split("\r\n");
		const content = [
			good[0],
			`${good[1]}`.replace("121", "122"),
			`${good[2]}`.replace(/\*..$/, ""),
			"$GP",
			lost.trim(),
			`$GPRMC,${"1".repeat(5_000)}`,
			...good.slice(3),
		].join("\r\n");
		await read({ file: file(content) }, context);
		expect(Object.fromEntries(context.rejected)).toMatchObject({
			checksum_missing: 1,
			sentence_invalid: 1,
			line_overlong: 1,
			byte_skipped: expect.any(Number),
			fix_missing: expect.any(Number),
		});
	});

	it("leaves out fixes whose time the recording does not say", async () => {
		const context = fakeSourceContext();
		const timeless = drive(3)
			.split("\r\n")
			.filter((line) => line.startsWith("$GPGGA"))
			.join("\r\n");
		expect(await read({ file: file(timeless) }, context)).toEqual([]);
		expect(context.rejected.get("time_missing")).toBeGreaterThan(0);
	});

	it("makes no fix of empty fields, nor of one that the receiver calls invalid", async () => {
		const context = fakeSourceContext();
		const disowned = drive(1)
			.split("\r\n")
			.filter((line) => line.startsWith("$GPGGA"))
			.map((line) => {
				const body = line.slice(1, line.indexOf("*")).replace(",1,09,", ",0,09,");
				const sum = [...body].reduce((bits, character) => bits ^ character.charCodeAt(0), 0);
				return `$${body}*${sum.toString(16).toUpperCase().padStart(2, "0")}`;
			});
		expect(await read({ file: file(`${lost}${disowned.join("\r\n")}\r\n`) }, context)).toEqual([]);
		expect(context.rejected.get("position_unfit")).toBe(1);
		expect(context.rejected.get("fix_missing")).toBeGreaterThan(0);
	});

	it("states the datum and the date floor that the configuration states", async () => {
		const old = nmeaCycle(pointAt(0), Date.UTC(2005, 6, 27, 12));
		const options = v.parse(gnss.options, { type: "gnss", input: { file: file(old) }, datum: "cgcs2000", dateFloor: "2000-01-01" });
		const fixes: Fix[] = [];
		for await (const chunk of gnss.open(options, fakeSourceContext())) fixes.push(...(chunk as readonly Fix[]));
		expect(fixes.at(-1)).toMatchObject({ datum: "cgcs2000", takenAtMs: Date.UTC(2005, 6, 27, 12) });
	});

	it("says in words what the options must be", () => {
		const issues = v.safeParse(gnss.options, { type: "gnss", input: { tcp: 1 } }).issues ?? [];
		expect(issues.map((issue) => issue.message).join()).toContain("input must be one of");
		expect(v.safeParse(gnss.options, { type: "gnss", input: { serial: "/dev/ttyUSB0", baud: 0 } }).success).toBe(false);
		expect(v.safeParse(gnss.options, { type: "gnss", input: { file: "a", stdin: true } }).success).toBe(false);
	});
});

describe("gnss from gpsd", () => {
	it("asks for JSON and yields what gpsd reports, once per moment", async () => {
		const lines = tpvs(5);
		const server = await gpsdSaying(lines.flatMap((line) => [line, line]));
		const context = fakeSourceContext();
		try {
			const fixes = await read({ gpsd: { port: server.port } }, context, 5);
			expect(fixes.map((fix) => fix.takenAtMs)).toEqual(Array.from({ length: 5 }, (_, second) => startMs + second * 1_000));
			expect(fixes[3]).toMatchObject({ latDeg: pointAt(3).latDeg, lonDeg: pointAt(3).lonDeg, mode: 3, accuracyM: 17.1, altitudeM: 40 });
			expect(server.heard.join("")).toBe('?WATCH={"enable":true,"json":true};\n');
			expect(context.notes).toContainEqual({ event: "source_opened", detail: "gpsd 3.22, protocol 3.14" });
		} finally {
			await server.close?.();
		}
	});

	it("gives live fixes without a time the box's time, and none twice", async () => {
		const place = '"lat":1.5,"lon":2.5';
		const server = await gpsdSaying([
			`{"class":"TPV","mode":2,${place}}`,
			`{"class":"TPV","mode":3,${place}}`,
			'{"class":"TPV","mode":1}',
			`{"class":"TPV","mode":2,${place}}`,
			'{"class":"TPV","mode":2,"lat":1.6,"lon":2.5}',
		]);
		try {
			const fixes = await read({ gpsd: { port: server.port } }, fakeSourceContext({ startMs: 1_800_000_000_000 }), 2);
			expect(fixes.map(({ latDeg, mode }) => ({ latDeg, mode }))).toEqual([
				{ latDeg: 1.5, mode: 2 },
				{ latDeg: 1.6, mode: 2 },
			]);
			expect(fixes.every((fix) => fix.takenAtMs >= 1_800_000_000_000)).toBe(true);
		} finally {
			await server.close?.();
		}
	});

	it("comes back after every loss, with waits that grow to a bound and differ", async () => {
		const server = await gpsdSaying([], true);
		const context = fakeSourceContext({ realWaitMs: 1 });
		try {
			const stop = setInterval(() => context.waitsMs.length >= 9 && context.abort(), 5);
			await read({ gpsd: { port: server.port } }, context);
			clearInterval(stop);
			const waits = context.waitsMs.slice(0, 9);
			for (const [index, waitMs] of waits.entries()) {
				const fullMs = Math.min(30_000, 500 * 2 ** index);
				expect(waitMs).toBeGreaterThanOrEqual(fullMs / 2);
				expect(waitMs).toBeLessThanOrEqual(fullMs);
			}
			expect(context.notes.filter((note) => note.event === "source_retried").length).toBeGreaterThanOrEqual(9);
		} finally {
			await server.close?.();
		}
	});

	it("begins with short waits again once readings came", async () => {
		// Two connections without a report, then one with, and so on.
		const server = await gpsdSaying((connection) => (connection % 3 === 2 ? tpvs(connection).slice(-1) : []), true);
		const context = fakeSourceContext({ realWaitMs: 1 });
		const stop = setInterval(() => context.waitsMs.length >= 9 && context.abort(), 5);
		try {
			await read({ gpsd: { port: server.port } }, context);
			// Without a reset the ninth wait would be 30 s cut by a half at most.
			expect(Math.max(...context.waitsMs.slice(0, 9))).toBeLessThanOrEqual(2_000);
		} finally {
			clearInterval(stop);
			await server.close?.();
		}
	});

	it("warns of a gpsd that has no receiver or refuses, without repeating its words", async () => {
		const server = await gpsdSaying([
			'{"class":"DEVICES","devices":[]}',
			'{"class":"ERROR","message":"secret 35.1"}',
			'{"class":"VERSION","release":"9","proto_major":4,"proto_minor":0}',
			...tpvs(1),
		]);
		const context = fakeSourceContext();
		try {
			await read({ gpsd: { port: server.port } }, context, 1);
			const warnings = context.notes.filter((note) => note.event === "source_warned").map((note) => note.detail);
			expect(warnings).toHaveLength(3);
			expect(warnings.join()).not.toContain("secret");
		} finally {
			await server.close?.();
		}
	});

	it("reads the simulated receiver, over a restart of it", async () => {
		const receiver = await startGnssReceiver({ route, clock: fastClock(startMs), searchingMs: 3_000 });
		const context = fakeSourceContext();
		const fixes: Fix[] = [];
		try {
			for await (const chunk of gnss.open(v.parse(gnss.options, { type: "gnss", input: { gpsd: { port: receiver.port } } }), context)) {
				fixes.push(...(chunk as readonly Fix[]));
				if (context.waitsMs.length > 0) context.abort();
				else receiver.drop();
			}
		} finally {
			await receiver.close();
		}
		expect(context.notes).toContainEqual({ event: "source_retried", detail: expect.any(String), waitMs: context.waitsMs[0] });
		expect(fixes.length).toBeGreaterThanOrEqual(2);
		for (const fix of fixes) {
			const northM = (fix.latDeg - 31.2) * 111_320;
			const eastM = (fix.lonDeg - 121.5) * 111_320 * Math.cos((31.2 * Math.PI) / 180);
			expect(Math.hypot(northM, eastM)).toBeCloseTo(300, -1);
		}
	});
});

describe("gnss from a serial line", () => {
	it.skipIf(!hasPython("pty") || !hasProgram("stty"))("reads a terminal device set to raw by stty (needs python3, stty)", async () => {
		const script =
			"import os,pty,sys,time,termios\nm,s=pty.openpty()\nprint(os.ttyname(s),flush=True)\n" +
			"while termios.tcgetattr(s)[3] & termios.ICANON: time.sleep(0.01)\n" +
			"time.sleep(0.1)\nos.write(m,sys.stdin.buffer.read())\ntime.sleep(20)\n";
		const peer: ChildProcess = spawn(python, ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
		try {
			const name = String((await once(peer.stdout ?? peer, "data"))[0]).trim();
			peer.stdin?.end(drive(10));
			const context = fakeSourceContext();
			const fixes = await read({ serial: name, baud: 38_400 }, context, 10);
			expect(fixes.length).toBeGreaterThanOrEqual(10);
			expect(context.notes[0]).toEqual({ event: "source_opened", detail: "NMEA 0183 on a serial line at 38400 baud" });
		} finally {
			peer.kill("SIGKILL");
		}
	});

	it("tries again when there is no such device, or no device", async () => {
		for (const path of [join(folder, "ttyNone"), file("x")]) {
			const context = fakeSourceContext();
			const stop = setInterval(() => context.waitsMs.length >= 2 && context.abort(), 5);
			expect(await read({ serial: path }, context)).toEqual([]);
			clearInterval(stop);
			expect(context.notes.length).toBeGreaterThanOrEqual(2);
			expect(JSON.stringify(context.notes)).not.toContain(folder);
		}
	});
});

describe("gnss from standard input", () => {
	it("reads until the input ends", async () => {
		const program = `
			import * as v from "valibot";
			import gnss from "./agent/sources/gnss.ts";
			const context = { sourceId: "s", signal: new AbortController().signal, nowMs: () => 1, bootMs: () => 1, reject() {}, note() {} };
			let count = 0;
			for await (const chunk of gnss.open(v.parse(gnss.options, { type: "gnss", input: { stdin: true } }), context)) count += chunk.length;
			process.stdout.write(String(count));`;
		const child = spawn(process.execPath, ["--input-type=module", "-e", program], { cwd: repoPath(), stdio: ["pipe", "pipe", "inherit"] });
		const output: string[] = [];
		child.stdout.on("data", (bytes: Buffer) => output.push(bytes.toString()));
		child.stdin.end(drive(30));
		await once(child, "close");
		expect(Number(output.join(""))).toBeGreaterThanOrEqual(30);
	});
});
