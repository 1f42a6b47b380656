/**
 * What became of the readings of a run, as a plain table for a person.
 */
import type { CategoryStatus } from "./status.ts";
import type { ReasonCode } from "./verdict.ts";

const reasonWords: Readonly<Record<ReasonCode, string>> = {
	released: "released",
	"not-requested": "no rule asks for it",
	"floor-vault": "the law keeps it in the vehicle",
	"floor-drop": "the law drops it",
	"core-data": "core data",
	"unknown-category": "nothing says what it is",
	"direct-abroad": "outlet is abroad",
	"policy-stale": "the policy is past its term",
	"needs-treatment": "rule lacks a required treatment",
	"needs-consent": "no consent",
	"needs-purpose": "purpose is not allowed",
	"needs-qualified-recipient": "recipient is not qualified",
	"needs-shorter-retention": "rule retains too long",
	"needs-authorisation": "no authorisation",
	"needs-other-destination": "destination is ruled out",
	"needs-map-review": "no map review number",
	"needs-geo-processing": "no geo-processing certificate",
	"authorisation-invalid": "authorisation contradicts itself",
	"authorisation-pathway": "authorisation is by another pathway",
	"authorisation-exemption": "exemption does not hold",
	"authorisation-evidence": "authorisation lacks evidence",
	"authorisation-approvals": "authorisation lacks two approvals",
	"authorisation-handler": "authorisation is another handler's",
	"authorisation-recipient": "authorisation is for another recipient",
	"authorisation-jurisdiction": "authorisation is for another country",
	"authorisation-purpose": "authorisation is for another purpose",
	"authorisation-category": "authorisation is for another category",
	"authorisation-fields": "authorisation does not name the field",
	"authorisation-retention": "authorisation allows a shorter retention",
	"authorisation-consent-ref": "authorisation names no consent",
	"authorisation-not-yet": "authorisation has not begun",
	"authorisation-expired": "authorisation is past its term",
	halted: "halted",
	"place-denied": "not in a place where it may",
	"conditions-unmet": "conditions of the rule do not hold",
	"collection-stopped": "collection was stopped",
	"quota-used-up": "quota is used up",
	"area-limit": "too much ground for one recipient",
	"datum-mixed": "raw beside offset coordinates",
	"withheld-by-treatment": "thinned out or withheld by a treatment",
	"held-back": "held back for now",
	"treatment-failed": "a treatment failed",
	"too-large": "too large for an envelope",
	"not-collected": "outside what collect rules ask for",
};

/** The words for a reason code; the code itself when it is not one that this version knows. */
export const reasonText = (code: string): string => (reasonWords as Readonly<Record<string, string>>)[code] ?? code;

/** 1234567 as 1,234,567. */
export const grouped = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");

/** Bytes in the largest unit that leaves at least one whole: 1.5 MB (decimal units). */
export const byteText = (bytes: number): string => {
	if (bytes < 1_000) return `${bytes} B`;
	if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
	return `${(bytes / 1_000_000).toFixed(1)} MB`;
};

/** Lines with columns aligned: text to the left, numbers to the right. The first row is the heading. */
export const tableLines = (rows: readonly (readonly (string | number)[])[]): readonly string[] => {
	const texts = rows.map((row) => row.map((cell) => (typeof cell === "number" ? grouped(cell) : cell)));
	const isNumber = (rows[1] ?? []).map((cell) => typeof cell === "number");
	const widths = (texts[0] ?? []).map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
	return texts.map((row) =>
		row
			.map((cell, column) => (isNumber[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
			.join("  ")
			.trimEnd(),
	);
};

/** One row per category that was sensed, most readings first, with the reasons of those that stayed. */
export const categoryTable = (categories: readonly CategoryStatus[]): readonly string[] => {
	const rows = [...categories].sort((a, b) => b.sensed - a.sensed);
	return tableLines([
		["category", "level", "sensed", "uploaded", "coarsened", "kept inside", "dropped", "why"],
		...rows.map((row) => [row.id, row.level, row.sensed, row.uploaded, row.coarsened, row.kept, row.dropped, whyText(row)]),
	]);
};

const whyText = ({ reasons }: CategoryStatus): string =>
	Object.entries(reasons)
		.sort(([, a], [, b]) => b - a)
		.map(([code]) => reasonText(code))
		.join("; ");
