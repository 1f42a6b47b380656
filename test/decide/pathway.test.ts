import { describe, expect, it } from "vitest";
import {
	counterYear,
	effectiveLevel,
	factsOf,
	isChargingImportant,
	isTopologyImportant,
	nextCounterYearMs,
} from "../../agent/decide/fleet.ts";
import { homesOf } from "../../agent/decide/home.ts";
import { isOtaImportant } from "../../agent/decide/ota.ts";
import { type PathwayQuestion, requiredPathway } from "../../agent/decide/pathway.ts";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { CatalogueSchema } from "../../shared/catalogue.ts";
import type { Fleet } from "../../shared/fleet.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { catalogue, row } from "../fakes/law-documents.ts";

const ask = (extra: Partial<PathwayQuestion>): string =>
	requiredPathway({ important: false, personal: "non-sensitive", exempt: false, isCiio: false, persons: 0, sensitivePersons: 0, ...extra });

describe("requiredPathway (T-05)", () => {
	it.each<readonly [string, Partial<PathwayQuestion>, string]>([
		["99,999 persons", { persons: 99_999 }, "exempt:E5"],
		["100,000 persons", { persons: 100_000 }, "contract-or-certification"],
		["999,999 persons", { persons: 999_999 }, "contract-or-certification"],
		["1,000,000 persons", { persons: 1_000_000 }, "security-assessment"],
		["one sensitive person", { sensitivePersons: 1 }, "contract-or-certification"],
		["sensitive data of nobody so far", { personal: "sensitive" }, "contract-or-certification"],
		["9,999 sensitive persons", { sensitivePersons: 9_999 }, "contract-or-certification"],
		["10,000 sensitive persons", { sensitivePersons: 10_000 }, "security-assessment"],
		["an operator of critical infrastructure", { isCiio: true }, "security-assessment"],
		["important data", { important: true }, "security-assessment"],
		["important data with an exemption", { important: true, exempt: true }, "security-assessment"],
		["an exemption above all counts", { exempt: true, persons: 5_000_000, isCiio: true }, "exempt"],
		["nothing about people", { personal: "none", persons: undefined, isCiio: true }, "none"],
		["a count that is missing", { persons: undefined }, "security-assessment"],
		["a sensitive count that is missing", { sensitivePersons: undefined }, "security-assessment"],
		["an operator that is not known", { isCiio: undefined }, "security-assessment"],
		["a count that is none", { persons: Number.NaN }, "security-assessment"],
	])("for %s", (_name, extra, expected) => {
		expect(ask(extra)).toBe(expected);
	});
});

describe("factsOf", () => {
	const fleet: Fleet = {
		kind: "fleet",
		version: 1,
		issuedAt: "2026-01-01T00:00:00Z",
		year: 2026,
		facts: { "handler.persons": 5, "fleet.vehicles-served": 9 },
	};

	it("forgets the year's counts outside their year, which begins in China", () => {
		for (const [at, size] of [
			["2025-12-31T15:59:59.999Z", 1],
			["2025-12-31T16:00:00Z", 2],
			["2026-12-31T15:59:59.999Z", 2],
			["2026-12-31T16:00:00Z", 1],
		] as const)
			expect(factsOf(fleet, Date.parse(at)).size, at).toBe(size);
		expect(counterYear(nextCounterYearMs(Date.parse("2026-06-01T00:00:00Z")))).toBe(2027);
	});

	it("has no facts without a document", () => {
		expect(factsOf(undefined, 0).size).toBe(0);
	});
});

describe("fleet thresholds (T-08)", () => {
	const facts = (vehicles?: number, ota?: number, touches?: number) =>
		new Map(
			Object.entries({ "fleet.vehicles-served": vehicles, "fleet.ota-vehicles": ota, "fleet.topology-touches-driving": touches }).filter(
				(entry): entry is [string, number] => entry[1] !== undefined,
			),
		);
	const limits = { vehicles: 1_000_000, otaVehicles: 500_000 };

	it.each<readonly [number | undefined, number | undefined, number | undefined, boolean]>([
		[999_999, 499_999, 1, false],
		[1_000_000, 0, 0, true],
		[999_999, 500_000, 1, true],
		[999_999, 500_000, 0, false],
		[999_999, 500_000, undefined, true],
		[999_999, undefined, 1, true],
		[undefined, 0, 0, true],
	])("calls the topology of %s vehicles, %s with upgrades, touching %s, important: %s", (vehicles, ota, touches, expected) => {
		expect(isTopologyImportant(facts(vehicles, ota, touches), limits)).toBe(expected);
	});

	it("calls it important while a number is not known", () => {
		expect(isTopologyImportant(facts(1, 1, 0), { vehicles: undefined, otaVehicles: 500_000 })).toBe(true);
	});

	it.each([
		[100_000, false],
		[100_001, true],
		[undefined, true],
	])("calls the charging state of %s vehicles important: %s", (vehicles, expected) => {
		expect(isChargingImportant(facts(vehicles), 100_000)).toBe(expected);
		const threshold = { id: "t", value: 100_000, unit: "vehicles", source: "x", certainty: "S" as const };
		const raised = row("a", {
			canRiseTo: "important",
			raisedByFact: { fact: "fleet.vehicles-served", threshold: "t" },
			thresholds: [threshold],
		});
		expect(effectiveLevel(raised, facts(vehicles))).toBe(expected ? "important" : "general");
	});

	it("lets a document lower a number or take it away, never raise it", () => {
		const threshold = { id: "t", value: 100, unit: "vehicles", source: "x", certainty: "S" as const };
		const raised = row("a", {
			canRiseTo: "important",
			raisedByFact: { fact: "fleet.vehicles-served", threshold: "t" },
			thresholds: [threshold],
		});
		const levelWith = (value: number | null) =>
			effectiveLevel(raised, facts(80), {
				kind: "thresholds",
				version: 1,
				issuedAt: "2026-01-01T00:00:00Z",
				thresholds: [{ ...threshold, id: "a.t", value }],
			});
		expect([levelWith(1_000), levelWith(79), levelWith(null)]).toEqual(["general", "important", "important"]);
	});

	it("raises what a regulator's notice names (G-16)", () => {
		expect(effectiveLevel(row("a"), new Map([["noticed.a", 1]]))).toBe("important");
	});
});

describe("isOtaImportant (T-07)", () => {
	it.each(
		[0, 1, 2, 3, 4, 5, 6, 7].map(
			(bits) =>
				[
					bits.toString(2).padStart(3, "0"),
					{
						targetsChina: (bits & 4) !== 0,
						remoteControl: (bits & 2) !== 0,
						functions: (bits & 1) !== 0 ? ["lane-keeping", "infotainment"] : ["infotainment"],
					},
					bits === 7,
				] as const,
		),
	)("of %s", (_bits, manifest, expected) => {
		expect(isOtaImportant(manifest)).toBe(expected);
	});

	it("counts what is missing or has no known name as true", () => {
		expect(isOtaImportant({})).toBe(true);
		expect(isOtaImportant({ targetsChina: true, remoteControl: true, functions: ["something-else"] })).toBe(true);
		expect(isOtaImportant({ targetsChina: true, remoteControl: true, functions: [] })).toBe(false);
		expect(isOtaImportant({ remoteControl: false })).toBe(false);
	});
});

describe("homesOf", () => {
	const parse = (id: string) => parseValue(CatalogueSchema, shippedCatalogues[id], id, "LAW_INVALID");

	it("takes one country, or all states of the union", () => {
		expect(homesOf(parse("cn"), "CN")).toEqual(["CN"]);
		expect(homesOf(parse("eu"), "DE")).toContain("FR");
		expect(homesOf(parse("us"), "US")).toEqual(["US"]);
	});

	it.each([
		["cn", "US"],
		["cn", "HK"],
		["eu", "GB"],
		["us", "CN"],
	])("refuses catalogue %s for a unit in %s", (id, home) => {
		expect(() => homesOf(parse(id), home)).toThrow(/is the floor of/);
	});

	it("lets no catalogue take in another country", () => {
		const wide = { ...catalogue(row("a")), jurisdictions: ["US"] };
		const foreign = { ...catalogue(row("a")), jurisdiction: "EU", jurisdictions: ["DE", "CN"] };
		for (const value of [wide, foreign]) expect(() => parseValue(CatalogueSchema, value, "x", "LAW_INVALID")).toThrow(/union/);
	});

	it.each(["eu", "us"])("keeps inside under %s what it does not list, and everything unknown", (id) => {
		const [own, cn] = [parse(id), parse("cn")];
		expect(own.rows.map((each) => [each.id, each.match])).toEqual(cn.rows.map((each) => [each.id, each.match]));
		for (const each of own.rows) {
			if (each.level === "important") expect(each.abroad.effect, each.id).not.toBe("upload");
			if (each.id === "unknown" || each.level === "core") expect(each.home.effect, each.id).toBe("drop");
		}
	});
});
