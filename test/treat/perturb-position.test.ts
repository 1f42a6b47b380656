import fc from "fast-check";
import { describe, expect, it } from "vitest";
import perturbPosition from "../../agent/treat/perturb-position.ts";
import { openPrivacyAccount } from "../../agent/treat/privacy-account.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { someTimeMs, taggedFix } from "../contract/tagged-readings.ts";
import { testFacilities, treatmentContract } from "../contract/treatment-contract.ts";
import { taggedMessage } from "../fakes/any-message.ts";
import { bsmContent } from "../fakes/bsm-content.ts";
import { seeded } from "../fakes/seeded.ts";

const options = { epsilonPerM: 0.01, budgetPerM: 0.03, windowMs: 60_000 };
const stepFor = (over: Partial<typeof options> = {}, random = seeded(1)) =>
	perturbPosition.compile({ type: "perturb-position", ...options, ...over }, testFacilities("p", { random }));
const fixAt = (ms: number) => taggedFix({ takenAtMs: utcMs(someTimeMs + ms), bootMs: bootMs(ms) });
const bsmAt = (ms: number, over = {}) =>
	taggedMessage("V2X.J2735.BSM", bsmContent(over), { takenAtMs: utcMs(someTimeMs + ms), bootMs: bootMs(ms) });

treatmentContract({
	plugin: perturbPosition,
	valid: [options, { epsilonPerM: 0.1, budgetPerM: 0.3, windowMs: 86_400_000 }, { epsilonPerM: 1, budgetPerM: 1000, windowMs: 60_000 }],
	invalid: {
		"no epsilon": { budgetPerM: 1, windowMs: 60_000 },
		"no budget": { epsilonPerM: 0.01, windowMs: 60_000 },
		"no window": { epsilonPerM: 0.01, budgetPerM: 1 },
		"a budget below one reading": { ...options, budgetPerM: 0.009 },
		"a budget without end": { ...options, budgetPerM: 10.02 },
		"hardly any noise": { ...options, epsilonPerM: 1.01, budgetPerM: 10 },
		"noise across the country": { ...options, epsilonPerM: 0.00009 },
		"a window too short": { ...options, windowMs: 59_999 },
		"no number": { ...options, epsilonPerM: Number.NaN },
	},
	idempotent: false,
});

describe("perturb-position", () => {
	it("keeps of a fix the time, the datum and a position about 2 / epsilon metres away", () => {
		const { accuracyM: _a, altitudeM: _b, speedMps: _c, courseDeg: _d, ...rest } = taggedFix({ datum: "cgcs2000" });
		let sum = 0;
		const step = stepFor({ epsilonPerM: 0.01, budgetPerM: 10 });
		for (let at = 0; at < 1000; at += 1) {
			const after = step(taggedFix({ datum: "cgcs2000" }));
			expect(after).toStrictEqual({ ...rest, mode: 2, latDeg: expect.any(Number), lonDeg: expect.any(Number) });
			if (after?.kind !== "fix") return expect.unreachable();
			sum += Math.hypot(
				(after.latDeg - rest.latDeg) * 111_195,
				(after.lonDeg - rest.lonDeg) * 111_195 * Math.cos((rest.latDeg * Math.PI) / 180),
			);
			expect(String(after.latDeg)).toMatch(/^\d+(\.\d{1,6})?$/);
		}
		expect(sum / 1000).toBeGreaterThan(180);
		expect(sum / 1000).toBeLessThan(220);
	});

	it("for all inputs never gives a position that is not on the earth", () => {
		fc.assert(
			fc.property(
				fc.double({ min: -90, max: 90, noNaN: true }),
				fc.double({ min: -180, max: 180, noNaN: true }),
				fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
				(latDeg, lonDeg, share) => {
					const after = stepFor({ epsilonPerM: 0.0001, budgetPerM: 0.0001 }, () => share)(taggedFix({ latDeg, lonDeg }));
					if (after?.kind !== "fix") return expect.unreachable();
					expect(Math.abs(after.latDeg)).toBeLessThanOrEqual(90);
					expect(Math.abs(after.lonDeg)).toBeLessThanOrEqual(180);
				},
			),
		);
	});

	it("withholds what is no position on the earth, without spending for it", () => {
		const step = stepFor();
		for (const over of [{ latDeg: 91 }, { lonDeg: Number.NaN }, { datum: "local" as const }]) expect(step(taggedFix(over))).toBeUndefined();
		for (const at of [0, 1, 2]) expect(step(fixAt(at))).toBeDefined();
	});

	it("withholds a subject that has spent its budget, until its oldest spending is a window old", () => {
		const step = stepFor();
		const passed = [0, 10, 20, 30, 59_999, 60_000, 60_001, 60_010].filter((at) => step(fixAt(at)) !== undefined);
		expect(passed).toStrictEqual([0, 10, 20, 60_000, 60_010]);
	});

	it("accounts for each sender by itself", () => {
		const step = stepFor();
		const passing = (id: string) => [0, 1, 2, 3].filter((at) => step(bsmAt(at, { id })) !== undefined).length;
		expect(passing("00000001")).toBe(3);
		expect(passing("00000002")).toBe(3);
		expect(passing("00000001")).toBe(0);
	});

	it("moves a sender's position, and leaves nothing else to find it by", () => {
		const after = stepFor()(bsmAt(0));
		const { coreData } = bsmContent();
		expect(after).toMatchObject({
			content: {
				coreData: {
					id: "4f435445",
					elev: -4096,
					speed: 8191,
					heading: 28_800,
					angle: 127,
					accelSet: { long: 2001, lat: 2001, vert: -127 },
				},
				partII: [{ "partII-Value": { VehicleSafetyExtensions: {} } }],
			},
		});
		expect(JSON.stringify(after)).not.toMatch(/crumbData|radiusOfCurve|"lat":397801842/);
		expect(JSON.stringify(coreData)).toContain('"lat":397801842');
	});

	it("withholds a message whose own position is not known, rather than leave the others in it", () => {
		for (const over of [{ lat: 900_000_001 }, { long: 1_800_000_001 }]) expect(stepFor()(bsmAt(0, over))).toBeUndefined();
	});
});

describe("openPrivacyAccount", () => {
	const at = (ms: number, boot = ms) => ({ takenAtMs: utcMs(someTimeMs + ms), bootMs: bootMs(boot) });

	it("never grants more than its budget in any span, wherever it begins", () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 }), fc.integer({ min: 1, max: 5 }), (gaps, times) => {
				const account = openPrivacyAccount(times, 1000);
				let now = 0;
				const granted: number[] = [];
				for (const gap of gaps) {
					now += gap;
					if (account.spend("a", at(now))) granted.push(now);
				}
				for (const [index, moment] of granted.entries()) {
					const later = granted[index + times];
					if (later !== undefined) expect(later - moment).toBeGreaterThanOrEqual(1000);
				}
			}),
		);
	});

	it("goes by the box's clock while the time steps back", () => {
		const account = openPrivacyAccount(1, 1000);
		expect(account.spend("a", at(0, 0))).toBe(true);
		expect(account.spend("a", at(-1e9, 999))).toBe(false);
		expect(account.spend("a", at(-1e9, 1000))).toBe(true);
	});

	it("grants nothing to new subjects without room, and forgets none that still owes", () => {
		const account = openPrivacyAccount(1000, 1000);
		let granted = 0;
		for (let subject = 0; subject < 1000; subject += 1) if (account.spend(`s${subject}`, at(0))) granted += 1;
		expect(granted).toBe(262);
		expect(account.spend("late", at(999))).toBe(false);
		expect(account.spend("late", at(1000))).toBe(true);
	});

	it("spends nothing for a time that is no number", () => {
		const account = openPrivacyAccount(1, 1000);
		expect(account.spend("a", at(Number.NaN))).toBe(false);
		expect(account.spend("a", at(0))).toBe(true);
	});
});
