import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs, defaultBackoff } from "../../agent/upload/backoff.ts";
import { createHolds } from "../../agent/upload/holds.ts";

const bounds = { minMs: 100, maxMs: 1_000 };
const item = (sequence: number, categoryId = "a") => ({ sequence, categoryId });

describe("backoffMs", () => {
	it("stays within its bounds for every attempt and every random number (property)", () =>
		fc.assert(
			fc.property(
				fc.integer({ min: 0, max: 1_000_000 }),
				fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
				(attempt, random) => {
					const waitMs = backoffMs(attempt, random);
					expect(waitMs).toBeGreaterThanOrEqual(defaultBackoff.minMs);
					expect(waitMs).toBeLessThanOrEqual(defaultBackoff.maxMs);
				},
			),
		));

	it("doubles its ceiling until the longest wait, and spreads below it", () => {
		expect([1, 2, 3, 4, 5].map((attempt) => backoffMs(attempt, 0.999_999, bounds))).toEqual([200, 400, 800, 1_000, 1_000]);
		expect([1, 2, 3, 4, 5].map((attempt) => backoffMs(attempt, 0, bounds))).toEqual([100, 100, 100, 100, 100]);
	});
});

describe("createHolds", () => {
	const holds = () => createHolds(() => 0, bounds);

	it("holds a category that is not authorised, and no other", () => {
		const held = holds();
		expect(held.refuse(item(1), 0x87, 0)).toBe(100);
		expect(held.blocks(item(2), 50)).toBe(true);
		expect(held.blocks(item(3, "b"), 50)).toBe(false);
		expect(held.blocks(item(2), 100)).toBe(false);
	});

	it("holds one envelope that is too large, and no other of its category", () => {
		const held = holds();
		held.refuse(item(1), 0x95, 0);
		expect([held.blocks(item(1), 50), held.blocks(item(2), 50)]).toEqual([true, false]);
	});

	it("holds everything when a quota is exceeded", () => {
		const held = holds();
		held.refuse(item(1), 0x97, 0);
		expect([held.blocks(item(9, "z"), 50), held.blocksEverything(50), held.blocksEverything(100)]).toEqual([true, true, false]);
	});

	it("counts the refusals of one round once and waits longer in the next", () => {
		const held = createHolds(() => 0.999_999, bounds);
		expect([held.refuse(item(1), 0x87, 0), held.refuse(item(2), 0x87, 1), held.refuse(item(1), 0x87, 200)]).toEqual([200, undefined, 400]);
	});

	it("lets go once something is taken, and says so", () => {
		const held = holds();
		held.refuse(item(1), 0x87, 0);
		expect([held.accept(item(5, "b")), held.accept(item(2)), held.accept(item(2))]).toEqual([false, true, false]);
		expect(held.blocks(item(1), 50)).toBe(false);
	});

	it("is bounded: beyond its room everything is held, and what ended long ago makes room", () => {
		const held = holds();
		for (let sequence = 0; sequence < 1_000; sequence += 1) held.refuse(item(sequence), 0x95, 0);
		expect(held.blocksEverything(50)).toBe(false);
		held.refuse(item(5_000), 0x95, 0);
		expect(held.blocksEverything(50)).toBe(true);
		held.refuse(item(6_000), 0x95, 5_000);
		expect([held.blocksEverything(5_050), held.blocks(item(6_000), 5_050)]).toEqual([false, true]);
	});

	it("tells when the first hold ends", () => {
		const held = holds();
		expect(held.nextDueMs(0)).toBeUndefined();
		held.refuse(item(1), 0x95, 30);
		held.refuse(item(2), 0x87, 0);
		expect([held.nextDueMs(0), held.nextDueMs(110), held.nextDueMs(130)]).toEqual([100, 130, undefined]);
	});
});
