/**
 * Figures of the bundle on this machine: size, cold start until the agent says that it has started, and the most memory that it had while
 * replaying a recorded drive. Prints them beside their goals; only a figure that cannot be taken fails.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dataPath, hasData, repoPath } from "../data.ts";

const folder = mkdtempSync(join(tmpdir(), "kerbstone-bench-"));
const bundle = join(folder, "kerbstone.mjs");
const starts = 11;

const must = (...args: string[]) => {
	const result = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", timeout: 300_000 });
	if (result.status !== 0) throw new Error(`${args.join(" ")}: ${result.stderr}`);
	return result;
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const show = (what: string, value: string, goal: string): void => console.log(`${what.padEnd(46)} ${value.padStart(10)}   goal: ${goal}`);

/** Milliseconds from the start of the process until `agent_started`; the agent is asked to stop then, and must do so. */
const timeToReady = (): Promise<number> =>
	new Promise((resolve, reject) => {
		const startedMs = performance.now();
		const child = spawn(process.execPath, [bundle, "run", "--config", "unit.json", "--json"], { cwd: folder, timeout: 30_000 });
		let readyMs = Number.NaN;
		let said = "";
		child.stderr.setEncoding("utf8").on("data", (text: string) => {
			said += text;
			if (!Number.isNaN(readyMs) || !said.includes("agent_started")) return;
			readyMs = performance.now() - startedMs;
			child.kill("SIGTERM");
		});
		child.once("error", reject);
		child.once("exit", (code) => (code === 0 && readyMs > 0 ? resolve(readyMs) : reject(new Error(`run ended with ${code}: ${said}`))));
	});

const peakMemory = 'data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS+"\\n"))';

try {
	must(repoPath("build.mjs"), "--out", folder);
	show("size", `${(statSync(bundle).size / 1000).toFixed(0)} kB`, "under 1200 kB");

	must(bundle, "law", "init", "law", "--sample");
	const config = { unit: { id: "bench-0001" }, dataDir: "data", law: { folder: "law" }, sources: [{ id: "apps", type: "socket" }] };
	writeFileSync(join(folder, "unit.json"), JSON.stringify(config));
	const first = await timeToReady();
	const later: number[] = [];
	for (let count = 0; count < starts; count += 1) later.push(await timeToReady());
	show("cold start to ready, the very first", `${first.toFixed(0)} ms`, "under 250 ms");
	show(`cold start to ready, median of ${starts}`, `${median(later).toFixed(0)} ms`, "under 250 ms");

	if (hasData("can", "comma2k19_rav4_seg40_candump.log.gz")) {
		const log = dataPath("can", "comma2k19_rav4_seg40_candump.log.gz");
		const dbc = dataPath("can", "toyota_2017.dbc");
		const startedMs = performance.now();
		const args = ["--import", peakMemory, bundle, "replay", "--can", log, "--dbc", dbc, "--law", "law", "--out", "out", "--json"];
		const { stderr } = must(...args);
		const peakKb = Number(/^peak (\d+)$/m.exec(stderr)?.[1]);
		show(
			"replay of a recorded drive of one minute",
			`${((performance.now() - startedMs) / 1000).toFixed(2)} s`,
			"faster than it was driven",
		);
		show("most memory during it (RSS)", `${((peakKb * 1024) / 1e6).toFixed(1)} MB`, "under 80 MB");
	} else {
		console.log("memory while replaying: not taken (needs shared data can)");
	}
} finally {
	rmSync(folder, { recursive: true, force: true });
}
