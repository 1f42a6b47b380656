import fc from "fast-check";
import { describe, expect, it } from "vitest";
import pseudonymise from "../../agent/treat/pseudonymise.ts";
import roundNumber from "../../agent/treat/round-number.ts";
import roundPosition from "../../agent/treat/round-position.ts";
import thinRate from "../../agent/treat/thin-rate.ts";
import { treat } from "../../agent/treat/treat.ts";
import { bootMs, utcMs } from "../../shared/units.ts";
import { anyPosition, someTimeMs, taggedFix, taggedSignal } from "../contract/tagged-readings.ts";
import { testFacilities } from "../contract/treatment-contract.ts";

interface Position {
	readonly latDeg: number;
	readonly lonDeg: number;
}

const cellStep = (cellM: number) => {
	const step = roundPosition.compile({ type: "round-position", cellM }, testFacilities());
	return (position: Position): Position => {
		const after = step(taggedFix(position));
		if (after?.kind !== "fix") throw new Error("withheld");
		return { latDeg: after.latDeg, lonDeg: after.lonDeg };
	};
};

const radians = (deg: number): number => (deg * Math.PI) / 180;

/** Great-circle distance by the haversine formula on the mean sphere. */
const distanceM = (a: Position, b: Position): number => {
	const lat = Math.sin(radians(b.latDeg - a.latDeg) / 2) ** 2;
	const lon = Math.sin(radians(b.lonDeg - a.lonDeg) / 2) ** 2;
	return 2 * 6_371_008.8 * Math.asin(Math.min(1, Math.sqrt(lat + Math.cos(radians(a.latDeg)) * Math.cos(radians(b.latDeg)) * lon)));
};

const anyCellM = fc.oneof(fc.double({ min: 10, max: 100_000, noNaN: true }), fc.constantFrom(10, 100, 1000, 10_000, 100_000));

describe("round-position for all positions", () => {
	it("moves none farther than 0.75 cells, or 1.1 cells beside a pole", () => {
		fc.assert(
			fc.property(anyPosition, anyCellM, (position, cellM) => {
				const far = (90 - Math.abs(position.latDeg)) * 111_000 > 20 * cellM;
				expect(distanceM(position, cellStep(cellM)(position))).toBeLessThanOrEqual((far ? 0.75 : 1.1) * cellM);
			}),
			{ numRuns: 2000 },
		);
	});

	it("gives the same output to every position between two that have it", () => {
		fc.assert(
			fc.property(
				anyPosition,
				anyCellM,
				fc.double({ min: -1, max: 1, noNaN: true }),
				fc.double({ min: 0, max: 1, noNaN: true }),
				(a, cellM, way, part) => {
					const step = cellStep(cellM);
					const b = { latDeg: clamp(a.latDeg + (way * cellM) / 111_000, 90), lonDeg: a.lonDeg };
					const between = { latDeg: a.latDeg + (b.latDeg - a.latDeg) * part, lonDeg: a.lonDeg };
					expect([step(a), step(b)]).toContainEqual(step(between));
				},
			),
			{ numRuns: 1000 },
		);
	});

	it("does not let the longitude tell more of the latitude than the row does", () => {
		fc.assert(
			fc.property(anyPosition, anyPosition, anyCellM, (a, b, cellM) => {
				const step = cellStep(cellM);
				const row = step(a).latDeg;
				const same = { latDeg: step(b).latDeg === row ? b.latDeg : row, lonDeg: a.lonDeg };
				expect(step(same)).toStrictEqual(step(a));
			}),
			{ numRuns: 1000 },
		);
	});

	it("leaves the centre of the cell only, so that no finer digits survive", () => {
		fc.assert(
			fc.property(anyPosition, anyCellM, (position, cellM) => {
				const step = cellStep(cellM);
				const once = step(position);
				expect(step(once)).toStrictEqual(once);
				if (Math.abs(once.latDeg) < 90) {
					const decimals = 7 - Math.floor(Math.log10(cellM));
					for (const deg of [once.latDeg, once.lonDeg]) expect(Number(deg.toFixed(decimals))).toBe(deg);
				}
			}),
			{ numRuns: 1000 },
		);
	});

	it("has no more outputs along a line than cells that the line can cross", () => {
		fc.assert(
			fc.property(
				fc.double({ min: -85, max: 85, noNaN: true }),
				fc.double({ min: -170, max: 170, noNaN: true }),
				anyCellM,
				(latDeg, lonDeg, cellM) => {
					const step = cellStep(cellM);
					const seen = new Set<string>();
					const lengthDeg = (5 * cellM) / 111_320 / Math.cos(radians(latDeg));
					for (let at = 0; at <= 400; at += 1) {
						const moved = { latDeg, lonDeg: clamp(lonDeg + (lengthDeg * at) / 400, 180) };
						seen.add(JSON.stringify(step(moved)));
					}
					expect(seen.size).toBeLessThanOrEqual(7);
				},
			),
			{ numRuns: 200 },
		);
	});

	it("never lets speed, course, altitude or accuracy through", () => {
		fc.assert(
			fc.property(anyPosition, anyCellM, (position, cellM) => {
				const record = treat(taggedFix(position), [roundPosition.compile({ type: "round-position", cellM }, testFacilities())]);
				expect(Object.keys(record).sort()).toStrictEqual(["datum", "kind", "latDeg", "lonDeg", "mode", "takenAtMs"]);
			}),
		);
	});
});

describe("round-number for all numbers", () => {
	const anyStep = fc
		.tuple(fc.integer({ min: 1, max: 999_999 }), fc.integer({ min: -9, max: 9 }))
		.map(([mantissa, power]) => Number(`${mantissa}e${power}`));

	it("gives the nearest multiple, printed as the decimal that it is, or nothing", () => {
		fc.assert(
			fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), anyStep, fc.boolean(), (raw, stepBy, near) => {
				const value = near ? (raw % 1000) * stepBy : raw;
				const after = roundNumber.compile({ type: "round-number", stepBy }, testFacilities())(taggedSignal({ value }));
				if (after === undefined) {
					expect(Math.abs(value / stepBy)).toBeGreaterThan(1e15 / 1e6 - 1);
					return;
				}
				const rounded = after.kind === "signal" ? Number(after.value) : Number.NaN;
				expect(Math.abs(rounded - value)).toBeLessThanOrEqual(stepBy / 2 + Math.abs(value) * 1e-15);
				expect(isExactMultiple(rounded, stepBy)).toBe(true);
			}),
			{ numRuns: 3000 },
		);
	});

	it("gives bigints the nearest multiple", () => {
		fc.assert(
			fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), fc.integer({ min: 1, max: 999_999 }), (value, stepBy) => {
				const after = roundNumber.compile({ type: "round-number", stepBy }, testFacilities())(taggedSignal({ value }));
				if (after?.kind !== "signal" || typeof after.value !== "bigint") return;
				expect(after.value % BigInt(stepBy)).toBe(0n);
				const off = after.value > value ? after.value - value : value - after.value;
				expect(off * 2n <= BigInt(stepBy)).toBe(true);
			}),
		);
	});
});

describe("thin-rate for all orders of time", () => {
	it("lets no two readings of a path pass within a period of their time while it runs forward", () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 60 }), (gaps) => {
				const step = thinRate.compile({ type: "thin-rate", everyMs: 1000 }, testFacilities());
				let now = someTimeMs;
				const passed: number[] = [];
				for (const gap of gaps) {
					now += gap;
					if (step(taggedFix({ takenAtMs: utcMs(now), bootMs: bootMs(0) })) !== undefined) passed.push(now);
				}
				for (const [at, time] of passed.entries()) if (at > 0) expect(time - (passed[at - 1] ?? 0)).toBeGreaterThanOrEqual(1000);
			}),
		);
	});

	it("lets one more reading pass per step forward and none per step back", () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: -5_000, max: 5_000 }), { maxLength: 60 }), (jumps) => {
				const step = thinRate.compile({ type: "thin-rate", everyMs: 1000 }, testFacilities());
				let now = someTimeMs;
				let count = 0;
				let forward = 0;
				for (const [at, jump] of jumps.entries()) {
					now += jump;
					if (jump > 0) forward += 1;
					if (step(taggedFix({ takenAtMs: utcMs(now), bootMs: bootMs(at) })) !== undefined) count += 1;
				}
				expect(count).toBeLessThanOrEqual(forward + 1);
			}),
		);
	});
});

describe("pseudonymise for all text", () => {
	it("never lets the value through, and has always 128 bits", () => {
		const step = pseudonymise.compile({ type: "pseudonymise", rotateDays: 30 }, testFacilities());
		fc.assert(
			fc.property(fc.string({ minLength: 4, unit: "binary" }), (value) => {
				const record = treat(taggedSignal({ value }), [step]);
				if (typeof record === "string" || record.kind !== "signal") return expect.unreachable();
				expect(record.value).toMatch(/^[0-9a-f]{32}$/);
				expect(record.value).not.toContain(value);
			}),
		);
	});
});

const clamp = (deg: number, most: number): number => Math.max(-most, Math.min(most, deg));

/** By the shortest decimal texts of both, in whole numbers. */
const isExactMultiple = (value: number, step: number): boolean => {
	const parse = (number: number): { digits: bigint; power: number } => {
		const [digits = "", power = "0"] = number.toExponential().split("e");
		const [whole = "", fraction = ""] = digits.split(".");
		return { digits: BigInt(whole + fraction), power: Number(power) - fraction.length };
	};
	const [a, b] = [parse(value), parse(step)];
	const least = Math.min(a.power, b.power);
	return (a.digits * 10n ** BigInt(a.power - least)) % (b.digits * 10n ** BigInt(b.power - least)) === 0n;
};
