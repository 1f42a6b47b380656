/**
 * T-11 on the real thing: a withdrawal reaches what is queued. The broker is away, so envelopes wait; what was withdrawn must never arrive,
 * whatever happens to the process afterwards, and what was not withdrawn must.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { runLedgerShow, runLedgerVerify } from "../../agent/commands/ledger.ts";
import { systemDisk } from "../../agent/host/disk.ts";
import { unixHttp } from "../../agent/host/unix-http.ts";
import { fromHex } from "../../shared/bytes.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import { startCollector } from "../../simulators/collector.ts";
import { type AgentProcess, startAgent } from "../fakes/agent-process.ts";
import { type Mosquitto, startMosquitto } from "../fakes/mosquitto.ts";
import { makeUnitFolder, releaseStatus, type UnitFolder } from "../fakes/unit-folder.ts";
import { hasProgram } from "../peers.ts";

const seat = "Vehicle.Cabin.Seat.Row1.DriverSide.IsOccupied";
const releaseSeat: ReleaseRule = {
	id: "seat",
	outlet: "oem",
	purpose: "comfort",
	necessity: "a test looks for every value that must not arrive",
	categories: ["cabin.occupancy"],
	treatments: [],
	retentionDays: 7,
};
const consent = {
	subjectPseudonym: "driver-0001",
	categoryId: "cabin.occupancy",
	purpose: "comfort",
	noticeHash: "a".repeat(64),
	term: "drive",
	channel: "hmi",
};
const soon = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const tell = async (unit: UnitFolder, path: string, body?: object) => {
	const method = body === undefined ? "GET" : "POST";
	const reply = await unixHttp({
		socketPath: unit.socketPath,
		method,
		path,
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	return { status: reply.status, body: JSON.parse(reply.text) };
};

const sense = async (unit: UnitFolder, path: string, value: number | boolean): Promise<void> => {
	const post = async (): Promise<number> => {
		const { status } = await unixHttp({
			socketPath: unit.socketPath,
			method: "POST",
			path: "/readings?source=apps",
			headers: { "content-type": "application/x-ndjson" },
			body: JSON.stringify({ kind: "signal", path, value }),
		});
		return status;
	};
	// Right after the start the control socket is there and the source may not be: then nothing was taken.
	await expect.poll(post, { timeout: 10_000 }).toBe(200);
};

const start = async (unit: UnitFolder): Promise<AgentProcess> => {
	const agent = await startAgent(unit);
	cleanups.push(() => agent.kill());
	return agent;
};

const pending = async (agent: AgentProcess): Promise<number> => (await agent.status()).outlets[0]?.pendingEnvelopes ?? -1;

/** A unit whose broker is away, and the broker. */
const awayBroker = async (): Promise<{ readonly unit: UnitFolder; readonly mosquitto: Mosquitto }> => {
	const folder = await mkdtemp(join(tmpdir(), "kerbstone-consent-"));
	cleanups.push(() => rm(folder, { recursive: true, force: true }));
	const mosquitto = await startMosquitto({ folder });
	cleanups.push(() => mosquitto.stop());
	await mosquitto.kill();
	const unit = await makeUnitFolder({ brokerUrl: mosquitto.url, release: [releaseStatus, releaseSeat] });
	cleanups.push(() => unit.remove());
	return { unit, mosquitto };
};

const shedOf = (unit: UnitFolder, reason: string) =>
	runLedgerShow({ dataDir: unit.dataDir, kind: "shed", limit: 10_000 }).flatMap(({ entry }) =>
		entry?.kind === "shed" && entry.reason === reason ? [entry] : [],
	);

describe.skipIf(!hasProgram("mosquitto"))("consent (needs mosquitto)", () => {
	it("sends nothing that was withdrawn while it waited, not even after kill -9, and everything else", { timeout: 120_000 }, async () => {
		const { unit, mosquitto } = await awayBroker();
		const agent = await start(unit);
		await sense(unit, seat, true);
		expect((await tell(unit, "/consents")).body).toMatchObject({ ignition: "on", live: [] });
		expect(await pending(agent)).toBe(0);

		expect((await tell(unit, "/consents", consent)).status).toBe(200);
		const rounds = 20;
		for (let round = 1; round <= rounds; round += 1) {
			await sense(unit, seat, round % 2 === 0);
			await sense(unit, "Vehicle.Speed", round);
		}
		await expect.poll(() => pending(agent)).toBe(2 * rounds);
		const withdrawn = await tell(unit, "/consents/withdraw", { categoryId: "cabin.occupancy", purpose: "comfort" });
		await agent.kill();
		expect(withdrawn).toEqual({ status: 200, body: { consents: 1, envelopes: rounds, records: rounds } });

		const next = await start(unit);
		expect((await tell(unit, "/consents")).body).toMatchObject({ live: [], ended: [{ endedBy: "withdrawn" }] });
		await sense(unit, seat, true);
		expect(await pending(next)).toBe(rounds);

		await mosquitto.start();
		const unitKey = fromHex(JSON.parse(await readFile(join(unit.dataDir, "unit.json"), "utf8")).ed25519);
		const categories = new Set<string>();
		const speeds = new Set<unknown>();
		const collector = await startCollector({
			brokerUrl: mosquitto.url,
			primitives: unit.crypto,
			opener: { ...unit.opener, unitKeys: () => unitKey },
			onEnvelope: ({ label, records }) => {
				categories.add(label.category);
				for (const record of records) if (record.kind === "signal") speeds.add(record.value);
			},
		});
		cleanups.push(() => collector.close());
		await expect.poll(() => pending(next), { timeout: 60_000 }).toBe(0);
		await expect.poll(() => speeds.size, { timeout: 10_000 }).toBe(rounds);
		expect([...categories]).toEqual(["telemetry.vehicle-status"]);
		expect(await next.stop()).toBe(0);
		const shed = shedOf(unit, "consent-withdrawn");
		expect(shed.reduce((sum, { envelopes }) => sum + envelopes, 0)).toBe(rounds);
		expect(runLedgerVerify({ dataDir: unit.dataDir, disk: systemDisk })).toMatchObject({ ok: true });
	});

	it("forgets what waits to be sealed, ends drives, and refuses what is no consent", { timeout: 60_000 }, async () => {
		const { unit } = await awayBroker();
		await writeFile(
			unit.configFile,
			(await readFile(unit.configFile, "utf8")).replace('"maxRecords":100,"maxAgeMs":100', '"maxRecords":100,"maxAgeMs":600000'),
		);
		const agent = await start(unit);
		for (const wrong of [
			{ term: undefined },
			{ term: "permanent" },
			{ term: "until" },
			{ term: "until", notAfter: "permanent" },
			{ term: "until", notAfter: soon(181) },
			{ term: "until", notAfter: soon(-1) },
			{ minor: true },
			{ categoryId: "no.such.category" },
			{ noticeHash: "none" },
			{ subjectPseudonym: "\n" },
		]) {
			expect([wrong, (await tell(unit, "/consents", { ...consent, ...wrong })).status]).toEqual([wrong, 400]);
		}
		expect((await tell(unit, "/consents", { ...consent, minor: true, guardian: true })).status).toBe(200);
		expect((await tell(unit, "/ignition", { state: "off" })).body).toEqual({ consents: 1, envelopes: 0, records: 0 });
		expect((await tell(unit, "/consents", consent)).status).toBe(400);
		expect((await tell(unit, "/ignition", { state: "on" })).status).toBe(200);
		expect((await tell(unit, "/consents")).body.live).toEqual([]);

		expect((await tell(unit, "/consents", { ...consent, term: "until", notAfter: soon(1) })).status).toBe(200);
		expect((await tell(unit, "/consents", { ...consent, subjectPseudonym: "driver-0002" })).status).toBe(200);
		await agent.kill();
		const next = await start(unit);
		expect((await tell(unit, "/consents")).body.live).toMatchObject([{ subjectPseudonym: "driver-0001", term: "until" }]);
		expect((await tell(unit, "/consents/withdraw", {})).status).toBe(400);
		expect((await tell(unit, "/consents/withdraw", { all: true, purpose: "comfort" })).status).toBe(400);
		expect((await tell(unit, "/consents/withdraw", { all: true })).body).toMatchObject({ consents: 1 });
		expect(await next.stop()).toBe(0);
		const acts = runLedgerShow({ dataDir: unit.dataDir, kind: "act", limit: 1_000 }).flatMap(({ entry }) =>
			entry?.kind === "act" ? [`${entry.opType} ${entry.opObject} ${entry.result}`] : [],
		);
		expect(acts).toContain("consent-grant agent refused");
		expect(acts).toContain("consent-grant consent cabin.occupancy comfort done");
		expect(acts).toContain("consent-drive-ended consent cabin.occupancy comfort done");
		expect(acts).toContain("ignition ignition off done");
		expect(acts).toContain("consent-withdraw consent any any done");
		expect(JSON.stringify(acts)).not.toContain("driver-000");
	});

	it("takes a damaged register for nobody's consent, raises an alarm, and takes back what waits", { timeout: 60_000 }, async () => {
		const { unit } = await awayBroker();
		const agent = await start(unit);
		await tell(unit, "/consents", { ...consent, term: "until", notAfter: soon(1) });
		await sense(unit, seat, true);
		await expect.poll(() => pending(agent)).toBe(1);
		await agent.kill();
		const file = join(unit.dataDir, "consents.json");
		const text = await readFile(file, "utf8");
		await writeFile(file, text.replace("driver-0001", "driver-0002"));
		const next = await start(unit);
		expect((await tell(unit, "/consents")).body.live).toEqual([]);
		await expect.poll(() => pending(next)).toBe(0);
		expect(await next.stop()).toBe(0);
		expect(JSON.stringify(runLedgerShow({ dataDir: unit.dataDir, kind: "security" }))).toContain("consents-damaged");
		expect(shedOf(unit, "consent-ended")).toMatchObject([{ envelopes: 1, category: "cabin.occupancy" }]);
	});

	it("bears many clients at once: every act is in the ledger and the last word counts", { timeout: 60_000 }, async () => {
		const { unit } = await awayBroker();
		const agent = await start(unit);
		const grants = Array.from({ length: 12 }, (_, at) => tell(unit, "/consents", { ...consent, subjectPseudonym: `driver-${1000 + at}` }));
		const others = Array.from({ length: 6 }, () => tell(unit, "/consents/withdraw", { all: true }));
		const senses = Array.from({ length: 6 }, () => sense(unit, seat, true));
		expect((await Promise.all([...grants, ...others])).map(({ status }) => status)).toEqual(Array.from({ length: 18 }, () => 200));
		await Promise.all(senses);
		await tell(unit, "/consents/withdraw", { all: true });
		expect((await tell(unit, "/consents")).body.live).toEqual([]);
		expect(await pending(agent)).toBe(0);
		expect(await agent.stop()).toBe(0);
		const acts = runLedgerShow({ dataDir: unit.dataDir, kind: "act", limit: 1_000 }).map(({ entry }) =>
			entry?.kind === "act" ? entry.opType : "",
		);
		expect(acts.filter((act) => act === "consent-grant")).toHaveLength(12);
		expect(acts.filter((act) => act === "consent-withdraw")).toHaveLength(7);
		expect(runLedgerVerify({ dataDir: unit.dataDir, disk: systemDisk })).toMatchObject({ ok: true });
	});
});
