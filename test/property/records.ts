/**
 * Any record that can be, for property tests: numbers of every kind of bit pattern, decimals with and without rounding errors, text with lone
 * surrogates, whole numbers beyond 53 bits, times in and out of order.
 */
import fc from "fast-check";
import type { KerbRecord } from "../../shared/record.ts";
import { utcMs } from "../../shared/units.ts";

const anyNumber = fc.oneof(
	fc.double(),
	fc.constantFrom(
		0,
		-0,
		Number.NaN,
		Number.POSITIVE_INFINITY,
		Number.NEGATIVE_INFINITY,
		Number.MAX_VALUE,
		Number.MIN_VALUE,
		-Number.MIN_VALUE,
	),
	fc.integer(),
	fc.maxSafeInteger(),
	fc.tuple(fc.integer(), fc.nat(12)).map(([integer, exponent]) => integer / 10 ** exponent),
	fc
		.tuple(fc.nat(65_535), fc.constantFrom(0.01, 0.1, 1.5, 0.0625, 0.005493, 1e-7), fc.constantFrom(0, -67.67, -500, 0.3))
		.map(([raw, factor, offset]) => raw * factor + offset),
);

const anyText = fc.oneof(
	fc.string({ unit: "binary" }),
	fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
);

const anyTime = fc
	.oneof(
		fc.integer({ min: 0, max: 2_000 }).map((at) => 1_700_000_000_000 + at * 10),
		fc.maxSafeNat().map((micros) => micros / 1_000),
		anyNumber,
	)
	.map(utcMs);

const anyPath = fc.oneof(fc.constantFrom("Vehicle.Speed", "Vehicle.Chassis.SteeringWheel.Angle", "a", "b", "", "__proto__"), anyText);

const anyDatum = fc.constantFrom(
	"wgs84" as const,
	"cgcs2000" as const,
	"gcj02" as const,
	"bd09" as const,
	"local" as const,
	"unknown" as const,
);

export const anyRecord: fc.Arbitrary<KerbRecord> = fc.oneof(
	fc.record(
		{
			kind: fc.constant("signal" as const),
			takenAtMs: anyTime,
			path: anyPath,
			value: fc.oneof(anyNumber, anyText, fc.boolean(), fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n })),
		},
		{ noNullPrototype: true },
	),
	fc.record(
		{
			kind: fc.constant("fix" as const),
			takenAtMs: anyTime,
			latDeg: anyNumber,
			lonDeg: anyNumber,
			datum: anyDatum,
			mode: fc.constantFrom(2 as const, 3 as const),
			accuracyM: anyNumber,
			altitudeM: anyNumber,
			speedMps: anyNumber,
			courseDeg: anyNumber,
		},
		{ requiredKeys: ["kind", "takenAtMs", "latDeg", "lonDeg", "datum"], noNullPrototype: true },
	),
	fc.record(
		{
			kind: fc.constant("message" as const),
			takenAtMs: anyTime,
			path: fc.oneof(fc.constantFrom("V2X.J2735.BSM", "V2X.ETSI.CAM"), anyText),
			form: fc.constantFrom("uper" as const, "ode" as const, "its-client" as const, "vanetza" as const),
			datum: anyDatum,
			bytes: fc.uint8Array({ maxLength: 40 }),
		},
		{ noNullPrototype: true },
	),
	fc.record(
		{
			kind: fc.constant("flow" as const),
			takenAtMs: anyTime,
			latDeg: anyNumber,
			lonDeg: anyNumber,
			datum: anyDatum,
			cellM: anyNumber,
			windowMs: anyNumber,
			subjects: anyNumber,
			meanSpeedMps: anyNumber,
		},
		{ requiredKeys: ["kind", "takenAtMs", "latDeg", "lonDeg", "datum", "cellM", "windowMs", "subjects"], noNullPrototype: true },
	),
	fc.record(
		{
			kind: fc.constant("frame" as const),
			takenAtMs: anyTime,
			path: anyPath,
			jpeg: fc.uint8Array({ maxLength: 40 }),
			redaction: anyText,
			pose: anyText,
		},
		{ noNullPrototype: true },
	),
	fc.record(
		{ kind: fc.constant("cloud" as const), takenAtMs: anyTime, path: anyPath, pcd: fc.uint8Array({ maxLength: 40 }), pose: anyText },
		{ noNullPrototype: true },
	),
	fc.record(
		{ kind: fc.constant("map" as const), takenAtMs: anyTime, path: anyPath, datum: anyDatum, feature: anyText },
		{ noNullPrototype: true },
	),
);
