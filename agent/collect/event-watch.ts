/**
 * Watches the condition of one collect rule and keeps the window around its events.
 *
 * Before anything was heard of its signals a condition does not hold, so a first reading that makes it hold is an event. Windows that touch
 * are one window.
 */
import type { CollectRule } from "../../shared/collect-rule.ts";
import { compileCondition } from "../../shared/condition.ts";
import type { ConditionValue } from "../../shared/condition-values.ts";

/** Both clocks of a reading. */
export interface Instant {
	readonly takenAtMs: number;
	readonly bootMs: number;
}

/**
 * True when so much time has passed since `last`. By the readings' own time, since a recording runs through faster than it was taken; by the
 * box's clock where that time has stepped back.
 */
export const hasPassed = (last: Instant, now: Instant, periodMs: number): boolean =>
	now.takenAtMs < last.takenAtMs ? now.bootMs - last.bootMs >= periodMs : now.takenAtMs - last.takenAtMs >= periodMs;

export class EventWatch {
	/** The signals that the condition is over; `set` names them by index. */
	readonly paths: readonly string[];
	readonly #rule: CollectRule;
	readonly #holdsOver: (values: readonly ConditionValue[]) => boolean;
	readonly #values: ConditionValue[];
	#holds = false;
	#lastEvent: Instant | undefined;
	#fromMs = Number.POSITIVE_INFINITY;
	#untilMs = Number.NEGATIVE_INFINITY;
	/** Counts windows, so that who counts within one knows when the next began. */
	#window = 0;

	/** @throws KerbError LAW_INVALID when the condition is not well-formed. */
	constructor(rule: CollectRule, when: string) {
		const { paths, holds } = compileCondition(when);
		this.paths = paths;
		this.#rule = rule;
		this.#holdsOver = holds;
		this.#values = paths.map(() => undefined);
	}

	get window(): number {
		return this.#window;
	}

	get fromMs(): number {
		return this.#fromMs;
	}

	get untilMs(): number {
		return this.#untilMs;
	}

	set(index: number, value: ConditionValue): void {
		this.#values[index] = value;
	}

	/** Evaluates anew after values were set. True when that is an event. */
	evaluate(now: Instant): boolean {
		const held = this.#holds;
		this.#holds = this.#holdsOver(this.#values);
		return this.#holds && !held && this.#rule.trigger === "edge" && this.#event(now);
	}

	/** To be asked with every reading: true when it is an event that the condition holds. */
	holdsNow(now: Instant): boolean {
		return this.#holds && this.#rule.trigger === "level" && this.#event(now);
	}

	/** True when a reading of that time belongs to the last window. */
	covers(takenAtMs: number): boolean {
		return takenAtMs >= this.#fromMs && takenAtMs <= this.#untilMs;
	}

	/** Ends the window: its times mean nothing any more. */
	close(): void {
		this.#fromMs = Number.POSITIVE_INFINITY;
		this.#untilMs = Number.NEGATIVE_INFINITY;
	}

	#event(now: Instant): boolean {
		const { preMs, postMs, cooldownMs } = this.#rule;
		if (this.#lastEvent !== undefined && !hasPassed(this.#lastEvent, now, cooldownMs)) return false;
		this.#lastEvent = { takenAtMs: now.takenAtMs, bootMs: now.bootMs };
		const [fromMs, untilMs] = [now.takenAtMs - preMs, now.takenAtMs + postMs];
		if (fromMs <= this.#untilMs && untilMs >= this.#fromMs) {
			this.#fromMs = Math.min(this.#fromMs, fromMs);
			this.#untilMs = Math.max(this.#untilMs, untilMs);
		} else {
			this.#fromMs = fromMs;
			this.#untilMs = untilMs;
			this.#window += 1;
		}
		return true;
	}
}
