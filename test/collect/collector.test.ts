import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Collector, compileCollect } from "../../agent/collect/collector.ts";
import type { CollectRule } from "../../shared/collect-rule.ts";
import type { SignalValue } from "../../shared/reading.ts";
import type { CategoryIndex, Tag, Tagged, TagIndex } from "../../shared/tag.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import type { Route } from "../../shared/verdict.ts";

const tags = new Map<string, Tag>();
const tagOf = (path: string): Tag => {
	const known = tags.get(path);
	if (known !== undefined) return known;
	const tag: Tag = {
		index: tags.size as TagIndex,
		category: 0 as CategoryIndex,
		categoryId: path.startsWith("Body.") ? "body" : "status",
		level: "general",
		zone: "vehicle",
		surveying: false,
		path,
	};
	tags.set(path, tag);
	return tag;
};

const reading = (path: string, atMs: number, value: SignalValue = 0, bootAtMs = atMs, sourceId = "can0"): Tagged => ({
	kind: "signal",
	sourceId,
	takenAtMs: utcMs(atMs),
	bootMs: bootMs(bootAtMs),
	path,
	value,
	tag: tagOf(path),
});

const collectRule = (extra: Partial<CollectRule>): CollectRule => ({
	id: "a",
	necessity: "a test cannot do without it",
	paths: ["Speed"],
	trigger: "edge",
	preMs: 0,
	postMs: 0,
	cooldownMs: 0,
	maxReadings: 10_000,
	...extra,
});

const routeOf = (collect: readonly string[], categoryId = "status"): Route => ({
	outletId: "oem",
	ruleId: `release-${collect.join("-")}-${categoryId}`,
	categoryId,
	purpose: "fleet-health",
	retentionDays: 1,
	steps: [],
	transforms: [],
	precisionM: 0,
	outcome: "uploaded",
	collect,
});

const made = (rules: readonly CollectRule[], maxHeld?: number): Collector => {
	const collector = compileCollect(rules, maxHeld);
	if (collector === undefined) throw new Error("expected a collector");
	return collector;
};

/** Sends readings through as the pipeline does; all go to the route. */
const run = (collector: Collector, readings: readonly Tagged[], route = routeOf(["a"])) => {
	const left: Tagged[] = [];
	let notCollected = 0;
	for (const tagged of readings) {
		collector.observe(tagged, (_route, held) => left.push(held));
		const offered = collector.offer(route, tagged);
		if (offered === "passes") left.push(tagged);
		else if (offered === "not-collected") notCollected += 1;
	}
	collector.drainForgotten((_route, forgotten) => {
		notCollected += forgotten;
	});
	return { left, times: left.map(({ takenAtMs }) => Number(takenAtMs)), notCollected };
};

/** A speed per second, and a brake at the given seconds. */
const drive = (seconds: number, brakeAt: readonly number[]): readonly Tagged[] =>
	Array.from({ length: seconds }, (_, second) => [
		reading("Brake", second * 1_000 - 1, brakeAt.includes(second) ? 1 : 0),
		reading("Speed", second * 1_000, second),
	]).flat();

const braking = collectRule({ when: "Brake > 0", preMs: 2_500, postMs: 1_500 });

describe("compileCollect", () => {
	it("is nothing without rules", () => {
		expect(compileCollect(undefined)).toBeUndefined();
		expect(compileCollect([])).toBeUndefined();
	});

	it("lets the readings around an event leave, each once and in order, and no other", () => {
		const { times, notCollected } = run(made([braking]), drive(20, [10]));
		expect(times).toEqual([8_000, 9_000, 10_000, 11_000]);
		// All of the signal of the condition, and of the speed all but the four and the three that still wait.
		expect(notCollected).toBe(20 + 20 - 4 - 3);
	});

	it("without a condition collects always, at the rate it is given", () => {
		const collector = made([collectRule({ everyMs: 3_000 })]);
		expect(run(collector, drive(10, [])).times).toEqual([0, 3_000, 6_000, 9_000]);
	});

	it("counts an edge once, and each reading of a level", () => {
		const readings = drive(12, [4, 5, 6]);
		expect(run(made([collectRule({ when: "Brake > 0", postMs: 100 })]), readings).times).toEqual([4_000]);
		expect(run(made([collectRule({ when: "Brake > 0", trigger: "level" })]), readings).times).toEqual([4_000, 5_000, 6_000]);
		expect(run(made([collectRule({ when: "Brake > 0", trigger: "level", preMs: 1_200 })]), readings).times).toEqual([
			3_000, 4_000, 5_000, 6_000,
		]);
	});

	it("does not count an event in the cool-down of the one before", () => {
		const rule = collectRule({ when: "Brake > 0", postMs: 100, cooldownMs: 4_000 });
		expect(run(made([rule]), drive(20, [2, 4, 6, 9])).times).toEqual([2_000, 6_000]);
	});

	it("does not hold before anything was heard of a signal, nor over what is no number", () => {
		for (const value of [Number.NaN, "1", true]) {
			const readings = [reading("Brake", 0, value), reading("Speed", 0)];
			expect(run(made([collectRule({ when: "Brake >= 0 || Other < 3" })]), readings).times).toEqual([]);
		}
	});

	it("goes by the latest value: a signal that turns unknown ends what holds", () => {
		const rule = collectRule({ when: "Brake > 0", trigger: "level" });
		const readings = [reading("Brake", 0, 1), reading("Speed", 1), reading("Brake", 2, Number.NaN), reading("Speed", 3)];
		expect(run(made([rule]), readings).times).toEqual([1]);
	});

	it("compares a number too large to be exact", () => {
		const readings = [reading("Brake", 0, 2n ** 60n), reading("Speed", 0)];
		expect(run(made([collectRule({ when: "Brake > 1e18" })]), readings).times).toEqual([0]);
	});

	it("bounds what goes with one window, and counts each window anew", () => {
		const rule = collectRule({ when: "Brake > 0", preMs: 3_000, postMs: 3_000, maxReadings: 2 });
		const { times } = run(made([rule]), drive(30, [10, 20]));
		expect(times).toEqual([8_000, 9_000, 18_000, 19_000]);
	});

	it("narrows by category and path together", () => {
		const rule = collectRule({ paths: ["Body.*"], categories: ["body"] });
		const collector = made([rule]);
		expect(run(collector, [reading("Body.Door", 1), reading("Speed", 2)]).times).toEqual([1]);
		expect(run(made([collectRule({ paths: ["Body.*"], categories: ["status"] })]), [reading("Body.Door", 1)]).times).toEqual([]);
	});

	it("lets a reading leave once though two rules hold it, and keeps routes apart", () => {
		const rules = [braking, collectRule({ id: "b", when: "Brake > 1", preMs: 5_000 })];
		const readings = drive(20, [10]).map((tagged) => (tagged.takenAtMs === 10_999 ? reading("Brake", 10_999, 2) : tagged));
		expect(run(made(rules), readings, routeOf(["a", "b"])).times).toEqual([8_000, 9_000, 10_000, 6_000, 7_000, 11_000]);

		const collector = made([braking]);
		const [one, two] = [routeOf(["a"], "x"), routeOf(["a"], "y")];
		const left: string[] = [];
		for (const tagged of drive(12, [10])) {
			collector.observe(tagged, (route, held) => left.push(`${route.categoryId} ${held.takenAtMs}`));
			for (const route of [one, two]) if (collector.offer(route, tagged) === "passes") left.push(`${route.categoryId} ${tagged.takenAtMs}`);
		}
		expect(left).toEqual(["x 8000", "x 9000", "y 8000", "y 9000", "x 10000", "y 10000", "x 11000", "y 11000"]);
	});

	it("forgets what is held, of one source or of all, and says how many", () => {
		const collector = made([braking]);
		const route = routeOf(["a"]);
		for (const source of ["can0", "can1"]) collector.offer(route, reading("Speed", 0, 0, 0, source));
		expect(collector.held).toBe(2);
		collector.forget("can0");
		expect(collector.held).toBe(1);
		collector.forget();
		expect(collector.held).toBe(0);
		let forgotten = 0;
		collector.drainForgotten((_route, count) => {
			forgotten += count;
		});
		expect(forgotten).toBe(2);
		const left: Tagged[] = [];
		collector.observe(reading("Brake", 1, 1), (_route, held) => left.push(held));
		expect(left).toEqual([]);
	});

	it("holds a bounded number for all routes together", () => {
		const collector = made([braking], 100);
		for (let at = 0; at < 300; at++) collector.offer(routeOf(["a"], String(at % 3)), reading("Speed", at));
		expect(collector.held).toBe(100);
	});

	it("gives nothing old away when time steps back, and is not deaf for years after", () => {
		const collector = made([collectRule({ ...braking, cooldownMs: 5_000, everyMs: 1 })]);
		const future = 315_360_000_000;
		const before = drive(5, [3]).map((tagged) =>
			reading(tagged.tag.path, tagged.takenAtMs + future, tagged.kind === "signal" ? tagged.value : 0, tagged.takenAtMs),
		);
		const after = drive(40, [10, 20]).map((tagged) =>
			reading(tagged.tag.path, tagged.takenAtMs, tagged.kind === "signal" ? tagged.value : 0, tagged.takenAtMs + 5_000),
		);
		run(collector, before);
		const { times } = run(collector, after);
		expect(times).toEqual([8_000, 9_000, 10_000, 11_000, 18_000, 19_000, 20_000, 21_000]);
	});

	it("takes no reading without a time", () => {
		const collector = made([collectRule({})]);
		expect(run(collector, [reading("Speed", Number.NaN), reading("Speed", Number.POSITIVE_INFINITY)]).notCollected).toBe(2);
	});

	it("lets exactly those leave that lie in a window, whatever the sequence", () => {
		const step = fc.record({
			after: fc.oneof(fc.constant(0), fc.nat(40)),
			path: fc.constantFrom("Speed", "Brake", "Body.Door"),
			value: fc.constantFrom(0, 1, Number.NaN),
		});
		const shape = fc.record({
			preMs: fc.oneof(fc.constant(0), fc.nat(100)),
			postMs: fc.nat(100),
			cooldownMs: fc.nat(100),
			trigger: fc.constantFrom("edge" as const, "level" as const),
		});
		fc.assert(
			fc.property(shape, fc.array(step, { maxLength: 80 }), (some, steps) => {
				let now = 0;
				const readings = steps.map(({ after, path, value }) => {
					now += after;
					return reading(path, now, value);
				});
				const rule = collectRule({ ...some, when: "Brake == 1" });
				const collector = made([rule]);
				const { left, notCollected } = run(collector, readings);
				const events = eventTimes(rule, readings);
				const within = (at: number): boolean => events.some((event) => at >= event - rule.preMs && at <= event + rule.postMs);
				const expected = readings.filter((tagged) => tagged.tag.path === "Speed" && within(tagged.takenAtMs));
				expect(left).toEqual(expected);
				expect(left.length + notCollected + collector.held).toBe(readings.length);
			}),
			{ numRuns: 1_000 },
		);
	});

	it("never lets a reading leave twice, and never holds more than it may, under any rules", () => {
		const any = fc.record({
			preMs: fc.nat(60),
			postMs: fc.nat(60),
			cooldownMs: fc.nat(60),
			maxReadings: fc.integer({ min: 1, max: 5 }),
			when: fc.constantFrom("Brake == 1", "Speed > 0 && Brake == 0", "Body.Door == 1 || Speed == 1"),
			everyMs: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
			trigger: fc.constantFrom("edge" as const, "level" as const),
		});
		const step = fc.record({
			after: fc.integer({ min: -20, max: 60 }),
			path: fc.constantFrom("Speed", "Brake", "Body.Door"),
			value: fc.constantFrom(0, 1),
		});
		fc.assert(
			fc.property(fc.array(any, { minLength: 1, maxLength: 3 }), fc.array(step, { maxLength: 60 }), (some, steps) => {
				const rules = some.map((extra, index) => collectRule({ ...extra, id: `r${index}`, paths: ["Speed", "Body.*"] }));
				const collector = made(rules, 12);
				let now = 0;
				const readings = steps.map(({ after, path, value }) => {
					now += after;
					return reading(path, now, value);
				});
				const { left, notCollected } = run(collector, readings, routeOf(rules.map(({ id }) => id)));
				expect(new Set(left).size).toBe(left.length);
				expect(collector.held).toBeLessThanOrEqual(
					Math.min(
						12,
						rules.reduce((sum, { maxReadings }) => sum + maxReadings, 0),
					),
				);
				expect(left.length + notCollected + collector.held).toBe(readings.length);
			}),
			{ numRuns: 1_000 },
		);
	});
});

/** When `Brake == 1` counts as an event, read off the whole sequence. */
const eventTimes = ({ trigger, cooldownMs }: CollectRule, readings: readonly Tagged[]): readonly number[] => {
	const events: number[] = [];
	let brake: unknown;
	for (const tagged of readings) {
		const held = brake === 1;
		if (tagged.tag.path === "Brake" && tagged.kind === "signal") brake = tagged.value;
		const last = events.at(-1);
		const isEvent = brake === 1 && (trigger === "level" || !held);
		if (isEvent && (last === undefined || tagged.takenAtMs - last >= cooldownMs)) events.push(tagged.takenAtMs);
	}
	return events;
};
