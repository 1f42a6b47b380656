/**
 * The real agent as a process of its own, for tests that kill it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { unixHttp } from "../../agent/host/unix-http.ts";
import type { AgentStatus } from "../../shared/status.ts";
import { repoPath } from "../data.ts";
import type { UnitFolder } from "./unit-folder.ts";

export interface AgentProcess {
	readonly child: ChildProcess;
	/** What it said on standard error so far. */
	said(): string;
	status(): Promise<AgentStatus>;
	/** SIGKILL, and waits until it is gone. */
	kill(): Promise<void>;
	/** SIGTERM, and gives the exit code. */
	stop(): Promise<number | null>;
}

const readyWithinMs = 20_000;

/** Starts `kerbstone run` and resolves once its control socket answers. */
export const startAgent = async (unit: UnitFolder): Promise<AgentProcess> => {
	const child = spawn(process.execPath, [repoPath("agent", "main.ts"), "run", "--config", unit.configFile], {
		stdio: ["ignore", "ignore", "pipe"],
	});
	let text = "";
	child.stderr?.on("data", (chunk: Buffer) => {
		text = (text + chunk.toString()).slice(-20_000);
	});
	const gone = once(child, "exit");
	const status = async (): Promise<AgentStatus> => {
		const reply = await unixHttp({ socketPath: unit.socketPath, method: "GET", path: "/status" });
		return JSON.parse(reply.text);
	};
	const deadline = performance.now() + readyWithinMs;
	for (;;) {
		if (child.exitCode !== null) throw new Error(`the agent ended with ${child.exitCode}:\n${text}`);
		if (performance.now() > deadline) {
			child.kill("SIGKILL");
			throw new Error(`the agent was not ready within ${readyWithinMs} ms:\n${text}`);
		}
		const ready = await status().catch(() => undefined);
		if (ready !== undefined) break;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	return {
		child,
		said: () => text,
		status,
		kill: async () => {
			child.kill("SIGKILL");
			await gone;
		},
		stop: async () => {
			child.kill("SIGTERM");
			await gone;
			return child.exitCode;
		},
	};
};
