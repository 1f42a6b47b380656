import fc from "fast-check";
import { expect, it } from "vitest";
import { readingFromJson, readingFromValue } from "../../agent/formats/reading-json.ts";
import type { Datum } from "../../shared/reading.ts";
import { bootMs, utcMs } from "../../shared/units.ts";

const stamp = { sourceId: "feed0", nowMs: utcMs(1_767_225_600_000), bootMs: bootMs(5_000), defaultDatum: "unknown" } as const;
const allowed = new Set(
	"kind sourceId takenAtMs bootMs path value latDeg lonDeg datum mode accuracyM altitudeM speedMps courseDeg".split(" "),
);

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((number) => (Object.is(number, -0) ? 0 : number));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const datum = fc.constantFrom<Datum>("wgs84", "cgcs2000", "gcj02", "bd09", "local", "unknown");
const signal = fc.record({
	kind: fc.constant("signal"),
	path: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}(\.[A-Za-z0-9_]{1,10}){0,4}$/),
	value: fc.oneof(finite(-9e15, 9e15), fc.boolean(), fc.string({ unit: "grapheme", maxLength: 50 })),
	takenAtMs: finite(0, 4e12),
});
const fix = fc.record(
	{
		kind: fc.constant("fix"),
		latDeg: finite(-90, 90),
		lonDeg: finite(-180, 180),
		datum,
		mode: fc.constantFrom(2, 3),
		accuracyM: finite(0, 1e5),
		speedMps: finite(0, 100),
		courseDeg: finite(0, 360),
		takenAtMs: finite(0, 4e12),
	},
	{ requiredKeys: ["kind", "latDeg", "lonDeg", "datum", "mode", "takenAtMs"] },
);

it("readingFromJson gives back for all good readings exactly what was sent", () => {
	fc.assert(
		fc.property(fc.oneof(signal, fix), (sent) => {
			expect(readingFromJson(JSON.stringify(sent), stamp)).toEqual({ ...sent, sourceId: "feed0", bootMs: 5_000 });
		}),
		{ numRuns: 1_000 },
	);
});

it("readingFromJson keeps for all 64-bit integers every digit", () => {
	fc.assert(
		fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (sent) => {
			const got = readingFromJson(`{"kind":"signal","path":"A.B","value":${sent}}`, stamp);
			expect(typeof got === "object" && got.kind === "signal" ? BigInt(got.value as bigint | number) : got).toBe(sent);
		}),
		{ numRuns: 1_000 },
	);
});

it("readingFromValue gives for all values a refusal or a reading with known fields in range", () => {
	const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withMap: true, withDate: true });
	const nearly = fc
		.tuple(fc.oneof(signal, fix), fc.constantFrom(...allowed, "extra", "constructor"), fc.oneof(anything, maybe(fc.double())))
		.map(([base, key, value]) => Object.assign({}, base, { [key]: value }));
	fc.assert(
		fc.property(fc.oneof(anything, nearly), (sent) => {
			const got = readingFromValue(sent, stamp);
			if (got === "reading_invalid") return;
			for (const key of Object.keys(got)) expect(allowed.has(key), key).toBe(true);
			expect(got).toMatchObject({ sourceId: "feed0", bootMs: 5_000 });
			expect(Number.isFinite(got.takenAtMs)).toBe(true);
			if (got.kind === "signal") expect(["number", "bigint", "boolean", "string"]).toContain(typeof got.value);
			else if (got.kind === "fix") expect(Math.abs(got.latDeg) <= 90 && Math.abs(got.lonDeg) <= 180).toBe(true);
			else expect.unreachable("a client hands in signals and fixes only");
		}),
		{ numRuns: 3_000 },
	);
});

it("readingFromJson never throws, whatever the text", () => {
	fc.assert(
		fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
			expect(["line_invalid", "reading_invalid"]).toContain(readingFromJson(line, stamp));
		}),
		{ numRuns: 2_000 },
	);
});
