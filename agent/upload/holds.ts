/**
 * What the broker refused, and until when it is left alone. One refused class must not keep the others waiting, so a refusal holds as little
 * as its reason code speaks of: one envelope, one category, or everything.
 */
import { type BackoffBounds, backoffMs } from "./backoff.ts";
import type { OutboxItem } from "./outbox.ts";

type Item = Pick<OutboxItem, "sequence" | "categoryId">;

interface Hold {
	attempt: number;
	untilMs: number;
}

/** Reason codes of MQTT 5 section 2.4 that speak of the topic (and so of the category) or of the one packet. All others hold everything. */
const topicCodes: readonly number[] = [0x10, 0x87, 0x90];
const packetCodes: readonly number[] = [0x95, 0x99];

/** Beyond this many holds everything is held: a broker that refuses so much takes nothing. */
const maxHolds = 1_000;
const everything = "*";

const keyOf = (item: Item, reasonCode: number): string => {
	if (topicCodes.includes(reasonCode)) return item.categoryId;
	return packetCodes.includes(reasonCode) ? `#${item.sequence}` : everything;
};
const keysOf = (item: Item): readonly string[] => [everything, item.categoryId, `#${item.sequence}`];

export interface Holds {
	/** Leaves alone what the refusal speaks of. The wait in milliseconds, or undefined when it was held already. */
	refuse(item: Item, reasonCode: number, nowMs: number): number | undefined;
	/** The broker took this one, so whatever held it is over. True when something was held. */
	accept(item: Item): boolean;
	blocks(item: Item, nowMs: number): boolean;
	blocksEverything(nowMs: number): boolean;
	/** When the first hold that is still running ends; undefined when none is. */
	nextDueMs(nowMs: number): number | undefined;
}

/** Times are of the boot clock. `random` is in [0, 1). */
export const createHolds = (random: () => number, bounds: BackoffBounds): Holds => {
	const holds = new Map<string, Hold>();
	const runs = (key: string, nowMs: number): boolean => (holds.get(key)?.untilMs ?? Number.NEGATIVE_INFINITY) > nowMs;
	return {
		refuse(item, reasonCode, nowMs) {
			const wanted = keyOf(item, reasonCode);
			// An envelope whose hold ended long ago was tried again since, or is no longer in the spool.
			if (holds.size >= maxHolds) {
				for (const [key, { untilMs }] of holds) if (untilMs + bounds.maxMs < nowMs) holds.delete(key);
			}
			const key = holds.has(wanted) || holds.size < maxHolds ? wanted : everything;
			if (runs(key, nowMs)) return undefined;
			const attempt = (holds.get(key)?.attempt ?? 0) + 1;
			const waitMs = backoffMs(attempt, random(), bounds);
			holds.set(key, { attempt, untilMs: nowMs + waitMs });
			return waitMs;
		},
		accept: (item) =>
			holds.size > 0 &&
			keysOf(item)
				.map((key) => holds.delete(key))
				.includes(true),
		blocks: (item, nowMs) => holds.size > 0 && keysOf(item).some((key) => runs(key, nowMs)),
		blocksEverything: (nowMs) => runs(everything, nowMs),
		nextDueMs(nowMs) {
			let due: number | undefined;
			for (const { untilMs } of holds.values()) if (untilMs > nowMs && (due === undefined || untilMs < due)) due = untilMs;
			return due;
		},
	};
};
