import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { connectAsync, type MqttClient } from "mqtt";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { InboundQueue } from "../../agent/host/inbound-queue.ts";
import type { Link, Links } from "../../agent/host/links.ts";
import { readTopics } from "../../agent/host/mqtt-input.ts";
import v2x from "../../agent/sources/v2x.ts";
import type { V2xMessage } from "../../shared/reading.ts";
import { type PreparedInput, sourceContract } from "../contract/source-contract.ts";
import { dataPath, hasData } from "../data.ts";
import { makeCertificates } from "../fakes/certificates.ts";
import { type Mosquitto, startMosquitto } from "../fakes/mosquitto.ts";
import { type FakeSourceContext, fakeSourceContext } from "../fakes/source-context.ts";
import { odeBsm } from "../fakes/v2x-messages.ts";
import { hasProgram, programPath } from "../peers.ts";

const canRun = hasProgram("mosquitto");
const folder = mkdtempSync(join(tmpdir(), "kerb-v2x-mqtt-"));
let broker: Mosquitto | undefined;
beforeAll(async () => {
	if (canRun) broker = await startMosquitto({ folder });
});
afterAll(async () => {
	await broker?.stop();
	rmSync(folder, { recursive: true, force: true });
});
const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const port = (): number => broker?.port ?? 0;
const bsm = (count: number): string =>
	odeBsm({ id: "31325433", latDeg: 40.5, lonDeg: -105, count: count % 128 }, "2026-03-01T23:59:30.000Z");

type Options = v.InferInput<typeof v2x.options>;
type MqttOptions = Extract<Options["input"], { readonly mqtt: unknown }>["mqtt"];

const ode = (mqtt: Partial<MqttOptions> = {}): Options => ({
	type: "v2x",
	form: "ode",
	input: { mqtt: { host: "127.0.0.1", port: port(), topics: ["topic/#"], ...mqtt } },
});

/** Reads until it has so many, or until the test aborts. */
const read = async (options: Options, context: FakeSourceContext, enough = Number.POSITIVE_INFINITY): Promise<V2xMessage[]> => {
	const messages: V2xMessage[] = [];
	for await (const chunk of v2x.open(v.parse(v2x.options, options), context)) {
		for (const reading of chunk) if (reading.kind === "message") messages.push(reading);
		if (messages.length >= enough) context.abort();
	}
	return messages;
};

/** Publishes again and again until closed: nobody says when the source has subscribed. */
const publishing = async (messages: readonly (readonly [topic: string, payload: string | Buffer])[], url = broker?.url ?? "") => {
	const client: MqttClient = await connectAsync(url, { reconnectPeriod: 50 });
	client.on("error", () => undefined);
	const timer = setInterval(() => {
		if (client.connected) for (const [topic, payload] of messages) client.publish(topic, payload);
	}, 10);
	const close = async (): Promise<void> => {
		clearInterval(timer);
		await client.endAsync(true);
	};
	return { client, close };
};

/** A peer that takes every connection and never says anything. */
const silent = async (): Promise<PreparedInput<typeof v2x.options>> => {
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on("error", () => socket.destroy());
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	const close = async (): Promise<void> => {
		for (const socket of sockets) socket.destroy();
		await new Promise((resolve) => server.close(resolve));
	};
	return { options: ode({ port: (server.address() as AddressInfo).port }), close };
};

const published = async (payloads: readonly string[]): Promise<PreparedInput<typeof v2x.options>> => {
	const { close } = await publishing(payloads.map((payload, at) => [`topic/${at}`, payload]));
	return { options: ode(), close };
};

describe.skipIf(!canRun)("with a broker (needs mosquitto)", () => {
	sourceContract({
		name: "v2x from a broker",
		plugin: v2x,
		validOptions: () => published([1, 2, 3, 4].map(bsm)),
		garbage: () => published(["", "{", "{}", "\u0000", '{"metadata":1}', "x".repeat(66_000)]),
		live: silent,
		expectAtLeast: 60,
	});
});

describe("v2x from a broker", () => {
	it.skipIf(!canRun || !hasData("v2x", "etsi"))(
		"reads what its-client and Vanetza-NAP publish, topic by topic (needs mosquitto, shared data v2x)",
		async () => {
			const sample = (...name: readonly string[]): Buffer => readFileSync(dataPath("v2x", "etsi", ...name));
			const { close } = await publishing([
				["its/cam", sample("its-client", "Cam.json")],
				["its/denm", sample("its-client", "Denm.json")],
				["vanetza/out/cam", sample("vanetza-nap_out_cam.json")],
				["vanetza/out/cpm", sample("vanetza-nap_out_cpm.json")],
				["vanetza/out/mapem", sample("vanetza-nap_out_mapem.json")],
				["vanetza/other", "not asked for"],
			]);
			cleanups.push(close);
			const its = fakeSourceContext({ sourceId: "its0" });
			const fromIts = await read({ ...ode({ topics: ["its/+"] }), form: "its-client" }, its, 20);
			expect(new Set(fromIts.map(({ path }) => path))).toEqual(new Set(["V2X.ETSI.CAM", "V2X.ETSI.DENM"]));
			// Live: the box's time, and not the one in the message.
			for (const { takenAtMs } of fromIts) expect(Math.abs(takenAtMs - 1_700_000_000_000)).toBeLessThan(60_000);
			expect(its.notes).toEqual([{ event: "source_opened", detail: "V2X messages as JSON of its-client in MQTT" }]);
			const vanetza = fakeSourceContext();
			const fromVanetza = await read({ ...ode({ topics: ["vanetza/out/#"], mqttVersion: 4 }), form: "vanetza" }, vanetza, 20);
			expect(new Set(fromVanetza.map(({ path }) => path))).toEqual(new Set(["V2X.ETSI.CAM", "V2X.ETSI.CPM", "V2X.ETSI.MAPEM"]));
			expect(its.rejectedTotal() + vanetza.rejectedTotal()).toBe(0);
		},
		60_000,
	);

	it.skipIf(!canRun)(
		"tells the broker its topics and nothing else, ever (needs mosquitto)",
		async () => {
			const sent: Buffer[] = [];
			const proxy = createServer((socket) => {
				const upstream = connect({ host: "127.0.0.1", port: port() });
				for (const end of [socket, upstream]) end.on("error", () => end.destroy());
				socket.on("data", (bytes: Buffer) => sent.push(bytes));
				socket.pipe(upstream).pipe(socket);
			}).listen(0, "127.0.0.1");
			await once(proxy, "listening");
			cleanups.push(() => proxy.close());
			const { close } = await publishing([["topic/a", bsm(1)]]);
			cleanups.push(close);
			const context = fakeSourceContext({ sourceId: "secret-name" });
			await read(ode({ port: (proxy.address() as AddressInfo).port }), context, 100);
			const said = Buffer.concat(sent);
			const types: number[] = [];
			for (let at = 0; at < said.length; ) {
				types.push((said[at] ?? 0) >> 4);
				let [length, shift, next] = [0, 0, at + 1];
				for (;;) {
					const octet = said[next++] ?? 0;
					length |= (octet & 0x7f) << shift;
					shift += 7;
					if (octet < 0x80) break;
				}
				at = next + length;
			}
			// MQTT 5 section 2.1.2: CONNECT, SUBSCRIBE, and signs of life or the end.
			expect(types.slice(0, 2)).toEqual([1, 8]);
			for (const type of types.slice(2)) expect([12, 14]).toContain(type);
			expect(said.toString("latin1")).not.toContain("secret-name");
		},
		60_000,
	);

	it.skipIf(!canRun)(
		"goes on when the broker was killed and is back (needs mosquitto)",
		async () => {
			const own = await startMosquitto({ folder });
			cleanups.push(() => own.stop());
			const { close } = await publishing([["topic/a", bsm(1)]], own.url);
			cleanups.push(close);
			const context = fakeSourceContext();
			let messages = 0;
			let before = 0;
			const all = (async () => {
				for await (const chunk of v2x.open(v.parse(v2x.options, ode({ port: own.port })), context)) messages += chunk.length;
			})();
			await expect.poll(() => messages, { timeout: 20_000 }).toBeGreaterThan(10);
			await own.kill();
			await expect.poll(() => context.waitsMs.length, { timeout: 20_000 }).toBeGreaterThan(2);
			before = messages;
			await own.start();
			await expect.poll(() => messages, { timeout: 20_000 }).toBeGreaterThan(before + 10);
			context.abort();
			await all;
			const details = context.notes.flatMap((note) => (note.event === "source_retried" ? [note.detail] : []));
			expect(new Set(details)).toContain("the input failed (econnrefused)");
			expect(context.notes.filter(({ event }) => event === "source_opened")).toHaveLength(2);
		},
		90_000,
	);

	it.skipIf(!canRun)(
		"passes over what the broker kept from another time (needs mosquitto)",
		async () => {
			const client = await connectAsync(broker?.url ?? "");
			cleanups.push(() => client.endAsync(true));
			await client.publishAsync("kept/a", bsm(9), { retain: true, qos: 1 });
			for (const mqttVersion of [4, 5] as const) {
				const timer = setInterval(() => client.publish("kept/b", bsm(1)), 10);
				const context = fakeSourceContext();
				const messages = await read(ode({ topics: ["kept/#"], mqttVersion }), context, 5);
				clearInterval(timer);
				for (const { content } of messages) expect(JSON.stringify(content)).toContain('"msgCnt":1,');
				// Of MQTT 5 it can ask not to be sent them at all.
				expect(Object.fromEntries(context.rejected)).toEqual(mqttVersion === 4 ? { message_retained: 1 } : {});
			}
		},
		60_000,
	);

	it.skipIf(!canRun || !hasProgram("openssl") || !hasProgram("mosquitto_passwd"))(
		"proves itself by a password over TLS, and the broker by its certificate (needs mosquitto, mosquitto_passwd, openssl)",
		async () => {
			const certificates = makeCertificates(folder);
			const [passwords, good, wrong] = ["passwords", "good", "wrong"].map((name) => join(folder, name)) as [string, string, string];
			writeFileSync(good, "open sesame\n");
			writeFileSync(wrong, "open barley\r\nopen sesame\n");
			writeFileSync(passwords, "");
			execFileSync(programPath("mosquitto_passwd") ?? "", ["-b", passwords, "reader", "open sesame"]);
			const own = await startMosquitto({
				folder,
				tls: { ...certificates.server, caFile: certificates.caFile, requireCertificate: false },
				// `allow_anonymous` stands before and is overruled.
				config: [`password_file ${passwords}`],
			});
			cleanups.push(() => own.stop());
			const client = await connectAsync(own.url, {
				...{ ca: readFileSync(certificates.caFile), username: "reader", password: "open sesame" },
			});
			const timer = setInterval(() => client.publish("topic/a", bsm(1)), 10);
			cleanups.push(async () => {
				clearInterval(timer);
				await client.endAsync(true);
			});
			const login = { host: "localhost", port: own.port, username: "reader", caFile: certificates.caFile };
			expect((await read(ode({ ...login, passwordFile: good }), fakeSourceContext(), 3)).length).toBeGreaterThanOrEqual(3);
			for (const [options, reason] of [
				[{ ...login, passwordFile: wrong }, "connack-135"],
				[{ ...login, passwordFile: join(folder, "missing") }, "ENOENT"],
				[{ ...login, passwordFile: passwords.replace("passwords", "good"), caFile: certificates.server.certFile }, "tls-untrusted"],
			] as const) {
				const context = fakeSourceContext();
				const stop = setInterval(() => context.waitsMs.length > 1 && context.abort(), 5);
				expect(await read(ode(options), context)).toEqual([]);
				clearInterval(stop);
				expect(context.notes[0]).toMatchObject({ event: "source_retried", detail: `the input failed (${reason})` });
				expect(JSON.stringify(context.notes)).not.toMatch(/sesame|barley|reader/);
			}
		},
		90_000,
	);

	it("bears a peer that is no broker, or a hostile one", async () => {
		const connack = Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00]);
		const suback = Buffer.from([0x90, 0x04, 0x00, 0x01, 0x00, 0x00]);
		const publish = (first: number, body: readonly number[]): Buffer => Buffer.from([first, body.length, ...body]);
		const answers: readonly (readonly [name: string, answer: (socket: Socket) => void])[] = [
			["text", (socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")],
			["nothing", (socket) => socket.end()],
			["refusal", (socket) => socket.write(Buffer.from([0x20, 0x03, 0x00, 0x87, 0x00]))],
			["qos 2", (socket) => void socket.write(Buffer.concat([connack, publish(0x34, [0, 1, 0x61, 0, 1, 0, 0x7b])]))],
			["qos 1", (socket) => void socket.write(Buffer.concat([connack, publish(0x32, [0, 1, 0x61, 0, 1, 0, 0x7b])]))],
			[
				"a huge packet",
				(socket) => {
					socket.write(Buffer.concat([connack, Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])]));
					for (let at = 0; at < 64; at++) socket.write(Buffer.alloc(65_536));
				},
			],
			[
				"no topic",
				(socket) => {
					// The answer bears the number of the question (MQTT 5 section 3.9.2).
					socket.once("data", (bytes: Buffer) => socket.write(Buffer.from([0x90, 0x04, bytes[2] ?? 0, bytes[3] ?? 0, 0x00, 0x87])));
					socket.write(connack);
				},
			],
			["a disconnect", (socket) => void socket.write(Buffer.concat([connack, suback, Buffer.from([0xe0, 0x02, 0x8b, 0x00])]))],
		];
		for (const [name, answer] of answers) {
			const server = createServer((socket) => {
				socket.on("error", () => socket.destroy());
				socket.once("data", () => answer(socket));
			}).listen(0, "127.0.0.1");
			await once(server, "listening");
			const context = fakeSourceContext();
			const stop = setInterval(() => context.waitsMs.length > 1 && context.abort(), 5);
			expect(await read(ode({ port: (server.address() as AddressInfo).port }), context), name).toEqual([]);
			clearInterval(stop);
			const [first] = context.notes.filter(({ event }) => event === "source_retried");
			expect(first?.detail, name).toMatch(/^the input failed \((?!timeout)[a-z0-9-]+\)$/);
			await new Promise((resolve) => server.close(resolve));
		}
	}, 60_000);
});

describe("readTopics", () => {
	const queueOf = () => new InboundQueue({ messageBytes: 100, messages: 10, bytes: 1_000, perSec: 10 }, () => 0);
	const open = async (links: Partial<Links>, extra: { readonly login?: { username: string; password: string } } = {}) => {
		const refuse = (): never => {
			throw new Error("not to be called");
		};
		const options = {
			...{
				host: "broker.example",
				port: 1_883,
				topics: ["a"],
				clientId: "x",
				mqttVersion: 5 as const,
				queue: queueOf(),
				messageBytes: 100,
			},
			links: { resolve: refuse, connect: refuse, secure: refuse, ...links },
			...{ onRetained: () => undefined, onOpen: () => undefined, ...extra },
		};
		for await (const batch of readTopics(options, AbortSignal.timeout(5_000))) expect(batch).toBeDefined();
	};
	const linkTo = (remoteAddress: string) => {
		const stream = new PassThrough();
		const link: Link = {
			...{ stream, localAddress: "10.0.0.1", localPort: 1, remoteAddress, remotePort: 1_883, tls: false },
			traffic: () => ({ bytesOut: 0, bytesIn: 0 }),
		};
		return { stream, link };
	};

	it("does not connect to a name that leads nowhere near", async () => {
		for (const found of [[], ["8.8.8.8"], ["2001:db8::1", "100.64.0.1"], ["not an address"]])
			await expect(open({ resolve: async () => found })).rejects.toMatchObject({ problems: ["address-not-local"] });
	});

	it("says nothing to a peer that turns out to be elsewhere", async () => {
		const { stream, link } = linkTo("203.0.113.9");
		const attempt = open({ resolve: async () => ["10.0.0.2"], connect: async () => link });
		await expect(attempt).rejects.toMatchObject({ problems: ["peer-not-local"] });
		expect(stream.destroyed).toBe(true);
		expect(stream.read()).toBeNull();
	});

	it("sends a password to another machine over TLS alone", async () => {
		const { stream, link } = linkTo("10.0.0.2");
		const login = { username: "u", password: "p" };
		const attempt = open({ resolve: async () => ["10.0.0.2"], connect: async () => link }, { login });
		await expect(attempt).rejects.toMatchObject({ problems: ["plain-password"] });
		expect(stream.read()).toBeNull();
	});

	it("asks the next address when one does not answer", async () => {
		const asked: string[] = [];
		const connectTo = (address: string): Promise<Link> => {
			asked.push(address);
			return Promise.reject(new Error("no answer"));
		};
		await expect(open({ resolve: async () => ["10.0.0.2", "8.8.8.8", "10.0.0.3"], connect: connectTo })).rejects.toThrow("no answer");
		expect(asked).toEqual(["10.0.0.2", "10.0.0.3"]);
	});
});
