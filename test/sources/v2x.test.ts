import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import * as v from "valibot";
import { afterAll, describe, expect, it } from "vitest";
import { encodeMessage } from "../../agent/formats/v2x/encode-message.ts";
import { shapeOf } from "../../agent/formats/v2x/shapes.ts";
import v2x from "../../agent/sources/v2x.ts";
import type { V2xMessage } from "../../shared/reading.ts";
import { type PreparedInput, sourceContract } from "../contract/source-contract.ts";
import { dataPath, hasData, repoPath } from "../data.ts";
import { type FakeSourceContext, fakeSourceContext } from "../fakes/source-context.ts";
import { etsiCam, odeBsm, type Sender, tcsaeBsm, tcsaeSpat } from "../fakes/v2x-messages.ts";

const folder = mkdtempSync(join(tmpdir(), "kerb-v2x-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Options = v.InferInput<typeof v2x.options>;

const read = async (
	options: Omit<Options, "type">,
	context: FakeSourceContext,
	enough = Number.POSITIVE_INFINITY,
): Promise<V2xMessage[]> => {
	const messages: V2xMessage[] = [];
	for await (const chunk of v2x.open(v.parse(v2x.options, { type: "v2x", ...options }), context)) {
		for (const reading of chunk) if (reading.kind === "message") messages.push(reading);
		if (messages.length >= enough) context.abort();
	}
	return messages;
};

let files = 0;
const file = (content: string | Uint8Array): string => {
	const path = join(folder, `log-${files++}`);
	writeFileSync(path, content);
	return path;
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const sender = (count: number): Sender => ({ id: "3030313433313031", latDeg: 31.2, lonDeg: 121.5 + count / 1e4, count: count % 128 });
const startMs = Date.UTC(2026, 2, 1, 23, 59, 30);
const hexLog = (count: number): string =>
	Array.from({ length: count }, (_, at) => `${startMs + at * 100} ${hex(tcsaeBsm(sender(at)))}\n`).join("");
const odeLog = (count: number): string =>
	Array.from({ length: count }, (_, at) => `${odeBsm(sender(at), new Date(startMs + at * 100).toISOString())}\n`).join("");

const tcsaeFile = (content: string | Uint8Array): Options => ({
	type: "v2x",
	form: "uper",
	family: "tcsae",
	input: { file: file(content) },
});
const odeFile = (content: string | Uint8Array): Options => ({ type: "v2x", form: "ode", input: { file: file(content) } });

/** A port of this machine that was free a moment ago. */
const freeUdpPort = async (): Promise<number> => {
	const socket = createSocket("udp4");
	socket.bind(0, "127.0.0.1");
	await once(socket, "listening");
	const { port } = socket.address();
	socket.close();
	return port;
};

/** Sends the same datagrams again and again until closed: nobody says when the source listens. */
const sending = async (datagrams: readonly Uint8Array[], everyMs = 5) => {
	const port = await freeUdpPort();
	const socket = createSocket("udp4");
	socket.on("error", () => undefined);
	const timer = setInterval(() => {
		for (const datagram of datagrams) socket.send(datagram, port, "127.0.0.1");
	}, everyMs);
	return {
		port,
		close: async () => {
			clearInterval(timer);
			await new Promise<void>((resolve) => socket.close(() => resolve()));
		},
	};
};

const udp = async (datagrams: readonly Uint8Array[]): Promise<PreparedInput<typeof v2x.options>> => {
	const { port, close } = await sending(datagrams);
	return { options: { type: "v2x", form: "uper", family: "tcsae", input: { udp: { port } } }, close };
};

sourceContract({
	name: "v2x from a file of hexadecimal lines",
	plugin: v2x,
	validOptions: () => ({ options: tcsaeFile(hexLog(60)) }),
	garbage: () => ({ options: tcsaeFile(`${hexLog(2)}zz\n02a4\nffffffff\n12 \n${"00".repeat(100_000)}\n`) }),
	expectAtLeast: 60,
});

sourceContract({
	name: "v2x from a file of the ODE's JSON",
	plugin: v2x,
	validOptions: () => ({ options: odeFile(odeLog(60)) }),
	garbage: () => ({ options: odeFile(`${odeLog(2)}{}\n[]\n{"metadata":\n${"[".repeat(60_000)}\n`) }),
	expectAtLeast: 60,
});

sourceContract({
	name: "v2x from datagrams",
	plugin: v2x,
	validOptions: () => udp([1, 2, 3].map((count) => tcsaeBsm(sender(count)))),
	garbage: () => udp([new Uint8Array(0), Uint8Array.of(0), new Uint8Array(60_000), Uint8Array.of(0x80, 1, 2, 3)]),
	live: async (): Promise<PreparedInput<typeof v2x.options>> => ({
		options: { type: "v2x", form: "uper", family: "tcsae", input: { udp: { port: await freeUdpPort() } } },
	}),
	expectAtLeast: 60,
});

describe("v2x options", () => {
	const parse = (options: object) => v.safeParse(v2x.options, { type: "v2x", ...options });

	it("ask for a family with uper alone", () => {
		const input = { file: "x" };
		expect(parse({ form: "uper", input }).success).toBe(false);
		expect(parse({ form: "uper", family: "etsi", input }).success).toBe(true);
		expect(parse({ form: "ode", family: "j2735", input }).success).toBe(false);
		expect(parse({ form: "vanetza", input }).success).toBe(true);
	});

	it("know one input, its address, its groups and its topics", () => {
		const udpInput = (udp: object) => parse({ form: "vanetza", input: { udp } }).success;
		expect(udpInput({ port: 4_001 })).toBe(true);
		expect(udpInput({ port: 0 })).toBe(false);
		expect(udpInput({ port: 4_001, address: "localhost" })).toBe(false);
		expect(udpInput({ port: 4_001, address: "192.168.1.2", groups: ["239.1.2.3"] })).toBe(true);
		expect(udpInput({ port: 4_001, groups: ["10.1.2.3"] })).toBe(false);
		expect(udpInput({ port: 4_001, groups: ["239.1.2.3", "239.1.2.3"] })).toBe(false);
		expect(udpInput({ port: 4_001, address: "::1", groups: ["239.1.2.3"] })).toBe(false);
		const mqttInput = (mqtt: object) =>
			parse({ form: "vanetza", input: { mqtt: { host: "127.0.0.1", topics: ["a/+/#"], ...mqtt } } }).success;
		expect(mqttInput({})).toBe(true);
		for (const host of ["10.1.2.3", "172.31.0.1", "192.168.0.9", "169.254.3.4", "::1", "fd00::1", "fe80::1", "broker.example"])
			expect(mqttInput({ host }), host).toBe(true);
		for (const host of ["8.8.8.8", "172.32.0.1", "192.169.0.1", "2001:db8::1", "::ffff:8.8.8.8", "0.0.0.0", ""])
			expect(mqttInput({ host }), host).toBe(false);
		for (const topic of ["", "a/#/b", "a+/b", "#b", "a\u0000", "x".repeat(257)]) expect(mqttInput({ topics: [topic] }), topic).toBe(false);
		expect(mqttInput({ topics: [] })).toBe(false);
		expect(mqttInput({ topics: Array.from({ length: 65 }, (_, at) => `t/${at}`) })).toBe(false);
		expect(mqttInput({ passwordFile: "p" })).toBe(false);
		expect(mqttInput({ username: "u", passwordFile: "p", caFile: "c" })).toBe(true);
		expect(parse({ form: "vanetza", input: { file: "x", stdin: true } }).success).toBe(false);
	});
});

describe("v2x from a recording", () => {
	it("yields the tree of each message under its standard's name, with the time that its line states", async () => {
		const context = fakeSourceContext({ sourceId: "rsu0" });
		const log = `${startMs} ${hex(tcsaeBsm(sender(1)))}\r\n\n${hex(tcsaeSpat(7)).toUpperCase()}\n   \n${startMs + 5}  ${hex(tcsaeSpat(8))}`;
		const messages = await read(tcsaeFile(log), context);
		expect(messages.map(({ path }) => path)).toEqual(["V2X.TCSAE.BSM", "V2X.TCSAE.SPAT"]);
		expect(messages[0]).toMatchObject({
			kind: "message",
			sourceId: "rsu0",
			form: "uper",
			datum: "wgs84",
			takenAtMs: startMs,
			content: { msgCnt: 1, id: "3030313433313031", pos: { lat: 312_000_000, long: 1_215_001_000 } },
		});
		// A line without a stamp has the box's clock.
		expect(messages[1]?.takenAtMs).toBeGreaterThanOrEqual(1_700_000_000_000);
		expect(messages[1]?.takenAtMs).toBeLessThan(1_700_000_001_000);
		expect(Object.fromEntries(context.rejected)).toEqual({ line_invalid: 1 });
	});

	it("keeps the datum that it is told, and unpacks gzip", async () => {
		const messages = await read({ ...tcsaeFile(gzipSync(hexLog(9))), datum: "gcj02" }, fakeSourceContext());
		expect(messages).toHaveLength(9);
		expect(new Set(messages.map(({ datum }) => datum))).toEqual(new Set(["gcj02"]));
		const context = fakeSourceContext();
		const packed = gzipSync(odeLog(400));
		const some = await read(odeFile(packed.subarray(0, packed.length / 2)), context);
		expect(some.length).toBeGreaterThan(0);
		expect(some.length).toBeLessThan(400);
		expect(context.rejected.get("file_truncated")).toBe(1);
	});

	it("has the time at which the ODE received a message, however it writes that, and no other", async () => {
		const at = (receivedAt: string): string => odeBsm(sender(1), receivedAt);
		const stated = ["2026-03-01T23:59:30.123Z", "2026-03-01T23:59:30.123456Z[UTC]", "2026-03-02T07:59:30.123+08:00[Asia/Shanghai]"];
		const unfit = ["", "yesterday", "2026-03-01T23:59:30.123", "1970-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "2026-03-01T23:59:30Z; x"];
		const messages = await read(odeFile([...stated, ...unfit].map(at).join("\n")), fakeSourceContext({ startMs: 1_800_000_000_000 }));
		expect(messages).toHaveLength(stated.length + unfit.length);
		const [known, unknown] = [messages.slice(0, stated.length), messages.slice(stated.length)];
		for (const { takenAtMs } of known) expect(takenAtMs).toBe(Date.UTC(2026, 2, 1, 23, 59, 30, 123));
		for (const { takenAtMs } of unknown) expect(Math.abs(takenAtMs - 1_800_000_000_000)).toBeLessThan(1_000);
	});

	it("counts what is no message, what is written otherwise, what is of another kind and what is too long, and goes on", async () => {
		const good = hex(tcsaeBsm(sender(3)));
		const log = [
			good,
			`${good}00`,
			good.slice(0, -2),
			"c0ffee",
			"8000000000",
			"not hex",
			"0",
			"1234567890123456 00",
			"-1 00",
			"00".repeat(65_536),
			"00".repeat(65_537),
			"00".repeat(70_000),
			good,
		];
		const context = fakeSourceContext();
		expect(await read(tcsaeFile(log.join("\n")), context)).toHaveLength(2);
		expect(Object.fromEntries(context.rejected)).toEqual({
			message_invalid: 3,
			message_unknown: 2,
			message_overlong: 1,
			line_invalid: 4,
			line_overlong: 1,
		});
	});

	it("names an unknown kind of each family", async () => {
		for (const [family, octets, code] of [
			["etsi", "0263000000ff", "message_unknown"],
			["etsi", "0202000000ff", "message_invalid"],
			["etsi", "02", "message_invalid"],
			["j2735", "03e70101", "message_unknown"],
			["j2735", "00140101", "message_invalid"],
			["tcsae", "9000ff", "message_unknown"],
			["tcsae", "02a466", "message_invalid"],
		] as const) {
			const context = fakeSourceContext();
			expect(await read({ form: "uper", family, input: { file: file(octets) } }, context)).toEqual([]);
			expect(Object.fromEntries(context.rejected), `${family} ${octets}`).toEqual({ [code]: 1 });
		}
	});

	it("does not open what is no file", async () => {
		for (const path of [folder, join(folder, "missing")])
			await expect(read({ ...tcsaeFile(""), input: { file: path } }, fakeSourceContext())).rejects.toMatchObject({
				code: "SOURCE_UNAVAILABLE",
			});
	});

	it("says nothing of what it read in anything but readings", async () => {
		const context = fakeSourceContext();
		await read(odeFile(`${odeLog(2)}{"metadata":{"secret":"B12345"}}\nB12345\n`), context);
		const said = JSON.stringify([context.notes, [...context.rejected]]);
		for (const word of ["B12345", "secret", "30303134", "121.5", folder]) expect(said).not.toContain(word);
	});

	it("passes on nothing that written again is something else, whatever bits come", async () => {
		const whole = [tcsaeBsm(sender(5)), tcsaeSpat(9)];
		const turned = fc
			.tuple(fc.constantFrom(...whole), fc.array(fc.tuple(fc.nat(), fc.nat(7)), { maxLength: 5 }), fc.nat(40))
			.map(([bytes, bits, cut]) => {
				const copy = Uint8Array.from(bytes.subarray(0, Math.max(0, bytes.length - (cut > 35 ? cut - 35 : 0))));
				for (const [at, bit] of bits) if (copy.length > 0) copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ (1 << bit);
				return copy;
			});
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.oneof(turned, fc.uint8Array({ minLength: 1, maxLength: 200 })), { minLength: 1, maxLength: 20 }),
				async (all) => {
					const context = fakeSourceContext();
					const messages = await read(tcsaeFile(all.map(hex).join("\n")), context);
					expect(messages.length + context.rejectedTotal()).toBe(all.length);
					const known = new Set(all.map(hex));
					for (const { path, content } of messages) {
						const again = shapeOf("uper", path)?.encode(content);
						expect(again !== undefined && known.has(hex(again))).toBe(true);
					}
					expect(context.rejected.has("decoder_failed")).toBe(false);
				},
			),
			{ numRuns: 60 },
		);
	});

	it("reads standard input until it ends", async () => {
		const program = `
			import * as v from "valibot";
			import v2x from "./agent/sources/v2x.ts";
			const context = { sourceId: "s", signal: new AbortController().signal, nowMs: () => 1, bootMs: () => 1, reject() {}, note() {} };
			let count = 0;
			const options = v.parse(v2x.options, { type: "v2x", form: "uper", family: "tcsae", input: { stdin: true } });
			for await (const chunk of v2x.open(options, context)) count += chunk.length;
			process.stdout.write(String(count));`;
		const child = spawn(process.execPath, ["--input-type=module", "-e", program], { cwd: repoPath(), stdio: ["pipe", "pipe", "inherit"] });
		const output: string[] = [];
		child.stdout.on("data", (bytes: Buffer) => output.push(bytes.toString()));
		child.stdin.end(gzipSync(hexLog(30)));
		await once(child, "close");
		expect(output.join("")).toBe("30");
	}, 30_000);
});

describe("v2x from the field's own recordings", () => {
	const texts = (...names: readonly (readonly string[])[]): string =>
		names.map((name) => JSON.stringify(JSON.parse(readFileSync(dataPath("v2x", ...name), "utf8").replace(/^\uFEFF/, "")))).join("\n");

	it.skipIf(!hasData("v2x", "tcsae"))("reads T/CSAE samples (needs shared data v2x)", async () => {
		const input = { file: dataPath("v2x", "tcsae", "MessageFrameTest.hex.txt") };
		const context = fakeSourceContext();
		const messages = await read({ form: "uper", family: "tcsae", input }, context);
		expect(messages.map(({ path }) => path)).toEqual(["V2X.TCSAE.BSM", "V2X.TCSAE.SPAT"]);
		expect(context.rejectedTotal()).toBe(0);
	});

	it.skipIf(!hasData("v2x", "j2735-ode"))("reads the ODE's messages and their times (needs shared data v2x)", async () => {
		const names = ["bsm", "map", "spat", "tim", "srm", "ssm", "psm", "sdsm"];
		const context = fakeSourceContext();
		const messages = await read(odeFile(texts(...names.map((name) => ["j2735-ode", `expected-${name}.json`]))), context);
		expect(messages.map(({ path }) => path)).toEqual(names.map((name) => `V2X.J2735.${name.toUpperCase()}`));
		expect(context.rejectedTotal()).toBe(0);
		expect(messages[0]?.takenAtMs).toBe(Date.UTC(2024, 11, 10, 17, 30, 48, 95));
		// What no message carries out of the unit is in none of them once they are written.
		const whole = messages.map((message) => Buffer.from(encodeMessage(message)).toString()).join("\n");
		for (const word of ["asn1", "streamId", "originIp", "locationData"]) expect(whole).not.toContain(word);
		const bsms = await read({ form: "ode", input: { file: dataPath("v2x", "j2735-ode", "bsmTx.json") } }, context);
		expect(bsms).toHaveLength(16);
		expect(bsms[0]?.takenAtMs).toBe(Date.UTC(2019, 3, 9, 18, 7, 47, 798));
	});

	it.skipIf(!hasData("v2x", "etsi"))("reads its-client and Vanetza-NAP with their times (needs shared data v2x)", async () => {
		const context = fakeSourceContext();
		const its = texts(["etsi", "its-client", "Cam.json"], ["etsi", "its-client", "Denm.json"]);
		const fromIts = await read({ form: "its-client", input: { file: file(its) } }, context);
		expect(fromIts.map(({ path, takenAtMs }) => [path, takenAtMs])).toEqual([
			["V2X.ETSI.CAM", 1_742_890_346_165],
			["V2X.ETSI.DENM", 1_742_984_503_586],
		]);
		const vanetza = texts(...["cam", "denm", "cpm", "spatem"].map((name) => ["etsi", `vanetza-nap_out_${name}.json`]));
		const fromVanetza = await read({ form: "vanetza", input: { file: file(vanetza) } }, context);
		expect(fromVanetza.map(({ path }) => path)).toEqual(["V2X.ETSI.CAM", "V2X.ETSI.DENM", "V2X.ETSI.CPM", "V2X.ETSI.SPATEM"]);
		expect(fromVanetza[0]?.takenAtMs).toBe(1_762_875_466_005);
		expect(context.rejectedTotal()).toBe(0);
	});
});

describe("v2x from datagrams", () => {
	it("takes each datagram for one message, at the box's time, of two families on two ports", async () => {
		const tcsae = await sending([tcsaeBsm(sender(1)), tcsaeSpat(2)]);
		const etsi = await sending([etsiCam(sender(3))]);
		try {
			const context = fakeSourceContext({ sourceId: "radio" });
			const messages = await read({ form: "uper", family: "tcsae", input: { udp: { port: tcsae.port } } }, context, 10);
			expect(new Set(messages.map(({ path }) => path))).toEqual(new Set(["V2X.TCSAE.BSM", "V2X.TCSAE.SPAT"]));
			for (const { takenAtMs, sourceId } of messages) {
				expect(sourceId).toBe("radio");
				expect(takenAtMs).toBeGreaterThanOrEqual(1_700_000_000_000);
			}
			expect(context.notes).toEqual([{ event: "source_opened", detail: "V2X messages in UPER of tcsae in datagrams" }]);
			const cams = await read({ form: "uper", family: "etsi", input: { udp: { port: etsi.port } } }, fakeSourceContext(), 3);
			expect(cams[0]).toMatchObject({ path: "V2X.ETSI.CAM", content: { header: { stationID: 0x33313031 } } });
		} finally {
			await tcsae.close();
			await etsi.close();
		}
	});

	it("hears a multicast group on the interface of its address", async () => {
		const port = await freeUdpPort();
		const group = "239.77.1.2";
		const socket = createSocket("udp4");
		await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", () => resolve()));
		socket.setMulticastInterface("127.0.0.1");
		const timer = setInterval(() => {
			socket.send(tcsaeBsm(sender(1)), port, group);
			socket.send(tcsaeSpat(2), port, "127.0.0.1");
		}, 5);
		try {
			for (const address of ["127.0.0.1", "0.0.0.0"]) {
				// On all addresses the system chooses the interface, which need not be the loopback: unicast alone is certain then.
				const enough = address === "0.0.0.0" ? 4 : 12;
				const input = { udp: { port, address, groups: [group] } };
				const messages = await read({ form: "uper", family: "tcsae", input }, fakeSourceContext(), enough);
				const paths = new Set(messages.map(({ path }) => path));
				expect(paths.has("V2X.TCSAE.SPAT")).toBe(true);
				if (address === "127.0.0.1") expect(paths.has("V2X.TCSAE.BSM")).toBe(true);
			}
		} finally {
			clearInterval(timer);
			await new Promise<void>((resolve) => socket.close(() => resolve()));
		}
	});

	it("sheds a flood and counts it, and reads on", async () => {
		const port = await freeUdpPort();
		const input = { udp: { port } };
		const context = fakeSourceContext();
		const socket = createSocket("udp4");
		const bytes = tcsaeSpat(1);
		let isFlooding = true;
		const flood = (async () => {
			while (isFlooding) {
				for (let at = 0; at < 500; at++) socket.send(bytes, port, "127.0.0.1");
				await new Promise<void>((resolve) => setImmediate(resolve));
			}
		})();
		let messages = 0;
		let largest = 0;
		try {
			const options = v.parse(v2x.options, { type: "v2x", form: "uper", family: "tcsae", input, maxPerSec: 100 });
			for await (const chunk of v2x.open(options, context)) {
				messages += chunk.length;
				largest = Math.max(largest, chunk.length);
				// A pipeline that is slow: what comes meanwhile has nowhere to go.
				await new Promise((resolve) => setTimeout(resolve, 20));
				if ((context.rejected.get("rate_exceeded") ?? 0) > 3_000) context.abort();
			}
		} finally {
			isFlooding = false;
			await flood;
			await new Promise<void>((resolve) => socket.close(() => resolve()));
		}
		expect(messages).toBeGreaterThan(0);
		expect(largest).toBeLessThanOrEqual(4_096);
		for (const code of context.rejected.keys()) expect(["rate_exceeded", "datagram_shed", "datagram_lost"]).toContain(code);
	}, 60_000);

	it("tries again while its port is taken", async () => {
		const taken = createSocket("udp4");
		taken.bind(0, "127.0.0.1");
		await once(taken, "listening");
		const { port } = taken.address();
		const context = fakeSourceContext();
		const all = read({ form: "uper", family: "tcsae", input: { udp: { port } } }, context, 1);
		await expect.poll(() => context.waitsMs.length).toBeGreaterThan(1);
		expect(context.notes[0]).toMatchObject({ event: "source_retried", detail: "the input failed (EADDRINUSE)" });
		await new Promise<void>((resolve) => taken.close(() => resolve()));
		const socket = createSocket("udp4");
		const timer = setInterval(() => socket.send(tcsaeSpat(1), port, "127.0.0.1"), 5);
		expect(await all).not.toEqual([]);
		clearInterval(timer);
		await new Promise<void>((resolve) => socket.close(() => resolve()));
	});
});
