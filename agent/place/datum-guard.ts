/**
 * Keeps raw and offset coordinates of one unit apart: whoever held both of the same place could work out the confidential offset between them
 * (regulations S-05, S-06). Each outlet gets the kind that it got first; the other stays inside.
 */
import type { Datum, Reading } from "../../shared/reading.ts";

export interface DatumGuard {
	/** False when the reading's coordinates are of the other kind than those that the outlet has got. */
	admits(outletId: string, reading: Reading): boolean;
}

/** What is not known is handled as raw. */
const isOffset = (datum: Datum): boolean => datum === "gcj02" || datum === "bd09";

export const createDatumGuard = (): DatumGuard => {
	const kinds = new Map<string, boolean>();
	return {
		admits: (outletId, reading) => {
			if (!("datum" in reading)) return true;
			const offset = isOffset(reading.datum);
			const known = kinds.get(outletId);
			if (known === undefined) kinds.set(outletId, offset);
			return known === undefined || known === offset;
		},
	};
};
