import fc from "fast-check";
import { describe, expect, it } from "vitest";
import thinVoxels from "../../agent/treat/thin-voxels.ts";
import { cloudStep, cloudTreatmentContract, lowerCloud } from "../contract/cloud-treatment-contract.ts";
import { anyCloud, taggedCloud } from "../contract/tagged-readings.ts";
import { treatmentContract } from "../contract/treatment-contract.ts";
import { cloudOf, pointsIn } from "../fakes/clouds.ts";

treatmentContract({
	plugin: thinVoxels,
	valid: [{ voxelM: 0.2 }, { voxelM: 0.05 }, { voxelM: 100 }],
	invalid: {
		"no side": {},
		"a side that is too short": { voxelM: 0.04 },
		"a side that is too long": { voxelM: 101 },
		"a side that is no number": { voxelM: Number.NaN },
		"a side as text": { voxelM: "1" },
	},
	idempotent: true,
});
cloudTreatmentContract(thinVoxels, { voxelM: 0.5 });

describe("thin-voxels", () => {
	it("for all clouds gives back the centre of each cube that is filled, once, and nothing else", () => {
		for (const voxelM of [0.05, 0.3, 1, 7.7]) {
			const step = cloudStep(thinVoxels, { voxelM });
			fc.assert(
				fc.property(anyCloud, (reading) => {
					const after = lowerCloud(step, reading);
					if (after === undefined) return;
					expect(after.cloud.fields.map(({ name }) => name)).toEqual(["x", "y", "z"]);
					const cubeOf = (point: readonly number[]): string => point.map((value) => Math.floor(value * (1 / voxelM))).join(" ");
					const filled = new Set(
						pointsIn(reading.cloud)
							.filter((point) => point.every((value) => Math.abs(value) < 32_767 * voxelM))
							.map(cubeOf),
					);
					const centres = pointsIn(after.cloud);
					expect(centres.length).toBe(filled.size);
					for (const point of centres) {
						expect(filled).toContain(cubeOf(point));
						for (const value of point) expect(value).toBe(Math.fround((Math.floor(value * (1 / voxelM)) + 0.5) * voxelM));
					}
				}),
			);
		}
	});

	it("for all clouds gives back the same whatever the order of the points and wherever in its cube each lies", () => {
		const step = cloudStep(thinVoxels, { voxelM: 1 });
		const anyCell = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }));
		const anyPart = fc.double({ min: 0, max: 0.999, noNaN: true });
		const anyTwo = fc.array(fc.tuple(anyCell, anyPart, anyPart, fc.nat()), { maxLength: 30 });
		fc.assert(
			fc.property(anyTwo, (list) => {
				const fill = (part: 1 | 2): readonly (readonly number[])[] => list.map((each) => each[0].map((value) => value + each[part]));
				const shuffled = list.map(([, , , order], index) => ({ order, row: fill(2)[index] ?? [] })).sort((a, b) => a.order - b.order);
				const one = lowerCloud(step, taggedCloud({ cloud: cloudOf(["x:float64", "y:float64", "z:float64"], fill(1)) }));
				const rows = shuffled.map(({ row }) => [7, ...row]);
				const two = lowerCloud(step, taggedCloud({ cloud: cloudOf(["intensity", "x:float64", "y:float64", "z:float64"], rows) }));
				expect(one?.cloud).toStrictEqual(two?.cloud);
			}),
		);
	});

	it("leaves the objects behind, since their boxes are exact", () => {
		expect(lowerCloud(cloudStep(thinVoxels, { voxelM: 1 }), taggedCloud())).not.toHaveProperty("objects");
	});

	it("leaves out points that are too far for a cube", () => {
		const cloud = cloudOf(
			["x:float64", "y:float64", "z:float64"],
			[
				[3_456_789.12, 361_234.56, 12],
				[1.2, 0, 0],
			],
		);
		const after = lowerCloud(cloudStep(thinVoxels, { voxelM: 1 }), taggedCloud({ cloud }));
		expect(after && pointsIn(after.cloud)).toEqual([[1.5, 0.5, 0.5]]);
	});
});
