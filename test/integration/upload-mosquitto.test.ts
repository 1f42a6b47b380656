import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type LinkFiles, readLinkCredentials } from "../../agent/host/links.ts";
import type { UploaderOptions } from "../../agent/upload/uploader.ts";
import type { Outlet } from "../../shared/outlet.ts";
import { type Collector, startCollector } from "../../simulators/collector.ts";
import { type Certificates, makeCertificates } from "../fakes/certificates.ts";
import { type Mosquitto, type MosquittoOptions, startMosquitto } from "../fakes/mosquitto.ts";
import { someItems } from "../fakes/outbox.ts";
import { anOutlet, type Rig, startRig } from "../fakes/rig.ts";
import { opener, someSealed } from "../fakes/sealed.ts";
import { hasProgram } from "../peers.ts";
import { primitives } from "../seal/sample-envelope.ts";

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe.skipIf(!hasProgram("mosquitto") || !hasProgram("openssl"))("upload to mosquitto (needs mosquitto, openssl)", () => {
	let folder: string;
	let certificates: Certificates;
	beforeAll(() => {
		folder = mkdtempSync(join(tmpdir(), "kerb-mosquitto-"));
		certificates = makeCertificates(folder);
	});
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	const cleanups: (() => Promise<unknown>)[] = [];
	afterEach(async () => {
		for (const clean of cleanups.splice(0).reverse()) await clean();
	});
	const aMosquitto = async (options: Omit<MosquittoOptions, "folder"> = {}): Promise<Mosquitto> => {
		const broker = await startMosquitto({ folder, ...options });
		cleanups.push(() => broker.stop());
		return broker;
	};
	const aCollector = async (brokerUrl: string, mqttVersion: 4 | 5 = 5): Promise<Collector> => {
		const collector = await startCollector({ brokerUrl, opener, primitives, mqttVersion });
		cleanups.push(() => collector.close());
		return collector;
	};
	const aRig = (outlet: Outlet, files?: Partial<LinkFiles>, over: Partial<UploaderOptions> = {}): Rig => {
		const credentials = () => (files === undefined ? undefined : readLinkCredentials({ caFile: certificates.caFile, ...files }));
		const rig = startRig(outlet, { credentials, ...over });
		cleanups.push(() => rig.uploader.stop({ drainMs: 0 }));
		return rig;
	};
	const serverTls = (pair = certificates.server, requireCertificate = false) => ({
		...pair,
		caFile: certificates.caFile,
		requireCertificate,
	});

	it.each([4, 5] as const)("brings everything over MQTT version %i without TLS on loopback", async (mqttVersion) => {
		const broker = await aMosquitto();
		const collector = await aCollector(broker.url, mqttVersion);
		const rig = aRig(anOutlet(broker.url, { mqttVersion }));
		rig.outbox.put(...someSealed(1, 100));
		rig.uploader.wake();
		await rig.uploader.drained();
		while (collector.account().envelopes < 100) await pause();
		expect(collector.account()).toMatchObject({ envelopes: 100, duplicates: 0, gaps: [], conflicts: 0, misaddressed: 0 });
		expect(rig.events.filter(({ event }) => event === "envelope_delivered")).toHaveLength(100);
	});

	it("brings everything over MQTT 5 with TLS 1.3 and mutual proof, and accounts for the peer's certificate", async () => {
		const broker = await aMosquitto({ tls: serverTls(certificates.server, true) });
		const rig = aRig(anOutlet(broker.url), certificates.client);
		rig.outbox.put(...someItems(1, 50));
		rig.uploader.wake();
		await rig.uploader.drained();
		await rig.uploader.stop({ drainMs: 1_000 });
		const wanted = new X509Certificate(readFileSync(certificates.server.certFile)).fingerprint256.replaceAll(":", "").toLowerCase();
		expect(rig.accounts).toEqual([expect.objectContaining({ tls: true, peerFingerprint: wanted, remotePort: broker.port })]);
		expect(rig.events).toContainEqual({ event: "link_opened", outlet: "cn-cloud", address: "127.0.0.1", port: broker.port, tls: true });
		expect(rig.outbox.waiting()).toEqual([]);
	});

	it("gets no session without a certificate of its own, or with one of another authority, and sends nothing", async () => {
		const broker = await aMosquitto({ tls: serverTls(certificates.server, true) });
		for (const files of [{}, certificates.foreignClient]) {
			const rig = aRig(anOutlet(broker.url), files);
			rig.outbox.put(...someItems(1, 5));
			expect(await rig.seen("link_lost")).toMatchObject({ reason: expect.stringMatching(/^(?:tls-alert|closed|econnreset|epipe)$/) });
			expect(rig.outbox.waiting()).toHaveLength(5);
		}
	});

	const refusedBy = async (url: string, files: Partial<LinkFiles>): Promise<string> => {
		const rig = aRig(anOutlet(url), files);
		rig.outbox.put(...someItems(1, 5));
		const { reason } = await rig.seen("link_refused");
		await rig.uploader.stop({ drainMs: 0 });
		expect(rig.events.every(({ event }) => event === "link_refused")).toBe(true);
		expect(rig.accounts.every(({ tls }) => !tls)).toBe(true);
		expect(rig.outbox.waiting()).toHaveLength(5);
		return reason;
	};

	it("refuses a server that another authority vouches for, for another host, or for a time that is over", async () => {
		const good = await aMosquitto({ tls: serverTls() });
		const wrongHost = await aMosquitto({ tls: serverTls(certificates.wrongHost) });
		const expired = await aMosquitto({ tls: serverTls(certificates.expired) });
		expect(await refusedBy(good.url, { caFile: certificates.otherCaFile })).toBe("tls-untrusted");
		expect(await refusedBy(wrongHost.url, {})).toBe("tls-host");
		expect(await refusedBy(expired.url, {})).toBe("tls-expired");
	});

	it("verifies a literal address like a name", async () => {
		const broker = await aMosquitto({ tls: serverTls() });
		const other = await aMosquitto({ tls: serverTls(certificates.wrongHost) });
		const rig = aRig(anOutlet(`mqtts://127.0.0.1:${broker.port}`), {});
		await rig.seen("link_opened");
		expect(await refusedBy(`mqtts://127.0.0.1:${other.port}`, {})).toBe("tls-host");
	});

	it("refuses another certificate of the right authority when one is pinned", async () => {
		const broker = await aMosquitto({ tls: serverTls(certificates.secondServer) });
		const fingerprint = (file: string): string => new X509Certificate(readFileSync(file)).fingerprint256;
		expect(await refusedBy(broker.url, { serverFingerprint: fingerprint(certificates.server.certFile) })).toBe("tls-fingerprint");
		const rig = aRig(anOutlet(broker.url), { serverFingerprint: fingerprint(certificates.secondServer.certFile) });
		await rig.seen("link_opened");
	});

	it("refuses a server that speaks no TLS 1.3, and one that speaks no TLS", async () => {
		const { certFile, keyFile } = certificates.server;
		const old = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile), maxVersion: "TLSv1.2" });
		old.on("tlsClientError", () => undefined).listen(0, "127.0.0.1");
		await once(old, "listening");
		cleanups.push(async () => {
			old.close();
			await once(old, "close");
		});
		expect(await refusedBy(`mqtts://localhost:${(old.address() as AddressInfo).port}`, {})).toBe("tls-version");
		const plain = await aMosquitto();
		const rig = aRig(anOutlet(`mqtts://localhost:${plain.port}`), {});
		rig.outbox.put(...someItems(1, 1));
		while (!rig.events.some(({ event }) => event === "link_refused" || event === "link_lost")) await pause();
		await rig.uploader.stop({ drainMs: 0 });
		expect(rig.events.some(({ event }) => event === "link_opened" || event === "envelope_delivered")).toBe(false);
	});

	it("refuses keys that every user may read, missing files and half of a pair", () => {
		const open = join(folder, "open.key");
		copyFileSync(certificates.client.keyFile, open);
		chmodSync(open, 0o644);
		const { caFile, client } = certificates;
		const read = (files: LinkFiles) => () => readLinkCredentials(files);
		expect(read({ caFile, certFile: client.certFile, keyFile: open })).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
		expect(read({ caFile: join(folder, "none.pem") })).toThrow(expect.objectContaining({ code: "KEY_INVALID" }));
		expect(read({ caFile, certFile: client.certFile })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
		expect(read({ caFile, serverFingerprint: "ab" })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
		expect(read({})).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
	});

	it("keeps what the broker does not authorise, says so, and sends the rest (MQTT 5, 0x87)", async () => {
		const broker = await aMosquitto({ acl: ["topic write kerb/v1/unit-7f3a/up/cn-cloud/telemetry.speed"] });
		const rig = aRig(anOutlet(broker.url, { maxInFlight: 4 }));
		rig.outbox.put(...someItems(1, 10, "image.cabin"), ...someItems(11, 30, "telemetry.speed"));
		rig.uploader.wake();
		expect(await rig.seen("envelope_refused")).toMatchObject({ category: "image.cabin", reasonCode: 0x87 });
		while (rig.outbox.waiting().length > 10) await pause();
		expect(rig.outbox.waiting()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
		expect(rig.outbox.settled.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at + 11));
	});

	it("says when nobody subscribes, and keeps the envelopes only when told to (MQTT 5, 0x10)", async () => {
		const broker = await aMosquitto();
		const settling = aRig(anOutlet(broker.url));
		settling.outbox.put(...someItems(1, 3));
		await settling.uploader.drained();
		expect(await settling.seen("envelope_unheard")).toMatchObject({ category: "telemetry.speed" });
		await settling.uploader.stop({ drainMs: 100 });
		const keeping = aRig(anOutlet(broker.url), undefined, { keepUnheard: true });
		keeping.outbox.put(...someSealed(1, 3));
		expect(await keeping.seen("envelope_refused")).toMatchObject({ reasonCode: 0x10 });
		expect(keeping.outbox.waiting()).toEqual([1, 2, 3]);
		const collector = await aCollector(broker.url);
		await keeping.uploader.drained();
		while (collector.account().envelopes < 3) await pause();
		expect(collector.account().gaps).toEqual([]);
	});

	it("keeps an envelope that is larger than the broker takes, and sends the others", async () => {
		const broker = await aMosquitto({ config: ["max_packet_size 4096"] });
		const rig = aRig(anOutlet(broker.url));
		rig.outbox.put(...someItems(1, 3), ...someItems(4, 4, "telemetry.speed", 8_000), ...someItems(5, 9));
		rig.uploader.wake();
		expect(await rig.seen("envelope_refused")).toMatchObject({ sequence: 4, reasonCode: 0x95 });
		while (rig.outbox.waiting().length > 1) await pause();
		expect(rig.outbox.waiting()).toEqual([4]);
		expect(rig.events.some(({ event }) => event === "link_lost")).toBe(false);
	});

	it("keeps to the broker's receive maximum", async () => {
		const broker = await aMosquitto({ config: ["max_inflight_messages 2"] });
		const rig = aRig(anOutlet(broker.url, { maxInFlight: 500 }));
		rig.outbox.put(...someItems(1, 100));
		rig.uploader.wake();
		await rig.uploader.drained();
		expect(rig.outbox.largestLimit()).toBe(2);
		expect(rig.events.some(({ event }) => event === "link_lost")).toBe(false);
	});

	// What mosquitto acknowledged for a collector that is away is in its memory, and dies with it before its next save: no client can help that.
	// So the collector is there whenever the broker is killed, and then what was acknowledged was handed to it before.
	it("loses nothing when the broker is killed in the middle, again and again", async () => {
		const broker = await aMosquitto();
		const collector = await aCollector(broker.url);
		const rig = aRig(anOutlet(broker.url, { maxInFlight: 8 }), undefined, { keepUnheard: true });
		const settled = (): number => rig.outbox.settled.flat().length;
		const all = someSealed(1, 400);
		for (let part = 0; part < 4; part += 1) {
			while (!collector.connected() || collector.account().envelopes < settled()) await pause();
			const before = settled();
			rig.outbox.put(...all.slice(part * 100, part * 100 + 100));
			rig.uploader.wake();
			while (settled() < before + 30) await pause();
			await broker.kill();
			await broker.start();
		}
		await rig.uploader.drained();
		while (collector.account().envelopes < 400) await pause();
		expect(collector.account()).toMatchObject({ envelopes: 400, gaps: [], conflicts: 0, signatureFailures: 0, openFailures: 0 });
		expect(rig.events.filter(({ event }) => event === "link_lost").length).toBeGreaterThan(0);
	});
});
