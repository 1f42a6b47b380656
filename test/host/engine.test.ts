import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { repoPath } from "../data.ts";

/** What a process says about the engine's young generation after it has filled it again and again with what survives. */
const youngBytes = (...given: string[]): number => {
	const program = `
		import { spareMemory } from ${JSON.stringify(repoPath("agent/host/engine.ts"))};
		import { getHeapSpaceStatistics } from "node:v8";
		spareMemory(process.execArgv);
		let kept = [];
		for (let round = 0; round < 40; round++) kept = Array.from({ length: 40_000 }, (_, at) => ({ at, kept: { round } }));
		console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size, kept.length);
	`;
	const { stdout, stderr, status } = spawnSync(process.execPath, [...given, "--input-type=module", "-e", program], { encoding: "utf8" });
	expect(status, stderr).toBe(0);
	return Number(stdout.split(" ")[0]);
};

describe("spareMemory", () => {
	it("keeps the young generation from growing", () => {
		expect(youngBytes()).toBeLessThanOrEqual(8 * 1_048_576);
	});

	it("leaves a setting as whoever started Node has asked for it", () => {
		expect(youngBytes("--semi-space-growth-factor=4")).toBeGreaterThan(8 * 1_048_576);
		expect(youngBytes("--semi_space_growth_factor=4")).toBeGreaterThan(8 * 1_048_576);
	});
});
