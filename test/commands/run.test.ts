import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repoPath } from "../data.ts";

let folder = "";
const at = (name: string): string => join(folder, name);

const kerbstone = (...args: readonly string[]) => spawnSync(process.execPath, [repoPath("agent/main.ts"), ...args], { encoding: "utf8" });

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "kerbstone-run-"));
	const { status, stderr } = kerbstone("law", "init", at("law"), "--sample", "--broker", "mqtts://localhost:8883");
	expect(status, stderr).toBe(0);
	writeFileSync(at("ca.pem"), "-----BEGIN CERTIFICATE-----\n");
	writeFileSync(at("open.key"), "-----BEGIN PRIVATE KEY-----\n", { mode: 0o644 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (links: unknown) => {
	writeFileSync(at("unit.json"), JSON.stringify({ unit: { id: "unit-1" }, dataDir: "data", law: { folder: "law" }, sources: [], links }));
	return kerbstone("run", "--config", at("unit.json"), "--check");
};

describe("kerbstone run --check", () => {
	it("names the TLS file that is missing or open to everybody, and an outlet without any", () => {
		expect(check({ oem: { caFile: "ca.pem" } })).toMatchObject({ status: 0, stderr: "" });
		const missing = check({ oem: { caFile: "nope.pem" } });
		expect(missing.status).toBe(3);
		expect(missing.stderr).toContain("nope.pem");
		const open = check({ oem: { caFile: "ca.pem", certFile: "ca.pem", keyFile: "open.key" } });
		expect(open.status).toBe(3);
		expect(open.stderr).toContain("open.key");
		const none = check({});
		expect(none.status).toBe(3);
		expect(none.stderr).toContain("links.oem");
	});
});
