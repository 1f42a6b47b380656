import { describe, expect, it } from "vitest";
import { compileCataloguePatterns, isCataloguePattern } from "../../shared/catalogue-pattern.ts";

describe("isCataloguePattern", () => {
	it.each([
		"Vehicle\\.Speed",
		"Vehicle\\.(Speed|Body\\.(Hood|Trunk)\\.IsOpen)",
		"Vehicle\\..*\\.(VIN|SerialNumber)",
		"Vehicle\\.Powertrain\\..*IdentificationNumber",
	])("takes %s", (text) => {
		expect(isCataloguePattern(text)).toBe(true);
	});

	it.each([
		["an empty text", ""],
		["a catch-all", ".*"],
		["a catch-all below the root", "Vehicle\\..*"],
		["a star at the start", ".*\\.VIN"],
		["two stars", "Vehicle\\..*\\.A\\..*\\.B"],
		["a star in an alternative", "Vehicle\\.(A|.*)"],
		["a star before a group that may be anything", "Vehicle\\..*(|A)"],
		["a bare dot", "Vehicle.Speed"],
		["a nested quantifier", "Vehicle\\.(\\w+)+"],
		["a repeated group", "Vehicle\\.(A|B){1,9}"],
		["a character class", "Vehicle\\.[A-Z]"],
		["a look-ahead", "Vehicle\\.(?!Speed)A"],
		["an alternative outside a group", "Vehicle\\.A|B"],
		["an empty alternative", "Vehicle\\.(A|)"],
		["an open group", "Vehicle\\.(A"],
		["a closed group too many", "Vehicle\\.A)"],
		["an anchor", "^Vehicle\\.A$"],
	])("refuses %s", (_what, text) => {
		expect(isCataloguePattern(text)).toBe(false);
	});
});

describe("compileCataloguePatterns", () => {
	it("matches whole paths only", () => {
		const matches = compileCataloguePatterns(["Vehicle\\.Speed", "Vehicle\\..*\\.VIN"]);
		expect(["Vehicle.Speed", "Vehicle.A.VIN", "Vehicle.A.B.VIN"].map(matches)).toEqual([true, true, true]);
		const others = ["Vehicle.SpeedX", "XVehicle.Speed", "VehicleXSpeed", "Vehicle.Speed\n", "Vehicle.VIN", "vehicle.speed", ""];
		expect(others.filter(matches)).toEqual([]);
	});

	it("matches what the pattern means as a regular expression, wherever its fixed start ends", () => {
		const patterns = ["A\\.B", "A\\.B(C|D)", "A\\.(B|C)\\.D", "A\\..*D", "(A|B)\\.C", "A_1\\.B2\\.(C|D\\.(E|F))"];
		const paths = [
			"A.B",
			"A.BC",
			"A.BD",
			"A.BCD",
			"A.C.D",
			"A.xD",
			"A.D",
			"B.C",
			"A.C",
			"A_1.B2.C",
			"A_1.B2.D.F",
			"A_1.B2.",
			"AxB",
			"A\\.B",
			"xA.B",
		];
		for (const pattern of patterns) {
			const whole = new RegExp(`^(?:${pattern})$`);
			expect(paths.filter(compileCataloguePatterns([pattern])), pattern).toEqual(paths.filter((path) => whole.test(path)));
		}
	});

	it("matches nothing without patterns", () => {
		expect(compileCataloguePatterns([])("")).toBe(false);
	});
});
