/**
 * Collect rules at work: which readings of a route may go on, around which events. Everything is counted by the readings' own time, so that a
 * recording that is run through faster gives what it would have given live.
 *
 * A step back of that time by more than ten seconds (a unit that learns the time) ends all windows and forgets what is held, since their
 * times mean nothing any more; rates and cool-downs go by the box's clock then. A step forward can only end a window early.
 */
import type { CollectRule } from "../../shared/collect-rule.ts";
import type { ConditionValue } from "../../shared/condition-values.ts";
import { KerbError } from "../../shared/errors.ts";
import type { Tagged } from "../../shared/tag.ts";
import type { Route } from "../../shared/verdict.ts";
import { CollectLane, type Offered, type Room, type WatchedRule } from "./collect-lane.ts";
import { EventWatch } from "./event-watch.ts";

/** Held readings of all routes together. */
const maxHeldReadings = 200_000;
/** Sources are at odds by so much without anything being wrong. */
const stepBackMs = 10_000;

export interface Collector {
	/**
	 * To be called with every reading, whatever becomes of it, before it is offered: events are found here. `release` is called for each held
	 * reading that may go on now, per route in order of arrival. Never throws by itself.
	 */
	observe(tagged: Tagged, release: (route: Route, tagged: Tagged) => void): void;
	/** What becomes of a reading of a route that names collect rules. A held one is released by `observe` or forgotten. */
	offer(route: Route, tagged: Tagged): Offered;
	/** Forgets what is held, of one source or of all. Windows, rates and values stay. */
	forget(sourceId?: string): void;
	/** Calls back with how many held readings of a route were forgotten since the last call, for the account. */
	drainForgotten(count: (route: Route, forgotten: number) => void): void;
	/** Readings that are held now. */
	readonly held: number;
}

/** Where a signal goes: index `at` of the values of `watch`. */
interface Place {
	readonly watch: EventWatch;
	readonly at: number;
}

const nowhere: readonly Place[] = [];

/**
 * Compiles collect rules for one regime: tags that it is given must be of one tagger. Undefined when there are no rules, so that nothing is
 * spent on them.
 *
 * @throws KerbError LAW_INVALID when a condition is not well-formed; a policy that passed its schema has none such.
 */
export const compileCollect = (rules: readonly CollectRule[] | undefined, maxHeld = maxHeldReadings): Collector | undefined => {
	if (rules === undefined || rules.length === 0) return undefined;
	const watched = new Map<string, WatchedRule>(
		rules.map((rule) => [rule.id, { rule, watch: rule.when === undefined ? undefined : new EventWatch(rule, rule.when) }]),
	);
	const watches = [...watched.values()].flatMap(({ watch }) => (watch === undefined ? [] : [watch]));
	const placesByPath = new Map<string, Place[]>();
	for (const watch of watches) {
		for (const [at, path] of watch.paths.entries()) placesByPath.set(path, [...(placesByPath.get(path) ?? []), { watch, at }]);
	}
	const levels = [...watched.values()].flatMap(({ rule, watch }) => (watch !== undefined && rule.trigger === "level" ? [watch] : []));
	const lanes = new Map<Route, CollectLane>();
	const room: Room = { held: 0, maxHeld };
	/** By tag index: where the value of a reading goes. */
	const places: (readonly Place[] | undefined)[] = [];
	let newestMs = Number.NEGATIVE_INFINITY;

	const placesOf = ({ tag, kind }: Tagged): readonly Place[] => {
		const known = places[tag.index];
		if (known !== undefined) return known;
		const found = (kind === "signal" ? placesByPath.get(tag.path) : undefined) ?? nowhere;
		places[tag.index] = found;
		return found;
	};
	const forget = (sourceId?: string): void => {
		for (const lane of lanes.values()) lane.forget(sourceId);
	};
	const keepTime = (takenAtMs: number): void => {
		if (takenAtMs < newestMs - stepBackMs) {
			forget();
			for (const watch of watches) watch.close();
			newestMs = takenAtMs;
		} else if (takenAtMs > newestMs) newestMs = takenAtMs;
	};
	const eventsOf = (tagged: Tagged): ReadonlySet<EventWatch> | undefined => {
		let fired: Set<EventWatch> | undefined;
		const fire = (watch: EventWatch): void => {
			fired ??= new Set();
			fired.add(watch);
		};
		const found = placesOf(tagged);
		if (found.length > 0) {
			const value = conditionValue(tagged);
			for (const { watch, at } of found) watch.set(at, value);
			for (const { watch } of found) if (watch.evaluate(tagged)) fire(watch);
		}
		for (const watch of levels) if (watch.holdsNow(tagged)) fire(watch);
		return fired;
	};

	return {
		observe: (tagged, release) => {
			if (!isInTime(tagged)) return;
			keepTime(tagged.takenAtMs);
			const fired = eventsOf(tagged);
			if (fired === undefined || room.held === 0) return;
			for (const [route, lane] of lanes) for (const held of lane.release(fired)) release(route, held);
		},
		offer: (route, tagged) => {
			if (!isInTime(tagged)) return "not-collected";
			let lane = lanes.get(route);
			if (lane === undefined) {
				lane = new CollectLane(rulesOf(route, watched), room);
				lanes.set(route, lane);
			}
			return lane.offer(tagged);
		},
		forget,
		drainForgotten: (count) => {
			for (const [route, lane] of lanes) {
				const forgotten = lane.takeForgotten();
				if (forgotten > 0) count(route, forgotten);
			}
		},
		get held() {
			return room.held;
		},
	};
};

const isInTime = ({ takenAtMs, bootMs }: Tagged): boolean => Number.isFinite(takenAtMs) && Number.isFinite(bootMs);

const rulesOf = ({ collect = [], ruleId }: Route, watched: ReadonlyMap<string, WatchedRule>): readonly WatchedRule[] =>
	collect.map((id) => {
		const rule = watched.get(id);
		if (rule === undefined)
			throw new KerbError("INTERNAL", `release rule "${ruleId}" names collect rule "${id}", which the policy has not`);
		return rule;
	});

/** A number too large to be exact is compared as the nearest one. */
const conditionValue = (tagged: Tagged): ConditionValue => {
	if (tagged.kind !== "signal") return undefined;
	return typeof tagged.value === "bigint" ? Number(tagged.value) : tagged.value;
};
