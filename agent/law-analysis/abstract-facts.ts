/**
 * A context as the facts that `judge` asks for.
 */
import type { CatalogueRow } from "../../shared/catalogue.ts";
import type { ReleaseRule } from "../../shared/policy.ts";
import { type AuthorisationBook, compileAuthorisations } from "../decide/authorise.ts";
import { liveConsents } from "../decide/consent-register.ts";
import { factsOf } from "../decide/fleet.ts";
import type { JudgeFacts } from "../decide/judge-facts.ts";
import { type Basis, homesOf } from "./basis.ts";
import type { Context } from "./context.ts";
import { fittingBook } from "./fitting-authorisation.ts";

/**
 * What is worked out once per basis: the law's own facts. The function it returns gives the facts of a context. `book` stands in for the book
 * of the context with authorisation.
 */
export const abstractFacts = (basis: Basis, book: AuthorisationBook = fittingBook()): ((context: Context) => JudgeFacts) => {
	const { law, home, nowMs, counted } = basis;
	const fleet = factsOf(law.fleet, nowMs);
	const own = compileAuthorisations(counted ? (law.authorisations?.authorisations ?? []) : []);
	const live = liveConsents(counted ? (law.consents?.consents ?? []) : [], nowMs);
	const { stale } = law.policy;
	return (context) => ({
		home,
		homes: homesOf(basis),
		policyStale: context.stale,
		hasConsent: (categoryId, purpose, isAbroad) => context.consent || live.has(categoryId, purpose, isAbroad),
		nowMs,
		handler: law.policy.handler.legalEntityId,
		authorisations: context.authorisation ? book : own,
		fleet,
		thresholds: law.thresholds,
		halt: context.halt ? { kind: "halt", version: 1, all: true, outlets: [], categories: [] } : counted ? law.halt : undefined,
		staleEffect: (categoryId) => stale?.categories?.[categoryId] ?? stale?.default ?? "drop",
		placeAllows: () => context.conditions,
		conditionsHold: () => context.conditions,
		leaseAllows: () => true,
		usesPathwayTable: law.catalogue.jurisdiction === "CN",
	});
};

/**
 * The path that stands for all that a rule releases of a row, for authorisations that name fields: none where the rule itself narrows to
 * paths, since then those are asked for; else a kind of the row, or a path that an authorisation is made to fit.
 */
export const samplePath = (row: CatalogueRow, rule: ReleaseRule | undefined): string | undefined =>
	rule?.paths === undefined ? (row.match.kinds[0] ?? "Vehicle.Sample") : undefined;
