import { describe, expect, it } from "vitest";
import stripPath from "../../agent/treat/strip-path.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { taggedMessage } from "../fakes/any-message.ts";
import { bsmContent } from "../fakes/bsm-content.ts";

const step = stripPath.compile({ type: "strip-path" }, testFacilities());

treatmentContract({
	plugin: stripPath,
	valid: [{}, { also: ["object"] }, { also: ["object", "event-position", "map-geometry"] }],
	invalid: {
		"nothing further": { also: [] },
		"the position itself": { also: ["own-position"] },
		"a role of one value": { also: ["speed"] },
		"no list": { also: "object" },
	},
	idempotent: true,
});

describe("strip-path", () => {
	it("takes the path out of a BSM and leaves the rest as it is", () => {
		const reading = taggedMessage("V2X.J2735.BSM", bsmContent());
		const after = step(reading);
		expect(after).toStrictEqual({
			...reading,
			content: { ...bsmContent(), partII: [{ "partII-Id": 0, "partII-Value": { VehicleSafetyExtensions: {} } }] },
		});
		if (after !== undefined) expect(step(after)).toBe(after);
	});

	it("takes the traces of an event, which a DENM cannot be without, down to an empty one", () => {
		const location = { traces: [[{ pathPosition: { deltaLatitude: 1, deltaLongitude: 2, deltaAltitude: 3 } }]] };
		const after = step(
			taggedMessage("V2X.ETSI.DENM", { header: { protocolVersion: 2, messageID: 1, stationID: 1 }, denm: { management: {}, location } }),
		);
		expect(after).toMatchObject({ content: { denm: { location: { traces: [[]] } } } });
	});
});
