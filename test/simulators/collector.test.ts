import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connectAsync } from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { identityOf } from "../../agent/seal/identity.ts";
import { toHex } from "../../shared/bytes.ts";
import { uploadTopic } from "../../shared/topics.ts";
import { type Broker, startBroker } from "../../simulators/broker.ts";
import { startCollector } from "../../simulators/collector.ts";
import { createAccountBook } from "../../simulators/collector-account.ts";
import { repoPath } from "../data.ts";
import { opener, outletId, sealed, someSealed, unitId, unitIdentity } from "../fakes/sealed.ts";
import { primitives, secretOf } from "../seal/sample-envelope.ts";

const topicOf = (categoryId = "telemetry.vehicle-status"): string => uploadTopic({ unitId, outletId, categoryId });
const newBook = (maxEnvelopes?: number) =>
	createAccountBook({ opener, primitives, ...(maxEnvelopes === undefined ? {} : { maxEnvelopes }) });

describe("createAccountBook", () => {
	it("accepts an envelope once and counts its repetition", () => {
		const book = newBook();
		const { bytes } = sealed(1);
		expect(book.take(bytes, topicOf()).outcome).toBe("accepted");
		expect(book.take(bytes, topicOf()).outcome).toBe("duplicate");
		expect(book.account()).toMatchObject({
			...{ envelopes: 1, records: 3, duplicates: 1, conflicts: 0, gaps: [] },
			categories: { "telemetry.vehicle-status": { envelopes: 1, records: 3, bytes: bytes.byteLength } },
			streams: [{ unit: unitId, outlet: outletId, envelopes: 1, last: 1 }],
		});
	});

	it("calls a second envelope under a known number a conflict and keeps the first", () => {
		const book = newBook();
		book.take(sealed(1).bytes);
		expect(book.take(sealed(1).bytes).outcome).toBe("conflict");
		expect(book.account()).toMatchObject({ envelopes: 1, conflicts: 1, duplicates: 0 });
	});

	it("finds every gap, from the first number on, whatever the order of arrival", () => {
		const book = newBook();
		for (const sequence of [9, 3, 4, 7]) book.take(sealed(sequence).bytes);
		const gap = (from: number, to: number) => ({ unit: unitId, outlet: outletId, from, to });
		expect(book.account().gaps).toEqual([gap(1, 2), gap(5, 6), gap(8, 8)]);
	});

	it("notices every flipped bit and never throws", () => {
		const { bytes } = sealed(1);
		const book = newBook();
		for (let at = 0; at < bytes.length; at += 1) {
			const broken = Uint8Array.from(bytes);
			broken[at] = (broken[at] ?? 0) ^ (1 << (at % 8));
			expect(["signature", "unopened", "unenrolled", "misaddressed"]).toContain(book.take(broken, topicOf()).outcome);
		}
		for (const cut of [0, 1, 2, 50, bytes.length - 1]) expect(book.take(bytes.subarray(0, cut), topicOf()).outcome).toBe("unopened");
		const { envelopes, signatureFailures, openFailures } = book.account();
		expect(envelopes).toBe(0);
		expect(signatureFailures).toBeGreaterThan(0);
		expect(openFailures).toBeGreaterThan(0);
	});

	it("refuses a unit that is not enrolled, and a known unit with another key", () => {
		const other = identityOf({ ed25519Seed: secretOf(77), pseudonymRoot: secretOf(78) }, primitives);
		const book = newBook();
		expect(book.take(sealed(1, { unitId: "unit-stranger" }).bytes).outcome).toBe("unenrolled");
		expect(book.take(sealed(1, {}, other).bytes).outcome).toBe("unenrolled");
		expect(book.account()).toMatchObject({ envelopes: 0, unenrolled: 2, streams: [] });
	});

	it("refuses an envelope on a topic of another unit, outlet or category", () => {
		const book = newBook();
		const { bytes } = sealed(1);
		for (const topic of [
			topicOf("telemetry.battery"),
			uploadTopic({ unitId: "unit-else", outletId, categoryId: "telemetry.vehicle-status" }),
			uploadTopic({ unitId, outletId: "else", categoryId: "telemetry.vehicle-status" }),
			"kerb/v1/x",
		]) {
			expect(book.take(bytes, topic).outcome).toBe("misaddressed");
		}
		expect(book.account().misaddressed).toBe(4);
	});

	it("takes no more than it may remember", () => {
		const book = newBook(2);
		expect([1, 2, 3].map((sequence) => book.take(sealed(sequence).bytes).outcome)).toEqual(["accepted", "accepted", "full"]);
		expect(book.account().envelopes).toBe(2);
	});
});

describe("startCollector", () => {
	let folder: string;
	let broker: Broker;
	beforeEach(async () => {
		folder = mkdtempSync(join(tmpdir(), "kerb-collector-"));
		broker = await startBroker({ port: 0 });
	});
	afterEach(async () => {
		await broker.close();
		rmSync(folder, { recursive: true, force: true });
	});

	const publish = async (...items: readonly { readonly bytes: Uint8Array }[]): Promise<void> => {
		const client = await connectAsync(broker.url, { clientId: "publisher" });
		for (const { bytes } of items) await client.publishAsync(topicOf(), Buffer.from(bytes), { qos: 1 });
		await client.endAsync();
	};
	const start = (wanted: number, onProblem: (error: unknown) => void = () => undefined) => {
		let outcomes = 0;
		let tell: () => void = () => undefined;
		const reached = new Promise<void>((resolve) => {
			tell = resolve;
		});
		const collector = startCollector({
			...{ brokerUrl: broker.url, opener, primitives, folder: join(folder, "kept"), onProblem },
			onOutcome: () => {
				outcomes += 1;
				if (outcomes === wanted) tell();
			},
		});
		return { collector, reached };
	};

	it("keeps each envelope as a file of its own, byte for byte", async () => {
		const { collector, reached } = start(3);
		const running = await collector;
		const items = someSealed(1, 3);
		await publish(...items);
		await reached;
		await running.close();
		const kept = join(folder, "kept", unitId, outletId);
		expect(readdirSync(kept).sort()).toEqual(["1.cose", "2.cose", "3.cose"]);
		for (const { sequence, bytes } of items) expect(new Uint8Array(readFileSync(join(kept, `${sequence}.cose`)))).toEqual(bytes);
	});

	it("loses nothing that arrives while it is away, and knows again what it had", async () => {
		const items = someSealed(1, 6);
		const first = start(3);
		const collector = await first.collector;
		await publish(...items.slice(0, 3));
		await first.reached;
		await collector.close();
		await publish(...items.slice(3));
		const second = start(5);
		const again = await second.collector;
		await publish(...items.slice(0, 2));
		await second.reached;
		expect(again.account()).toMatchObject({ envelopes: 6, duplicates: 2, gaps: [], conflicts: 0 });
		await again.close();
	});

	it("does not acknowledge what it could not keep, and gets it again after a restart", async () => {
		const kept = join(folder, "kept");
		let problems = 0;
		let tell: () => void = () => undefined;
		const failed = new Promise<void>((resolve) => {
			tell = resolve;
		});
		const first = start(99, () => {
			problems += 1;
			tell();
		});
		const collector = await first.collector;
		rmSync(kept, { recursive: true });
		writeFileSync(kept, "in the way");
		await publish(sealed(1));
		await failed;
		await collector.close();
		expect(problems).toBeGreaterThan(0);
		rmSync(kept);
		const second = start(1);
		const again = await second.collector;
		await second.reached;
		expect(again.account()).toMatchObject({ envelopes: 1, gaps: [] });
		await again.close();
	});

	const ended = async (child: ChildProcess): Promise<number | null> =>
		child.exitCode === null ? ((await once(child, "exit"))[0] ?? null) : child.exitCode;
	const node = repoPath("node_modules", ".bin", "node");

	it("as a program tells its account and ends with 0, and with 1 when something is wrong", async () => {
		const keys = {
			kind: "keys",
			recipients: [{ name: "cloud", x25519Secret: toHex(secretOf(10)) }],
			units: [{ unitId, ed25519: toHex(unitIdentity.publicKey) }],
		};
		writeFileSync(join(folder, "keys.json"), JSON.stringify(keys));
		const runs = [
			{ items: someSealed(1, 2), wanted: 0 },
			{ items: [sealed(1), sealed(3)], wanted: 1 },
		];
		for (const { items, wanted } of runs) {
			const out = join(folder, `out-${wanted}`);
			const args = [
				"--broker",
				broker.url,
				"--keys",
				join(folder, "keys.json"),
				"--out",
				out,
				"--envelopes",
				"2",
				"--client-id",
				`c-${wanted}`,
			];
			const child = spawn(node, [repoPath("simulators", "collector.ts"), ...args], { stdio: ["ignore", "pipe", "pipe"] });
			let output = "";
			child.stdout.on("data", (chunk) => {
				output += String(chunk);
			});
			for await (const line of createInterface({ input: child.stderr })) if (line === "ready") break;
			await publish(...items);
			expect(await ended(child)).toBe(wanted);
			expect(JSON.parse(output)).toMatchObject({ envelopes: 2, gaps: wanted === 0 ? [] : [{ from: 2, to: 2 }] });
		}
	});

	it.each([
		[["--help"], 0],
		[[], 2],
		[["--what"], 2],
		[["--broker", "mqtt://127.0.0.1:1", "--keys", "/nonexistent/keys.json"], 4],
	])("as a program with %j ends with %i", async (args, code) => {
		const child = spawn(node, [repoPath("simulators", "collector.ts"), ...args], { stdio: "ignore" });
		expect(await ended(child)).toBe(code);
	});
});
