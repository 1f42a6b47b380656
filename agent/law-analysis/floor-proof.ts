/**
 * The proof that no combination of circumstances lets a category out above its floor. It reads the floor by itself, so that a fault of `judge`
 * is found and not repeated: what it asks of a case that leaves is written here a second time, in other words.
 */
import type { Floor, Requirement } from "../../shared/catalogue.ts";
import type { Law } from "../../shared/law.ts";
import { compareLevels, unknownCategoryId } from "../../shared/tag.ts";
import { effectiveLevel, factsOf } from "../decide/fleet.ts";
import type { AbstractCase } from "./abstract-cases.ts";
import { samplePath } from "./abstract-facts.ts";
import { type Basis, homesOf } from "./basis.ts";

/** Why a case that leaves must not; none when it may, or when it does not leave. */
export const floorBreaches = (given: AbstractCase, basis: Basis): readonly string[] => {
	if (given.verdict.effect !== "upload") return [];
	const { row, outlet, rule, context } = given;
	const { law, nowMs } = basis;
	const homes = homesOf(basis);
	const important = compareLevels(effectiveLevel(row, factsOf(law.fleet, nowMs), law.thresholds), "important") >= 0;
	const abroad = !homes.includes(outlet.finalJurisdiction);
	const floor: Floor = abroad ? row.abroad : row.home;
	const breaches: string[] = [];
	if (row.level === "core") breaches.push("core data leaves");
	if (row.id === unknownCategoryId) breaches.push("unknown data leaves");
	if (!homes.includes(outlet.jurisdiction)) breaches.push("a unit sends directly abroad");
	if (context.halt) breaches.push("it leaves although it is halted");
	if (floor.effect !== "upload") breaches.push(`the floor is ${floor.effect}`);
	if (rule === undefined) return [...breaches, "no rule asks for it"];
	const goesOn = staleEffect(law, row.id) === "continue" && !abroad && !important;
	if (context.stale && !row.statutory && !goesOn) breaches.push("the policy is stale");
	if (!context.conditions && rule.conditions !== undefined) breaches.push("the conditions of its rule do not hold");
	if (abroad && important && !context.authorisation) breaches.push("important data goes abroad without an authorisation");
	return [...breaches, ...floor.requires.filter((need) => !isMet(need, given)).map((need) => `the floor asks for ${needWords(need)}`)];
};

const staleEffect = ({ policy: { stale } }: Law, categoryId: string): string => stale?.categories?.[categoryId] ?? stale?.default ?? "drop";

const isNamed = (patterns: readonly string[] = [], path: string | undefined): boolean =>
	path !== undefined && patterns.some((pattern) => new RegExp(`^(?:${pattern})$`).test(path));

const isMet = (need: Requirement, { row, rule, outlet, context }: AbstractCase): boolean => {
	switch (need.need) {
		case "consent":
			return context.consent;
		case "authorisation":
			return context.authorisation;
		case "treatment": {
			const { minimum } = need;
			const fitting = rule?.treatments.filter(({ type }) => need.anyOf.includes(type)) ?? [];
			return fitting.some((treatment) => minimum === undefined || Number(treatment[minimum.option]) >= minimum.value);
		}
		case "purpose":
			return rule !== undefined && need.anyOf.includes(rule.purpose);
		case "qualified-recipient":
			return outlet.qualifiedSurveying;
		case "retention":
			return rule !== undefined && rule.retentionDays <= need.maxDays;
		case "destination":
			return !need.noneOf.includes(outlet.finalJurisdiction);
		case "map-review":
			return rule?.evidence?.mapReviewNo !== undefined || isNamed(need.except, samplePath(row, rule));
		case "geo-processing":
			return rule?.evidence?.geoProcessing !== undefined || isNamed(need.except, samplePath(row, rule));
		case "pseudonymous-unit":
			return true;
	}
};

/** A requirement of a floor in words. */
export const needWords = (need: Requirement): string => {
	switch (need.need) {
		case "consent":
			return "a live consent for the category and the purpose";
		case "authorisation":
			return `an authorisation by way of ${[need.pathway, ...(need.or ?? [])].join(" or ")}`;
		case "treatment": {
			const least = need.minimum === undefined ? "" : ` with ${need.minimum.option} of at least ${need.minimum.value}`;
			return `a treatment: ${need.anyOf.join(" or ")}${least}`;
		}
		case "purpose":
			return `a purpose: ${need.anyOf.join(" or ")}`;
		case "qualified-recipient":
			return "a recipient that is qualified for surveying and mapping";
		case "retention":
			return `a retention of at most ${need.maxDays} days`;
		case "destination":
			return `another destination than ${need.noneOf.join(", ")}`;
		case "map-review":
			return "the number of the map's review (evidence.mapReviewNo)";
		case "geo-processing":
			return "the certificate of the recognised processing of coordinates (evidence.geoProcessing)";
		case "pseudonymous-unit":
			return "a pseudonymous unit id";
	}
};
