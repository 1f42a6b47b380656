import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { treatments } from "../../agent/treat/registry.ts";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { type Catalogue, CatalogueSchema, type Requirement } from "../../shared/catalogue.ts";
import { KerbError } from "../../shared/errors.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { compareLevels, type Level, levels } from "../../shared/tag.ts";
import { dataPath, hasData, repoPath } from "../data.ts";
import { catalogue, dropFloor, row, uploadFloor } from "../fakes/law-documents.ts";

const parse = (value: unknown): Catalogue => parseValue(CatalogueSchema, value, "catalogue.json", "LAW_INVALID");
const cn = parse(shippedCatalogues.cn);
const rowOf = (id: string) => {
	const found = cn.rows.find((candidate) => candidate.id === id);
	if (found === undefined) throw new Error(`the catalogue has no row ${id}`);
	return found;
};

const problemsOf = (value: unknown): readonly string[] => {
	try {
		parse(value);
		return [];
	} catch (error) {
		return error instanceof KerbError ? error.problems : ["not a KerbError"];
	}
};

const authorised: Requirement = { need: "authorisation", pathway: "security-assessment" };

describe("CatalogueSchema", () => {
	it("takes a small catalogue", () => {
		expect(problemsOf(catalogue(row("status")))).toEqual([]);
	});

	it.each([
		["an id twice", catalogue(row("a"), row("a")), /"a": the id is used twice/],
		[
			"a kind in two rows",
			catalogue(row("a", { match: { kinds: ["fix"], paths: [] } }), row("b", { match: { kinds: ["fix"], paths: [] } })),
			/"b": kind "fix"/,
		],
		[
			"important data abroad without an authorisation",
			catalogue(row("a", { level: "important", abroad: uploadFloor() })),
			/"a": important/,
		],
		[
			"data that can become important abroad without an authorisation",
			catalogue(row("a", { canRiseTo: "important", abroad: uploadFloor({ need: "consent" }) })),
			/"a": important/,
		],
		["core data that is kept", catalogue(row("a", { level: "core" })), /"a": core/],
		["a rise that is a fall", catalogue(row("a", { level: "personal", canRiseTo: "general" })), /"a": canRiseTo is lower/],
		[
			"a fact without a threshold",
			catalogue(row("a", { canRiseTo: "personal", raisedByFact: { fact: "f", threshold: "t" } })),
			/threshold/,
		],
		["a pattern that can run away", catalogue(row("a", { match: { kinds: [], paths: ["(A|B)+"] } })), /match\.paths\.0/],
		["a catch-all", catalogue(row("a", { match: { kinds: [], paths: ["Vehicle\\..*"] } })), /match\.paths\.0/],
	])("refuses %s", (_what, value, expected) => {
		expect(problemsOf(value).join("; ")).toMatch(expected);
	});

	it.each([
		["is missing", { ...catalogue(), rows: [row("a")] }, /"unknown" is missing/],
		["lets data out", { ...catalogue(), rows: [row("unknown", { level: "important" })] }, /must stay inside/],
		["counts for little", { ...catalogue(), rows: [row("unknown", { home: dropFloor })] }, /must count as important/],
		[
			"matches a path",
			{ ...catalogue(), rows: [row("unknown", { level: "important", home: dropFloor, match: { kinds: [], paths: ["A"] } })] },
			/must match nothing/,
		],
	])("refuses a catalogue whose row unknown %s", (_what, value, expected) => {
		expect(problemsOf(value).join("; ")).toMatch(expected);
	});

	it("takes important data abroad with an authorisation", () => {
		expect(problemsOf(catalogue(row("a", { level: "important", abroad: uploadFloor(authorised) })))).toEqual([]);
	});
});

describe("the catalogue cn", () => {
	it("is small enough to ship", () => {
		expect(statSync(repoPath("shared/catalogue/cn.json")).size).toBeLessThanOrEqual(120_000);
	});

	it("gives every number a unit and a source, and every rule a citation", () => {
		for (const { id, thresholds, citations } of cn.rows) {
			expect(citations.length, id).toBeGreaterThan(0);
			for (const threshold of thresholds)
				expect(
					[threshold.unit, threshold.source].every((text) => text !== ""),
					id,
				).toBe(true);
		}
	});

	it("lets nothing of level important abroad without an authorisation, and nothing core or unknown anywhere", () => {
		for (const { id, level, home, abroad } of cn.rows) {
			if (compareLevels(level, "important") < 0) continue;
			if (abroad.effect === "upload")
				expect(
					abroad.requires.some(({ need }) => need === "authorisation"),
					id,
				).toBe(true);
			if (level === "core" || id === "unknown") expect([home.effect, abroad.effect], id).toEqual(["drop", "drop"]);
		}
	});

	it("asks abroad for all that it asks for at home, and more or nothing", () => {
		for (const { id, home, abroad } of cn.rows) {
			if (home.effect !== "upload" || abroad.effect !== "upload") continue;
			// What is excepted at home may be asked for abroad.
			const whole = (need: Requirement): string => JSON.stringify({ ...need, except: undefined });
			const missing = home.requires.filter(
				(need) => !abroad.requires.some((other) => [JSON.stringify(need), whole(need)].includes(JSON.stringify(other))),
			);
			// The table gives a name, a phone number or an account a second way abroad, the contract of E2, instead of a purpose at home.
			const expected = id === "personal.identity" ? ["purpose"] : [];
			expect(
				missing.map(({ need }) => need),
				id,
			).toEqual(expected);
		}
	});

	it("marks as statutory only what T-01 lets through without a policy", () => {
		expect(cn.rows.filter(({ statutory }) => statutory).map(({ id }) => id)).toEqual([
			"telemetry.statutory-nev",
			"security.event",
			"security.alarm",
		]);
	});

	it.each([
		["connected-operation.vehicle.vin", [{ need: "treatment", anyOf: ["pseudonymise"] }]],
		[
			"connected-operation.perception.trajectory",
			[{ need: "consent" }, { need: "treatment", anyOf: ["round-position"] }, { need: "retention", maxDays: 14 }],
		],
		[
			"connected-operation.perception.ad-map",
			[
				{ need: "qualified-recipient" },
				{ need: "map-review", except: ["V2X\\.(TCSAE|J2735)\\.MAP", "V2X\\.ETSI\\.MAPEM"] },
				{ need: "geo-processing", except: ["V2X\\.(TCSAE|J2735)\\.MAP", "V2X\\.ETSI\\.MAPEM"] },
			],
		],
		["connected-operation.perception.exterior-image", [{ need: "treatment", anyOf: ["redact-image"] }]],
		["connected-operation.analysis.vehicle-flow", [{ need: "treatment", anyOf: ["aggregate-flow"] }]],
		["telemetry.vehicle-status", [{ need: "pseudonymous-unit" }]],
		["telemetry.environment", []],
	])("asks at home, for %s, what the table asks", (id, requires) => {
		expect(rowOf(id).home).toMatchObject({ effect: "upload", requires });
	});

	it.each([
		["connected-operation.vehicle.key", "drop"],
		["connected-operation.perception.imu", "vault"],
		["connected-operation.perception.sensitive-area", "drop"],
		["cabin.biometric.iris", "vault"],
		["rnd.development.bom", "vault"],
		["personal.minor", "drop"],
		["telemetry.key-parameters", "vault"],
	])("keeps %s inside: %s", (id, effect) => {
		expect(rowOf(id).home.effect).toBe(effect);
	});

	it("asks only for treatments that exist or are named here as still to come", () => {
		const toCome = [
			"aggregate-window",
			"clip-event",
			"encrypt-field",
			"keep-acknowledgement",
			"keep-public-part",
			"redact-text",
			"redact-video",
		];
		const asked = cn.rows.flatMap(({ home, abroad }) => [...home.requires, ...abroad.requires]);
		const named = new Set(asked.flatMap((need) => (need.need === "treatment" ? need.anyOf : [])));
		expect([...named].filter((type) => !treatments.has(type)).sort()).toEqual(toCome);
	});

	it("sends every position of the unit to the trajectory row", () => {
		expect(rowOf("connected-operation.perception.trajectory").match.kinds).toEqual(["fix"]);
	});
});

const regulationsPath = dataPath("..", "reference", "regulations.md");
const hasRegulations = hasData("..", "reference", "regulations.md");

interface TableRow {
	readonly ids: readonly string[];
	readonly cells: readonly string[];
}

/** The rows of the table of section 7.2. A cell `a.b / .c` names `a.b` and `a.c`, a cell `a.b / a.c` both, `core.*` is `core.any`. */
const readTable = (markdown: string): readonly TableRow[] => {
	const section = markdown.split("### 7.2 Table")[1]?.split("### 7.3")[0] ?? "";
	return section
		.split("\n")
		.filter((line) => line.startsWith("| ") && !line.startsWith("| id |"))
		.map((line) => line.split("|").slice(1, -1))
		.map((parts) => parts.map((cell) => cell.trim()))
		.map((cells) => {
			const names = (cells[0] ?? "").replace(/\s*\(.*\)$/, "").split(" / ");
			const stem = (names[0] ?? "").replace(/\.[^.]*$/, "");
			return { cells, ids: names.map((name) => (name.startsWith(".") ? stem + name : name).replace("core.*", "core.any")) };
		});
};

/** The highest level that a sensitivity cell gives without a condition, and the highest of all that it names. */
const readLevels = (cell: string): { readonly level: Level; readonly highest: Level } => {
	const parts = cell
		.split(/[;,/+]| \(/)
		.map((part) => part.trim())
		.flatMap((part) => {
			const level = [...levels].reverse().find((name) => part.includes(name));
			const named = part.startsWith("ID number sensitive") ? "sensitive-personal" : level;
			return named === undefined
				? []
				: [{ level: named, conditional: /\bif\b|\bby scenario\b|\bin bulk\b|\bin exterior media\b|^bulk\b|^ID number\b/.test(part) }];
		});
	const top = (list: readonly { readonly level: Level }[]): Level =>
		list.map(({ level }) => level).reduce((a, b) => (compareLevels(a, b) >= 0 ? a : b), "general" as Level);
	const certain = parts.filter(({ conditional }) => !conditional);
	return { level: top(certain.length > 0 ? certain : parts), highest: top(parts) };
};

describe("the catalogue cn against the regulations file", () => {
	const table = hasRegulations ? readTable(readFileSync(regulationsPath, "utf8")) : [];
	const cellsOf = new Map(table.flatMap(({ ids, cells }) => ids.map((id) => [id, cells] as const)));

	it.skipIf(!hasRegulations)("has every row of table 7.2, in its order, and no other (needs shared reference)", () => {
		expect(table.length).toBeGreaterThan(60);
		expect(cn.rows.map(({ id }) => id)).toEqual(table.flatMap(({ ids }) => ids));
	});

	it.skipIf(!hasRegulations)("gives every row the table's sensitivity (needs shared reference)", () => {
		for (const found of cn.rows) {
			const cell = cellsOf.get(found.id)?.[1] ?? "";
			const source = cell === "same" ? (cellsOf.get("connected-operation.perception.exterior-image")?.[1] ?? "") : cell;
			const { level, highest } = readLevels(source);
			expect([found.id, found.level, found.canRiseTo ?? found.level]).toEqual([found.id, level, highest]);
		}
	});

	it.skipIf(!hasRegulations)("repeats the table's words for both floors and the condition (needs shared reference)", () => {
		for (const { id, home, abroad, condition } of cn.rows) {
			const cells = cellsOf.get(id) ?? [];
			expect([id, home.text, abroad.text, condition]).toEqual([id, cells[2], cells[3], cells[4]]);
		}
	});

	it.skipIf(!hasRegulations)("cites what the table cites (needs shared reference)", () => {
		for (const { id, citations } of cn.rows) {
			const cell = (cellsOf.get(id)?.[5] ?? "").replace("N-01..N-04", "N-01, N-02, N-03, N-04").replace("1.4 [G]", "1.4");
			const expected = cell === "—" ? ["7.2"] : cell.split(/,\s*/);
			expect([id, ...citations.map(({ ref }) => ref)]).toEqual([id, ...expected]);
		}
	});

	it.skipIf(!hasRegulations)("is never surer of a duty than the file is (needs shared reference)", () => {
		const marks = new Map(
			[...readFileSync(regulationsPath, "utf8").matchAll(/^\| ([A-Z]{1,2}-?\d+) \|(.*)$/gm)].map(
				([, id = "", rest = ""]) => [id, [...rest.matchAll(/\[(T|X|S|G|M\??)\]/g)].map(([, mark = ""]) => mark)] as const,
			),
		);
		const order = ["T", "X", "S", "G", "M", "M?", "own"];
		let compared = 0;
		for (const { id, citations } of cn.rows) {
			for (const { ref, certainty } of citations) {
				const found = marks.get(ref) ?? [];
				for (const mark of found) expect(order.indexOf(certainty), `${id} ${ref}`).toBeGreaterThanOrEqual(order.indexOf(mark));
				compared += found.length;
			}
		}
		expect(compared).toBeGreaterThan(30);
	});
});
