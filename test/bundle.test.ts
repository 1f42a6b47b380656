import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { repoPath } from "./data.ts";

const temporary = mkdtempSync(join(tmpdir(), "kerbstone-bundle-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const run = (...args: string[]) => spawnSync(process.execPath, args, { encoding: "utf8", timeout: 60_000, cwd: temporary });

/** A copy of what a bundle is made of, with the packages of this checkout. */
const copyOf = (name: string): string => {
	const folder = join(temporary, name);
	mkdirSync(folder, { recursive: true });
	for (const part of ["agent", "shared", "firmware-profiles", "package.json", "build.mjs"])
		cpSync(repoPath(part), join(folder, part), { recursive: true });
	symlinkSync(repoPath("node_modules"), join(folder, "node_modules"));
	return folder;
};

const build = (folder: string, ...args: string[]) => run(join(folder, "build.mjs"), "--out", join(folder, "out"), ...args);

describe("build.mjs", () => {
	const one = copyOf("one");
	const bundle = join(one, "out", "kerbstone.mjs");
	let said = "";

	beforeAll(() => {
		const { status, stdout, stderr } = build(one);
		if (status !== 0) throw new Error(`the build failed: ${stderr}`);
		said = stdout;
	});

	it("makes one file under 1.2 MB, the licences beside it, and says what is largest", () => {
		expect(readdirSync(dirname(bundle)).sort()).toStrictEqual(["kerbstone.mjs", "kerbstone.mjs.LEGAL.txt"]);
		expect(statSync(bundle).size).toBeLessThan(1_200_000);
		const licences = readFileSync(`${bundle}.LEGAL.txt`, "utf8");
		for (const name of ["cbor-x", "libsodium", "mqtt", "valibot"]) {
			expect(licences).toMatch(new RegExp(`^== ${name} \\d+\\.\\d+\\.\\d+ \\((?:MIT|ISC)\\)\\n\\n.`, "m"));
		}
		expect(said).toMatch(/kB {2}kerbstone\.mjs, .* gzipped, budget 1200\.0 kB\n$/);
	});

	it("makes a file that runs alone", () => {
		const alone = join(temporary, "alone", "kerbstone.mjs");
		cpSync(bundle, alone);
		expect(run(alone, "--version")).toMatchObject({ status: 0, stdout: `kerbstone ${manifest.version}\n`, stderr: "" });
		const names = [...run(alone, "--help").stdout.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}/gm)].map((match) => match[1] ?? "");
		expect(names.length).toBeGreaterThan(5);
		for (const name of names) {
			expect(run(alone, ...name.split(" "), "--help"), name).toMatchObject({
				status: 0,
				stderr: "",
				stdout: expect.stringMatching(/^Usage: /),
			});
		}
	});

	it("puts into a profile's file what the profile names and nothing of the rest, with the worker for pictures beside it", () => {
		const folder = copyOf("roadside");
		expect(build(folder, "--profile", "rsu-arm64")).toMatchObject({ status: 0, stderr: "" });
		const roadside = join(folder, "out", "kerbstone.mjs");
		expect(readdirSync(join(folder, "out")).sort()).toStrictEqual([
			"kerbstone-faces.bin",
			"kerbstone-redact.mjs",
			"kerbstone.mjs",
			"kerbstone.mjs.LEGAL.txt",
		]);
		expect(run(roadside, "--version")).toMatchObject({ status: 0, stderr: "" });
		const [small, large] = [readFileSync(bundle, "latin1"), readFileSync(roadside, "latin1")];
		for (const mark of ["ItsPduHeader", '"redact-image"', '"aggregate-flow"']) {
			expect(large.includes(mark), `${mark} in rsu-arm64`).toBe(true);
			expect(small.includes(mark), `${mark} in tbox-arm64`).toBe(false);
		}
		for (const mark of ['"trim-trip"', "gpsd"]) expect(small.includes(mark), mark).toBe(true);
	});

	it("makes the same bytes in another folder, without a path of the machine", () => {
		const other = copyOf(join("a", "deeper", "place"));
		expect(build(other).status).toBe(0);
		for (const name of ["kerbstone.mjs", "kerbstone.mjs.LEGAL.txt"]) {
			const bytes = readFileSync(join(one, "out", name));
			expect(bytes.equals(readFileSync(join(other, "out", name))), name).toBe(true);
			for (const place of [temporary, repoPath()]) expect(bytes.includes(place), `${name} names ${place}`).toBe(false);
		}
	});

	it("refuses what only development may use", () => {
		const folder = copyOf("forbidden");
		appendFileSync(join(folder, "agent", "main.ts"), 'import fc from "fast-check";\nawait fc.check(fc.property(fc.nat(), () => true));\n');
		expect(build(folder)).toMatchObject({ status: 1, stderr: expect.stringContaining("fast-check is for development only") });
	});

	it("refuses a file over its budget", () => {
		const folder = copyOf("large");
		appendFileSync(join(folder, "agent", "main.ts"), `Object.assign(globalThis, { large: "${"x".repeat(1_200_000)}" });\n`);
		expect(build(folder)).toMatchObject({ status: 1, stderr: expect.stringMatching(/more than its budget of 1200000/) });
	});

	it("refuses an import that it cannot follow, in one message", () => {
		const folder = copyOf("broken");
		appendFileSync(join(folder, "agent", "main.ts"), 'import "./nowhere.ts";\n');
		expect(build(folder)).toMatchObject({ status: 1, stderr: expect.stringContaining("./nowhere.ts") });
	});
});
