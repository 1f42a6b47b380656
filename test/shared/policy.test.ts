import { describe, expect, it } from "vitest";
import { isKerbError } from "../../shared/errors.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { PolicySchema } from "../../shared/policy.ts";
import { policy, rule } from "../fakes/law-documents.ts";

const problemsOf = (value: unknown): readonly string[] => {
	try {
		parseValue(PolicySchema, value, "policy.json", "LAW_INVALID");
		return [];
	} catch (error) {
		if (!isKerbError(error, "LAW_INVALID")) throw error;
		return error.problems;
	}
};

const braking = { id: "braking", necessity: "braking is rare and short", paths: ["Vehicle.Speed"], when: "Vehicle.Speed > 3", preMs: 500 };

describe("PolicySchema", () => {
	it("takes policies as they were, and with all that is new", () => {
		expect(problemsOf(policy([rule("a")]))).toEqual([]);
		const full = {
			...policy([]),
			collect: [braking, { id: "slow", necessity: "once a minute is enough", categories: ["status"], everyMs: 60_000 }],
			release: [
				{
					...rule("a"),
					collect: ["braking", "slow"],
					conditions: {
						offsetMinutes: 480,
						hours: [{ from: "22:00", to: "06:00" }],
						days: ["sat", "sun"],
						networks: ["wifi", "ethernet"],
						places: { inside: ["depot"], outside: ["base"] },
					},
				},
			],
			stale: { default: "vault", categories: { status: "continue" } },
			retention: { spoolDays: 7 },
		};
		expect(problemsOf(full)).toEqual([]);
	});

	it("fills in what a collect rule leaves out", () => {
		const parsed = parseValue(PolicySchema, { ...policy([]), collect: [braking], stale: {} }, "policy.json", "LAW_INVALID");
		expect(parsed.collect).toEqual([{ ...braking, trigger: "edge", postMs: 0, cooldownMs: 0, maxReadings: 10_000 }]);
		expect(parsed.stale).toEqual({ default: "drop" });
	});

	it("names every problem with its path", () => {
		const wrong = {
			...policy([]),
			collect: [
				{ ...braking, when: "Vehicle.Speed >", preMs: 60_001, color: 1 },
				{ id: "none", necessity: "names no reading at all" },
			],
			release: [
				{
					...rule("a"),
					conditions: {
						hours: [
							{ from: "6:00", to: "07:00" },
							{ from: "07:00", to: "07:00" },
						],
						networks: ["5g"],
					},
				},
				{ ...rule("b"), conditions: {} },
			],
			stale: { default: "keep" },
			retention: { spoolDays: 0 },
		};
		const problems = problemsOf(wrong);
		for (const start of [
			"collect.0.when: condition: expected a signal",
			"collect.0.preMs: expected whole milliseconds from 0 to 60000",
			"collect.0.color: this key is not known here",
			"collect.1: a collect rule names paths, categories or both",
			"release.0.conditions.hours.0.from: a time of day",
			"release.0.conditions.hours.1: from and to are the same",
			"release.0.conditions.networks.0: ",
			"release.1.conditions: conditions name hours",
			"stale.default: ",
			"retention.spoolDays: ",
		])
			expect(
				problems.some((problem) => problem.startsWith(start)),
				`${start}\n${problems.join("\n")}`,
			).toBe(true);
	});

	it("refuses references to nothing and ids that are used twice, at their place", () => {
		const wrong = { ...policy([]), collect: [braking, braking], release: [rule("a"), rule("b", { collect: ["braking", "nothing"] })] };
		expect(problemsOf(wrong)).toEqual([
			'collect.1.id: the id "braking" is used twice',
			'release.1.collect.1: there is no collect rule "nothing"',
		]);
	});

	it("refuses windows without an event", () => {
		const { when: _when, ...without } = braking;
		expect(problemsOf({ ...policy([]), collect: [without] })).toEqual([expect.stringMatching(/^collect\.0: .*need `when`$/)]);
	});
});
