import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conditionsState } from "../../agent/collect/conditions.ts";
import { networkKinds, type ReleaseConditions, weekdays } from "../../shared/release-conditions.ts";

const at = (iso: string): number => Date.parse(iso);
const conditions = (extra: Partial<ReleaseConditions>): ReleaseConditions => ({ offsetMinutes: 0, ...extra });
const night = conditions({ hours: [{ from: "22:00", to: "06:00" }] });

describe("conditionsState", () => {
	it("holds in hours past midnight, from the first minute up to the last, and says when it changes", () => {
		const state = (iso: string) => conditionsState(night, { nowMs: at(iso) });
		expect(state("2026-06-01T21:59:59.999Z")).toEqual({ holds: false, changesAtMs: at("2026-06-01T22:00:00Z") });
		expect(state("2026-06-01T22:00:00Z")).toEqual({ holds: true, changesAtMs: at("2026-06-02T06:00:00Z") });
		expect(state("2026-06-02T05:59:59Z").holds).toBe(true);
		expect(state("2026-06-02T06:00:00Z")).toEqual({ holds: false, changesAtMs: at("2026-06-02T22:00:00Z") });
	});

	it("counts hours and days with the offset", () => {
		const china = conditions({ offsetMinutes: 480, days: ["mon"], hours: [{ from: "00:00", to: "01:00" }] });
		// 2026-06-01 is a Monday; midnight in UTC+8 is 16:00 UTC on Sunday.
		expect(conditionsState(china, { nowMs: at("2026-05-31T15:59:59Z") })).toEqual({
			holds: false,
			changesAtMs: at("2026-05-31T16:00:00Z"),
		});
		expect(conditionsState(china, { nowMs: at("2026-05-31T16:00:00Z") })).toEqual({ holds: true, changesAtMs: at("2026-05-31T17:00:00Z") });
		expect(conditionsState(china, { nowMs: at("2026-05-31T17:00:00Z") }).changesAtMs).toBe(at("2026-06-07T16:00:00Z"));
	});

	it("takes the day of the moment, also in hours that began the day before", () => {
		const friday = conditions({ days: ["fri"], hours: [{ from: "22:00", to: "06:00" }] });
		expect(conditionsState(friday, { nowMs: at("2026-06-05T23:00:00Z") })).toEqual({
			holds: true,
			changesAtMs: at("2026-06-06T00:00:00Z"),
		});
		expect(conditionsState(friday, { nowMs: at("2026-06-06T02:00:00Z") }).holds).toBe(false);
		expect(conditionsState(friday, { nowMs: at("2026-06-05T02:00:00Z") }).holds).toBe(true);
	});

	it("does not hold on an unknown network or place", () => {
		const nowMs = at("2026-06-01T00:00:00Z");
		const any = conditions({ networks: ["any"] });
		expect(conditionsState(any, { nowMs }).holds).toBe(false);
		for (const network of networkKinds) expect(conditionsState(any, { nowMs, network }).holds).toBe(true);
		const wifi = conditions({ networks: ["wifi", "ethernet"] });
		expect(conditionsState(wifi, { nowMs, network: "cellular" }).holds).toBe(false);
		expect(conditionsState(wifi, { nowMs, network: "wifi" })).toEqual({ holds: true, changesAtMs: Number.POSITIVE_INFINITY });

		const places = conditions({ places: { inside: ["depot", "yard"], outside: ["base", "port"] } });
		const state = (known?: Readonly<Record<string, boolean>>) =>
			conditionsState(places, { nowMs, places: known === undefined ? undefined : new Map(Object.entries(known)) }).holds;
		expect(state()).toBe(false);
		expect(state({})).toBe(false);
		expect(state({ depot: true, base: false, port: false })).toBe(true);
		expect(state({ depot: true, base: false })).toBe(false);
		expect(state({ depot: true, base: false, port: true })).toBe(false);
		expect(state({ depot: false, base: false, port: false })).toBe(false);
	});

	it("holds nothing at an instant that is not finite", () => {
		for (const nowMs of [Number.NaN, Number.POSITIVE_INFINITY]) expect(conditionsState(night, { nowMs }).holds).toBe(false);
	});

	it("gives one answer until it says that it changes, and another one then", () => {
		const clock = fc
			.nat(1_439)
			.map((minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`);
		const hours = fc.array(
			fc.record({ from: clock, to: clock }).filter(({ from, to }) => from !== to),
			{ minLength: 1, maxLength: 4 },
		);
		const days = fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1, maxLength: 7 });
		const any = fc.record({
			offsetMinutes: fc.integer({ min: -720, max: 840 }),
			hours: fc.option(hours, { nil: undefined }),
			days: fc.option(days, { nil: undefined }),
		});
		const nows = fc.integer({ min: -1e12, max: 4e12 });
		fc.assert(
			fc.property(any, nows, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (some, nowMs, part) => {
				const { holds, changesAtMs } = conditionsState(some, { nowMs });
				expect(changesAtMs).toBeGreaterThan(nowMs);
				const untilMs = Math.min(changesAtMs, nowMs + 9 * 86_400_000);
				const between = Math.min(untilMs - 1, Math.floor(nowMs + part * (untilMs - nowMs)));
				expect(conditionsState(some, { nowMs: between }).holds).toBe(holds);
				if (Number.isFinite(changesAtMs)) expect(conditionsState(some, { nowMs: changesAtMs }).holds).toBe(!holds);
			}),
			{ numRuns: 500 },
		);
	});
});
