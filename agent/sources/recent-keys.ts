/**
 * What a socket source remembers of idempotency keys, so that a body that is sent again is not taken twice.
 */

/** How many keys are remembered. */
const maxKeys = 1_024;

/** How far a body was taken; kept per idempotency key, so that the same body sent again goes on from there. */
export interface Progress {
	items: number;
	accepted: number;
	readonly rejected: Record<string, number>;
	busy: boolean;
}

const newProgress = (): Progress => ({ items: 0, accepted: 0, rejected: {}, busy: true });

/** The bounded memory of recent keys; the one used longest ago is forgotten first, and one being worked on never. */
export class RecentKeys {
	readonly #byKey = new Map<string, Progress>();

	/** The progress under this key, marked busy, or undefined when it is being worked on. */
	begin(key: string | undefined): Progress | undefined {
		if (key === undefined) return newProgress();
		const known = this.#byKey.get(key);
		if (known?.busy === true) return undefined;
		const progress = known ?? newProgress();
		progress.busy = true;
		this.#byKey.delete(key);
		this.#byKey.set(key, progress);
		for (const [old, { busy }] of this.#byKey) {
			if (this.#byKey.size <= maxKeys) break;
			if (!busy) this.#byKey.delete(old);
		}
		return progress;
	}
}
