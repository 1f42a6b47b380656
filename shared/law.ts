/**
 * The law as a unit holds it: the documents that are meant for it, taken together from one state of a repository and checked as a whole.
 */
import type { Authorisations } from "./authorisation.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Consents } from "./consent.ts";
import type { Fleet } from "./fleet.ts";
import type { Halt } from "./halt.ts";
import type { Notices } from "./notice.ts";
import type { Outlets } from "./outlet.ts";
import type { Places } from "./places.ts";
import type { Policy } from "./policy.ts";
import type { Thresholds } from "./thresholds.ts";

/** Of one document. */
export const maxDocumentBytes = 4 * 1024 * 1024;

export interface Law {
	/** SHA-256 over a sorted line `kind path sha256` for each document, in hexadecimal: what a unit reports as the law it obeys. */
	readonly hash: string;
	/** SHA-256 of the root that the unit was provisioned with, for pinning. */
	readonly rootHash: string;
	readonly catalogue: Catalogue;
	readonly policy: Policy;
	readonly outlets: Outlets;
	readonly consents: Consents | undefined;
	readonly notices?: Notices | undefined;
	/** Absent: every fact counts as above every threshold. */
	readonly fleet?: Fleet | undefined;
	/** Absent: the catalogue's own numbers. */
	readonly thresholds?: Thresholds | undefined;
	/** Absent: nothing widens the floor. */
	readonly authorisations?: Authorisations | undefined;
	/** Absent: nobody knows what a place is, and whatever depends on one is withheld. */
	readonly places?: Places | undefined;
	/** Absent: nothing is halted. */
	readonly halt?: Halt | undefined;
}
