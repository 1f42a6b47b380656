import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isKerbError } from "../../shared/errors.ts";
import { compilePathPatterns, isPathPattern } from "../../shared/path-pattern.ts";

const segment = fc.stringMatching(/^[A-Za-z0-9_]{1,6}$/);
const anyPath = fc.array(segment, { minLength: 1, maxLength: 6 }).map((segments) => segments.join("."));

describe("compilePathPatterns", () => {
	it("matches a whole path and nothing near it", () => {
		const matches = compilePathPatterns(["Vehicle.Speed"]);
		expect(matches("Vehicle.Speed")).toBe(true);
		for (const path of ["Vehicle.Speed.X", "Vehicle", "Vehicle.SpeedLimit", "vehicle.speed", "XVehicle.Speed", "VehicleXSpeed", ""]) {
			expect(matches(path), path).toBe(false);
		}
	});

	it("matches a subtree below its root only, at segment borders", () => {
		const matches = compilePathPatterns(["Vehicle.Body.*"]);
		for (const path of ["Vehicle.Body.Horn", "Vehicle.Body.Lights.Beam.Low"]) expect(matches(path), path).toBe(true);
		for (const path of ["Vehicle.Body", "Vehicle.Body.", "Vehicle.Bodywork.Horn", "Other.Vehicle.Body.Horn"]) {
			expect(matches(path), path).toBe(false);
		}
	});

	it("matches nothing for no patterns", () => {
		expect(compilePathPatterns([])("Vehicle.Speed")).toBe(false);
	});

	it("agrees with the plain definition for all paths and patterns", () => {
		const anyPattern = fc.tuple(anyPath, fc.boolean()).map(([path, below]) => (below ? `${path}.*` : path));
		fc.assert(
			fc.property(fc.array(anyPattern, { maxLength: 8 }), anyPath, (patterns, path) => {
				const expected = patterns.some((text) => (text.endsWith(".*") ? path.startsWith(text.slice(0, -1)) : text === path));
				expect(compilePathPatterns(patterns)(path)).toBe(expected);
			}),
		);
	});

	it("refuses malformed patterns with the index of each", () => {
		try {
			compilePathPatterns(["Vehicle.Speed", "*", "Vehicle.*.Speed", "Vehicle.", ".Vehicle", "", "Vehicle.S*", "a b"]);
			expect.unreachable();
		} catch (error) {
			expect(isKerbError(error, "LAW_INVALID")).toBe(true);
			if (isKerbError(error))
				expect(error.problems.map((line) => line.slice(0, 8))).toEqual([1, 2, 3, 4, 5, 6, 7].map((at) => `paths[${at}]`));
		}
	});

	it("bounds the patterns and stays fast on hostile ones", () => {
		expect(isPathPattern("a".repeat(301))).toBe(false);
		expect(isPathPattern(`${"a.".repeat(149)}!*`)).toBe(false);
		expect(() => compilePathPatterns(Array.from({ length: 501 }, (_, at) => `a.b${at}`))).toThrow(/at most 500/);
	});
});
