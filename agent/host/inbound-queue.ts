/**
 * Messages that came in and wait to be read: bounded in number, in bytes and in rate. What is beyond a bound is shed at once and counted, the
 * newest first, so that a peer that sends too much costs little and cannot fill the memory.
 */

export interface InboundBounds {
	/** Of one message. */
	readonly messageBytes: number;
	/** Of all that wait. */
	readonly messages: number;
	readonly bytes: number;
	/** Messages a second, over a second; more are shed before anybody looks at them. */
	readonly perSec: number;
}

export interface InboundCounts {
	/** Longer than a message may be. */
	readonly overlong: number;
	/** There was no room, since the reader was slow. */
	readonly shed: number;
	/** Came faster than the rate. */
	readonly tooFast: number;
	/** Dropped by the system before they came here. */
	readonly lost: number;
}

const none: InboundCounts = { overlong: 0, shed: 0, tooFast: 0, lost: 0 };

/** What is handed on at a time, so that the event loop turns in between. */
const maxBatch = 256;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class InboundQueue {
	readonly #bounds: InboundBounds;
	readonly #bootMs: () => number;
	#waiting: Uint8Array[] = [];
	#bytes = 0;
	#allowed: number;
	#allowedAtMs: number;
	#counts = { ...none };
	#ended = false;
	#failure: { readonly cause: unknown } | undefined;
	#wake = (): void => undefined;

	/** `bootMs` is the clock that the rate is measured by, in milliseconds. */
	constructor(bounds: InboundBounds, bootMs: () => number) {
		this.#bounds = bounds;
		this.#bootMs = bootMs;
		this.#allowed = bounds.perSec;
		this.#allowedAtMs = bootMs();
	}

	/** Takes one message over, or sheds and counts it. The bytes must not be part of a larger buffer, which would stay as long as they do. */
	push(bytes: Uint8Array): void {
		if (this.#ended) return;
		if (bytes.length > this.#bounds.messageBytes) this.#counts.overlong++;
		else if (!this.#isInRate()) this.#counts.tooFast++;
		else if (this.#waiting.length >= this.#bounds.messages || this.#bytes + bytes.length > this.#bounds.bytes) this.#counts.shed++;
		else {
			this.#waiting.push(bytes);
			this.#bytes += bytes.length;
		}
		// The reader hears of what was shed as well: it may be all that comes.
		this.#wake();
	}

	/** Counts what was lost before it came here. */
	noteLost(count: number): void {
		if (count > 0) this.#counts.lost += count;
	}

	/** Ends the queue once what waits is read; `batches` then throws the error, if there is one. */
	end(failure?: { readonly cause: unknown }): void {
		if (this.#ended) return;
		this.#ended = true;
		this.#failure = failure;
		this.#wake();
	}

	/** What was shed since the last time this was called. */
	takeCounts(): InboundCounts {
		const counts = this.#counts;
		this.#counts = { ...none };
		return counts;
	}

	/**
	 * Batches of messages in the order in which they came, until the queue ends. A batch is empty when something was shed and nothing waits. The
	 * consumer owns a batch.
	 */
	async *batches(): AsyncGenerator<readonly Uint8Array[]> {
		for (;;) {
			if (this.#waiting.length === 0 && !this.#hasShed()) {
				if (this.#ended) break;
				await new Promise<void>((resolve) => {
					this.#wake = resolve;
				});
				this.#wake = () => undefined;
			}
			// Whatever else the machine has in hand by now comes along, and more can be received before this is worked on.
			await turn();
			const batch = this.#waiting.splice(0, maxBatch);
			for (const { length } of batch) this.#bytes -= length;
			if (batch.length > 0 || this.#hasShed()) yield batch;
		}
		if (this.#failure !== undefined) throw this.#failure.cause;
	}

	#hasShed(): boolean {
		const { overlong, shed, tooFast } = this.#counts;
		return overlong + shed + tooFast > 0;
	}

	#isInRate(): boolean {
		const { perSec } = this.#bounds;
		const nowMs = this.#bootMs();
		this.#allowed = Math.min(perSec, this.#allowed + (Math.max(0, nowMs - this.#allowedAtMs) * perSec) / 1_000);
		this.#allowedAtMs = nowMs;
		if (this.#allowed < 1) return false;
		this.#allowed -= 1;
		return true;
	}
}
