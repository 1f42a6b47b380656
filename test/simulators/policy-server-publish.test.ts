import { type ChildProcess, spawn } from "node:child_process";
import { createReadStream, existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lawNoticeTopic } from "../../shared/topics.ts";
import { startBroker } from "../../simulators/broker.ts";
import { openPeople } from "../../simulators/policy-server/people.ts";
import { startPolicyServer, storePath } from "../../simulators/policy-server/server.ts";
import { openStore } from "../../simulators/policy-server/store.ts";
import { repoPath } from "../data.ts";
import { makeCertificates } from "../fakes/certificates.ts";
import { at, lawDocuments, makePolicyServer, type TestPolicyServer } from "../fakes/policy-server.ts";
import { makeTufClient, type TufClient } from "../fakes/tuf-client.ts";
import { hasProgram } from "../peers.ts";

const versionIn = (text: string | undefined): number => Number(JSON.parse(text ?? "{}").version);

describe("publishing", () => {
	let server: TestPolicyServer;
	let client: TufClient;
	beforeAll(async () => {
		server = await makePolicyServer({ online: ["policy"] });
		client = await makeTufClient(await readFile(join(server.dataDir, "public", "root.json")));
	});
	afterAll(async () => {
		await client.remove();
		await server.remove();
	});
	const tuf = () => `${server.url()}/tuf`;

	it("a release waits for the signatures of offline roles and is published with the last", async () => {
		const release = await server.release(lawDocuments(1, "status"));
		expect([release.status, at(release, "state"), at(release, "missing")]).toStrictEqual([
			201,
			"signing",
			[{ role: "catalogue", have: 0, need: 1 }],
		]);
		expect(await client.fetch(tuf(), "policy/all.json")).toBeUndefined();

		const id = String(at(release, "id"));
		const { publisher } = server.tokens;
		const bytes = await server.call("GET", `/releases/${id}/to-sign/catalogue`, publisher);
		expect(bytes.headers.get("content-type")).toBe("application/octet-stream");
		expect(bytes.text.startsWith('{"_type":"targets"')).toBe(true);
		const metadata = await server.call("GET", `/releases/${id}/to-sign/catalogue?form=metadata`, publisher);
		const send = (signatures: unknown, role = "catalogue") =>
			server.call("POST", `/releases/${id}/signatures`, publisher, { role, signatures });

		// Signed by keys of another role, changed by a digit, for another role.
		expect((await send(await server.signOffline(metadata.text, "halt"))).status).toBe(422);
		const good = await server.signOffline(metadata.text, "catalogue");
		expect((await send(good.map(({ keyid, sig }) => ({ keyid, sig: `${sig.slice(0, -2)}00` })))).status).toBe(422);
		expect((await send(good, "policy")).status).toBe(404);
		expect(at(await server.call("GET", `/releases/${id}`, publisher), "state")).toBe("signing");

		expect(at(await send(good), "state")).toBe("published");
		expect(versionIn(await client.fetch(tuf(), "policy/all.json"))).toBe(1);
		expect(await client.fetch(tuf(), "catalogue/test.json")).toContain('"kind": "catalogue"');
	});

	it("a release of online roles alone is there at once, and the files alone are a whole repository", async () => {
		expect(at(await server.release(lawDocuments(2, "status", "battery")), "state")).toBe("published");
		expect(versionIn(await client.fetch(tuf(), "policy/all.json"))).toBe(2);
		const files = await serveFolder(join(server.dataDir, "public"));
		expect(versionIn(await client.fetch(files.url, "policy/all.json"))).toBe(2);
		await files.close();
	});

	it("two people must sign for authorisations, and one of them twice is one", async () => {
		const documents = [
			...lawDocuments(2, "status", "battery"),
			{
				path: "authorisations/all.json",
				document: { kind: "authorisations", version: 1, issuedAt: "2026-01-01T00:00:00Z", authorisations: [] },
			},
		];
		const release = await server.release(documents);
		expect(at(release, "missing")).toStrictEqual([{ role: "authorisations", have: 0, need: 2 }]);
		const id = String(at(release, "id"));
		const { publisher } = server.tokens;
		const metadata = (await server.call("GET", `/releases/${id}/to-sign/authorisations?form=metadata`, publisher)).text;
		const [first, second] = await server.signOffline(metadata, "authorisations");
		const send = (...signatures: unknown[]) =>
			server.call("POST", `/releases/${id}/signatures`, publisher, { role: "authorisations", signatures });
		expect(at(await send(first), "missing")).toStrictEqual([{ role: "authorisations", have: 1, need: 2 }]);
		expect(at(await send(first, first), "state")).toBe("signing");
		// While it waits nothing else is released, and the bytes to sign stay as they are, also over a restart.
		expect(
			at(await server.call("POST", "/releases", publisher, { draft: await server.approved(lawDocuments(3, "status")) }), "error.code"),
		).toBe("release_waits");
		await server.stop();
		await server.restart();
		expect(
			JSON.parse((await server.call("GET", `/releases/${id}/to-sign/authorisations?form=metadata`, publisher)).text).signed,
		).toStrictEqual(JSON.parse(metadata).signed);
		expect(at(await send(second), "state")).toBe("published");
		expect(await client.fetch(tuf(), "authorisations/all.json")).toContain("authorisations");
	});

	it("offline roles are signed anew before they end, though nothing of theirs changed", async () => {
		const { publisher } = server.tokens;
		const ends = async () => {
			const roles = at(await server.call("GET", "/repository", publisher), "roles");
			return Object.fromEntries((roles as readonly { role: string; version: number }[]).map(({ role, version }) => [role, version]));
		};
		const before = await ends();
		const wanted = ["root", "targets", "catalogue"];
		const id = String(at(await server.call("POST", "/releases", publisher, { renew: wanted }), "id"));
		for (const role of wanted) {
			const metadata = (await server.call("GET", `/releases/${id}/to-sign/${role}?form=metadata`, publisher)).text;
			const signatures = await server.signOffline(metadata, role);
			const answer = await server.call("POST", `/releases/${id}/signatures`, publisher, { role, signatures });
			expect(answer.status, answer.text).toBe(200);
		}
		expect(at(await server.call("GET", `/releases/${id}`, publisher), "state")).toBe("published");
		const after = await ends();
		for (const role of ["root", "targets", "catalogue", "places"])
			expect(after[role], role).toBe((before[role] ?? 0) + (wanted.includes(role) ? 1 : 0));
		expect(versionIn(await client.fetch(tuf(), "policy/all.json"))).toBe(2);
		for (const body of [{}, { renew: [] }, { renew: ["snapshot"] }, { renew: ["root"], draft: "d-000001" }])
			expect((await server.call("POST", "/releases", publisher, body)).status).toBe(400);
	});

	it("an earlier release comes back as a draft with higher versions", async () => {
		const restored = await server.call("POST", "/releases/r-000001/restore", server.tokens.author);
		const draft = await server.call("GET", `/drafts/${String(at(restored, "draft"))}`, server.tokens.author);
		expect(at(draft, "documents.1.document.version")).toBe(3);
		expect(at(draft, "documents.1.document.release.length")).toBe(1);
	});

	it("keys on the disk are their owner's alone, and published files everybody's", async () => {
		for (const name of await readdir(join(server.dataDir, "keys")))
			expect((await stat(join(server.dataDir, "keys", name))).mode & 0o777).toBe(0o600);
		expect((await stat(join(server.dataDir, "public", "metadata", "timestamp.json"))).mode & 0o004).toBe(4);
		expect((await stat(join(server.dataDir, "public", "metadata"))).mode & 0o005).toBe(5);
	});
});

describe("time", () => {
	it("the timestamp is signed again before it ends", async () => {
		const server = await makePolicyServer({ lifeDays: { timestamp: 3 / 86_400 } });
		const seen = async (): Promise<number> => Number(at(await server.call("GET", "/repository", server.tokens.auditor), "roles.8.version"));
		const first = await seen();
		for (let tries = 0; tries < 100 && (await seen()) < first + 2; tries++) await new Promise((resolve) => setTimeout(resolve, 100));
		expect(await seen()).toBeGreaterThanOrEqual(first + 2);
		const client = await makeTufClient(await readFile(join(server.dataDir, "public", "root.json")));
		expect(await client.fetch(`${server.url()}/tuf`, "policy/all.json")).toBeUndefined();
		await client.remove();
		await server.remove();
		expect(server.problems).toStrictEqual([]);
	});
});

describe("broker", () => {
	it("the retained notice says where and how new, and what units say of themselves is heard", async () => {
		const broker = await startBroker({ port: 0 });
		const server = await makePolicyServer({ broker: { url: broker.url } });
		const unit = await connectAsync(broker.url, { clientId: "unit-1.oem" });
		const notices: { readonly repository: string; readonly snapshotVersion: number }[] = [];
		unit.on("message", (_topic, payload) => void notices.push(JSON.parse(payload.toString())));
		await unit.subscribeAsync(lawNoticeTopic, { qos: 1 });
		expect((await server.release(lawDocuments(1, "status"))).status).toBe(201);
		const until = async (done: () => boolean | Promise<boolean>): Promise<void> => {
			for (let tries = 0; tries < 200 && !(await done()); tries++) await new Promise((resolve) => setTimeout(resolve, 25));
		};
		const wanted = { repository: `${server.url()}/tuf/`, snapshotVersion: 2 };
		await until(() => notices.some(({ snapshotVersion }) => snapshotVersion === 2));
		expect(notices.at(-1)).toStrictEqual(wanted);
		for (const payload of ["", "{", "[]", '{"lawHash":"x"}', "x".repeat(70_000)])
			await unit.publishAsync("kerb/v1/unit-1/status/oem", payload, { qos: 1 });
		await unit.publishAsync("kerb/v1/fleet/status/oem", JSON.stringify({ lawHash: "c".repeat(64) }), { qos: 1 });
		await unit.publishAsync(
			"kerb/v1/unit-1/status/oem",
			JSON.stringify({ state: "online", lawHash: "b".repeat(64), refusal: { code: "LAW_INVALID" } }),
			{ qos: 1 },
		);
		await until(async () => (await server.call("GET", "/units/unit-1", server.tokens.operator)).status === 200);
		const known = await server.call("GET", "/units", server.tokens.operator);
		expect(known.body).toMatchObject({
			units: 1,
			page: [{ unitId: "unit-1", lawHash: "b".repeat(64), lastRefusal: { code: "LAW_INVALID" } }],
		});
		await unit.endAsync();
		await server.remove();
		await broker.close();
	});
});

describe("mutual TLS", () => {
	it.skipIf(!hasProgram("openssl"))("a certificate of the authority is a person, any other is nobody (needs openssl)", async () => {
		const folder = await mkdtemp(join(tmpdir(), "kerbstone-policy-tls-"));
		const made = makeCertificates(folder);
		const data = await makePolicyServer();
		await data.stop();
		const store = openStore(storePath(data.dataDir), data.crypto);
		openPeople(store.db, data.crypto, () => 0).addCertificate("client", ["auditor"]);
		store.close();
		const pem = (path: string) => readFile(path, "utf8");
		const ca = await pem(made.caFile);
		const server = await startPolicyServer({
			dataDir: data.dataDir,
			host: "127.0.0.1",
			port: 0,
			tls: { cert: await pem(made.server.certFile), key: await pem(made.server.keyFile), clientCa: ca },
			onProblem: () => undefined,
		});
		const ask = async (path: string, pair?: { readonly certFile: string; readonly keyFile: string }): Promise<number> => {
			const own = pair === undefined ? {} : { cert: await pem(pair.certFile), key: await pem(pair.keyFile) };
			return new Promise((resolve, reject) => {
				request(`${server.url}${path}`, { ca, ...own, agent: false }, (response) => {
					response.resume();
					resolve(response.statusCode ?? 0);
				})
					.on("error", reject)
					.end();
			});
		};
		expect(await ask("/audit", made.client)).toBe(200);
		expect(await ask("/units/unit-1", made.client)).toBe(404);
		expect(await ask("/audit", made.foreignClient)).toBe(401);
		expect(await ask("/audit", made.secondServer)).toBe(401);
		expect(await ask("/audit")).toBe(401);
		expect(await ask("/healthz")).toBe(200);
		await server.close();
		await data.restart();
		await data.remove();
		await rm(folder, { recursive: true, force: true });
	});
});

describe("kill -9", () => {
	it("in the middle of publishing leaves a repository that a client takes, old or new, and nothing that was answered is lost", async () => {
		const server = await makePolicyServer();
		await server.release(lawDocuments(1, "status"));
		await server.stop();
		const client = await makeTufClient(await readFile(join(server.dataDir, "public", "root.json")));
		const files = await serveFolder(join(server.dataDir, "public"));
		let answered = 1;
		let version = 1;
		for (const delayMs of [15, 40, 65, 90, 120, 160, 230, 300]) {
			const child = await startChild(server.dataDir);
			const killed = new Promise((resolve) => child.process.once("exit", resolve));
			// Counted from the first release that it has answered, so that a slow machine is hit in the middle of one, too.
			let timer = setTimeout(() => child.process.kill("SIGKILL"), 60_000);
			let isFirst = true;
			try {
				for (;;) {
					const done = await releaseOver(child.url, server.tokens, version + 1);
					version += 1;
					if (!done) continue;
					answered = version;
					if (!isFirst) continue;
					isFirst = false;
					clearTimeout(timer);
					timer = setTimeout(() => child.process.kill("SIGKILL"), delayMs);
				}
			} catch {
				// The server is dead.
			}
			await killed;
			clearTimeout(timer);
			const taken = versionIn(await client.fetch(files.url, "policy/all.json"));
			expect(taken).toBeGreaterThanOrEqual(answered);
			version = Math.max(version + 1, taken);
		}
		expect(answered).toBeGreaterThan(3);
		await server.restart();
		const store = at(await server.call("GET", "/law", server.tokens.auditor), "documents.1.document.version");
		expect(versionIn(await client.fetch(`${server.url()}/tuf`, "policy/all.json"))).toBe(store);
		expect((await server.release(lawDocuments(version + 10, "status", "battery"))).status).toBe(201);
		expect(versionIn(await client.fetch(files.url, "policy/all.json"))).toBe(version + 10);
		await files.close();
		await client.remove();
		await server.remove();
	});
});

/** Makes and releases a draft; true once the server has said that it is published. */
const releaseOver = async (url: string, tokens: TestPolicyServer["tokens"], version: number): Promise<boolean> => {
	const call = async (path: string, token: string, body: unknown = {}): Promise<Record<string, unknown>> => {
		const response = await fetch(`${url}${path}`, {
			method: "POST",
			headers: { authorization: `Bearer ${token}` },
			body: JSON.stringify(body),
		});
		return (await response.json()) as Record<string, unknown>;
	};
	const rules = version % 2 === 0 ? ["status"] : ["status", "battery"];
	const { id, sha256 } = await call("/drafts", tokens.author, { name: "again", documents: lawDocuments(version, ...rules) });
	await call(`/drafts/${String(id)}/submit`, tokens.author);
	for (const token of [tokens.approver, tokens.second]) await call(`/drafts/${String(id)}/approvals`, token, { sha256 });
	return (await call("/releases", tokens.publisher, { draft: id })).state === "published";
};

const startChild = (dataDir: string): Promise<{ readonly process: ChildProcess; readonly url: string }> =>
	new Promise((resolve, reject) => {
		const main = repoPath("simulators/policy-server/main.ts");
		const child = spawn(process.execPath, [main, "--data", dataDir, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
		child.once("exit", () => reject(new Error("the server ended before it was ready")));
		createInterface({ input: child.stdout }).once("line", (line) => resolve({ process: child, url: line.replace("ready ", "") }));
	});

/** Any web server: files by name, and nothing that is not whole, since temporary files have another name. */
const serveFolder = async (folder: string): Promise<{ readonly url: string; close(): Promise<void> }> => {
	const server: Server = createServer((incoming, response) => {
		const path = join(folder, new URL(incoming.url ?? "", "http://localhost").pathname);
		if (!existsSync(path)) return void response.writeHead(404).end();
		createReadStream(path).pipe(response);
	});
	await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: () => new Promise((resolve) => void server.close(() => resolve())),
	};
};
