import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repoPath } from "../data.ts";

let folder = "";
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "kerbstone-policy-main-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
	readonly code: number;
	readonly out: string;
	readonly error: string;
}

const run = (script: string, ...args: readonly string[]): Promise<Ended> =>
	new Promise((resolve) => {
		execFile(process.execPath, [repoPath(script), ...args], { cwd: folder, timeout: 60_000 }, (error, out, errorText) => {
			resolve({ code: error === null ? 0 : Number(error.code ?? 99), out, error: errorText });
		});
	});
const main = (...args: readonly string[]): Promise<Ended> => run("simulators/policy-server/main.ts", ...args);

describe("policy-server main", () => {
	it("says what it can do, and that it was asked wrongly", async () => {
		expect((await main("--help")).out).toContain("tokens add");
		for (const wrong of [["--nothing"], ["fly"], ["init"], ["tokens", "add", "--data", "."], ["--data", "absent", "--listen", "x"]])
			expect((await main(...wrong)).code, wrong.join(" ")).not.toBe(0);
		expect((await main("--data", "absent")).error).toContain("init");
	});

	it("takes over what law init made, releases a change of it signed by hand, and ends when told", async () => {
		expect((await run("agent/main.ts", "law", "init", "law", "--sample")).code).toBe(0);
		const made = await main("init", "--data", "data", "--from", "law", "--keys", "law-keys", "--online", "policy");
		expect([made.code, made.error]).toStrictEqual([0, ""]);
		expect((await main("init", "--data", "data", "--from", "law", "--keys", "law-keys")).code).toBe(2);
		const token = async (name: string, role: string) =>
			(await main("tokens", "add", "--data", "data", "--name", name, "--role", role)).out.trim();
		const [ann, bob, cid] = [await token("ann", "author,publisher"), await token("bob", "approver"), await token("cid", "approver")];
		expect((await main("tokens", "list", "--data", "data")).out).toBe(
			"ann\ttoken\tauthor,publisher\nbob\ttoken\tapprover\ncid\ttoken\tapprover\n",
		);

		const child = spawn(process.execPath, [repoPath("simulators/policy-server/main.ts"), "--data", "data", "--listen", "127.0.0.1:0"], {
			cwd: folder,
		});
		const ended = new Promise((resolve) => child.once("exit", resolve));
		const url = await new Promise<string>(
			(resolve) => void createInterface({ input: child.stdout }).once("line", (line) => resolve(line.replace("ready ", ""))),
		);
		const call = async (method: string, path: string, bearer: string, body?: string) => {
			const response = await fetch(`${url}${path}`, {
				method,
				headers: { authorization: `Bearer ${bearer}` },
				...(body === undefined ? {} : { body }),
			});
			return JSON.parse(await response.text());
		};
		const draft = await call("POST", "/drafts", ann, JSON.stringify({ name: "a new title" }));
		const catalogue = draft.documents.find(({ path }: { readonly path: string }) => path.startsWith("catalogue/"));
		catalogue.document = { ...catalogue.document, version: catalogue.document.version + 1, title: "Another title" };
		const { sha256 } = await call("PUT", `/drafts/${draft.id}/document`, ann, JSON.stringify(catalogue));
		expect((await call("POST", `/drafts/${draft.id}/submit`, ann)).change.approvalsNeeded).toBe(1);
		for (const bearer of [bob, cid]) await call("POST", `/drafts/${draft.id}/approvals`, bearer, JSON.stringify({ sha256 }));
		const release = await call("POST", "/releases", ann, JSON.stringify({ draft: draft.id }));
		expect(release.missing).toStrictEqual([{ role: "catalogue", have: 0, need: 1 }]);

		await writeFile(
			join(folder, "piece.json"),
			JSON.stringify(await call("GET", `/releases/${release.id}/to-sign/catalogue?form=metadata`, ann)),
		);
		const signed = await main("sign", "--keys", "law-keys/role-keys.json", "--role", "catalogue", "--in", "piece.json");
		expect((await call("POST", `/releases/${release.id}/signatures`, ann, signed.out)).state).toBe("published");
		// What a unit is provisioned with is what law init made.
		expect(await (await fetch(`${url}/tuf/root.json`)).text()).toBe(await readFile(join(folder, "law", "root.json"), "utf8"));

		const page = await fetch(`${url}/`);
		expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'sha256-/);
		expect(await page.text()).not.toMatch(/https?:\/\/|src=|@import/);
		child.kill("SIGTERM");
		expect(await ended).toBe(0);
	});
});
