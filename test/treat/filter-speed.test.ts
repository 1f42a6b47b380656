import fc from "fast-check";
import { describe, expect, it } from "vitest";
import filterSpeed from "../../agent/treat/filter-speed.ts";
import { anyFix, taggedFix } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { taggedMessage } from "../fakes/any-message.ts";
import { bsmContent } from "../fakes/bsm-content.ts";

/** jpo-cvdp's bounds. */
const bounds = { minMps: 2.235, maxMps: 35.763 };
const step = filterSpeed.compile({ type: "filter-speed", ...bounds }, testFacilities());
const bsmAt = (speed: number) => taggedMessage("V2X.J2735.BSM", bsmContent({ speed }));

treatmentContract({
	plugin: filterSpeed,
	valid: [bounds, { minMps: 0 }, { maxMps: 200 }, { minMps: 5, maxMps: 5 }],
	invalid: {
		"no bound": {},
		"bounds the wrong way round": { minMps: 10, maxMps: 9 },
		negative: { minMps: -1 },
		"too fast": { maxMps: 201 },
		"no number": { minMps: Number.NaN },
		text: { minMps: "2" },
	},
	idempotent: true,
});

describe("filter-speed", () => {
	it("for all inputs never lets a speed outside the bounds, or none, pass", () => {
		fc.assert(
			fc.property(anyFix, (fix) => {
				const after = step(fix);
				const { speedMps } = fix;
				expect(after).toBe(speedMps !== undefined && speedMps >= bounds.minMps && speedMps <= bounds.maxMps ? fix : undefined);
			}),
		);
	});

	it("lets both bounds pass", () => {
		for (const speedMps of [2.235, 10, 35.763]) expect(step(taggedFix({ speedMps }))).toBeDefined();
		for (const speedMps of [2.2349, 35.7631, Number.NaN]) expect(step(taggedFix({ speedMps }))).toBeUndefined();
		const { speedMps: _speedMps, ...unknown } = taggedFix();
		expect(step(unknown)).toBeUndefined();
	});

	it("takes the sender's own speed, in its standard's unit", () => {
		for (const speed of [112, 870, 1788]) expect(step(bsmAt(speed))).toBeDefined();
		for (const speed of [0, 111, 1789]) expect(step(bsmAt(speed))).toBeUndefined();
	});

	it("withholds a message whose speed is unavailable, whoever else's is known", () => {
		expect(step(bsmAt(8191))).toBeUndefined();
		const content = bsmContent({ speed: 8191 });
		const oncoming = {
			"partII-Id": 2,
			"partII-Value": { SupplementalVehicleExtensions: { doNotUse4: { speedReports: [15, 16] } } },
		};
		expect(step(taggedMessage("V2X.J2735.BSM", { ...content, partII: [oncoming] }))).toBeUndefined();
	});
});
