import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Links, systemLinks } from "../../agent/host/links.ts";
import type { UploaderOptions } from "../../agent/upload/uploader.ts";
import type { Outlet } from "../../shared/outlet.ts";
import { type Broker, startBroker } from "../../simulators/broker.ts";
import { startCollector } from "../../simulators/collector.ts";
import { someItems } from "../fakes/outbox.ts";
import { anOutlet, type Rig, startRig } from "../fakes/rig.ts";
import { opener, outletId, someSealed, unitId } from "../fakes/sealed.ts";
import { primitives } from "../seal/sample-envelope.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const clean of cleanups.splice(0).reverse()) await clean();
});

const aBroker = async (options: Partial<Parameters<typeof startBroker>[0]> = {}): Promise<Broker> => {
	const broker = await startBroker({ port: 0, ...options });
	cleanups.push(() => broker.close());
	return broker;
};
const aRig = (outlet: Outlet, over: Partial<UploaderOptions> = {}): Rig => {
	const rig = startRig(outlet, over);
	cleanups.push(() => rig.uploader.stop({ drainMs: 0 }));
	return rig;
};

/** A server that writes down what reaches it and answers nothing. */
const aListener = async (
	host: string,
): Promise<{ readonly port: number; readonly connections: Socket[]; readonly bytes: () => number }> => {
	const connections: Socket[] = [];
	let bytes = 0;
	const server: Server = createServer((socket) => {
		connections.push(socket);
		socket.on("data", (chunk) => {
			bytes += chunk.length;
		});
		socket.on("error", () => undefined);
	});
	server.listen(0, host);
	await once(server, "listening");
	cleanups.push(async () => {
		for (const socket of connections) socket.destroy();
		server.close();
		await once(server, "close");
	});
	return { port: (server.address() as AddressInfo).port, connections, bytes: () => bytes };
};

/** Waits until the uploader has tried and been turned away so many times. */
const refusals = async (rig: Rig, count: number): Promise<readonly string[]> => {
	const all = (): string[] => rig.events.flatMap((event) => (event.event === "link_refused" ? [event.reason] : []));
	while (all().length < count) await new Promise((resolve) => setTimeout(resolve, 5));
	return all();
};

describe("startUploader over MQTT 3.1.1", () => {
	it("brings every envelope to the collector and settles it", async () => {
		const broker = await aBroker();
		const collector = await startCollector({ brokerUrl: broker.url, opener, primitives });
		cleanups.push(() => collector.close());
		const rig = aRig(anOutlet(broker.url, { mqttVersion: 4 }));
		rig.outbox.put(...someSealed(1, 40));
		rig.uploader.wake();
		await rig.uploader.drained();
		while (collector.account().envelopes < 40) await new Promise((resolve) => setTimeout(resolve, 5));
		expect(rig.outbox.waiting()).toEqual([]);
		expect(collector.account()).toMatchObject({ envelopes: 40, gaps: [], conflicts: 0, signatureFailures: 0, misaddressed: 0 });
	});

	it("sends what comes later when it is woken", async () => {
		const broker = await aBroker();
		const rig = aRig(anOutlet(broker.url, { mqttVersion: 4 }));
		await rig.seen("link_opened");
		await rig.uploader.drained();
		rig.outbox.put(...someItems(1, 3));
		rig.uploader.wake();
		const delivered = await rig.seen("envelope_delivered");
		expect(delivered).toMatchObject({ outlet: "cn-cloud", sequence: 1, bytes: 64 });
	});

	it("comes back after its connection broke, again and again, and loses nothing", async () => {
		const broker = await aBroker();
		const collector = await startCollector({ brokerUrl: broker.url, opener, primitives });
		cleanups.push(() => collector.close());
		const rig = aRig(anOutlet(broker.url, { mqttVersion: 4, maxInFlight: 3 }));
		const all = someSealed(1, 120);
		for (let part = 0; part < 6; part += 1) {
			rig.outbox.put(...all.slice(part * 20, part * 20 + 20));
			rig.uploader.wake();
			while (rig.outbox.settled.length <= part) await new Promise((resolve) => setTimeout(resolve, 2));
			broker.breakConnections();
		}
		await rig.uploader.drained();
		while (collector.account().envelopes < 120) await new Promise((resolve) => setTimeout(resolve, 5));
		expect(collector.account()).toMatchObject({ envelopes: 120, gaps: [], conflicts: 0 });
		expect(rig.events.filter(({ event }) => event === "link_lost").length).toBeGreaterThan(0);
	});

	it("accounts for each connection once, with its ends and its bytes", async () => {
		const broker = await aBroker();
		const rig = aRig(anOutlet(broker.url, { mqttVersion: 4 }));
		rig.outbox.put(...someItems(1, 10, "telemetry.speed", 1_000));
		rig.uploader.wake();
		await rig.uploader.drained();
		await rig.uploader.stop({ drainMs: 1_000 });
		expect(rig.accounts).toHaveLength(1);
		const [account] = rig.accounts;
		expect(account).toMatchObject({
			...{ outletId: "cn-cloud", localAddress: "127.0.0.1", remoteAddress: "127.0.0.1", remotePort: broker.port },
			...{ transport: "tcp", application: "mqtt", tls: false },
		});
		expect(account?.bytesOut).toBeGreaterThan(10_000);
		expect(account?.bytesOut).toBeLessThan(12_000);
		expect(account?.bytesIn).toBeGreaterThan(0);
		expect(account?.closedAtMs).toBeGreaterThanOrEqual(account?.openedAtMs ?? Number.NaN);
	});

	it("tells only ids in topics and the client id", async () => {
		const seen: { readonly clientId: string; readonly topic: string }[] = [];
		const broker = await aBroker({
			mayPublish: (clientId, topic) => {
				seen.push({ clientId, topic });
				return true;
			},
		});
		const rig = aRig(anOutlet(broker.url, { mqttVersion: 4 }));
		rig.outbox.put(...someItems(1, 3, "connected-operation.perception.trajectory"));
		rig.uploader.wake();
		await rig.uploader.drained();
		const expected = { clientId: "unit-7f3a.cn-cloud", topic: "kerb/v1/unit-7f3a/up/cn-cloud/connected-operation.perception.trajectory" };
		expect(seen).toEqual([expected, expected, expected]);
	});

	it("refuses to start with a VIN for a unit id, without repeating it", () => {
		const vin = "LSVAA4182E2123456";
		const thrown = (() => {
			try {
				return startRig(anOutlet("mqtt://127.0.0.1:1"), { unitId: vin.toLowerCase() });
			} catch (error) {
				return error;
			}
		})();
		expect(thrown).toMatchObject({ code: "CONFIG_INVALID" });
		expect(String(thrown).toUpperCase()).not.toContain(vin);
	});
});

describe("the egress guard", () => {
	it("sends no SYN to an address outside the outlet's ranges", async () => {
		const outside = await aListener("127.0.0.2");
		const rig = aRig(anOutlet(`mqtt://127.0.0.2:${outside.port}`, { addressRanges: ["127.0.0.1/32"] }));
		rig.outbox.put(...someItems(1, 5));
		rig.uploader.wake();
		expect(await refusals(rig, 3)).toEqual(expect.arrayContaining(["address-outside-ranges"]));
		expect(outside.connections).toHaveLength(0);
		expect(rig.accounts).toEqual([]);
		expect(rig.outbox.waiting()).toHaveLength(5);
	});

	it("connects to the address it judged, whatever the name says next (rebinding)", async () => {
		const outside = await aListener("127.0.0.2");
		const asked: string[] = [];
		const connected: string[] = [];
		let answers = 0;
		const links: Links = {
			...systemLinks,
			resolve: (host) => {
				asked.push(host);
				answers += 1;
				return Promise.resolve([answers === 1 ? "127.0.0.1" : "127.0.0.2"]);
			},
			connect: (address, port, signal) => {
				connected.push(address);
				return systemLinks.connect(address, port, signal);
			},
		};
		const rig = aRig(anOutlet(`mqtt://broker.example:${outside.port}`), { links });
		expect(await refusals(rig, 2)).toEqual(["address-outside-ranges", "address-outside-ranges"]);
		expect(new Set(asked)).toEqual(new Set(["broker.example"]));
		expect(connected).toEqual(["127.0.0.1"]);
		expect(outside.connections).toHaveLength(0);
	});

	it("uses only those answers of a name that lie inside, and none when none does", async () => {
		const broker = await aBroker();
		const links = (...answers: string[]): Links => ({ ...systemLinks, resolve: () => Promise.resolve(answers) });
		const url = `mqtt://broker.example:${broker.port}`;
		const mixed = aRig(anOutlet(url, { mqttVersion: 4 }), { links: links("127.0.0.2", "::1", "8.8.8.8", "::ffff:127.0.0.1") });
		expect(await mixed.seen("link_opened")).toMatchObject({ address: expect.stringMatching(/127\.0\.0\.1$/), port: broker.port });
		const none = aRig(anOutlet(url), { links: links("8.8.8.8", "2001:db8::1") });
		const nothing = aRig(anOutlet(url), { links: links() });
		const nonsense = aRig(anOutlet(url), { links: links("127.0.0.1.example") });
		expect((await refusals(none, 1))[0]).toBe("address-outside-ranges");
		expect((await refusals(nothing, 1))[0]).toBe("no-address");
		expect((await refusals(nonsense, 1))[0]).toBe("not-an-address");
	});

	it("writes not one byte when the socket's peer is not the address that was asked for", async () => {
		const outside = await aListener("127.0.0.2");
		const links: Links = { ...systemLinks, connect: (_address, _port, signal) => systemLinks.connect("127.0.0.2", outside.port, signal) };
		const rig = aRig(anOutlet(`mqtt://127.0.0.1:${outside.port}`), { links });
		rig.outbox.put(...someItems(1, 5));
		expect((await refusals(rig, 2))[0]).toBe("peer-address-outside-ranges");
		await rig.uploader.stop({ drainMs: 0 });
		expect(outside.bytes()).toBe(0);
		expect(rig.accounts.every(({ bytesOut, remoteAddress }) => bytesOut === 0 && remoteAddress === "127.0.0.2")).toBe(true);
		expect(rig.accounts.length).toBeGreaterThan(0);
	});

	it("refuses plain MQTT to an address that is not loopback, before any socket", async () => {
		const links: Links = {
			...systemLinks,
			connect: () => {
				throw new Error("no socket may be opened");
			},
		};
		const rig = aRig(anOutlet("mqtt://10.1.2.3:1883", { addressRanges: ["10.0.0.0/8"] }), { links });
		expect(await refusals(rig, 1)).toEqual(["plain-not-loopback"]);
	});

	it("refuses TLS without credentials of its own, before any socket", async () => {
		const listener = await aListener("127.0.0.1");
		const rig = aRig(anOutlet(`mqtts://127.0.0.1:${listener.port}`));
		expect(await refusals(rig, 2)).toEqual(expect.arrayContaining(["no-credentials"]));
		expect(listener.connections).toHaveLength(0);
	});
});

describe("startUploader against bad peers", () => {
	it("gives up on a peer that never answers, and tries again", async () => {
		const mute = await aListener("127.0.0.1");
		const rig = aRig(anOutlet(`mqtt://127.0.0.1:${mute.port}`), {
			times: { connectTimeoutMs: 150, backoff: { minMs: 10, maxMs: 20 } },
		});
		expect(await rig.seen("link_lost")).toMatchObject({ reason: "timeout" });
		while (mute.connections.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
	});

	it("survives garbage instead of MQTT", async () => {
		const server = createServer((socket) => {
			socket.on("error", () => undefined).resume();
			socket.end(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"));
		});
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		cleanups.push(async () => {
			server.close();
			await once(server, "close");
		});
		const rig = aRig(anOutlet(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`));
		await rig.seen("link_lost");
		expect(rig.events.every(({ event }) => event === "link_lost")).toBe(true);
	});

	it("drops a peer that sends what makes up no packet, before it fills the memory", async () => {
		const server = createServer((socket) => {
			socket.on("error", () => undefined);
			socket.once("data", () => {
				// CONNACK, then a PUBLISH that announces 256 MiB.
				socket.write(Uint8Array.of(0x20, 2, 0, 0, 0x30, 0xff, 0xff, 0xff, 0x7f));
				const more = (): void => {
					while (!socket.destroyed && socket.write(new Uint8Array(65_536)));
				};
				socket.on("drain", more);
				more();
			});
		});
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		cleanups.push(async () => {
			server.close();
			await once(server, "close");
		});
		const rig = aRig(anOutlet(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, { mqttVersion: 4 }));
		expect(await rig.seen("link_lost")).toMatchObject({ reason: "flood" });
		await rig.uploader.stop({ drainMs: 0 });
		expect(Math.max(...rig.accounts.map(({ bytesIn }) => bytesIn))).toBeLessThan(2_000_000);
	});

	it("reports a broker that is not there and stops at once when told to", async () => {
		const rig = aRig(anOutlet("mqtt://127.0.0.1:1"), { times: { backoff: { minMs: 600_000, maxMs: 600_000 } } });
		expect(await rig.seen("link_lost")).toMatchObject({ reason: "econnrefused", waitMs: 600_000 });
		const drained = rig.uploader.drained();
		rig.outbox.put(...someItems(1, 1));
		await rig.uploader.stop({ drainMs: 60_000 });
		await drained;
		expect(rig.outbox.waiting()).toEqual([1]);
	});

	it("does not lose what the broker refuses by breaking the connection", async () => {
		let allow = false;
		const broker = await aBroker({ mayPublish: () => allow });
		const rig = aRig(anOutlet(broker.url, { mqttVersion: 4 }));
		rig.outbox.put(...someItems(1, 5));
		rig.uploader.wake();
		await rig.seen("link_lost");
		expect(rig.outbox.waiting()).toHaveLength(5);
		allow = true;
		await rig.uploader.drained();
		expect(rig.outbox.waiting()).toEqual([]);
	});

	it("stops with everything in flight settled or still in the outbox", async () => {
		const broker = await aBroker();
		const collector = await startCollector({ brokerUrl: broker.url, opener, primitives });
		cleanups.push(() => collector.close());
		const rig = aRig(anOutlet(broker.url, { mqttVersion: 4, maxInFlight: 5 }));
		const all = someSealed(1, 200);
		rig.outbox.put(...all);
		rig.uploader.wake();
		await rig.seen("envelope_delivered");
		await rig.uploader.stop({ drainMs: 5_000 });
		const settled = rig.outbox.settled.flat();
		expect(settled.length + rig.outbox.waiting().length).toBe(200);
		while (collector.account().envelopes < settled.length) await new Promise((resolve) => setTimeout(resolve, 5));
		expect(broker.clients()).toEqual(["kerb-collector"]);
		const left = rig.outbox.waiting();
		const again = aRig(anOutlet(broker.url, { mqttVersion: 4 }));
		again.outbox.put(...all.filter(({ sequence }) => left.includes(sequence)));
		again.uploader.wake();
		await again.uploader.drained();
		while (collector.account().envelopes < 200) await new Promise((resolve) => setTimeout(resolve, 5));
		expect(collector.account()).toMatchObject({ gaps: [], streams: [{ unit: unitId, outlet: outletId, envelopes: 200, last: 200 }] });
	});
});
