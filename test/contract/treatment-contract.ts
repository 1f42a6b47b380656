/**
 * What every treatment must do, called by the test of each. `agent/treat/treatment.ts` states it in words.
 */
import { existsSync } from "node:fs";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { treat } from "../../agent/treat/treat.ts";
import type { Facilities, TreatmentPlugin } from "../../agent/treat/treatment.ts";
import { readingKinds } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { repoPath } from "../data.ts";
import { anyFix, anySignal, anyTagged, taggedFix, taggedSignal } from "./tagged-readings.ts";

export interface TreatmentContract {
	readonly plugin: TreatmentPlugin;
	/** Options that it must take; the first is used for all else. */
	readonly valid: readonly [Record<string, unknown>, ...Record<string, unknown>[]];
	/** Options that it must refuse, by what is wrong with them. `type` may be left out: it is added. */
	readonly invalid: Readonly<Record<string, Record<string, unknown>>>;
	/** Treating twice is the same as treating once. */
	readonly idempotent: boolean;
}

/** Keys that are a function of the arguments, as a unit's are. */
export const testFacilities = (purpose = "fleet-analysis"): Facilities => ({
	purpose,
	pseudonymKey: (forPurpose, epoch) => {
		const key = new Uint8Array(32).fill(7);
		new TextEncoder().encodeInto(`${epoch} ${forPurpose}`, key);
		return key;
	},
});

export const treatmentContract = ({ plugin, valid, invalid, idempotent }: TreatmentContract): void => {
	const optionsOf = (written: Record<string, unknown>): unknown => v.parse(plugin.options, { type: plugin.type, ...written });
	const freshStep = () => plugin.compile(optionsOf(valid[0]), testFacilities());
	const lowered = plugin.kindsOf?.(optionsOf(valid[0])) ?? plugin.appliesTo;

	describe(`${plugin.type} keeps the contract of treatments`, () => {
		it("is named like its file", () => {
			expect(existsSync(repoPath("agent", "treat", `${plugin.type}.ts`))).toBe(true);
		});

		it("takes its options strictly", () => {
			for (const written of valid) expect(v.safeParse(plugin.options, { type: plugin.type, ...written }).success).toBe(true);
			const first = { type: plugin.type, ...valid[0] };
			for (const wrong of [{ ...first, unheardOf: 1 }, { ...first, type: "other" }, valid[0], {}, null, [], "text", 1]) {
				expect(v.safeParse(plugin.options, wrong).success, JSON.stringify(wrong)).toBe(false);
			}
			for (const [what, written] of Object.entries(invalid)) {
				expect(v.safeParse(plugin.options, { type: plugin.type, ...written }).success, what).toBe(false);
			}
		});

		it("withholds kinds that it does not lower", () => {
			expect(lowered.length).toBeGreaterThan(0);
			expect(lowered.every((kind) => plugin.appliesTo.includes(kind))).toBe(true);
			const foreign: Tagged = JSON.parse(JSON.stringify({ ...taggedSignal(), kind: "camera-frame" }));
			for (const reading of [taggedSignal(), taggedFix(), foreign]) {
				if (!lowered.includes(reading.kind)) expect(freshStep()(reading)).toBeUndefined();
			}
		});

		it("never changes its argument, and gives back the same kind, tag and path with no field more", () => {
			fc.assert(
				fc.property(fc.array(anyTagged, { maxLength: 8 }), (readings) => {
					const step = freshStep();
					for (const reading of readings.map(deepFreeze)) {
						const before = structuredClone(reading);
						const after = step(reading);
						expect(reading).toStrictEqual(before);
						if (after === undefined) continue;
						expect(after.kind).toBe(reading.kind);
						expect(after.tag).toBe(reading.tag);
						expect(after.sourceId).toBe(reading.sourceId);
						if (after.kind === "signal" && reading.kind === "signal") expect(after.path).toBe(reading.path);
						for (const key of Object.keys(after)) expect(Object.keys(reading)).toContain(key);
					}
				}),
			);
		});

		it("never throws for readings of its kinds", () => {
			for (const kind of readingKinds.filter((candidate) => lowered.includes(candidate))) {
				const step = freshStep();
				fc.assert(
					fc.property(kind === "fix" ? anyFix : anySignal, (reading) => {
						expect(treat(reading, [step])).not.toBe("failed");
					}),
				);
			}
		});

		if (idempotent) {
			it("changes nothing more when it treats its own output", () => {
				fc.assert(
					fc.property(anyTagged, (reading) => {
						const once = freshStep()(reading);
						if (once !== undefined) expect(freshStep()(once)).toStrictEqual(once);
					}),
				);
			});
		}
	});
};

const deepFreeze = <T extends object>(value: T): T => {
	for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null) deepFreeze(inner);
	return Object.freeze(value);
};
