import { describe, expect, it } from "vitest";
import { createTracker, overlapOf } from "../../agent/redact/track.ts";
import type { DetectedBox } from "../../shared/frame.ts";

const face = (xPx: number, yPx = 100, side = 40): DetectedBox => ({ class: "face", xPx, yPx, widthPx: side, heightPx: side, score: 0.9 });

describe("createTracker", () => {
	it("holds what was lost, moved on and grown, until its time is over", () => {
		const tracker = createTracker();
		expect(tracker.follow([face(100)], 0, 1_500)).toEqual([]);
		expect(tracker.follow([face(110)], 100, 1_500)).toEqual([]);
		const [held] = tracker.follow([], 300, 1_500);
		expect(held).toMatchObject({ class: "face", score: 0.9 });
		// 0.1 px per ms for 200 ms, and a fifth larger: all of where it must be by now.
		expect(held?.xPx).toBeLessThan(130);
		expect((held?.xPx ?? 0) + (held?.widthPx ?? 0)).toBeGreaterThan(170);
		expect(held?.widthPx).toBeCloseTo(48);
		expect(tracker.follow([], 1_600, 1_500)).toHaveLength(1);
		expect(tracker.follow([], 1_601, 1_500)).toEqual([]);
	});

	it("does not hold what goes on being found, nor mistake a plate for a face", () => {
		const tracker = createTracker();
		for (let at = 0; at < 20; at++) expect(tracker.follow([face(100 + 5 * at)], at * 50, 1_500)).toEqual([]);
		const held = tracker.follow([{ ...face(195), class: "plate" }], 1_000, 1_500);
		expect(held.map((box) => box.class)).toEqual(["face"]);
	});

	it("forgets after a step back of the clock and after a long pause, and bounds its memory", () => {
		const tracker = createTracker();
		tracker.follow([face(100)], 1_000, 1_500);
		expect(tracker.follow([], 500, 1_500)).toEqual([]);
		tracker.follow([face(100)], 1_000, 1_500);
		expect(tracker.follow([], 100_000, 1_500)).toEqual([]);
		tracker.follow(
			Array.from({ length: 5_000 }, (_, at) => face(at * 100)),
			100_100,
			1_500,
		);
		expect(tracker.follow([], 100_200, 1_500).length).toBeLessThanOrEqual(256);
	});

	it("measures overlap over union", () => {
		expect(overlapOf(face(0), face(0))).toBe(1);
		expect(overlapOf(face(0), face(40))).toBe(0);
		expect(overlapOf(face(0), face(20))).toBeCloseTo(1 / 3);
	});
});
