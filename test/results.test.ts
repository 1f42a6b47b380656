import { describe, expect, it } from "vitest";
import { readResults } from "./results.ts";

const report = (...files: { name?: string; status?: string; message?: string; tests?: [string, string][] }[]): string =>
	JSON.stringify({
		testResults: files.map(({ name = "/checkout/test/a.test.ts", status = "passed", message = "", tests = [] }) => ({
			name,
			status,
			message,
			assertionResults: tests.map(([fullName, state]) => ({ fullName, status: state })),
		})),
	});

describe("readResults", () => {
	it("counts by status and names failures and skips with their file", () => {
		const tests: [string, string][] = [
			["x does a", "passed"],
			["x does b", "failed"],
			["x does c (needs mosquitto)", "skipped"],
			["x does d", "pending"],
			["x does e", "todo"],
			["x does f", "passed"],
		];
		expect(readResults(report({ status: "failed", tests }), 1, "/checkout")).toStrictEqual({
			passed: 2,
			failed: ["test/a.test.ts: x does b"],
			skipped: ["test/a.test.ts: x does c (needs mosquitto)", "test/a.test.ts: x does d", "test/a.test.ts: x does e"],
		});
	});

	it("counts a file that could not be loaded as a failure", () => {
		const { failed } = readResults(
			report({ status: "failed", message: "no such module\nat x" }, { tests: [["x", "passed"]] }),
			1,
			"/checkout",
		);
		expect(failed).toStrictEqual(["test/a.test.ts: no such module"]);
	});

	it("counts a run that ended badly although no test failed", () => {
		expect(readResults(report({ tests: [["x", "passed"]] }), 1, "/checkout").failed).toHaveLength(1);
		expect(readResults(report({ tests: [["x", "passed"]] }), 0, "/checkout").failed).toHaveLength(0);
	});
});
