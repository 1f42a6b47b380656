/**
 * The window of one session: takes envelopes from the outbox in order of their sequence, never more than may be in flight, and settles what
 * the broker acknowledged. It keeps sequences and sizes, no bytes: the spool is the store.
 */
import { KerbError } from "../../shared/errors.ts";
import type { Outlet } from "../../shared/outlet.ts";
import { uploadTopic } from "../../shared/topics.ts";
import type { Clock } from "../host/clock.ts";
import type { Emit } from "../host/events.ts";
import type { Holds } from "./holds.ts";
import type { Outbox, OutboxItem } from "./outbox.ts";
import type { Session } from "./session.ts";

export interface WindowOptions {
	readonly unitId: string;
	readonly outlet: Pick<Outlet, "id" | "maxInFlight">;
	readonly session: Pick<Session, "publish" | "abort" | "receiveMaximum">;
	readonly outbox: Outbox;
	readonly holds: Holds;
	readonly clock: Clock;
	readonly emit: Emit;
	/** Without any acknowledgement for so long, while some are awaited, the session is given up. */
	readonly ackTimeoutMs: number;
	/** True: what the broker took although nobody subscribes (MQTT 5 only) counts as refused and is tried again; the broker forgot it. */
	readonly keepUnheard?: boolean;
	/**
	 * Whether an envelope of the category may be published now; without a category, whether any may. Asked right before each publish; what may
	 * not stays in the outbox. Default: always.
	 */
	readonly mayPublish?: (categoryId?: string) => boolean;
	/** Called after acknowledged envelopes were settled. */
	readonly onSettled: () => void;
}

export interface UploadWindow {
	/** The outbox may have something new. */
	wake(): void;
	/**
	 * What may be published has changed: starts again from the oldest that waits. When one of `withdrawn` was handed to the session and is not
	 * acknowledged, the session is given up, so that what of it has not left this process never does.
	 */
	reconsider(withdrawn: readonly number[]): void;
	/** Takes nothing more from the outbox; resolves when nothing is in flight. */
	drain(): Promise<void>;
	/** Settles what is acknowledged and lets go of the rest. To be called when the session is over. @throws what the outbox throws. */
	close(): void;
}

/** MQTT 5 section 2.4: 0x10 is taken but nobody subscribes; from 0x80 on it was not taken. */
const noMatchingSubscribers = 0x10;
const firstRefusal = 0x80;
const topicNameInvalid = 0x90;
/** Looks into the outbox in one go; a long row of envelopes on hold is passed in several, so that nothing else waits for it. */
const maxReadsPerTurn = 64;

interface InFlight {
	readonly item: Pick<OutboxItem, "sequence" | "categoryId">;
	readonly byteLength: number;
}

export const createWindow = (options: WindowOptions): UploadWindow => {
	const { unitId, outlet, session, outbox, holds, clock, emit } = options;
	const limit = Math.max(1, Math.min(outlet.maxInFlight, session.receiveMaximum));
	const inFlight = new Map<number, InFlight>();
	const mayPublish = options.mayPublish ?? (() => true);
	const unheardCategories = new Set<string>();
	const over = new AbortController();
	let acknowledged: InFlight[] = [];
	let cursor = -1;
	let filling = true;
	let turnAsked = false;
	let retryAtMs = Number.POSITIVE_INFINITY;
	let progressAtMs = clock.bootMs();
	let drained: () => void = () => undefined;

	const settle = (): void => {
		if (acknowledged.length === 0) return;
		const batch = acknowledged;
		outbox.settle(
			outlet.id,
			batch.map(({ item }) => item.sequence),
		);
		acknowledged = [];
		for (const { item, byteLength } of batch) {
			emit({ event: "envelope_delivered", outlet: outlet.id, sequence: item.sequence, bytes: byteLength });
		}
		options.onSettled();
	};

	const refuse = (item: InFlight["item"], reasonCode: number): void => {
		const waitMs = holds.refuse(item, reasonCode, clock.bootMs());
		if (waitMs === undefined) return;
		emit({ event: "envelope_refused", outlet: outlet.id, category: item.categoryId, sequence: item.sequence, reasonCode, waitMs });
	};

	/** Once per session and category: a line per envelope would drown all others. */
	const tellUnheard = ({ categoryId, sequence }: InFlight["item"]): void => {
		if (unheardCategories.has(categoryId)) return;
		unheardCategories.add(categoryId);
		emit({ event: "envelope_unheard", outlet: outlet.id, category: categoryId, sequence });
	};

	const answered = (sequence: number, reasonCode: number): void => {
		const flying = inFlight.get(sequence);
		if (flying === undefined) return;
		inFlight.delete(sequence);
		progressAtMs = clock.bootMs();
		const unheard = reasonCode === noMatchingSubscribers;
		if (unheard) tellUnheard(flying.item);
		if (reasonCode >= firstRefusal || (unheard && options.keepUnheard === true)) refuse(flying.item, reasonCode);
		else {
			acknowledged.push(flying);
			// What was passed over while it was on hold lies behind the cursor.
			if (holds.accept(flying.item)) cursor = -1;
		}
		ask();
	};

	/** Undefined for a category that can stand in no topic. It stays in the outbox, and the others pass. */
	const topicOf = (categoryId: string): string | undefined => {
		try {
			return uploadTopic({ unitId, outletId: outlet.id, categoryId });
		} catch {
			return undefined;
		}
	};

	const send = ({ sequence, categoryId, bytes }: OutboxItem): void => {
		const item = { sequence, categoryId };
		const topic = topicOf(categoryId);
		if (topic === undefined) {
			refuse(item, topicNameInvalid);
			return;
		}
		if (inFlight.size === 0) progressAtMs = clock.bootMs();
		inFlight.set(sequence, { item, byteLength: bytes.byteLength });
		session.publish(topic, bytes, (reasonCode) => answered(sequence, reasonCode));
	};

	/** Comes back when the first hold ends, and starts again from the oldest. */
	const awaitHolds = (): void => {
		const nowMs = clock.bootMs();
		const dueMs = holds.nextDueMs(nowMs);
		if (dueMs === undefined || dueMs >= retryAtMs) return;
		retryAtMs = dueMs;
		void clock.sleep(dueMs - nowMs, over.signal).then(() => {
			// An earlier end was found meanwhile and has its own sleeper.
			if (retryAtMs !== dueMs) return;
			retryAtMs = Number.POSITIVE_INFINITY;
			cursor = -1;
			ask();
		});
	};

	const fill = (): void => {
		const nowMs = clock.bootMs();
		for (let reads = 0; inFlight.size < limit && mayPublish() && !holds.blocksEverything(nowMs); reads += 1) {
			if (reads === maxReadsPerTurn) {
				ask();
				break;
			}
			const items = outbox.pending(outlet.id, cursor, limit - inFlight.size);
			if (items.length === 0) break;
			for (const item of items) {
				if (!(item.sequence > cursor))
					throw new KerbError("INTERNAL", "the outbox must give sequences in rising order after the one asked for");
				cursor = item.sequence;
				if (!inFlight.has(item.sequence) && !holds.blocks(item, nowMs) && mayPublish(item.categoryId)) send(item);
			}
		}
		awaitHolds();
	};

	const turn = (): void => {
		turnAsked = false;
		if (over.signal.aborted) return;
		try {
			settle();
			if (filling) fill();
		} catch (error) {
			// The outbox is at fault. What it still has is sent again by the next session.
			session.abort(error instanceof KerbError ? `outbox-${error.code.toLowerCase().replaceAll("_", "-")}` : "outbox-failed");
		}
		if (!filling && inFlight.size === 0 && acknowledged.length === 0) drained();
	};

	/** One turn per tick: the acknowledgements of one network packet become one transaction of the spool. */
	const ask = (): void => {
		if (turnAsked) return;
		turnAsked = true;
		setImmediate(turn);
	};

	const watch = async (): Promise<void> => {
		while (!over.signal.aborted) {
			await clock.sleep(options.ackTimeoutMs / 4, over.signal);
			if (inFlight.size > 0 && clock.bootMs() - progressAtMs > options.ackTimeoutMs) session.abort("ack-timeout");
		}
	};
	void watch();
	ask();

	return {
		wake: ask,
		reconsider(withdrawn) {
			if (withdrawn.some((sequence) => inFlight.has(sequence))) session.abort("withdrawn");
			cursor = -1;
			ask();
		},
		drain: () =>
			new Promise((resolve) => {
				filling = false;
				drained = resolve;
				ask();
			}),
		close() {
			over.abort();
			inFlight.clear();
			drained();
			settle();
		},
	};
};
