/**
 * What every treatment must do, called by the test of each. `agent/treat/treatment.ts` states it in words.
 */
import { existsSync } from "node:fs";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { type AnyStep, treat } from "../../agent/treat/treat.ts";
import type { Facilities, TreatmentPlugin } from "../../agent/treat/treatment.ts";
import { readingKinds } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
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
export const testFacilities = (purpose = "fleet-analysis", over: Partial<Facilities> = {}): Facilities => ({
	places: undefined,
	way: undefined,
	geo: undefined,
	redactor: undefined,
	onRefusal: () => undefined,
	random: () => 0.5,
	purpose,
	pseudonymKey: (forPurpose, epoch) => {
		const key = new Uint8Array(32).fill(7);
		new TextEncoder().encodeInto(`${epoch} ${forPurpose}`, key);
		return key;
	},
	...over,
});

export const treatmentContract = ({ plugin, valid, invalid, idempotent }: TreatmentContract): void => {
	const optionsOf = (written: Record<string, unknown>): unknown => v.parse(plugin.options, { type: plugin.type, ...written });
	const freshStep = (): AnyStep => plugin.compile(optionsOf(valid[0]), testFacilities());
	/** All that leaves at once when the step takes the reading. */
	const take = (step: AnyStep, reading: Tagged): readonly Tagged[] => {
		if (typeof step !== "function") return step.take(reading);
		const after = step(reading);
		return after === undefined ? [] : [after];
	};
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
				if (!lowered.includes(reading.kind)) expect(take(freshStep(), reading)).toStrictEqual([]);
			}
		});

		it("never changes its argument, and gives back the same kind, tag and path with no field more", () => {
			fc.assert(
				fc.property(fc.array(anyTagged, { maxLength: 8 }), (readings) => {
					const step = freshStep();
					const left = new Map<string, number>();
					for (const reading of readings.map(deepFreeze)) {
						left.set(keyOf(reading), (left.get(keyOf(reading)) ?? 0) + 1);
						const before = structuredClone(reading);
						const out = take(step, reading);
						expect(reading).toStrictEqual(before);
						for (const after of out) {
							if (after.kind === plugin.makes) continue;
							const one = typeof step === "function" ? reading : readings.find((each) => keyOf(each) === keyOf(after));
							if (one === undefined) return expect.unreachable("it gave back what it never took");
							const count = (left.get(keyOf(one)) ?? 0) - 1;
							expect(count).toBeGreaterThanOrEqual(0);
							left.set(keyOf(one), count);
							expect(after.kind).toBe(one.kind);
							expect(after.tag).toBe(one.tag);
							expect(after.sourceId).toBe(one.sourceId);
							if (after.kind === "signal" && one.kind === "signal") expect(after.path).toBe(one.path);
							for (const key of Object.keys(after)) expect(Object.keys(one)).toContain(key);
						}
					}
				}),
			);
		});

		it("accounts for what it holds, and forgets it when it is told to", () => {
			const step = freshStep();
			if (typeof step === "function") return;
			fc.assert(
				fc.property(fc.array(anyTagged, { maxLength: 20 }), (readings) => {
					const step = freshStep();
					if (typeof step === "function") return expect.unreachable();
					let taken = 0;
					let given = 0;
					for (const reading of readings) {
						given += step.take(reading).length;
						taken += 1;
						expect(step.held).toBeLessThanOrEqual(taken - (step.makes === true ? 0 : given));
					}
					const { held } = step;
					expect(step.forget()).toBe(held);
					expect(step.held).toBe(0);
					expect(step.due(utcMs(8e15), bootMs(8e15)).filter(({ kind }) => kind !== plugin.makes)).toStrictEqual([]);
				}),
			);
		});

		it("never throws for readings of its kinds", () => {
			for (const kind of readingKinds.filter((candidate) => lowered.includes(candidate))) {
				const step = freshStep();
				fc.assert(
					fc.property(kind === "fix" ? anyFix : anySignal, (reading) => {
						if (typeof step === "function") expect(treat(reading, [step])).not.toBe("failed");
						else expect(() => step.take(reading)).not.toThrow();
					}),
				);
			}
		});

		if (idempotent) {
			it("changes nothing more when it treats its own output", () => {
				fc.assert(
					fc.property(anyTagged, (reading) => {
						for (const once of take(freshStep(), reading)) expect(take(freshStep(), once)).toStrictEqual([once]);
					}),
				);
			});
		}
	});
};

/** Readings of a test that are alike in this are interchangeable. */
const keyOf = ({ kind, sourceId, takenAtMs, bootMs: atMs }: Tagged): string => [kind, sourceId, takenAtMs, atMs].join(" ");

const deepFreeze = <T extends object>(value: T): T => {
	// A view of bytes cannot be frozen.
	if (ArrayBuffer.isView(value)) return value;
	for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null) deepFreeze(inner);
	return Object.freeze(value);
};
