/**
 * Readings that another program hands in, as one flat JSON object per line (or as the same object in CBOR).
 *
 *   {"kind":"signal","path":"Vehicle.Speed","value":12.3,"takenAtMs":1767225600000}
 *   {"kind":"fix","latDeg":10.5,"lonDeg":20.5,"datum":"wgs84","mode":3,"altitudeM":4}
 *
 * Unknown keys, numbers that are not finite and values out of range refuse the object: what is not understood is not let in. An integer of more
 * than 53 bits is taken as a bigint, exactly as it was written, up to 64 bits; a longer one is refused instead of rounded.
 */
import * as v from "valibot";
import type { Datum, Reading } from "../../shared/reading.ts";
import { type BootMs, type UtcMs, utcMs } from "../../shared/units.ts";

/** What the reading does not say itself. */
export interface ReadingStamp {
	readonly sourceId: string;
	/** Becomes `takenAtMs` of a reading that has none. */
	readonly nowMs: UtcMs;
	readonly bootMs: BootMs;
	/** The datum of a fix that names none. */
	readonly defaultDatum: Datum;
}

/** `line_invalid`: not JSON. `reading_invalid`: JSON or CBOR, but not a reading. */
export type ReadingRefusal = "line_invalid" | "reading_invalid";

const datums = ["wgs84", "cgcs2000", "gcj02", "bd09", "local", "unknown"] as const satisfies readonly Datum[];

/** The last millisecond of the year 9999; nothing before 1970 is taken either. */
const lastInstantMs = 253_402_300_799_999;
const maxTextLength = 4_096;

const finite = (min: number, max: number) => v.pipe(v.number(), v.finite(), v.minValue(min), v.maxValue(max));

const takenAtMs = v.optional(finite(0, lastInstantMs));

const SignalSchema = v.strictObject({
	kind: v.literal("signal"),
	/** Names as VSS and DBC write them. Nothing else can become part of a path, so that no text of a client's choosing does. */
	path: v.pipe(v.string(), v.maxLength(300), v.regex(/^[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/)),
	value: v.union([
		v.pipe(v.number(), v.finite()),
		v.bigint(),
		v.boolean(),
		v.pipe(
			v.string(),
			v.maxLength(maxTextLength),
			v.check((text) => text.isWellFormed(), "text without lone surrogates"),
		),
	]),
	takenAtMs,
});

const FixSchema = v.strictObject({
	kind: v.literal("fix"),
	latDeg: finite(-90, 90),
	lonDeg: finite(-180, 180),
	datum: v.optional(v.picklist(datums)),
	mode: v.optional(v.picklist([2, 3])),
	accuracyM: v.optional(finite(0, 1e6)),
	altitudeM: v.optional(finite(-1e4, 1e6)),
	speedMps: v.optional(finite(0, 1e4)),
	courseDeg: v.optional(finite(0, 360)),
	takenAtMs,
});

const ReadingSchema = v.variant("kind", [SignalSchema, FixSchema]);
const quickly = { abortEarly: true } as const;

const minInt64 = -(2n ** 63n);
const maxUint64 = 2n ** 64n - 1n;
const isSafe = (value: bigint): boolean => value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;

/** CBOR integers of eight bytes arrive as bigint whatever their size: those that a number holds exactly become one. */
const withoutSmallBigints = (value: object): object => {
	let copy: Record<string, unknown> | undefined;
	for (const [key, field] of Object.entries(value)) {
		if (typeof field !== "bigint" || !isSafe(field)) continue;
		copy ??= Object.assign(Object.create(null) as Record<string, unknown>, value);
		copy[key] = Number(field);
	}
	return copy ?? value;
};

/**
 * A reading from a value that was already decoded (JSON, or CBOR with maps as plain objects), or why it is none.
 * A fix without `mode` has mode 3 when it has an altitude, otherwise 2. Never throws; the value is not kept.
 */
export const readingFromValue = (value: unknown, stamp: ReadingStamp): Reading | "reading_invalid" => {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return "reading_invalid";
	const parsed = v.safeParse(ReadingSchema, withoutSmallBigints(value), quickly);
	if (!parsed.success) return "reading_invalid";
	const { takenAtMs: taken, ...fields } = parsed.output;
	const sensed = { sourceId: stamp.sourceId, takenAtMs: taken === undefined ? stamp.nowMs : utcMs(taken), bootMs: stamp.bootMs };
	if (fields.kind === "signal") {
		if (typeof fields.value === "bigint" && (fields.value < minInt64 || fields.value > maxUint64)) return "reading_invalid";
		return { ...sensed, ...fields };
	}
	const { datum, mode, accuracyM, altitudeM, speedMps, courseDeg, ...place } = fields;
	return {
		...sensed,
		...place,
		datum: datum ?? stamp.defaultDatum,
		mode: mode ?? (altitudeM === undefined ? 2 : 3),
		...(accuracyM === undefined ? {} : { accuracyM }),
		...(altitudeM === undefined ? {} : { altitudeM }),
		...(speedMps === undefined ? {} : { speedMps }),
		...(courseDeg === undefined ? {} : { courseDeg }),
	};
};

const wholeNumber = /^-?\d+$/;
const longest64Bit = "-9223372036854775808".length;

/** The text is parsed a second time, with the digits of each number at hand, only when a number may have been rounded. */
const withExactIntegers = (line: string): unknown =>
	JSON.parse(line, (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
		if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
		const digits = context?.source ?? "";
		if (!wholeNumber.test(digits)) return value;
		return digits.length <= longest64Bit ? BigInt(digits) : Number.NaN;
	});

const mayBeRounded = (value: unknown): boolean =>
	typeof value === "object" &&
	value !== null &&
	Object.values(value).some((field) => typeof field === "number" && Number.isInteger(field) && !Number.isSafeInteger(field));

/** A reading from one line of NDJSON (without its line end), or why it is none. Never throws. The caller bounds the length of the line. */
export const readingFromJson = (line: string, stamp: ReadingStamp): Reading | ReadingRefusal => {
	let value: unknown;
	try {
		value = JSON.parse(line);
		if (mayBeRounded(value)) value = withExactIntegers(line);
	} catch {
		return "line_invalid";
	}
	return readingFromValue(value, stamp);
};
