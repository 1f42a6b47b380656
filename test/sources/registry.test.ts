import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sources } from "../../agent/sources/registry.ts";
import { repoPath } from "../data.ts";

describe("sources", () => {
	it("loads under each type the plug-in of that kind", async () => {
		for (const [type, load] of sources) expect((await load()).default.kind).toBe(type);
	});

	it("has every file that is a source", async () => {
		const kinds: string[] = [];
		for (const file of readdirSync(repoPath("agent", "sources"))) {
			const module: Record<string, unknown> = await import(repoPath("agent", "sources", file));
			if (module.default !== undefined) kinds.push(file.replace(/\.ts$/, ""));
		}
		expect(kinds.sort()).toEqual([...sources.keys()].sort());
	});
});
