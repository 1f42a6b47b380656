import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { endianness } from "node:os";
import { describe, expect, it } from "vitest";
import { InboundQueue } from "../../agent/host/inbound-queue.ts";
import { countDrops, dropsIn, tableAddress } from "../../agent/host/udp-drops.ts";
import { readDatagrams } from "../../agent/host/udp-input.ts";

const isLinux = existsSync("/proc/net/udp");

describe("dropsIn", () => {
	const table = [
		"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops",
		"  533: 0100007F:0FA1 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 25018 2 0000000000000000 17",
		"  533: 0100007F:0FA1 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 25019 2 0000000000000000 5",
		"  534: 0100007F:0FA2 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 25020 2 0000000000000000 9",
		"",
	].join("\n");

	it("adds up the drops of one local address", () => {
		expect(dropsIn(table, "0100007F:0FA1")).toBe(22);
		expect(dropsIn(table, "0100007F:0FA2")).toBe(9);
		expect(dropsIn(table, "0100007F:0FA3")).toBe(0);
		expect(dropsIn("0: 0100007F:0FA1 x", "0100007F:0FA1")).toBe(0);
	});
});

describe("tableAddress", () => {
	it.skipIf(endianness() !== "LE")("writes words as a machine of little-endian words does (needs little-endian)", () => {
		expect(tableAddress("127.0.0.1", 4_001)).toBe("0100007F:0FA1");
		expect(tableAddress("::1", 1)).toBe("00000000000000000000000001000000:0001");
		expect(tableAddress("fe80::1%eth0", 1)).toBe("000080FE000000000000000001000000:0001");
		expect(tableAddress("no address", 1)).toBeUndefined();
	});

	it.skipIf(!isLinux)("finds the sockets of this machine (needs /proc/net/udp)", async () => {
		for (const [type, address, file] of [
			["udp4", "127.0.0.1", "/proc/net/udp"],
			["udp4", "0.0.0.0", "/proc/net/udp"],
			["udp6", "::1", "/proc/net/udp6"],
		] as const) {
			const socket = createSocket(type);
			socket.bind(0, address);
			await once(socket, "listening");
			const table = readFileSync(file, "latin1");
			expect(table).toContain(` ${tableAddress(address, socket.address().port)} `);
			expect(countDrops(address, socket.address().port)).toBe(0);
			socket.close();
		}
	});
});

describe("readDatagrams", () => {
	it.skipIf(!isLinux)("counts what the system dropped while nobody looked (needs /proc/net/udp)", async () => {
		const probe = createSocket("udp4");
		probe.bind(0, "127.0.0.1");
		await once(probe, "listening");
		const { port } = probe.address();
		await new Promise<void>((resolve) => probe.close(() => resolve()));
		const queue = new InboundQueue({ messageBytes: 65_536, messages: 100_000, bytes: 1 << 30, perSec: 1_000_000 }, () => 0);
		const stop = new AbortController();
		const sender = createSocket("udp4");
		const sendAll = async (count: number): Promise<void> => {
			const sent = Array.from({ length: count }, () => new Promise((done) => sender.send(new Uint8Array(1_000), port, "127.0.0.1", done)));
			await Promise.all(sent);
		};
		let nowMs = 0;
		let received = 0;
		let lost = 0;
		const onOpen = (): void => void sendAll(5_000);
		for await (const batch of readDatagrams({ address: "127.0.0.1", port, groups: [], queue, onOpen, bootMs: () => nowMs }, stop.signal)) {
			received += batch.length;
			nowMs += 10_000;
			lost += queue.takeCounts().lost;
			// The machine is busy with something else: the sends above all happen within one turn, and only then is anything received.
			if (received + lost >= 5_000) stop.abort();
		}
		await new Promise<void>((resolve) => sender.close(() => resolve()));
		expect(lost).toBeGreaterThan(0);
		expect(received + lost).toBe(5_000);
	});
});
