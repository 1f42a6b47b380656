import { describe, expect, it } from "vitest";
import thinRate from "../../agent/treat/thin-rate.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { someTimeMs, taggedFix, taggedSignal } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { taggedMessage } from "../fakes/any-message.ts";
import { bsmContent } from "../fakes/bsm-content.ts";

const stepFor = (everyMs: number) => thinRate.compile({ type: "thin-rate", everyMs }, testFacilities());
const signalAt = (utc: number, boot: number, path = "Vehicle.Speed", sourceId = "can0") =>
	taggedSignal({ takenAtMs: utcMs(someTimeMs + utc), bootMs: bootMs(boot), path, sourceId });

treatmentContract({
	plugin: thinRate,
	valid: [{ everyMs: 1000 }, { everyMs: 1 }, { everyMs: 86_400_000 }],
	invalid: {
		"no period": {},
		zero: { everyMs: 0 },
		negative: { everyMs: -1 },
		"not whole": { everyMs: 0.5 },
		"more than a day": { everyMs: 86_400_001 },
		"no number": { everyMs: Number.NaN },
		text: { everyMs: "1000" },
	},
	idempotent: true,
});

describe("thin-rate", () => {
	it("passes the first reading and then one per period, unchanged", () => {
		const step = stepFor(1000);
		const passed = Array.from({ length: 41 }, (_, at) => signalAt(at * 100, at * 100)).filter((reading) => step(reading) === reading);
		expect(passed.map(({ takenAtMs }) => takenAtMs - someTimeMs)).toStrictEqual([0, 1000, 2000, 3000, 4000]);
	});

	it("counts every source, path and kind by itself", () => {
		const step = stepFor(1000);
		const all = [signalAt(0, 0), signalAt(0, 0, "Vehicle.Other"), signalAt(0, 0, "Vehicle.Speed", "can1"), taggedFix()];
		for (const reading of all) expect(step(reading)).toBe(reading);
		for (const reading of all) expect(step(reading)).toBeUndefined();
	});

	it("goes by the readings' time in a recording that runs through faster than it was taken", () => {
		const step = stepFor(1000);
		const passed = Array.from({ length: 100 }, (_, at) => signalAt(at * 100, at / 100)).filter((reading) => step(reading) !== undefined);
		expect(passed).toHaveLength(10);
	});

	it("neither floods nor stops when the time steps back by years", () => {
		const step = stepFor(1000);
		const year = 365 * 86_400_000;
		expect(step(signalAt(0, 0))).toBeDefined();
		const passed = Array.from({ length: 100 }, (_, at) => signalAt(at * 100 - year, at * 100)).filter(
			(reading) => step(reading) !== undefined,
		);
		expect(passed).toHaveLength(9);
	});

	it("lets no more than two readings per period of the box's clock pass while the time flaps", () => {
		const step = stepFor(1000);
		const passed = Array.from({ length: 1000 }, (_, at) => signalAt(at % 2 === 0 ? 0 : 1e9, at * 10)).filter(
			(reading) => step(reading) !== undefined,
		);
		expect(passed.length).toBeLessThanOrEqual(20);
		expect(passed.length).toBeGreaterThan(5);
	});

	it("withholds readings without a time, and is not stuck after them", () => {
		const step = stepFor(1000);
		expect(step(signalAt(Number.NaN, 0))).toBeUndefined();
		expect(step(signalAt(Number.POSITIVE_INFINITY, 0))).toBeUndefined();
		expect(step(signalAt(0, Number.NaN))).toBeUndefined();
		expect(step(signalAt(0, 0))).toBeDefined();
	});

	it("bounds its state without letting many paths buy a higher rate", () => {
		const step = stepFor(1000);
		const passing = (utc: number): number =>
			Array.from({ length: 20_000 }, (_, at) => signalAt(utc, utc, `P.${at}`)).filter((reading) => step(reading) !== undefined).length;
		expect(passing(0)).toBe(16_384);
		expect(passing(500)).toBe(0);
		expect(passing(1000)).toBe(16_384);
		expect(passing(1500)).toBe(0);
	});

	it("counts every sender of messages by itself, and messages without an id by their path", () => {
		const step = stepFor(1000);
		const bsm = (id: string, ms: number) =>
			taggedMessage("V2X.J2735.BSM", bsmContent({ id }), { takenAtMs: utcMs(someTimeMs + ms), bootMs: bootMs(ms) });
		const passing = (ms: number): number => ["00000001", "00000002", "00000003"].filter((id) => step(bsm(id, ms)) !== undefined).length;
		expect([passing(0), passing(500), passing(1000), passing(1999)]).toStrictEqual([3, 0, 3, 0]);
		const nameless = taggedMessage("V2X.J2735.SPAT", { intersections: [] });
		expect([step(nameless), step(nameless)]).toStrictEqual([nameless, undefined]);
		expect(step(taggedMessage("V2X.J2735.XYZ", {}))).toBeUndefined();
	});
});
