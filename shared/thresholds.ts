/**
 * Numbers that the law turns on, as signed data with their source: none of them is a constant in code (regulations 0.2). A number that was not
 * found is null, and the condition that it belongs to counts as met.
 */
import * as v from "valibot";
import { type Catalogue, type CatalogueRow, ThresholdSchema } from "./catalogue.ts";

export const ThresholdsSchema = v.strictObject({
	kind: v.literal("thresholds"),
	version: v.pipe(v.number(), v.integer(), v.minValue(1)),
	issuedAt: v.pipe(v.string(), v.isoTimestamp()),
	/** The id is the category's, a dot, and the threshold's in the catalogue: `telemetry.battery.fleet-vehicles`. */
	thresholds: v.pipe(
		v.array(ThresholdSchema),
		v.maxLength(2_000),
		v.check((list) => new Set(list.map(({ id }) => id)).size === list.length, "an id is used twice"),
	),
});

export type Thresholds = v.InferOutput<typeof ThresholdsSchema>;

/**
 * The value in force of a row's threshold; undefined when it was not found. A document can fill in what the catalogue does not know and lower
 * what it does; it never raises a number, and null in it takes the number away.
 */
export const thresholdValue = (row: CatalogueRow, thresholdId: string, document: Thresholds | undefined): number | undefined => {
	const own = row.thresholds.find(({ id }) => id === thresholdId);
	const given = document?.thresholds.find(({ id }) => id === `${row.id}.${thresholdId}`);
	if (given === undefined) return own?.value ?? undefined;
	if (given.value === null) return undefined;
	return own === undefined || own.value === null ? given.value : Math.min(own.value, given.value);
};

/** The catalogue with the values in force; the same rows in the same order. */
export const withThresholds = (catalogue: Catalogue, document: Thresholds | undefined): Catalogue =>
	document === undefined
		? catalogue
		: {
				...catalogue,
				rows: catalogue.rows.map((row) => ({
					...row,
					thresholds: row.thresholds.map((threshold) => ({ ...threshold, value: thresholdValue(row, threshold.id, document) ?? null })),
				})),
			};
