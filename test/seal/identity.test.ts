import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadPrimitives } from "../../agent/host/primitives.ts";
import { openIdentity } from "../../agent/seal/identity.ts";
import { repoPath } from "../data.ts";

const p = await loadPrimitives();
let folder = "";
let path = "";
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "kerbstone-identity-"));
	path = join(folder, "unit-keys.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("openIdentity", () => {
	it("makes a file that only its owner can read, and is the same unit ever after", async () => {
		const first = await openIdentity(path, p);
		expect((await stat(path)).mode & 0o777).toBe(0o600);
		expect(await readdir(folder)).toEqual(["unit-keys.json"]);
		const again = await openIdentity(path, p);
		expect(again.keyId).toBe(first.keyId);
		expect(again.publicKey).toEqual(first.publicKey);
		expect(again.pseudonymKey("traffic", 1)).toEqual(first.pseudonymKey("traffic", 1));
		const bytes = new TextEncoder().encode("kerb");
		expect(p.ed25519Verify(first.publicKey, bytes, again.sign(bytes))).toBe(true);
	});

	it("makes another unit elsewhere", async () => {
		const [a, b] = [await openIdentity(path, p), await openIdentity(join(folder, "b.json"), p)];
		expect(a.keyId).not.toBe(b.keyId);
		expect(a.pseudonymKey("traffic", 1)).not.toEqual(b.pseudonymKey("traffic", 1));
	});

	it("derives pseudonym keys that differ by purpose and epoch, and are the caller's", async () => {
		const identity = await openIdentity(path, p);
		const keys = [
			identity.pseudonymKey("a", 1),
			identity.pseudonymKey("a", 2),
			identity.pseudonymKey("b", 1),
			identity.pseudonymKey("a", 11),
		];
		expect(new Set(keys.map(String)).size).toBe(4);
		identity.pseudonymKey("a", 1).fill(0);
		expect(identity.pseudonymKey("a", 1)).toEqual(keys[0]);
	});

	it("ends with one unit when many start at once", async () => {
		const identities = await Promise.all(Array.from({ length: 12 }, () => openIdentity(path, p)));
		expect(new Set(identities.map(({ keyId }) => keyId)).size).toBe(1);
		expect(await readdir(folder)).toEqual(["unit-keys.json"]);
	});

	it("does not depend on the umask", async () => {
		const before = process.umask(0o277);
		try {
			await openIdentity(path, p);
		} finally {
			process.umask(before);
		}
		expect((await stat(path)).mode & 0o777).toBe(0o600);
	});

	it.each([0o640, 0o604, 0o620, 0o644, 0o666])("refuses a file of mode %o and says what to do", async (mode) => {
		await openIdentity(path, p);
		await chmod(path, mode);
		await expect(openIdentity(path, p)).rejects.toMatchObject({ code: "KEY_INVALID", message: expect.stringContaining("chmod 600") });
		await chmod(path, 0o600);
		await openIdentity(path, p);
	});

	it("refuses a file cut short at any byte, keeps it, and shows none of it", async () => {
		await openIdentity(path, p);
		const whole = await readFile(path, "utf8");
		const seed: string = JSON.parse(whole).ed25519Seed;
		for (const length of [0, 1, 20, 70, 100, 150, whole.length - 3]) {
			await writeFile(path, whole);
			await truncate(path, length);
			const error: unknown = await openIdentity(path, p).catch((refusal: unknown) => refusal);
			expect(error).toMatchObject({ code: "KEY_INVALID" });
			expect(inspect(error, { depth: 9 })).not.toContain(seed.slice(0, 8));
			expect((await stat(path)).size).toBe(length);
		}
	});

	it("refuses files of another kind, version or size", async () => {
		const secrets = { ed25519Seed: "11".repeat(32), pseudonymRoot: "22".repeat(32) };
		const contents = [
			JSON.stringify({ kind: "unit-keys", version: 2, ...secrets }),
			JSON.stringify({ kind: "keys", version: 1, ...secrets }),
			JSON.stringify({ kind: "unit-keys", version: 1, ...secrets, more: 1 }),
			JSON.stringify({ kind: "unit-keys", version: 1, ...secrets, pseudonymRoot: "22" }),
			"null",
			"x".repeat(100_000),
		];
		for (const content of contents) {
			await writeFile(path, content, { mode: 0o600 });
			await expect(openIdentity(path, p)).rejects.toMatchObject({ code: "KEY_INVALID" });
		}
	});

	it("refuses a path where no file can be", async () => {
		await expect(openIdentity(join(folder, "none", "k.json"), p)).rejects.toMatchObject({ code: "KEY_INVALID" });
		await mkdir(path);
		await expect(openIdentity(path, p)).rejects.toMatchObject({ code: "KEY_INVALID" });
		await symlink(join(folder, "nowhere", "k"), join(folder, "dangling"));
		await expect(openIdentity(join(folder, "dangling"), p)).rejects.toMatchObject({ code: "KEY_INVALID" });
	});

	it("clears away what an interrupted first start has left", async () => {
		await writeFile(join(folder, ".unit-keys.json.00ff.new"), '{"kind":"unit');
		await writeFile(join(folder, ".other.new"), "not ours");
		await openIdentity(path, p);
		expect((await readdir(folder)).sort()).toEqual([".other.new", "unit-keys.json"]);
	});

	it("leaves a whole key file or none when it is killed at any moment", async () => {
		const script = `
			const { openIdentity } = await import(${JSON.stringify(repoPath("agent/seal/identity.ts"))});
			const { loadPrimitives } = await import(${JSON.stringify(repoPath("agent/host/primitives.ts"))});
			const p = await loadPrimitives({ curves: "node" });
			process.stdout.write("ready\\n");
			for (let at = 0; ; at++) await openIdentity(process.argv[1] + "/" + at + ".json", p);`;
		for (let round = 0; round < 6; round++) {
			const child = spawn(process.execPath, ["--input-type=module", "-e", script, folder], { stdio: ["ignore", "pipe", "inherit"] });
			const ended = new Promise((resolve) => child.once("exit", resolve));
			await new Promise((resolve) => child.stdout.once("data", resolve));
			await wait(3 + round * 7);
			child.kill("SIGKILL");
			await ended;
			const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
			for (const name of names) await openIdentity(join(folder, name), p);
			for (const name of await readdir(folder)) await rm(join(folder, name));
		}
	});
});
