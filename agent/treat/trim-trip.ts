/**
 * Hides where trips start and end, stops and turnarounds, on a live stream: readings are held back until the unit has left them behind and
 * they lie near no such place, and are withheld otherwise. Fixes and signals of motion go by the same timeline (`trip-timeline.ts`), or the
 * track would be rebuilt from its own speed. Counters of distance and time are withheld always; signals that say nothing of motion pass.
 *
 * Nothing within `radiusM` of such a place leaves. What is hidden around it is a disc of 4.25 times that radius, the centre of which is drawn
 * by a secret of the unit, up to 3 times the radius away. Whoever sees everything that ever leaves, and knows all but the secret, learns the
 * disc. Of all guesses in it the best one is within `radiusM` of the place in one of nine cases, and in two of five if the only road there is
 * straight and known. At the end of a trip that no other follows within `maxHoldMs`, what was not yet left behind stays back: up to 10 times
 * `radiusM` before the end.
 *
 * Not hidden: that there was a stop, and for how long; by which roads the disc was entered and left, and how fast; how long the way inside
 * can have been at the most, which tells most where a turnaround was left at once; the corner of a trip that leads straight there and
 * straight away, which its two legs point at; a place that was passed, and left behind, before it first became one. What is hidden is known
 * until the agent ends; the centres are the same for ever. All routes of a unit should have the same options: another radius draws other
 * centres.
 */
import * as v from "valibot";
import { KerbError } from "../../shared/errors.ts";
import type { Tagged } from "../../shared/tag.ts";
import type { StreamStep } from "../../shared/verdict.ts";
import { defineTreatment, type Facilities, type UnitWay } from "./treatment.ts";
import { tripBearing } from "./trip-signals.ts";
import { type TripMoment, type TripOptions, type TripState, TripTimeline } from "./trip-timeline.ts";

const number = (least: number, most: number, unit: string) =>
	v.pipe(v.number(), v.minValue(least, `expected ${least} to ${most} ${unit}`), v.maxValue(most, `expected ${least} to ${most} ${unit}`));
const whole = (least: number, most: number, unit: string) => v.pipe(number(least, most, unit), v.integer("expected a whole number"));
const dayMs = 86_400_000;

export default defineTreatment({
	type: "trim-trip",
	options: v.pipe(
		v.strictObject({
			type: v.literal("trim-trip"),
			/** Nothing within this distance of a trip's start or end, of a stop or of a turnaround leaves. */
			radiusM: number(10, 5_000, "metres"),
			/** How long standing makes a stop; without fixes for as long, the trip has ended. More than a traffic light takes. */
			stopMs: whole(1_000, 3_600_000, "milliseconds"),

			stopSpeedMps: number(0.05, 5, "metres per second"),
			/** Nothing leaves sooner: the time to go round a block looking for a place to park. */
			minHoldMs: whole(0, dayMs, "milliseconds"),
			/** What cannot be decided in this time is withheld. */
			maxHoldMs: whole(10_000, 7 * dayMs, "milliseconds"),
			/** Readings leave at these times only, so that the moment tells nothing. */
			releaseEveryMs: whole(1_000, 3_600_000, "milliseconds"),
			/** Readings held at the most; the oldest are withheld. */
			maxHeld: whole(100, 1_000_000, "readings"),
		}),
		v.check(
			({ minHoldMs, maxHoldMs, releaseEveryMs }) => maxHoldMs >= minHoldMs + 2 * releaseEveryMs,
			"maxHoldMs: expected at least minHoldMs and twice releaseEveryMs, or nothing would ever leave",
		),
	),
	appliesTo: ["signal", "fix"],
	outcome: "reduced",
	compile({ type: _type, ...options }, facilities): StreamStep {
		const timeline = timelineFor(options, facilities);
		return new TrimTrip(options, timeline);
	},
});

/** One per way and options, so that all routes hide the same, and a new law does not begin a new trip. */
const timelines = new WeakMap<UnitWay, Map<string, TripTimeline>>();
/** More than the radii of one law; laws with other options leave their timelines behind, and the one that was asked for least lately goes. */
const maxTimelines = 64;
const keyPurpose = "kerbstone trim-trip";
const keyBytes = 32;

const timelinesOf = (way: UnitWay): Map<string, TripTimeline> => {
	const known = timelines.get(way);
	if (known !== undefined) return known;
	const fresh = new Map<string, TripTimeline>();
	timelines.set(way, fresh);
	// Once per way, since listeners stay as long as it does.
	way.listen((fix) => {
		for (const timeline of fresh.values()) timeline.add(fix);
	});
	return fresh;
};

const timelineFor = (options: TripOptions, facilities: Facilities): TripTimeline | undefined => {
	if (facilities.way === undefined) return undefined;
	// Neither the rule's purpose nor an epoch: a second draw for the same place would say where the two discs overlap.
	const key = facilities.pseudonymKey(keyPurpose, 0);
	if (key.length !== keyBytes) throw new KerbError("KEY_INVALID", `a pseudonym key must have ${keyBytes} bytes, got ${key.length}`);
	const all = timelinesOf(facilities.way);
	const name = JSON.stringify(Object.entries(options).sort());
	const timeline = all.get(name) ?? new TripTimeline(options, key);
	all.delete(name);
	all.set(name, timeline);
	const [oldest] = all.keys();
	if (all.size > maxTimelines && oldest !== undefined) all.delete(oldest);
	return timeline;
};

interface Held {
	readonly reading: Tagged;
	/** Of a fix; a signal is judged by its time. */
	readonly moment: TripMoment | undefined;
	readonly era: number;
}

class TrimTrip implements StreamStep {
	readonly #options: TripOptions;
	readonly #timeline: TripTimeline | undefined;
	/** In the order of arrival. */
	#held: Held[] = [];
	#version = -1;
	/** On the box's clock. */
	#lookedAtMs = 0;

	constructor(options: TripOptions, timeline: TripTimeline | undefined) {
		this.#options = options;
		this.#timeline = timeline;
	}

	get held(): number {
		return this.#held.length;
	}

	take(reading: Tagged): readonly Tagged[] {
		if (reading.kind === "signal") {
			const bearing = tripBearing(reading.tag.path);
			if (bearing === "nothing") return [...this.#release(reading.bootMs), reading];
			if (bearing === "moment") this.#hold(reading);
		} else if (reading.kind === "fix") this.#hold(reading);
		return this.#release(reading.bootMs);
	}

	due(_nowMs: number, bootMs: number): readonly Tagged[] {
		this.#timeline?.elapse(bootMs);
		return this.#release(bootMs);
	}

	forget(sourceId?: string): number {
		const before = this.#held.length;
		this.#held = sourceId === undefined ? [] : this.#held.filter(({ reading }) => reading.sourceId !== sourceId);
		return before - this.#held.length;
	}

	#hold(reading: Tagged): void {
		const timeline = this.#timeline;
		if (timeline === undefined || !Number.isFinite(reading.takenAtMs) || !Number.isFinite(reading.bootMs)) return;
		const moment = reading.kind === "fix" ? timeline.momentOf(reading) : undefined;
		// A fix that the way has not heard of is one that nobody believes.
		const state = reading.kind === "fix" ? (moment?.state ?? "hidden") : timeline.at(reading.takenAtMs);
		if (state === "hidden") return;
		this.#held.push({ reading, moment, era: timeline.era });
		if (this.#held.length > this.#options.maxHeld) this.#makeRoom(timeline, reading.bootMs);
	}

	/** What has become hidden goes first, then the oldest; a sixteenth at the least, so that it costs little per reading. */
	#makeRoom(timeline: TripTimeline, bootMs: number): void {
		this.#held = this.#held.filter((held) => this.#stateOf(held, timeline, bootMs) !== "hidden");
		const most = this.#options.maxHeld - Math.ceil(this.#options.maxHeld / 16);
		if (this.#held.length > most) this.#held.splice(0, this.#held.length - most);
	}

	/** What has become open, up to the first reading that still waits: nothing overtakes. */
	#release(bootMs: number): readonly Tagged[] {
		const timeline = this.#timeline;
		if (timeline === undefined || this.#held.length === 0 || !Number.isFinite(bootMs)) return [];
		if (timeline.version === this.#version && !(bootMs - this.#lookedAtMs >= this.#options.releaseEveryMs)) return [];
		this.#version = timeline.version;
		this.#lookedAtMs = bootMs;
		const out: Tagged[] = [];
		const rest: Held[] = [];
		for (const held of this.#held) {
			const state = this.#stateOf(held, timeline, bootMs);
			if (state === "open" && rest.length === 0) out.push(held.reading);
			else if (state !== "hidden") rest.push(held);
		}
		this.#held = rest;
		return out;
	}

	#stateOf({ reading, moment, era }: Held, timeline: TripTimeline, bootMs: number): TripState {
		const { maxHoldMs, releaseEveryMs } = this.#options;
		const state = moment === undefined ? (era === timeline.era ? timeline.at(reading.takenAtMs) : "hidden") : moment.state;
		// Fixes are given up by the timeline; a signal may have a time that the way never comes to.
		const isTooOld =
			state === "waiting" && Math.max(bootMs - reading.bootMs, timeline.nowMs - reading.takenAtMs) > maxHoldMs + releaseEveryMs;
		return isTooOld ? "hidden" : state;
	}
}
