/**
 * The command behind the TUF client conformance suite, held to that suite's areas by cases of our own, and to its static repositories.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import command from "../../agent/commands/law-tuf-client.ts";
import { rotateRole } from "../../shared/role-keys.ts";
import { encodeMetadata, keyTable, parseMetadata, specVersion, withSignatures } from "../../shared/tuf-metadata.ts";
import { dataPath, hasData, repoPath } from "../data.ts";
import { bytesOf, crypto, dayMs, document, sha256, smallLaw, testRepository } from "../fakes/law-repository.ts";
import { hasProgram } from "../peers.ts";

let [server, base]: [Server | undefined, string] = [undefined, ""];
let files: (path: string) => Uint8Array | undefined = () => undefined;
let asked: string[] = [];
let folder = "";

beforeAll(async () => {
	server = createServer((request, response) => {
		const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname.slice(1));
		asked.push(path);
		const bytes = files(path);
		response.statusCode = bytes === undefined ? 404 : 200;
		response.end(bytes);
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server?.close(resolve)));
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "kerbstone-tuf-"));
	asked = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (verb: readonly string[], values: Record<string, string | readonly string[]> = {}): Promise<number> =>
	command.run(
		{ values: { "metadata-dir": join(folder, "metadata"), "metadata-url": `${base}/metadata`, ...values }, positionals: verb },
		{ out: () => Promise.resolve(), err: () => {}, progress: () => {}, isTerminal: false, signal: new AbortController().signal },
	);
const refresh = (): Promise<number> => run(["refresh"]);
const download = (...names: readonly string[]): Promise<number> =>
	run(["download"], { "target-name": names, "target-base-url": `${base}/targets`, "target-dir": join(folder, "targets") });
const trusted = (name: string): number => {
	const path = join(folder, "metadata", `${name}.json`);
	return existsSync(path) ? parseMetadata(readFileSync(path), name).signed.version : 0;
};

/** A repository of now, served, with the client initialised. */
const begin = async (documents = smallLaw()) => {
	const repository = testRepository(documents, Date.now());
	files = (path) => repository.files.get(path);
	writeFileSync(join(folder, "first.json"), repository.files.get("root.json") ?? new Uint8Array());
	expect(await run(["init", join(folder, "first.json")])).toBe(0);
	return { repository, publish: (next = smallLaw(2)) => repository.publish(next, Date.now()) };
};

describe("law tuf-client", () => {
	it("init asks the repository for nothing", async () => {
		await begin();
		expect(asked).toEqual([]);
		expect(trusted("root")).toBe(1);
	});

	it("refresh keeps metadata under plain names and asks in the order of the specification", async () => {
		await begin();
		expect(await refresh()).toBe(0);
		expect(readdirSync(join(folder, "metadata")).sort()).toEqual(["root.json", "snapshot.json", "targets.json", "timestamp.json"]);
		expect(asked).toEqual(["metadata/2.root.json", "metadata/timestamp.json", "metadata/1.snapshot.json", "metadata/1.targets.json"]);
		asked = [];
		expect(await refresh()).toBe(0);
		expect(asked).toEqual(["metadata/2.root.json", "metadata/timestamp.json"]);
	});

	it("download takes a target once, and again only when it changed, into the same file", async () => {
		const { publish } = await begin();
		expect(await download("policy/all.json")).toBe(0);
		const [name] = readdirSync(join(folder, "targets"));
		expect(JSON.parse(readFileSync(join(folder, "targets", name ?? ""), "utf8")).version).toBe(1);
		asked = [];
		expect(await download("policy/all.json")).toBe(0);
		expect(asked.some((path) => path.startsWith("targets/"))).toBe(false);
		publish();
		expect(await download("policy/all.json")).toBe(0);
		expect(readdirSync(join(folder, "targets"))).toEqual([name]);
		expect(JSON.parse(readFileSync(join(folder, "targets", name ?? ""), "utf8")).version).toBe(2);
	});

	it("download stops at the first target that it does not find, and asks for no file of it", async () => {
		await begin();
		expect(await download("policy/all.json", "policy/none.json", "outlets/all.json")).toBe(1);
		expect(readdirSync(join(folder, "targets"))).toHaveLength(1);
		expect(asked.filter((path) => path.startsWith("targets/"))).toHaveLength(1);
	});

	it("download asks only the roles that may sign the target", async () => {
		await begin();
		expect(await download("catalogue/all.json")).toBe(0);
		expect(asked).toContain("metadata/1.catalogue.json");
		expect(asked).not.toContain("metadata/1.policy.json");
	});

	it("download takes a large target, and refuses one longer than was signed for", async () => {
		const large = document("places", { text: "x".repeat(3_000_000) });
		const { repository } = await begin([...smallLaw(), large]);
		expect(await download("places/all.json")).toBe(0);
		rmSync(join(folder, "targets"), { recursive: true });
		const path = `targets/places/${sha256(large.bytes)}.all.json`;
		files = (name) => (name === path ? new Uint8Array([...large.bytes, 32]) : repository.files.get(name));
		expect(await download("places/all.json")).toBe(1);
		expect(readdirSync(join(folder, "targets"))).toEqual([]);
	});

	it("download names targets by their whole path, encoded, and never outside its folder", async () => {
		const { repository } = await begin();
		expect(repository.files.size).toBeGreaterThan(5);
		expect(await download("../../escape.json")).toBe(1);
		expect(existsSync(join(folder, "..", "escape.json"))).toBe(false);
	});

	it("refresh keeps a newer root even when the timestamp then fails", async () => {
		const { repository, publish } = await begin();
		expect(await refresh()).toBe(0);
		repository.keys = rotateRole(repository.keys, "timestamp", crypto);
		const old = repository.files.get("metadata/timestamp.json");
		publish();
		files = (path) => (path === "metadata/timestamp.json" ? old : repository.files.get(path));
		expect(await refresh()).toBe(1);
		expect([trusted("root"), trusted("timestamp")]).toEqual([2, 1]);
		files = (path) => repository.files.get(path);
		expect(await refresh()).toBe(0);
		expect(trusted("timestamp")).toBe(trusted("snapshot"));
	});

	it("refresh follows many roots, and stops at one that the keys before it did not sign", async () => {
		const { repository, publish } = await begin();
		for (let turn = 0; turn < 5; turn++) {
			repository.keys = rotateRole(repository.keys, "root", crypto);
			publish();
		}
		expect(await refresh()).toBe(0);
		expect(trusted("root")).toBe(6);
		const stranger = testRepository(smallLaw(), Date.now());
		const forged = parseMetadata(stranger.files.get("root.json") ?? new Uint8Array(), "root");
		const own = stranger.keys.keys.filter(({ role }) => role === "root");
		repository.files.set(
			"metadata/7.root.json",
			encodeMetadata(withSignatures({ signatures: [], signed: { ...forged.signed, version: 7 } }, own, crypto)),
		);
		expect(await refresh()).toBe(1);
		expect(trusted("root")).toBe(6);
	});

	it.each(["timestamp", "snapshot", "targets"] as const)("refresh refuses a repository whose %s went back", async (role) => {
		const { repository, publish } = await begin();
		const old = repository.copy();
		repository.keys = role === "targets" ? rotateRole(repository.keys, "policy", crypto) : repository.keys;
		publish();
		expect(await refresh()).toBe(0);
		const version = trusted(role);
		expect(version).toBe(2);
		files = (path) => old.get(path);
		expect(await refresh()).toBe(1);
		expect(trusted(role)).toBe(version);
	});

	it.each([
		["timestamp", { timestamp: -1 }, 0],
		["snapshot", { snapshot: -1 }, 0],
		["targets", { roles: -1 }, 0],
		["root", { root: -1 }, 1],
	] as const)("refresh refuses an expired %s", async (role, lifeDays, kept) => {
		const repository = testRepository([], Date.now() - 2 * dayMs);
		repository.files.clear();
		repository.publish(smallLaw(), Date.now(), lifeDays);
		files = (path) => repository.files.get(path);
		writeFileSync(join(folder, "first.json"), repository.files.get("root.json") ?? new Uint8Array());
		await run(["init", join(folder, "first.json")]);
		expect(await refresh()).toBe(1);
		expect(trusted(role)).toBe(kept);
	});

	it.each(["role with spaces", "../up", "a/b", "ü", "100%25", "."])("download walks through a role named %j", async (name) => {
		const { repository } = await begin();
		const key = repository.keys.keys.find(({ role }) => role === "policy");
		const keysOf = (role: string) => repository.keys.keys.filter((each) => each.role === role);
		if (key === undefined) throw new Error("the repository has no key");
		const expires = new Date(Date.now() + dayMs).toISOString().replace(/\.\d+/, "");
		const sealed = (signed: Record<string, unknown>, role: string): Uint8Array =>
			encodeMetadata(
				withSignatures(
					parseMetadata(bytesOf({ signatures: [], signed: { spec_version: specVersion, version: 2, expires, ...signed } }), role),
					role === "delegate" ? [key] : keysOf(role),
					crypto,
				),
			);
		const bytes = bytesOf({ any: name });
		const delegation = { name, keyids: [key.keyId], threshold: 1, terminating: false, paths: ["deep/*"] };
		const delegations = { keys: keyTable([key], crypto), roles: [delegation] };
		const target = { length: bytes.length, hashes: { sha256: sha256(bytes) } };
		repository.files.set(
			`metadata/2.${encodeURIComponent(name)}.json`,
			sealed({ _type: "targets", targets: { "deep/file.txt": target } }, "delegate"),
		);
		repository.files.set("metadata/2.targets.json", sealed({ _type: "targets", targets: {}, delegations }, "targets"));
		const meta = { "targets.json": { version: 2 }, [`${name}.json`]: { version: 2 } };
		repository.files.set("metadata/2.snapshot.json", sealed({ _type: "snapshot", meta }, "snapshot"));
		repository.files.set("metadata/timestamp.json", sealed({ _type: "timestamp", meta: { "snapshot.json": { version: 2 } } }, "timestamp"));
		repository.files.set(`targets/deep/${sha256(bytes)}.file.txt`, bytes);
		// The server has decoded the path once.
		files = (path) =>
			repository.files.get(path) ??
			repository.files.get(path.replace(/^metadata\/2\.(.*)\.json$/s, (_, role) => `metadata/2.${encodeURIComponent(role)}.json`));
		expect(await download("deep/file.txt")).toBe(0);
		expect(existsSync(join(folder, "metadata", `${encodeURIComponent(name)}.json`))).toBe(true);
		expect(existsSync(join(folder, "up.json"))).toBe(false);
	});

	it("refuses wrong usage apart from refusals of the repository", async () => {
		await expect(run(["update"])).rejects.toThrow(/expected init/);
		await expect(run(["download"])).rejects.toThrow(/target-dir/);
		expect(await run(["init", join(folder, "none.json")])).toBe(1);
	});
});

const archive = ["tuf", "tuf-conformance-static_data.tar.gz"] as const;
const preload = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

describe("law tuf-client against the suite's static repositories", () => {
	it.skipIf(!hasData(...archive) || !hasProgram("faketime"))(
		"takes each at its own date (needs shared data tuf, and faketime)",
		async () => {
			await new Promise((resolve) => execFile("tar", ["xzf", dataPath(...archive), "-C", folder], resolve));
			const root = join(folder, "tuf_conformance", "static_data");
			const names = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
			expect(names.length).toBeGreaterThan(1);
			files = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path)) : undefined);
			for (const { name } of names) {
				const line = (file: string): string => readFileSync(join(root, name, file), "utf8").trim();
				const metadata = join(folder, `${name}-metadata`);
				const targets = join(folder, `${name}-targets`);
				const env = { ...process.env, LD_PRELOAD: preload, FAKETIME: `@${line("faketime").slice(0, 19).replace("T", " ")}`, TZ: "UTC" };
				await run(["init", join(root, name, "initial_root.json")], { "metadata-dir": metadata });
				const args = ["--metadata-dir", metadata, "--metadata-url", `${base}/${name}/metadata`, "--target-name", line("targetpath")];
				const more = ["--target-base-url", `${base}/${name}/targets`, "--target-dir", targets, "download"];
				const code = await new Promise((resolve) => {
					execFile(process.execPath, [repoPath("agent", "main.ts"), "law", "tuf-client", ...args, ...more], { env }, (error) =>
						resolve(error?.code ?? 0),
					);
				});
				expect(code, name).toBe(0);
				expect(readdirSync(targets)).toHaveLength(1);
			}
		},
		60_000,
	);
});
