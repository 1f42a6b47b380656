import * as v from "valibot";
import { describe, expect, it } from "vitest";
import type { Role } from "../../agent/formats/v2x/message-type.ts";
import dropField from "../../agent/treat/drop-field.ts";
import { taggedFix, taggedSignal } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { taggedMessage } from "../fakes/any-message.ts";
import { bsmContent } from "../fakes/bsm-content.ts";

interface Named {
	fields?: ("accuracyM" | "altitudeM" | "speedMps" | "courseDeg")[];
	paths?: string[];
	messageFields?: string[];
	messageRoles?: Role[];
}
const stepFor = (options: Named) => dropField.compile({ type: "drop-field", ...options }, testFacilities());

treatmentContract({
	plugin: dropField,
	valid: [
		{ fields: ["altitudeM", "speedMps"], paths: ["Vehicle.Body.*", "Vehicle.Speed"] },
		{ fields: ["courseDeg"] },
		{ paths: ["A.*"] },
		{ messageFields: ["coreData.size"] },
		{ messageRoles: ["size", "text"] },
	],
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
		"a malformed field path": { messageFields: ["coreData..size"] },
		"a role that is none": { messageRoles: ["colour"] },
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

	it("takes named parts out of messages, wherever their path begins", () => {
		const reading = taggedMessage("V2X.J2735.BSM", bsmContent());
		const named = (...messageFields: string[]) => {
			const after = stepFor({ messageFields })(reading);
			return after?.kind === "message" ? after.content : undefined;
		};
		const { coreData, partII } = bsmContent();
		expect(
			named("coreData.size", "coreData.brakes.wheelBrakes", "partII.partII-Value.VehicleSafetyExtensions.pathHistory.crumbData.timeOffset"),
		).toMatchObject({
			coreData: { size: { width: 0, length: 0 }, brakes: { wheelBrakes: "10000", traction: "off" }, lat: 397_801_842 },
			partII: [
				{
					"partII-Value": { VehicleSafetyExtensions: { pathHistory: { crumbData: [{ latOffset: 10_099, timeOffset: 65_535 }, {}, {}] } } },
				},
			],
		});
		expect(named("partII")).toStrictEqual({ coreData });
		expect(named("size.coreData", "oreData.size")).toStrictEqual({ coreData, partII });
		expect(stepFor({ messageRoles: ["size", "path-history"] })(reading)).toMatchObject({
			content: { coreData: { size: { width: 0, length: 0 } } },
		});
		expect(stepFor({ messageRoles: ["yaw"] })(taggedSignal())).toBeUndefined();
		expect(stepFor({ paths: ["A.B"] })(reading)).toBeUndefined();
	});

	it("withholds a message that cannot be without what is named", () => {
		expect(stepFor({ messageFields: ["coreData.msgCnt"] })(taggedMessage("V2X.J2735.BSM", bsmContent()))).toBeUndefined();
	});
});
