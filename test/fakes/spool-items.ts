/** Spools and items for tests: small, with content that can be told apart. */
import { hash } from "node:crypto";
import { openSpool } from "../../agent/spool/spool.ts";
import type { Spool, SpoolItem, SpoolOptions, SpoolProblem } from "../../agent/spool/spool-types.ts";

/** Bytes that only this outlet, number and generation have. */
export const sealedBytes = (outletId: string, sequence: number, size = 64, generation = 0): Uint8Array => {
	const seed = hash("sha256", `${outletId} ${sequence} ${generation}`, "buffer");
	return Uint8Array.from({ length: size }, (_, at) => (seed[at % seed.length] ?? 0) ^ (at >> 5));
};

export const spoolItem = (outletId: string, sequence: number, changes: Partial<SpoolItem> = {}): SpoolItem => ({
	outletId,
	sequence,
	categoryId: "vehicle.dynamics",
	purpose: "fleet-health",
	level: "general",
	priority: 100,
	records: 3,
	sealedAtMs: 1_700_000_000_000 + sequence + 0.5,
	bytes: sealedBytes(outletId, sequence),
	...changes,
});

/** A spool with the device state beside it, as `compose` has it: floors outlive the spool's file. */
export class SpoolBench {
	readonly path: string;
	floors: Record<string, number> = {};
	readonly problems: SpoolProblem[] = [];
	readonly #limits: Partial<SpoolOptions>;

	constructor(path: string, limits: Partial<SpoolOptions> = {}) {
		this.path = path;
		this.#limits = limits;
	}

	open(): Spool {
		return openSpool(this.path, {
			maxBytes: 10_000_000,
			maxEnvelopes: 10_000,
			floors: { ...this.floors },
			reserve: (floors) => {
				for (const [outletId, floor] of Object.entries(floors)) this.floors[outletId] = Math.max(floor, this.floors[outletId] ?? 0);
			},
			report: (problem) => void this.problems.push(problem),
			...this.#limits,
		});
	}
}

/** Hands out numbers for `count` envelopes and appends them in one batch. */
export const appendMany = (spool: Spool, outletId: string, count: number, changes: Partial<SpoolItem> = {}) =>
	spool.append(Array.from({ length: count }, () => spoolItem(outletId, spool.nextSequence(outletId), changes)));

export const pendingNumbers = (spool: Spool, outletId: string): number[] =>
	spool.pending(outletId, 0, 1_000).map(({ sequence }) => sequence);
