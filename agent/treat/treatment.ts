/**
 * The contract of a treatment plug-in: a verb, a schema of its options, the kinds it lowers, and a compiler.
 *
 * - `compile` runs once per route, may throw KerbError TREATMENT_INVALID, and may build tables; the step it returns runs per reading.
 * - A step never changes its argument; it returns a lowered copy, the same object when there is nothing to lower, or undefined when the
 *   reading must not leave. What it took away cannot be computed from what it returns (and, for keyed treatments, from the key's absence).
 * - A step that throws drops the reading: `treat` catches, counts and goes on. A step given a kind it does not lower returns undefined.
 * - State between readings (a rate, a rotation) lives in the step and is bounded.
 */
import type * as v from "valibot";
import type { ReadingKind } from "../../shared/reading.ts";
import type { Outcome, Step } from "../../shared/verdict.ts";

export interface Facilities {
	/** What the rule releases the reading for: keyed treatments give unlinkable results for two purposes. */
	readonly purpose: string;
	/** 32 secret bytes of this unit, for this purpose and epoch. The same arguments give the same key until the unit is erased. */
	pseudonymKey(purpose: string, epoch: number): Uint8Array;
}

export interface TreatmentPlugin<S extends v.GenericSchema = v.GenericSchema> {
	/** The `type` in a policy and the name of the file: a verb. */
	readonly type: string;
	readonly options: S;
	/** Kinds that it can lower. A reading of any other kind is withheld; a policy that names it where none of them occurs is refused. */
	readonly appliesTo: readonly ReadingKind[];
	/** Narrows `appliesTo` where the options decide which kinds are lowered. */
	kindsOf?(options: v.InferOutput<S>): readonly ReadingKind[];
	/** The word a summary uses for a reading that left after this treatment. */
	readonly outcome: TreatmentOutcome;
	compile(options: v.InferOutput<S>, facilities: Facilities): Step;
}

export type TreatmentOutcome = Exclude<Outcome, "uploaded">;

/** Keeps the option type of a plug-in while it is written as a plain object. */
export const defineTreatment = <S extends v.GenericSchema>(plugin: TreatmentPlugin<S>): TreatmentPlugin<S> => plugin;
