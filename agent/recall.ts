/**
 * What must be taken back of what was released before: readings that wait for company and envelopes that wait in the spool, when a consent has
 * ended or another law no longer releases them (invariant 10).
 */
import type { Consent } from "../shared/consent.ts";
import type { Law } from "../shared/law.ts";
import type { ReasonCode, Verdict } from "../shared/verdict.ts";
import { homesOf } from "./decide/home.ts";
import type { Regime } from "./regime.ts";
import type { SpoolGroup, WithdrawReason } from "./spool/spool-types.ts";

/** Readings of one category, released to one outlet for one purpose. The purpose is empty where nobody knows it any more. */
export type Released = Pick<SpoolGroup, "outletId" | "categoryId" | "purpose">;

export interface RecallFacts {
	/** The regime in force from now on; its law holds the consents that are live now. */
	readonly regime: Regime;
	/** Home jurisdiction, ISO 3166-1 alpha-2. */
	readonly home: string;
	/** True when the regime comes of another law than the one under which things were released. */
	readonly lawChanged: boolean;
	/** True when somebody whose data may be among it has withdrawn just now, whoever else consents. */
	readonly withdrawnNow: (categoryId: string, purpose: string) => boolean;
	/** True when the last consent for it ended by a withdrawal, and not by its term, its drive or its notice. */
	readonly endedByWithdrawal: (categoryId: string, purpose: string) => boolean;
}

/**
 * Reasons that may be over soon, or that hang on when and where a reading was taken: what was released before stays released. A halt pauses
 * what waits and deletes nothing. Anything else takes it back.
 */
const passing: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
	"halted",
	"collection-stopped",
	"policy-stale",
	"place-denied",
	"conditions-unmet",
	"quota-used-up",
	"not-collected",
]);

/** Reasons that speak of one rule's treatments; where another rule has the same purpose, nobody can tell which of them released it. */
const ofOneRule: ReadonlySet<ReasonCode> = new Set<ReasonCode>(["needs-treatment", "needs-shorter-retention"]);

/** Why it must be taken back; undefined when it may leave. */
export const recallReason = (what: Released, facts: RecallFacts): WithdrawReason | undefined => {
	const { law } = facts.regime;
	const row = law.catalogue.rows.find(({ id }) => id === what.categoryId);
	const outlet = law.outlets.outlets.find(({ id }) => id === what.outletId);
	if (row === undefined || outlet === undefined) return "reclassified";
	const homes = [facts.home, ...homesOf(law.catalogue, facts.home)];
	const isAbroad = !homes.includes(outlet.jurisdiction) || !homes.includes(outlet.finalJurisdiction);
	const floor = isAbroad ? row.abroad : row.home;
	if (floor.requires.some(({ need }) => need === "consent")) {
		if (facts.withdrawnNow(what.categoryId, what.purpose)) return "consent-withdrawn";
		if (!consentsOf(law).some((consent) => covers(consent, what, isAbroad))) {
			return facts.endedByWithdrawal(what.categoryId, what.purpose) ? "consent-withdrawn" : "consent-ended";
		}
	}
	return facts.lawChanged && !isReleased(what, facts.regime) ? "reclassified" : undefined;
};

export const consentsOf = (law: Law): readonly Consent[] => law.consents?.consents ?? [];

const covers = ({ categoryId, purpose, scope }: Consent, what: Released, isAbroad: boolean): boolean =>
	categoryId === what.categoryId && (purpose === what.purpose || what.purpose === "") && (!isAbroad || scope === "abroad");

const isReleased = (what: Released, { law, plan }: Regime): boolean => {
	const rules = law.policy.release.filter(
		({ outlet, categories, purpose }) =>
			outlet === what.outletId && categories.includes(what.categoryId) && (purpose === what.purpose || what.purpose === ""),
	);
	if (rules.length === 0) return false;
	const ids = new Set(rules.map(({ id }) => id));
	const verdicts = plan.explain(what.categoryId, what.outletId).filter(({ ruleId }) => ruleId !== undefined && ids.has(ruleId));
	return verdicts.some((verdict) => verdict.effect === "upload" || isPassing(verdict) || (rules.length > 1 && isOfOneRule(verdict)));
};

const isPassing = ({ reasons }: Verdict): boolean => reasons.length > 0 && reasons.every(({ code }) => passing.has(code));
const isOfOneRule = ({ reasons }: Verdict): boolean => reasons.length > 0 && reasons.every(({ code }) => ofOneRule.has(code));
