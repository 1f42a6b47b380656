/**
 * The whole job on one machine: an embedded broker, an embedded collector and one simulated vehicle with a fake CAN bus and a fake GNSS receiver.
 * Runs for some seconds, then says what became of everything that was sensed and what the collector can prove.
 *
 *   node simulators/demo.ts [--seconds 20] [--seed 7]
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compose } from "../agent/compose.ts";
import { systemHost } from "../agent/host/system-host.ts";
import { fromHex } from "../shared/bytes.ts";
import { openerOf, parseKeyRing } from "../shared/key-ring.ts";
import { type MadeFile, makeLaw } from "../shared/make-law.ts";
import { sampleRules } from "../shared/sample-law.ts";
import { startBroker } from "./broker.ts";
import { startCanBus } from "./can-bus.ts";
import { startCollector } from "./collector.ts";
import { type DemoFacts, demoFailures, demoProgress, demoSummary } from "./demo-text.ts";
import { type RoutePoint, startGnssReceiver } from "./gnss-receiver.ts";
import { createVehicle, type Vehicle } from "./vehicle.ts";

const help = `Runs the whole job on this machine: broker, collector and one simulated vehicle.

  --seconds N   how long the vehicle drives, 5 to 600 (default 20)
  --seed N      another drive (default 7)

Exit codes: 0 all verified; 1 something failed; 2 wrong usage.`;

const here = dirname(fileURLToPath(import.meta.url));

const main = async (): Promise<number> => {
	const { values } = parseArgs({
		options: { seconds: { type: "string" }, seed: { type: "string" }, help: { type: "boolean", short: "h" } },
	});
	if (values.help === true) {
		console.log(help);
		return 0;
	}
	const [seconds, seed] = [Number(values.seconds ?? 20), Number(values.seed ?? 7)];
	if (!Number.isInteger(seconds) || seconds < 5 || seconds > 600 || !Number.isInteger(seed)) {
		console.error(`demo: --seconds must be a whole number from 5 to 600, --seed a whole number\n\n${help}`);
		return 2;
	}
	const folder = await mkdtemp(join(tmpdir(), "kerbstone-demo-"));
	try {
		return await runDemo(folder, seconds, seed);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
};

const runDemo = async (folder: string, seconds: number, seed: number): Promise<number> => {
	const problems: string[] = [];
	const host = await systemHost({
		emit: (event) => {
			if (event.event === "source_failed" || event.event === "link_refused") problems.push(JSON.stringify(event));
		},
	});
	const startMs = host.clock.nowMs();
	await using ends = new AsyncDisposableStack();
	const broker = await startBroker({ port: 0 });
	ends.defer(() => broker.close());

	const made = makeLaw(
		{
			...{ release: sampleRules, withConsent: true, catalogueId: "cn", nowMs: startMs, policyDays: 1 },
			...{ brokerUrl: broker.url, mqttVersion: 4, addressRanges: ["127.0.0.0/8"] },
		},
		host.primitives,
	);
	await writeFolder(join(folder, "law"), made.law);

	const vehicle = createVehicle({ seed, startMs, startLatDeg: 31.2304, startLonDeg: 121.4737 });
	const receiver = await startGnssReceiver({ route: routeOf(vehicle, startMs, seconds), clock: host.clock, periodMs: 200 });
	ends.defer(() => receiver.close());
	const driving = new AbortController();
	const bus = startCanBus({ vehicle, out: join(folder, "can0"), clock: host.clock, signal: driving.signal });

	const agent = await compose(
		{
			unit: { id: "demo-vehicle" },
			dataDir: join(folder, "unit"),
			law: { folder: join(folder, "law"), rootSha256: made.rootSha256, home: "CN", cohorts: [], refreshMs: 600_000, noticeSpreadMs: 0 },
			overlay: join(here, "fake-vehicle.overlay.json"),
			sources: [
				{ id: "can0", type: "can", dbc: [join(here, "fake-vehicle.dbc")], input: { pipe: join(folder, "can0") } },
				{ id: "gnss", type: "gnss", input: { gpsd: { host: "127.0.0.1", port: receiver.port } } },
			],
			links: {},
			circumstances: {},
			control: {},
			batch: { maxRecords: 2_000, maxAgeMs: 5_000 },
			spool: { maxBytes: 16_777_216, maxEnvelopes: 10_000 },
		},
		host,
	);
	const recipients = made.keys.find(({ name }) => name === "recipients.json")?.bytes ?? new Uint8Array();
	const opener = openerOf(parseKeyRing(recipients), host.primitives);
	const unitKey = fromHex(agent.unit.ed25519);
	const facts = { jsonBytes: 0 };
	const collector = await startCollector({
		brokerUrl: broker.url,
		primitives: host.primitives,
		opener: { ...opener, unitKeys: (unitId) => (unitId === agent.unit.unitId ? unitKey : undefined) },
		onEnvelope: ({ records }) => {
			for (const record of records) facts.jsonBytes += JSON.stringify(record).length + 1;
		},
		onProblem: (error) => problems.push(error instanceof Error ? error.message : "the collector failed"),
	});
	ends.defer(() => collector.close());

	console.log(`A vehicle drives for ${seconds} s on this machine: CAN bus -> agent -> MQTT broker -> collector.`);
	const factsNow = (): DemoFacts => ({
		status: agent.status(),
		account: collector.account(),
		frames: bus.counts().sent,
		fixes: receiver.reports(),
		...facts,
		problems,
	});
	const stopping = new AbortController();
	const running = agent.run(stopping.signal);
	const tellEvery = process.stdout.isTTY ? 250 : 5_000;
	for (let toldMs = 0, at = 0; at < seconds * 1_000; at += 250) {
		await host.clock.sleep(250);
		if (at - toldMs < tellEvery) continue;
		toldMs = at;
		const line = demoProgress(factsNow(), at / 1_000, seconds);
		if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${line}`);
		else console.log(line);
	}
	if (process.stdout.isTTY) process.stdout.write("\r\u001b[K");
	driving.abort();
	await bus.done;
	stopping.abort();
	await running;

	const account = collector.account();
	for (let tries = 0; tries < 50 && collector.account().envelopes < sealedOf(factsNow()); tries++) await host.clock.sleep(100);
	const last: DemoFacts = { ...factsNow(), account: collector.account().envelopes > account.envelopes ? collector.account() : account };
	for (const line of demoSummary(last)) console.log(line);
	const failures = demoFailures(last);
	for (const failure of failures) console.error(`FAILED: ${failure}`);
	return failures.length === 0 ? 0 : 1;
};

const sealedOf = ({ status }: DemoFacts): number =>
	status.outlets.reduce((sum, outlet) => sum + outlet.deliveredEnvelopes + outlet.pendingEnvelopes, 0);

/** Where the vehicle is, four times a second. */
const routeOf = (vehicle: Vehicle, startMs: number, seconds: number): readonly RoutePoint[] =>
	Array.from({ length: (seconds + 10) * 4 }, (_, index) => {
		const atMs = index * 250;
		const { latDeg, lonDeg, speedMps, courseDeg } = vehicle.at(startMs + atMs);
		return { atMs, latDeg, lonDeg, altMslM: 12, speedMps, courseDeg };
	});

const writeFolder = async (folder: string, files: readonly MadeFile[]): Promise<void> => {
	await mkdir(folder);
	for (const { name, bytes } of files) {
		await mkdir(dirname(join(folder, name)), { recursive: true });
		await writeFile(join(folder, name), bytes);
	}
};

process.exitCode = await main();
