import fc from "fast-check";
import { describe, expect, it } from "vitest";
import removePeople from "../../agent/treat/remove-people.ts";
import type { CloudBox } from "../../shared/cloud.ts";
import type { Cloud } from "../../shared/reading.ts";
import { cloudStep, cloudTreatmentContract, lowerCloud } from "../contract/cloud-treatment-contract.ts";
import { anyCloud, anySoundBox, taggedCloud } from "../contract/tagged-readings.ts";
import { treatmentContract } from "../contract/treatment-contract.ts";
import { anyPlacedCloud, cloudOf, columnOf, pointsIn } from "../fakes/clouds.ts";

treatmentContract({
	plugin: removePeople,
	valid: [{ marginM: 0.5 }, { marginM: 0.1, classes: ["person"] }, { marginM: 5, classes: ["Pedestrian", "cyclist"] }],
	invalid: {
		"no margin": {},
		"a margin that is too small": { marginM: 0 },
		"a margin that is too large": { marginM: 5.1 },
		"a margin that is no number": { marginM: Number.NaN },
		"nobody named": { marginM: 1, classes: [] },
		"somebody without a name": { marginM: 1, classes: [" "] },
		"somebody twice": { marginM: 1, classes: ["person", "Person"] },
	},
	idempotent: true,
});
cloudTreatmentContract(removePeople, { marginM: 0.3 });
cloudTreatmentContract(removePeople, { marginM: 0.3, classes: ["person", "cyclist"] });

/** Told in another way than the code tells it: by the corners' frame, without grid. */
const isIn = ([x, y, z]: readonly number[], { centreM, sizeM, yawRad }: CloudBox, marginM: number): boolean => {
	const angle = Math.atan2((y ?? 0) - centreM[1], (x ?? 0) - centreM[0]) - yawRad;
	const distance = Math.hypot((x ?? 0) - centreM[0], (y ?? 0) - centreM[1]);
	const reach = [Math.abs(distance * Math.cos(angle)), Math.abs(distance * Math.sin(angle)), Math.abs((z ?? 0) - centreM[2])];
	return reach.every((value, axis) => value <= (sizeM[axis] ?? 0) / 2 + marginM - 1e-6);
};

const person = (over: Partial<CloudBox> = {}): CloudBox => ({ class: "person", centreM: [5, 0, 0], sizeM: [1, 1, 2], yawRad: 0, ...over });
const row = cloudOf(
	["x", "y", "z"],
	Array.from({ length: 101 }, (_, index) => [index / 10, 0, 0]),
);
const xs = (over: Partial<Cloud>, written = {}): number[] | undefined => {
	const after = lowerCloud(cloudStep(removePeople, { marginM: 0.25, ...written }), taggedCloud({ cloud: row, ...over }));
	return after && columnOf(after.cloud, "x");
};

describe("remove-people", () => {
	it("for all clouds and boxes leaves no point inside a grown box, none that is nowhere, and every other one", () => {
		const step = cloudStep(removePeople, { marginM: 0.5, classes: ["person", "cyclist"] });
		const anyBoxes = fc.array(anySoundBox, { maxLength: 12 });
		fc.assert(
			fc.property(anyPlacedCloud, anyBoxes, (cloud, objects) => {
				const after = lowerCloud(step, taggedCloud({ cloud, objects }));
				if (after === undefined) return expect.unreachable("sound objects are not withheld");
				const people = objects.filter((object) => object.class.toLowerCase() !== "car");
				const left = pointsIn(after.cloud);
				for (const point of left) {
					expect(point.every(Number.isFinite)).toBe(true);
					for (const object of people) expect(isIn(point, object, 0.5)).toBe(false);
				}
				const far = pointsIn(cloud).filter(
					(point) => point.every(Number.isFinite) && people.every((object) => !isIn(point, object, 0.5 + 2e-6)),
				);
				for (const point of far) expect(left).toContainEqual(point);
			}),
			{ numRuns: 500 },
		);
	});

	it("for all clouds that nobody looked at gives back nothing", () => {
		const step = cloudStep(removePeople, { marginM: 1 });
		fc.assert(
			fc.property(anyCloud, ({ objects: _objects, ...reading }) => {
				expect(step(reading)).toBeUndefined();
			}),
		);
	});

	it("takes out what lies in a box and its margin, edges included", () => {
		const left = xs({ objects: [person()] });
		expect(left?.filter((x) => x > 4.2 && x < 5.8)).toEqual([]);
		expect(left?.length).toBe(101 - 15);
	});

	it("turns a box about its centre", () => {
		const long = person({ sizeM: [0.2, 6, 2], yawRad: Math.PI / 2 });
		expect(xs({ objects: [long] })?.filter((x) => x > 2 && x < 8)).toEqual([]);
		expect(xs({ objects: [{ ...long, yawRad: 0 }] })?.length).toBe(101 - 7);
	});

	it("lets stay who is not named, unless nobody knows what it is", () => {
		expect(xs({ objects: [person({ class: "car" })] }, { classes: ["person"] })?.length).toBe(101);
		expect(xs({ objects: [person({ class: "" })] }, { classes: ["person"] })?.length).toBe(86);
		expect(xs({ objects: [person({ class: " PERSON " })] }, { classes: ["person"] })?.length).toBe(86);
		expect(xs({ objects: [person({ class: "car" })] })?.length).toBe(86);
	});

	it("keeps the cloud where somebody looked and found nothing", () => {
		expect(xs({ objects: [] })?.length).toBe(101);
	});

	it("withholds a cloud whose boxes cannot be believed, or are too many", () => {
		for (const wrong of [
			person({ centreM: [Number.NaN, 0, 0] }),
			person({ centreM: [1e300, 0, 0] }),
			person({ sizeM: [1, -1, 1] }),
			person({ sizeM: [1, Number.POSITIVE_INFINITY, 1] }),
			person({ yawRad: Number.NaN }),
		]) {
			expect(xs({ objects: [person(), wrong] })).toBeUndefined();
		}
		expect(xs({ objects: Array.from({ length: 1_025 }, () => person()) })).toBeUndefined();
		expect(xs({ objects: Array.from({ length: 1_024 }, () => person()) })?.length).toBe(86);
	});

	it("withholds a cloud that does not say where its points are", () => {
		for (const names of [
			["range", "azimuth"],
			["x", "y"],
			["x:int32", "y:int32", "z:int32"],
		]) {
			expect(xs({ cloud: cloudOf(names, [[1, 2, 3]]), objects: [] })).toBeUndefined();
		}
	});
});
