import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createGeoLink, type GeoLink } from "../agent/geo-link.ts";
import { systemClock } from "../agent/host/clock.ts";
import type { ProcessedPosition } from "../shared/geo-processor.ts";

let folder = "";
let server: Server | undefined;
let ending = new AbortController();
let running: Promise<void> = Promise.resolve();
const open = new Set<Socket>();
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "kerbstone-geo-"));
	ending = new AbortController();
});
afterEach(async () => {
	ending.abort();
	await running;
	for (const socket of open) socket.destroy();
	await new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)));
	server = undefined;
	await rm(folder, { recursive: true });
});

/** A component on a real socket; `answer` gives the line for what it was asked. */
const listen = (answer: (asked: { id: number; health?: true }) => string | undefined): Promise<void> =>
	new Promise((resolve) => {
		server = createServer((socket) => {
			open.add(socket);
			let rest = "";
			socket.on("error", () => undefined);
			socket.on("data", (chunk: Buffer) => {
				const lines = (rest + chunk.toString()).split("\n");
				rest = lines.pop() ?? "";
				for (const line of lines) {
					const said = answer(JSON.parse(line));
					if (said !== undefined) socket.write(`${said}\n`);
				}
			});
		}).listen(join(folder, "geo.sock"), resolve);
	});
const start = (): GeoLink => {
	const link = createGeoLink(join(folder, "geo.sock"), systemClock);
	running = link.run(ending.signal);
	return link;
};
const ask = (link: GeoLink): Promise<ProcessedPosition | undefined> =>
	new Promise((resolve) => link.process({ latDeg: 31, lonDeg: 121, datum: "wgs84" }, resolve));

it("createGeoLink hands positions over while the component says that it is well", async () => {
	await listen(({ id, health }) =>
		JSON.stringify(health === true ? { id, healthy: true } : { id, latDeg: 5, lonDeg: 6, datum: "gcj02", certificateRef: "cert 1" }),
	);
	const link = start();
	expect(link.isHealthy()).toBe(false);
	expect(await ask(link)).toBeUndefined();
	await expect.poll(() => link.isHealthy(), { timeout: 5_000 }).toBe(true);
	expect(await ask(link)).toEqual({ latDeg: 5, lonDeg: 6, datum: "gcj02", certificateRef: "cert 1" });
	for (const socket of open) socket.destroy();
	await expect.poll(() => link.isHealthy(), { timeout: 5_000 }).toBe(false);
});

it("createGeoLink takes no answer that is raw, out of range, overlong or not JSON", async () => {
	const answers = [
		'"datum":"wgs84","latDeg":5,"lonDeg":6,"certificateRef":"c"',
		'"datum":"gcj02","latDeg":95,"lonDeg":6,"certificateRef":"c"',
		'"datum":"gcj02","latDeg":5,"lonDeg":6',
		'"datum":"gcj02","latDeg":5,"lonDeg":6,"certificateRef":"c","more":1',
		`"datum":"gcj02","latDeg":5,"lonDeg":6,"certificateRef":"${"c".repeat(5_000)}"`,
		"nonsense",
	];
	await listen(({ id, health }) => (health === true ? JSON.stringify({ id, healthy: true }) : `{"id":${id},${answers.shift() ?? "x"}}`));
	const link = start();
	await expect.poll(() => link.isHealthy(), { timeout: 5_000 }).toBe(true);
	expect(await Promise.all(Array.from({ length: 6 }, () => ask(link)))).toEqual(Array.from({ length: 6 }, () => undefined));
});

it("createGeoLink counts a component that says it is unwell, or says nothing, as absent", async () => {
	let says = true;
	await listen(({ id, health }) => (health === true ? JSON.stringify({ id, healthy: says }) : undefined));
	const link = start();
	await expect.poll(() => link.isHealthy(), { timeout: 5_000 }).toBe(true);
	says = false;
	await expect.poll(() => link.isHealthy(), { timeout: 5_000 }).toBe(false);
	expect(await ask(link)).toBeUndefined();
});
