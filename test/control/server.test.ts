import { spawn, spawnSync } from "node:child_process";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { coreRoutes } from "../../agent/control/core-routes.ts";
import type { Metric } from "../../agent/control/metrics-text.ts";
import type { Route } from "../../agent/control/route.ts";
import { type Act, type ControlServer, startControlServer } from "../../agent/control/server.ts";
import { systemClock } from "../../agent/host/clock.ts";
import { unixHttp } from "../../agent/host/unix-http.ts";
import { KerbError } from "../../shared/errors.ts";
import { agentStatus } from "../fakes/agent-status.ts";
import { hasProgram } from "../peers.ts";

let folder = "";
let socketPath = "";
const servers: ControlServer[] = [];
const acts: Act[] = [];
const sockets: Socket[] = [];

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "kerb-control-"));
	socketPath = join(folder, "control.sock");
});
afterEach(async () => {
	for (const socket of sockets.splice(0)) socket.destroy();
	for (const server of servers.splice(0)) await server.close();
	acts.length = 0;
	await rm(folder, { recursive: true, force: true });
});

const start = async (routes: readonly Route[], limits = {}): Promise<ControlServer> => {
	const server = await startControlServer({ socketPath, routes, clock: systemClock, onAct: (act) => acts.push(act), limits });
	servers.push(server);
	return server;
};

const get = (path: string) => unixHttp({ socketPath, method: "GET", path });
const post = (path: string, body = "") => unixHttp({ socketPath, method: "POST", path, body });

/** A connection that says what it is told and collects what comes until it is closed. */
const raw = async (text: string): Promise<{ readonly socket: Socket; readonly closed: Promise<string>; readonly got: () => string }> => {
	const socket = connect(socketPath);
	sockets.push(socket);
	let got = "";
	socket.on("data", (piece) => {
		got += piece.toString("latin1");
	});
	socket.on("error", () => undefined);
	const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(got)));
	await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
	socket.write(text);
	return { socket, closed, got: () => got };
};

const waitUntil = async (condition: () => boolean): Promise<void> => {
	while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const readAll = async (body: AsyncIterable<Uint8Array>): Promise<number> => {
	let bytes = 0;
	for await (const piece of body) bytes += piece.length;
	return bytes;
};

const countRoute: Route = {
	method: "POST",
	path: "/count",
	act: "count",
	maxBodyBytes: 1_000,
	handle: async ({ body }) => ({ status: 200, body: { bytes: await readAll(body) } }),
};

const never = (started: () => void): Route => ({
	method: "GET",
	path: "/never",
	handle: () => {
		started();
		return new Promise(() => undefined);
	},
});

describe("startControlServer", () => {
	it("answers status and metrics", async () => {
		const metrics: readonly Metric[] = [
			{
				name: "kerb_readings_total",
				help: "Readings sensed.",
				type: "counter",
				samples: [{ labels: { source: 'a"b\\c\nd' }, value: 3 }, { value: Number.POSITIVE_INFINITY }],
			},
		];
		await start(coreRoutes({ status: agentStatus, metrics: () => metrics, stop: () => undefined }));
		expect(JSON.parse((await get("/status")).text)).toEqual(agentStatus());
		expect(await get("/metrics")).toEqual({
			status: 200,
			contentType: "text/plain; version=0.0.4; charset=utf-8",
			text: [
				"# HELP kerb_readings_total Readings sensed.",
				"# TYPE kerb_readings_total counter",
				'kerb_readings_total{source="a\\"b\\\\c\\nd"} 3',
				"kerb_readings_total +Inf",
				"",
			].join("\n"),
		});
		expect(acts).toEqual([]);
	});

	it("stops once the client has its answer, even when stopping closes the server", async () => {
		let server: ControlServer | undefined;
		const stopped = Promise.withResolvers<void>();
		const stop = (): void => void server?.close().then(stopped.resolve);
		server = await start(coreRoutes({ status: agentStatus, metrics: () => [], stop }));
		expect(await post("/stop")).toMatchObject({ status: 202, text: '{"stopping":true}\n' });
		await stopped.promise;
		expect(acts).toEqual([{ who: "local", act: "stop", result: "ok" }]);
		expect(await readdir(folder)).toEqual([]);
	});

	it("answers unknown routes with 404 and wrong methods with 405, as JSON", async () => {
		await start([countRoute]);
		for (const path of ["/", "/count/", "/COUNT", "/status", "/../count", "//count", "*", "/%2e%2e/count"]) {
			const reply = await get(path);
			expect([path, reply.status, JSON.parse(reply.text).error.code]).toEqual([path, expect.any(Number), expect.any(String)]);
			expect([400, 404, 405]).toContain(reply.status);
		}
		expect(await get("/nowhere")).toMatchObject({ status: 404, contentType: "application/json" });
		expect(await get("/count")).toMatchObject({ status: 405 });
		expect(acts).toEqual([]);
	});

	it("keeps the socket to its own user", async () => {
		await start([countRoute]);
		const { mode } = await stat(socketPath);
		expect(mode & 0o777).toBe(0o600);
		expect(await readdir(folder)).toEqual(["control.sock"]);
	});

	it.skipIf(!hasProgram("ss"))("opens no network port (needs ss)", async () => {
		const listening = () =>
			spawnSync("ss", ["-Hlntup"])
				.stdout.toString()
				.split("\n")
				.filter((line) => line.includes(`pid=${process.pid},`));
		const before = listening();
		await start([countRoute]);
		expect(listening()).toEqual(before);
	});

	it("replaces the socket of a process that was killed", async () => {
		const listen = `require("node:net").createServer().listen(${JSON.stringify(socketPath)}, () => console.log("up"))`;
		const dead = spawn(process.execPath, ["-e", listen], { stdio: ["ignore", "pipe", "inherit"] });
		await new Promise((resolve) => dead.stdout.once("data", resolve));
		dead.kill("SIGKILL");
		await new Promise((resolve) => dead.once("exit", resolve));
		expect((await stat(socketPath)).isSocket()).toBe(true);
		await start([countRoute]);
		expect(await post("/count", "abc")).toMatchObject({ status: 200 });
	});

	it("refuses a place where a live process answers, and leaves it alone", async () => {
		await start([countRoute]);
		await expect(start([])).rejects.toMatchObject({ code: "CONTROL_UNAVAILABLE" });
		expect(await post("/count", "abc")).toMatchObject({ status: 200 });
		expect(await readdir(folder)).toEqual(["control.sock"]);
	});

	it("refuses a place that is no socket, has no folder or is too long, and deletes nothing", async () => {
		await writeFile(socketPath, "precious");
		await expect(start([])).rejects.toMatchObject({ code: "CONTROL_UNAVAILABLE" });
		expect((await stat(socketPath)).size).toBe(8);
		for (const path of [join(folder, "no", "such", "folder"), join(folder, "x".repeat(120))]) {
			const started = startControlServer({ socketPath: path, routes: [], clock: systemClock });
			await expect(started).rejects.toMatchObject({ code: "CONTROL_UNAVAILABLE" });
		}
	});

	it("takes its socket away when it closes, but not that of a later server", async () => {
		const first = await start([countRoute]);
		await first.close();
		expect(await readdir(folder)).toEqual([]);
		await first.close();

		const second = await start([countRoute]);
		await rm(socketPath);
		const other = createServer().listen(socketPath);
		await new Promise((resolve) => other.once("listening", resolve));
		await second.close();
		expect(await readdir(folder)).toEqual(["control.sock"]);
		await new Promise((resolve) => other.close(resolve));
	});

	it("closes within a second whatever its clients do", async () => {
		let started = 0;
		const server = await start([never(() => started++), countRoute]);
		const clients = [
			await raw("GET /never HTTP/1.1\r\nhost: kerb\r\n\r\n"),
			await raw("POST /count HTTP/1.1\r\nhost: kerb\r\ncontent-length: 900\r\n\r\nabc"),
			await raw("GET /nev"),
			await raw(""),
		];
		await waitUntil(() => started > 0);
		const beganMs = systemClock.bootMs();
		await server.close();
		expect(systemClock.bootMs() - beganMs).toBeLessThan(3_000);
		await Promise.all(clients.map(({ closed }) => closed));
		await expect(get("/count")).rejects.toMatchObject({ code: "CONTROL_UNAVAILABLE" });
	});

	it("reads a body only up to the route's bound, whether its length was said before or not", async () => {
		await start([countRoute]);
		expect(JSON.parse((await post("/count", "x".repeat(1_000))).text)).toEqual({ bytes: 1_000 });
		const long = await raw(`POST /count HTTP/1.1\r\nhost: kerb\r\ncontent-length: 1001\r\n\r\n${"x".repeat(1_001)}`);
		await waitUntil(() => long.got().endsWith("}\n"));
		expect(long.got()).toMatch(/^HTTP\/1.1 413 [\s\S]*body_too_large/);
		const chunked = await raw("POST /count HTTP/1.1\r\nhost: kerb\r\ntransfer-encoding: chunked\r\n\r\n");
		const piece = `400\r\n${"x".repeat(1_024)}\r\n`;
		for (let i = 0; i < 10; i++) chunked.socket.write(piece);
		await waitUntil(() => chunked.got().endsWith("}\n"));
		expect(chunked.got()).toMatch(/^HTTP\/1.1 413 /);
		chunked.socket.write(piece);
		// A client that does not stop is cut off.
		await chunked.closed;
		expect(acts.map(({ result }) => result)).toEqual(["ok", "body_too_large", "body_too_large"]);
	});

	it.skipIf(!hasProgram("curl"))("gives curl its answer although most of the body is never read (needs curl)", async () => {
		await start([countRoute]);
		const file = join(folder, "big");
		await writeFile(file, Buffer.alloc(8_000_000));
		for (const [path, status] of [
			["/count", "413"],
			["/nowhere", "404"],
		] as const) {
			const curl = spawn("curl", [
				"-s",
				"-o",
				"/dev/null",
				"-w",
				"%{http_code}",
				"--unix-socket",
				socketPath,
				"--data-binary",
				`@${file}`,
				`http://kerb${path}`,
			]);
			let out = "";
			curl.stdout.on("data", (piece) => {
				out += piece;
			});
			await new Promise((resolve) => curl.once("close", resolve));
			expect(out).toBe(status);
		}
	});

	it("bounds headers", async () => {
		await start([countRoute], { maxHeaderBytes: 2_000 });
		const { closed } = await raw(`GET /count HTTP/1.1\r\nhost: kerb\r\nx: ${"y".repeat(3_000)}\r\n\r\n`);
		expect(await closed).toMatch(/^HTTP\/1.1 431 /);
		expect(await post("/count", "abc")).toMatchObject({ status: 200 });
	});

	it("bounds the requests at a time, pipelined ones too, and is free again when they end", async () => {
		let started = 0;
		await start([never(() => started++), countRoute], { maxRequests: 2 });
		const one = "GET /never HTTP/1.1\r\nhost: kerb\r\n\r\n";
		const pipelined = await raw(one.repeat(50));
		await waitUntil(() => started >= 2);
		const reply = await post("/count", "abc");
		expect([reply.status, JSON.parse(reply.text).error.code]).toEqual([503, "control_busy"]);
		expect(started).toBe(2);
		pipelined.socket.destroy();
		await pipelined.closed;
		for (let status = 503; status !== 200; ) ({ status } = await post("/count", "abc"));
	});

	it("drops a client that falls silent in the middle of its headers or its body, and waits for its own handlers", async () => {
		let finish: () => void = () => undefined;
		const slow: Route = {
			method: "GET",
			path: "/slow",
			handle: () => new Promise((resolve) => (finish = () => resolve({ status: 200, body: "late" }))),
		};
		await start([countRoute, slow], { idleMs: 100 });
		const waiting = get("/slow");
		const silent = [
			await raw("GET /count HT"),
			await raw("POST /count HTTP/1.1\r\nhost: kerb\r\ncontent-length: 9\r\n\r\nabc"),
			await raw(""),
		];
		await Promise.all(silent.map(({ closed }) => closed));
		finish();
		expect(await waiting).toMatchObject({ status: 200, text: "late" });
	});

	it("answers a client that is gone by nothing, and goes on", async () => {
		let aborted = 0;
		const watching: Route = {
			method: "POST",
			path: "/watch",
			handle: async ({ body, signal }) => {
				signal.addEventListener("abort", () => aborted++);
				return { status: 200, body: await readAll(body) };
			},
		};
		await start([watching, countRoute]);
		const { socket } = await raw("POST /watch HTTP/1.1\r\nhost: kerb\r\ncontent-length: 9\r\n\r\nabc");
		await new Promise((resolve) => setTimeout(resolve, 50));
		socket.destroy();
		await waitUntil(() => aborted > 0);
		expect(await post("/count", "abc")).toMatchObject({ status: 200 });
	});

	it("tells a client nothing of an error but its code", async () => {
		const broken = (error: unknown, path: string): Route => ({
			method: "GET",
			path,
			act: path.slice(1),
			handle: () => {
				throw error;
			},
		});
		await start([
			broken(new TypeError("secret"), "/defect"),
			broken(new KerbError("SPOOL_CORRUPT", "secret"), "/spool"),
			broken(new KerbError("USAGE", "expected x"), "/usage"),
		]);
		expect(await get("/defect")).toMatchObject({ status: 500, text: expect.not.stringContaining("secret") });
		expect(await get("/spool")).toMatchObject({ status: 500, text: expect.stringContaining("SPOOL_CORRUPT") });
		expect((await get("/spool")).text).not.toContain("secret");
		expect(await get("/usage")).toMatchObject({ status: 400, text: expect.stringContaining("expected x") });
		expect(acts.map(({ act, result }) => [act, result])).toEqual([
			["defect", "INTERNAL"],
			["spool", "SPOOL_CORRUPT"],
			["spool", "SPOOL_CORRUPT"],
			["usage", "USAGE"],
		]);
	});

	it("survives requests that are no HTTP", async () => {
		await start([countRoute]);
		for (const text of [
			"\0\0\0\0",
			"hello\r\n\r\n",
			"GET / HTTP/9.9\r\n\r\n",
			"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
			"CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n",
			"GET / HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
			"POST /count HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
			"POST /count HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
		]) {
			const { socket, closed } = await raw(text);
			socket.end();
			await closed;
		}
		expect(await post("/count", "abc")).toMatchObject({ status: 200 });
	});
});

describe("unixHttp", () => {
	it("says CONTROL_UNAVAILABLE when nobody listens, the agent is silent, cuts its reply off or talks too much", async () => {
		await expect(get("/status")).rejects.toMatchObject({ code: "CONTROL_UNAVAILABLE", message: expect.stringContaining("no such socket") });
		const replies = [
			"",
			"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
			`HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n${"x".repeat(2_000)}`,
		];
		const other = createServer((socket) => {
			const text = replies.shift() ?? "";
			socket.on("error", () => undefined);
			socket.resume();
			if (text !== "") socket.end(text);
			else sockets.push(socket);
		}).listen(socketPath);
		await new Promise((resolve) => other.once("listening", resolve));
		const ask = unixHttp({ socketPath, method: "GET", path: "/", timeoutMs: 100 });
		await expect(ask).rejects.toMatchObject({ code: "CONTROL_UNAVAILABLE", message: expect.stringContaining("silent") });
		await expect(get("/")).rejects.toMatchObject({ code: "CONTROL_UNAVAILABLE" });
		const long = unixHttp({ socketPath, method: "GET", path: "/", maxReplyBytes: 1_000 });
		await expect(long).rejects.toMatchObject({ code: "CONTROL_UNAVAILABLE", message: expect.stringContaining("longer than 1000") });
		for (const socket of sockets.splice(0)) socket.destroy();
		await new Promise((resolve) => other.close(resolve));
	});

	it.skipIf(process.getuid?.() === 0)("says so when the user may not connect (needs a user that is not root)", async () => {
		await start([countRoute]);
		await chmod(socketPath, 0);
		await expect(get("/count")).rejects.toMatchObject({ message: expect.stringContaining("may not") });
	});
});
