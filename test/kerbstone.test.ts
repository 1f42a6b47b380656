import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { repoPath } from "./data.ts";

const temporary = mkdtempSync(join(tmpdir(), "kerbstone-launcher-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** A Node on this machine that is too old for the agent itself. */
const oldNode = ["/usr/bin/node", "/usr/local/bin/node", ...(process.env.PATH ?? "").split(":").map((folder) => join(folder, "node"))].find(
	(path) => {
		const major = Number(/^v(\d+)\./.exec(spawnSync(path, ["--version"], { encoding: "utf8" }).stdout ?? "")?.[1]);
		return major >= 18 && major < 26;
	},
);

/** A checkout whose main.ts does what a test needs. */
const checkoutWith = (name: string, main: string | undefined): string => {
	const folder = join(temporary, name);
	mkdirSync(join(folder, "agent"), { recursive: true });
	cpSync(repoPath("agent", "kerbstone.mjs"), join(folder, "agent", "kerbstone.mjs"));
	writeFileSync(join(folder, "package.json"), '{"type":"module"}');
	if (main !== undefined) {
		writeFileSync(join(folder, "agent", "main.ts"), main);
		symlinkSync(repoPath("node_modules"), join(folder, "node_modules"));
	}
	return join(folder, "agent", "kerbstone.mjs");
};

const ended = (child: ChildProcess): Promise<{ code: number | null; signal: string | null }> =>
	new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));

const waiting = `
let count = 0;
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => { count += 1; setTimeout(() => { console.log(name, count); process.exit(7); }, 300); });
setInterval(() => {}, 1000);
console.log("ready");
`;

describe("agent/kerbstone.mjs", () => {
	it("runs main.ts itself under a Node that is new enough", () => {
		const result = spawnSync(process.execPath, [repoPath("agent", "kerbstone.mjs"), "--version"], { encoding: "utf8" });
		expect(result).toMatchObject({ status: 0, stdout: `kerbstone ${manifest.version}\n`, stderr: "" });
	});

	it.skipIf(oldNode === undefined)("hands arguments, input, output and exit code over (needs a Node from 18 to 25 beside)", () => {
		const main = "process.stdin.pipe(process.stdout); console.error(process.version, process.argv.slice(2)); process.exitCode = 3;";
		const result = spawnSync(oldNode ?? "", [checkoutWith("plain", main), "a b", "--c"], { encoding: "utf8", input: "text" });
		expect(result).toMatchObject({ status: 3, stdout: "text", stderr: `${process.version} [ 'a b', '--c' ]\n` });
	});

	it.skipIf(oldNode === undefined)("passes signals on, each once (needs a Node from 18 to 25 beside)", async () => {
		const launcher = checkoutWith("waiting", waiting);
		for (const name of ["SIGTERM", "SIGINT"] as const) {
			const child = spawn(oldNode ?? "", [launcher], { stdio: ["ignore", "pipe", "inherit"] });
			let said = "";
			child.stdout.setEncoding("utf8").on("data", (text: string) => {
				said += text;
				if (said === "ready\n") child.kill(name);
			});
			expect(await ended(child)).toStrictEqual({ code: 7, signal: null });
			expect(said).toBe(`ready\n${name} 1\n`);
		}
	});

	it.skipIf(oldNode === undefined)("ends by the signal that ended the agent (needs a Node from 18 to 25 beside)", async () => {
		const child = spawn(oldNode ?? "", [checkoutWith("killed", 'process.kill(process.pid, "SIGKILL");')], { stdio: "ignore" });
		expect(await ended(child)).toStrictEqual({ code: null, signal: "SIGKILL" });
	});

	it("says what to do where nothing is installed", () => {
		const result = spawnSync(process.execPath, [checkoutWith("bare", undefined), "--version"], { encoding: "utf8" });
		expect(result).toMatchObject({ status: 4, stdout: "", stderr: expect.stringContaining('run "npm ci"') });
	});
});
