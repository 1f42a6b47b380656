/**
 * How law documents are named and addressed in a TUF repository: the kinds, where each lies, which role signs it, and for whom it is meant.
 */
import * as v from "valibot";
import type { DelegatedRole } from "./role-keys.ts";
import { isUnitId } from "./topics.ts";

/** A kind of document is also the name of its folder among the targets. */
export const lawKinds = [
	"catalogue",
	"thresholds",
	"policy",
	"outlets",
	"consents",
	"notices",
	"fleet",
	"authorisations",
	"places",
	"halt",
] as const;
export type LawKind = (typeof lawKinds)[number];

/** Documents without which there is no law; each of the others, when absent, means the strictest. */
export const requiredKinds = ["catalogue", "policy", "outlets"] as const satisfies readonly LawKind[];

/** Which role signs a kind. */
export const roleOfKind: Readonly<Record<LawKind, DelegatedRole>> = {
	catalogue: "catalogue",
	thresholds: "catalogue",
	policy: "policy",
	outlets: "policy",
	consents: "policy",
	notices: "policy",
	fleet: "policy",
	authorisations: "authorisations",
	places: "places",
	halt: "halt",
};

const names = v.optional(v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(120))), v.minLength(1), v.maxLength(10_000)));
/** A unit id that no unit can have would make a document, a halt for instance, that nobody obeys. */
const unitIds = v.optional(
	v.pipe(
		v.array(v.pipe(v.string(), v.check(isUnitId, "a unit id is 3 to 64 lower-case letters, digits and hyphens, and never a VIN"))),
		v.minLength(1),
		v.maxLength(10_000),
	),
);

/** For whom a document is meant; absent or empty: everybody. Who is named by any of the lists is meant. */
export const AudienceSchema = v.strictObject({ units: unitIds, cohorts: names, hardware: names });
export type Audience = v.InferOutput<typeof AudienceSchema>;

/** `custom.kerbstone` of a target. */
export const TargetCustomSchema = v.strictObject({ kind: v.picklist(lawKinds), for: v.optional(AudienceSchema) });
export type TargetCustom = v.InferOutput<typeof TargetCustomSchema>;

/** Who a unit is to the law's addresses. */
export interface UnitAddress {
	readonly unitId: string;
	readonly cohorts: readonly string[];
	readonly hardware: string | undefined;
}

/** 3: named itself, 2: by its cohort, 1: by its hardware, 0: meant for everybody; undefined: not meant. */
export const specificityOf = (audience: Audience | undefined, unit: UnitAddress): 0 | 1 | 2 | 3 | undefined => {
	const { units, cohorts, hardware } = audience ?? {};
	if (units === undefined && cohorts === undefined && hardware === undefined) return 0;
	if (units?.includes(unit.unitId) === true) return 3;
	if (cohorts?.some((cohort) => unit.cohorts.includes(cohort)) === true) return 2;
	return unit.hardware !== undefined && hardware?.includes(unit.hardware) === true ? 1 : undefined;
};
