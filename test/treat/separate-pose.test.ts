import fc from "fast-check";
import { describe, expect, it } from "vitest";
import separatePose from "../../agent/treat/separate-pose.ts";
import { cloudStep, cloudTreatmentContract, lowerCloud } from "../contract/cloud-treatment-contract.ts";
import { anyCloud, taggedCloud } from "../contract/tagged-readings.ts";
import { treatmentContract } from "../contract/treatment-contract.ts";
import { cloudOf, pointsIn } from "../fakes/clouds.ts";

treatmentContract({
	plugin: separatePose,
	valid: [{}, { maxRangeM: 1 }, { maxRangeM: 2_000 }],
	invalid: {
		"no range at all": { maxRangeM: 0 },
		"the range of a map": { maxRangeM: 2_001 },
		"a range that is no number": { maxRangeM: Number.NaN },
	},
	idempotent: true,
});
cloudTreatmentContract(separatePose, {});

describe("separate-pose", () => {
	it("for all clouds leaves no pose, no field that nobody knows and no point or object beyond the range", () => {
		const step = cloudStep(separatePose, { maxRangeM: 50 });
		fc.assert(
			fc.property(anyCloud, (reading) => {
				const after = lowerCloud(step, reading);
				if (after === undefined) return;
				expect(after).not.toHaveProperty("pose");
				for (const { name } of after.cloud.fields) expect(["x", "y", "z", "intensity", "ring", "t", "rgb"]).toContain(name);
				const placed = [...pointsIn(after.cloud), ...(after.objects ?? []).map(({ centreM }) => centreM)];
				for (const value of placed.flat()) expect(Math.abs(value) > 50).toBe(false);
				expect(lowerCloud(step, after)).toBe(after);
			}),
		);
	});

	it("withholds a cloud on a map grid, or with an object there", () => {
		const step = cloudStep(separatePose);
		const grid = [361_234.56, 3_456_789.12, 12] as const;
		expect(step(taggedCloud({ cloud: cloudOf(["x:float64", "y:float64", "z:float64"], [[1, 2, 3], grid]) }))).toBeUndefined();
		expect(step(taggedCloud({ objects: [{ class: "car", centreM: grid, sizeM: [1, 1, 1], yawRad: 0 }] }))).toBeUndefined();
	});

	it("drops fields that say where the sensor was", () => {
		const cloud = cloudOf(["x", "y", "z", "latitude:float64", "vp_x", "ring:uint8"], [[1, 2, 3, 31.2, 7, 4]]);
		const after = lowerCloud(cloudStep(separatePose), taggedCloud({ cloud }));
		expect(after?.cloud.fields.map(({ name }) => name)).toEqual(["x", "y", "z", "ring"]);
	});
});
