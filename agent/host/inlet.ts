/**
 * The port between the control socket and a source that takes readings from it: control offers a request, the source takes it or is busy.
 * Neither knows the other; whoever composes the agent makes one inlet per such source and hands it to both.
 *
 * Nothing waits in an inlet, so it needs no bound of its own: the taker says how many requests it works on at a time.
 */

/** The two forms of a body: one JSON object per line, or a CBOR sequence (RFC 8742). */
export const ingestTypes = ["application/x-ndjson", "application/cbor-seq"] as const;
export type IngestType = (typeof ingestTypes)[number];

/** What became of the items of one body, once the accepted ones are durable. */
export interface IngestResult {
	readonly accepted: number;
	/** How many were refused, by code. */
	readonly rejected: Readonly<Record<string, number>>;
}

/** `body_too_large`: longer than the source allows. `key_in_use`: the same idempotency key is being worked on. `stopping`: the source ends. */
export type IngestFailure = "body_too_large" | "key_in_use" | "stopping";

export interface IngestRequest {
	readonly type: IngestType;
	/** The client's name for this body, so that a retry is not taken twice; 1 to 128 characters. */
	readonly idempotencyKey?: string;
	/** Pieces of the body, borrowed until the next is asked for. Throws when the client is gone before the end. Iterated once at the most. */
	readonly body: AsyncIterable<Uint8Array>;
	/** Answers the client. The first answer counts; later ones do nothing. */
	finish(result: IngestResult): void;
	/** Answers the client that it did not work and gives up the rest of the body. `done` is what was accepted up to there and is durable. */
	fail(code: IngestFailure, done?: IngestResult): void;
}

/** Takes a request to work on (true), or says that it has enough to do (false). */
export type IngestTaker = (request: IngestRequest) => boolean;

export interface Inlet {
	/** Hands a request to the taker: `busy` when it has enough to do, `absent` when the source is not open. */
	offer(request: IngestRequest): "taken" | "busy" | "absent";
	/** Makes `taker` the one who is offered requests, in place of an earlier one, until the function that is returned is called. */
	attach(taker: IngestTaker): () => void;
}

/** A new inlet with nobody attached. */
export const createInlet = (): Inlet => {
	let current: IngestTaker | undefined;
	return {
		offer: (request) => (current === undefined ? "absent" : current(request) ? "taken" : "busy"),
		attach: (taker) => {
			current = taker;
			return () => {
				if (current === taker) current = undefined;
			};
		},
	};
};
