import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type IClientOptions, type MqttClient, connect as mqttConnect } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBroker } from "../../simulators/broker.ts";
import { type Certificates, makeCertificates, type Pair } from "../fakes/certificates.ts";
import { hasProgram } from "../peers.ts";

const refusal = async (attempt: Promise<unknown>): Promise<unknown> =>
	attempt.then(
		() => undefined,
		(error: unknown) => error,
	);

/** What the first message says. */
const messageOf = (client: MqttClient): Promise<string> =>
	new Promise((resolve) => void client.once("message", (_topic, payload) => resolve(String(payload))));
const closeOf = (client: MqttClient): Promise<void> => new Promise((resolve) => void client.once("close", () => resolve()));

/** Whether a session comes about before the connection closes. */
const connects = async (url: string, options: IClientOptions): Promise<boolean> => {
	const client = mqttConnect(url, { ...options, reconnectPeriod: 0 });
	client.on("error", () => undefined);
	const connected = await Promise.race([
		closeOf(client).then(() => false),
		new Promise<true>((resolve) => void client.once("connect", () => resolve(true))),
	]);
	await client.endAsync(true);
	return connected;
};

describe("startBroker", () => {
	it("carries a message from a publisher to a subscriber and frees its port when closed", async () => {
		const broker = await startBroker({ port: 0 });
		expect(broker.url).toBe(`mqtt://127.0.0.1:${broker.port}`);
		const client = await connectAsync(broker.url, { clientId: "one" });
		expect(broker.clients()).toEqual(["one"]);
		await client.subscribeAsync("a/b", { qos: 1 });
		const got = messageOf(client);
		await client.publishAsync("a/b", "hello", { qos: 1 });
		expect(await got).toBe("hello");
		await client.endAsync();
		await broker.close();
		const socket = connect({ host: "127.0.0.1", port: broker.port });
		expect(await refusal(once(socket, "connect"))).toMatchObject({ code: "ECONNREFUSED" });
	});

	it("rejects when its port is taken", async () => {
		const broker = await startBroker({ port: 0 });
		expect(await refusal(startBroker({ port: broker.port }))).toMatchObject({ code: "EADDRINUSE" });
		await broker.close();
	});

	it("breaks the connection of a client that publishes what it may not", async () => {
		const broker = await startBroker({ port: 0, mayPublish: (_, topic) => topic === "allowed" });
		const client = await connectAsync(broker.url, { reconnectPeriod: 0 });
		await client.publishAsync("allowed", "x", { qos: 1 });
		const closed = closeOf(client);
		client.publish("forbidden", "x", { qos: 1 });
		await closed;
		await client.endAsync(true);
		await broker.close();
	});

	describe.skipIf(!hasProgram("openssl"))("with TLS (needs openssl)", () => {
		let folder: string;
		let certificates: Certificates;
		beforeAll(() => {
			folder = mkdtempSync(join(tmpdir(), "kerb-broker-"));
			certificates = makeCertificates(folder);
		});
		afterAll(() => rmSync(folder, { recursive: true, force: true }));
		const read = ({ certFile, keyFile }: Pair) => ({ cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") });

		it("asks for a certificate when it was given an authority", async () => {
			const ca = readFileSync(certificates.caFile, "utf8");
			const broker = await startBroker({ port: 0, tls: { ...read(certificates.server), ca } });
			const url = `mqtts://localhost:${broker.port}`;
			expect(await connects(url, { ca, ...read(certificates.client) })).toBe(true);
			expect(await connects(url, { ca })).toBe(false);
			expect(await connects(url, { ca, ...read(certificates.foreignClient) })).toBe(false);
			await broker.close();
		});
	});
});
