import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type CompiledTreatments, compileTreatments } from "../../agent/treat/compile.ts";
import { treatments } from "../../agent/treat/registry.ts";
import { treat } from "../../agent/treat/treat.ts";
import { isKerbError } from "../../shared/errors.ts";
import type { Step } from "../../shared/verdict.ts";
import { taggedFix, taggedSignal } from "../contract/tagged-readings.ts";
import { testFacilities } from "../contract/treatment-contract.ts";
import { repoPath } from "../data.ts";

const problemsOf = (act: () => unknown): readonly string[] => {
	try {
		act();
	} catch (error) {
		if (isKerbError(error, "TREATMENT_INVALID")) return error.problems;
		throw error;
	}
	return [];
};

describe("treatments", () => {
	it("holds every plug-in of the folder under the name of its file", () => {
		const files = readdirSync(repoPath("agent", "treat")).filter((name) =>
			readFileSync(repoPath("agent", "treat", name), "utf8").includes("export default defineTreatment("),
		);
		expect([...treatments.keys()].map((type) => `${type}.ts`).sort()).toStrictEqual(files.sort());
	});
});

const plainSteps = ({ steps }: Pick<CompiledTreatments, "steps">): readonly Step[] => steps.filter((step) => typeof step === "function");

describe("compileTreatments", () => {
	it("gives the steps, names and word of a rule's treatments in their order", () => {
		const { types, outcome, ...compiled } = compileTreatments(
			[
				{ type: "thin-rate", everyMs: 1000 },
				{ type: "round-position", cellM: 1000 },
			],
			["fix"],
			testFacilities(),
		);
		const steps = plainSteps(compiled);
		expect(types).toStrictEqual(["thin-rate", "round-position"]);
		expect(outcome).toBe("coarsened");
		expect(treat(taggedFix(), steps)).not.toHaveProperty("speedMps");
		expect(treat(taggedFix(), steps)).toBe("withheld");
		expect(treat(taggedSignal(), steps)).toBe("withheld");
	});

	it("uploads as it is when a rule names no treatment", () => {
		expect(compileTreatments([], ["signal"], testFacilities())).toStrictEqual({ steps: [], types: [], precisionM: 0, outcome: "uploaded" });
	});

	it("gives every call its own state", () => {
		const list = [{ type: "thin-rate", everyMs: 1000 }];
		const one = plainSteps(compileTreatments(list, ["fix"], testFacilities()));
		const other = plainSteps(compileTreatments(list, ["fix"], testFacilities()));
		expect(treat(taggedFix(), one)).not.toBe("withheld");
		expect(treat(taggedFix(), other)).not.toBe("withheld");
	});

	it("lists everything that is wrong, each with its path", () => {
		const problems = problemsOf(() =>
			compileTreatments(
				[
					{ type: "round-position", cellM: 5, speed: true },
					{ type: "blur" },
					{ type: "round-number", stepBy: 1 },
					{ type: "drop-field", fields: ["latDeg", "speedMps", "datum"] },
					{ type: "drop-field" },
					{ type: "thin-rate" },
					{ type: "drop-field", paths: ["Vehicle.Speed"] },
					{ type: "thin-rate", everyMs: 5 },
				],
				["fix"],
				testFacilities(),
			),
		);
		expect(problems.map((line) => line.slice(0, line.indexOf(":")))).toStrictEqual([
			"treatments[0].cellM",
			"treatments[0].speed",
			"treatments[1]",
			"treatments[2]",
			"treatments[3].fields.0",
			"treatments[3].fields.2",
			"treatments[4]",
			"treatments[5].everyMs",
			"treatments[6]",
		]);
		expect(problems[2]).toMatch(/no treatment "blur"; there are .*drop-field, /);
		expect(problems[3]).toMatch(/lowers signal, but the rule meets fix/);
	});

	it("refuses names that every object has", () => {
		for (const type of ["constructor", "__proto__", "toString", ""]) {
			expect(problemsOf(() => compileTreatments([{ type }], ["fix"], testFacilities()))).toHaveLength(1);
		}
	});

	it("refuses treatments for a rule that meets no kind of reading, and too many of them", () => {
		expect(problemsOf(() => compileTreatments([{ type: "thin-rate", everyMs: 5 }], [], testFacilities()))).toHaveLength(1);
		const many = Array.from({ length: 21 }, () => ({ type: "thin-rate", everyMs: 5 }));
		expect(problemsOf(() => compileTreatments(many, ["fix"], testFacilities()))).toStrictEqual(["treatments: expected at most 20, got 21"]);
	});
});
