/**
 * Counts what became of readings, without a Map look-up per reading: by tag index for those that stay, by route for those that leave.
 * Drained into the ledger once per flush and summed up for status and summaries.
 */
import type { Tag } from "../shared/tag.ts";
import type { Decision, Effect, Outcome, ReasonCode, Route } from "../shared/verdict.ts";

/**
 * One line of account: so many readings of one category had one fate for one reason. `held-back` is not the last word: such a reading is counted again
 * when it is released or withheld.
 */
export interface TallyLine {
	readonly categoryId: string;
	readonly effect: Effect;
	readonly reason: ReasonCode;
	readonly outcome?: Outcome;
	readonly outletId?: string;
	readonly ruleId?: string;
	readonly count: number;
}

interface RouteCounts {
	released: number;
	withheld: number;
	failed: number;
	notCollected: number;
	heldBack: number;
	datumMixed: number;
}

export class Tally {
	readonly #stays: { tag: Tag; decision: Decision; count: number }[] = [];
	readonly #routes = new Map<Route, RouteCounts>();

	/** One reading without any route. */
	stayed(tag: Tag, decision: Decision): void {
		const slot = this.#stays[tag.index];
		if (slot === undefined) this.#stays[tag.index] = { tag, decision, count: 1 };
		else slot.count += 1;
	}

	/** The counters of a route; the caller adds to them. */
	route(route: Route): RouteCounts {
		const known = this.#routes.get(route);
		if (known !== undefined) return known;
		const fresh: RouteCounts = { released: 0, withheld: 0, failed: 0, notCollected: 0, heldBack: 0, datumMixed: 0 };
		this.#routes.set(route, fresh);
		return fresh;
	}

	/** Hands over what was counted since the last call, lines of equal meaning joined, and starts anew. */
	drain(): readonly TallyLine[] {
		const lines = new Map<string, TallyLine>();
		const add = (line: TallyLine): void => {
			if (line.count === 0) return;
			const key = [line.categoryId, line.effect, line.reason, line.outcome, line.outletId, line.ruleId].join("\n");
			const known = lines.get(key);
			lines.set(key, known === undefined ? line : { ...known, count: known.count + line.count });
		};
		for (const slot of this.#stays) {
			if (slot === undefined) continue;
			add({ categoryId: slot.tag.categoryId, effect: slot.decision.stays, reason: slot.decision.reason, count: slot.count });
		}
		for (const [{ categoryId, outletId, ruleId, outcome }, counts] of this.#routes) {
			const base = { categoryId, outletId, ruleId };
			add({ ...base, effect: "upload", reason: "released", outcome, count: counts.released });
			add({ ...base, effect: "drop", reason: "withheld-by-treatment", count: counts.withheld });
			add({ ...base, effect: "drop", reason: "treatment-failed", count: counts.failed });
			add({ ...base, effect: "drop", reason: "not-collected", count: counts.notCollected });
			add({ ...base, effect: "drop", reason: "datum-mixed", count: counts.datumMixed });
			add({ ...base, effect: "drop", reason: "held-back", count: counts.heldBack });
		}
		this.#stays.length = 0;
		this.#routes.clear();
		return [...lines.values()];
	}
}
