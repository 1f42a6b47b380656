import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Encoder } from "cbor-x";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readingsRoute } from "../../agent/control/readings-route.ts";
import { type ControlServer, startControlServer } from "../../agent/control/server.ts";
import { systemClock } from "../../agent/host/clock.ts";
import { createInlet, type IngestRequest, type Inlet } from "../../agent/host/inlet.ts";
import { unixHttp } from "../../agent/host/unix-http.ts";
import socket from "../../agent/sources/socket.ts";
import { defineSource } from "../../agent/sources/source.ts";
import type { Reading } from "../../shared/reading.ts";
import { sourceContract } from "../contract/source-contract.ts";
import { type FakeSourceContext, fakeSourceContext } from "../fakes/source-context.ts";
import { hasProgram } from "../peers.ts";

const line = (n: number): string => `{"kind":"signal","path":"Vehicle.Speed","value":${n},"takenAtMs":${1_767_225_600_000 + n}}\n`;
const lines = (count: number, from = 0): string => Array.from({ length: count }, (_, i) => line(from + i)).join("");
const ndjson = { "content-type": "application/x-ndjson" };

/** What is offered to whatever source is open, as a client would: one body in pieces, cut off after them unless it ends. */
const offerWhenOpen = (inlet: Inlet, pieces: readonly string[], more: Partial<IngestRequest> = {}, holdMs = 0): (() => void) => {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const gone = Promise.withResolvers<void>();
	async function* body(): AsyncGenerator<Uint8Array> {
		for (const piece of pieces) yield Buffer.from(piece);
		if (holdMs > 0) await gone.promise;
	}
	const request: IngestRequest = {
		type: "application/x-ndjson",
		body: body(),
		finish: () => undefined,
		fail: () => gone.resolve(),
		...more,
	};
	const attempt = (): void => {
		if (inlet.offer(request) !== "taken") timer = setTimeout(attempt, 2);
	};
	attempt();
	return () => {
		clearTimeout(timer);
		gone.resolve();
	};
};

const contractInlet = createInlet();
const offered = (pieces: readonly string[], holdMs = 0) => ({
	options: { type: "socket" as const },
	close: offerWhenOpen(contractInlet, pieces, {}, holdMs),
});
sourceContract({
	name: "socket",
	plugin: defineSource({ ...socket, open: (options, context) => socket.open(options, { ...context, inlet: contractInlet }) }),
	validOptions: () => offered([lines(5_000)]),
	garbage: () => offered(["garbage\n{}\n", line(1), '{"kind":"fix","latDeg":91,"lonDeg":0}\n']),
	live: () => offered([lines(3)], 1),
	expectAtLeast: 5_000,
});

let folder = "";
let server: ControlServer | undefined;
let context: FakeSourceContext;
let inlet: Inlet;
let got: Reading[] = [];
let settling: Promise<void> | undefined;
let consumed: Promise<void> | undefined;

/** Opens the source and takes readings until the test is over, or until `stopAfter` chunks. */
const open = (options: { maxBodyBytes?: number } = {}, stopAfter = Number.POSITIVE_INFINITY): void => {
	const chunks = socket.open(
		{ type: "socket", maxBodyBytes: options.maxBodyBytes ?? 1_000_000, defaultDatum: "unknown" },
		{ ...context, inlet },
	);
	consumed = (async () => {
		let count = 0;
		for await (const chunk of chunks) {
			got.push(...chunk);
			if (++count >= stopAfter) return;
		}
	})();
};

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "kerb-socket-"));
	got = [];
	settling = undefined;
	consumed = undefined;
	inlet = createInlet();
	context = fakeSourceContext({ sourceId: "feed0", settled: () => settling ?? Promise.resolve() });
	server = await startControlServer({
		socketPath: join(folder, "s"),
		routes: [readingsRoute(new Map([["feed0", inlet]]))],
		clock: systemClock,
	});
});
afterEach(async () => {
	context.abort();
	await consumed;
	await server?.close();
	await rm(folder, { recursive: true, force: true });
});

const post = async (body: string | Uint8Array, headers: Record<string, string> = ndjson, query = "?source=feed0") => {
	const { status, text } = await unixHttp({ socketPath: join(folder, "s"), method: "POST", path: `/readings${query}`, headers, body });
	return { status, body: JSON.parse(text) };
};

/** A request that sends `text`, waits until `until` is true, and then breaks off. */
const postAndBreakOff = async (text: string, until: () => boolean, headers: Record<string, string> = {}): Promise<void> => {
	const outgoing = httpRequest({
		socketPath: join(folder, "s"),
		method: "POST",
		path: "/readings?source=feed0",
		headers: { ...ndjson, ...headers, "content-length": "100000" },
		agent: false,
	});
	outgoing.on("error", () => undefined);
	outgoing.write(text);
	await waitUntil(until);
	outgoing.destroy();
};

const waitUntil = async (condition: () => boolean): Promise<void> => {
	while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("POST /readings with a socket source", () => {
	it("takes NDJSON and says what became of each line", async () => {
		open();
		const body = `${line(1)}\r\n\n{"kind":"fix","latDeg":1,"lonDeg":2}\nnonsense\n{"kind":"signal"}\n${"x".repeat(20_000)}\n${line(2).trimEnd()}`;
		expect(await post(body)).toEqual({
			status: 200,
			body: { accepted: 3, rejected: { line_invalid: 1, reading_invalid: 1, line_overlong: 1 } },
		});
		expect(got).toMatchObject([
			{ kind: "signal", value: 1, sourceId: "feed0", takenAtMs: 1_767_225_600_001 },
			{ kind: "fix", latDeg: 1, datum: "unknown", mode: 2 },
			{ kind: "signal", value: 2 },
		]);
		expect(Object.fromEntries(context.rejected)).toEqual({ line_invalid: 1, reading_invalid: 1, line_overlong: 1 });
	});

	it("takes a CBOR sequence, and whole 64-bit integers in it", async () => {
		open();
		const encoder = new Encoder({ useRecords: false, mapsAsObjects: true });
		const items = [{ kind: "signal", path: "A.B", value: 2n ** 63n }, { kind: "signal", path: "A.B", value: 1.5 }, { kind: "other" }];
		const body = Buffer.concat([...items.map((item) => encoder.encode(item)), Buffer.from([0xc0, 0x00])]);
		expect(await post(body, { "content-type": "application/cbor-seq" })).toEqual({
			status: 200,
			body: { accepted: 2, rejected: { reading_invalid: 1, item_invalid: 1 } },
		});
		expect(got).toMatchObject([{ value: 2n ** 63n }, { value: 1.5 }]);
		expect(
			(await post(Buffer.concat([body, Buffer.from([0x83, 0x01])]), { "content-type": "application/cbor-seq" })).body.rejected.item_cut,
		).toBe(1);
	});

	it("answers only when everything is settled", async () => {
		open();
		const gate = Promise.withResolvers<void>();
		settling = gate.promise;
		let answered = false;
		const answer = post(lines(3)).then((reply) => {
			answered = true;
			return reply;
		});
		await waitUntil(() => got.length === 3);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(answered).toBe(false);
		gate.resolve();
		expect(await answer).toMatchObject({ status: 200, body: { accepted: 3 } });
	});

	it("takes several clients at a time, a silent one among them, and no more than it can", async () => {
		open();
		const silent = Array.from({ length: 8 }, () => {
			const outgoing = httpRequest({ socketPath: join(folder, "s"), method: "POST", path: "/readings", headers: ndjson, agent: false });
			outgoing.on("error", () => undefined);
			outgoing.write(line(0));
			return outgoing;
		});
		await waitUntil(() => got.length === 8);
		expect(await post(line(1))).toMatchObject({ status: 503, body: { error: { code: "source_busy" } } });
		silent.pop()?.destroy();
		await waitUntil(() => context.rejected.get("body_cut") === 1);
		const replies = await Promise.all([post(lines(100, 0)), post(lines(100, 100)), post(lines(100, 200))].map((reply) => reply));
		expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(1);
		for (const outgoing of silent) outgoing.destroy();
	});

	it("keeps the complete lines of a body that is cut off, once", async () => {
		open();
		await postAndBreakOff(`${lines(3)}{"kind":"signal","path":"A","value":9}`, () => got.length === 3);
		await waitUntil(() => context.rejected.get("body_cut") === 1);
		expect(got).toHaveLength(3);
	});

	it("passes over what it took when a body is sent again under its idempotency key", async () => {
		open();
		const key = { "idempotency-key": "k-1" };
		const body = `oops\n${lines(5)}`;
		await postAndBreakOff(body.slice(0, body.length - 20), () => got.length === 4, key);
		await waitUntil(() => context.rejected.get("body_cut") === 1);
		const whole = { status: 200, body: { accepted: 5, rejected: { line_invalid: 1 } } };
		expect(await post(body, { ...ndjson, ...key })).toEqual(whole);
		expect(await post(body, { ...ndjson, ...key })).toEqual(whole);
		expect(got.map((reading) => reading.kind === "signal" && reading.value)).toEqual([0, 1, 2, 3, 4]);
		expect(await post(body, { ...ndjson, "idempotency-key": "k-2" })).toEqual(whole);
		expect(got).toHaveLength(10);
		expect(await post(body, { ...ndjson, "idempotency-key": "not one word" })).toMatchObject({ status: 400 });
	});

	it("refuses a key that is being worked on", async () => {
		open();
		const gate = Promise.withResolvers<void>();
		settling = gate.promise;
		const headers = { ...ndjson, "idempotency-key": "k" };
		const first = post(lines(2), headers);
		await waitUntil(() => got.length === 2);
		expect(await post(lines(2), headers)).toMatchObject({ status: 409, body: { error: { code: "key_in_use" } } });
		gate.resolve();
		expect(await first).toMatchObject({ status: 200 });
	});

	it("stops reading at its bound and says how far it came", async () => {
		open({ maxBodyBytes: 100_000 });
		const reply = await post(lines(10_000));
		expect(reply).toMatchObject({ status: 413, body: { error: { code: "body_too_large" } } });
		expect(reply.body.accepted).toBe(got.length);
		expect(got.length).toBeLessThan(2_000);
		expect(context.rejected.get("body_overlong")).toBe(1);
	});

	it("tells clients to come again when the source ends, and none that it accepted what was not taken", async () => {
		open({}, 1);
		expect(await post(lines(3))).toMatchObject({ status: 503, body: { error: { code: "stopping" } } });
		await consumed;
		expect(await post(lines(3))).toMatchObject({ status: 503, body: { error: { code: "source_closed" } } });
		open();
		expect(await post(lines(3))).toMatchObject({ status: 200, body: { accepted: 3 } });
		const waiting = Promise.withResolvers<void>();
		settling = waiting.promise;
		const late = post(lines(3));
		await waitUntil(() => got.length === 9);
		context.abort();
		expect(await late).toMatchObject({ status: 503, body: { error: { code: "stopping" } } });
	});

	it("refuses unknown sources, types and codings", async () => {
		open();
		expect(await post(line(1), ndjson, "?source=nobody")).toMatchObject({ status: 404, body: { error: { code: "source_unknown" } } });
		expect(await post(line(1), ndjson, "?source=__proto__")).toMatchObject({ status: 404 });
		expect(await post(line(1), { "content-type": "application/json" })).toMatchObject({ status: 415 });
		expect(await post(line(1), { ...ndjson, "content-encoding": "gzip" })).toMatchObject({ status: 415 });
		expect(await post(line(1), { "content-type": "application/x-ndjson; charset=utf-8" }, "")).toMatchObject({ status: 200 });
		expect(await post("")).toEqual({ status: 200, body: { accepted: 0, rejected: {} } });
	});

	it("refuses to open without a control socket", async () => {
		const chunks = socket.open({ type: "socket", maxBodyBytes: 1, defaultDatum: "unknown" }, context);
		await expect(chunks[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "SOURCE_UNAVAILABLE" });
	});

	it.skipIf(!hasProgram("curl"))("works with curl, piece by piece from standard input (needs curl)", async () => {
		open();
		const args = [
			"-sS",
			"--unix-socket",
			join(folder, "s"),
			"-H",
			"content-type: application/x-ndjson",
			"-T",
			"-",
			"-X",
			"POST",
			"http://kerb/readings?source=feed0",
		];
		const curl = spawn("curl", args, { stdio: ["pipe", "pipe", "inherit"] });
		curl.stdin.on("error", () => undefined);
		let out = "";
		curl.stdout.on("data", (piece) => {
			out += piece;
		});
		curl.stdin.write(lines(2));
		await waitUntil(() => got.length === 2);
		curl.stdin.end(lines(20_000, 2));
		await new Promise((resolve) => curl.once("close", resolve));
		expect(JSON.parse(out)).toMatchObject({ error: { code: "body_too_large" } });
		expect(got.length).toBeGreaterThan(2);
	});
});
