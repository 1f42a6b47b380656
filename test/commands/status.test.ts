import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import statusCommand, { controlSocketIn, runStatus } from "../../agent/commands/status.ts";
import { spanText, statusText } from "../../agent/commands/status-text.ts";
import { coreRoutes } from "../../agent/control/core-routes.ts";
import type { Route } from "../../agent/control/route.ts";
import { type ControlServer, startControlServer } from "../../agent/control/server.ts";
import { systemClock } from "../../agent/host/clock.ts";
import { repoPath } from "../data.ts";
import { agentStatus } from "../fakes/agent-status.ts";

let dataDir = "";
let server: ControlServer | undefined;
beforeEach(async () => {
	dataDir = await mkdtemp(join(tmpdir(), "kerb-status-"));
	server = undefined;
});
afterEach(async () => {
	await server?.close();
	await rm(dataDir, { recursive: true, force: true });
});

const serve = async (routes: readonly Route[] = coreRoutes({ status: agentStatus, metrics: () => [], stop: () => undefined })) => {
	server = await startControlServer({ socketPath: controlSocketIn(dataDir), routes, clock: systemClock });
};

describe("runStatus", () => {
	it("asks the agent in a data folder, or on a socket", async () => {
		await serve();
		const text = await runStatus({ dataDir });
		expect(text).toBe(statusText(agentStatus()));
		expect(await runStatus({ socketPath: controlSocketIn(dataDir), dataDir: "/nowhere" })).toBe(text);
		expect(JSON.parse(await runStatus({ dataDir, json: true }))).toEqual(agentStatus());
	});

	it("says CONTROL_UNAVAILABLE and how to start an agent when nobody listens", async () => {
		await expect(runStatus({ dataDir })).rejects.toMatchObject({
			code: "CONTROL_UNAVAILABLE",
			message: expect.stringMatching(/control\.sock.*kerbstone run --config/),
		});
	});

	it("refuses what is no status", async () => {
		for (const body of [{}, "no JSON", { ...agentStatus(), uptimeMs: -1 }]) {
			await serve([{ method: "GET", path: "/status", handle: () => ({ status: 200, body }) }]);
			await expect(runStatus({ dataDir })).rejects.toMatchObject({ code: "CONTROL_UNAVAILABLE" });
			await server?.close();
		}
		await serve([]);
		await expect(runStatus({ dataDir })).rejects.toMatchObject({ message: expect.stringContaining("HTTP 404") });
	});

	it("wants to know where to ask", async () => {
		await expect(runStatus({})).rejects.toMatchObject({ code: "USAGE" });
	});
});

describe("status on the command line", () => {
	it("prints what the agent says, and exits with 4 when there is none", async () => {
		const run = async (...args: string[]) => {
			const child = spawn(join(repoPath("node_modules"), ".bin", "node"), [repoPath("agent", "main.ts"), "status", ...args]);
			let out = "";
			let err = "";
			child.stdout.on("data", (piece) => {
				out += piece;
			});
			child.stderr.on("data", (piece) => {
				err += piece;
			});
			return { code: await new Promise((resolve) => child.once("close", resolve)), out, err };
		};
		await serve();
		expect(await run("--data", dataDir)).toEqual({ code: 0, out: `${statusText(agentStatus())}\n`, err: "" });
		expect(JSON.parse((await run("--data", dataDir, "--json")).out)).toEqual(agentStatus());
		await server?.close();
		expect(await run("--data", dataDir)).toMatchObject({ code: 4, out: "", err: expect.stringContaining("CONTROL_UNAVAILABLE") });
		expect(await run()).toMatchObject({ code: 2 });
		expect((await run("--help")).out).toContain(statusCommand.usage);
	});
});

describe("statusText", () => {
	it("shows a person what is, and what to do", () => {
		const text = statusText(agentStatus());
		for (const part of [
			"unit      demo-unit-1 (kerbstone 0.1.0), running for 1 h 2 min",
			"policy sample version 3, until 2026-03-02T13:00:00.000Z (1 d 1 h left)",
			"catalogue cn version 1",
			"ledger    17 entries",
			"crc 5, line_invalid 2",
			"12,345",
			"gpsd does not answer",
			"not-requested 20, floor-drop 10",
			"1 min 1 s",
			"source gnss0 waits for its device or daemon",
			"some readings belong to no category",
		])
			expect(text).toContain(part);
		expect(text).not.toMatch(/undefined|NaN/);
		for (const line of text.split("\n")) expect(line).toBe(line.trimEnd());
	});

	it("says how to go on when something is missing", () => {
		const { law, outlets, ...rest } = agentStatus();
		const bare = statusText({ ...rest, outlets: [], sources: [], categories: [], lawProblem: "LAW_MISSING" });
		expect(bare).toContain("none (LAW_MISSING): nothing leaves this unit");
		expect(bare).toContain("no source is configured");
		expect(bare).toContain("kerbstone law init");
		expect(bare).toContain("nothing was sensed yet");
		const expired = { ...(law ?? expect.fail("there is a law")), expired: true, notAfter: "2026-03-01T11:00:00.000Z" };
		expect(statusText(agentStatus({ law: expired }))).toContain("expired 2026-03-01T11:00:00.000Z (1 h ago)");
		for (const [link, advice] of [
			["refused", "outlet home is refused"],
			["off", "outlet home has no link"],
			["waiting", "safe in the spool"],
		] as const) {
			expect(statusText(agentStatus({ outlets: outlets.map((outlet) => ({ ...outlet, link })) }))).toContain(advice);
		}
	});

	it("lets nothing through that a terminal would obey", () => {
		const source = { id: "a\u001b[2J", type: "can", state: "open", detail: "x\ry\u0007", readings: 0, rejected: {} } as const;
		const text = statusText(agentStatus({ sources: [source] }));
		expect(text).toContain("a?[2J");
		expect(text).toContain("x?y?");
	});

	it("writes spans with their two largest units", () => {
		expect([0, 999, 1_000, 61_000, 3_600_000, 3_601_000, 90_061_000, 864_000_000].map(spanText)).toEqual([
			"0 s",
			"0 s",
			"1 s",
			"1 min 1 s",
			"1 h",
			"1 h",
			"1 d 1 h",
			"10 d",
		]);
	});
});
