/**
 * A unit in a folder with a law of a test's own documents, run in this process under a clock that stands where the test says.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { type Agent, compose } from "../../agent/compose.ts";
import { parseConfig } from "../../agent/config.ts";
import type { Clock } from "../../agent/host/clock.ts";
import type { KerbEvent } from "../../agent/host/events.ts";
import { systemHost } from "../../agent/host/system-host.ts";
import { unixHttp } from "../../agent/host/unix-http.ts";
import type { RepositoryDocument } from "../../shared/tuf-repository.ts";
import { utcMs } from "../../shared/units.ts";
import { bytesOf, sha256, testRepository } from "./law-repository.ts";

/** `extra` is merged into the configuration. */
export const makeLawUnit = async (documents: readonly RepositoryDocument[], madeAtMs: number, extra: object = {}) => {
	const folder = await mkdtemp(join(tmpdir(), "kerbstone-law-unit-"));
	const repository = testRepository(documents, madeAtMs);
	const write = async (): Promise<void> => {
		for (const [path, bytes] of repository.files) {
			await mkdir(dirname(join(folder, "law", path)), { recursive: true });
			await writeFile(join(folder, "law", path), bytes);
		}
	};
	await write();
	const root = repository.files.get("root.json") ?? repository.files.get("metadata/1.root.json");
	const config = parseConfig(
		bytesOf({
			unit: { id: "test-unit" },
			dataDir: "data",
			law: { folder: "law", ...(root === undefined ? {} : { rootSha256: sha256(root) }) },
			sources: [{ id: "apps", type: "socket" }],
			batch: { maxRecords: 4, maxAgeMs: 50 },
			...extra,
		}),
		folder,
	);
	return { folder, config, repository, write, remove: () => rm(folder, { recursive: true, force: true }) };
};
export type LawUnit = Awaited<ReturnType<typeof makeLawUnit>>;

export interface RunningUnit {
	readonly agent: Agent;
	readonly events: readonly KerbEvent[];
	/** Hands in that many values of one signal and waits until they are accepted. */
	sense(count: number, path?: string): Promise<void>;
	/** Posts to the control socket. */
	post(path: string, body: object): Promise<{ readonly status: number; readonly text: string }>;
}

export const runLawUnit = async (
	{ config }: LawUnit,
	clockAtMs: number,
	work: (unit: RunningUnit) => Promise<void> | void,
	/** Waits last as long as they say: for what runs in a worker. */
	{ realWaits = false } = {},
): Promise<void> => {
	const events: KerbEvent[] = [];
	const host = await systemHost({ emit: (event) => events.push(event) });
	const offsetMs = clockAtMs - host.clock.nowMs();
	// Nobody waits long for a broker that is not there.
	const clock: Clock = {
		...host.clock,
		nowMs: () => utcMs(host.clock.nowMs() + offsetMs),
		sleep: (delayMs, signal) => host.clock.sleep(realWaits ? delayMs : Math.min(delayMs, 50), signal),
	};
	const agent = await compose(config, { ...host, clock }, { looksFirst: true });
	const stop = new AbortController();
	const done = agent.run(stop.signal);
	const socketPath = join(config.dataDir, "control.sock");
	const ask = () =>
		unixHttp({ socketPath, method: "GET", path: "/status" }).then(
			({ text }) => JSON.parse(text).sources?.map(({ state }: { state: string }) => state),
			() => [],
		);
	// The control socket is there before the source takes anything from it.
	await expect.poll(ask, { timeout: 10_000 }).toEqual(config.sources.map(() => "open"));
	const post = (path: string, body: object) => unixHttp({ socketPath, method: "POST", path, body: JSON.stringify(body) });
	const sense = async (count: number, path = "Vehicle.Speed"): Promise<void> => {
		const lines = Array.from({ length: count }, (_, value) => JSON.stringify({ kind: "signal", path, value }));
		const reply = await unixHttp({
			...{ socketPath, method: "POST", path: "/readings?source=apps", body: lines.join("\n") },
			headers: { "content-type": "application/x-ndjson" },
		});
		expect(reply.status).toBe(200);
	};
	try {
		await work({ agent, events, sense, post });
	} finally {
		stop.abort();
		await done;
	}
};
