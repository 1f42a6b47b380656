import * as v from "valibot";
import { describe, expect, it } from "vitest";
import dropField from "../../agent/treat/drop-field.ts";
import { taggedFix, taggedSignal } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";

const stepFor = (options: { fields?: ("accuracyM" | "altitudeM" | "speedMps" | "courseDeg")[]; paths?: string[] }) =>
	dropField.compile({ type: "drop-field", ...options }, testFacilities());

treatmentContract({
	plugin: dropField,
	valid: [{ fields: ["altitudeM", "speedMps"], paths: ["Vehicle.Body.*", "Vehicle.Speed"] }, { fields: ["courseDeg"] }, { paths: ["A.*"] }],
	invalid: {
		"nothing named": {},
		"no fields": { fields: [] },
		"no paths": { paths: [] },
		"the position itself": { fields: ["latDeg"] },
		"a field that is not optional": { fields: ["datum"] },
		"the time": { fields: ["takenAtMs"] },
		"a malformed pattern": { paths: ["Vehicle.*.Speed"] },
		"a lone star": { paths: ["*"] },
		"not a list": { fields: "altitudeM" },
		"too many patterns": { paths: Array.from({ length: 501 }, (_, at) => `P${at}`) },
	},
	idempotent: true,
});

describe("drop-field", () => {
	it("removes the named fields of a fix and leaves the rest as it is", () => {
		const fix = taggedFix();
		const { altitudeM: _altitudeM, speedMps: _speedMps, ...rest } = fix;
		expect(stepFor({ fields: ["altitudeM", "speedMps"] })(fix)).toStrictEqual({ ...rest, mode: 2 });
		const { courseDeg: _courseDeg, ...straight } = fix;
		expect(stepFor({ fields: ["courseDeg"] })(fix)).toStrictEqual(straight);
	});

	it("withholds signals whose path is named and passes the others", () => {
		const step = stepFor({ paths: ["Vehicle.Speed", "Vehicle.Body.*"] });
		for (const path of ["Vehicle.Speed", "Vehicle.Body.Horn"]) expect(step(taggedSignal({ path }))).toBeUndefined();
		for (const path of ["Vehicle.Speedometer", "Vehicle.Body"]) {
			const signal = taggedSignal({ path });
			expect(step(signal)).toBe(signal);
		}
	});

	it("withholds a kind for which nothing is named", () => {
		expect(stepFor({ fields: ["altitudeM"] })(taggedSignal())).toBeUndefined();
		expect(stepFor({ paths: ["Vehicle.Speed"] })(taggedFix())).toBeUndefined();
	});

	it("says in its refusal what can be dropped", () => {
		const result = v.safeParse(dropField.options, { type: "drop-field", fields: ["lonDeg"] });
		expect(result.issues?.[0]?.message).toMatch(/accuracyM, altitudeM, speedMps, courseDeg/);
	});
});
