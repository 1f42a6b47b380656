import fc from "fast-check";
import { describe, expect, it } from "vitest";
import cloakTime from "../../agent/treat/cloak-time.ts";
import { utcMs } from "../../shared/units.ts";
import { anyTagged, taggedFix, taggedSignal } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { taggedMessage } from "../fakes/any-message.ts";

const stepFor = (toMs: number) => cloakTime.compile({ type: "cloak-time", toMs }, testFacilities());
const quarterMs = 900_000;

treatmentContract({
	plugin: cloakTime,
	valid: [{ toMs: quarterMs }, { toMs: 1000 }, { toMs: 20_000 }, { toMs: 60_000 }, { toMs: 7_200_000 }, { toMs: 86_400_000 }],
	invalid: {
		"no grid": {},
		"less than a second": { toMs: 999 },
		"more than a day": { toMs: 86_400_001 },
		"no part of a minute": { toMs: 7000 },
		"no part of an hour": { toMs: 420_000 },
		"no part of a day": { toMs: 18_000_000 },
		"not whole": { toMs: 1000.5 },
		text: { toMs: "1000" },
	},
	idempotent: true,
});

describe("cloak-time", () => {
	it("for all inputs never gives a time that is not on the grid, or later than the reading", () => {
		fc.assert(
			fc.property(anyTagged, fc.constantFrom(1000, 20_000, quarterMs, 86_400_000), (reading, toMs) => {
				const after = stepFor(toMs)(reading);
				if (after === undefined) return;
				expect(Math.abs(after.takenAtMs % toMs)).toBe(0);
				expect(after.takenAtMs).toBeLessThanOrEqual(reading.takenAtMs + 1e-6);
				expect(Object.is(after.takenAtMs, -0)).toBe(false);
			}),
		);
	});

	it("rounds down and leaves all else as it is", () => {
		const at = Date.UTC(2026, 0, 1, 12, 44, 59, 999);
		for (const reading of [taggedFix({ takenAtMs: utcMs(at) }), taggedSignal({ takenAtMs: utcMs(at) })]) {
			expect(stepFor(quarterMs)(reading)).toStrictEqual({ ...reading, takenAtMs: Date.UTC(2026, 0, 1, 12, 30) });
		}
	});

	it("withholds readings without a time", () => {
		for (const takenAtMs of [Number.NaN, Number.POSITIVE_INFINITY])
			expect(stepFor(1000)(taggedFix({ takenAtMs: utcMs(takenAtMs) }))).toBeUndefined();
	});

	it("rounds minutes of the year in a message, and takes milliseconds out", () => {
		const intersection = { id: { id: 7 }, revision: 1, status: "0".repeat(16), moy: 527_039, timeStamp: 43_210 };
		const spat = {
			timeStamp: 100_031,
			intersections: [{ ...intersection, states: [{ signalGroup: 1, "state-time-speed": [{ eventState: "dark" }] }] }],
		};
		const after = stepFor(quarterMs)(taggedMessage("V2X.J2735.SPAT", spat));
		expect(after).toMatchObject({ content: { timeStamp: 100_020, intersections: [{ id: { id: 7 }, moy: 527_025 }] } });
		expect(JSON.stringify(after)).not.toContain("43210");
		const cam = { header: { protocolVersion: 2, messageID: 2, stationID: 1 }, cam: { generationDeltaTime: 48_152 } };
		expect(stepFor(quarterMs)(taggedMessage("V2X.ETSI.CAM", cam))).toMatchObject({ content: { cam: { generationDeltaTime: 0 } } });
	});
});
