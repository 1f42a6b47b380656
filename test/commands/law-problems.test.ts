import { describe, expect, it } from "vitest";
import { lawProblems } from "../../agent/commands/law-problems.ts";
import type { Law } from "../../shared/law.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import { catalogue, outlet, outlets, policy, row, rule } from "../fakes/law-documents.ts";

const nowMs = Date.parse("2026-01-02T00:00:00Z");
const law = (release: readonly ReleaseRule[]): Law => ({
	hash: "0".repeat(64),
	rootHash: "0".repeat(64),
	catalogue: catalogue(row("status", { match: { kinds: ["signal"], paths: [] } })),
	outlets: outlets(outlet("oem")),
	policy: policy(release),
	consents: undefined,
});
const problems = (...release: readonly ReleaseRule[]): readonly string[] => lawProblems(law(release), "CN", nowMs).map(({ text }) => text);

describe("lawProblems", () => {
	it("finds nothing in a law that a unit can obey", () => {
		expect(problems(rule("a", { treatments: [{ type: "thin-rate", everyMs: 10 }] }))).toEqual([]);
	});

	it("lists unknown categories, outlets and treatments together, each with its place", () => {
		const found = problems(
			rule("a", { categories: ["status", "no.such"] }),
			rule("b", { outlet: "nowhere" }),
			rule("c", { treatments: [{ type: "vanish" }, { type: "thin-rate", everyMs: -1 }] }),
		);
		expect(found).toHaveLength(4);
		for (const part of [
			'"a": the catalogue has no category "no.such"',
			'"b": there is no outlet "nowhere"',
			"treatments[0]",
			"treatments[1].everyMs",
		])
			expect(found.some((text) => text.includes(part))).toBe(true);
	});
});
