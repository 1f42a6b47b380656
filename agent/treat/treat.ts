/**
 * Runs a verdict's steps over one reading and reduces what is left to a record. Fails closed: a step that throws, or returns nothing,
 * drops the reading.
 */
import type { CleanReading } from "../../shared/clean.ts";
import { KerbError } from "../../shared/errors.ts";
import type { KerbRecord } from "../../shared/record.ts";
import type { Tagged } from "../../shared/tag.ts";
import type { Step } from "../../shared/verdict.ts";

export type TreatResult = CleanReading | "withheld" | "failed";

/**
 * Returns the clean reading; "withheld" when a step decided that the reading must not leave; "failed" when a step threw or gave back what is
 * no reading. Never throws. The reading handed in is not changed.
 */
export const treat = (reading: Tagged, steps: readonly Step[]): TreatResult => {
	try {
		let lowered: Tagged | undefined = reading;
		for (const step of steps) {
			lowered = step(lowered);
			if (lowered === undefined) return "withheld";
		}
		return toRecord(lowered) as CleanReading;
	} catch {
		return "failed";
	}
};

/** Names every field that may travel; what is not named here does not leave, whatever a source or a step has added. */
const toRecord = (reading: Tagged): KerbRecord => {
	switch (reading.kind) {
		case "signal":
			return { kind: "signal", takenAtMs: reading.takenAtMs, path: reading.path, value: reading.value };
		case "fix":
			return {
				kind: "fix",
				takenAtMs: reading.takenAtMs,
				latDeg: reading.latDeg,
				lonDeg: reading.lonDeg,
				datum: reading.datum,
				mode: reading.mode,
				...(reading.accuracyM === undefined ? undefined : { accuracyM: reading.accuracyM }),
				...(reading.altitudeM === undefined ? undefined : { altitudeM: reading.altitudeM }),
				...(reading.speedMps === undefined ? undefined : { speedMps: reading.speedMps }),
				...(reading.courseDeg === undefined ? undefined : { courseDeg: reading.courseDeg }),
			};
		default:
			throw new KerbError("INTERNAL", "a treatment gave back something of no known kind");
	}
};
