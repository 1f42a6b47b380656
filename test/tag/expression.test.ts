import { describe, expect, it } from "vitest";
import { compileExpression } from "../../agent/tag/expression.ts";
import { KerbError } from "../../shared/errors.ts";

describe("compileExpression", () => {
	it.each([
		["x", 7, 7],
		["x * 0.2778", 100, 27.78],
		["floor(x+0.5)", 2.5, 3],
		["floor((x*40)-100)", 2.51, 0],
		["floor(abs(x/5))", -12, 2],
		["1 + 2 * 3 - 4 / 2", 0, 5],
		["(1 + 2) * 3", 0, 9],
		["2 ^ 3 ^ 2", 0, 512],
		["2 ** -1", 0, 0.5],
		["-x ^ 2", 3, -9],
		["--x", 3, 3],
		["-x % 3", 1, 2],
		["x % -3", 1, -2],
		["min(x, 4, 2) + max(x, 4)", 3, 6],
		["round(x)", -2.5, -2],
		["trunc(x) + ceil(x) + sqrt(4)", 1.5, 5],
		[" 1e3 + .5 + 1. ", 0, 1001.5],
	])("gives %s of %d as %d", (text, x, expected) => {
		expect(compileExpression(text)(x)).toBeCloseTo(expected, 9);
	});

	it.each([
		["nothing", ""],
		["another name", "y + 1"],
		["a name from a prototype", "constructor(x)"],
		["a function without parentheses", "floor"],
		["an unknown function", "eval(1)"],
		["too many arguments", "sqrt(1, 2)"],
		["too few arguments", "min(1)"],
		["an open parenthesis", "(x"],
		["a closing parenthesis too many", "x)"],
		["two values side by side", "x x"],
		["an operator at the end", "x +"],
		["another language", "x; process"],
		["a string", "'x'"],
		["a hexadecimal number", "0x10"],
		["a second dot", "1.2.3"],
	])("refuses %s", (_what, text) => {
		expect(() => compileExpression(text)).toThrow(KerbError);
		expect(() => compileExpression(text)).toThrow(/^math: /);
	});

	it("refuses what is long or deep instead of running out of stack", () => {
		for (const text of ["(".repeat(200), `${"-(".repeat(100)}x`, "x^".repeat(140).concat("x"), "abs(".repeat(70), "x+".repeat(1_000_000)]) {
			expect(() => compileExpression(text)).toThrow(KerbError);
		}
	});
});
