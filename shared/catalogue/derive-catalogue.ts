/**
 * A catalogue for another country with the categories of a base: the same ids, titles and patterns in the same order, so that a reading is
 * tagged alike everywhere, under that country's own levels and floors. Floors are written once per class of data.
 *
 * Every row of the base stays, because a row that is missing would let its readings fall to a later, looser one: a category that the variant
 * does not list takes the class `unlisted`. Core and unknown data keep the base's rows.
 */
import { unknownCategoryId } from "../tag.ts";

export interface CatalogueVariant {
	readonly id: string;
	readonly version: number;
	readonly title: string;
	readonly jurisdiction: string;
	readonly jurisdictions?: readonly string[];
	readonly issuedAt: string;
	/** What a row takes from its class: level, floors, condition, citations, thresholds. `statutory` holds only where the base says so too. */
	readonly classes: { readonly unlisted: VariantClass } & Readonly<Record<string, VariantClass>>;
	/** Category id to class. */
	readonly rows: Readonly<Record<string, string>>;
}

interface VariantClass {
	readonly level: string;
	readonly home: unknown;
	readonly abroad: unknown;
	readonly condition: string;
	readonly citations: readonly unknown[];
	readonly thresholds?: readonly unknown[];
	readonly statutory?: boolean;
}

interface BaseRow {
	readonly id: string;
	readonly title: string;
	readonly level: string;
	readonly zone: string;
	readonly surveying: boolean;
	readonly statutory: boolean;
	readonly match: unknown;
}

/** A plain JSON value, still to be checked against `CatalogueSchema`. */
export const deriveCatalogue = (base: { readonly rows: readonly BaseRow[] }, variant: CatalogueVariant): unknown => {
	const { id, version, title, jurisdiction, jurisdictions, issuedAt, classes } = variant;
	const head = { kind: "catalogue", id, version, title, jurisdiction, ...(jurisdictions === undefined ? {} : { jurisdictions }), issuedAt };
	const rows = base.rows.map((row) => {
		if (row.level === "core" || row.id === unknownCategoryId) return row;
		const { statutory = false, thresholds = [], ...rest } = classes[variant.rows[row.id] ?? "unlisted"] ?? classes.unlisted;
		return {
			id: row.id,
			title: row.title,
			zone: row.zone,
			surveying: row.surveying,
			match: row.match,
			...rest,
			thresholds,
			statutory: statutory && row.statutory,
		};
	});
	return { ...head, rows };
};
