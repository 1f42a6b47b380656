/**
 * Running totals per category since the agent started, for status, metrics and summaries.
 */
import type { CategoryStatus } from "../shared/status.ts";
import type { Level } from "../shared/tag.ts";
import type { TallyLine } from "./tally.ts";

type Counts = { -readonly [K in keyof CategoryStatus]: CategoryStatus[K] };

export class Totals {
	readonly #categories = new Map<string, Counts>();

	/** Adds one line; `level` is the category's in the catalogue in force. */
	add(line: TallyLine, level: Level): void {
		// Counted once it is known what becomes of it.
		if (line.reason === "held-back") return;
		const known = this.#categories.get(line.categoryId);
		const counts: Counts = known ?? { id: line.categoryId, level, sensed: 0, uploaded: 0, coarsened: 0, kept: 0, dropped: 0, reasons: {} };
		if (known === undefined) this.#categories.set(line.categoryId, counts);
		counts.sensed += line.count;
		if (line.effect === "upload") {
			if (line.outcome === "uploaded") counts.uploaded += line.count;
			else counts.coarsened += line.count;
			return;
		}
		if (line.effect === "vault") counts.kept += line.count;
		else counts.dropped += line.count;
		counts.reasons[line.reason] = (counts.reasons[line.reason] ?? 0) + line.count;
	}

	/** One entry per category seen so far, in the order of their ids. The entries are copies. */
	list(): readonly CategoryStatus[] {
		return [...this.#categories.values()]
			.map((counts) => ({ ...counts, reasons: { ...counts.reasons } }))
			.sort((a, b) => (a.id < b.id ? -1 : 1));
	}
}
