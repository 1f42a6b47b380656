/**
 * Runs every check and test, says what was skipped and why, and ends with one line: `N passed, N failed, N skipped`. The type check and
 * Biome count as one test each. Exit code 0 only when tests ran and none failed.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Results, readResults } from "./results.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const programs = join(root, "node_modules", ".bin");
const minute = 60_000;

/** The exit code of a program of this checkout, 1 when a signal or the limit of time ended it. Its output goes to the terminal. */
const run = (name: string, args: readonly string[], limitMs: number): Promise<number> =>
	new Promise((resolve) => {
		const child = spawn(join(programs, name), args, {
			cwd: root,
			stdio: "inherit",
			// Every `node` below is the checkout's own.
			env: { ...process.env, PATH: `${programs}:${process.env.PATH ?? ""}` },
			timeout: limitMs,
		});
		child.once("error", (error) => {
			console.error(`${name} does not start: ${error.message}`);
			resolve(1);
		});
		child.once("exit", (code, signal) => {
			if (signal !== null)
				console.error(`${name} was ended by ${signal}${signal === "SIGTERM" ? ` (limit: ${limitMs / minute} minutes)` : ""}`);
			resolve(code ?? 1);
		});
	});

const check = async (title: string, name: string, args: readonly string[]): Promise<Results> => {
	console.log(`== ${title}`);
	const passed = (await run(name, args, 10 * minute)) === 0;
	return { passed: passed ? 1 : 0, failed: passed ? [] : [title], skipped: [] };
};

const runVitest = async (): Promise<Results> => {
	console.log("== tests");
	const folder = mkdtempSync(join(tmpdir(), "kerbstone-test-"));
	const report = join(folder, "report.json");
	try {
		const code = await run(
			"vitest",
			[
				"run",
				"--root",
				root,
				"--config",
				"test/vitest.config.ts",
				"--no-allowOnly",
				"--reporter=default",
				"--reporter=json",
				`--outputFile.json=${report}`,
			],
			60 * minute,
		);
		return readResults(readFileSync(report, "utf8"), code, root);
	} catch (cause) {
		console.error(`vitest left no report: ${String(cause)}`);
		return { passed: 0, failed: ["vitest (it ended without a report)"], skipped: [] };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
};

const types = await check("type check", "tsc", ["--project", root]);
const style = await check("Biome", "biome", ["check", "--error-on-warnings", "."]);
const tests = await runVitest();
const all = [types, style, tests];
const passed = all.reduce((sum, results) => sum + results.passed, 0);
const failed = all.flatMap((results) => results.failed);
const skipped = all.flatMap((results) => results.skipped);

if (skipped.length > 0) {
	console.log(`\nSkipped, each for the reason in its name:`);
	for (const name of skipped) console.log(`  - ${name}`);
}
if (failed.length > 0) {
	console.log("\nFailed:");
	for (const name of failed) console.log(`  - ${name}`);
}
console.log(`\n${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
process.exitCode = failed.length > 0 || tests.passed === 0 ? 1 : 0;
