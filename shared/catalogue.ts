/**
 * The catalogue: the legal floor as signed data. Per category the level, what may happen at home and abroad at the most, and under which
 * conditions a machine can check. Prose stays beside it for people; nothing is decided from prose.
 *
 * How the shipped catalogue turns the words of the regulations' table into conditions: "local_only" is vault; "deny" is vault or drop, as at
 * home; "redact", "coarsen", "aggregate" and "pseudonymise" each ask for a treatment that does it; "upload pseudonymised" asks for a
 * pseudonymous unit; "authz(SA)" asks for the pathway security-assessment, "authz(SC)" for standard-contract or certification, "exempt E7" for
 * exempt-e7; abroad repeats what is asked at home. Where the table says "or" and a machine cannot tell which, all of it is asked. A
 * citation carries the weakest mark that the regulations file gives to it.
 */
import * as v from "valibot";
import { cataloguePatternRule, isCataloguePattern } from "./catalogue-pattern.ts";
import { readingKinds } from "./reading.ts";
import { compareLevels, levels, unknownCategoryId } from "./tag.ts";

/**
 * How sure we are of a rule. T: the text or a whole translation was read. X: an excerpt was read. S: a secondary source says so. G: a fragment
 * of the 2026 text quoted elsewhere. M: domain knowledge, not confirmed. M?: uncertain, a conservative default. own: this project's choice.
 */
export const certainties = ["T", "X", "S", "G", "M", "M?", "own"] as const;
export type Certainty = (typeof certainties)[number];

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(2_000));
const id = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"),
	v.maxLength(120),
);

const countryCode = v.pipe(v.string(), v.regex(/^[A-Z]{2}$/, "an ISO 3166-1 alpha-2 country code in capitals"));

export const CitationSchema = v.strictObject({
	/** The id of the duty in the regulations file (V-17), or a section of it (1.4). */
	ref: v.pipe(v.string(), v.minLength(1), v.maxLength(60)),
	certainty: v.picklist(certainties),
});

export const ThresholdSchema = v.strictObject({
	id,
	/** null: the number was not found; the condition that it belongs to counts as met (fail closed). */
	value: v.nullable(v.number()),
	unit: v.pipe(v.string(), v.maxLength(40)),
	source: text,
	certainty: v.picklist(certainties),
});

/** Patterns over whole paths (`catalogue-pattern.ts`). */
const exceptPaths = v.pipe(
	v.array(v.pipe(v.string(), v.maxLength(1_000), v.check(isCataloguePattern, cataloguePatternRule))),
	v.minLength(1),
	v.maxLength(50),
);

/** A condition that must hold before data of a category may be uploaded. All of a row's conditions must hold. */
export const RequirementSchema = v.variant("need", [
	/** One of these treatments is among the rule's; a treatment that does not exist can never be met. */
	v.strictObject({
		need: v.literal("treatment"),
		anyOf: v.pipe(v.array(id), v.minLength(1)),
		/** The treatment counts only with this numeric option at least so high: `cellM` 100 for a position. */
		minimum: v.optional(
			v.strictObject({
				option: v.pipe(v.string(), v.regex(/^[a-z][A-Za-z0-9]*$/, "the name of an option"), v.maxLength(60)),
				value: v.number(),
			}),
		),
	}),
	/** A live consent of the person for this category and purpose. */
	v.strictObject({ need: v.literal("consent") }),
	/** The rule's purpose is one of these. */
	v.strictObject({ need: v.literal("purpose"), anyOf: v.pipe(v.array(id), v.minLength(1)) }),
	/** The outlet's recipient is qualified for surveying and mapping (S-02). */
	v.strictObject({ need: v.literal("qualified-recipient") }),
	/** The sender is known by a pseudonymous unit id, never by VIN; the configuration refuses anything else. */
	v.strictObject({ need: v.literal("pseudonymous-unit") }),
	/** The label must promise at most so long a retention with the recipient. */
	v.strictObject({ need: v.literal("retention"), maxDays: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
	/**
	 * A signed authorisation by this pathway (regulations 1.2; `exempt-e7` is the exemption E7) or one of the others. `map-review` and
	 * `geo-processing` are evidence that an authorisation by security assessment carries.
	 */
	v.strictObject({ need: v.literal("authorisation"), pathway: id, or: v.optional(v.array(id)) }),
	/**
	 * The rule names the number of the map's review (S-12), or the certificate of the recognised confidentiality processing of its coordinates (S-05).
	 * Paths that one of the patterns matches need none.
	 */
	v.strictObject({ need: v.literal("map-review"), except: v.optional(exceptPaths) }),
	v.strictObject({ need: v.literal("geo-processing"), except: v.optional(exceptPaths) }),
	/** It is not read in one of these countries in the end (ISO 3166-1 alpha-2). */
	v.strictObject({ need: v.literal("destination"), noneOf: v.pipe(v.array(countryCode), v.minLength(1), v.maxLength(250)) }),
]);

export const FloorSchema = v.strictObject({
	/** The most that can happen: upload when every requirement holds, vault (kept inside) or drop otherwise. */
	effect: v.picklist(["upload", "vault", "drop"]),
	/** What happens when effect is upload and a requirement does not hold, or no rule asks for it. */
	otherwise: v.picklist(["vault", "drop"]),
	requires: v.array(RequirementSchema),
	/** The regulation's own wording, for people. */
	text,
});

export const CatalogueRowSchema = v.strictObject({
	id,
	title: text,
	level: v.picklist(levels),
	/** Levels it can rise to, and when, in words; raising is done by rules, lowering never. */
	canRiseTo: v.optional(v.picklist(levels)),
	/**
	 * It has risen to `canRiseTo` unless this fact is known and at most the row's threshold of this id: a fact that is missing, or a threshold
	 * that was not found, counts as above (regulations G-13, X-8).
	 */
	raisedByFact: v.optional(v.strictObject({ fact: id, threshold: id })),
	zone: v.picklist(["exterior", "cabin", "vehicle"]),
	surveying: v.boolean(),
	/** May leave at home even when no policy is in force: statutory and security-alarm flows only (T-01). */
	statutory: v.boolean(),
	home: FloorSchema,
	abroad: FloorSchema,
	condition: v.pipe(v.string(), v.maxLength(2_000)),
	match: v.strictObject({
		/** Kinds of reading that belong here whatever their path. */
		kinds: v.array(v.picklist(readingKinds)),
		/** Patterns over whole VSS paths (`catalogue-pattern.ts`). Rows are asked in file order; the first match wins. */
		paths: v.pipe(v.array(v.pipe(v.string(), v.maxLength(1_000), v.check(isCataloguePattern, cataloguePatternRule))), v.maxLength(200)),
	}),
	thresholds: v.array(ThresholdSchema),
	citations: v.pipe(v.array(CitationSchema), v.minLength(1)),
});

/** What no signed catalogue may say, whoever signed it: a problem with its place, or nothing. */
const rowProblems = (rows: readonly CatalogueRow[]): readonly string[] => {
	const seen = new Set<string>();
	const takenKinds = new Set<string>();
	const problems = rows.flatMap((row) => {
		const found: string[] = [];
		const requiresNothingAbroad = row.abroad.effect === "upload" && !row.abroad.requires.some(({ need }) => need === "authorisation");
		const highest = row.canRiseTo ?? row.level;
		if (seen.has(row.id)) found.push("the id is used twice");
		seen.add(row.id);
		for (const kind of row.match.kinds) {
			if (takenKinds.has(kind)) found.push(`kind "${kind}" already belongs to another row`);
			takenKinds.add(kind);
		}
		if (compareLevels(highest, row.level) < 0) found.push("canRiseTo is lower than level");
		if (compareLevels(highest, "important") >= 0 && requiresNothingAbroad)
			found.push("important data may go abroad only with an authorisation");
		if (row.level === "core" && (row.home.effect !== "drop" || row.abroad.effect !== "drop")) found.push("core data must be dropped");
		if (row.raisedByFact !== undefined && row.canRiseTo === undefined) found.push("raisedByFact needs canRiseTo");
		if (row.raisedByFact !== undefined && !row.thresholds.some((threshold) => threshold.id === row.raisedByFact?.threshold))
			found.push("raisedByFact names a threshold that the row does not have");
		if (row.id === unknownCategoryId && (row.home.effect === "upload" || row.abroad.effect === "upload"))
			found.push("what is unknown must stay inside");
		if (row.id === unknownCategoryId && compareLevels(row.level, "important") < 0) found.push("what is unknown must count as important");
		if (row.id === unknownCategoryId && row.match.kinds.length + row.match.paths.length > 0)
			found.push("what is unknown is what no row maps, so it must match nothing");
		return found.map((problem) => `row "${row.id}": ${problem}`);
	});
	return seen.has(unknownCategoryId) ? problems : [...problems, `a row "${unknownCategoryId}" is missing`];
};

const CatalogueObjectSchema = v.strictObject({
	kind: v.literal("catalogue"),
	id,
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	title: text,
	/** ISO 3166-1 alpha-2 code of the home jurisdiction that this floor is the law of; EU, a code reserved there, for the union. */
	jurisdiction: countryCode,
	/** The states of a union that share this floor: all of them are home to each other. */
	jurisdictions: v.optional(v.pipe(v.array(countryCode), v.minLength(1), v.maxLength(60))),
	issuedAt: v.pipe(v.string(), v.isoTimestamp()),
	rows: v.pipe(
		v.array(CatalogueRowSchema),
		v.minLength(1),
		v.maxLength(1_000),
		v.rawCheck(({ dataset, addIssue }) => {
			if (dataset.typed) for (const message of rowProblems(dataset.value)) addIssue({ message });
		}),
	),
});

/** The 27 states of the European Union and the three others of the European Economic Area, where the same data-protection law holds. */
const unionStates: ReadonlySet<string> = new Set(
	"AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split(" "),
);

/** Whoever signs it, one state cannot make another its home: only the union has states, and they are its own. */
export const CatalogueSchema = v.pipe(
	CatalogueObjectSchema,
	v.check(
		({ jurisdiction, jurisdictions }) =>
			jurisdictions === undefined || (jurisdiction === "EU" && jurisdictions.every((code) => unionStates.has(code))),
		"jurisdictions: only the catalogue of the union (EU) has states, and they are its own",
	),
);

export type Citation = v.InferOutput<typeof CitationSchema>;
export type Requirement = v.InferOutput<typeof RequirementSchema>;
export type Floor = v.InferOutput<typeof FloorSchema>;
export type CatalogueRow = v.InferOutput<typeof CatalogueRowSchema>;
export type Catalogue = v.InferOutput<typeof CatalogueSchema>;
