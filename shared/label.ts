/**
 * The label: what an envelope says of itself without being opened (regulations L-02, L-03, 8.4). It sits in the protected header of the
 * signature, so a gateway can enforce it, and is authenticated with the ciphertext, so it cannot be put on another one. It never holds a
 * value of a reading or a coordinate.
 *
 * As CBOR: a map from the small integers below, every field but `datum`, `authorisation`, `geoProcessing` and `mapReviewNo` present, hexadecimal as bytes (schemas/envelope.cddl).
 */
import * as v from "valibot";
import { fromHex, toHex } from "./bytes.ts";
import { type CborMap, type CborValue, isCborMap } from "./cbor-value.ts";
import { KerbError } from "./errors.ts";
import { GeoProcessingSchema, MapReviewNoSchema } from "./map-evidence.ts";
import { levels } from "./tag.ts";

export const labelFormatVersion = 1;

const id = v.pipe(
	v.string(),
	v.regex(/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/, "an id is lower-case words joined by '-' and '.'"),
	v.maxLength(120),
);
/** Free of slashes and dots at its start, so that it can be part of a topic or a file name. */
const unitId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, "1 to 80 letters, digits, '.', '_' and '-'"));
const countryCode = v.pipe(v.string(), v.regex(/^[A-Z]{2}$/));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "32 bytes in lower-case hexadecimal"));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** What a Date can hold, in whole milliseconds. */
const instantMs = v.pipe(v.number(), v.safeInteger(), v.minValue(-8.64e15), v.maxValue(8.64e15));

export const LabelSchema = v.strictObject({
	formatVersion: v.literal(labelFormatVersion),
	/** Static part, bound where the data was sensed: kinds of source (can, gnss, ...), never their ids. */
	sources: v.pipe(v.array(id), v.minLength(1), v.maxLength(16)),
	/** The unit that sensed it. */
	provider: unitId,
	/** The legal entity that answers for it (regulations G-05). */
	handler: v.pipe(v.string(), v.minLength(1), v.maxLength(80)),
	category: id,
	level: v.picklist(levels),
	surveying: v.boolean(),
	/** The datum of the positions inside, when there are any of one datum only. */
	datum: v.optional(v.picklist(["wgs84", "cgcs2000", "gcj02", "bd09", "local", "unknown"])),
	/** UTC of the earliest and latest record, rounded outwards to whole milliseconds. */
	capturedFromMs: instantMs,
	capturedToMs: instantMs,
	/** Dynamic part, bound when it was sealed: the unit that sends it and the outlet it is for. */
	sender: unitId,
	receiver: id,
	receiverJurisdiction: countryCode,
	finalJurisdiction: countryCode,
	scale: v.strictObject({
		records: count,
		/** People or vehicles that it is about, as far as the unit can tell. */
		subjects: count,
		/** The compressed batch before encryption; the ciphertext is 16 bytes longer. */
		payloadBytes: count,
	}),
	sealedAtMs: instantMs,
	/** SHA-256 of the encrypted part. */
	checksum: sha256,
	policy: v.strictObject({
		id,
		version: v.pipe(count, v.minValue(1)),
		/** SHA-256 of the law in force when it was decided. */
		lawHash: sha256,
	}),
	ruleId: id,
	purpose: id,
	/** How long the recipient may keep it. */
	retentionDays: v.pipe(count, v.minValue(1), v.maxValue(3_650)),
	/** The treatments that were applied, in order. */
	transforms: v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(120))), v.maxLength(20)),
	/** Per unit and outlet, from 1, without gaps. */
	sequence: v.pipe(count, v.minValue(1)),
	/** Id of the authorisation that it leaves under, where the floor needs one (regulations 8.4, `authzRef`). */
	authorisation: v.optional(id),
	/** The confidentiality processing that the coordinates went through (regulations S-05, 8.4), where the rule names one. */
	geoProcessing: v.optional(GeoProcessingSchema),
	/** The number of the map's review (regulations S-12), where the rule names one. */
	mapReviewNo: v.optional(MapReviewNoSchema),
});

export type Label = v.InferOutput<typeof LabelSchema>;

const keys = {
	formatVersion: 1,
	sources: 2,
	provider: 3,
	handler: 4,
	category: 5,
	level: 6,
	surveying: 7,
	datum: 8,
	capturedFromMs: 9,
	capturedToMs: 10,
	sender: 11,
	receiver: 12,
	receiverJurisdiction: 13,
	finalJurisdiction: 14,
	scale: 15,
	sealedAtMs: 16,
	checksum: 17,
	policy: 18,
	ruleId: 19,
	purpose: 20,
	retentionDays: 21,
	transforms: 22,
	sequence: 23,
	authorisation: 24,
	geoProcessing: 25,
	mapReviewNo: 26,
} as const satisfies Record<keyof Label, number>;

const scaleKeys = { records: 1, subjects: 2, payloadBytes: 3 } as const satisfies Record<keyof Label["scale"], number>;
const geoProcessingKeys = { method: 1, certificateRef: 2 } as const satisfies Record<keyof NonNullable<Label["geoProcessing"]>, number>;
const policyKeys = { id: 1, version: 2, lawHash: 3 } as const satisfies Record<keyof Label["policy"], number>;

/** Fields that are hexadecimal in a program and bytes on the wire. */
const hexFields: ReadonlySet<string> = new Set(["checksum", "lawHash"]);

/**
 * The label as a CBOR map.
 *
 * @throws KerbError ENVELOPE_INVALID, naming every field that is not as the schema wants it.
 */
export const encodeLabel = (label: Label): CborMap => {
	const { scale, policy, geoProcessing, ...flat } = checkLabel(label);
	const { scale: scaleKey, policy: policyKey, geoProcessing: geoProcessingKey, ...flatKeys } = keys;
	const map = new Map(toMap(flat, flatKeys));
	map.set(scaleKey, toMap(scale, scaleKeys));
	map.set(policyKey, toMap(policy, policyKeys));
	if (geoProcessing !== undefined) map.set(geoProcessingKey, toMap(geoProcessing, geoProcessingKeys));
	return map;
};

/** The label without its checksum: what the ciphertext is bound to, since the checksum is taken of that ciphertext. */
export const withoutChecksum = (map: CborMap): CborMap => new Map([...map].filter(([key]) => key !== keys.checksum));

/** @throws KerbError ENVELOPE_INVALID when the item is no label of this format version. */
export const decodeLabel = (item: CborValue | undefined): Label => {
	if (!isCborMap(item)) throw new KerbError("ENVELOPE_INVALID", "label: expected a map");
	const { geoProcessing, ...flat } = fromMap(item, keys);
	return checkLabel({
		...flat,
		scale: nested(flat.scale, scaleKeys),
		policy: nested(flat.policy, policyKeys),
		// What is there but no map is made something that no schema takes.
		...(geoProcessing === undefined ? undefined : { geoProcessing: nested(geoProcessing, geoProcessingKeys) ?? null }),
	});
};

const checkLabel = (candidate: unknown): Label => {
	const parsed = v.safeParse(LabelSchema, candidate);
	if (!parsed.success) {
		const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "label"}: expected ${issue.expected ?? "another value"}`);
		throw new KerbError("ENVELOPE_INVALID", `label: ${problems[0]}`, { problems });
	}
	if (parsed.output.capturedFromMs > parsed.output.capturedToMs) {
		throw new KerbError("ENVELOPE_INVALID", "label: expected capturedFromMs to be no later than capturedToMs");
	}
	return parsed.output;
};

const toMap = (
	fields: Readonly<Record<string, CborValue | undefined>>,
	numbers: Readonly<Record<string, number>>,
): Map<number, CborValue> => {
	const map = new Map<number, CborValue>();
	for (const [name, number] of Object.entries(numbers)) {
		const value = fields[name];
		if (value === undefined) continue;
		map.set(number, hexFields.has(name) && typeof value === "string" ? (fromHex(value) ?? value) : value);
	}
	return map;
};

const fromMap = (map: CborMap, numbers: Readonly<Record<string, number>>): Record<string, CborValue> => {
	const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
	const fields: Record<string, CborValue> = {};
	for (const [key, value] of map) {
		const name = typeof key === "number" ? names.get(key) : undefined;
		if (name === undefined) throw new KerbError("ENVELOPE_INVALID", "label: expected only the fields of this format version");
		// Text in place of bytes is refused by making it something that no schema takes.
		fields[name] = hexFields.has(name) ? (value instanceof Uint8Array ? toHex(value) : null) : value;
	}
	return fields;
};

const nested = (item: CborValue | undefined, numbers: Readonly<Record<string, number>>): unknown =>
	isCborMap(item) ? fromMap(item, numbers) : undefined;
