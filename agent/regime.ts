/**
 * A regime is the law made ready to work: tagger, plan and the label's facts, compiled together from one law and switched as one between two
 * chunks. It holds until `validUntilMs`; then the same law is compiled anew, because a term has ended, a consent or an authorisation began or
 * ended, or a rule's hours did.
 */
import { KerbError } from "../shared/errors.ts";
import type { RedactionRefusal } from "../shared/frame.ts";
import type { GeoProcessor } from "../shared/geo-processor.ts";
import type { Law } from "../shared/law.ts";
import type { PlaceIndex } from "../shared/place-index.ts";
import type { Policy, ReleaseRule, StaleEffect } from "../shared/policy.ts";
import { type ReadingKind, readingKinds } from "../shared/reading.ts";
import type { ImageRedactor } from "../shared/redactor.ts";
import type { Zone } from "../shared/tag.ts";
import { withThresholds } from "../shared/thresholds.ts";
import { type Collector, compileCollect } from "./collect/collector.ts";
import { type Circumstances, conditionsState } from "./collect/conditions.ts";
import { compileAuthorisations } from "./decide/authorise.ts";
import { liveConsents } from "./decide/consent-register.ts";
import { type Facts, factsOf, nextCounterYearMs } from "./decide/fleet.ts";
import { homesOf } from "./decide/home.ts";
import type { JudgeFacts } from "./decide/judge-facts.ts";
import { compilePlan, type Plan } from "./decide/plan.ts";
import { compilePlaces } from "./place/compile-places.ts";
import type { Overlay } from "./tag/overlay.ts";
import { compileTagger, type Tagger } from "./tag/tagger.ts";
import { compileTreatments } from "./treat/compile.ts";
import { motionGuardsFor } from "./treat/motion-guards.ts";
import type { UnitWay } from "./treat/treatment.ts";

export interface Regime {
	readonly law: Law;
	/** Facts of the fleet that tags and plan were made with. */
	readonly facts: Facts;
	readonly tagger: Tagger;
	readonly plan: Plan;
	/** Undefined when the policy has no collect rules. */
	readonly collector: Collector | undefined;
	/** Outlets whose recipients may be shown only so much of the ground (regulations S-07, S-08): those not qualified for surveying, under Chinese law. */
	readonly areaLimited: ReadonlySet<string>;
	/** What the law's places say of positions; undefined when it has none. */
	readonly places: PlaceIndex | undefined;
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
	/** The box's time as it goes on, for the term of the list of places. Absent: it stands at `nowMs`. */
	readonly clockMs?: (() => number) | undefined;
	/** In [0, 1), unpredictable on a unit. Absent: treatments that need chance withhold. */
	readonly random?: (() => number) | undefined;
	/** Absent: raw coordinates that need processing stay inside. */
	readonly geo?: GeoProcessor | undefined;
	/** Zones in which somebody has stopped collection. */
	readonly stopped?: ReadonlySet<Zone> | undefined;
	/** Absent: no picture leaves that must be redacted. */
	readonly redactor?: ImageRedactor | undefined;
	/** Hears why pictures did not leave. */
	readonly onRefusal?: ((code: RedactionRefusal) => void) | undefined;
	/** Absent: the unit's own place is not known, and what depends on it stays inside. */
	readonly way?: UnitWay | undefined;
	/** Network and places as they are now. Absent: not known, and rules that ask for them do not hold. */
	readonly circumstances?: Omit<Circumstances, "nowMs"> | undefined;
	/** Whether an authorisation's lease has anything left (`agent/decide/quota.ts`). Absent: nothing leaves under an authorisation. */
	readonly leaseAllows?: JudgeFacts["leaseAllows"];
	/**
	 * The regime before this one. Where it is of the same law, what rules and treatments know of earlier readings (rates, open windows) goes on;
	 * the two are then never to be used side by side.
	 */
	readonly previous?: Regime | undefined;
}

/**
 * @throws KerbError LAW_INVALID or TREATMENT_INVALID, with every problem, when the law does not fit together, does not fit this build, or is
 * not the law of `home`.
 */
export const compileRegime = ({
	law,
	overlay,
	home,
	nowMs,
	pseudonymKey,
	clockMs = () => nowMs,
	random = noChance,
	way,
	geo,
	stopped,
	redactor,
	onRefusal = () => undefined,
	circumstances,
	leaseAllows,
	previous,
}: RegimeInput): Regime => {
	const { policy, outlets, consents, fleet, halt } = law;
	const catalogue = withThresholds(law.catalogue, law.thresholds);
	const live = liveConsents(consents?.consents ?? [], nowMs);
	const notAfterMs = Date.parse(policy.notAfter);
	const isStale = !(nowMs < notAfterMs);
	const facts = factsOf(fleet, nowMs);
	const authorisations = compileAuthorisations(law.authorisations?.authorisations ?? []);
	const now: Circumstances = { ...circumstances, nowMs };
	const before = previous?.law.hash === law.hash ? previous : undefined;
	// Tags and all that is kept by them hang on the facts, too: levels rise with them.
	const sameTags = before !== undefined && isSame(before.facts, facts) ? before : undefined;
	const places = before === undefined ? law.places && compilePlaces(law.places, { nowMs: clockMs }) : before.places;
	const plan = compilePlan({
		previous: before?.plan,
		catalogue,
		rules: policy.release,
		outlets: outlets.outlets,
		facts: {
			home,
			homes: homesOf(catalogue, home),
			policyStale: isStale,
			hasConsent: live.has,
			nowMs,
			handler: policy.handler.legalEntityId,
			authorisations,
			fleet: facts,
			halt,
			staleEffect: staleEffectOf(policy),
			placeAllows: (areaId, side) => circumstances?.places?.get(areaId) === (side === "inside"),
			conditionsHold: ({ conditions }) => conditions === undefined || conditionsState(conditions, now).holds,
			leaseAllows,
			isStopped: (zone) => stopped?.has(zone) === true,
			// The table is Chinese law; elsewhere the floor's own pathways are all that is asked.
			usesPathwayTable: catalogue.jurisdiction === "CN",
		},
		compileTreatments: (rule) =>
			compileTreatments(
				rule.treatments,
				kindsOf(rule, law),
				{ purpose: rule.purpose, pseudonymKey, random, way, geo, redactor, onRefusal, places },
				motionGuardsFor(rule, policy.release, (other) => kindsOf(other, law).includes("fix")),
			),
	});
	const edgesMs = [
		isStale ? Number.POSITIVE_INFINITY : notAfterMs,
		live.changesAtMs,
		authorisations.changesAfter(nowMs),
		places === undefined || nowMs >= places.notAfterMs ? Number.POSITIVE_INFINITY : places.notAfterMs,
		fleet?.year === undefined ? Number.POSITIVE_INFINITY : nextCounterYearMs(nowMs),
		...policy.release.flatMap(({ conditions }) => (conditions === undefined ? [] : [conditionsState(conditions, now).changesAtMs])),
	];
	return {
		law,
		facts,
		tagger: sameTags?.tagger ?? compileTagger(catalogue, overlay, { facts }),
		plan,
		collector: sameTags === undefined ? compileCollect(policy.collect) : sameTags.collector,
		places,
		areaLimited: new Set(
			catalogue.jurisdiction === "CN" ? outlets.outlets.filter(({ qualifiedSurveying }) => !qualifiedSurveying).map(({ id }) => id) : [],
		),
		isStale,
		validUntilMs: edgesMs.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
	};
};

const noChance = (): number => {
	throw new KerbError("INTERNAL", "a treatment asked for chance where there is none");
};

const isSame = (a: Facts, b: Facts): boolean => a.size === b.size && [...a].every(([id, value]) => b.get(id) === value);

const staleEffectOf =
	({ stale }: Policy) =>
	(categoryId: string): StaleEffect =>
		(stale?.categories !== undefined && Object.hasOwn(stale.categories, categoryId) ? stale.categories[categoryId] : undefined) ??
		stale?.default ??
		"drop";

/** The kinds of reading that the rule's categories can hold. */
const kindsOf = (rule: ReleaseRule, { catalogue }: Law): readonly ReadingKind[] => {
	const rows = catalogue.rows.filter(({ id }) => rule.categories.includes(id));
	const met = new Set<ReadingKind>(rows.flatMap(({ match }) => match.kinds));
	for (const { match } of rows) for (const path of match.paths) met.add(kindOfPath(path));
	// Flows are made of messages.
	if (met.has("flow")) met.add("message");
	return readingKinds.filter((kind) => met.has(kind));
};

/** By the first word of a pattern: whatever is no source's own name is a signal's. */
const kindOfPath = (pattern: string): ReadingKind => kindsByWord.get(/^\w+/.exec(pattern)?.[0] ?? "") ?? "signal";

const kindsByWord: ReadonlyMap<string, ReadingKind> = new Map([
	["V2X", "message"],
	["Camera", "frame"],
	["Lidar", "cloud"],
	["Radar", "cloud"],
	["Map", "map"],
]);
