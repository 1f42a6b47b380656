import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCondition, conditionProblem } from "../../shared/condition.ts";
import type { ConditionValue } from "../../shared/condition-values.ts";

const holds = (text: string, values: Readonly<Record<string, ConditionValue>> = {}): boolean => {
	const condition = compileCondition(text);
	return condition.holds(condition.paths.map((path) => values[path]));
};

describe("compileCondition", () => {
	it("compares, joins and calculates as the grammar says", () => {
		const values = { "Vehicle.Speed": 81, "Vehicle.Door.IsOpen": true, "Vehicle.X": -3, "Vehicle.Gear": "R" };
		const cases: readonly (readonly [string, boolean])[] = [
			["Vehicle.Speed > 80", true],
			["Vehicle.Speed > 81", false],
			["Vehicle.Speed >= 81 && Vehicle.Speed <= 81.0", true],
			["Vehicle.Speed > 80 && (Vehicle.Door.IsOpen == false || abs(Vehicle.X) >= 3)", true],
			["Vehicle.Door.IsOpen", true],
			["!Vehicle.Door.IsOpen", false],
			["!!Vehicle.Door.IsOpen", true],
			["!(Vehicle.Speed > 100) && Vehicle.Gear == 'R'", true],
			['Vehicle.Gear != "R"', false],
			["1 + 2 * 3 == 7", true],
			["(1 + 2) * 3 == 9", true],
			["10 - 3 - 2 == 5", true],
			["7 % 4 == 3 && -7 % 4 == -3", true],
			["- -2 == 2 && 3 - -2 == 5", true],
			["min(4, Vehicle.X, 2) == -3 && max(1, 2) == 2", true],
			["false || true && false", false],
			["(false || true) && true", true],
			["`Vehicle.Speed`>8e1", true],
			["Vehicle.Speed-1 == 80", true],
			["true == (1 < 2)", true],
		];
		for (const [text, expected] of cases) expect(holds(text, values), text).toBe(expected);
	});

	it("names each signal once", () => {
		expect(compileCondition("A.B > 1 && (A.B < 3 || C == true) && `true` == 1").paths).toEqual(["A.B", "C", "true"]);
	});

	it("does not hold over what is missing, not finite or of another kind, whatever is made of it", () => {
		for (const value of [undefined, Number.NaN, "80", true]) {
			for (const text of ["X > 3", "!(X > 3)", "X + 1 > 3", "abs(X) > 0", "X == 3", "X != 3", "!(X == 3)", "min(X, 1) < 9", "-X < 9"]) {
				expect(holds(text, { X: value }), `${text} over ${String(value)}`).toBe(false);
			}
		}
		expect(holds("X > 3", { X: Number.POSITIVE_INFINITY })).toBe(true);
		expect(holds("X * 10 > 3", { X: 1e308 })).toBe(false);
		expect(holds("1 / X > 3", { X: 0 })).toBe(false);
	});

	it("settles an unknown part by the other one where logic allows", () => {
		expect(holds("X > 3 || Y == 1", { Y: 1 })).toBe(true);
		expect(holds("!(X > 3 && Y == 1)", { Y: 2 })).toBe(true);
		expect(holds("X > 3 && Y == 1", { Y: 1 })).toBe(false);
	});

	it("refuses what is not in the grammar, with the place", () => {
		const cases: readonly (readonly [string, RegExp])[] = [
			["", /character 1$/],
			["Vehicle.Speed >", /at character 16$/],
			["Vehicle.Speed", /^$/],
			["Vehicle.Speed + 3", /true or false.*character 1$/],
			["3", /true or false/],
			["'a'", /true or false/],
			["1 < X < 3", /one comparison at a time.*character 7$/],
			["X = 3", /nothing known at character 2$/],
			["X > 3 &", /nothing known/],
			["X > 'a'", /two values of one kind/],
			["1 == 'a'", /two values of one kind/],
			["abs(1, 2) > 0", /1 to 1 arguments/],
			["min(1) > 0", /2 to 8 arguments/],
			["pow(1, 2) > 0", /one of the functions abs, min, max/],
			["constructor(1) > 0", /one of the functions/],
			["abs(X > 3) > 0", /a number/],
			["(X > 3", /"\)"/],
			["X > 3)", /operator or the end/],
			["X > 3; Y", /nothing known/],
			["X..Y > 3", /nothing known/],
			["'open > 3", /nothing known/],
			["`a b` > 3", /nothing known/],
		];
		for (const [text, expected] of cases) {
			if (text === "Vehicle.Speed") expect(conditionProblem(text)).toBeUndefined();
			else expect(conditionProblem(text), text).toMatch(expected);
		}
	});

	it("bounds length, depth and signals", () => {
		expect(conditionProblem(`X > ${"1".repeat(1_000)}`)).toMatch(/at most 1000 characters/);
		expect(conditionProblem(`${"(".repeat(40)}true${")".repeat(40)}`)).toMatch(/32 levels/);
		expect(conditionProblem(`${"!".repeat(40)}true`)).toMatch(/32 levels/);
		expect(conditionProblem(`${"-".repeat(40)}1 > 0`)).toMatch(/32 levels/);
		expect(conditionProblem(`${"(".repeat(32)}true${")".repeat(32)}`)).toBeUndefined();
		expect(conditionProblem(Array.from({ length: 51 }, (_, index) => `S${index}`).join("||"))).toMatch(/50 different signals/);
		expect(conditionProblem(Array.from({ length: 120 }, () => "true").join(" && "))).toBeUndefined();
	});

	it("never throws anything but LAW_INVALID, and what compiles never throws over any values", () => {
		const word = fc.constantFrom(
			"(",
			")",
			"&&",
			"||",
			"!",
			"-",
			"+",
			"*",
			"/",
			"%",
			"<",
			"==",
			">=",
			",",
			"A.B",
			"X",
			"abs",
			"min",
			"true",
			"'t'",
			"1",
			"2.5",
			"`q`",
		);
		const value = fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(undefined));
		fc.assert(
			fc.property(fc.array(word, { maxLength: 20 }), fc.array(value, { minLength: 4, maxLength: 4 }), (words, values) => {
				const text = words.join(" ");
				if (conditionProblem(text) === undefined) expect(typeof compileCondition(text).holds(values)).toBe("boolean");
			}),
			{ numRuns: 2_000 },
		);
		fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => void conditionProblem(text)));
	});
});
