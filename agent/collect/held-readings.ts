/**
 * Readings of one route that wait for an event, per collect rule: a queue in order of arrival, bounded by age and number. One reading may
 * wait for several rules and leaves at most once.
 */
import type { Tagged } from "../../shared/tag.ts";

/** A reading that waits. Shared between the queues of one route. */
export interface Held {
	readonly tagged: Tagged;
	/** Position in the route's order of arrival. */
	readonly order: number;
	/** Queues that it is still in. */
	queues: number;
	hasLeft: boolean;
}

export class HeldReadings {
	readonly #maxCount: number;
	readonly #maxAgeMs: number;
	/** Called when a reading has left the last queue without having been released. */
	readonly #onForgotten: () => void;
	#queue: Held[] = [];
	#first = 0;

	constructor(maxCount: number, maxAgeMs: number, onForgotten: () => void) {
		this.#maxCount = maxCount;
		this.#maxAgeMs = maxAgeMs;
		this.#onForgotten = onForgotten;
	}

	get count(): number {
		return this.#queue.length - this.#first;
	}

	add(held: Held): void {
		held.queues += 1;
		this.#queue.push(held);
		while (this.count > this.#maxCount) this.#dropFirst();
	}

	/** Forgets what was taken more than the age before `nowMs`. */
	expire(nowMs: number): void {
		for (let held = this.#queue[this.#first]; held !== undefined; held = this.#queue[this.#first]) {
			if (!held.hasLeft && nowMs - held.tagged.takenAtMs <= this.#maxAgeMs) return;
			this.#dropFirst();
		}
	}

	/** Takes out what was taken from `fromMs` to `untilMs`, both included, and has not left by another queue. The rest goes on waiting. */
	take(fromMs: number, untilMs: number): readonly Held[] {
		const taken: Held[] = [];
		const rest: Held[] = [];
		for (let index = this.#first; index < this.#queue.length; index++) {
			const held = this.#queue[index];
			if (held === undefined || held.hasLeft) continue;
			const { takenAtMs } = held.tagged;
			if (takenAtMs >= fromMs && takenAtMs <= untilMs) {
				held.hasLeft = true;
				taken.push(held);
			} else rest.push(held);
		}
		this.#queue = rest;
		this.#first = 0;
		return taken;
	}

	/** Forgets all, or what came from one source. */
	forget(sourceId?: string): void {
		const all = this.#queue.slice(this.#first);
		const gone = sourceId === undefined ? all : all.filter(({ tagged }) => tagged.sourceId === sourceId);
		this.#queue = sourceId === undefined ? [] : all.filter(({ tagged }) => tagged.sourceId !== sourceId);
		this.#first = 0;
		for (const held of gone) this.#letGo(held);
	}

	#dropFirst(): void {
		const held = this.#queue[this.#first];
		this.#first += 1;
		if (this.#first > 1_024 && this.#first * 2 > this.#queue.length) {
			this.#queue = this.#queue.slice(this.#first);
			this.#first = 0;
		}
		if (held !== undefined) this.#letGo(held);
	}

	#letGo(held: Held): void {
		held.queues -= 1;
		if (held.queues === 0 && !held.hasLeft) this.#onForgotten();
	}
}
