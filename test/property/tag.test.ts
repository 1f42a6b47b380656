import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileExpression } from "../../agent/tag/expression.ts";
import { identifierIn } from "../../agent/tag/identifiers.ts";
import { loadOverlay } from "../../agent/tag/overlay.ts";
import { compileTagger } from "../../agent/tag/tagger.ts";
import { shippedCatalogues } from "../../shared/catalogue/shipped.ts";
import { CatalogueSchema } from "../../shared/catalogue.ts";
import { isCataloguePattern } from "../../shared/catalogue-pattern.ts";
import { KerbError } from "../../shared/errors.ts";
import { parseValue } from "../../shared/parse-document.ts";
import { readingKinds } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { fix, signal } from "../fakes/readings.ts";

const cn = parseValue(CatalogueSchema, shippedCatalogues.cn, "cn", "LAW_INVALID");
const signals = {
	"M.A": { path: "Vehicle.Speed", math: "100 / (x % 7) - sqrt(x)" },
	"M.B": { path: "Vehicle.Powertrain.Type", mapping: [{ from: 1, to: "one" }] },
	"M.C": ["Vehicle.Speed", "Vehicle.Not.Known"],
	D: "Vehicle.VehicleIdentification.VIN",
};

const value = fc.oneof(fc.double(), fc.integer(), fc.bigInt(), fc.boolean(), fc.string({ unit: "binary", maxLength: 60 }));
const path = fc.oneof(
	fc.constantFrom("M.A", "M.B", "M.C", "N.D", "Vehicle.Speed", "Vehicle.VehicleIdentification.VIN", "__proto__", "constructor", "fix"),
	fc.string({ unit: "binary", maxLength: 400 }),
);
const reading = fc.oneof(
	fc.tuple(path, value).map(([name, content]) => signal(name, content)),
	fc.constant(fix()),
);

describe("compileTagger, for all readings", () => {
	it("loses none, throws never, gives finite numbers, and every tag is in its list", async () => {
		const overlay = await loadOverlay(JSON.stringify({ kind: "overlay", id: "t", signals }), "t");
		fc.assert(
			fc.property(fc.array(reading, { minLength: 1, maxLength: 50 }), fc.integer({ min: 0, max: 20 }), (readings, maxPaths) => {
				const tagger = compileTagger(cn, overlay, { maxPaths });
				for (const one of readings) {
					const out: Tagged[] = [];
					tagger.tag(one, out);
					expect(out.length).toBeGreaterThan(0);
					for (const tagged of out) {
						expect(tagger.tags[tagged.tag.index]).toBe(tagged.tag);
						expect(tagged.takenAtMs).toBe(one.takenAtMs);
						const isChanged = tagged.kind === "signal" && one.kind === "signal" && !Object.is(tagged.value, one.value);
						if (isChanged && typeof tagged.value === "number") expect(Number.isFinite(tagged.value)).toBe(true);
					}
				}
				expect(tagger.tags.length).toBeLessThanOrEqual(maxPaths + 1 + readingKinds.length);
			}),
			{ numRuns: 200 },
		);
	});

	it("gives a path the same tag whatever came before", () => {
		fc.assert(
			fc.property(fc.array(reading, { maxLength: 30 }), reading, (before, one) => {
				const fresh: Tagged[] = [];
				compileTagger(cn, undefined).tag(one, fresh);
				const used = compileTagger(cn, undefined);
				const out: Tagged[] = [];
				for (const other of before) used.tag(other, []);
				used.tag(one, out);
				const strip = (list: readonly Tagged[]) => list.map(({ tag }) => ({ ...tag, index: 0 }));
				expect(strip(out)).toEqual(strip(fresh));
			}),
			{ numRuns: 200 },
		);
	});

	it("never calls a text with a VIN in it general", () => {
		const letters = [..."ABCDEFGHJKLMNPRSTUVWXYZ"];
		const vin = fc
			.tuple(
				fc.array(fc.constantFrom(...letters), { minLength: 3, maxLength: 13 }),
				fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 14, maxLength: 14 }),
			)
			.map(([head, digits]) => (head.join("") + digits.join("")).slice(0, 17));
		const before = fc.constantFrom("", " ", "VIN", "VIN: ", "_", "/", "\n");
		const after = fc.constantFrom("", " ", ";", "_", "/", "\n");
		const known = fc.constantFrom(...["Vehicle.Diagnostics.DTCList", "Vehicle.Powertrain.Type", "Vehicle.ADAS.ActiveAutonomyLevel"]);
		const tagger = compileTagger(cn, undefined);
		fc.assert(
			fc.property(known, vin, before, after, (name, number, head, tail) => {
				const out: Tagged[] = [];
				tagger.tag(signal(name, head + number + tail), out);
				expect(out[0]?.tag.categoryId).toBe("connected-operation.vehicle.vin");
			}),
		);
	});
});

describe("compileExpression, for all texts", () => {
	it("gives a function of a number or one KerbError", () => {
		const piece = fc.constantFrom(
			"x",
			"1",
			"2.5",
			"+",
			"-",
			"*",
			"/",
			"%",
			"^",
			"**",
			"(",
			")",
			",",
			"min",
			"sqrt",
			" ",
			"floor(",
			"e",
			"!",
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 60 }), fc.double(), (pieces, x) => {
				try {
					expect(typeof compileExpression(pieces.join(""))(x)).toBe("number");
				} catch (error) {
					expect(error).toBeInstanceOf(KerbError);
				}
			}),
			{ numRuns: 2_000 },
		);
	});

	it("agrees with the language's own arithmetic", () => {
		const small = fc.integer({ min: -50, max: 50 });
		fc.assert(
			fc.property(small, small, small, (x, a, b) => {
				expect(compileExpression(`x * ${a} - (${b} + x) * 2`)(x)).toBe(x * a - (b + x) * 2);
				expect(compileExpression(`${a} - x - ${b}`)(x)).toBe(a - x - b);
			}),
		);
	});
});

describe("identifierIn and isCataloguePattern, for all texts", () => {
	it("answer and never throw", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
				identifierIn(text);
				isCataloguePattern(text);
			}),
			{ numRuns: 2_000 },
		);
	});

	it("take only patterns that compile", () => {
		const piece = fc.constantFrom("Vehicle", "\\.", ".*", "(", ")", "|", "A", "B_1");
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
				const text = pieces.join("");
				if (!isCataloguePattern(text)) return;
				expect(new RegExp(`^(?:${text})$`).test("")).toBe(false);
				expect(new RegExp(`^(?:${text})$`).test("Vehicle.Zzz.Qqq")).toBe(false);
			}),
			{ numRuns: 5_000 },
		);
	});
});
