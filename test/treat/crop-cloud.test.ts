import fc from "fast-check";
import { describe, expect, it } from "vitest";
import cropCloud from "../../agent/treat/crop-cloud.ts";
import removePeople from "../../agent/treat/remove-people.ts";
import { cloudStep, cloudTreatmentContract, lowerCloud } from "../contract/cloud-treatment-contract.ts";
import { anyCloud, taggedCloud } from "../contract/tagged-readings.ts";
import { treatmentContract } from "../contract/treatment-contract.ts";
import { cloudOf, columnOf, pointsIn } from "../fakes/clouds.ts";

const box = { minM: [-5, -5, -1], maxM: [5, 5, 3] };

treatmentContract({
	plugin: cropCloud,
	valid: [
		{ keep: "inside", radiusM: 30 },
		{ keep: "outside", radiusM: 0.1 },
		{ keep: "outside", box },
	],
	invalid: {
		"neither box nor radius": { keep: "inside" },
		both: { keep: "inside", radiusM: 30, box },
		"no side": { radiusM: 30 },
		"another side": { keep: "around", radiusM: 30 },
		"a radius of nothing": { keep: "inside", radiusM: 0 },
		"a radius that is no number": { keep: "inside", radiusM: Number.NaN },
		"a box inside out": { keep: "inside", box: { minM: box.maxM, maxM: box.minM } },
		"a box of two corners in a plane": { keep: "inside", box: { minM: [0, 0], maxM: [1, 1] } },
		"a box that is nowhere": { keep: "inside", box: { minM: [Number.NaN, 0, 0], maxM: [1, 1, 1] } },
	},
	idempotent: true,
});
cloudTreatmentContract(cropCloud, { keep: "inside", radiusM: 30 });
cloudTreatmentContract(cropCloud, { keep: "outside", box });

describe("crop-cloud", () => {
	it("for all clouds gives back exactly the points on its side, whole and in order", () => {
		const inBox = ([x, y, z]: readonly [number, number, number]): boolean => Math.abs(x) <= 5 && Math.abs(y) <= 5 && z >= -1 && z <= 3;
		const inBall = (point: readonly [number, number, number]): boolean => Math.hypot(...point) <= 7;
		const isSomewhere = (point: readonly number[]): boolean => point.every(Number.isFinite);
		for (const keep of ["inside", "outside"] as const) {
			for (const [shape, isIn] of [
				[{ box }, inBox],
				[{ radiusM: 7 }, inBall],
			] as const) {
				const step = cloudStep(cropCloud, { keep, ...shape });
				fc.assert(
					fc.property(anyCloud, (reading) => {
						const after = lowerCloud(step, reading);
						if (after === undefined) return;
						const expected = pointsIn(reading.cloud).filter((point) => isSomewhere(point) && isIn(point) === (keep === "inside"));
						expect(pointsIn(after.cloud)).toStrictEqual(expected);
						expect(after.cloud.heightPoints).toBe(1);
						expect(after.cloud.fields).toStrictEqual(reading.cloud.fields);
						expect(lowerCloud(step, after)).toStrictEqual(after);
					}),
				);
			}
		}
	});

	it("keeps what belongs to a point with it", () => {
		const step = cloudStep(cropCloud, { keep: "outside", radiusM: 5 });
		const cloud = cloudOf(
			["ring:uint8", "x", "y", "z"],
			[
				[1, 1, 0, 0],
				[2, 9, 0, 0],
				[3, 2, 2, 2],
				[4, 0, 0, -8],
			],
		);
		const after = lowerCloud(step, taggedCloud({ cloud }));
		expect(after?.cloud).toMatchObject({ heightPoints: 1, widthPoints: 2 });
		expect(after && columnOf(after.cloud, "ring")).toEqual([2, 4]);
	});

	it("takes an object whose centre is cropped away for a person", () => {
		const objects = [
			{ class: "car", centreM: [0, 0, 0], sizeM: [4, 2, 2], yawRad: 0 },
			{ class: "car", centreM: [8, 0, 0], sizeM: [4, 2, 2], yawRad: 0 },
		] as const;
		const cloud = cloudOf(
			["x", "y", "z"],
			[
				[0, 0, 0],
				[6.5, 0, 0],
			],
		);
		const cropped = lowerCloud(cloudStep(cropCloud, { keep: "inside", radiusM: 7 }), taggedCloud({ cloud, objects }));
		expect(cropped?.objects?.map((object) => object.class)).toEqual(["car", ""]);
		const after = cropped && lowerCloud(cloudStep(removePeople, { marginM: 0.1, classes: ["person"] }), cropped);
		expect(after && columnOf(after.cloud, "x")).toEqual([0]);
	});
});
