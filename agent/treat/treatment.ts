/**
 * The contract of a treatment plug-in: a verb, a schema of its options, the kinds it lowers, and a compiler.
 *
 * - `compile` runs once per route, may throw KerbError TREATMENT_INVALID, and may build tables; the step it returns runs per reading.
 * - A step never changes its argument; it returns a lowered copy, the same object when there is nothing to lower, or undefined when the
 *   reading must not leave. What it took away cannot be computed from what it returns (and, for keyed treatments, from the key's absence).
 * - A step that throws drops the reading: `treat` catches, counts and goes on. A step given a kind it does not lower returns undefined.
 * - State between readings (a rate, a rotation) lives in the step and is bounded.
 * - A stream step keeps the same promises over time: what it gives back is what it took, lowered or not, each at most once and in order, or
 *   readings of the kind that the plug-in `makes`.
 */
import type * as v from "valibot";
import type { RedactionRefusal } from "../../shared/frame.ts";
import type { GeoProcessor } from "../../shared/geo-processor.ts";
import type { PlaceIndex, UnitWhere } from "../../shared/place-index.ts";
import type { Fix, ReadingKind } from "../../shared/reading.ts";
import type { ImageRedactor } from "../../shared/redactor.ts";
import type { Outcome, Step, StreamStep } from "../../shared/verdict.ts";

export interface Facilities {
	/** What the rule releases the reading for: keyed treatments give unlinkable results for two purposes. */
	readonly purpose: string;
	/** 32 secret bytes of this unit, for this purpose and epoch. The same arguments give the same key until the unit is erased. */
	pseudonymKey(purpose: string, epoch: number): Uint8Array;
	/** The places of the law. Undefined: the law has none, and whatever depends on one is withheld. */
	readonly places: PlaceIndex | undefined;
	/** The unit's own fixes, the same for every route of the unit. Undefined where there is no unit (messages of others alone). */
	readonly way: UnitWay | undefined;
	/** The box's component for geographic confidentiality processing. Undefined: there is none, and raw coordinates that need it stay inside. */
	readonly geo: GeoProcessor | undefined;
	/** Finds and masks faces and plates. Undefined: nobody can, and no picture leaves that must be redacted. */
	readonly redactor: ImageRedactor | undefined;
	/** Counts why a picture did not leave, for status. */
	readonly onRefusal: (code: RedactionRefusal) => void;
	/** In [0, 1), unpredictable on a unit, seeded in tests. */
	random(): number;
}

/**
 * The unit's own way: every fix before anything is decided, in order, for treatments that hold signals back together with positions. Listeners
 * are kept as long as their law.
 */
export interface UnitWay extends UnitWhere {
	/** Hears of each fix of the unit that can be believed, once, before any route takes it. */
	listen(listener: (fix: Fix) => void): void;
}

/** A treatment as a policy writes it. */
export interface TreatmentOptions {
	readonly type: string;
	readonly [option: string]: unknown;
}

export interface TreatmentPlugin<S extends v.GenericSchema = v.GenericSchema, R extends Step | StreamStep = Step | StreamStep> {
	/** The `type` in a policy and the name of the file: a verb. */
	readonly type: string;
	readonly options: S;
	/** Kinds that it can lower. A reading of any other kind is withheld; a policy that names it where none of them occurs is refused. */
	readonly appliesTo: readonly ReadingKind[];
	/** Narrows `appliesTo` where the options decide which kinds are lowered. */
	kindsOf?(options: v.InferOutput<S>): readonly ReadingKind[];
	/** The word a summary uses for a reading that left after this treatment. */
	readonly outcome: TreatmentOutcome;
	/** The kind that it makes of what it takes; absent: what it gives back is what it took, lowered. */
	readonly makes?: ReadingKind;
	/** What positions are known to at best after it, in metres; absent: it coarsens none. */
	precisionM?(options: v.InferOutput<S>): number;
	/** A step where each reading can be judged alone, a stream step where it takes others. */
	compile(options: v.InferOutput<S>, facilities: Facilities): R;
}

export type TreatmentOutcome = Exclude<Outcome, "uploaded">;

/** Keeps the types of a plug-in while it is written as a plain object. */
export const defineTreatment = <S extends v.GenericSchema, R extends Step | StreamStep>(
	plugin: TreatmentPlugin<S, R>,
): TreatmentPlugin<S, R> => plugin;
