/**
 * The promise of at-least-once, tried on the real thing: the agent is killed twenty times while it takes readings and uploads them to a real
 * mosquitto. What it said it had accepted must be at the collector, every envelope once, without a gap.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { runLedgerVerify } from "../../agent/commands/ledger.ts";
import { runSpoolVerify } from "../../agent/commands/spool.ts";
import { systemDisk } from "../../agent/host/disk.ts";
import { unixHttp } from "../../agent/host/unix-http.ts";
import { fromHex } from "../../shared/bytes.ts";
import { startCollector } from "../../simulators/collector.ts";
import { seededRandom } from "../../simulators/seeded-random.ts";
import { type AgentProcess, startAgent } from "../fakes/agent-process.ts";
import { startMosquitto } from "../fakes/mosquitto.ts";
import { makeUnitFolder, releaseStatus } from "../fakes/unit-folder.ts";
import { hasProgram } from "../peers.ts";

const kills = 20;
const perPost = 50;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe("agent", () => {
	it.skipIf(!hasProgram("mosquitto"))(
		`loses nothing that it accepted over ${kills} kills (needs mosquitto)`,
		{ timeout: 300_000 },
		async () => {
			const random = seededRandom(11);
			const folder = await mkdtemp(join(tmpdir(), "kerbstone-kill-"));
			cleanups.push(() => rm(folder, { recursive: true, force: true }));
			const mosquitto = await startMosquitto({ folder });
			cleanups.push(() => mosquitto.stop());
			const unit = await makeUnitFolder({ brokerUrl: mosquitto.url, release: [releaseStatus] });
			cleanups.push(() => unit.remove());

			const received = new Set<number>();
			let unitKey: Uint8Array | undefined;
			const collector = await startCollector({
				brokerUrl: mosquitto.url,
				primitives: unit.crypto,
				opener: { ...unit.opener, unitKeys: () => unitKey },
				onEnvelope: ({ records }) => {
					for (const record of records) if (record.kind === "signal" && typeof record.value === "number") received.add(record.value);
				},
			});
			cleanups.push(() => collector.close());

			let next = 1;
			const accepted = new Set<number>();
			/** Posts until the agent is gone; what it acknowledged is remembered. */
			const postUntilDead = async (agent: AgentProcess): Promise<void> => {
				while (agent.child.exitCode === null && agent.child.signalCode === null) {
					const values = Array.from({ length: perPost }, () => next++);
					const body = values.map((value) => JSON.stringify({ kind: "signal", path: "Vehicle.Speed", value })).join("\n");
					const reply = await unixHttp({
						socketPath: unit.socketPath,
						method: "POST",
						path: "/readings?source=apps",
						headers: { "content-type": "application/x-ndjson" },
						body,
					}).catch(() => undefined);
					if (reply?.status !== 200) return;
					expect(JSON.parse(reply.text).accepted).toBe(perPost);
					for (const value of values) accepted.add(value);
				}
			};

			for (let kill = 0; kill < kills; kill++) {
				const agent = await startAgent(unit);
				cleanups.push(() => agent.kill());
				unitKey ??= fromHex(JSON.parse(await readFile(join(unit.dataDir, "unit.json"), "utf8")).ed25519);
				const posting = postUntilDead(agent);
				await new Promise((resolve) => setTimeout(resolve, 20 + random() * 400));
				await agent.kill();
				await posting;
			}

			const last = await startAgent(unit);
			cleanups.push(() => last.kill());
			await expect.poll(async () => (await last.status()).outlets[0]?.pendingEnvelopes, { timeout: 60_000 }).toBe(0);
			expect(await last.stop()).toBe(0);
			const sealed = runSpoolVerify({ dataDir: unit.dataDir });
			expect(sealed.problems).toEqual([]);
			expect(runLedgerVerify({ dataDir: unit.dataDir, disk: systemDisk })).toMatchObject({ ok: true });

			await expect.poll(() => [...accepted].filter((value) => !received.has(value)).length, { timeout: 30_000 }).toBe(0);
			const account = collector.account();
			expect(accepted.size).toBeGreaterThan(kills * perPost);
			expect(account.gaps).toEqual([]);
			expect(account).toMatchObject({ conflicts: 0, signatureFailures: 0, openFailures: 0, unenrolled: 0, misaddressed: 0 });
			expect(account.streams).toEqual([{ unit: "test-unit", outlet: "oem", envelopes: account.envelopes, last: account.envelopes }]);
		},
	);
});
