import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repoPath } from "../data.ts";
import { odeBsm } from "../fakes/ode-bsm.ts";
import { campus, filter } from "./filter-bsm-cases.ts";

let folder = "";
const at = (name: string): string => join(folder, name);

const call = (args: readonly string[], input?: string | Buffer) => {
	const { status, stdout, stderr } = spawnSync(process.execPath, [repoPath("agent/main.ts"), "filter-bsm", ...args], {
		input: input ?? "",
		encoding: "utf8",
	});
	return { status, stdout, stderr };
};

/** On one of the streets of the campus, fast enough. */
const message = (count: number): string =>
	odeBsm({ lat: 359_506_890, long: -839_302_570, speed: 700, id: "0A0B0C0D", count, crumbs: 3, receivedAt: "2025-08-13T08:52:48.583Z" });

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "filter-bsm-cli-"));
	writeFileSync(at("all.properties"), campus.settings({ velocity: true, geofence: true, ids: "all", size: true }));
	writeFileSync(at("roads.edges.gz"), gzipSync(campus.shapes));
	writeFileSync(at("messages"), `${Array.from({ length: 50 }, (_, count) => message(count)).join("\n")}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("filter-bsm", () => {
	it("reads the standard input, gzipped as well, and writes to the standard output", () => {
		const args = ["--in", "-", "--out", "-", "--policy", at("all.properties"), "--places", at("roads.edges.gz")];
		for (const input of [readFileSync(at("messages")), gzipSync(readFileSync(at("messages")))]) {
			const { status, stdout, stderr } = call(args, input);
			expect(status).toBe(0);
			expect(stdout.split("\n")).toHaveLength(51);
			for (const line of stdout.trimEnd().split("\n")) expect(JSON.parse(line).metadata.sanitized).toBe(true);
			expect(stderr).toMatch(/kept +50 +100.0 %/);
		}
	});

	it("says by its exit code and its summary that lines could not be read", () => {
		const args = ["--in", "-", "--out", at("kept"), "--policy", at("all.properties"), "--places", at("roads.edges.gz"), "--json"];
		const { status, stdout } = call(args, `${message(1)}\n\n{"half":`);
		expect(status).toBe(1);
		expect(JSON.parse(stdout)).toEqual({
			lines: 2,
			kept: 1,
			suppressed: 0,
			invalid: 1,
			reasons: [{ disposition: "invalid", reason: "not-a-message", count: 1 }],
		});
	});

	it("takes treatments alone and a policy with one rule, and nothing that it cannot do", async () => {
		const run = async (policy: object) => await filter({ messages: [message(1)], policy });
		const rule = {
			...{ id: "a", outlet: "a", purpose: "a", necessity: "for the test of it", categories: ["a"], retentionDays: 1 },
			treatments: [{ type: "strip-path" }],
		};
		const policy = {
			...{ kind: "policy", id: "a", version: 1, issuedAt: "2026-01-01T00:00:00Z", notAfter: "2027-01-01T00:00:00Z", catalogue: "cn" },
			handler: { legalEntityId: "1", name: "1" },
		};
		expect((await run({ treatments: [] })).verdicts).toEqual(["kept"]);
		expect((await run({ ...policy, release: [rule] })).verdicts).toEqual(["kept"]);
		const refused: readonly (readonly [object, string])[] = [
			[{ ...policy, release: [rule, { ...rule, id: "b" }] }, "expected a policy with one release rule, got 2"],
			[{ ...policy, release: [{ ...rule, collect: ["a"] }], collect: [{ id: "a", paths: ["Vehicle.Speed"] }] }, ""],
			[{ ...policy, release: [{ ...rule, paths: ["Vehicle.Speed"] }] }, "would release nothing"],
			[{ treatments: [], more: 1 }, "more"],
			[{ treatments: [{ type: "no-such" }] }, 'there is no treatment "no-such"'],
			[{ treatments: [{ type: "filter-speed" }] }, "expected minMps, maxMps or both"],
			[
				{ treatments: [{ type: "aggregate-flow", cellM: 100, windowMs: 900_000, delayMs: 900_000 }] },
				"holds messages back or makes something else",
			],
			[{ treatments: [{ type: "round-number", stepBy: 1 }] }, "but the rule meets message"],
			[[], "policy.json"],
		];
		for (const [document, why] of refused)
			await expect(run(document)).rejects.toMatchObject({
				code: expect.stringMatching(/^(?:LAW|TREATMENT)_INVALID$/),
				message: expect.stringContaining(why),
			});
	});

	it("says what is missing before it writes anything", () => {
		const given = ["--in", at("messages"), "--out", at("never"), "--policy", at("all.properties")];
		const cases: readonly (readonly [readonly string[], number, string])[] = [
			[given, 2, "--places is missing"],
			[["--in", at("messages"), "--policy", at("all.properties")], 2, "--out is missing"],
			[[...given.slice(2), "--places", at("roads.edges.gz")], 2, "--in is missing"],
			[[...given, "--places", at("absent.edges")], 4, "is not there"],
			[[...given, "--places", at("messages")], 3, "is not JSON"],
			[["--in", at("absent"), "--out", at("never"), "--policy", at("all.properties"), "--places", at("roads.edges.gz")], 4, "is not there"],
			[
				["--in", at("messages"), "--out", at("messages"), "--policy", at("all.properties"), "--places", at("roads.edges.gz")],
				2,
				"files of their own",
			],
			[[...given, "--places", at("roads.edges.gz"), "--report", `${folder}/./never`], 2, "files of their own"],
		];
		for (const [args, code, why] of cases) {
			const { status, stderr } = call(args);
			expect(status, `${args.join(" ")}: ${stderr}`).toBe(code);
			expect(stderr).toContain(why);
			expect(existsSync(at("never"))).toBe(false);
		}
		expect(readFileSync(at("messages"), "utf8").split("\n")).toHaveLength(51);
	});

	it("teaches", () => {
		const { status, stdout } = call(["--help"]);
		expect(status).toBe(0);
		for (const word of ["--report", "suppress-area", "jpo-cvdp", "Exit codes"]) expect(stdout).toContain(word);
	});
});

describe("filter-bsm import", () => {
	it("makes documents that come to the same as the files of jpo-cvdp", () => {
		const { status, stdout, stderr } = call([
			"import",
			"--properties",
			at("all.properties"),
			"--map",
			at("roads.edges.gz"),
			"--out",
			at("made"),
		]);
		expect([status, stdout]).toEqual([0, `wrote ${at("made/treatments.json")}\nwrote ${at("made/places.json")}\n`]);
		expect(stderr).toContain("note: strip-path");
		const run = (policy: string, places: string) => {
			expect(
				call(["--in", at("messages"), "--out", at("kept"), "--policy", policy, "--places", places, "--report", at("report")]).status,
			).toBe(0);
			return readFileSync(at("report"), "utf8");
		};
		expect(run(at("made/treatments.json"), at("made/places.json"))).toBe(run(at("all.properties"), at("roads.edges.gz")));
		expect(call(["import", "--properties", at("all.properties"), "--out", at("made")]).status).toBe(3);
	});

	it("prints treatments, and refuses settings that protect less than they seem to", () => {
		const { stdout } = call(["import", "--properties", at("all.properties"), "--json"]);
		expect(JSON.parse(stdout).treatments.map(({ type }: { type: string }) => type)).toEqual([
			...["strip-path", "drop-field", "filter-speed", "suppress-area", "rotate-id"],
		]);
		writeFileSync(at("bad.properties"), "privacy.redaction.general=ON\n");
		expect(call(["import", "--properties", at("bad.properties")])).toMatchObject({
			status: 3,
			stderr: expect.stringContaining("--fields"),
		});
		writeFileSync(at("bad.properties"), "privacy.filter.velocty=ON\n");
		expect(call(["import", "--properties", at("bad.properties")])).toMatchObject({ status: 3, stderr: expect.stringContaining("line 1") });
		expect(call(["import"]).status).toBe(2);
	});
});
