import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		include: ["test/**/*.test.ts"],
		typecheck: { enabled: false },
		testTimeout: 60_000,
		hookTimeout: 60_000,
		maxWorkers: 2,
		// A CommonJS package looks to the tests as it does to Node, not as a bundler would have it.
		deps: { interopDefault: false },
	},
});
