import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { repoPath } from "../data.ts";

let home = "";
beforeEach(async () => {
	home = await mkdtemp(join(tmpdir(), "kerbstone-law-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const kerbstone = (...args: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
	new Promise((resolve) => {
		execFile(process.execPath, [repoPath("agent", "main.ts"), ...args], { cwd: home }, (error, out, err) =>
			resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err }),
		);
	});

const edit = async (path: string, change: (document: Record<string, unknown>) => void): Promise<void> => {
	const document = JSON.parse(await readFile(join(home, path), "utf8"));
	change(document);
	await writeFile(join(home, path), JSON.stringify(document));
};

describe("law init, sign, keys and publish", () => {
	it("make a law that a unit takes, take it further, and put it where a web server finds it", async () => {
		expect((await kerbstone("law", "init", "law", "--sample")).code).toBe(0);
		await edit("law/documents/policy.json", (policy) => {
			policy.version = 2;
		});
		const signed = await kerbstone("law", "sign", "law");
		expect(signed).toMatchObject({ code: 0, err: "" });
		expect(signed.out).toContain('policy "sample" version 2');
		expect((await kerbstone("law", "publish", "law", "--to", "site")).code).toBe(0);
		expect((await readdir(join(home, "site"))).sort()).toEqual(["metadata", "root.json", "targets"]);
		expect((await kerbstone("law", "publish", "law", "--to", "site")).out).toMatch(/^0 files copied/);
		expect((await kerbstone("explain", "--law", "site", "--list")).code).toBe(0);
	});

	it("are listed by the help of their family", async () => {
		for (const word of ["--help", "-h", "help"]) {
			const { code, out } = await kerbstone("law", word);
			expect(code).toBe(0);
			for (const name of ["law init", "law sign", "law check", "law diff", "law publish"]) expect(out).toContain(`  ${name} `);
			expect(out).not.toContain("ledger");
		}
	});

	it("init says so when a folder cannot be made", async () => {
		await writeFile(join(home, "file"), "");
		const made = await kerbstone("law", "init", "file/law", "--keys", "keys");
		expect(made.code).toBe(2);
		expect(made.err).toContain("cannot be made");
		expect((await kerbstone("law", "init", "law", "--keys", "file/keys")).code).toBe(2);
	});

	it("sign nothing of a law that is not valid", async () => {
		await kerbstone("law", "init", "law", "--sample");
		const before = await readFile(join(home, "law/metadata/timestamp.json"), "utf8");
		await edit("law/documents/policy.json", (policy) => {
			policy.surprise = true;
		});
		const signed = await kerbstone("law", "sign", "law");
		expect(signed.code).toBe(3);
		expect(signed.err).toContain("surprise");
		expect(await readFile(join(home, "law/metadata/timestamp.json"), "utf8")).toBe(before);
	});

	it("sign no kill switch that names what is not there", async () => {
		await kerbstone("law", "init", "law", "--sample");
		const halt = { kind: "halt", version: 1, all: false, outlets: ["oem"], categories: ["cabin", "cabbin"] };
		await writeFile(join(home, "law/documents/halt.json"), JSON.stringify(halt));
		const signed = await kerbstone("law", "sign", "law");
		expect(signed).toMatchObject({ code: 3, err: expect.stringContaining('no category "cabbin"') });
		await writeFile(join(home, "law/documents/halt.json"), JSON.stringify({ ...halt, categories: ["cabin"] }));
		expect((await kerbstone("law", "sign", "law")).code).toBe(0);
	});

	it("sign no document that changed under the version that it had", async () => {
		await kerbstone("law", "init", "law", "--sample");
		const before = await readFile(join(home, "law/metadata/timestamp.json"), "utf8");
		await edit("law/documents/policy.json", (policy) => {
			policy.id = "other";
		});
		const signed = await kerbstone("law", "sign", "law");
		expect(signed).toMatchObject({ code: 3, err: expect.stringMatching(/policy\.json.*version.*above 1/) });
		expect(await readFile(join(home, "law/metadata/timestamp.json"), "utf8")).toBe(before);
		await edit("law/documents/policy.json", (policy) => {
			policy.version = 2;
		});
		expect((await kerbstone("law", "sign", "law")).code).toBe(0);
		// Signed anew without a change: only the signatures are newer.
		expect((await kerbstone("law", "sign", "law")).code).toBe(0);
	});

	it("replace keys, and the law stays one that a unit takes", async () => {
		await kerbstone("law", "init", "law", "--sample");
		for (const role of ["root", "timestamp", "policy", "authorisations"]) {
			expect((await kerbstone("law", "keys", "law-keys", "--rotate", role)).out).toContain("retired");
			expect(await kerbstone("law", "sign", "law")).toMatchObject({ code: 0, err: "" });
		}
		expect(existsSync(join(home, "law/metadata/3.root.json"))).toBe(true);
		expect((await kerbstone("law", "keys", "law-keys")).out).not.toContain(
			JSON.parse(await readFile(join(home, "law-keys/role-keys.json"), "utf8")).keys[0].seed,
		);
	}, 30_000);

	it("wait for the second person where two must sign", async () => {
		await kerbstone("law", "init", "law", "--sample");
		const whole = JSON.parse(await readFile(join(home, "law-keys/role-keys.json"), "utf8"));
		const [first, second] = whole.keys.filter(({ role }: { role: string }) => role === "authorisations");
		const others = whole.keys.filter(({ role }: { role: string }) => role !== "authorisations");
		await writeFile(
			join(home, "law/documents/authorisations.json"),
			JSON.stringify({ kind: "authorisations", version: 1, issuedAt: "2026-01-01T00:00:00Z", authorisations: [] }),
		);
		await writeFile(join(home, "law-keys/role-keys.json"), JSON.stringify({ ...whole, keys: [...others, first] }));
		const half = await kerbstone("law", "sign", "law");
		expect(half).toMatchObject({ code: 1, out: expect.stringContaining("authorisations: 1 of 2") });
		expect(await readdir(join(home, "law/pending"))).toEqual(["2.authorisations.json"]);
		await writeFile(join(home, "law-keys/role-keys.json"), JSON.stringify({ ...whole, keys: [...others, second] }));
		expect((await kerbstone("law", "sign", "law")).code).toBe(0);
		expect(await readdir(join(home, "law/pending"))).toEqual([]);
	});
});
