/**
 * What every treatment of clouds must do besides the contract of treatments, called by the test of each.
 */
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { cloudProblem } from "../../agent/formats/cloud-layout.ts";
import { decodePcd, encodePcd } from "../../agent/formats/pcd.ts";
import type { TreatmentPlugin } from "../../agent/treat/treatment.ts";
import type { Cloud } from "../../shared/reading.ts";
import type { Tagged } from "../../shared/tag.ts";
import type { Step } from "../../shared/verdict.ts";
import { anyCloud, taggedCloud } from "./tagged-readings.ts";
import { testFacilities } from "./treatment-contract.ts";

/** The step that the options make. */
export const cloudStep = (plugin: TreatmentPlugin, written: Readonly<Record<string, unknown>> = {}): Step => {
	const step = plugin.compile(v.parse(plugin.options, { type: plugin.type, ...written }), testFacilities());
	if (typeof step !== "function") throw new TypeError("a treatment of clouds judges each alone");
	return step;
};

/** What leaves of a cloud; undefined when it is withheld. */
export const lowerCloud = (step: Step, reading: Tagged<Cloud>): Tagged<Cloud> | undefined => {
	const after = step(reading);
	if (after !== undefined && after.kind !== "cloud") throw new TypeError("expected a cloud");
	return after;
};

export const cloudTreatmentContract = (plugin: TreatmentPlugin, written: Readonly<Record<string, unknown>>): void => {
	const step = cloudStep(plugin, written);

	describe(`${plugin.type} keeps what is promised of clouds`, () => {
		it("lowers a cloud", () => {
			expect(lowerCloud(step, taggedCloud())).toBeDefined();
		});

		it("never changes its argument, never throws, adds no field and no pose, and gives back a sound cloud of the same tag and times", () => {
			fc.assert(
				fc.property(anyCloud, (reading) => {
					const before = structuredClone(reading);
					const after = lowerCloud(step, reading);
					expect(reading).toStrictEqual(before);
					if (after === undefined) return;
					expect(cloudProblem(after.cloud)).toBeUndefined();
					const { cloud: _cloud, objects: _objects, pose, ...rest } = after;
					const { cloud: _, objects: __, pose: given, ...same } = reading;
					expect(rest).toStrictEqual(same);
					expect(after.tag).toBe(reading.tag);
					if (pose !== undefined) expect(pose).toBe(given);
					for (const key of Object.keys(after)) expect(Object.keys(reading)).toContain(key);
					// It can be written, and read again as it is.
					const { cloud } = decodePcd(encodePcd(after.cloud, "binary"));
					expect(cloud.widthPoints * cloud.heightPoints).toBe(after.cloud.widthPoints * after.cloud.heightPoints);
				}),
				{ numRuns: 400 },
			);
		});

		it("withholds what is not sound", () => {
			const { cloud } = taggedCloud();
			for (const wrong of [
				{ ...cloud, data: cloud.data.subarray(1) },
				{ ...cloud, widthPoints: 4 },
				{ ...cloud, heightPoints: -1, widthPoints: -3 },
				{ ...cloud, fields: [] },
				{ ...cloud, fields: [...cloud.fields, ...cloud.fields] },
			]) {
				const withOne = taggedCloud({ cloud: wrong });
				const after = lowerCloud(step, withOne);
				// What makes a new cloud of the objects needs none that is sound.
				if (after !== undefined) expect(cloudProblem(after.cloud)).toBeUndefined();
			}
		});
	});
};
