/**
 * What the uploader asks of the spool. The spool is the only store of what waits to be sent: the uploader holds no more than its window.
 */

export interface OutboxItem {
	/** Rises by at least one from envelope to envelope of one outlet; 0 or more. */
	readonly sequence: number;
	readonly categoryId: string;
	/** The sealed envelope. The uploader does not change it and forgets it once it is acknowledged. */
	readonly bytes: Uint8Array;
}

export interface Outbox {
	/** Up to `limit` envelopes that are not settled, with a sequence greater than `afterSequence`, in rising order. */
	pending(outletId: string, afterSequence: number, limit: number): readonly OutboxItem[];
	/** The outlet has them. After a power cut some may be pending again; sequences that are no longer there are passed over. */
	settle(outletId: string, sequences: readonly number[]): void;
}
