/**
 * The whole road of the law over a real mosquitto: a unit that has nothing but MQTT, and a policy server whose notice makes a unit look.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { connectAsync } from "mqtt";
import * as v from "valibot";
import { afterEach, describe, expect, it } from "vitest";
import { signLaw } from "../../agent/commands/law-sign.ts";
import { retainLaw } from "../../agent/commands/retain-law.ts";
import { unixHttp } from "../../agent/host/unix-http.ts";
import { lawFileTopic, lawNoticeTopic, statusFilter, statusTopic, uploadFilter } from "../../shared/topics.ts";
import { type UnitStatus, UnitStatusSchema } from "../../shared/unit-status.ts";
import { repoPath } from "../data.ts";
import { type AgentProcess, startAgent } from "../fakes/agent-process.ts";
import { type Mosquitto, startMosquitto } from "../fakes/mosquitto.ts";
import { makeUnitFolder, releaseStatus, type UnitFolder } from "../fakes/unit-folder.ts";
import { hasProgram } from "../peers.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const canRun = hasProgram("mosquitto");

const aMosquitto = async (): Promise<Mosquitto> => {
	const folder = await mkdtemp(join(tmpdir(), "kerbstone-road-"));
	cleanups.push(() => rm(folder, { recursive: true, force: true }));
	const mosquitto = await startMosquitto({ folder });
	cleanups.push(() => mosquitto.stop());
	return mosquitto;
};

/** A unit whose law is where `law` says; the repository's own folder is `law` in the unit's folder. */
const aUnit = async (mosquitto: Mosquitto, law: Readonly<Record<string, unknown>>): Promise<UnitFolder> => {
	const unit = await makeUnitFolder({ brokerUrl: mosquitto.url, release: [releaseStatus] });
	cleanups.push(() => unit.remove());
	const config = JSON.parse(await readFile(unit.configFile, "utf8"));
	config.law = { rootSha256: config.law.rootSha256, noticeSpreadMs: 200, refreshMs: 3_600_000, ...law };
	await writeFile(unit.configFile, JSON.stringify(config));
	return unit;
};

const anAgent = async (unit: UnitFolder): Promise<AgentProcess> => {
	const agent = await startAgent(unit);
	cleanups.push(() => agent.kill());
	return agent;
};

/** What a subscriber with a clean session hears: all uploads by topic, and the newest status of a unit. */
const anOperator = async ({ url }: Mosquitto) => {
	const client = await connectAsync(url, { clientId: "operator" });
	cleanups.push(() => client.endAsync(true));
	const uploads: string[] = [];
	const statuses: UnitStatus[] = [];
	client.on("message", (topic, payload) => {
		if (topic.includes("/up/")) uploads.push(topic);
		else if (topic === statusTopic("test-unit", "oem"))
			statuses.push(v.parse(v.strictObject(UnitStatusSchema.entries), JSON.parse(payload.toString())));
	});
	await client.subscribeAsync([uploadFilter, statusFilter], { qos: 1 });
	return { client, uploads, statuses, status: () => statuses.at(-1) };
};

const until = async (is: () => boolean | Promise<boolean>, what: () => unknown = () => undefined): Promise<void> => {
	for (let tries = 0; tries < 800 && !(await is()); tries += 1) await sleep(25);
	expect(await is(), JSON.stringify(what())).toBe(true);
};

const retain = (unit: UnitFolder, brokerUrl: string) =>
	retainLaw({
		...{ folder: join(unit.folder, "law"), brokerUrl, files: {}, repository: "main", noticeOnly: false },
		signal: AbortSignal.timeout(20_000),
	});

const sign = async (unit: UnitFolder, change: (policy: Record<string, unknown>) => void): Promise<string> => {
	const path = join(unit.folder, "law", "documents", "policy.json");
	const policy = JSON.parse(await readFile(path, "utf8"));
	policy.version += 1;
	change(policy);
	await writeFile(path, JSON.stringify(policy));
	return (await signLaw(join(unit.folder, "law"), join(unit.folder, "keys"))).hash;
};

const post = async (unit: UnitFolder, value: number): Promise<void> => {
	const reply = await unixHttp({
		...{ socketPath: unit.socketPath, method: "POST", path: "/readings?source=apps" },
		headers: { "content-type": "application/x-ndjson" },
		body: JSON.stringify({ kind: "signal", path: "Vehicle.Speed", value }),
	});
	expect(reply.status).toBe(200);
};

describe("a unit that has MQTT alone", () => {
	it.skipIf(!canRun)(
		"gets its first law, uploads, obeys a newer one at its notice and refuses a forged one (needs mosquitto)",
		async () => {
			const mosquitto = await aMosquitto();
			const unit = await aUnit(mosquitto, { mqtt: { url: mosquitto.url, addressRanges: ["127.0.0.0/8"] } });
			const operator = await anOperator(mosquitto);
			const first = await retain(unit, mosquitto.url);
			expect(first.written).toBeGreaterThan(10);
			expect(await retain(unit, mosquitto.url)).toStrictEqual({ written: 0, cleared: 0 });

			const agent = await anAgent(unit);
			const before = (await agent.status()).law?.hash;
			await post(unit, 42);
			await until(() => operator.uploads.length > 0);
			await until(() => operator.status()?.lawHash === before);
			expect(operator.status()).toMatchObject({ unitId: "test-unit", state: "online", policyVersion: 1 });

			const hash = await sign(unit, () => undefined);
			const { cleared } = await retain(unit, mosquitto.url);
			expect(cleared).toBeGreaterThan(0);
			await until(() => operator.status()?.lawHash === hash, operator.status);
			expect((await agent.status()).law).toMatchObject({ hash, policyVersion: 2 });
			expect(operator.status()).not.toHaveProperty("refusal");

			// The same notice again is no news; a law whose newest piece is forged is refused.
			const heard = (): number => agent.said().split("law_notice_heard").length;
			const heardBefore = heard();
			const { snapshotVersion } = operator.status() ?? {};
			const same = JSON.stringify({ repository: "main", snapshotVersion });
			await operator.client.publishAsync(lawNoticeTopic, same, { qos: 1, retain: true });
			const timestampTopic = lawFileTopic("main", "metadata/timestamp.json");
			const timestamp = await readFile(join(unit.folder, "law", "metadata", "timestamp.json"), "utf8");
			const forged = timestamp.replace(/"version": (\d+)/, '"version": 9$1');
			await operator.client.publishAsync(timestampTopic, forged, { qos: 1, retain: true });
			await operator.client.publishAsync(lawNoticeTopic, "forged", { qos: 1, retain: true });
			await until(() => operator.status()?.refusal !== undefined, operator.status);
			expect(operator.status()).toMatchObject({ refusal: { code: "LAW_SIGNATURE" }, lawHash: hash, policyVersion: 2 });
			expect((await agent.status()).law?.hash).toBe(hash);
			expect(heard()).toBe(heardBefore + 1);

			// Published again it is obeyed again, and the status says that the refusal is over.
			const later = await sign(unit, (policy) => {
				policy.release = [];
			});
			await retain(unit, mosquitto.url);
			await until(() => operator.status()?.lawHash === later, operator.status);
			expect(operator.status()).not.toHaveProperty("refusal");
			expect(await agent.stop()).toBe(0);
			await until(() => operator.status()?.state === "offline", operator.status);

			// Nothing that it says of itself is about what it sensed.
			expect(JSON.stringify(operator.statuses)).not.toContain("Speed");
		},
		90_000,
	);

	it.skipIf(!canRun)(
		"starts with its last good law when the broker is away, and hears the notice when it is back (needs mosquitto)",
		async () => {
			const mosquitto = await aMosquitto();
			const unit = await aUnit(mosquitto, { mqtt: { url: mosquitto.url, addressRanges: ["127.0.0.0/8"] } });
			await retain(unit, mosquitto.url);
			const agent = await anAgent(unit);
			const before = (await agent.status()).law?.hash;
			expect(await agent.stop()).toBe(0);
			await mosquitto.stop();
			const again = await anAgent(unit);
			expect((await again.status()).law?.hash).toBe(before);
			const hash = await sign(unit, () => undefined);
			await mosquitto.start();
			await retain(unit, mosquitto.url);
			await until(async () => (await again.status()).law?.hash === hash, again.said);
			expect(await again.stop()).toBe(0);
		},
		90_000,
	);

	it.skipIf(!canRun)(
		"starts nothing when the broker is outside the ranges, or keeps another root's law (needs mosquitto)",
		async () => {
			const mosquitto = await aMosquitto();
			const elsewhere = await aUnit(mosquitto, { mqtt: { url: mosquitto.url, addressRanges: ["10.0.0.0/8"] } });
			await retain(elsewhere, mosquitto.url);
			await expect(startAgent(elsewhere)).rejects.toThrow(/address-outside-ranges[\s\S]*LAW_UNAVAILABLE/);
			const other = await aUnit(mosquitto, { mqtt: { url: mosquitto.url, addressRanges: ["127.0.0.0/8"] } });
			await expect(startAgent(other)).rejects.toThrow(/LAW_SIGNATURE/);
		},
		90_000,
	);
});

describe("a unit behind a policy server", () => {
	it.skipIf(!canRun)(
		"obeys what was drafted, approved and released, and the server shows it (needs mosquitto)",
		async () => {
			const mosquitto = await aMosquitto();
			const unit = await aUnit(mosquitto, { folder: "law" });
			const run = (...args: readonly string[]) =>
				promisify(execFile)(process.execPath, [repoPath("simulators", "policy-server", "main.ts"), ...args], { cwd: unit.folder });
			await run("init", "--data", "server", "--from", "law", "--keys", "keys", "--online", "policy");
			const token = async (name: string, role: string): Promise<string> =>
				(await run("tokens", "add", "--data", "server", "--name", name, "--role", role)).stdout.trim();
			const [ann, bob] = [await token("ann", "author,publisher,auditor"), await token("bob", "approver")];
			const child = spawn(
				process.execPath,
				[repoPath("simulators", "policy-server", "main.ts"), "--data", "server", "--listen", "127.0.0.1:0", "--broker", mosquitto.url],
				{ cwd: unit.folder, stdio: ["ignore", "pipe", "ignore"] },
			);
			const ended = once(child, "exit");
			cleanups.push(async () => {
				child.kill("SIGTERM");
				await ended;
			});
			const url = await new Promise<string>(
				(resolve) => void createInterface({ input: child.stdout }).once("line", (line) => resolve(line.replace("ready ", ""))),
			);
			const config = JSON.parse(await readFile(unit.configFile, "utf8"));
			const { folder: _folder, ...law } = config.law;
			const notice = { url: mosquitto.url, addressRanges: ["127.0.0.0/8"] };
			await writeFile(unit.configFile, JSON.stringify({ ...config, law: { ...law, url: `${url}/tuf/`, notice } }));
			const agent = await anAgent(unit);
			const before = (await agent.status()).law;
			expect(before?.policyVersion).toBe(1);

			const call = async (method: string, path: string, bearer: string, body?: unknown) => {
				const response = await fetch(`${url}${path}`, {
					method,
					headers: { authorization: `Bearer ${bearer}` },
					...(body === undefined ? {} : { body: JSON.stringify(body) }),
				});
				return JSON.parse(await response.text());
			};
			await until(async () => (await call("GET", "/units/test-unit", ann)).lawHash === before?.hash);
			const draft = await call("POST", "/drafts", ann, { name: "nothing leaves" });
			const policy = draft.documents.find(({ path }: { readonly path: string }) => path.startsWith("policy/"));
			policy.document = { ...policy.document, version: 2, release: [] };
			const { sha256 } = await call("PUT", `/drafts/${draft.id}/document`, ann, policy);
			await call("POST", `/drafts/${draft.id}/submit`, ann);
			await call("POST", `/drafts/${draft.id}/approvals`, bob, { sha256 });
			const release = await call("POST", "/releases", ann, { draft: draft.id });
			expect(release).toMatchObject({ state: "published" });

			await until(async () => (await agent.status()).law?.policyVersion === 2, agent.said);
			const hash = (await agent.status()).law?.hash;
			await until(async () => (await call("GET", "/units/test-unit", ann)).lawHash === hash);
			expect(await call("GET", "/units/test-unit", ann)).toMatchObject({ unitId: "test-unit", lawHash: hash, release: release.id });
			expect(await agent.stop()).toBe(0);
		},
		90_000,
	);
});
