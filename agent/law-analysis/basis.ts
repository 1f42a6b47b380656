/**
 * What an analysis starts from: a law, whose home it is asked for, and when.
 */
import type { Law } from "../../shared/law.ts";

export interface Basis {
	readonly law: Law;
	/** Home jurisdiction, ISO 3166-1 alpha-2. */
	readonly home: string;
	/** The instant that is asked about: which facts, authorisations and consents are in force. */
	readonly nowMs: number;
	/**
	 * True: what the law itself has of authorisations, consents and halt counts in every context, and a lease is taken to have something left.
	 * False: there is none of it but what the context says, as a proof must have it.
	 */
	readonly counted: boolean;
}

/** The jurisdictions that are home: one, or the states of a union. */
export const homesOf = ({ law, home }: Basis): readonly string[] => [home, ...(law.catalogue.jurisdictions ?? [])];
