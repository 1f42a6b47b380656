/**
 * Many writers, one reader: each writer hands over one chunk at a time and goes on when the reader has passed it on. Holds at most one chunk
 * per writer, so the number of writers is its bound.
 */
export class HandOver<T> {
	readonly #waiting: { readonly chunk: T; readonly taken: (passedOn: boolean) => void }[] = [];
	#wake: (() => void) | undefined;
	#closed = false;

	/** Resolves with true when the reader asked for more after this chunk, with false when there is no reader any more. */
	give(chunk: T): Promise<boolean> {
		if (this.#closed) return Promise.resolve(false);
		return new Promise((taken) => {
			this.#waiting.push({ chunk, taken });
			this.#wake?.();
		});
	}

	/** Yields chunks in the order in which they were handed over, until closed. A chunk counts as passed on when the next one is asked for. */
	async *chunks(): AsyncGenerator<T> {
		while (!this.#closed) {
			const next = this.#waiting.shift();
			if (next === undefined) {
				await new Promise<void>((resolve) => {
					this.#wake = resolve;
				});
				this.#wake = undefined;
				continue;
			}
			let passedOn = false;
			try {
				yield next.chunk;
				passedOn = true;
			} finally {
				next.taken(passedOn);
			}
		}
	}

	/** Ends the reader and tells every writer that its chunk was not passed on. */
	close(): void {
		this.#closed = true;
		for (const { taken } of this.#waiting.splice(0)) taken(false);
		this.#wake?.();
	}
}
