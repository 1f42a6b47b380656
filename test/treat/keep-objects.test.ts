import fc from "fast-check";
import { describe, expect, it } from "vitest";
import keepObjects from "../../agent/treat/keep-objects.ts";
import { cloudStep, cloudTreatmentContract, lowerCloud } from "../contract/cloud-treatment-contract.ts";
import { anyCloud, anySoundBox, taggedCloud } from "../contract/tagged-readings.ts";
import { treatmentContract } from "../contract/treatment-contract.ts";
import { anyPlacedCloud, columnOf } from "../fakes/clouds.ts";

treatmentContract({
	plugin: keepObjects,
	valid: [{ classes: ["car"] }, { classes: ["car", "person"] }],
	invalid: {
		"no classes": {},
		"none of them": { classes: [] },
		"one twice": { classes: ["car", "Car"] },
		"one without a name": { classes: [""] },
		"too many": { classes: Array.from({ length: 65 }, (_, index) => `class${index}`) },
	},
	idempotent: true,
});
cloudTreatmentContract(keepObjects, { classes: ["car", "person"] });

describe("keep-objects", () => {
	it("for all clouds with the same objects gives back the same, whatever the points are", () => {
		const step = cloudStep(keepObjects, { classes: ["car", "person"] });
		fc.assert(
			fc.property(anyPlacedCloud, anyPlacedCloud, fc.array(anySoundBox, { maxLength: 6 }), (one, two, objects) => {
				const after = lowerCloud(step, taggedCloud({ cloud: one, objects }));
				expect(after).toBeDefined();
				expect(lowerCloud(step, taggedCloud({ cloud: two, objects }))).toStrictEqual(after);
				expect(after && lowerCloud(step, after)).toStrictEqual(after);
			}),
		);
	});

	it("gives a row per object of the classes named", () => {
		const after = lowerCloud(
			cloudStep(keepObjects, { classes: ["car", "person"] }),
			taggedCloud({
				objects: [
					{ class: "Person", centreM: [1, 2, 3], sizeM: [0.5, 0.75, 1.75], yawRad: 0.5 },
					{ class: "dog", centreM: [4, 4, 4], sizeM: [1, 1, 1], yawRad: 0 },
					{ class: "", centreM: [5, 5, 5], sizeM: [1, 1, 1], yawRad: 0 },
					{ class: "car", centreM: [-10, 0, 1], sizeM: [4.5, 2, 1.5], yawRad: -1 },
				],
			}),
		);
		if (after === undefined) return expect.unreachable();
		const names = ["x", "y", "z", "length", "width", "height", "yaw", "class"];
		expect(after.cloud.fields.map(({ name }) => name)).toEqual(names);
		expect(names.map((name) => columnOf(after.cloud, name)[0])).toEqual([1, 2, 3, 0.5, 0.75, 1.75, 0.5, 1]);
		expect(names.map((name) => columnOf(after.cloud, name)[1])).toEqual([-10, 0, 1, 4.5, 2, 1.5, -1, 0]);
		expect(after.cloud.widthPoints).toBe(2);
		expect(after.objects?.length).toBe(2);
	});

	it("for all clouds that nobody looked at gives back nothing", () => {
		const step = cloudStep(keepObjects, { classes: ["car"] });
		fc.assert(
			fc.property(anyCloud, ({ objects: _objects, ...reading }) => {
				expect(step(reading)).toBeUndefined();
			}),
		);
	});

	it("withholds objects that cannot be believed", () => {
		const object = { class: "dog", centreM: [Number.NaN, 0, 0], sizeM: [1, 1, 1], yawRad: 0 } as const;
		expect(lowerCloud(cloudStep(keepObjects, { classes: ["car"] }), taggedCloud({ objects: [object] }))).toBeUndefined();
	});
});
