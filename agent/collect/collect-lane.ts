/**
 * What collect rules make of the readings of one route: each passes at once, waits for an event, or is not collected.
 */
import type { CollectRule } from "../../shared/collect-rule.ts";
import { compilePathPatterns } from "../../shared/path-pattern.ts";
import type { Tag, Tagged } from "../../shared/tag.ts";
import { type EventWatch, hasPassed, type Instant } from "./event-watch.ts";
import { type Held, HeldReadings } from "./held-readings.ts";

/** Sources and paths of which one rule knows when the last reading passed; more than the signals of a vehicle. */
const maxRatedPaths = 16_384;

/** A collect rule with what is the same for all routes. */
export interface WatchedRule {
	readonly rule: CollectRule;
	/** Undefined when the rule waits for no event. */
	readonly watch: EventWatch | undefined;
}

/** Room for held readings that lanes share. */
export interface Room {
	held: number;
	readonly maxHeld: number;
}

export type Offered = "passes" | "held" | "not-collected";

interface LaneRule extends WatchedRule {
	/** By tag index. */
	readonly selected: (boolean | undefined)[];
	readonly matches: (path: string) => boolean;
	/** When the last reading passed, by source and path, the oldest passage first. */
	readonly passed: Map<string, Instant>;
	readonly queue: HeldReadings;
	window: number;
	/** Readings that went with the window. */
	inWindow: number;
}

export class CollectLane {
	readonly #rules: readonly LaneRule[];
	readonly #room: Room;
	#order = 0;
	#forgotten = 0;

	constructor(rules: readonly WatchedRule[], room: Room) {
		this.#room = room;
		this.#rules = rules.map(({ rule, watch }) => ({
			rule,
			watch,
			selected: [],
			matches: rule.paths === undefined ? () => true : compilePathPatterns(rule.paths),
			passed: new Map(),
			queue: new HeldReadings(rule.maxReadings, rule.preMs, () => {
				this.#room.held -= 1;
				this.#forgotten += 1;
			}),
			window: 0,
			inWindow: 0,
		}));
	}

	/** Takes one reading of the route, after the watches have heard of it. What is held is borrowed until it leaves or is forgotten. */
	offer(tagged: Tagged): Offered {
		const { takenAtMs } = tagged;
		let passes = false;
		let held: Held | undefined;
		for (const lane of this.#rules) {
			lane.queue.expire(takenAtMs);
			if (!selects(lane, tagged.tag) || !isDue(lane, tagged)) continue;
			if (lane.watch === undefined || this.#goesWith(lane, lane.watch, takenAtMs)) passes = true;
			else if (!passes) {
				// Also where nothing older than an event goes with it: of one frame, the signal of the event may come last.
				if (held === undefined && this.#room.held >= this.#room.maxHeld) continue;
				if (held === undefined) this.#room.held += 1;
				held ??= { tagged, order: this.#order++, queues: 0, hasLeft: false };
				lane.queue.add(held);
			}
		}
		if (!passes) return held === undefined ? "not-collected" : "held";
		if (held !== undefined) {
			held.hasLeft = true;
			this.#room.held -= 1;
		}
		return "passes";
	}

	/** The held readings that events of these watches let go, in order of arrival. */
	release(fired: ReadonlySet<EventWatch>): readonly Tagged[] {
		const going: Held[] = [];
		for (const lane of this.#rules) {
			const { watch, queue } = lane;
			if (watch === undefined || !fired.has(watch) || queue.count === 0) continue;
			const taken = queue.take(watch.fromMs, watch.untilMs);
			enter(lane, watch);
			lane.inWindow += taken.length;
			for (const held of taken) going.push(held);
		}
		this.#room.held -= going.length;
		return going.sort((a, b) => a.order - b.order).map(({ tagged }) => tagged);
	}

	/** Forgets what is held, of one source or of all. */
	forget(sourceId?: string): void {
		for (const { queue } of this.#rules) queue.forget(sourceId);
	}

	/** How many held readings were forgotten since the last call. */
	takeForgotten(): number {
		const count = this.#forgotten;
		this.#forgotten = 0;
		return count;
	}

	#goesWith(lane: LaneRule, watch: EventWatch, takenAtMs: number): boolean {
		if (!watch.covers(takenAtMs)) return false;
		enter(lane, watch);
		if (lane.inWindow >= lane.rule.maxReadings) return false;
		lane.inWindow += 1;
		return true;
	}
}

/** A new window is counted from nothing. */
const enter = (lane: LaneRule, { window }: EventWatch): void => {
	if (lane.window === window) return;
	lane.window = window;
	lane.inWindow = 0;
};

const selects = (lane: LaneRule, tag: Tag): boolean => {
	const known = lane.selected[tag.index];
	if (known !== undefined) return known;
	const { categories } = lane.rule;
	const isSelected = (categories === undefined || categories.includes(tag.categoryId)) && lane.matches(tag.path);
	lane.selected[tag.index] = isSelected;
	return isSelected;
};

/** Only a path that could pass again is forgotten, so that many paths never buy a higher rate; without room nothing new passes. */
const isDue = ({ rule, passed }: LaneRule, tagged: Tagged): boolean => {
	const { everyMs } = rule;
	if (everyMs === undefined) return true;
	const key = `${tagged.sourceId} ${tagged.tag.path}`;
	const last = passed.get(key);
	if (last !== undefined && !hasPassed(last, tagged, everyMs)) return false;
	if (last === undefined && passed.size >= maxRatedPaths) {
		const [oldest] = passed;
		if (oldest === undefined || !hasPassed(oldest[1], tagged, everyMs)) return false;
		passed.delete(oldest[0]);
	}
	passed.delete(key);
	passed.set(key, { takenAtMs: tagged.takenAtMs, bootMs: tagged.bootMs });
	return true;
};
