import { spawnSync } from "node:child_process";
import { createReadStream, existsSync } from "node:fs";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CandumpParser } from "../../agent/formats/candump.ts";
import { compileDbc, type DbcDecoder } from "../../agent/formats/dbc-decode.ts";
import { parseDbc } from "../../agent/formats/dbc-parse.ts";
import { type Clock, systemClock } from "../../agent/host/clock.ts";
import { loadOverlay } from "../../agent/tag/overlay.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { canBusLines, startCanBus, type TimedLine } from "../../simulators/can-bus.ts";
import { createVehicle } from "../../simulators/vehicle.ts";
import { dataPath, hasData, repoPath } from "../data.ts";
import { hasProgram, hasPython, python } from "../peers.ts";

const startMs = 1_767_225_600_000;
const vehicle = createVehicle({ seed: 11, startMs, startLatDeg: 31.5, startLonDeg: 120.5 });
const dbcPath = repoPath("simulators", "fake-vehicle.dbc");
const overlayPath = repoPath("simulators", "fake-vehicle.overlay.json");

const linesFor = (lengthMs: number, fromMs = startMs): TimedLine[] => {
	const lines: TimedLine[] = [];
	for (const line of canBusLines(vehicle, fromMs)) {
		if (line.tMs >= fromMs + lengthMs) return lines;
		lines.push(line);
	}
	return lines;
};

const loadDecoder = async (): Promise<DbcDecoder> => {
	const dbc = parseDbc(await readFile(dbcPath));
	expect(dbc.problems).toEqual([]);
	return compileDbc([dbc]);
};

type Decoded = { readonly tMs: number; readonly id: number; readonly signals: ReadonlyMap<string, number | bigint> };

const decode = (decoder: DbcDecoder, lines: readonly TimedLine[]): Decoded[] => {
	const parser = new CandumpParser();
	return lines.map(({ tMs, line }) => {
		expect(parser.parse(line), line).toBe("frame");
		expect(parser.frame.tMs).toBeCloseTo(tMs, 2);
		const signals = new Map<string, number | bigint>();
		decoder.find(parser.frame.id, parser.frame.extended)?.decode(parser.frame.data, (signal, value) => signals.set(signal.path, value));
		return { tMs, id: parser.frame.id, signals };
	});
};

let folder = "";
let stop = new AbortController();
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "kerb-can-"));
	stop = new AbortController();
});
afterEach(async () => {
	stop.abort();
	await rm(folder, { recursive: true, force: true });
});

describe("canBusLines", () => {
	it("says what the car does, in the terms of its own DBC", async () => {
		const frames = decode(await loadDecoder(), linesFor(60_000, startMs + 10_000));
		const gears = { park: 0, reverse: 1, neutral: 2, drive: 3 };
		const tyres = ["TYRES.TyrePressureFL", "TYRES.TyrePressureFR", "TYRES.TyrePressureRL", "TYRES.TyrePressureRR"];
		let compared = 0;
		for (const { tMs, signals } of frames) {
			const s = vehicle.at(tMs);
			const expected: Record<string, readonly [number, number]> = {
				"MOTION.VehicleSpeed": [s.speedMps * 3.6, 0.01],
				"MOTION.YawRate": [s.yawRateDegPerS, 0.01],
				"MOTION.LongAccel": [s.accelMps2, 0.001],
				"MOTION.LatAccel": [s.lateralAccelMps2, 0.001],
				"WHEELS.WheelSpeedFL": [s.wheelSpeedMps[0] * 3.6, 0.01],
				"WHEELS.WheelSpeedFR": [s.wheelSpeedMps[1] * 3.6, 0.01],
				"WHEELS.WheelSpeedRL": [s.wheelSpeedMps[2] * 3.6, 0.01],
				"WHEELS.WheelSpeedRR": [s.wheelSpeedMps[3] * 3.6, 0.01],
				"STEERING.SteeringAngle": [s.steeringDeg, 0.1],
				"STEERING.YawRateCheck": [s.yawRateDegPerS, 0.5],
				"DRIVE.Gear": [gears[s.gear], 0],
				"DRIVE.BrakeLight": [Number(s.brakeLight), 0],
				"DRIVE.TurnLeft": [Number(s.leftIndicator), 0],
				"DRIVE.TurnRight": [Number(s.rightIndicator), 0],
				"DRIVE.AcceleratorPedal": [s.acceleratorPercent, 0.5],
				"DRIVE.BrakePedal": [s.brakePercent, 0.5],
				"DRIVE.MotorSpeed": [s.motorRpm, 1],
				"DRIVE.MotorTorque": [s.motorTorqueNm, 0.5],
				"BATTERY.StateOfCharge": [s.stateOfChargePercent, 0.1],
				"BATTERY.PackVoltage": [s.packVoltageV, 0.1],
				"BATTERY.PackCurrent": [s.packCurrentA, 0.1],
				"BATTERY.PackTemperature": [s.packTemperatureC, 1],
				"ODOMETER.Odometer": [s.odometerM, 1],
				"ODOMETER.TripDistance": [s.tripM, 1],
				"BODY.DriverDoorOpen": [Number(s.driverDoorOpen), 0],
				"BODY.DriverBelted": [Number(s.driverBelted), 0],
				"BODY.ParkingBrake": [Number(s.parkingBrake), 0],
				"BODY.OutsideTemperature": [s.outsideTemperatureC, 0.5],
				"BODY.CabinTemperature": [s.cabinTemperatureC, 0.5],
				"CELLS.Cell16": [s.packVoltageV / 96 + 0.015, 0.001],
				"CHARGER.ChargeLimit": [80, 0],
				...Object.fromEntries(tyres.map((name, wheel) => [name, [s.tyrePressureKpa[wheel] ?? 0, 1]])),
			};
			for (const [path, value] of signals) {
				const want = expected[path];
				if (want === undefined) continue;
				expect(Math.abs(Number(value) - want[0]), path).toBeLessThanOrEqual(want[1] / 2 + 1e-9);
				compared++;
			}
			for (const [path, value] of signals) if (path.startsWith("DRIVE.")) expect(Number.isFinite(Number(value))).toBe(true);
		}
		expect(compared).toBeGreaterThan(30_000);
		const paths = new Set(frames.flatMap(({ signals }) => [...signals.keys()]));
		expect(paths.size).toBe(58);
		expect(Math.min(...frames.map(({ signals }) => Number(signals.get("DRIVE.MotorTorque") ?? 0)))).toBeLessThan(0);
	});

	it("sends every frame at its own rate, in order of time", () => {
		const lines = linesFor(10_000);
		for (let i = 1; i < lines.length; i++) expect(lines[i]?.tMs).toBeGreaterThanOrEqual(lines[i - 1]?.tMs ?? 0);
		const count = (id: string): number => lines.filter(({ line }) => line.includes(` can0 ${id}#`)).length;
		expect(["101", "102", "103", "110", "120", "140", "150", "1F0", "18FF50E5", "3E1", "7E8"].map(count)).toEqual([
			500, 500, 500, 100, 10, 20, 40, 10, 10, 100, 5,
		]);
	});

	it("carries the VIN in parts of 56 bits", async () => {
		const frames = decode(await loadDecoder(), linesFor(1_000)).filter(({ id }) => id === 0x1a0);
		const parts = frames.map(({ signals }) => {
			const part = Number(signals.get("VIN_PART.Part"));
			const bits = BigInt(signals.get(`VIN_PART.Characters${part}`) ?? 0);
			return Buffer.from(bits.toString(16).padStart(14, "0"), "hex").toString("latin1");
		});
		expect(parts.slice(0, 3).join("").replaceAll("\0", "")).toBe(vehicle.vin);
	});

	it("has counters that count and checksums that hold", () => {
		const steering = linesFor(1_000)
			.filter(({ line }) => line.includes(" 103#"))
			.map(({ line }) => Buffer.from(line.split("#")[1] ?? "", "hex"));
		steering.forEach((data, i) => {
			expect((data[4] ?? 0) & 0x0f).toBe(i % 16);
			expect(data[5]).toBe(data.subarray(0, 5).reduce((sum, byte) => (sum + byte) & 0xff, 0));
		});
		expect(steering).toHaveLength(50);
	});

	it("gives the same lines for the same seed, and frames that no DBC knows", async () => {
		expect(linesFor(2_000)).toEqual(linesFor(2_000));
		const other = canBusLines(vehicle, startMs, "can1", 2).next().value;
		expect(other.line).toContain(" can1 101#");
		const decoder = await loadDecoder();
		for (const id of [0x3e1, 0x4d0, 0x7e8]) expect(decoder.find(id, false)).toBeUndefined();
	});

	it.skipIf(!hasPython("canmatrix"))("is read by canmatrix with the same numbers (needs python3-canmatrix)", async () => {
		const lines = linesFor(5_000, startMs + 20_000);
		const log = join(folder, "log");
		await writeFile(log, lines.map(({ line }) => line).join("\n"));
		const script = `
import canmatrix, canmatrix.formats, json, sys
m = canmatrix.formats.loadp_flat(sys.argv[1])
for line in open(sys.argv[2]):
    head, _, data = line.strip().split()[2].partition("#")
    data = bytes.fromhex(data[2:] if data.startswith("#") else data)
    frame = m.frame_by_id(canmatrix.ArbitrationId(int(head, 16), extended=len(head) == 8))
    print(json.dumps({} if frame is None else {frame.name + "." + k: str(v.phys_value) for k, v in frame.decode(data).items()}))
`;
		const run = spawnSync(python, ["-c", script, dbcPath, log], { maxBuffer: 1 << 26 });
		expect(run.status, run.stderr.toString()).toBe(0);
		const theirs = run.stdout
			.toString()
			.split("\n")
			.filter((text) => text.startsWith("{"))
			.map((text): Record<string, string> => JSON.parse(text));
		const ours = decode(await loadDecoder(), lines);
		expect(theirs).toHaveLength(ours.length);
		ours.forEach(({ signals }, i) => {
			expect(Object.keys(theirs[i] ?? {}).sort()).toEqual([...signals.keys()].sort());
			for (const [path, value] of signals) expect(Number(theirs[i]?.[path]), path).toBeCloseTo(Number(value), 9);
		});
	});
});

describe("fake-vehicle.overlay.json", () => {
	it("maps most signals of the DBC and leaves out those that nobody needs to know", async () => {
		const overlay = await loadOverlay(await readFile(overlayPath, "utf8"), "fake-vehicle");
		const signals = (await loadDecoder()).messages().flatMap((message) => message.signals.map(({ path }) => path));
		expect(overlay.check(signals)).toEqual([]);
		const mapped = new Set(signals.filter((path) => overlay.exactTargets(path).length > 0));
		expect(mapped.size).toBe(30);
		for (const path of signals) if (/^(VIN_PART|CELLS|CHARGER)\./.test(path)) expect(mapped.has(path), path).toBe(false);
		expect(overlay.exactTargets("ODOMETER.Odometer")[0]?.transform?.(1_500)).toBe(1.5);
		expect(overlay.exactTargets("DRIVE.Gear")[0]?.transform?.(3)).toBe(127);
		expect(overlay.exactTargets("BODY.DriverBelted")[0]?.transform?.(1)).toBe(true);
	});

	it.skipIf(!hasData("vss-kuksa"))("names paths that VSS 4, 5 and 6 have (needs shared data vss-kuksa)", async () => {
		const text = await readFile(overlayPath, "utf8");
		const paths = [...text.matchAll(/"(Vehicle\.[\w.]+)"/g)].map((match) => (match[1] ?? "").split("."));
		expect(paths.length).toBeGreaterThan(25);
		for (const version of ["4.0", "5.1", "6.0"]) {
			const tree: unknown = JSON.parse(await readFile(dataPath("vss-kuksa", `vss_release_${version}.json`), "utf8"));
			for (const path of paths) {
				let node: unknown = { children: tree };
				for (const name of path) {
					const { children }: { children?: Record<string, unknown> } = Object.assign({}, node);
					node = children?.[name];
				}
				expect(node, `${path.join(".")} in VSS ${version}`).toHaveProperty("datatype");
			}
		}
	});
});

/** A clock whose waits take a millisecond and count as what was asked. */
const fastClock = (): Clock => {
	let elapsedMs = 0;
	return {
		nowMs: () => utcMs(startMs + elapsedMs),
		bootMs: () => bootMs(500 + elapsedMs),
		sleep: async (delayMs) => {
			elapsedMs += delayMs;
			await new Promise((resolve) => setTimeout(resolve, 1));
		},
	};
};

const carOfToday = () => createVehicle({ seed: 1, startMs: systemClock.nowMs(), startLatDeg: 31.5, startLonDeg: 120.5 });

describe("startCanBus", () => {
	it("writes whole lines into a stream as time goes by, and ends with the signal", async () => {
		const out = new PassThrough();
		let text = "";
		out.on("data", (piece) => {
			text += piece;
			if (text.length > 40_000) stop.abort();
		});
		const bus = startCanBus({ vehicle, out, clock: fastClock(), signal: stop.signal });
		await bus.done;
		const lines = text.trimEnd().split("\n");
		expect(lines).toEqual(
			linesFor(60_000)
				.slice(0, lines.length)
				.map(({ line }) => line),
		);
		expect(bus.counts()).toEqual({ sent: lines.length, lost: 0 });
		expect(out.writableEnded).toBe(false);
	});

	it("waits for a slow stream, ends when it is told to meanwhile, and rejects when the stream breaks", async () => {
		const slow = new PassThrough({ highWaterMark: 100 });
		const bus = startCanBus({ vehicle, out: slow, clock: fastClock(), signal: stop.signal });
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(slow.writableLength + slow.readableLength).toBeLessThan(5_000);
		stop.abort();
		await bus.done;

		const broken = new PassThrough({ highWaterMark: 100 });
		broken.on("error", () => undefined);
		const other = startCanBus({ vehicle, out: broken, clock: fastClock(), signal: new AbortController().signal });
		await new Promise((resolve) => setTimeout(resolve, 20));
		broken.destroy(new Error("gone"));
		await expect(other.done).rejects.toThrow("gone");
	});

	it("goes on from now after a pause of the machine", async () => {
		const clock = fastClock();
		const out = new PassThrough();
		let text = "";
		out.on("data", (piece) => {
			text += piece;
		});
		const bus = startCanBus({ vehicle, out, clock, signal: stop.signal });
		await new Promise((resolve) => setTimeout(resolve, 20));
		await clock.sleep(3_600_000);
		await new Promise((resolve) => setTimeout(resolve, 20));
		stop.abort();
		await bus.done;
		const stamps = text
			.trimEnd()
			.split("\n")
			.map((line) => Number(line.slice(1, 18)));
		expect((stamps.at(-1) ?? 0) - (stamps[0] ?? 0)).toBeGreaterThan(3_600);
		expect(stamps.length).toBeLessThan(1_000);
	});

	it.skipIf(!hasProgram("mkfifo"))("feeds a named pipe whose readers come and go, and never waits for one (needs mkfifo)", async () => {
		const path = join(folder, "can0");
		const bus = startCanBus({ vehicle: carOfToday(), out: path, clock: systemClock, signal: stop.signal });
		while (bus.counts().lost === 0) await new Promise((resolve) => setTimeout(resolve, 5));
		for (let reader = 0; reader < 3; reader++) {
			const stream = createReadStream(path);
			let text = "";
			for await (const piece of stream) {
				text += piece;
				if (text.length > 1_000) break;
			}
			expect(text).toMatch(/^(\(\d+\.\d{6}\) can0 [0-9A-F]+##?[0-9A-F]+\n)+$/);
		}
		expect(bus.counts().sent).toBeGreaterThan(30);
		stop.abort();
		await bus.done;
		await expect(access(path)).rejects.toThrow("ENOENT");
	});

	it.skipIf(!hasProgram("mkfifo"))("goes on with a pipe that was made anew at its place (needs mkfifo)", async () => {
		const path = join(folder, "can0");
		const bus = startCanBus({ vehicle: carOfToday(), out: path, clock: systemClock, signal: stop.signal });
		for (let round = 0; round < 2; round++) {
			while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 5));
			for await (const piece of createReadStream(path)) if (piece.length > 0) break;
			await rm(path);
			spawnSync("mkfifo", [path]);
		}
		stop.abort();
		await bus.done;
	});

	it.skipIf(!hasProgram("mkfifo"))("uses a pipe that is there, leaves it, and refuses anything else (needs mkfifo)", async () => {
		const path = join(folder, "can0");
		spawnSync("mkfifo", [path]);
		const bus = startCanBus({ vehicle: carOfToday(), out: path, clock: systemClock, signal: stop.signal });
		await new Promise((resolve) => setTimeout(resolve, 20));
		stop.abort();
		await bus.done;
		await access(path);
		const file = join(folder, "file");
		await writeFile(file, "precious");
		const signal = new AbortController().signal;
		await expect(startCanBus({ vehicle: carOfToday(), out: file, clock: systemClock, signal }).done).rejects.toMatchObject({
			code: "USAGE",
		});
		expect(await readFile(file, "utf8")).toBe("precious");
		const nowhere = startCanBus({ vehicle: carOfToday(), out: join(folder, "no", "pipe"), clock: systemClock, signal }).done;
		await expect(nowhere).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
	});
});
