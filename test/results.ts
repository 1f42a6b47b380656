/**
 * Reads the JSON report of a vitest run.
 */
import { relative } from "node:path";

export interface Results {
	readonly passed: number;
	/** Names, with the file they are in. */
	readonly failed: readonly string[];
	readonly skipped: readonly string[];
}

interface Report {
	readonly testResults: readonly {
		readonly name: string;
		readonly status: string;
		readonly message?: string;
		readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
	}[];
}

/**
 * Counts tests. A file that could not be loaded counts as one failure, and so does a run that ended badly although no test failed (an error
 * outside of any test).
 *
 * @param exitCode Vitest's own.
 * @param root Names of files are given relative to it.
 */
export const readResults = (json: string, exitCode: number, root: string): Results => {
	const report: Report = JSON.parse(json);
	const tests = report.testResults.flatMap((file) =>
		file.assertionResults.map((test) => ({ status: test.status, name: `${relative(root, file.name)}: ${test.fullName}` })),
	);
	const named = (statuses: readonly string[]): string[] => tests.filter(({ status }) => statuses.includes(status)).map(({ name }) => name);
	const failed = named(["failed"]);
	for (const file of report.testResults) {
		if (file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed")) {
			failed.push(`${relative(root, file.name)}: ${file.message?.split("\n")[0] || "could not be loaded"}`);
		}
	}
	if (exitCode !== 0 && failed.length === 0) failed.push(`vitest (exit code ${exitCode}, though no test failed: see above)`);
	return { passed: named(["passed"]).length, failed, skipped: named(["pending", "skipped", "todo", "disabled"]) };
};
