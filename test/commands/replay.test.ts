import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleRules } from "../../shared/sample-law.ts";
import { canBusLines } from "../../simulators/can-bus.ts";
import { nmeaCycle } from "../../simulators/gnss-receiver.ts";
import { createVehicle } from "../../simulators/vehicle.ts";
import { dataPath, hasData, repoPath } from "../data.ts";
import { makeCertificates } from "../fakes/certificates.ts";
import { startMosquitto } from "../fakes/mosquitto.ts";
import { hasProgram, programPath } from "../peers.ts";

interface Outcome {
	readonly status: number;
	readonly out: string;
	readonly err: string;
}

/** The command line as a person calls it. */
const kerbstone = (...args: readonly string[]): Promise<Outcome> =>
	new Promise((resolve) => {
		execFile(process.execPath, [repoPath("agent/main.ts"), ...args], { maxBuffer: 1 << 28 }, (error, out, err) => {
			resolve({ status: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, out, err });
		});
	});

const seconds = 40;
const startMs = Date.UTC(2026, 9, 1, 8);
const vehicle = createVehicle({ seed: 42, startMs, startLatDeg: 31.512345, startLonDeg: 120.543219 });
const everyMs = 200;
const points = Array.from({ length: (seconds * 1_000) / everyMs }, (_, index) => {
	const atMs = index * everyMs;
	return { atMs, ...vehicle.at(startMs + atMs) };
});

const canText = (): string => {
	const lines: string[] = [];
	for (const { tMs, line } of canBusLines(vehicle, startMs)) {
		if (tMs > startMs + seconds * 1_000) break;
		lines.push(line);
	}
	return `${lines.join("\n")}\n`;
};

const dbc = repoPath("simulators/fake-vehicle.dbc");
const overlay = repoPath("simulators/fake-vehicle.overlay.json");
const car = ["--dbc", dbc, "--overlay", overlay];

let folder = "";
const at = (...parts: readonly string[]): string => join(folder, ...parts);
const drive = (): string[] => ["--can", at("drive.log.gz"), "--nmea", at("drive.nmea"), ...car];

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "kerbstone-replay-"));
	writeFileSync(at("drive.log"), canText());
	writeFileSync(at("drive.log.gz"), gzipSync(readFileSync(at("drive.log"))));
	writeFileSync(at("drive.nmea"), points.map((point) => nmeaCycle(point, startMs + point.atMs)).join(""));
	for (const args of [["empty"], ["sample", "--sample"]]) {
		const { status, err } = await kerbstone("law", "init", at(`${args[0]}`), ...args.slice(1));
		expect(status, err).toBe(0);
	}
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Summary {
	readonly envelopes: number;
	readonly law: { readonly hash: string };
	readonly sources: readonly { readonly id: string; readonly readings: number; readonly rejected: Readonly<Record<string, number>> }[];
	readonly categories: readonly { readonly id: string; readonly sensed: number; readonly uploaded: number; readonly coarsened: number }[];
}

const replay = async (law: string, ...args: readonly string[]): Promise<Summary> => {
	const { status, out, err } = await kerbstone("replay", "--law", at(law), "--json", ...args);
	expect(status, err).toBe(0);
	return JSON.parse(out);
};

interface Line {
	readonly category: string;
	readonly record: {
		readonly kind: string;
		readonly path?: string;
		readonly takenAtMs: number;
		readonly latDeg?: number;
		readonly lonDeg?: number;
	};
}

const open = async (law: string, out: string): Promise<{ text: string; lines: readonly Line[] }> => {
	const { status, out: text, err } = await kerbstone("open", "--keys", at(`${law}-keys`, "recipients.json"), out);
	expect(status, err).toBe(0);
	const lines = text
		.split("\n")
		.filter(Boolean)
		.map((line): Line => JSON.parse(line));
	return { text, lines };
};

const envelopesIn = (name: string): readonly string[] =>
	(existsSync(at(name)) ? readdirSync(at(name)) : []).filter((file) => file.endsWith(".cose"));

/** The VSS paths that an overlay leads to. */
const pathsOf = (file: string): ReadonlySet<string> => {
	const { signals } = JSON.parse(readFileSync(file, "utf8")) as { signals: Record<string, unknown> };
	const targets = Object.values(signals).flat() as (string | { readonly path: string })[];
	return new Set(targets.map((target) => (typeof target === "string" ? target : target.path)));
};

const named = new Set(sampleRules.flatMap(({ categories }) => categories));

/** Each test starts several processes; how long that takes says nothing on a machine that does other things, too. */
const options = { timeout: 300_000 };

describe("kerbstone replay", options, () => {
	it("uploads nothing under a policy that names nothing, and accounts for all of it", async () => {
		const summary = await replay("empty", ...drive(), "--out", at("out-empty"));
		expect(readdirSync(at("out-empty"))).toEqual(["unit.json"]);
		expect(summary.envelopes).toBe(0);
		expect(summary.sources.every(({ readings }) => readings > 100)).toBe(true);
		expect(summary.categories.length).toBeGreaterThan(5);
		for (const { uploaded, coarsened } of summary.categories) expect(uploaded + coarsened).toBe(0);
	});

	it("uploads only what the sample policy names, without VIN, exact place or unmapped signal", async () => {
		const summary = await replay("sample", ...drive(), "--out", at("out-sample"));
		const { text, lines } = await open("sample", at("out-sample"));
		expect(summary.envelopes).toBe(envelopesIn("out-sample").length);
		expect(lines.length).toBeGreaterThan(300);
		expect(new Set(lines.map(({ category }) => category))).toEqual(new Set(named));
		for (const { id, sensed, uploaded, coarsened } of summary.categories) {
			expect(sensed).toBeGreaterThan(0);
			if (!named.has(id)) expect(uploaded + coarsened).toBe(0);
		}
		expect(summary.categories.some(({ id }) => id === "unknown")).toBe(true);

		expect(text).not.toContain(vehicle.vin);
		expect(text).not.toMatch(/(?<![A-Za-z0-9])[A-HJ-NPR-Z0-9]{17}(?![A-Za-z0-9])/);
		const mapped = pathsOf(overlay);
		for (const { record } of lines) {
			if (record.kind === "signal") expect(mapped).toContain(record.path);
			else expect(record.kind).toBe("fix");
		}
		const fixes = lines.filter(({ record }) => record.kind === "fix").map(({ record }) => record);
		expect(fixes.length).toBeGreaterThan(5);
		for (const { takenAtMs, latDeg = 0, lonDeg = 0 } of fixes) {
			const exact = points.find(({ atMs }) => startMs + atMs === takenAtMs);
			expect(exact).toBeDefined();
			expect(Math.abs(latDeg - (exact?.latDeg ?? 0)) + Math.abs(lonDeg - (exact?.lonDeg ?? 0))).toBeGreaterThan(0.0002);
		}
		// Some hundred metres are a few cells of a 500 m grid, so the track itself is not there.
		expect(new Set(fixes.map(({ latDeg, lonDeg }) => `${latDeg} ${lonDeg}`)).size).toBeLessThanOrEqual(4);
	});

	it("writes nothing readable into an envelope", () => {
		for (const name of envelopesIn("out-sample")) {
			const bytes = readFileSync(at("out-sample", name)).toString("latin1");
			for (const word of [vehicle.vin, "Vehicle.", "latDeg", "31.5"]) expect(bytes).not.toContain(word);
		}
	});

	it("lets nothing of the bus leave without an overlay, not even signals named like VSS paths", async () => {
		writeFileSync(
			at("vss.dbc"),
			'BO_ 256 Vehicle: 8 A\n SG_ Speed : 0|16@1+ (1,0) [0|0] "" A\nBO_ 257 Vehicle.Powertrain.TractionBattery: 8 A\n SG_ Temperature.Max : 0|8@1+ (1,0) [0|0] "" A\n',
		);
		writeFileSync(at("vss.log"), "(1700000000.0) can0 100#3930000000000000\n(1700000001.0) can0 101#3930000000000000\n");
		const summary = await replay("sample", "--can", at("vss.log"), "--dbc", at("vss.dbc"), "--out", at("out-vss"));
		expect(summary.categories).toMatchObject([{ id: "unknown", sensed: 2, uploaded: 0, coarsened: 0 }]);
		expect(envelopesIn("out-vss")).toEqual([]);
	});

	it.skipIf(!hasData("can/comma2k19_rav4_seg40_candump.log.gz"))("keeps the policy on a real drive (needs shared data can)", async () => {
		const real = ["--can", dataPath("can/comma2k19_rav4_seg40_candump.log.gz"), "--dbc", dataPath("can/toyota_2017.dbc")];
		const rav4 = repoPath("firmware-profiles/overlays/toyota-rav4.json");
		expect((await replay("empty", ...real, "--overlay", rav4, "--out", at("out-none"))).envelopes).toBe(0);
		expect(envelopesIn("out-none")).toEqual([]);
		const summary = await replay("sample", ...real, "--overlay", rav4, "--out", at("out-real"));
		expect(summary.sources[0]?.readings).toBeGreaterThan(100_000);
		const { text, lines } = await open("sample", at("out-real"));
		expect(lines.length).toBeGreaterThan(50);
		const mapped = pathsOf(rav4);
		for (const { category, record } of lines) {
			expect(named).toContain(category);
			expect(mapped).toContain(record.path);
		}
		expect(text).not.toMatch(/(?<![A-Za-z0-9])[A-HJ-NPR-Z0-9]{17}(?![A-Za-z0-9])/);
	});

	it("refuses a law of which any byte was changed, or obeys the unchanged one, and writes nothing when it refuses", async () => {
		writeFileSync(at("short.log"), readFileSync(at("drive.log")).subarray(0, 100_003));
		const short = ["--can", at("short.log"), ...car];
		const good = (await replay("sample", ...short, "--out", at("out-good"))).law.hash;
		const files = readdirSync(at("sample"), { recursive: true, encoding: "utf8" }).filter((name) => statSync(at("sample", name)).isFile());
		/** The exit code, after everything else about this case was looked at. */
		const tryBent = async (name: string, index: number): Promise<number> => {
			const [law, into] = [at(`bent-${index}`), at(`out-bent-${index}`)];
			cpSync(at("sample"), law, { recursive: true });
			const bytes = readFileSync(join(law, name));
			const middle = bytes.length >> 1;
			bytes[middle] = (bytes[middle] ?? 0) ^ 1;
			writeFileSync(join(law, name), bytes);
			const { status, out, err } = await kerbstone("replay", "--law", law, "--json", ...short, "--out", into);
			if (status === 0) {
				// The file is none that units read: the law in force is the signed one, to the last bit.
				expect(JSON.parse(out).law.hash, name).toBe(good);
				return status;
			}
			expect(status, `${name}: ${err}`).toBe(3);
			expect(err, name).toMatch(/\[LAW_[A-Z]+\]/);
			expect(existsSync(into), name).toBe(false);
			return status;
		};
		const codes: number[] = [];
		for (let from = 0; from < files.length; from += 4) {
			codes.push(...(await Promise.all(files.slice(from, from + 4).map((name, index) => tryBent(name, from + index)))));
		}
		expect(codes.filter((code) => code === 3).length).toBeGreaterThanOrEqual(8);
	});

	it("counts what is broken in a recording and goes on", async () => {
		writeFileSync(at("cut.log.gz"), readFileSync(at("drive.log.gz")).subarray(0, 40_000));
		writeFileSync(at("cut.log"), readFileSync(at("drive.log")).subarray(0, 100_003));
		writeFileSync(at("bad.nmea"), readFileSync(at("drive.nmea"), "latin1").replaceAll(/\*../g, "*00"));
		const packed = await replay("sample", "--can", at("cut.log.gz"), ...car, "--out", at("out-cut1"));
		expect(packed.sources[0]?.rejected).toMatchObject({ gzip_corrupt: 1 });
		expect(packed.sources[0]?.readings).toBeGreaterThan(1_000);
		const plain = await replay("sample", "--can", at("cut.log"), ...car, "--out", at("out-cut2"));
		expect(plain.sources[0]?.readings).toBeGreaterThan(1_000);
		const nmea = await replay("sample", "--nmea", at("bad.nmea"), "--out", at("out-bad"));
		expect(nmea.sources[0]).toMatchObject({ readings: 0 });
		expect(nmea.sources[0]?.rejected.checksum_invalid).toBeGreaterThan(points.length);
	});

	it("names a DBC file that is none, a recording that is missing, a folder that is a file, with the documented exit code", async () => {
		writeFileSync(at("wrong.dbc"), "nothing of the kind\n");
		const sample = ["replay", "--law", at("sample")];
		const wrong = await kerbstone(...sample, "--can", at("drive.log"), "--dbc", at("wrong.dbc"), "--overlay", overlay, "--out", at("o1"));
		expect(wrong.err).toContain("wrong.dbc");
		expect(wrong.status).toBe(3);
		const missing = await kerbstone(...sample, "--can", at("nope.log"), ...car, "--out", at("o2"));
		expect(missing.err).toContain("nope.log");
		expect(missing.status).toBe(4);
		const file = await kerbstone(...sample, ...drive(), "--out", at("drive.log"));
		expect(file.err).toContain("[SOURCE_UNAVAILABLE]");
		expect(file.status).toBe(4);
		for (const broker of ["http://127.0.0.1:1", "mqtts://127.0.0.1:1", "127.0.0.1"]) {
			expect((await kerbstone(...sample, ...drive(), "--broker", broker)).status, broker).toBe(2);
		}
		const noCa = await kerbstone(...sample, ...drive(), "--broker", "mqtts://127.0.0.1:1", "--ca", at("nope.pem"));
		expect(noCa.err).toContain("nope.pem");
		expect(noCa.status).toBe(3);
	});

	it("mixes no two units in a folder and writes through no link", async () => {
		const short = ["--can", at("cut.log"), ...car];
		writeFileSync(at("cut.log"), readFileSync(at("drive.log")).subarray(0, 100_003));
		await replay("sample", ...short, "--out", at("out-twice"));
		const before = envelopesIn("out-twice").map((name) => readFileSync(at("out-twice", name)).toString("hex"));
		const again = await kerbstone("replay", "--law", at("sample"), ...short, "--out", at("out-twice"));
		expect(again.status).toBe(2);
		expect(envelopesIn("out-twice").map((name) => readFileSync(at("out-twice", name)).toString("hex"))).toEqual(before);

		const kept = ["--state", at("state"), "--out", at("out-kept")];
		await replay("sample", ...short, ...kept);
		const first = envelopesIn("out-kept").length;
		await replay("sample", ...short, ...kept);
		expect(envelopesIn("out-kept")).toHaveLength(2 * first);
		await open("sample", at("out-kept"));

		mkdirSync(at("out-link"));
		writeFileSync(at("precious"), "mine");
		symlinkSync(at("precious"), at("out-link/unit.json"));
		await replay("sample", ...short, "--out", at("out-link"));
		expect(readFileSync(at("precious"), "utf8")).toBe("mine");
	});

	it.skipIf(!hasProgram("mosquitto") || !hasProgram("mosquitto_sub") || !hasProgram("openssl"))(
		"publishes to a real broker over mutual TLS (needs mosquitto, mosquitto_sub, openssl)",
		async () => {
			mkdirSync(at("tls"));
			const { caFile, server, client } = makeCertificates(at("tls"));
			const broker = await startMosquitto({ folder: at("tls"), tls: { ...server, caFile, requireCertificate: true } });
			const port = new URL(broker.url).port;
			const subscriber = spawn(
				programPath("mosquitto_sub") ?? "",
				[..."-V 5 -q 1 -h localhost -p".split(" "), port, "-t", "kerb/v1/+/up/#", "-F", "%x", "--cafile", caFile].concat(
					...["--cert", client.certFile, "--key", client.keyFile],
				),
				{ stdio: ["ignore", "pipe", "inherit"] },
			);
			try {
				let text = "";
				subscriber.stdout.on("data", (chunk: Buffer) => {
					text += chunk.toString();
				});
				const tls = ["--broker", broker.url, "--ca", caFile, "--cert", client.certFile, "--key", client.keyFile];
				const summary = await replay("sample", ...drive(), ...tls, "--state", at("tls-state"));
				expect(summary.envelopes).toBeGreaterThan(2);
				const got = (): string[] => [...new Set(text.split("\n").slice(0, -1))];
				while (got().length < summary.envelopes) await once(subscriber.stdout, "data");
				mkdirSync(at("received"));
				got().forEach((hex, index) => {
					writeFileSync(at("received", `${index}.cose`), Buffer.from(hex, "hex"));
				});
				cpSync(at("tls-state", "unit.json"), at("received", "unit.json"));
				const { lines } = await open("sample", at("received"));
				expect(new Set(lines.map(({ category }) => category))).toEqual(named);
			} finally {
				subscriber.kill();
				await broker.stop();
			}
		},
	);
});

describe("kerbstone", () => {
	it.skipIf(!existsSync("/dev/full"))("does not call it success when its output cannot be written (needs /dev/full)", () => {
		const command = `"$0" "$1" decode --can "$2" --dbc "$3" > /dev/full`;
		const { status, stderr } = spawnSync("sh", ["-c", command, process.execPath, repoPath("agent/main.ts"), at("drive.log"), dbc], {
			encoding: "utf8",
			cwd: dirname(dbc),
		});
		expect(stderr).toContain("cannot be written");
		expect(status).toBe(4);
	});
});
