/**
 * A regime is the law made ready to work: tagger, plan and the label's facts, compiled together from one law and switched as one between two
 * chunks. It holds until `validUntilMs`; then the same law is compiled anew, because a term has ended or a consent began or ended.
 */
import type { Law } from "../shared/law.ts";
import type { ReleaseRule } from "../shared/policy.ts";
import { type ReadingKind, readingKinds } from "../shared/reading.ts";
import { type Collector, compileCollect } from "./collect/collector.ts";
import { liveConsents } from "./decide/consent-register.ts";
import { compilePlan, type Plan } from "./decide/plan.ts";
import type { Overlay } from "./tag/overlay.ts";
import { compileTagger, type Tagger } from "./tag/tagger.ts";
import { compileTreatments } from "./treat/compile.ts";

export interface Regime {
	readonly law: Law;
	readonly tagger: Tagger;
	readonly plan: Plan;
	/** Undefined when the policy has no collect rules. */
	readonly collector: Collector | undefined;
	/** True when the policy's term is over: only statutory flows leave. */
	readonly isStale: boolean;
	/** UTC milliseconds; Infinity when nothing in the law ends or begins. */
	readonly validUntilMs: number;
}

export interface RegimeInput {
	readonly law: Law;
	readonly overlay: Overlay | undefined;
	/** Home jurisdiction, ISO 3166-1 alpha-2. */
	readonly home: string;
	/** The box's time, never less than the last time known to be good. */
	readonly nowMs: number;
	readonly pseudonymKey: (purpose: string, epoch: number) => Uint8Array;
}

/** @throws KerbError LAW_INVALID or TREATMENT_INVALID, with every problem, when the law does not fit together or does not fit this build. */
export const compileRegime = ({ law, overlay, home, nowMs, pseudonymKey }: RegimeInput): Regime => {
	const { catalogue, policy, outlets, consents } = law;
	const live = liveConsents(consents?.consents ?? [], nowMs);
	const notAfterMs = Date.parse(policy.notAfter);
	const isStale = nowMs >= notAfterMs;
	const plan = compilePlan({
		catalogue,
		rules: policy.release,
		outlets: outlets.outlets,
		facts: { home, policyStale: isStale, hasConsent: live.has },
		compileTreatments: (rule) => compileTreatments(rule.treatments, kindsOf(rule, law), { purpose: rule.purpose, pseudonymKey }),
	});
	return {
		law,
		tagger: compileTagger(catalogue, overlay),
		plan,
		collector: compileCollect(policy.collect),
		isStale,
		validUntilMs: Math.min(isStale ? Number.POSITIVE_INFINITY : notAfterMs, live.changesAtMs),
	};
};

/** The kinds of reading that the rule's categories can hold. */
const kindsOf = (rule: ReleaseRule, { catalogue }: Law): readonly ReadingKind[] =>
	readingKinds.filter((kind) =>
		catalogue.rows.some(
			({ id, match }) => rule.categories.includes(id) && (match.kinds.includes(kind) || (kind === "signal" && match.paths.length > 0)),
		),
	);
