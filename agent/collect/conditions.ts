/**
 * Whether the conditions of a release rule hold. Pure: time, network and places come in, and the answer says until when it holds, so that a
 * plan made from it is renewed in time.
 */
import { type NetworkKind, type ReleaseConditions, weekdays } from "../../shared/release-conditions.ts";

export interface Circumstances {
	/** UTC. */
	readonly nowMs: number;
	/** What the unit is connected by; undefined when it is not known. */
	readonly network?: NetworkKind | undefined;
	/** Per place id whether the unit is inside; a place that is missing here is not known. Undefined: no position or no place list. */
	readonly places?: ReadonlyMap<string, boolean> | undefined;
}

export interface ConditionsState {
	readonly holds: boolean;
	/** UTC milliseconds at which time alone changes the answer; Infinity when it does not. Later at the earliest by one millisecond. */
	readonly changesAtMs: number;
}

const minuteMs = 60_000;
const dayMinutes = 1_440;
/** A week and a day: whatever the times of a week make of an answer, they have made it by then. */
const horizonDays = 8;

/** Evaluates all parts; a part that is not known does not hold. An instant that is not finite holds nothing and never changes. */
export const conditionsState = (conditions: ReleaseConditions, circumstances: Circumstances): ConditionsState => {
	const { nowMs } = circumstances;
	if (!Number.isFinite(nowMs)) return { holds: false, changesAtMs: Number.POSITIVE_INFINITY };
	const other = networkHolds(conditions, circumstances) && placesHold(conditions, circumstances);
	const time = timeHolds(conditions, nowMs);
	return { holds: other && time, changesAtMs: nextChange(conditions, nowMs, time) };
};

const networkHolds = ({ networks }: ReleaseConditions, { network }: Circumstances): boolean =>
	networks === undefined || (network !== undefined && networks.some((wanted) => wanted === "any" || wanted === network));

const placesHold = ({ places }: ReleaseConditions, { places: known }: Circumstances): boolean => {
	if (places === undefined) return true;
	if (known === undefined) return false;
	const isInside = places.inside === undefined || places.inside.some((id) => known.get(id) === true);
	return isInside && (places.outside ?? []).every((id) => known.get(id) === false);
};

const localMinute = ({ offsetMinutes }: ReleaseConditions, atMs: number): number => Math.floor(atMs / minuteMs) + offsetMinutes;

const timeHolds = (conditions: ReleaseConditions, atMs: number): boolean => {
	const { hours, days } = conditions;
	const minute = localMinute(conditions, atMs);
	const day = Math.floor(minute / dayMinutes);
	const ofDay = minute - day * dayMinutes;
	// 1970-01-01 was a Thursday, the fourth day counted from Monday.
	const weekday = weekdays[(((day + 3) % 7) + 7) % 7];
	if (days !== undefined && (weekday === undefined || !days.includes(weekday))) return false;
	return hours === undefined || hours.some(({ from, to }) => isWithin(ofDay, minutesOf(from), minutesOf(to)));
};

const isWithin = (minute: number, from: number, to: number): boolean =>
	from < to ? minute >= from && minute < to : minute >= from || minute < to;

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** The next edge of an hour or a day at which the answer of time is another one. */
const nextChange = (conditions: ReleaseConditions, nowMs: number, holdsNow: boolean): number => {
	const { hours = [], days } = conditions;
	const ofDay = new Set(hours.flatMap(({ from, to }) => [minutesOf(from), minutesOf(to)]));
	if (days !== undefined) ofDay.add(0);
	const edges = [...ofDay].sort((a, b) => a - b);
	const today = Math.floor(localMinute(conditions, nowMs) / dayMinutes);
	for (let day = today; day <= today + horizonDays; day++) {
		for (const edge of edges) {
			const atMs = (day * dayMinutes + edge - conditions.offsetMinutes) * minuteMs;
			if (atMs > nowMs && timeHolds(conditions, atMs) !== holdsNow) return atMs;
		}
	}
	return Number.POSITIVE_INFINITY;
};
