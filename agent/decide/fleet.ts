/**
 * What facts of the fleet make of a category. A fact that is missing and a threshold that was not found count as above (regulations G-13, X-8).
 */
import type { CatalogueRow } from "../../shared/catalogue.ts";
import { type Fleet, handlerFacts } from "../../shared/fleet.ts";
import { compareLevels, type Level } from "../../shared/tag.ts";
import { type Thresholds, thresholdValue } from "../../shared/thresholds.ts";

export type Facts = ReadonlyMap<string, number>;

const minuteMs = 60_000;
/** The year that China's clocks show: counters run from 1 January there (regulations 1.2), at UTC+8 the whole year. */
export const counterYear = (nowMs: number): number => new Date(nowMs + 480 * minuteMs).getUTCFullYear();

/** The next 1 January in China, in UTC milliseconds: then the year's counters count as missing. */
export const nextCounterYearMs = (nowMs: number): number => Date.UTC(counterYear(nowMs) + 1, 0, 1) - 480 * minuteMs;

/** The facts that hold at `nowMs`: those that count since 1 January only in their own year. Setting the clock can only take facts away. */
export const factsOf = (fleet: Fleet | undefined, nowMs: number): Facts => {
	const yearly: ReadonlySet<string> = new Set(Object.values(handlerFacts));
	const inYear = fleet?.year !== undefined && fleet.year === counterYear(nowMs);
	return new Map(Object.entries(fleet?.facts ?? {}).filter(([id]) => inYear || !yearly.has(id)));
};

/** "More than": above, or not known to be at most the threshold. */
export const isAbove = (facts: Facts, fact: string, threshold: number | undefined): boolean => {
	const value = facts.get(fact);
	return value === undefined || threshold === undefined || !(value <= threshold);
};

/** "At least": reached, or not known to be less than the threshold. */
export const hasReached = (facts: Facts, fact: string, threshold: number | undefined): boolean => {
	const value = facts.get(fact);
	return value === undefined || threshold === undefined || !(value < threshold);
};

/**
 * Network topology is important when the platform serves so many vehicles, or offers upgrades over the air to so many and the content touches
 * powertrain, chassis or safe driving (rule 1-1-5-21, provisional). The numbers are thresholds of the catalogue.
 */
export const isTopologyImportant = (
	facts: Facts,
	limits: { readonly vehicles: number | undefined; readonly otaVehicles: number | undefined },
): boolean =>
	hasReached(facts, "fleet.vehicles-served", limits.vehicles) ||
	(hasReached(facts, "fleet.ota-vehicles", limits.otaVehicles) && hasReached(facts, "fleet.topology-touches-driving", 1));

/** The charging state of more than so many vehicles is important (rule 1-1-5-23, provisional). */
export const isChargingImportant = (facts: Facts, limit: number | undefined): boolean => isAbove(facts, "fleet.vehicles-served", limit);

/** A regulator's notice that names the category makes it important at once (regulations G-16). */
export const isNoticed = (categoryId: string, facts: Facts): boolean => (facts.get(`noticed.${categoryId}`) ?? 0) > 0;

/**
 * The level that a category counts as. A row that can rise has risen unless the fact that would raise it is known to be low enough; a row that
 * rises by something no machine sees has risen always.
 */
export const effectiveLevel = (row: CatalogueRow, facts: Facts, thresholds?: Thresholds | undefined): Level => {
	const { raisedByFact, canRiseTo } = row;
	const least: Level = isNoticed(row.id, facts) && compareLevels(row.level, "important") < 0 ? "important" : row.level;
	if (canRiseTo === undefined || compareLevels(canRiseTo, least) <= 0) return least;
	if (raisedByFact === undefined) return canRiseTo;
	return isAbove(facts, raisedByFact.fact, thresholdValue(row, raisedByFact.threshold, thresholds)) ? canRiseTo : least;
};
