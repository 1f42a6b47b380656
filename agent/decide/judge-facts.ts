/**
 * All that a judgement rests on beside the law's rows and rules. A fact that is not handed in counts as the strictest it could be; only a
 * missing halt halts nothing, and a missing stop stops nothing.
 */
import type { Halt } from "../../shared/halt.ts";
import type { ReleaseRule, StaleEffect } from "../../shared/policy.ts";
import type { Zone } from "../../shared/tag.ts";
import type { Thresholds } from "../../shared/thresholds.ts";
import type { RouteAuthorisation } from "../../shared/verdict.ts";
import type { AuthorisationBook } from "./authorise.ts";
import type { Facts } from "./fleet.ts";

export interface JudgeFacts {
	/** Home jurisdiction, ISO 3166-1 alpha-2. */
	readonly home: string;
	/** Others that count as home: the states of a union (`catalogue.jurisdictions`). */
	readonly homes?: readonly string[] | undefined;
	/** The policy's term is over, or time itself cannot be trusted. */
	readonly policyStale: boolean;
	/** True when a live consent for this category and purpose is on record, and for what goes abroad one that says so. */
	readonly hasConsent: (categoryId: string, purpose: string, isAbroad: boolean) => boolean;
	/** The box's time, never less than the last time known to be good. Absent: no authorisation is in force. */
	readonly nowMs?: number | undefined;
	/** `legalEntityId` of the policy's handler. */
	readonly handler?: string | undefined;
	readonly authorisations?: AuthorisationBook | undefined;
	/** Facts of the fleet that hold now (`factsOf`). */
	readonly fleet?: Facts | undefined;
	readonly thresholds?: Thresholds | undefined;
	readonly halt?: Halt | undefined;
	/** Somebody has stopped collection there, until it is started again. Absent: nothing is stopped. */
	readonly isStopped?: ((zone: Zone) => boolean) | undefined;
	/** What a stale policy means for a category. Absent: drop. */
	readonly staleEffect?: ((categoryId: string) => StaleEffect) | undefined;
	/** True when the unit is known to be on this side of the area. Absent: it is not known. */
	readonly placeAllows?: ((areaId: string, side: "inside" | "outside") => boolean) | undefined;
	/** Whether the rule's conditions of time and network hold now; undefined: not known, so they do not. */
	readonly conditionsHold?: ((rule: ReleaseRule) => boolean | undefined) | undefined;
	/** Whether the lease has anything left; undefined: not known, so it has not. */
	readonly leaseAllows?: ((authorisation: RouteAuthorisation) => boolean | undefined) | undefined;
	/** The table of regulations 1.2 decides which pathway is enough. Absent: it does. False under a catalogue of another country. */
	readonly usesPathwayTable?: boolean | undefined;
}
