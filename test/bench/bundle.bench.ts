/**
 * Figures of the bundle on this machine: size, cold start until the agent says that it has started, and the memory and CPU time of the whole
 * process while it replays a recorded drive into a folder and to a broker, and while programs hand in readings. Prints them beside their
 * goals; only a figure that cannot be taken fails. Run: node test/bench/bundle.bench.ts
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { unixHttp } from "../../agent/host/unix-http.ts";
import { dataPath, hasData, repoPath } from "../data.ts";
import { startMosquitto } from "../fakes/mosquitto.ts";
import { hasProgram, programPath } from "../peers.ts";
import { type Figures, watch } from "./watched.ts";

const folder = mkdtempSync(join(tmpdir(), "kerbstone-bench-"));
const bundle = join(folder, "kerbstone.mjs");
const starts = 11;
const rounds = 5;

const must = (...args: string[]): void => {
	const result = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", timeout: 300_000 });
	if (result.status !== 0) throw new Error(`${args.join(" ")}: ${result.stderr}`);
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const show = (what: string, value: string, goal: string): void => console.log(`${what.padEnd(46)} ${value.padStart(10)}   ${goal}`);
const memory = (figures: readonly Figures[]): string => `${(median(figures.map(({ peakBytes }) => peakBytes)) / 1e6).toFixed(1)} MB`;
const cpu = (figures: readonly Figures[]): string => `${(median(figures.map(({ cpuMs }) => cpuMs)) / 1_000).toFixed(2)} s`;
const repeat = async (count: number, work: () => Promise<Figures>): Promise<Figures[]> => {
	const all: Figures[] = [];
	while (all.length < count) all.push(await work());
	return all;
};

const run = () => watch(folder, bundle, "run", "--config", "unit.json", "--json");

/** From the start of the process until `agent_started`; the agent is asked to stop then, and must do so. */
const start = async (): Promise<Figures> => {
	const agent = run();
	await agent.says("agent_started");
	const figures = { ...agent.figures() };
	agent.child.kill("SIGTERM");
	await agent.ended;
	return figures;
};

const replay = (...target: string[]): Promise<Figures> => {
	rmSync(join(folder, "out"), { recursive: true, force: true });
	const can = ["--can", dataPath("can", "comma2k19_rav4_seg40_candump.log.gz"), "--dbc", dataPath("can", "toyota_2017.dbc")];
	const overlay = ["--overlay", repoPath("firmware-profiles", "overlays", "toyota-rav4.json")];
	return watch(folder, bundle, "replay", ...can, ...overlay, "--law", "law", ...target).ended;
};

const replayToBroker = async (): Promise<Figures[]> => {
	const broker = await startMosquitto({ folder });
	// Without a subscriber nothing counts as delivered.
	const args = ["-p", String(broker.port), "-t", "kerb/#", "-q", "1", "-i", "bench"];
	const subscriber = spawn(programPath("mosquitto_sub") ?? "", args, { stdio: "ignore" });
	try {
		await sleep(500);
		return await repeat(rounds, () => replay("--broker", broker.url));
	} finally {
		subscriber.kill();
		await broker.stop();
	}
};

const loadSeconds = 10;
const requestsPerSecond = 10;
const readingsPerRequest = 500;

/** Readings handed in over the control socket, as a program in the vehicle would. */
const underLoad = async (): Promise<Figures> => {
	const agent = run();
	await agent.says("agent_started");
	const body = Array.from({ length: readingsPerRequest }, (_, at) =>
		JSON.stringify({ kind: "signal", path: at % 2 === 0 ? "Vehicle.Speed" : "Vehicle.Exterior.AirTemperature", value: at / 7 }),
	).join("\n");
	const headers = { "content-type": "application/x-ndjson" };
	const request = { socketPath: join(folder, "data", "control.sock"), method: "POST", path: "/readings", headers, body } as const;
	for (let sent = 0; sent < loadSeconds * requestsPerSecond; sent += 1) {
		const [{ status, text }] = await Promise.all([unixHttp(request), sleep(1_000 / requestsPerSecond)]);
		if (status !== 200) throw new Error(`the agent answered ${status}: ${text}`);
	}
	agent.child.kill("SIGTERM");
	return await agent.ended;
};

try {
	must(repoPath("build.mjs"), "--out", folder);
	show("size", `${(statSync(bundle).size / 1000).toFixed(0)} kB`, "goal: under 1200 kB");

	must(repoPath("agent", "main.ts"), "law", "init", "law", "--sample");
	const config = { unit: { id: "bench-0001" }, dataDir: "data", law: { folder: "law" }, sources: [{ id: "apps", type: "socket" }] };
	writeFileSync(join(folder, "unit.json"), JSON.stringify(config));
	const first = await start();
	const later = await repeat(starts, start);
	show("start to ready, the very first", `${first.wallMs.toFixed(0)} ms`, "goal: under 250 ms");
	show(`start to ready, median of ${starts}`, `${median(later.map(({ wallMs }) => wallMs)).toFixed(0)} ms`, "goal: under 250 ms");
	show("  CPU time of it", cpu(later), "");
	show("  memory (RSS) when ready", memory(later), "");

	if (hasData("can", "comma2k19_rav4_seg40_candump.log.gz")) {
		const intoFolder = await repeat(rounds, () => replay("--out", "out"));
		show("replay of a drive of one minute, most memory", memory(intoFolder), "goal: under 80 MB");
		show("  CPU time of it", cpu(intoFolder), "98,800 CAN frames");
		if (hasProgram("mosquitto") && hasProgram("mosquitto_sub")) {
			const toBroker = await replayToBroker();
			show("the same to mosquitto, most memory", memory(toBroker), "goal: under 80 MB");
			show("  CPU time of it", cpu(toBroker), "");
		} else console.log("replay to a broker: not taken (needs mosquitto and mosquitto-clients)");
	} else console.log("replay: not taken (needs shared data can)");

	const loaded = [await underLoad()];
	show(`${loadSeconds} s of handed in readings, most memory`, memory(loaded), "goal: under 80 MB");
	show("  CPU time of it", cpu(loaded), `${loadSeconds * requestsPerSecond * readingsPerRequest} readings`);
} finally {
	rmSync(folder, { recursive: true, force: true });
}
