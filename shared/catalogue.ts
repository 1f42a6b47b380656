/**
 * The catalogue: the legal floor as signed data. Per category the level, what may happen at home and abroad at the most, and under which
 * conditions a machine can check. Prose stays beside it for people; nothing is decided from prose.
 */
import * as v from "valibot";
import { readingKinds } from "./reading.ts";
import { levels } from "./tag.ts";

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

export const CitationSchema = v.strictObject({
	/** The id of the duty in the regulations file (V-17), or a section of it (1.4). */
	ref: v.pipe(v.string(), v.minLength(1), v.maxLength(60)),
	certainty: v.picklist(certainties),
});

export const ThresholdSchema = v.strictObject({
	id,
	/** null: the number was not found; the condition counts as met (fail closed). */
	value: v.nullable(v.number()),
	unit: v.pipe(v.string(), v.maxLength(40)),
	source: text,
	certainty: v.picklist(certainties),
});

/** A condition that must hold before data of a category may be uploaded. All of a row's conditions must hold. */
export const RequirementSchema = v.variant("need", [
	/** One of these treatments is among the rule's; a treatment that does not exist can never be met. */
	v.strictObject({ need: v.literal("treatment"), anyOf: v.pipe(v.array(id), v.minLength(1)) }),
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
	/** A signed authorisation of this kind; none can be given yet, so this never holds. */
	v.strictObject({ need: v.literal("authorisation"), pathway: id }),
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
		/** Regular expressions over VSS paths, anchored at both ends when compiled. Rows are asked in file order; the first match wins. */
		paths: v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(600))),
	}),
	thresholds: v.array(ThresholdSchema),
	citations: v.pipe(v.array(CitationSchema), v.minLength(1)),
});

export const CatalogueSchema = v.strictObject({
	kind: v.literal("catalogue"),
	id,
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	title: text,
	/** ISO 3166-1 alpha-2 code of the home jurisdiction that this floor is the law of. */
	jurisdiction: v.pipe(v.string(), v.regex(/^[A-Z]{2}$/)),
	issuedAt: v.pipe(v.string(), v.isoTimestamp()),
	rows: v.pipe(v.array(CatalogueRowSchema), v.minLength(1), v.maxLength(1_000)),
});

export type Citation = v.InferOutput<typeof CitationSchema>;
export type Requirement = v.InferOutput<typeof RequirementSchema>;
export type Floor = v.InferOutput<typeof FloorSchema>;
export type CatalogueRow = v.InferOutput<typeof CatalogueRowSchema>;
export type Catalogue = v.InferOutput<typeof CatalogueSchema>;
