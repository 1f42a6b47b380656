import { describe, expect, it } from "vitest";
import applyGeoProcessing from "../../agent/treat/apply-geo-processing.ts";
import type { GeoProcessor, ProcessedPosition } from "../../shared/geo-processor.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { taggedFix } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";

treatmentContract({ plugin: applyGeoProcessing, valid: [{}], invalid: { "an option": { method: "own" } }, idempotent: false });

/** A component that answers when it is told to. What it answers has nothing to do with what it was asked. */
const component = () => {
	const asked: ((processed: ProcessedPosition | undefined) => void)[] = [];
	const state = { healthy: true };
	const geo: GeoProcessor = { isHealthy: () => state.healthy, process: (_position, done) => void asked.push(done) };
	return { geo, asked, state };
};
const processed = (latDeg: number): ProcessedPosition => ({ latDeg, lonDeg: 1, datum: "gcj02", certificateRef: "c-1" });

describe("apply-geo-processing", () => {
	it("gives back what the component made, in the order of the fixes and whatever the order of the answers", () => {
		const { geo, asked } = component();
		const step = applyGeoProcessing.compile({ type: "apply-geo-processing" }, testFacilities("p", { geo }));
		const times = [1, 2, 3].map((at) => utcMs(at));
		for (const takenAtMs of times) expect(step.take(taggedFix({ takenAtMs }))).toEqual([]);
		expect(step.held).toBe(3);
		asked[1]?.(processed(12));
		expect(step.due(utcMs(0), bootMs(0))).toEqual([]);
		asked[0]?.(processed(11));
		expect(step.due(utcMs(0), bootMs(0))).toMatchObject([
			{ latDeg: 11, datum: "gcj02", takenAtMs: 1 },
			{ latDeg: 12, datum: "gcj02", takenAtMs: 2 },
		]);
		asked[2]?.(undefined);
		expect(step.due(utcMs(0), bootMs(0))).toEqual([]);
		expect(step.held).toBe(0);
	});

	it("withholds when there is no component, when it is unwell, and when it never answers", () => {
		const none = applyGeoProcessing.compile({ type: "apply-geo-processing" }, testFacilities());
		expect(none.take(taggedFix())).toEqual([]);
		expect(none.held).toBe(0);
		const { geo, state } = component();
		const step = applyGeoProcessing.compile({ type: "apply-geo-processing" }, testFacilities("p", { geo }));
		state.healthy = false;
		expect(step.take(taggedFix())).toEqual([]);
		expect(step.held).toBe(0);
		state.healthy = true;
		for (let at = 0; at < 6_000; at += 1) expect(step.take(taggedFix())).toEqual([]);
		expect(step.held).toBe(5_000);
		expect(step.forget()).toBe(5_000);
	});

	it("leaves coordinates alone that were processed before", () => {
		const step = applyGeoProcessing.compile({ type: "apply-geo-processing" }, testFacilities());
		expect(step.take(taggedFix({ datum: "gcj02" }))).toMatchObject([{ latDeg: taggedFix().latDeg, datum: "gcj02" }]);
	});
});
