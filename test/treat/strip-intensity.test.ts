import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodePcd } from "../../agent/formats/pcd.ts";
import stripIntensity from "../../agent/treat/strip-intensity.ts";
import { cloudStep, cloudTreatmentContract, lowerCloud } from "../contract/cloud-treatment-contract.ts";
import { anyCloud, taggedCloud } from "../contract/tagged-readings.ts";
import { treatmentContract } from "../contract/treatment-contract.ts";
import { cloudOf, pointsIn } from "../fakes/clouds.ts";

treatmentContract({
	plugin: stripIntensity,
	valid: [{}, { keep: ["ring"] }, { keep: ["ring", "time"] }],
	invalid: {
		"what is to be stripped": { keep: ["intensity"] },
		colour: { keep: ["rgb"] },
		"a field that nobody knows": { keep: ["plate"] },
		"nothing to keep": { keep: [] },
		"no list": { keep: "ring" },
	},
	idempotent: true,
});
cloudTreatmentContract(stripIntensity, {});

describe("strip-intensity", () => {
	it("for all clouds leaves no field but the place and those named, with every point where it was", () => {
		const step = cloudStep(stripIntensity, { keep: ["ring"] });
		fc.assert(
			fc.property(anyCloud, (reading) => {
				const after = lowerCloud(step, reading);
				if (after === undefined) return;
				for (const { name } of after.cloud.fields) expect(["x", "y", "z", "ring"]).toContain(name);
				expect(pointsIn(after.cloud)).toStrictEqual(pointsIn(reading.cloud));
			}),
		);
	});

	it("for all intensities writes the same bytes", () => {
		const step = cloudStep(stripIntensity);
		const write = (intensity: number, colour: number): Uint8Array => {
			const cloud = cloudOf(["x", "intensity", "y", "rgb:uint32", "z"], [[1, intensity, 2, colour, 3]]);
			const after = lowerCloud(step, taggedCloud({ cloud }));
			return after === undefined ? expect.unreachable() : encodePcd(after.cloud, "binary");
		};
		fc.assert(
			fc.property(fc.float(), fc.nat(0xffff_ffff), (intensity, colour) => {
				expect(write(intensity, colour)).toStrictEqual(write(0, 0));
			}),
		);
	});

	it("leaves behind what lies between fields, and a field of many values under a harmless name", () => {
		const fields = ["x", "y", "z"].map((name, index) => ({ name, type: "float32", count: 1, offsetBytes: index * 4 }) as const);
		const ring = { name: "ring", type: "uint8", count: 3, offsetBytes: 12 } as const;
		const cloud = { fields: [...fields, ring], pointStepBytes: 16, heightPoints: 1, widthPoints: 2, data: new Uint8Array(32).fill(0x11) };
		const after = lowerCloud(cloudStep(stripIntensity, { keep: ["ring"] }), taggedCloud({ cloud }));
		expect(after?.cloud.pointStepBytes).toBe(12);
		expect(after?.cloud.data.length).toBe(24);
	});
});
